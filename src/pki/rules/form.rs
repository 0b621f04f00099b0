//! What must hold for a certificate anywhere in a path: its form, the algorithm it was signed with,
//! its key. Source: RFC 5280, 4.1 and 4.2.

use super::{Fault, general, weak};
use crate::pki::algorithm::AlgorithmRefusal;
use crate::pki::certificate::{Certificate, KeyAlgorithm};

/// The longest serial number, in octets of its DER value. Source: RFC 5280, 4.1.2.2.
const MAX_SERIAL_OCTETS: usize = 20;

/// What must hold for the form of a certificate anywhere in a path, anchors included.
pub(in crate::pki) fn check_form(certificate: &Certificate) -> Option<Fault> {
    let extensions = certificate.extensions();
    let (reason, value) = if certificate.version() != 3 {
        ("NOT_VERSION_3", certificate.version().to_string())
    } else if certificate
        .serial()
        .first()
        .is_none_or(|byte| byte & 0x80 != 0)
    {
        ("NEGATIVE_SERIAL", certificate.serial_hex().to_owned())
    } else if !certificate.algorithms_agree() {
        ("ALGORITHM_MISMATCH", String::new())
    } else if let Some(oid) = &extensions.malformed {
        ("MALFORMED_EXTENSION", oid.clone())
    } else if let Some(oid) = &extensions.unknown_critical {
        ("UNKNOWN_CRITICAL_EXTENSION", oid.clone())
    } else {
        return None;
    };
    Some(general(reason, certificate, value))
}

/// What RFC 5280 asks of certificates that are issued by another: everything in a path but the
/// anchor, whose form was accepted when it was trusted.
pub(in crate::pki) fn check_profile(certificate: &Certificate) -> Option<Fault> {
    let extensions = certificate.extensions();
    let serial = certificate.serial();
    let is_ca = certificate.is_ca();
    let signs_certificates = extensions
        .key_usage
        .is_some_and(|usage| usage.key_cert_sign);
    let named = !certificate.subject_canonical().is_empty();
    let otherwise_named =
        !extensions.alternative_names.is_empty() && extensions.alternative_names_critical;
    let reason = if serial == [0] || serial.len() > MAX_SERIAL_OCTETS {
        "SERIAL_OUT_OF_RANGE"
    } else if certificate.issuer_canonical().is_empty() || !(named || (otherwise_named && !is_ca)) {
        "EMPTY_NAME"
    } else if signs_certificates && !is_ca {
        "CERT_SIGN_WITHOUT_CA"
    } else if extensions.path_length.is_some() && !(is_ca && signs_certificates) {
        "PATH_LENGTH_WITHOUT_CA"
    } else if extensions.name_constraints.is_some() && !is_ca {
        "NAME_CONSTRAINTS_WITHOUT_CA"
    } else if extensions.key_id_critical {
        "KEY_ID_CRITICAL"
    } else {
        return None;
    };
    Some(general(reason, certificate, String::new()))
}

/// What must hold for the algorithm an issuer signed `certificate` with.
pub(in crate::pki) fn check_signature_algorithm(certificate: &Certificate) -> Option<Fault> {
    match certificate.algorithm() {
        Ok(_) => None,
        Err(AlgorithmRefusal::Weak(name)) => Some(weak(
            "WEAK_CERTIFICATE_SIGNATURE",
            certificate,
            (*name).to_owned(),
        )),
        Err(refusal) => Some(general(
            "UNSUPPORTED_ALGORITHM",
            certificate,
            refusal.to_string(),
        )),
    }
}

/// What must hold for the key of a certificate anywhere in a path.
pub(in crate::pki) fn check_key(certificate: &Certificate) -> Option<Fault> {
    let key = certificate.key();
    let bits = || key.bits.to_string();
    if certificate.public_key().explicit_parameters {
        let none = String::new();
        Some(general("EXPLICIT_EC_PARAMETERS", certificate, none))
    } else if key.algorithm == KeyAlgorithm::Other {
        Some(general("UNSUPPORTED_KEY", certificate, String::new()))
    } else if certificate.public_key().is_oversized {
        Some(general("KEY_TOO_LARGE", certificate, bits()))
    } else if key.is_weak() {
        Some(weak("WEAK_KEY", certificate, bits()))
    } else {
        None
    }
}
