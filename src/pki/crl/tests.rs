//! Revocation lists are read strictly and answer by serial.

use super::*;
use crate::pki::testing::{authority, fixture, list, signer};

#[test]
fn serial_numbers_are_found_whatever_their_order() {
    let ca = authority("CA").make();
    let mut draft = list(&ca);
    for serial in [9_u8, 3, 7, 1] {
        draft.entries.push((vec![serial], Vec::new()));
    }
    let crl = draft.make();
    assert_eq!(crl.len(), 4);
    for serial in 0..10 {
        assert_eq!(
            crl.revocation(&[serial]).is_some(),
            [1, 3, 7, 9].contains(&serial)
        );
    }
}

#[test]
fn reason_and_date_of_a_revocation_are_read() {
    let ca = authority("CA").make();
    let leaf = signer("Leaf").under(&ca).make();
    let crl = list(&ca).revoking(&leaf, 9).make();
    let found = crl.revocation(leaf.certificate.serial()).unwrap();
    assert_eq!(found.reason_name(), "privilegeWithdrawn");
    assert_eq!(found.at.to_string(), "2024-06-01T00:00:00Z");
}

#[test]
fn named_on_hold_and_revoked_is_revoked() {
    let ca = authority("CA").make();
    let leaf = signer("Leaf").under(&ca).make();
    let crl = list(&ca).revoking(&leaf, 6).revoking(&leaf, 1).make();
    let found = crl.revocation(leaf.certificate.serial()).unwrap();
    assert_eq!(found.reason_name(), "keyCompromise");
}

#[test]
fn extensions_need_the_version_that_has_them() {
    let ca = authority("CA").make();
    let mut draft = list(&ca);
    draft.extensions.push(crate::pki::testing::extension(
        "2.5.29.20",
        false,
        &[2, 1, 1],
    ));
    assert_eq!(draft.make().unusable(), None);
    let mut der = draft.der();
    let place = der.windows(3).position(|part| part == [2, 1, 1]).unwrap();
    der[place + 2] = 0;
    assert_eq!(Crl::from_der(&der).unwrap().unusable(), Some("VERSION"));
}

#[test]
fn bytes_that_follow_are_refused() {
    let mut der = fixture("crl/agencies.crl");
    der.push(0);
    assert!(matches!(Crl::from_der(&der), Err(Error::Der { .. })));
}

#[test]
fn a_list_beyond_the_limit_is_refused_unread() {
    let large = vec![0; MAX_CRL_BYTES + 1];
    assert!(matches!(Crl::from_der(&large), Err(Error::TooLarge { .. })));
}

#[test]
fn any_change_of_a_list_is_read_or_refused_without_panic() {
    let der = fixture("crl/agencies.crl");
    for place in 0..der.len() {
        let mut changed = der.clone();
        changed[place] ^= 0x81;
        if let Ok(crl) = Crl::from_der(&changed) {
            let _ = crl.revocation(&[1]);
        }
        let _ = Crl::from_der(&der[..place]);
    }
}
