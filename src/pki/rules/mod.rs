//! What must hold for the certificates of a path, apart from signatures, revocation and time.
//! Source: RFC 5280, 6.1; key sizes and usage: Circular 15/2025, annexes I and II.

use super::certificate::Certificate;
use super::path::Purpose;
use super::trust::{PolicyInputs, TrustEvidence};
use super::verdict::{Finding, Indication, Params, RowOutcome, Severity, SubIndication};
use crate::domain::clock::{Timestamp, rfc3339};

pub(super) mod algorithms;
mod form;
mod names;
mod policies;

pub(super) use form::{check_form, check_key, check_profile, check_signature_algorithm};

/// Why a path is not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) indication: Indication,
    pub(super) sub_indication: SubIndication,
    pub(super) row: RowOutcome,
}

impl Fault {
    /// Something found to be wrong, which yet proves nothing about the past.
    pub(super) const fn found(
        sub_indication: SubIndication,
        reason: &'static str,
        params: Params,
    ) -> Self {
        let row = RowOutcome::failed(reason, params);
        Self {
            indication: Indication::Indeterminate,
            sub_indication,
            row,
        }
    }

    /// Something that could not be decided.
    pub(super) const fn undecided(
        sub_indication: SubIndication,
        reason: &'static str,
        params: Params,
    ) -> Self {
        let row = RowOutcome::indeterminate(reason, params);
        Self {
            indication: Indication::Indeterminate,
            sub_indication,
            row,
        }
    }
}

/// The first fault of the certificates in `chain` (leaf first, anchor last).
pub(super) fn check_chain(
    chain: &[Certificate],
    purpose: Purpose,
    policies: &PolicyInputs,
) -> Option<Fault> {
    let last = chain.len().saturating_sub(1);
    let below_anchor = || chain.iter().take(last);
    chain
        .iter()
        .find_map(check_form)
        .or_else(|| below_anchor().find_map(check_signature_algorithm))
        .or_else(|| chain.iter().find_map(check_key))
        .or_else(|| check_issuers(chain))
        .or_else(|| below_anchor().find_map(check_profile))
        .or_else(|| names::check(chain))
        .or_else(|| policies::check(chain, policies))
        .or_else(|| chain.first().and_then(|leaf| check_leaf(leaf, purpose)))
}

/// The first fault of `path` as the way to a certificate that signs revocation lists (it comes
/// first); what the others are was found out with the path they belong to.
pub(super) fn check_list_signer(path: &[Certificate]) -> Option<Fault> {
    let signer = path.first()?;
    check_form(signer)
        .or_else(|| check_signature_algorithm(signer))
        .or_else(|| check_key(signer))
        .or_else(|| check_issuers(path))
        .or_else(|| check_profile(signer))
        .or_else(|| names::check(path))
}

fn check_issuers(chain: &[Certificate]) -> Option<Fault> {
    let last = chain.len().saturating_sub(1);
    let mut issuers = chain.iter().enumerate().skip(1);
    issuers.find_map(|(at, issuer)| check_issuer(issuer, chain.get(1..at), at == last))
}

/// `below`: the certificates between `issuer` and the leaf.
fn check_issuer(
    issuer: &Certificate,
    below: Option<&[Certificate]>,
    is_anchor: bool,
) -> Option<Fault> {
    let extensions = issuer.extensions();
    if !issuer.is_ca() {
        return Some(general("NOT_A_CA", issuer, String::new()));
    }
    // Old roots carry no keyUsage; a CA certificate issued by another must.
    if !extensions
        .key_usage
        .map_or(is_anchor, |usage| usage.key_cert_sign)
    {
        return Some(general("CA_WITHOUT_CERT_SIGN", issuer, String::new()));
    }
    if !is_anchor && extensions.subject_key_id.is_none() {
        return Some(general("CA_WITHOUT_KEY_ID", issuer, String::new()));
    }
    let counted = below
        .unwrap_or_default()
        .iter()
        .filter(|ca| !ca.is_self_issued())
        .count();
    let limit = extensions
        .path_length
        .and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.filter(|limit| counted > *limit)?;
    Some(general("PATH_LENGTH_EXCEEDED", issuer, limit.to_string()))
}

