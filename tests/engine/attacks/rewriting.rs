//! DIF, an object written again in other tokens of "the same" value: readers take an integer and a
//! real number, a reference and a copy, for different things. Source: ISO 32000-2, 7.3 and 8.11.

use super::super::attack::forms::catalog;
use super::super::attack::pdf::{Update, stream, stream_with};
use super::super::attack::signed::{Doc, page};
use super::Case;

super::rows! {
    dif_09_an_integer_is_written_again_as_a_real: reals;
    dif_09_a_reference_is_written_again_as_a_copy: copies;
    dif_09_a_direct_value_is_moved_into_an_object: moved;
    dif_09_a_box_keeps_its_numbers: boxes;
}

const IMAGE: &str = "/Type/XObject/Subtype/Image/Width 2/Height 2/ColorSpace/DeviceGray";
const LAYER: &str = "<</Type/OCG/Name(layer)>>";
const LAYERS: &str = "<</OCGs[26 0 R]/D<</OFF[26 0 R]/Order[]>>>>";
const MEMBERS: &str = "<</Type/OCMD/OCGs[26 0 R]/P/AllOn>>";

/// A document with much that a reader looks up by type or identity.
fn rich() -> Doc {
    let resources = "/Resources<</Font<</F1 5 0 R>>/XObject<</I 20 0 R>>/Properties<</M 27 0 R>>>>";
    let body = page("4 0 R")
        .replace("/Resources<</Font<</F1 5 0 R>>>>", resources)
        .replace("/MediaBox", "/Rotate 0/UserUnit 1.0/MediaBox")
        .replace("7 0 R]", "7 0 R 23 0 R]");
    let look = stream_with("/Type/XObject/Subtype/Form/BBox[0 0 9 9]", "");
    Doc::small()
        .with(1, &catalog("/OCProperties 25 0 R"))
        .with(3, &body)
        .with(
            5,
            "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman/Encoding 21 0 R>>",
        )
        .with(
            20,
            &stream_with(&format!("{IMAGE}/BitsPerComponent 8"), "abcd"),
        )
        .with(21, "<</Type/Encoding/Differences[49/one 49/nine]>>")
        .with(
            23,
            "<</Type/Annot/Subtype/FreeText/Rect[72 600 500 640]/F 2/AP<</N 24 0 R>>>>",
        )
        .with(24, &look)
        .with(25, LAYERS)
        .with(26, LAYER)
        .with(27, MEMBERS)
}

/// A case for each replacement in an object of [`rich`].
fn rewritten(acts: &[(&str, u32, &str, &str, &'static str)]) -> Vec<Case> {
    let doc = rich();
    let file = doc.sealed();
    let case = |(what, number, from, to, code): &(&str, u32, &str, &str, &'static str)| {
        let body = &doc.clone().changed(*number, from, to).objects[number];
        let update = Update::after(&file)
            .object(*number, body)
            .object(40, "/OCMD")
            .object(41, "[26 0 R]")
            .object(42, "[0 0 595 842]");
        let used = |object: u32| body.contains(&format!("{object} 0 R"));
        let update = update.but(|update| {
            update
                .rows
                .retain(|object, _| *object < 40 || used(*object))
        });
        Case::format(*what, update.table(), code)
    };
    acts.iter().map(case).collect()
}

fn reals() -> Vec<Case> {
    rewritten(&[
        (
            "depth of an image",
            20,
            "ponent 8",
            "ponent 8.0",
            "OBJECT_CHANGED",
        ),
        (
            "code of a character",
            21,
            "one 49",
            "one 49.0",
            "OBJECT_CHANGED",
        ),
        (
            "flags of an annotation",
            23,
            "/F 2",
            "/F 2.0",
            "OBJECT_CHANGED",
        ),
        (
            "rotation of a page",
            3,
            "/Rotate 0",
            "/Rotate 0.0",
            "PAGE_CHANGED",
        ),
        (
            "a unit as an integer",
            3,
            "Unit 1.0",
            "Unit 1",
            "PAGE_CHANGED",
        ),
        (
            "a unit with more digits",
            3,
            "Unit 1.0",
            "Unit 1.00",
            "PAGE_CHANGED",
        ),
        ("a box", 3, "595", "595.0", "PAGE_CHANGED"),
    ])
}

fn copies() -> Vec<Case> {
    let changed = "OBJECT_CHANGED";
    rewritten(&[
        (
            "a layer that is off",
            25,
            "OFF[26 0 R]",
            "OFF[<</Type/OCG/Name(layer)>>]",
            changed,
        ),
        (
            "a layer of the list",
            25,
            "OCGs[26 0 R]",
            "OCGs[<</Type/OCG/Name(layer)>>]",
            changed,
        ),
        (
            "a layer of a membership",
            27,
            "26 0 R",
            "<</Type/OCG/Name(layer)>>",
            changed,
        ),
        (
            "an encoding",
            5,
            "21 0 R",
            "<</Type/Encoding/Differences[49/one 49/nine]>>",
            changed,
        ),
        (
            "a font of a page",
            3,
            "5 0 R",
            "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman/Encoding 21 0 R>>",
            "PAGE_CHANGED",
        ),
    ])
}

fn moved() -> Vec<Case> {
    rewritten(&[
        ("a type", 27, "/OCMD", " 40 0 R", "OBJECT_CHANGED"),
        (
            "a list of layers",
            27,
            "[26 0 R]",
            " 41 0 R",
            "OBJECT_CHANGED",
        ),
        ("a box", 3, "[0 0 595 842]", " 42 0 R", "PAGE_CHANGED"),
    ])
}

/// Some programs write the real numbers of a page's boxes shorter.
fn boxes() -> Vec<Case> {
    let real = page("4 0 R").replace("[0 0 595 842]", "[0.0 -.0 595.0 842.50]");
    let file = Doc::small().with(3, &real).sealed();
    let with = |numbers: &str| {
        let body = page("4 0 R").replace("[0 0 595 842]", numbers);
        Update::after(&file).object(3, &body).table()
    };
    let content = super::super::attack::signed::CONTENT;
    vec![
        Case::passes("shorter", with("[0 0 595 842.5]")),
        Case::passes("the same", with("[0.0 -.0 595.0 842.50]")),
        Case::passes(
            "its contents again",
            Update::after(&file).object(4, &stream(content)).table(),
        ),
        Case::format("another number", with("[0 0 595 842.6]"), "PAGE_CHANGED"),
        Case::format("other corners", with("[595 842.5 0 0]"), "PAGE_CHANGED"),
        Case::format("three numbers", with("[0 0 595]"), "PAGE_CHANGED"),
    ]
}
