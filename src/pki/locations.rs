//! Where a certificate says more about it can be had. Only read here, never followed: whether one of
//! these places may be asked at all is decided where things are fetched.
//! Source: RFC 5280, 4.2.1.13 and 4.2.2.1.

use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::certificate::Certificate;

/// Most places of one kind read from one certificate.
const MAX_PLACES: usize = 8;

/// Longest place read, in bytes.
const MAX_BYTES: usize = 2_048;

const OCSP: &str = "1.3.6.1.5.5.7.48.1";
const ISSUERS: &str = "1.3.6.1.5.5.7.48.2";

/// The places a certificate names, as written in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Locations {
    /// OCSP responders.
    pub ocsp: Vec<String>,
    /// Certificates of the issuer.
    pub issuers: Vec<String>,
    /// Revocation lists.
    pub crls: Vec<String>,
}

impl Locations {
    /// The places `certificate` names; at most eight of each kind.
    #[must_use]
    pub fn of(certificate: &Certificate) -> Self {
        let mut found = Self::default();
        let Ok((_, parsed)) = X509Certificate::from_der(certificate.der()) else {
            return found;
        };
        for extension in parsed.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::AuthorityInfoAccess(access) => {
                    for one in &access.accessdescs {
                        match one.access_method.to_id_string().as_str() {
                            OCSP => take(&mut found.ocsp, &one.access_location),
                            ISSUERS => take(&mut found.issuers, &one.access_location),
                            _ => {}
                        }
                    }
                }
                ParsedExtension::CRLDistributionPoints(points) => {
                    let names = points.iter().filter_map(|p| p.distribution_point.as_ref());
                    for name in names {
                        if let DistributionPointName::FullName(names) = name {
                            names.iter().for_each(|name| take(&mut found.crls, name));
                        }
                    }
                }
                _ => {}
            }
        }
        found
    }
}

fn take(list: &mut Vec<String>, name: &GeneralName<'_>) {
    if let GeneralName::URI(place) = name
        && place.len() <= MAX_BYTES
        && list.len() < MAX_PLACES
        && !list.iter().any(|known| known == place)
    {
        list.push((*place).to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::certificate::read_certificates;

    #[test]
    fn the_places_of_a_government_certificate_are_read_as_written() {
        let pem = std::fs::read("certs-test/agencies/iadom.crt").unwrap();
        let certificate = read_certificates(&pem).unwrap().remove(0);
        let expected = Locations {
            ocsp: vec!["http://ocsp.ca.ptc.invalid".to_owned()],
            issuers: Vec::new(),
            crls: vec!["http://crl.lienthong.invalid/agencies.crl".to_owned()],
        };
        assert_eq!(Locations::of(&certificate), expected);
    }
}