fn check_leaf(leaf: &Certificate, purpose: Purpose) -> Option<Fault> {
    let extensions = leaf.extensions();
    let signs = |if_absent: bool| {
        let usage = extensions.key_usage;
        usage.map_or(if_absent, |usage| {
            usage.digital_signature || usage.non_repudiation
        })
    };
    let (usage, extended) = match purpose {
        Purpose::DocumentSigning => (
            signs(false),
            extensions.extended.is_none_or(|usage| usage.documents),
        ),
        Purpose::TimeStamping => {
            let sole = |usage: super::extensions::Extended| {
                usage.critical && usage.time_stamping && usage.only_time_stamping
            };
            (signs(true), extensions.extended.is_some_and(sole))
        }
        Purpose::OcspSigning => (
            signs(true),
            extensions.extended.is_some_and(|usage| usage.ocsp_signing),
        ),
        Purpose::AnySigning => (signs(true), true),
    };
    let reason = if leaf.is_ca() {
        "SIGNER_IS_CA"
    } else if !usage {
        "KEY_USAGE"
    } else if !extended {
        "EXTENDED_KEY_USAGE"
    } else if extensions.ocsp_no_check && purpose != Purpose::OcspSigning {
        "OCSP_NO_CHECK_ON_SIGNER"
    } else {
        return None;
    };
    let params = about(leaf, String::new());
    Some(Fault::found(
        SubIndication::ChainConstraintsFailure,
        reason,
        params,
    ))
}

/// Whether the anchor of `chain` is trusted at `at`.
pub(super) fn check_window(
    chain: &[Certificate],
    evidence: &TrustEvidence,
    at: Timestamp,
) -> Option<Fault> {
    let anchor = chain.last()?;
    let window = evidence.window(anchor);
    let begun = window.from.is_none_or(|from| from <= at);
    let ended = window.until.is_some_and(|until| until < at);
    if begun && !ended {
        return None;
    }
    let mut params = about(anchor, String::new());
    let instant = |at: Option<Timestamp>| at.map(rfc3339).unwrap_or_default();
    params.push(("from", instant(window.from)));
    params.push(("until", instant(window.until)));
    params.push(("at", rfc3339(at)));
    let sub_indication = SubIndication::NoCertificateChainFoundNoPoe;
    Some(Fault::found(sub_indication, "ANCHOR_OUT_OF_TRUST", params))
}

/// The first certificate of `chain` that is not valid at `at`.
pub(super) fn check_time(chain: &[Certificate], at: Timestamp) -> Option<Fault> {
    let outside = chain
        .iter()
        .enumerate()
        .find(|(_, certificate)| at < certificate.not_before() || at > certificate.not_after());
    let (position, certificate) = outside?;
    let early = at < certificate.not_before();
    let mut params = about(certificate, String::new());
    params.push(("not_before", rfc3339(certificate.not_before())));
    params.push(("not_after", rfc3339(certificate.not_after())));
    params.push(("at", rfc3339(at)));
    let sub_indication = SubIndication::OutOfBoundsNoPoe;
    Some(match (early, position) {
        (true, 0) => Fault {
            indication: Indication::TotalFailed,
            sub_indication: SubIndication::NotYetValid,
            row: RowOutcome::failed("NOT_YET_VALID", params),
        },
        (true, _) => Fault::found(sub_indication, "CA_NOT_YET_VALID", params),
        (false, 0) => Fault::found(sub_indication, "EXPIRED", params),
        (false, _) => Fault::found(sub_indication, "CA_EXPIRED", params),
    })
}

/// What is worth knowing about `chain` and decides nothing.
pub(super) fn notice(chain: &[Certificate]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |check, certificate: &Certificate| {
        findings.push(Finding {
            check,
            severity: Severity::Warning,
            params: about(certificate, String::new()),
            location: certificate.subject().to_owned(),
        });
    };
    for certificate in chain
        .iter()
        .filter(|certificate| certificate.hides_characters())
    {
        add("SUBJECT_HIDES_CHARACTERS", certificate);
    }
    for (certificate, issuer) in chain.iter().zip(chain.iter().skip(1)) {
        let wanted = &certificate.extensions().authority_key_id;
        let found = &issuer.extensions().subject_key_id;
        if wanted.is_some() && found.is_some() && wanted != found {
            add("AUTHORITY_KEY_ID_DIFFERS", certificate);
        }
    }
    findings
}

/// Values naming `certificate`, and `value` if there is one.
pub(super) fn about(certificate: &Certificate, value: String) -> Params {
    let mut params = vec![("certificate", certificate.subject().to_owned())];
    if !value.is_empty() {
        params.push(("value", value));
    }
    params
}

fn general(reason: &'static str, certificate: &Certificate, value: String) -> Fault {
    let sub_indication = SubIndication::CertificateChainGeneralFailure;
    Fault::found(sub_indication, reason, about(certificate, value))
}

fn weak(reason: &'static str, certificate: &Certificate, value: String) -> Fault {
    let sub_indication = SubIndication::CryptoConstraintsFailureNoPoe;
    Fault::found(sub_indication, reason, about(certificate, value))
}

#[cfg(test)]
mod tests;
