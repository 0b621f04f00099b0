//! The extensions of a certificate that decide what it may do. Source: RFC 5280, 4.2.

use std::collections::BTreeSet;

use x509_parser::extensions::{
    CRLDistributionPoints, DistributionPointName, ExtendedKeyUsage, GeneralName as ParsedName,
    ParsedExtension, X509Extension,
};

use super::Error;

mod names;
mod policies;

pub(super) use names::{Form, GeneralName, NameConstraints, point_names, same_name};
pub(super) use policies::{ANY_POLICY, PolicyConstraints, PolicyId};

/// What the extensions say, and what is wrong with them.
#[derive(Debug, Clone, Default)]
pub(super) struct Extensions {
    /// `cA` of basicConstraints; `None` without the extension.
    pub(super) ca: Option<bool>,
    /// `pathLenConstraint`.
    pub(super) path_length: Option<u32>,
    pub(super) key_usage: Option<KeyUsage>,
    pub(super) extended: Option<Extended>,
    pub(super) subject_key_id: Option<Vec<u8>>,
    pub(super) authority_key_id: Option<Vec<u8>>,
    /// Whether basicConstraints is critical.
    pub(super) ca_critical: bool,
    /// Whether a key identifier is critical, which it must not be.
    pub(super) key_id_critical: bool,
    pub(super) name_constraints: Option<NameConstraints>,
    /// subjectAltName, and whether it is critical.
    pub(super) alternative_names: Vec<GeneralName>,
    pub(super) alternative_names_critical: bool,
    /// certificatePolicies; `None` without the extension.
    pub(super) policies: Option<BTreeSet<PolicyId>>,
    pub(super) policy_mappings: Vec<(PolicyId, PolicyId)>,
    pub(super) policy_constraints: PolicyConstraints,
    pub(super) inhibit_any_policy: Option<u32>,
    /// The URIs of cRLDistributionPoints; never fetched from here.
    pub(super) crl_points: Vec<Vec<u8>>,
    /// The names of the points of cRLDistributionPoints that give whole lists of the issuer itself.
    pub(super) crl_point_names: Vec<GeneralName>,
    /// id-pkix-ocsp-nocheck (RFC 6960, 4.2.2.2.1).
    pub(super) ocsp_no_check: bool,
    /// Critical and not processed here, dotted.
    pub(super) unknown_critical: Option<String>,
    /// Unreadable or standing twice, dotted.
    pub(super) malformed: Option<String>,
}

/// The bits of keyUsage that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyUsage {
    pub(super) digital_signature: bool,
    pub(super) non_repudiation: bool,
    pub(super) key_cert_sign: bool,
    pub(super) crl_sign: bool,
}

/// What extKeyUsage names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extended {
    pub(super) critical: bool,
    pub(super) documents: bool,
    pub(super) ocsp_signing: bool,
    pub(super) time_stamping: bool,
    /// Nothing but `time_stamping` is named.
    pub(super) only_time_stamping: bool,
}

const OCSP_NO_CHECK: &str = "1.3.6.1.5.5.7.48.1.5";

/// Purposes that allow signing documents: RFC 9336, Microsoft, Adobe.
const DOCUMENT_SIGNING: [&str; 3] = [
    "1.3.6.1.5.5.7.3.36",
    "1.3.6.1.4.1.311.10.3.12",
    "1.2.840.113583.1.1.5",
];

/// The most extensions a certificate may have; real ones have about ten.
const MAX_EXTENSIONS: usize = 64;

