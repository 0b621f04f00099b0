//! Marks on every document: where they go, what they show, and that the file stays what it was.

use std::process::Command;

use lienthong::pades::marks::{self, Anchor, Side};
use lienthong::pades::{Act, Image, Mark, MarkContent, PageChoice, Text};

use super::support::{documents, file, judged, key, now, request, sign_as, verdict};

const PERSON: &str = "persons/iadom-leader";

fn seal() -> Image {
    Image::from_png(&file("fixtures/marks/con-dau-do.png")).unwrap()
}

fn marked(document: &[u8], act: Act, mark: Mark) -> Vec<u8> {
    let key = key(PERSON);
    sign_as(document, &key, &request(&key, act, Some(mark))).unwrap()
}

fn stamp() -> Text {
    marks::arrival_stamp("Ủy ban nhân dân xã Ia Dom", "123", "05/01/2026").unwrap()
}

fn copy() -> Text {
    let lines = vec!["Sao y".to_owned(), "Ủy ban nhân dân xã Ia Dom".to_owned()];
    marks::corner_lines(lines, now()).unwrap()
}

#[test]
fn every_document_takes_every_mark_and_passes_here_and_in_qpdf() {
    let folder = tempfile::tempdir().unwrap();
    for path in documents() {
        let document = std::fs::read(&path).unwrap();
        let all = [
            (Act::Approve, marks::approve(&document, seal()).unwrap()),
            (Act::Copy, marks::corner(&document, copy()).unwrap()),
            (Act::Arrival, marks::arrival(&document, stamp()).unwrap()),
        ];
        for (act, mark) in all {
            let signed = marked(&document, act, mark);
            let name = path.display();
            assert_eq!(verdict(&judged(&signed)), "TOTAL-PASSED", "{name} {act:?}");
            let output = folder.path().join("signed.pdf");
            std::fs::write(&output, &signed).unwrap();
            let check = Command::new("qpdf")
                .arg("--check")
                .arg(&output)
                .output()
                .unwrap();
            assert!(check.status.success(), "{name} {act:?}: {check:?}");
        }
    }
}

#[test]
fn a_mark_stands_above_a_text_found_once() {
    let document = file("fixtures/pdf/quyet-dinh-libreoffice.pdf");
    let anchor = Anchor {
        text: "Nơi nhận:",
        side: Side::Right,
        page: None,
    };
    let content = MarkContent::Image(seal());
    let mark = marks::near(&document, &anchor, content, Some([30.0, 30.0])).unwrap();
    let [x, y, width, height] = mark.rect_mm;
    assert_eq!([width, height], [30.0, 30.0]);
    assert!(x > 30.0 && x < 80.0, "{x}");
    assert!(y > 0.0 && y < 250.0, "{y}");
    assert_eq!(
        verdict(&judged(&marked(&document, Act::Other, mark))),
        "TOTAL-PASSED"
    );
}

#[test]
fn a_text_that_is_missing_or_repeated_is_refused() {
    let document = file("fixtures/pdf/bao-cao-120-trang.pdf");
    let place = |text, page| {
        let anchor = Anchor {
            text,
            side: Side::Above,
            page,
        };
        let placed = marks::near(&document, &anchor, MarkContent::Image(seal()), None);
        placed.map(|mark| mark.page).map_err(|fault| fault.code())
    };
    assert_eq!(
        place("không có trong văn bản", None),
        Err("ANCHOR_NOT_FOUND")
    );
    assert_eq!(place("a", None), Err("ANCHOR_AMBIGUOUS"));
    assert_eq!(place("a", Some(999)), Err("PAGE_UNKNOWN"));
}

#[test]
fn an_arrival_stamp_covers_no_text_where_the_page_has_room() {
    let document = file("fixtures/pdf/quyet-dinh-libreoffice.pdf");
    let mark = marks::arrival(&document, stamp()).unwrap();
    assert_eq!(mark.page, PageChoice::First);
    let [_, y, _, height] = mark.rect_mm;
    assert!(y + height <= 297.0 && y > 297.0 / 2.0, "{:?}", mark.rect_mm);
}

/// PDF/A knows no colour of a device without an output intent and, in part 1, no translucency.
#[test]
fn a_mark_in_pdf_a_keeps_to_its_part() {
    let original = file("fixtures/pdf/pdf-a.pdf");
    let at = original
        .windows(11)
        .position(|word| word == b"pdfaid:part")
        .unwrap();
    let digit = original[at..].iter().position(u8::is_ascii_digit).unwrap() + at;
    let part = char::from(original[digit]);
    let mark = marks::approve(&original, seal()).unwrap();
    let signed = marked(&original, Act::Approve, mark);
    let added = String::from_utf8_lossy(&signed[original.len()..]).into_owned();
    assert!(!added.contains("/DeviceRGB"), "colours depend on a device");
    assert_eq!(added.contains("/SMask"), part != '1', "part {part}");
    // The same file claiming part 1: same length, so that nothing moves.
    let mut first = original.clone();
    first[digit] = b'1';
    let mark = marks::approve(&first, seal()).unwrap();
    let signed = marked(&first, Act::Approve, mark);
    let added = String::from_utf8_lossy(&signed[first.len()..]).into_owned();
    assert!(!added.contains("/SMask") && added.contains("/ImageMask true"));
    let copy = marked(&first, Act::Copy, marks::corner(&first, copy()).unwrap());
    let added = String::from_utf8_lossy(&copy[first.len()..]).into_owned();
    assert!(added.contains("/CIDSet") && added.contains("/CalRGB"));
}

#[test]
fn the_text_of_a_mark_can_be_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let document = file("fixtures/pdf/rotated-cropped.pdf");
    let mark = marks::corner(&document, copy()).unwrap();
    let output = folder.path().join("signed.pdf");
    std::fs::write(&output, marked(&document, Act::Copy, mark)).unwrap();
    let said = Command::new("pdftotext")
        .arg(&output)
        .arg("-")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("Ủy ban nhân dân xã Ia Dom"), "{said}");
}
