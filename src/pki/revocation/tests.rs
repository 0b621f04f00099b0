//! Who may say what about whom, and when it is believed.

use super::*;
use crate::pki::path::{PathReport, Purpose, validate_path};
use crate::pki::testing::{
    Entity, ListDraft, ResponseDraft, UNKNOWN, at, authority, extension, fixture,
    fixture_certificate, list, response, signer, time,
};
use crate::pki::{der, verdict::Indication};

struct World {
    root: Entity,
    ca: Entity,
    leaf: Entity,
    evidence: TrustEvidence,
}

/// A leaf about which nothing is known yet; its CA is good.
fn world() -> World {
    let root = authority("Root").make();
    let ca = authority("CA").under(&root).make();
    let point = "URI:http://crl.invalid/ca.crl";
    let leaf = signer("Leaf")
        .under(&ca)
        .with("crlDistributionPoints", point)
        .make();
    let evidence = TrustEvidence {
        anchors: vec![root.certificate.clone()],
        intermediates: vec![ca.certificate.clone()],
        crls: vec![list(&root).make()],
        ocsp: Vec::new(),
        ..TrustEvidence::default()
    };
    World {
        root,
        ca,
        leaf,
        evidence,
    }
}

impl World {
    fn judge(&self) -> PathReport {
        let purpose = Purpose::DocumentSigning;
        validate_path(
            &self.leaf.certificate,
            &[],
            &self.evidence,
            purpose,
            at("2026-01-01"),
        )
    }
}

fn outcome(report: &PathReport) -> (String, &'static str, String) {
    let sub = report.sub_indication.map_or("VALID", |sub| sub.as_str());
    let refused = report
        .revocation
        .params
        .iter()
        .find(|(name, _)| *name == "refused");
    let refused = refused.map(|(_, why)| why.clone()).unwrap_or_default();
    (sub.to_owned(), report.revocation.reason, refused)
}

fn assert_list(make: impl Fn(&World) -> Crl, sub: &str, reason: &str, why: &str) {
    let mut world = world();
    let crl = make(&world);
    world.evidence.crls.push(crl);
    let found = outcome(&world.judge());
    assert_eq!(
        (found.0.as_str(), found.1, found.2.as_str()),
        (sub, reason, why)
    );
}

