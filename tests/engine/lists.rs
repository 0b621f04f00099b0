//! Revocation lists kept current by a hub: which one may take the place of the one held.

use std::sync::Arc;

use lienthong::config::fetch::Fetch;
use lienthong::domain::clock::Timestamp;
use lienthong::fetch::{Fetcher, NotTaken};
use lienthong::pki::crl::Crl;
use lienthong::pki::trust::TrustEvidence;

use super::services::http::{Reply, Server};
use super::support::path;

fn file(name: &str) -> Vec<u8> {
    std::fs::read(path(&format!("certs-test/{name}"))).unwrap()
}

fn trusting(files: &[&str]) -> TrustEvidence {
    let mut trusted = TrustEvidence::default();
    for name in files {
        trusted.add_trust(&file(name)).unwrap();
    }
    trusted
}

/// What becomes of `served`, as of 2030-06-01.
fn offered(
    served: Vec<u8>,
    trusted: &TrustEvidence,
    held: Option<&str>,
) -> Result<Option<Crl>, NotTaken> {
    offered_at("2030-06-01T00:00:00Z", served, trusted, held)
}

fn offered_at(
    now: &str,
    served: Vec<u8>,
    trusted: &TrustEvidence,
    held: Option<&str>,
) -> Result<Option<Crl>, NotTaken> {
    let server = Server::start(Arc::new(move |_| {
        Reply::ok("application/pkix-crl", served.clone())
    }));
    let held = held.map(|name| Crl::from_der(&file(name)).unwrap());
    let now: Timestamp = now.parse().unwrap();
    let fetcher = Fetcher::new(Fetch::default());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let url = server.url();
    runtime.block_on(fetcher.newer_list(&url, trusted, held.as_ref(), now))
}

const ROOT_AND_AGENCIES: [&str; 2] = ["trust/root.crt", "ca/agencies.crt"];

#[test]
fn a_newer_list_of_a_trusted_issuer_is_taken() {
    let newer = file("crl-2030/agencies.crl");
    let trusted = trusting(&ROOT_AND_AGENCIES);
    let taken = offered(newer.clone(), &trusted, Some("crl/agencies.crl")).unwrap();
    assert_eq!(taken.unwrap().der(), newer);
}

#[test]
fn the_first_list_is_taken() {
    let trusted = trusting(&ROOT_AND_AGENCIES);
    let taken = offered(file("crl/agencies.crl"), &trusted, None).unwrap();
    assert!(taken.is_some());
}

#[test]
fn the_list_that_is_held_is_left_as_it_is() {
    let trusted = trusting(&ROOT_AND_AGENCIES);
    let same = file("crl/agencies.crl");
    let taken = offered(same, &trusted, Some("crl/agencies.crl")).unwrap();
    assert!(taken.is_none());
}

#[test]
fn an_older_list_played_back_is_refused() {
    let trusted = trusting(&ROOT_AND_AGENCIES);
    let older = file("crl/agencies.crl");
    let refused = offered(older, &trusted, Some("crl-2030/agencies.crl"));
    assert!(
        matches!(refused, Err(NotTaken::Older { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_list_nobody_trusted_signed_is_refused() {
    let trusted = trusting(&["trust/root.crt", "ca/persons.crt"]);
    let refused = offered(file("crl/agencies.crl"), &trusted, None);
    assert!(matches!(refused, Err(NotTaken::Stranger)), "{refused:?}");
}

#[test]
fn a_list_with_a_flipped_bit_is_refused() {
    let trusted = trusting(&ROOT_AND_AGENCIES);
    let mut spoiled = file("crl/agencies.crl");
    *spoiled.last_mut().unwrap() ^= 1;
    let refused = offered(spoiled, &trusted, None);
    assert!(matches!(refused, Err(NotTaken::Stranger)), "{refused:?}");
}

#[test]
fn a_list_of_tomorrow_is_refused() {
    let trusted = trusting(&ROOT_AND_AGENCIES);
    let list = file("crl-2030/agencies.crl");
    let refused = offered_at("2026-01-05T00:00:00Z", list, &trusted, None);
    assert!(matches!(refused, Err(NotTaken::NotYet(_))), "{refused:?}");
}

#[test]
fn a_page_instead_of_a_list_is_refused() {
    let trusted = trusting(&ROOT_AND_AGENCIES);
    let page = b"<html>Please sign in</html>".to_vec();
    let refused = offered(page, &trusted, None);
    assert!(
        matches!(refused, Err(NotTaken::Unreadable(_))),
        "{refused:?}"
    );
}

#[test]
fn an_answer_of_an_ocsp_responder_is_no_list() {
    let trusted = trusting(&ROOT_AND_AGENCIES);
    let answer = std::fs::read(path("fuzz/genuine/ocsp.der")).unwrap();
    let refused = offered(answer, &trusted, None);
    assert!(
        matches!(refused, Err(NotTaken::Unreadable(_))),
        "{refused:?}"
    );
}
