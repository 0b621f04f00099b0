//! Families of variants: each class of attacks on the file's structure in every combination of its
//! parameters (how the signed file and the update are written, what stands between them, how names
//! are spelled, by how much numbers are off). By construction all of them are forged and none may
//! pass; each must fail for its form.

use std::collections::BTreeSet;

use super::super::attack::forms::{annotated, catalog, certified, form};
use super::super::attack::identity::world;
use super::super::attack::judge::{FORMAT, judged, verdict};
use super::super::attack::pdf::{Row, Update, stream, stream_with};
use super::super::attack::signed::{CONTENT, Doc, Layout, hole, page, seal, with_hole, with_range};

const LAYOUTS: [Layout; 4] = [
    Layout::Table,
    Layout::Stream,
    Layout::Packed,
    Layout::Hybrid,
];
const EVIL: &str = "BT /F1 24 Tf 72 700 Td (So 99/UBND-VP) Tj ET";

/// A forged file and how it was made.
pub(super) type Variant = (String, Vec<u8>);

/// None of a family passes, all get `expected` as (the beginning of) their verdict, and there are
/// at least twenty, no two of them alike.
pub(super) fn hold(expected: &str, family: Vec<Variant>) {
    let files: BTreeSet<&[u8]> = family.iter().map(|(_, file)| file.as_slice()).collect();
    assert_eq!(files.len(), family.len(), "two variants are alike");
    assert!(family.len() >= 20, "{} variants", family.len());
    let faults: Vec<String> = family
        .iter()
        .filter_map(|(what, file)| {
            let found = verdict(&judged(file));
            (!found.starts_with(expected)).then(|| format!("{what}: {found}"))
        })
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// How an update is written.
#[derive(Debug, Clone, Copy)]
enum How {
    Table,
    Stream,
    Hybrid,
    Packed,
    /// A table whose lines end with carriage returns.
    Returns,
    /// A table after bytes that belong to nothing.
    Padded,
}

const WAYS: [How; 6] = [
    How::Table,
    How::Stream,
    How::Hybrid,
    How::Packed,
    How::Returns,
    How::Padded,
];

/// `file` and an update that brings `objects`.
fn appended(file: &[u8], objects: &[(u32, String)], how: How) -> Vec<u8> {
    let update = Update::after(file);
    let each = |own: Update, (number, body): &(u32, String)| own.object(*number, body);
    let all = |own: Update| objects.iter().fold(own, each);
    match how {
        How::Table => all(update).table(),
        How::Stream => all(update).stream(95),
        How::Hybrid => {
            let hidden: Vec<u32> = objects.iter().map(|(number, _)| *number).collect();
            all(update).hybrid(95, &hidden)
        }
        How::Returns => {
            let update = all(update);
            update
                .but(|update| update.end = "\r\n%%EOF\r\n".to_owned())
                .table()
        }
        How::Padded => all(update.raw("% nothing\n".repeat(40))).table(),
        How::Packed => {
            let loose = |(_, body): &&(u32, String)| body.contains("stream\n");
            let update = objects.iter().filter(loose).fold(update, each);
            let packed = objects.iter().filter(|one| !loose(one));
            let packed: Vec<(u32, &str)> = packed
                .map(|(number, body)| (*number, body.as_str()))
                .collect();
            update.object_stream(96, &packed, "").stream(95)
        }
    }
}

/// `count` updates that change nothing.
fn idle(file: Vec<u8>, count: usize) -> Vec<u8> {
    let again = |file: Vec<u8>, _| Update::after(&file).object(4, &stream(CONTENT)).table();
    (0..count).fold(file, again)
}

/// Each change in each way after each layout.
fn changed(docs: &[(&str, Doc)], changes: &[(&str, Vec<(u32, String)>)]) -> Vec<Variant> {
    let mut family = Vec::new();
    for layout in LAYOUTS {
        for (kind, doc) in docs {
            let file = doc.clone().layout(layout).sealed();
            for (what, objects) in changes {
                for how in WAYS {
                    let name = format!("{kind}: {what}, {how:?} after {layout:?}");
                    family.push((name, appended(&file, objects, how)));
                }
            }
        }
    }
    family
}

#[test]
fn usf_variants_never_pass() {
    let mut family = Vec::new();
    for layout in LAYOUTS {
        let file = Doc::small().layout(layout).sealed();
        let (start, end) = hole(&file);
        let rest = file.len() - end;
        for text in [
            "<>", "<00>", "<0000>", "()", "(x)", " null", " 0", "/N", "[]", "<3000>", " true",
            " 9 0 R",
        ] {
            let name = format!("/Contents{text} in {layout:?}");
            family.push((name, with_hole(&file, text)));
        }
        for text in [
            "[]".to_owned(),
            "[0 0 0 0]".to_owned(),
            format!("[0 {start} {end}]"),
            format!("[0 {start} {end} -1]"),
            format!("[0 {start} {end} {rest}.0]"),
            format!("[0 {start} {end} {}]", u32::MAX),
            format!("[1 {start} {end} {rest}]"),
            format!("[{end} {rest} 0 {start}]"),
        ] {
            let name = format!("/ByteRange{text} in {layout:?}");
            family.push((name, with_range(&file, &format!("/ByteRange{text}"))));
        }
    }
    hold(FORMAT, family);
}

#[test]
fn isa_variants_never_pass() {
    let font = "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>".to_owned();
    let changes = [
        ("content", vec![(4, stream(EVIL))]),
        ("page", vec![(3, page("9 0 R")), (9, stream(EVIL))]),
        ("font", vec![(5, font)]),
        (
            "pages",
            vec![(2, "<</Type/Pages/Kids[]/Count 0>>".to_owned())],
        ),
        ("action", vec![(1, catalog("/OpenAction[3 0 R/Fit]"))]),
        ("form", vec![(6, "<</Fields[]>>".to_owned())]),
    ];
    let mut family = changed(&[("plain", Doc::small())], &changes);
    for count in [1, 2, 5] {
        let file = idle(Doc::small().sealed(), count);
        for how in WAYS {
            let evil = appended(&file, &[(4, stream(EVIL))], how);
            let name = format!("content, {how:?} after {count} idle updates");
            family.push((name.clone(), evil.clone()));
            family.push((format!("{name}, hidden by another"), idle(evil, 1)));
        }
    }
    hold(FORMAT, family);
}

#[test]
fn swa_variants_never_pass() {
    let mut family = Vec::new();
    let moved = |number: usize, by: isize| number.checked_add_signed(by).unwrap();
    let steps = [-16, -1, 0, 1, 16];
    for layout in LAYOUTS {
        let file = Doc::small().layout(layout).sealed();
        let (start, end) = hole(&file);
        for first in steps {
            for second in steps
                .into_iter()
                .filter(|second| (first, *second) != (0, 0))
            {
                let (start, end) = (moved(start, first), moved(end, second));
                let range = format!("/ByteRange[0 {start} {end} {}]", file.len() - end);
                let name = format!("{range} in {layout:?}");
                family.push((name, with_range(&file, &range)));
            }
        }
    }
    hold(FORMAT, family);
}

#[test]
fn sha_variants_never_pass() {
    let picture = stream_with("/Type/XObject/Subtype/Form/BBox[0 0 600 800]", "q Q");
    let covered = page("[4 0 R 9 0 R]").replace("/Font", "/XObject<</O 10 0 R>>/Font");
    let doc = Doc::small()
        .with(3, &covered)
        .with(5, "<</Type/Font/Subtype/TrueType/FontDescriptor 20 0 R>>")
        .with(9, &stream("/O Do"))
        .with(10, &picture)
        .with(20, "<</Type/FontDescriptor/FontName/A/FontFile2 21 0 R>>")
        .with(21, &stream("digits"))
        .with(22, "<</Type/Pages/Kids[23 0 R]/Count 1>>")
        .with(23, &page("24 0 R").replace("2 0 R", "22 0 R"))
        .with(24, &stream(EVIL));
    let changes = [
        (
            "the overlay emptied",
            vec![(
                10,
                stream_with("/Type/XObject/Subtype/Form/BBox[0 0 1 1]", ""),
            )],
        ),
        ("the overlay not drawn", vec![(9, stream(" "))]),
        ("the overlay left out", vec![(3, page("4 0 R"))]),
        ("the font program", vec![(21, stream("others"))]),
        (
            "the descriptor",
            vec![(
                20,
                "<</Type/FontDescriptor/FontName/B/FontFile2 21 0 R>>".to_owned(),
            )],
        ),
        (
            "the hidden tree",
            vec![(1, catalog("").replace("2 0 R", "22 0 R"))],
        ),
        ("the hidden content", vec![(3, page("24 0 R"))]),
    ];
    hold(FORMAT, changed(&[("prepared", doc)], &changes));
}

#[test]
fn mdp_variants_never_pass() {
    let annotations = |text: &str| page("4 0 R").replace("7 0 R", text);
    let changes = [
        ("content", vec![(4, stream(EVIL))]),
        ("permissions removed", vec![(1, catalog(""))]),
        (
            "a direct note",
            vec![(3, annotations("7 0 R 30 0 R<</Subtype/Text>>"))],
        ),
        (
            "fields removed",
            vec![(6, "<</Fields[7 0 R]/SigFlags 3>>".to_owned())],
        ),
        (
            "an appearance",
            vec![(31, stream_with("/Subtype/Form/BBox[0 0 9 9]", EVIL))],
        ),
    ];
    let docs = [
        ("P 1", certified(form(), 1)),
        ("P 2", certified(form(), 2)),
        ("P 3", certified(form(), 3)),
    ];
    let mut family = changed(&docs, &changes);
    for (kind, doc) in &docs[..2] {
        let file = doc.sealed();
        for subtype in ["Text", "FreeText", "Stamp", "Ink", "Line", "Popup", "Link"] {
            let note =
                format!("<</Type/Annot/Subtype/{subtype}/Rect[60 100 200 200]/P 3 0 R/F 4>>");
            family.push((format!("{kind}: {subtype}"), annotated(&file, &note)));
        }
    }
    hold(FORMAT, family);
}

#[test]
fn dif_variants_never_pass() {
    let entries = [
        ("/Rotate", " 90"),
        ("/CropBox", "[0 0 10 10]"),
        ("/UserUnit", " 2"),
        ("/AA", "<</O<</S/JavaScript/JS(x)>>>>"),
        ("/Group", "<</S/Transparency>>"),
        ("/Tabs", "/Q"),
        ("/Contents", "[4 0 R 4 0 R]"),
        ("/MediaBox", "[0 0 10 10]"),
    ];
    let mut changes = Vec::new();
    for (key, value) in entries {
        let base = page("4 0 R");
        let base = match key {
            "/Contents" => base.replace("/Contents 4 0 R", ""),
            "/MediaBox" => base.replace("/MediaBox[0 0 595 842]", ""),
            _ => base,
        };
        let escaped: String = key
            .bytes()
            .skip(1)
            .map(|byte| format!("#{byte:02x}"))
            .collect();
        for key in [key.to_owned(), format!("/{escaped}")] {
            let body = base.replace("/Type/Page", &format!("/Type/Page{key}{value}"));
            changes.push((key, vec![(3, body)]));
        }
    }
    let changes: Vec<_> = changes
        .iter()
        .map(|(key, objects)| (key.as_str(), objects.clone()))
        .collect();
    hold(FORMAT, changed(&[("plain", Doc::small())], &changes));
}

/// A document whose rows are bent before it is signed.
fn bent(number: u32, by: isize) -> Vec<u8> {
    let objects = Doc::small().objects;
    let each = |own: Update, (number, body): (&u32, &String)| own.object(*number, body);
    let update = objects.iter().fold(Update::new(), each);
    let offset = update.rows[&number].offset();
    let offset = offset.checked_add_signed(by).unwrap();
    let generation = 0;
    let update = update.row(number, Row::At { offset, generation });
    seal(&update.table(), &world().ecdsa)
}

/// A document whose row of an object leads into the number of another.
fn inside(number: u32) -> Vec<u8> {
    let objects = Doc::small().objects;
    let other = 10 + number;
    let each = |own: Update, (number, body): (&u32, &String)| own.object(*number, body);
    let update = objects.iter().fold(Update::new(), each);
    let update = update.object(other, &objects[&number]);
    let (offset, generation) = (update.rows[&other].offset() + 1, 0);
    let row = Row::At { offset, generation };
    seal(&update.row(number, row).table(), &world().ecdsa)
}

#[test]
fn par_variants_never_pass() {
    let mut family = Vec::new();
    for number in [1, 2, 3, 4, 5, 6, 7] {
        family.push((format!("inside the number 1{number}"), inside(number)));
    }
    for number in [1, 2, 3, 4, 5, 6, 7, 8] {
        for by in [-9, -1, 1, 3] {
            family.push((format!("object {number} off by {by}"), bent(number, by)));
        }
    }
    for layout in LAYOUTS {
        let twice = [
            (1, "/Type/Catalog", "/Type/Catalog/Ty#70e/Catalog"),
            (6, "/SigFlags 3", "/SigFlags 3/SigFlags 3"),
            (7, "/FT/Sig", "/FT/Sig/#46T/Tx"),
            (8, "/Type/Sig", "/Type/Sig/Filter/Evil"),
        ];
        for (number, from, to) in twice {
            let doc = Doc::small().layout(layout).changed(number, from, to);
            family.push((format!("{to} in {layout:?}"), doc.sealed()));
        }
        for by in [-5, -1, 1, 5] {
            let open = Doc::small().layout(layout).open();
            let at = super::super::attack::pdf::last_startxref(&open);
            let wrong = at.checked_add_signed(by).unwrap().to_string();
            let open = super::super::attack::pdf::swapped(&open, &at.to_string(), &wrong);
            let file = seal(&open, &world().ecdsa);
            family.push((format!("startxref off by {by} in {layout:?}"), file));
        }
    }
    hold(FORMAT, family);
}

#[test]
fn bom_variants_never_pass() {
    let mut family = Vec::new();
    for layout in [Layout::Table, Layout::Packed] {
        for depth in [70, 500, 5_000, 50_000] {
            for (open, close) in [("[", "]"), ("<</A", ">>"), ("[<</A", ">>]")] {
                let body = format!("{}0{}", open.repeat(depth), close.repeat(depth));
                let doc = Doc::small()
                    .layout(layout)
                    .with(60, &body.replace("A0", "A 0"));
                let name = format!("{depth} of {open} in {layout:?}");
                family.push((name, doc.sealed()));
            }
        }
    }
    hold(FORMAT, family);
}
