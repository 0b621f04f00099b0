//! Trust and revocation data are sorted by what they are, within limits.

use super::*;
use crate::pki::testing::{authority, fixture, fixture_evidence};

#[test]
fn self_signed_certificates_become_anchors_and_others_do_not() {
    let evidence = fixture_evidence();
    assert_eq!(evidence.anchors.len(), 1);
    assert_eq!(evidence.intermediates.len(), 3);
    assert_eq!(evidence.crls.len(), 4);
}

#[test]
fn what_is_there_is_not_added_again() {
    let mut evidence = fixture_evidence();
    evidence.add_trust(&fixture("trust/root.crt")).unwrap();
    assert_eq!(evidence.anchors.len(), 1);
}

#[test]
fn a_rekeyed_root_under_its_old_key_is_no_anchor() {
    let old = authority("Root").make();
    let new = authority("Root").under(&old).make();
    let mut evidence = TrustEvidence::default();
    evidence.add_trust(new.certificate.der()).unwrap();
    assert!(evidence.anchors.is_empty());
}

#[test]
fn the_digest_does_not_depend_on_the_order_but_on_everything_held() {
    let evidence = fixture_evidence();
    let mut turned = evidence.clone();
    turned.intermediates.reverse();
    turned.crls.reverse();
    assert_eq!(turned.sha256(), evidence.sha256());
    turned.crls.pop();
    assert_ne!(turned.sha256(), evidence.sha256());
    let mut moved = evidence.clone();
    moved.anchors.append(&mut moved.intermediates);
    assert_ne!(moved.sha256(), evidence.sha256());
}

#[test]
fn revocation_data_is_recognised_by_its_shape() {
    use base64::Engine;
    let body = base64::engine::general_purpose::STANDARD.encode(fixture("crl/root.crl"));
    let pem = format!("-----BEGIN X509 CRL-----\n{body}\n-----END X509 CRL-----\n");
    let mut evidence = TrustEvidence::default();
    evidence.add_revocation(pem.as_bytes()).unwrap();
    assert_eq!(evidence.crls.len(), 1);
    let none = evidence.add_revocation(b"nothing").unwrap_err();
    assert!(matches!(none, Error::NothingFound { .. }));
    assert!(evidence.add_revocation(&[0x30, 0]).is_err());
}

#[test]
fn files_beyond_the_limit_are_refused_unread() {
    let mut evidence = TrustEvidence::default();
    let trust = evidence.add_trust(&vec![0; MAX_TRUST_BYTES + 1]);
    assert!(matches!(trust, Err(Error::TooLarge { .. })));
    let revocation = evidence.add_revocation(&vec![0; MAX_CRL_BYTES * 2]);
    assert!(matches!(revocation, Err(Error::TooLarge { .. })));
}
