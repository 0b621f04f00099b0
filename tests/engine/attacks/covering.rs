//! EAA, annotations a certification permits: none of them may touch what pages, fields and marks show,
//! however it is drawn. Source: "Breaking the Specification: PDF Certification" (IEEE S&P 2021).

use super::super::attack::forms::{annotated, certified, form, look};
use super::super::attack::judge::PASSED;
use super::super::attack::pdf::{Update, stream, stream_with};
use super::super::attack::signed::{Doc, page_with};
use super::Case;
use super::certification::{BESIDE, HIDES, note};

super::rows! {
    eaa_01_annotations_draw_further_than_their_box: far_reaching;
    eaa_01_annotations_over_marks_and_fields: over_annotations;
    eaa_01_annotations_over_what_is_drawn: over_drawings;
}

/// Annotations that draw further than their rectangle says.
fn far_reaching() -> Vec<Case> {
    let file = certified(form(), 3).sealed();
    let with = |kind: &str, more: &str| {
        let note = note(kind, "10 10 20 20", more);
        Case::format(format!("{kind}{more}"), annotated(&file, &note), HIDES)
    };
    let beside = |kind: &str, more: &str| Case {
        reason: "CHANGED_BY_ANNOTATION",
        ..with(kind, more)
    };
    let passes = |kind: &str, more: &str| Case {
        verdict: PASSED,
        ..beside(kind, more)
    };
    let quads = "/QuadPoints[72 725 300 725 72 690 300 690]/C[0 0 0]";
    vec![
        with("Line", "/L[70 708 400 708]/C[1 1 1]/BS<</W 40>>"),
        with("Line", "/L[70 650 400 650]/BS<</W 20>>"),
        with("Line", "/L[70 600 400 600]/LL 100"),
        with("Highlight", quads),
        with("Polygon", "/Vertices[60 690 300 690 300 730]"),
        with("Ink", "/InkList[[12 12 15 15][70 705 400 705]]"),
        with("Ink", "/InkList[12 (x)]"),
        with("Square", "/Border[0 0 900]"),
        with("Line", "/L 99 0 R/BS<</W (40)>>"),
        passes("Line", "/L[70 300 180 300]/BS<</W 2>>"),
        passes("Ink", "/InkList[[12 12 15 15]]"),
    ]
}

/// An annotation touches another annotation, a field or the mark of a signature.
fn over_annotations() -> Vec<Case> {
    let marked = certified(form(), 3)
        .with(
            7,
            "<</Type/Annot/Subtype/Widget/FT/Sig/T(S)/F 132/Rect[300 100 500 160]/P 3 0 R/V 8 0 R\
             /AP<</N 19 0 R>>>>",
        )
        .with(19, &look("signed"))
        .sealed();
    let over = |rect: &str| annotated(&marked, &note("FreeText", rect, ""));
    let two = Update::after(&marked)
        .object(3, &page_with("4 0 R", "7 0 R 30 0 R 40 0 R 41 0 R"))
        .object(40, &note("Square", BESIDE, ""))
        .object(41, &note("Square", "190 190 250 250", ""));
    vec![
        Case::format("over the mark", over("290 90 510 170"), HIDES),
        Case::format("over its edge", over("480 150 520 180"), HIDES),
        Case::format("over a field", over("190 410 210 430"), HIDES),
        Case::format("over each other", two.table(), HIDES),
        Case::passes("beside them", over(BESIDE)),
    ]
}

/// A certified page with this content, and a white square over its upper part.
fn covered(content: &str, more: &str) -> Vec<u8> {
    let page = page_with("4 0 R", "7 0 R 30 0 R");
    let page = page.replace("/Font<<", &format!("{more}/Font<</T3 9 0 R"));
    let font = "<</Type/Font/Subtype/Type3/FontBBox[0 0 1 1]/FontMatrix[24 0 0 24 0 0]\
                /CharProcs<</a 10 0 R>>/Encoding<</Differences[97/a]>>/FirstChar 97/LastChar 97\
                /Widths[1]/Resources<<>>>>";
    let form = "/Type/XObject/Subtype/Form/BBox[0 0 300 300]/Matrix[1 0 0 1 60 500]";
    let image = "/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray\
                 /BitsPerComponent 8";
    let file = certified(form_of(content), 3)
        .with(3, &page)
        .with(9, font)
        .with(10, &stream("1 0 d0 0.1 0 0.8 0.9 re f"))
        .with(11, &stream_with(form, "0 0 m 20 220 l 30 200 l 9 w S"))
        .with(12, &stream_with(image, "x"))
        .sealed();
    Update::after(&file)
        .object(3, &page.replace("30 0 R", "30 0 R 40 0 R"))
        .object(40, &note("Square", "60 680 420 740", "/IC[1 1 1]"))
        .table()
}

fn form_of(content: &str) -> Doc {
    form().with(4, &stream(content))
}

/// Text that is drawn in ways the letters of a page do not show.
fn over_drawings() -> Vec<Case> {
    let case =
        |what: &str, content: &str, more: &str| Case::format(what, covered(content, more), HIDES);
    let clear = |what: &str, content: &str, more: &str| Case {
        verdict: PASSED,
        reason: "CHANGED_BY_ANNOTATION",
        ..case(what, content, more)
    };
    let deep = format!(
        "{}0.1 0 0 0.1 0 0 cm q 10 0 0 10 0 0 cm Q BT /F1 240 Tf 720 7000 Td (Pay) Tj ET",
        "q ".repeat(64)
    );
    let deeper = format!("{}BT ET", "q ".repeat(2_000));
    let image = "/XObject<</I 12 0 R>>";
    vec![
        case("paths", "72 700 m 80 720 l 90 700 l 4 w S", ""),
        case("a bar", "110 700 20 24 re f", ""),
        case(
            "a font of the graphics state",
            "BT /G gs 30 700 Td (Pay 1000 dong to A) Tj ET",
            "/ExtGState<</G<</Font[5 0 R 24]>>>>",
        ),
        case(
            "letters that are procedures",
            "BT /T3 1 Tf 40 700 Td (aaaaaaaa) Tj ET",
            "",
        ),
        case("a deep stack", &deep, ""),
        case("a stack too deep to follow", &deeper, ""),
        case("a form", "/X Do", "/XObject<</X 11 0 R>>"),
        case("an image", "50 0 0 50 400 690 cm /I Do", image),
        case("a shading", "/S sh", "/Shading<</S 99 0 R>>"),
        case("an operator nobody knows", "1 2 evil", ""),
        case("an unknown font", "BT /F9 9 Tf (x) Tj ET", ""),
        case("a small box", "70 690 12 12 re f", ""),
        clear("an image elsewhere", "50 0 0 50 500 780 cm /I Do", image),
        clear("on a plain ground", "1 g 0 0 595 842 re f", ""),
        clear(
            "beside a clipped form",
            "q 0 0 50 50 re W n /X Do Q",
            "/XObject<</X 11 0 R>>",
        ),
    ]
}
