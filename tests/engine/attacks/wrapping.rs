//! SWA, signature wrapping: nothing but the signature's own hexadecimal string may stand outside
//! the bytes it covers. Source: "1 Trillion Dollar Refund" (CCS 2019).

use super::super::attack::cms::Cms;
use super::super::attack::identity::world;
use super::super::attack::pdf::{Update, find, last_startxref, replaced, rfind, stream, swapped};
use super::super::attack::signed::{Doc, SIGNATURE, hole, range_digest, with_hole, with_range};
use super::Case;

super::rows! {
    swa_01_the_second_part_is_moved_back: moved_part;
    swa_02_bytes_stand_between_the_string_and_the_second_part: wider_gap;
    swa_03_another_byte_range_stands_outside: other_range;
    swa_04_the_string_hides_bytes: crooked_string;
    swa_05_the_signer_leaves_a_tail: uncovered_tail;
    swa_06_the_parts_overlap: overlap;
}

const EVIL: &str = "BT /F1 24 Tf 72 700 Td (So 99/UBND-VP) Tj ET";

fn sealed() -> Vec<u8> {
    Doc::small().sealed()
}

/// The signed file with `inside` between the string and the second part, the range following it.
fn wrapped(inside: &[u8]) -> Vec<u8> {
    let file = sealed();
    let (start, end) = hole(&file);
    let wider = replaced(&file, (end, end), inside);
    let rest = file.len() - end;
    let range = format!("/ByteRange[0 {start} {} {rest}]", end + inside.len());
    with_range(&wider, &range)
}

fn moved_part() -> Vec<Case> {
    let file = sealed();
    let (_, end) = hole(&file);
    // A whole update of its own inside the gap; the covered rest follows behind a new end.
    let at = end + ">>\nendobj\n".len();
    let object = format!(">>\nendobj\n4 0 obj\n{}\nendobj\n", stream(EVIL));
    let xref = end + object.len();
    let own = format!(
        "{object}xref\n4 1\n{at:010} 00000 n \ntrailer\n<</Root 1 0 R/Size 100/Prev {}>>\n\
         startxref\n{xref}\n%%EOF\n",
        last_startxref(&file)
    );
    let hidden = wrapped(own.as_bytes());
    let last = rfind(&hidden, "startxref\n") + "startxref\n".len();
    let old = last_startxref(&file).to_string();
    let steered = replaced(
        &hidden,
        (last, last + old.len()),
        format!("{xref:0>width$}", width = old.len()),
    );
    vec![
        Case::format("an update in the gap", hidden, "XREF_MALFORMED"),
        Case::format(
            "an update in the gap that the end names",
            steered,
            "XREF_MALFORMED",
        ),
    ]
}

fn wider_gap() -> Vec<Case> {
    let gap = |inside: &[u8]| {
        let text = String::from_utf8_lossy(inside).into_owned();
        // The section moves with the inserted bytes: its offsets are put right again.
        let doc = Doc::small();
        let hex = "00".repeat(super::super::attack::signed::ROOM);
        let body = doc.objects[&SIGNATURE].replace(&format!("{hex}>"), &format!("{hex}>{text}"));
        let file = doc.with(SIGNATURE, &body).open();
        let (start, end) = hole(&file);
        let second = end + inside.len();
        let range = format!("/ByteRange[0 {start} {second} {}]", file.len() - second);
        let file = with_range(&file, &range);
        let covered = [&file[..start], &file[second..]].concat();
        let cms = Cms::detached(&world().ecdsa, &openssl::sha::sha256(&covered));
        super::super::attack::signed::filled(&file, &cms.der())
    };
    let narrow = |start: usize, end: usize| {
        let file = sealed();
        let (from, to) = hole(&file);
        let (from, to) = (from + start, to - end);
        let file = with_range(
            &file,
            &format!("/ByteRange[0 {from} {to} {}]", file.len() - to),
        );
        let covered = [&file[..from], &file[to..]].concat();
        let cms = Cms::detached(&world().ecdsa, &openssl::sha::sha256(&covered));
        super::super::attack::signed::filled(&file, &cms.der())
    };
    vec![
        Case::format(
            "an entry in the gap",
            gap(b"/Evil(wrapped)"),
            "BYTE_RANGE_GAP",
        ),
        Case::format("a space in the gap", gap(b" "), "BYTE_RANGE_GAP"),
        Case::format("a comment in the gap", gap(b"%x\n"), "BYTE_RANGE_GAP"),
        Case::format(
            "the string's first bracket covered",
            narrow(1, 0),
            "BYTE_RANGE_GAP",
        ),
        Case::format(
            "the string's last bracket covered",
            narrow(0, 1),
            "BYTE_RANGE_GAP",
        ),
        Case::format("both brackets covered", narrow(1, 1), "BYTE_RANGE_GAP"),
        Case::format(
            "inserted without care",
            wrapped(b"/Evil(wrapped)"),
            "XREF_MALFORMED",
        ),
    ]
}

