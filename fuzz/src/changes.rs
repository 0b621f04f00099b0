//! The bytes follow a signed file. The verdict never gets better; and where the signed file passes
//! still, another reader (lopdf) finds the pages as they were signed.

use std::collections::BTreeMap;

use lienthong::pades::{FileVerdict, Modifications, Report};
use lienthong::pki::verdict::Indication;

use super::genuine::{REVOKED, SIGNED, judged};
use super::write::{self, piece};

/// Attacks with `bytes`: how to append, then either raw bytes or objects, each a number and a value
/// with its length.
pub fn check(bytes: &[u8]) {
    let Some((how, rest)) = bytes.split_first() else {
        return;
    };
    let base: &[u8] = if how & 2 == 0 { &SIGNED } else { &REVOKED };
    let mut file = base.to_vec();
    if how & 1 == 0 {
        file.extend_from_slice(rest);
    } else {
        write::update(&mut file, &objects(rest));
    }
    if file.len() == base.len() {
        return;
    }
    let (before, after) = (judged(base), judged(&file));
    assert!(rank(&after) >= rank(&before), "the verdict got better");
    if after.verdict == FileVerdict::Judged(Indication::TotalPassed) {
        let first = &after.signatures[0];
        assert!(!first.covers_whole_document);
        assert_ne!(first.modifications, Modifications::Disallowed);
        assert_eq!(shown(&file), shown(base), "what is shown changed");
    }
}

fn objects(mut bytes: &[u8]) -> Vec<(u32, &[u8])> {
    let mut objects = Vec::new();
    while let Some((number, rest)) = bytes.split_first() {
        bytes = rest;
        let Some(value) = piece(&mut bytes).filter(|_| objects.len() < 20) else {
            break;
        };
        if *number > 0 {
            objects.push((u32::from(*number), value));
        }
    }
    objects
}

/// The worse, the higher.
fn rank(report: &Report) -> u8 {
    match report.verdict {
        FileVerdict::Judged(Indication::TotalPassed) => 0,
        FileVerdict::Judged(Indication::Indeterminate) => 1,
        FileVerdict::NoSignature => 2,
        FileVerdict::Judged(Indication::TotalFailed) => 3,
        FileVerdict::Unreadable => 4,
    }
}

/// The contents of a page and the entries of its dictionary.
type Shown = (Vec<u8>, BTreeMap<Vec<u8>, String>);

/// What another reader shows of each page: its contents, and its dictionary but for annotations.
fn shown(file: &[u8]) -> Vec<Shown> {
    let document = lopdf::Document::load_mem(file).expect("another reader cannot read it");
    let pages = document.get_pages();
    let page = |id: &lopdf::ObjectId| {
        let entries = document
            .get_dictionary(*id)
            .expect("a page is a dictionary");
        let entries = entries.iter().filter(|(key, _)| *key != b"Annots");
        let entries = entries.map(|(key, value)| (key.clone(), format!("{value:?}")));
        let contents = document.get_page_content(*id);
        (contents, entries.collect())
    };
    pages.values().map(page).collect()
}
