//! Which path is taken, and what time and the test PKI make of it.

use super::*;
use crate::pki::testing::{
    at, authority, fixture, fixture_certificate, fixture_evidence, list, p256, signer,
};
use crate::pki::testing_world::{
    DAY, GENERAL, NO_PATH, USAGE, WEAK, assert_verdict, judge, verdict, world, world_with,
};
use crate::pki::verdict::RowResult;

#[test]
fn a_sound_path_passes_with_three_rows() {
    let world = world();
    let report = judge(&world, &signer("Leaf").under(&world.ca));
    assert_verdict(&report, "TOTAL-PASSED", "VALID");
    let rows = [&report.trust, &report.revocation, &report.time];
    assert_eq!(
        rows.map(|row| row.reason),
        ["TRUSTED_PATH", "GOOD", "WITHIN_VALIDITY"]
    );
    assert!(rows.iter().all(|row| row.result == RowResult::Passed));
    let names: Vec<_> = report.chain.iter().map(Certificate::subject).collect();
    assert_eq!(names, ["CN=Leaf", "CN=CA", "CN=Root"]);
}

#[test]
fn issuers_may_come_with_the_signature() {
    let mut world = world();
    let leaf = signer("Leaf").under(&world.ca).make().certificate;
    let bag = std::mem::take(&mut world.evidence.intermediates);
    let report = validate_path(
        &leaf,
        &bag,
        &world.evidence,
        Purpose::DocumentSigning,
        at(DAY),
    );
    assert_verdict(&report, "TOTAL-PASSED", "VALID");
}

#[test]
fn a_root_that_comes_with_the_signature_is_not_trusted() {
    let mut world = world();
    let leaf = signer("Leaf").under(&world.ca).make().certificate;
    let mut bag = std::mem::take(&mut world.evidence.anchors);
    bag.append(&mut world.evidence.intermediates);
    let report = validate_path(
        &leaf,
        &bag,
        &world.evidence,
        Purpose::DocumentSigning,
        at(DAY),
    );
    assert_verdict(&report, NO_PATH, "NO_PATH_TO_TRUSTED_ROOT");
    assert_eq!(report.trust.params, [("issuer", "CN=Root".to_owned())]);
}

#[test]
fn a_certificate_that_only_names_the_issuer_has_no_path() {
    let world = world();
    let mut leaf = signer("Leaf");
    leaf.issuer_name = Some("CA".to_owned());
    assert_verdict(&judge(&world, &leaf), NO_PATH, "NO_PATH_TO_TRUSTED_ROOT");
}

#[test]
fn among_authorities_of_one_name_the_one_that_signed_is_chosen() {
    let mut world = world();
    let other = authority("CA").under(&world.root).make();
    world.evidence.intermediates.insert(0, other.certificate);
    let report = judge(&world, &signer("Leaf").under(&world.ca));
    assert_verdict(&report, "TOTAL-PASSED", "VALID");
}

#[test]
fn a_cross_signed_loop_ends_and_the_good_path_is_found() {
    let mut world = world();
    let twin = authority("Loop").make();
    let key = world.ca.key.clone();
    let back = authority("CA").key(key).under(&twin).make().certificate;
    let forth = authority("Loop")
        .key(twin.key.clone())
        .under(&world.ca)
        .make()
        .certificate;
    world.evidence.intermediates.splice(0..0, [back, forth]);
    let report = judge(&world, &signer("Leaf").under(&world.ca));
    assert_verdict(&report, "TOTAL-PASSED", "VALID");
}

#[test]
fn an_endless_supply_of_issuers_uses_up_the_budget_and_does_not_pass() {
    let mut world = world();
    let pretender = authority("CA").under(&world.root);
    let many = (0..101).map(|_| pretender.clone().key(p256()).make().certificate);
    world.evidence.intermediates = many.collect();
    let report = judge(&world, &signer("Leaf").under(&world.ca));
    assert_verdict(&report, GENERAL, "BUDGET_EXCEEDED");
}

#[test]
fn a_path_of_more_than_eight_is_not_followed() {
    let mut world = world();
    let mut above = world.ca.clone();
    for number in 0..6 {
        let name = format!("CA {number}");
        above = authority(&name).under(&above).make();
        world.evidence.intermediates.push(above.certificate.clone());
    }
    let report = judge(&world, &signer("Leaf").under(&above));
    assert_verdict(&report, GENERAL, "PATH_TOO_LONG");
}

#[test]
fn validity_is_judged_at_the_given_instant() {
    let mut world = world();
    let lists = [&world.root, &world.ca].map(|issuer| {
        let mut list = list(issuer);
        list.this_update = "20210101000000Z";
        list.next_update = Some("20990101000000Z");
        list.make()
    });
    world.evidence.crls = lists.to_vec();
    let mut draft = signer("Leaf").under(&world.ca);
    draft.from = "20210101000000Z".to_owned();
    draft.until = "20220101000000Z".to_owned();
    let leaf = draft.make().certificate;
    let judge = |day| {
        validate_path(
            &leaf,
            &[],
            &world.evidence,
            Purpose::DocumentSigning,
            at(day),
        )
    };
    let out = "INDETERMINATE/OUT_OF_BOUNDS_NOT_REVOKED";
    assert_verdict(
        &judge("2020-12-31"),
        "TOTAL-FAILED/NOT_YET_VALID",
        "NOT_YET_VALID",
    );
    assert_verdict(&judge("2021-01-01"), "TOTAL-PASSED", "VALID");
    assert_verdict(&judge("2022-01-01"), "TOTAL-PASSED", "VALID");
    assert_verdict(&judge("2022-01-02"), out, "EXPIRED");
    assert_verdict(&judge("2050-01-01"), out, "EXPIRED");
}

