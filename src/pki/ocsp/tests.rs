//! OCSP answers count only from the right responder, about the right certificate, in time.

use super::*;
use crate::pki::testing::{authority, response, signer};

fn der() -> Vec<u8> {
    let ca = authority("CA").make();
    let leaf = signer("Leaf").under(&ca).make();
    response(&leaf, &ca, &ca).der()
}

#[test]
fn an_error_of_the_responder_is_no_answer() {
    let fault = OcspResponse::from_der(&[0x30, 3, der::ENUMERATED, 1, 6]).unwrap_err();
    assert!(fault.to_string().contains("error 6"), "{fault}");
}

#[test]
fn bytes_that_follow_are_refused() {
    let mut der = der();
    der.push(0);
    assert!(matches!(
        OcspResponse::from_der(&der),
        Err(Error::Der { .. })
    ));
}

#[test]
fn a_response_beyond_the_limit_is_refused_unread() {
    let large = vec![0; MAX_OCSP_BYTES + 1];
    assert!(matches!(
        OcspResponse::from_der(&large),
        Err(Error::TooLarge { .. })
    ));
}

#[test]
fn too_many_answers_are_refused() {
    assert!(check_count(MAX_ANSWERS - 1).is_ok());
    assert!(matches!(
        check_count(MAX_ANSWERS),
        Err(Error::TooLarge { .. })
    ));
}

#[test]
fn any_change_of_a_response_is_read_or_refused_without_panic() {
    let der = der();
    for place in 0..der.len() {
        let mut changed = der.clone();
        changed[place] ^= 0x81;
        let _ = OcspResponse::from_der(&changed);
        let _ = OcspResponse::from_der(&der[..place]);
    }
}
