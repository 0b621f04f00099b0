//! The corpora of the fuzz targets, every past crash among them, held against the same claims.

use std::path::Path;

use super::fuzz;

/// Replays every file of a corpus; there must be some.
fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let entries = std::fs::read_dir(&folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{target} has no corpus");
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let result = std::panic::catch_unwind(|| check(&bytes));
        assert!(result.is_ok(), "{} fails", file.display());
    }
}

#[test]
fn values_are_read_as_they_stand() {
    replay("tokenizer", fuzz::tokenizer::check);
}

#[test]
fn files_that_open_are_whole_and_pass_only_when_genuine() {
    replay("xref", fuzz::xref::check);
}

#[test]
fn objects_come_out_of_streams_as_they_went_in() {
    replay("object_streams", fuzz::object_streams::check);
}

#[test]
fn no_forged_signature_holds() {
    replay("cms", fuzz::cms::check);
}

#[test]
fn no_forged_answer_list_or_time_stamp_is_believed() {
    replay("ocsp_crl_tsp", fuzz::ocsp_crl_tsp::check);
}

#[test]
fn what_follows_a_signature_never_makes_it_better_or_hides_a_change() {
    replay("changes", fuzz::changes::check);
}

#[test]
fn paths_that_pass_here_pass_with_openssl() {
    replay("path", fuzz::path::check);
}

#[test]
fn the_honest_world_the_attacks_start_from_is_honest() {
    let verdict = |bytes: &[u8]| fuzz::genuine::judged(bytes).verdict.to_string();
    assert_eq!(verdict(&fuzz::genuine::SIGNED), "TOTAL-PASSED");
    assert_ne!(verdict(&fuzz::genuine::REVOKED), "TOTAL-PASSED");
    let same = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/changes/seed-line-end");
    assert_eq!(std::fs::read(same).unwrap(), b"\x00\n");
}
