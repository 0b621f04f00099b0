//! Every byte of small signed files flipped, one at a time: none may pass. The files differ in key,
//! encoding, sub-filter and number of signatures; nothing is sampled.
//!
//! What may pass, and nothing else: inside `/Contents` the case of a hexadecimal letter (`a` for
//! `A`, the same value), and a byte of the CMS structure that binds nothing: the version number
//! of the `SignedData` (RFC 5652 derives it from the other fields).

use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::attack::cms::Cms;
use super::super::attack::identity::world;
use super::super::attack::judge::{judged, passes, verdict};
use super::super::attack::pdf::{find, rfind};
use super::super::attack::signed::{Doc, Layout, ROOM, SIGNATURE, dictionary, hole, seal, second};

/// The files by name; each passes as it is.
fn files() -> Vec<(String, Vec<u8>)> {
    let world = world();
    let keys = [
        ("P-256", &world.ecdsa),
        ("RSA", &world.rsa),
        ("RSA-PSS", &world.pss),
        ("Ed25519", &world.ed25519),
    ];
    let layouts = [
        Layout::Table,
        Layout::Stream,
        Layout::Packed,
        Layout::Hybrid,
    ];
    let mut files = Vec::new();
    for (key, signer) in keys {
        for layout in layouts {
            let file = tight(&Doc::small().by(signer).layout(layout));
            files.push((format!("{key}, {layout:?}"), file));
        }
    }
    let older = Doc::small().with(SIGNATURE, &dictionary("adbe.pkcs7.detached", ""));
    files.push(("PKCS#7".to_owned(), tight(&older)));
    let certified = "/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams\
                     <</Type/TransformParams/P 2/V/1.2>>>>]";
    let certified = Doc::small()
        .with(SIGNATURE, &dictionary("ETSI.CAdES.detached", certified))
        .changed(1, "/Pages", "/Perms<</DocMDP 8 0 R>>/Pages");
    files.push(("certified".to_owned(), tight(&certified)));
    let first = tight(&Doc::small());
    let twice = seal(&second(&first).table(), &world.rsa);
    files.push(("two signatures".to_owned(), twice));
    let widget = "/Rect[0 0 100 40]/AP<</N 9 0 R>>";
    let look = "<</Type/XObject/Subtype/Form/BBox[0 0 100 40]/Length 2>>\nstream\nq Q\nendstream";
    let look = look.replace("/Length 2", "/Length 3");
    let visible = Doc::small()
        .changed(7, "/Rect[0 0 0 0]", widget)
        .with(9, &look);
    files.push(("visible".to_owned(), tight(&visible)));
    files
}

/// The document signed with little padding, so that there are few bytes to flip.
fn tight(doc: &Doc) -> Vec<u8> {
    let digest = vec![0; doc.signer.scheme.digest().size()];
    let used = Cms::detached(&doc.signer, &digest).der().len() + 6;
    let hole = |room: usize| format!("/Contents<{}>", "00".repeat(room));
    let doc = doc.clone().changed(SIGNATURE, &hole(ROOM), &hole(used));
    doc.sealed()
}

/// Whether a flip at `at` may pass.
fn harmless(file: &[u8], flipped: &[u8], at: usize) -> bool {
    let (start, end) = hole_at(file, at);
    if !(start < at && at + 1 < end) {
        return false;
    }
    let (old, new) = (file[at], flipped[at]);
    if old.eq_ignore_ascii_case(&new) {
        return true;
    }
    // 30 82 …, the type, [0] 30 82 …, then 02 01 and the version.
    let version = find(&file[start..end], "020101", 0) + start;
    at == version + 5 && file[version..end].len() > 12
}

/// The hole around a byte, else an empty one.
fn hole_at(file: &[u8], at: usize) -> (usize, usize) {
    let (start, end) = hole(file);
    if at >= start {
        return (start, end);
    }
    let before = &file[..start - 9];
    if !before.windows(10).any(|piece| piece == b"/Contents<") {
        return (0, 0);
    }
    let start = rfind(before, "/Contents<") + "/Contents".len();
    (start, find(file, ">", start) + 1)
}

/// Flips every byte of `file` by each pattern; what passes though it must not.
fn offences(file: &[u8], patterns: &[u8]) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut found = Vec::new();
        let mut flipped = file.to_vec();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(old) = file.get(at).copied() else {
                return found;
            };
            for pattern in patterns {
                flipped[at] = old ^ pattern;
                let report = judged(&flipped);
                if passes(&report) && !harmless(file, &flipped, at) {
                    found.push(format!("byte {at}: {old:#04x} by {pattern:#04x}"));
                }
            }
            flipped[at] = old;
        }
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let ended = running.into_iter().flat_map(|one| one.join().unwrap());
        ended.collect()
    })
}

#[test]
fn no_flipped_byte_of_twenty_signed_files_passes() {
    let files = files();
    assert_eq!(files.len(), 20);
    let mut offending = Vec::new();
    for (name, file) in &files {
        let report = judged(file);
        assert!(
            passes(&report),
            "{name}: {} {:?}",
            verdict(&report),
            report.findings
        );
        assert!(file.len() <= 8_192, "{name} has {} bytes", file.len());
        for one in offences(file, &[0x01]) {
            offending.push(format!("{name}: {one}"));
        }
    }
    assert!(offending.is_empty(), "\n{}", offending.join("\n"));
}

#[test]
fn no_byte_changed_in_case_or_height_passes() {
    let file = tight(&Doc::small());
    let found = offences(&file, &[0x20, 0x80]);
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn no_byte_added_or_taken_away_passes() {
    let file = tight(&Doc::small());
    let (start, end) = hole(&file);
    for at in (0..start).chain(end..=file.len()) {
        let mut longer = file.clone();
        longer.insert(at, b' ');
        assert!(!passes(&judged(&longer)), "a space before byte {at}");
        if at < file.len() {
            let mut shorter = file.clone();
            shorter.remove(at);
            assert!(!passes(&judged(&shorter)), "without byte {at}");
        }
    }
}