/// Reads all extensions.
pub(super) fn read(list: &[X509Extension<'_>]) -> Extensions {
    let mut found = Extensions::default();
    if list.len() > MAX_EXTENSIONS {
        found.malformed = Some(format!("{} extensions", list.len()));
        return found;
    }
    let mut seen = Vec::with_capacity(list.len());
    for extension in list {
        let oid = extension.oid.to_id_string();
        if seen.contains(&oid) {
            found.malformed.get_or_insert_with(|| oid.clone());
        }
        found.take(extension, &oid);
        seen.push(oid);
    }
    found
}

impl Extensions {
    fn take(&mut self, extension: &X509Extension<'_>, oid: &str) {
        match self.take_by_hand(extension, oid) {
            Ok(true) => return,
            Ok(false) => {}
            Err(_) => {
                self.malformed.get_or_insert_with(|| oid.to_owned());
                return;
            }
        }
        match extension.parsed_extension() {
            ParsedExtension::BasicConstraints(constraints) => {
                self.ca = Some(constraints.ca);
                self.ca_critical = extension.critical;
                self.path_length = constraints.path_len_constraint;
            }
            ParsedExtension::KeyUsage(usage) => {
                self.key_usage = Some(KeyUsage {
                    digital_signature: usage.digital_signature(),
                    non_repudiation: usage.non_repudiation(),
                    key_cert_sign: usage.key_cert_sign(),
                    crl_sign: usage.crl_sign(),
                });
            }
            ParsedExtension::ExtendedKeyUsage(usage) => {
                self.extended = Some(extended(usage, extension.critical));
            }
            ParsedExtension::SubjectKeyIdentifier(id) => {
                self.subject_key_id = Some(id.0.to_vec());
                self.key_id_critical |= extension.critical;
            }
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                self.authority_key_id = id.key_identifier.as_ref().map(|id| id.0.to_vec());
                self.key_id_critical |= extension.critical;
            }
            ParsedExtension::CRLDistributionPoints(points) => {
                self.crl_points = uris(points);
                match names::distribution_points(extension.value) {
                    Ok(found) => self.crl_point_names = found,
                    Err(_) => {
                        self.malformed.get_or_insert_with(|| oid.to_owned());
                    }
                }
            }
            // These say other names of the issuer, or only where to fetch things.
            ParsedExtension::IssuerAlternativeName(_) | ParsedExtension::AuthorityInfoAccess(_) => {
            }
            ParsedExtension::ParseError { .. } => {
                self.malformed.get_or_insert_with(|| oid.to_owned());
            }
            _ if oid == OCSP_NO_CHECK => self.ocsp_no_check = true,
            _ if extension.critical => {
                self.unknown_critical.get_or_insert_with(|| oid.to_owned());
            }
            _ => {}
        }
    }
}

impl Extensions {
    /// Reads those extensions whose every byte counts; false for all others.
    fn take_by_hand(&mut self, extension: &X509Extension<'_>, oid: &str) -> Result<bool, Error> {
        let value = extension.value;
        match oid {
            "2.5.29.17" => {
                self.alternative_names = names::general_names(value)?;
                self.alternative_names_critical = extension.critical;
            }
            "2.5.29.30" => self.name_constraints = Some(names::name_constraints(value)?),
            "2.5.29.32" => self.policies = Some(policies::policies(value)?),
            "2.5.29.33" => self.policy_mappings = policies::mappings(value)?,
            "2.5.29.36" => self.policy_constraints = policies::constraints(value)?,
            "2.5.29.54" => self.inhibit_any_policy = Some(policies::inhibit_any(value)?),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn extended(usage: &ExtendedKeyUsage<'_>, critical: bool) -> Extended {
    let named: Vec<_> = usage.other.iter().map(|oid| oid.to_id_string()).collect();
    let others = usage.any
        || usage.server_auth
        || usage.client_auth
        || usage.code_signing
        || usage.email_protection
        || usage.ocsp_signing
        || !named.is_empty();
    Extended {
        critical,
        documents: usage.any
            || usage.email_protection
            || named
                .iter()
                .any(|oid| DOCUMENT_SIGNING.contains(&oid.as_str())),
        ocsp_signing: usage.ocsp_signing,
        time_stamping: usage.time_stamping,
        only_time_stamping: usage.time_stamping && !others,
    }
}

fn uris(points: &CRLDistributionPoints<'_>) -> Vec<Vec<u8>> {
    let names = points
        .iter()
        .filter_map(|point| match &point.distribution_point {
            Some(DistributionPointName::FullName(names)) => Some(names),
            _ => None,
        });
    let uri = |name: &ParsedName<'_>| match name {
        ParsedName::URI(uri) => Some(uri.as_bytes().to_vec()),
        _ => None,
    };
    names.flatten().filter_map(uri).collect()
}