#[test]
fn the_validity_of_authorities_counts_too() {
    let out = "INDETERMINATE/OUT_OF_BOUNDS_NO_POE";
    let mut early = authority("CA");
    early.until = "20250601000000Z".to_owned();
    let world = world_with(authority("Root"), early);
    assert_verdict(
        &judge(&world, &signer("Leaf").under(&world.ca)),
        out,
        "CA_EXPIRED",
    );
    let mut late = authority("CA");
    late.from = "20270101000000Z".to_owned();
    let world = world_with(authority("Root"), late);
    assert_verdict(
        &judge(&world, &signer("Leaf").under(&world.ca)),
        out,
        "CA_NOT_YET_VALID",
    );
}

#[test]
fn a_signer_trusted_directly_needs_no_revocation_data() {
    let leaf = signer("Alone").make().certificate;
    let evidence = TrustEvidence {
        anchors: vec![leaf.clone()],
        ..TrustEvidence::default()
    };
    let report = validate_path(&leaf, &[], &evidence, Purpose::DocumentSigning, at(DAY));
    assert_verdict(&report, "TOTAL-PASSED", "VALID");
    assert_eq!(report.revocation.reason, "TRUSTED_DIRECTLY");
}

#[test]
fn the_test_pki_is_judged_as_it_says() {
    let mut evidence = fixture_evidence();
    evidence
        .add_trust(&fixture("bad/revoked-ca/ca.crt"))
        .unwrap();
    evidence
        .add_revocation(&fixture("bad/revoked-ca/ca.crl"))
        .unwrap();
    let expected = [
        ("agencies/gialai", "TOTAL-PASSED", "VALID"),
        ("persons/gialai-leader", "TOTAL-PASSED", "VALID"),
        ("hubs/province.sign", "TOTAL-PASSED", "VALID"),
        ("bad/revoked-later", "TOTAL-PASSED", "VALID"),
        ("bad/name-lookalike", "TOTAL-PASSED", "VALID"),
        (
            "bad/expired",
            "INDETERMINATE/OUT_OF_BOUNDS_NO_POE",
            "EXPIRED",
        ),
        (
            "bad/not-yet-valid",
            "TOTAL-FAILED/NOT_YET_VALID",
            "NOT_YET_VALID",
        ),
        ("bad/revoked", "INDETERMINATE/REVOKED_NO_POE", "REVOKED"),
        ("bad/wrong-key-usage", USAGE, "KEY_USAGE"),
        ("bad/ca-as-signer", USAGE, "SIGNER_IS_CA"),
        ("bad/other-ca", NO_PATH, "NO_PATH_TO_TRUSTED_ROOT"),
        ("bad/no-issuer", NO_PATH, "NO_PATH_TO_TRUSTED_ROOT"),
        ("bad/weak-rsa1024", WEAK, "WEAK_KEY"),
        ("bad/sha1-signed", WEAK, "WEAK_CERTIFICATE_SIGNATURE"),
        (
            "bad/revoked-ca/leaf",
            "INDETERMINATE/REVOKED_CA_NO_POE",
            "CA_REVOKED",
        ),
    ];
    for (name, indication, reason) in expected {
        let leaf = fixture_certificate(&format!("{name}.crt"));
        let report = validate_path(&leaf, &[], &evidence, Purpose::DocumentSigning, at(DAY));
        assert_eq!(
            verdict(&report),
            (indication.to_owned(), reason),
            "{name}: {report:#?}"
        );
    }
}

#[test]
fn a_later_revocation_counts_once_the_list_says_so() {
    let mut evidence = fixture_evidence();
    for name in ["root", "agencies"] {
        evidence
            .add_revocation(&fixture(&format!("crl-2030/{name}.crl")))
            .unwrap();
    }
    let leaf = fixture_certificate("bad/revoked-later.crt");
    let judge = |day| validate_path(&leaf, &[], &evidence, Purpose::DocumentSigning, at(day));
    assert_verdict(&judge("2026-01-01"), "TOTAL-PASSED", "VALID");
    assert_verdict(
        &judge("2030-02-01"),
        "INDETERMINATE/REVOKED_NO_POE",
        "REVOKED",
    );
}

#[test]
fn the_same_question_gets_the_same_answer() {
    let evidence = fixture_evidence();
    let leaf = fixture_certificate("agencies/gialai.crt");
    let judge = || {
        let report = validate_path(&leaf, &[], &evidence, Purpose::DocumentSigning, at(DAY));
        format!("{report:?}")
    };
    assert_eq!(judge(), judge());
}