fn assert_list_refused(change: impl Fn(&mut ListDraft<'_>), why: &str) {
    let make = |world: &World| {
        let mut draft = list(&world.ca);
        change(&mut draft);
        draft.make()
    };
    assert_list(make, "TRY_LATER", "REVOCATION_NOT_ACCEPTED", why);
}

#[test]
fn without_data_the_verdict_is_open() {
    let report = world().judge();
    assert_eq!(report.indication, Indication::Indeterminate);
    assert_eq!(
        outcome(&report),
        ("TRY_LATER".to_owned(), "NO_REVOCATION_DATA", String::new())
    );
}

#[test]
fn data_about_the_authority_is_needed_too() {
    let mut world = world();
    world.evidence.crls = vec![list(&world.ca).make()];
    let report = world.judge();
    assert_eq!(outcome(&report).1, "NO_REVOCATION_DATA");
    assert_eq!(
        report.revocation.params,
        [("certificate", "CN=CA".to_owned())]
    );
}

#[test]
fn a_list_that_does_not_name_the_certificate_is_good() {
    assert_list(|world| list(&world.ca).make(), "VALID", "GOOD", "");
}

#[test]
fn a_list_that_names_it_revokes_it() {
    let make = |world: &World| list(&world.ca).revoking(&world.leaf, 1).make();
    assert_list(make, "REVOKED_NO_POE", "REVOKED", "");
}

#[test]
fn a_revoked_authority_is_told_apart() {
    let mut world = world();
    let revoking = list(&world.root).revoking(&world.ca, 2).make();
    world.evidence.crls = vec![revoking, list(&world.ca).make()];
    let report = world.judge();
    assert_eq!(outcome(&report).0, "REVOKED_CA_NO_POE");
    assert_eq!(report.revocation.reason, "CA_REVOKED");
    assert!(
        report
            .revocation
            .params
            .contains(&("revocation_reason", "cACompromise".to_owned()))
    );
}

#[test]
fn on_hold_is_not_for_ever() {
    let make = |world: &World| list(&world.ca).revoking(&world.leaf, 6).make();
    assert_list(make, "TRY_LATER", "ON_HOLD", "");
    let mut world = world();
    let mut newer = list(&world.ca);
    newer.this_update = "20250601000000Z";
    let newer = newer.make();
    world.evidence.crls.extend([make(&world), newer]);
    assert_eq!(outcome(&world.judge()).1, "GOOD");
}

#[test]
fn a_revocation_is_for_ever_whatever_newer_data_says() {
    let mut world = world();
    let revoking = list(&world.ca).revoking(&world.leaf, 1).make();
    let mut newer = list(&world.ca);
    newer.this_update = "20250601000000Z";
    let newer = newer.make();
    world.evidence.crls.extend([newer, revoking]);
    world
        .evidence
        .ocsp
        .push(response(&world.leaf, &world.ca, &world.ca).make());
    assert_eq!(outcome(&world.judge()).1, "REVOKED");
}

#[test]
fn a_list_speaks_for_its_own_period() {
    assert_list_refused(
        |list| list.this_update = "20260102000000Z",
        "CRL_FROM_LATER",
    );
    let make = |world: &World| {
        let mut draft = list(&world.ca);
        draft.next_update = Some("20251231000000Z");
        draft.make()
    };
    assert_list(
        make,
        "TRY_LATER",
        "REVOCATION_OUT_OF_DATE",
        "CRL_OUT_OF_DATE",
    );
    let make = |world: &World| {
        let mut draft = list(&world.ca);
        draft.next_update = None;
        draft.make()
    };
    assert_list(
        make,
        "TRY_LATER",
        "REVOCATION_OUT_OF_DATE",
        "CRL_OUT_OF_DATE",
    );
}

#[test]
fn a_list_signed_by_another_is_not_believed() {
    let make = |world: &World| {
        let pretender = authority("CA").under(&world.root).make();
        list(&pretender).make()
    };
    assert_list(
        make,
        "TRY_LATER",
        "REVOCATION_NOT_ACCEPTED",
        "CRL_SIGNATURE",
    );
}

#[test]
fn a_changed_list_is_not_believed() {
    let make = |world: &World| {
        let mut der = list(&world.ca).revoking(&world.leaf, 1).der();
        let place = der.windows(4).position(|part| part == b"2024").unwrap();
        der[place + 3] = b'5';
        Crl::from_der(&der).unwrap()
    };
    assert_list(
        make,
        "TRY_LATER",
        "REVOCATION_NOT_ACCEPTED",
        "CRL_SIGNATURE",
    );
}

#[test]
fn an_issuer_must_be_allowed_to_sign_lists() {
    let mut world = world();
    let ca = authority("CA")
        .with("keyUsage", "critical,keyCertSign")
        .under(&world.root)
        .make();
    world.leaf = signer("Leaf").under(&ca).make();
    world.evidence.intermediates = vec![ca.certificate.clone()];
    world.evidence.crls.push(list(&ca).make());
    assert_eq!(outcome(&world.judge()).2, "ISSUER_WITHOUT_CRL_SIGN");
}

#[test]
fn lists_that_cover_a_part_are_not_believed() {
    let delta = extension("2.5.29.27", true, &[2, 1, 1]);
    assert_list_refused(|list| list.extensions.push(delta.clone()), "DELTA_CRL");
    for (limit, why) in [
        ([0x82, 1, 0xff], "SCOPED_CRL"),
        ([0x84, 1, 0xff], "INDIRECT_CRL"),
        ([0x83, 1, 0x40], "SOME_REASONS_CRL"),
        ([0x85, 1, 0xff], "SCOPED_CRL"),
    ] {
        let scope = extension("2.5.29.28", true, &der::encode(der::SEQUENCE, &[&limit]));
        assert_list_refused(|list| list.extensions.push(scope.clone()), why);
    }
}

fn point(uri: &str) -> Vec<u8> {
    let uri = der::encode(0x86, &[uri.as_bytes()]);
    let name = der::encode(der::context(0), &[&der::encode(der::context(0), &[&uri])]);
    extension("2.5.29.28", true, &der::encode(der::SEQUENCE, &[&name]))
}

#[test]
fn a_list_of_one_place_of_issue_speaks_for_certificates_that_name_the_place() {
    let elsewhere = point("http://crl.invalid/other.crl");
    assert_list_refused(|list| list.extensions.push(elsewhere.clone()), "SCOPED_CRL");
    let make = |world: &World| {
        let mut draft = list(&world.ca);
        draft.extensions.push(point("http://crl.invalid/ca.crl"));
        draft.make()
    };
    assert_list(make, "VALID", "GOOD", "");
}

#[test]
fn unknown_critical_extensions_spoil_a_list() {
    let unknown = extension("1.2.3.4", true, &[5, 0]);
    assert_list_refused(
        |list| list.extensions.push(unknown.clone()),
        "UNKNOWN_CRITICAL_EXTENSION",
    );
    let entry = (vec![9], der::encode(der::SEQUENCE, &[&unknown]));
    assert_list_refused(
        |list| list.entries.push(entry.clone()),
        "UNKNOWN_CRITICAL_ENTRY_EXTENSION",
    );
}

#[test]
fn an_entry_of_another_issuer_takes_nothing_back_whatever_its_number() {
    for critical in [true, false] {
        let of_another = extension("2.5.29.29", critical, &[0x30, 0]);
        let extensions = der::encode(der::SEQUENCE, &[&of_another]);
        let make = |world: &World| {
            let mut draft = list(&world.ca);
            let serial = world.leaf.certificate.serial().to_vec();
            draft.entries.push((serial, extensions.clone()));
            draft.make()
        };
        assert_list(
            make,
            "TRY_LATER",
            "REVOCATION_NOT_ACCEPTED",
            "ENTRY_OF_ANOTHER_ISSUER",
        );
    }
}

#[test]
fn a_list_signed_with_a_weak_or_unknown_algorithm_is_not_believed() {
    const SHA1: &[u8] = &[0x30, 9, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1];
    const OTHER: &[u8] = &[0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 9];
    assert_list_refused(|list| list.algorithm = SHA1, "WEAK_ALGORITHM");
    assert_list_refused(|list| list.algorithm = OTHER, "UNSUPPORTED_ALGORITHM");
}

fn judge_response(
    world: &mut World,
    responder: &Entity,
    change: impl Fn(&mut ResponseDraft<'_>),
) -> (String, &'static str, String) {
    let mut draft = response(&world.leaf, &world.ca, responder);
    change(&mut draft);
    let response = draft.make();
    world.evidence.ocsp = vec![response];
    outcome(&world.judge())
}

fn assert_response(change: impl Fn(&mut ResponseDraft<'_>), reason: &str, why: &str) {
    let mut world = world();
    let ca = world.ca.clone();
    let found = judge_response(&mut world, &ca, change);
    assert_eq!((found.1, found.2.as_str()), (reason, why));
}

#[test]
fn the_issuing_authority_may_answer() {
    assert_response(|_| {}, "GOOD", "");
    assert_response(|response| response.by_key = true, "GOOD", "");
}

#[test]
fn an_answer_revokes() {
    let revoked = |reason: u8| {
        let reason = der::encode(der::context(0), &[&[der::ENUMERATED, 1, reason]]);
        der::encode(der::context(1), &[&time("20250601000000Z"), &reason])
    };
    assert_response(|response| response.status = revoked(1), "REVOKED", "");
    assert_response(|response| response.status = revoked(6), "ON_HOLD", "");
}

#[test]
fn unknown_is_not_good() {
    let unknown = |response: &mut ResponseDraft<'_>| response.status = UNKNOWN.to_vec();
    assert_response(unknown, "REVOCATION_NOT_ACCEPTED", "OCSP_UNKNOWN");
}

#[test]
fn an_answer_speaks_for_its_own_period() {
    let not = "REVOCATION_NOT_ACCEPTED";
    assert_response(
        |r| r.this_update = "20260102000000Z",
        not,
        "OCSP_FROM_LATER",
    );
    assert_response(
        |r| r.produced_at = "20260102000000Z",
        not,
        "OCSP_FROM_LATER",
    );
    assert_response(
        |r| r.produced_at = "20190102000000Z",
        not,
        "OCSP_BEFORE_CERTIFICATE",
    );
    let old = "REVOCATION_OUT_OF_DATE";
    assert_response(
        |r| r.next_update = Some("20251231120000Z"),
        old,
        "OCSP_OUT_OF_DATE",
    );
    assert_response(|r| r.next_update = None, "GOOD", "");
    let open_and_old = |r: &mut ResponseDraft<'_>| {
        r.next_update = None;
        r.this_update = "20251230000000Z";
    };
    assert_response(open_and_old, old, "OCSP_OUT_OF_DATE");
}

#[test]
fn an_unknown_critical_extension_spoils_an_answer() {
    let spoil = |r: &mut ResponseDraft<'_>| r.extensions = extension("1.2.3.4", true, &[5, 0]);
    assert_response(
        spoil,
        "REVOCATION_NOT_ACCEPTED",
        "UNKNOWN_CRITICAL_EXTENSION",
    );
}

#[test]
fn an_answer_about_another_certificate_says_nothing() {
    let mut world = world();
    let other = signer("Other").under(&world.ca).make();
    let twin = authority("CA").make();
    let about_other = response(&other, &world.ca, &world.ca).make();
    let of_other_issuer = response(&world.leaf, &twin, &twin).make();
    world.evidence.ocsp = vec![about_other, of_other_issuer];
    assert_eq!(outcome(&world.judge()).1, "NO_REVOCATION_DATA");
}

#[test]
fn an_appointed_responder_may_answer() {
    let mut world = world();
    let ca = world.ca.clone();
    let responder = signer("Responder")
        .under(&ca)
        .with("extendedKeyUsage", "OCSPSigning")
        .with("1.3.6.1.5.5.7.48.1.5", "DER:0500");
    let found = judge_response(&mut world, &responder.make(), |_| {});
    assert_eq!(found.1, "GOOD");
}

#[test]
fn others_may_not_answer() {
    let refuse = |make: &dyn Fn(&World) -> Entity| {
        let mut world = world();
        let responder = make(&world);
        judge_response(&mut world, &responder, |_| {}).2
    };
    let appointed = || {
        let draft = signer("Responder").with("extendedKeyUsage", "OCSPSigning");
        let mut draft = draft.with("1.3.6.1.5.5.7.48.1.5", "DER:0500");
        draft.issuer_name = Some("CA".to_owned());
        draft
    };
    let foreign = |_: &World| appointed().make();
    assert_eq!(refuse(&foreign), "OCSP_RESPONDER_NOT_OF_ISSUER");
    let of_root = |world: &World| {
        let draft = signer("Responder").under(&world.root);
        draft.with("extendedKeyUsage", "OCSPSigning").make()
    };
    assert_eq!(refuse(&of_root), "OCSP_RESPONDER_NOT_OF_ISSUER");
    let without = |world: &World| signer("Responder").under(&world.ca).make();
    assert_eq!(refuse(&without), "OCSP_RESPONDER_WITHOUT_PURPOSE");
    let expired = |world: &World| {
        let mut draft = appointed().under(&world.ca);
        draft.until = "20210101000000Z".to_owned();
        draft.make()
    };
    assert_eq!(refuse(&expired), "OCSP_RESPONDER_OUT_OF_VALIDITY");
    let odd = |world: &World| {
        appointed()
            .under(&world.ca)
            .with("1.2.3.4", "critical,DER:0500")
            .make()
    };
    assert_eq!(refuse(&odd), "OCSP_RESPONDER_REFUSED");
}

#[test]
fn a_certificate_does_not_vouch_for_itself() {
    let mut world = world();
    let own = signer("Leaf")
        .under(&world.ca)
        .with("extendedKeyUsage", "OCSPSigning,emailProtection");
    world.leaf = own.make();
    let leaf = world.leaf.clone();
    assert_eq!(
        judge_response(&mut world, &leaf, |_| {}).2,
        "OCSP_RESPONDER_IS_SUBJECT"
    );
}

#[test]
fn a_responder_not_exempt_must_be_good_by_a_list() {
    let mut world = world();
    let ca = world.ca.clone();
    let draft = signer("Responder")
        .under(&ca)
        .with("extendedKeyUsage", "OCSPSigning");
    let responder = draft.make();
    let found = judge_response(&mut world, &responder, |_| {});
    assert_eq!(found.2, "OCSP_RESPONDER_REVOCATION_UNKNOWN");
    // Newer than the list, the answer counts once its signer is good by the list.
    for (crl, source) in [
        (list(&ca).make(), "ocsp"),
        (list(&ca).revoking(&responder, 1).make(), "crl"),
    ] {
        world.evidence.crls.truncate(1);
        world.evidence.crls.push(crl);
        let report = world.judge();
        assert_eq!(
            report.revocation.params.first(),
            Some(&("source", source.to_owned()))
        );
    }
}

#[test]
fn an_answer_with_a_broken_signature_is_not_believed() {
    let mut world = world();
    let mut der = response(&world.leaf, &world.ca, &world.ca).der();
    let place = der
        .windows(10)
        .position(|part| part == b"2025123100")
        .unwrap();
    der[place + 9] = b'1';
    world.evidence.ocsp = vec![OcspResponse::from_der(&der).unwrap()];
    assert_eq!(outcome(&world.judge()).2, "OCSP_SIGNATURE");
}

#[test]
fn a_response_of_the_openssl_responder_is_believed() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let pki = concat!(env!("CARGO_MANIFEST_DIR"), "/certs-test");
    let leaf = fixture_certificate("agencies/gialai.crt");
    let line = format!(
        "V\t20990101000000Z\t\t{}\tunknown\t/CN=x\n",
        leaf.serial_hex().to_uppercase()
    );
    std::fs::write(path("index.txt"), line).unwrap();
    let said = std::process::Command::new("openssl")
        .args([
            "ocsp",
            "-issuer",
            &format!("{pki}/ca/agencies.crt"),
            "-ndays",
            "3650",
        ])
        .args([
            "-cert",
            &format!("{pki}/agencies/gialai.crt"),
            "-index",
            &path("index.txt"),
        ])
        .args(["-rsigner", &format!("{pki}/ocsp/agencies.crt"), "-no_nonce"])
        .args([
            "-rkey",
            &format!("{pki}/ocsp/agencies.key"),
            "-CA",
            &format!("{pki}/ca/agencies.crt"),
        ])
        .args(["-respout", &path("response.der")])
        .output()
        .unwrap();
    assert!(said.status.success(), "{said:?}");
    let mut evidence = TrustEvidence::default();
    evidence.add_trust(&fixture("ca/root.crt")).unwrap();
    evidence.add_trust(&fixture("ca/agencies.crt")).unwrap();
    evidence.add_revocation(&fixture("crl/root.crl")).unwrap();
    evidence
        .add_revocation(&std::fs::read(path("response.der")).unwrap())
        .unwrap();
    let at = evidence.ocsp[0].produced_at();
    let report = validate_path(&leaf, &[], &evidence, Purpose::DocumentSigning, at);
    assert_eq!(report.indication, Indication::TotalPassed, "{report:#?}");
    assert!(
        report
            .revocation
            .params
            .contains(&("source", "ocsp".to_owned()))
    );
}

#[test]
fn data_from_before_the_signature_may_have_to_be_newer() {
    let mut world = world();
    world.evidence.crls.push(list(&world.ca).make());
    let judge = |signed: &str| {
        let question = Question {
            leaf: &world.leaf.certificate,
            bag: &[],
            evidence: &world.evidence,
            purpose: Purpose::DocumentSigning,
            at: at("2026-01-01"),
            freshness: Freshness::SignedAfter {
                best_signature_time: at(signed),
                within_seconds: 86_400,
            },
            catalogue: Catalogue::built_in(),
        };
        outcome(&crate::pki::path::validate(&question))
    };
    assert_eq!(judge("2024-12-31").1, "GOOD");
    let (sub, reason, why) = judge("2025-01-01");
    assert_eq!(
        [&sub, reason, &why],
        ["TRY_LATER", "REVOCATION_NOT_FRESH", "CRL_NOT_FRESH"]
    );
}

#[test]
fn a_revocation_counts_however_old_or_new_the_data_that_says_so() {
    for (this, next) in [
        ("20240701000000Z", "20240801000000Z"),
        ("20270101000000Z", "20280101000000Z"),
    ] {
        let make = |world: &World| {
            let mut draft = list(&world.ca).revoking(&world.leaf, 1);
            draft.this_update = this;
            draft.next_update = Some(next);
            draft.make()
        };
        assert_list(make, "REVOKED_NO_POE", "REVOKED", "");
    }
}
