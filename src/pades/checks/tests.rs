//! What the rows of a report say about single checks, one claim per test.

use super::*;
use crate::pades::permissions::Permissions;
use crate::pades::report::{Modifications, Rows};
use crate::pki::verdict::Indication;

/// A signature of which everything held.
fn sound() -> SignatureReport {
    let row = || RowOutcome::passed("VALID");
    SignatureReport {
        field: "Signature1".to_owned(),
        kind: SignatureKind::Approval,
        indication: Indication::TotalPassed,
        sub_indication: None,
        level: Some("B-B"),
        signer: None,
        owner: None,
        claimed_time: None,
        best_signature_time: None,
        chain: Vec::new(),
        timestamps: Vec::new(),
        covers_whole_document: true,
        modifications: Modifications::None,
        modifications_list: Vec::new(),
        modifications_count: 0,
        byte_range: None,
        revision: Some(1),
        signed_digest: None,
        signature_value: None,
        permissions: Permissions::default(),
        checks: Checks::default(),
        rows: Rows {
            integrity: row(),
            trust: row(),
            revocation: row(),
            time: row(),
            coverage: row(),
            changes: row(),
            authority: RowOutcome::not_checked(),
        },
    }
}

fn results(signature: &SignatureReport) -> Vec<(&'static str, RowResult)> {
    let all = checks(signature, true);
    all.iter()
        .map(|check| (check.kind.id(), check.outcome.result))
        .collect()
}

fn result(signature: &SignatureReport, kind: CheckKind) -> RowResult {
    let all = checks(signature, true);
    let found = all.iter().find(|check| check.kind == kind);
    found.unwrap().outcome.result
}

#[test]
fn every_check_is_listed_once_in_the_order_of_checking() {
    let listed: Vec<_> = results(&sound()).into_iter().map(|(id, _)| id).collect();
    let all: Vec<_> = CheckKind::ALL.iter().map(|kind| kind.id()).collect();
    assert_eq!(listed, all);
}

#[test]
fn a_sound_signature_passes_every_check_but_the_one_nobody_asked_for() {
    for (id, result) in results(&sound()) {
        let expected = match id {
            "authority" => RowResult::NotChecked,
            _ => RowResult::Passed,
        };
        assert_eq!(result, expected, "{id}");
    }
}

#[test]
fn a_wrong_range_stops_the_form_and_nothing_behind_it_is_called_passed() {
    let mut signature = sound();
    signature.rows.coverage = RowOutcome::failed("BYTE_RANGE_GAP", Vec::new());
    assert_eq!(
        result(&signature, CheckKind::SignatureDictionary),
        RowResult::Passed
    );
    assert_eq!(result(&signature, CheckKind::ByteRange), RowResult::Failed);
    assert_eq!(
        result(&signature, CheckKind::RevisionEnd),
        RowResult::NotChecked
    );
    assert_eq!(
        result(&signature, CheckKind::Collision),
        RowResult::NotChecked
    );
}

#[test]
fn an_unknown_reason_is_never_taken_for_a_check_that_passed() {
    let mut signature = sound();
    signature.rows.coverage = RowOutcome::failed("SOMETHING_NEW", Vec::new());
    signature.rows.integrity = RowOutcome::failed("SOMETHING_NEW", Vec::new());
    assert_eq!(
        result(&signature, CheckKind::SignatureDictionary),
        RowResult::Failed
    );
    assert_eq!(
        result(&signature, CheckKind::ByteRange),
        RowResult::NotChecked
    );
    assert_eq!(
        result(&signature, CheckKind::CmsStructure),
        RowResult::Failed
    );
    assert_eq!(
        result(&signature, CheckKind::SignatureValue),
        RowResult::NotChecked
    );
}

#[test]
fn a_wrong_digest_leaves_structure_and_signer_passed() {
    let mut signature = sound();
    signature.rows.integrity = RowOutcome::failed("HASH_MISMATCH", Vec::new());
    assert_eq!(
        result(&signature, CheckKind::SigningCertificate),
        RowResult::Passed
    );
    assert_eq!(
        result(&signature, CheckKind::MessageDigest),
        RowResult::Failed
    );
    assert_eq!(
        result(&signature, CheckKind::SignatureValue),
        RowResult::NotChecked
    );
}

#[test]
fn a_refused_algorithm_is_told_by_its_own_check_alone() {
    let mut signature = sound();
    signature.rows.integrity = RowOutcome::indeterminate("WEAK_ALGORITHM", Vec::new());
    assert_eq!(
        result(&signature, CheckKind::Algorithms),
        RowResult::Indeterminate
    );
    assert_eq!(
        result(&signature, CheckKind::CmsStructure),
        RowResult::NotChecked
    );
    assert_eq!(
        result(&signature, CheckKind::SignatureValue),
        RowResult::NotChecked
    );
}

#[test]
fn without_a_second_reader_none_is_said_to_agree() {
    let all = checks(&sound(), false);
    let found = all
        .iter()
        .find(|check| check.kind == CheckKind::SecondReader);
    assert_eq!(found.unwrap().outcome.result, RowResult::NotChecked);
}

#[test]
fn a_note_stands_before_what_the_rows_tell_and_is_never_made_better() {
    let mut signature = sound();
    let failed = RowOutcome::failed("SIGNATURE_INVALID", Vec::new());
    signature.checks.note(CheckKind::SignatureValue, failed);
    signature.checks.pass(CheckKind::SignatureValue);
    assert_eq!(
        result(&signature, CheckKind::SignatureValue),
        RowResult::Failed
    );
}

#[test]
fn a_check_names_the_object_and_the_byte_of_its_fault() {
    let params = vec![("object", "7 0 R".to_owned()), ("offset", "812".to_owned())];
    assert_eq!(place(&params), (Some("7 0 R"), Some(812)));
}