fn other_range() -> Vec<Case> {
    let file = sealed();
    let (start, end) = hole(&file);
    let good = format!("/ByteRange[0 {start} {end} {}]", file.len() - end);
    let evil = Update::after(&file).object(4, &stream(EVIL));
    let field = Update::after(&file).object(
        7,
        &format!(
            "<</Type/Annot/Subtype/Widget/FT/Sig/T(S)/F 132/Rect[0 0 0 0]/P 3 0 R/V 8 0 R{good}>>"
        ),
    );
    let trailer = evil
        .clone()
        .but(|update| update.trailer.push_str(&good))
        .table();
    let inner = Doc::small().changed(
        SIGNATURE,
        "/Type/Sig",
        "/Type/Sig/Prop_Build<</ByteRange[0 1 2 3]>>",
    );
    let outer = with_range(&file, "/ByteRange[0 1 2 1]");
    let outer = swapped(&outer, "/Filter/Adobe.PPKLite", "/F<</ByteRange[0 1]>>");
    vec![
        Case::format("in the trailer of an update", trailer, "OBJECT_CHANGED"),
        Case::format("in the field", field.table(), "FIELD_CHANGED"),
        Case::passes("an inner dictionary's is nobody's", inner.sealed()),
        Case::format("the true one hidden inside", outer, "SIGNATURE_DICTIONARY"),
    ]
}

fn crooked_string() -> Vec<Case> {
    let file = sealed();
    let (start, end) = hole(&file);
    let text = String::from_utf8_lossy(&file[start..end]).into_owned();
    let used = text.trim_end_matches(['0', '>']).len().next_multiple_of(2) + 1;
    let with = |place: usize, by: &str| {
        let mut changed = text.clone();
        changed.replace_range(place..place + by.len(), by);
        with_hole(&file, &changed)
    };
    // White space in place of padding keeps the length; the value stays the same.
    let spaced = |by: &str| {
        let mut changed = text.clone();
        changed.replace_range(end - start - 1 - by.len()..end - start - 1, "");
        changed.insert_str(used / 2, by);
        with_hole(&file, &changed)
    };
    let tail = text.len() - 9;
    vec![
        Case::new(
            "spaces inside",
            spaced("  "),
            "TOTAL-PASSED",
            "CONTENTS_SPACED",
        ),
        Case::new(
            "line ends inside",
            spaced("\r\n"),
            "TOTAL-PASSED",
            "CONTENTS_SPACED",
        ),
        Case::format("an odd digit", spaced(" "), "CONTENTS_INVALID"),
        Case::format("a comment inside", spaced("%x\n1"), "OBJECT_MALFORMED"),
        Case::format(
            "a letter that is no digit",
            with(tail, "g"),
            "OBJECT_MALFORMED",
        ),
        Case::format(
            "bytes after the padding",
            with(tail, "41"),
            "CMS_TRAILING_BYTES",
        ),
        Case::format(
            "the string closed early",
            with(used + 4, ">/X<"),
            "BYTE_RANGE_GAP",
        ),
    ]
}

fn uncovered_tail() -> Vec<Case> {
    let short = |keep: usize, shorter: usize| {
        let file = Doc::small().open();
        let (start, end) = hole(&file);
        let file = [file.as_slice(), &b"% a tail nobody signs\n"[..keep]].concat();
        let rest = file.len() - end - keep - shorter;
        let file = with_range(&file, &format!("/ByteRange[0 {start} {end} {rest}]"));
        let covered = [&file[..start], &file[end..end + rest]].concat();
        let cms = Cms::detached(&world().ecdsa, &openssl::sha::sha256(&covered));
        super::super::attack::signed::filled(&file, &cms.der())
    };
    let whole = Doc::small();
    assert_eq!(range_digest(&whole.open(), &world().ecdsa).len(), 32);
    vec![
        Case::format("a comment at the end", short(22, 0), "TRAILING_BYTES"),
        Case::format("the last line end", short(0, 1), "TRAILING_BYTES"),
        Case::format("the end marker", short(0, 6), "REVISION_END"),
        Case::format("the number of the section", short(0, 12), "REVISION_END"),
        Case::format("the trailer", short(0, 60), "REVISION_END"),
    ]
}

fn overlap() -> Vec<Case> {
    let file = sealed();
    let (start, end) = hole(&file);
    let at = find(&file, "4 0 obj", 0);
    let size = file.len();
    let case = |text: String, reason| Case::format(text.clone(), with_range(&file, &text), reason);
    vec![
        case(
            format!("/ByteRange[0 {end} {start} {}]", size - start),
            "BYTE_RANGE_INVALID",
        ),
        case(
            format!("/ByteRange[0 {size} 0 {size}]"),
            "BYTE_RANGE_INVALID",
        ),
        case(
            format!("/ByteRange[0 {start} {at} {}]", size - at),
            "BYTE_RANGE_INVALID",
        ),
        case(
            format!("/ByteRange[0 {start} {start} {}]", size - start),
            "BYTE_RANGE_INVALID",
        ),
        case(
            format!("/ByteRange[0 {start} {} {}]", start + 1, size - start - 1),
            "BYTE_RANGE_GAP",
        ),
        case(
            format!("/ByteRange[0 {start} {} {}]", end - 1, size - end + 1),
            "BYTE_RANGE_GAP",
        ),
        case(
            format!("/ByteRange[0 {} {end} {}]", start - 1, size - end),
            "BYTE_RANGE_GAP",
        ),
        case(
            format!("/ByteRange[0 {} {end} {}]", end - 1, size - end),
            "BYTE_RANGE_GAP",
        ),
    ]
}
