//! The look at a file before its first signature: each thing is noticed, clean files are clean.

use lienthong::pades;

use super::support::bytes::{document, page, small_document, stream, updated};
use super::support::{documents, signed};

fn codes(file: &[u8]) -> Vec<&'static str> {
    let report = pades::lint(&file.to_vec());
    report
        .findings
        .iter()
        .map(|finding| finding.check)
        .collect()
}

/// The small document with other objects in place of its own or beside them.
fn with(objects: &[(u32, &str)]) -> Vec<u8> {
    let mut all = vec![
        (1, "<</Type/Catalog/Pages 2 0 R>>".to_owned()),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
        (3, page("4 0 R")),
        (4, stream("BT /F1 24 Tf 72 700 Td (So 15/UBND-VP) Tj ET")),
        (
            5,
            "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>".to_owned(),
        ),
    ];
    for (number, body) in objects {
        all.retain(|(known, _)| known != number);
        all.push((*number, (*body).to_owned()));
    }
    document(&all)
}

fn annotated(annotation: &str) -> Vec<u8> {
    let page = page("4 0 R").replace("/Type/Page", "/Type/Page/Annots[6 0 R]");
    let look = "<</Subtype/Form/BBox[0 0 9 9]/Length 0>>\nstream\n\nendstream";
    with(&[(3, &page), (6, annotation), (7, look)])
}

#[test]
fn documents_as_office_programs_write_them_are_clean() {
    for path in documents() {
        let file = std::fs::read(&path).unwrap();
        assert_eq!(codes(&file), [""; 0], "{}", path.display());
    }
    assert_eq!(codes(&small_document()), [""; 0]);
}

#[test]
fn layers_are_noticed() {
    let file = with(&[(
        1,
        "<</Type/Catalog/Pages 2 0 R/OCProperties<</OCGs[]/D<<>>>>>>",
    )]);
    assert_eq!(codes(&file), ["LAYERS_PRESENT"]);
}

#[test]
fn active_content_of_every_kind_is_noticed() {
    for catalog in [
        "/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>",
        "/OpenAction<</S/Launch/F(x)>>",
        "/Names<</EmbeddedFiles<</Names[]>>>>",
        "/AA<</WC<</S/Named/N/Print>>>>",
        "/AcroForm<</Fields[]/XFA(x)>>",
    ] {
        let file = with(&[(1, &format!("<</Type/Catalog/Pages 2 0 R{catalog}>>"))]);
        assert!(codes(&file).contains(&"ACTIVE_CONTENT"), "{catalog}");
    }
    let film = "<</Type/Annot/Subtype/RichMedia/Rect[0 0 9 9]>>";
    assert!(codes(&annotated(film)).contains(&"ACTIVE_CONTENT"));
    let jump = with(&[(1, "<</Type/Catalog/Pages 2 0 R/OpenAction[3 0 R/Fit]>>")]);
    assert_eq!(codes(&jump), [""; 0], "a place to open at is no action");
}

#[test]
fn second_roots_and_hidden_pages_are_noticed() {
    let file = with(&[(6, "<</Type/Catalog/Pages 2 0 R>>")]);
    assert_eq!(codes(&file), ["SECOND_CATALOG", "OBJECTS_UNREFERENCED"]);
    let hidden = page("4 0 R");
    let file = with(&[
        (6, "<</Type/Pages/Kids[7 0 R]/Count 1>>"),
        (7, hidden.as_str()),
    ]);
    assert_eq!(codes(&file), ["HIDDEN_PAGE", "OBJECTS_UNREFERENCED"]);
}

#[test]
fn unused_and_missing_objects_are_noticed() {
    assert_eq!(codes(&with(&[(6, "(x)")])), ["OBJECTS_UNREFERENCED"]);
    let waiting = page("[4 0 R 250 0 R]");
    assert_eq!(codes(&with(&[(3, &waiting)])), ["OBJECTS_MISSING"]);
}

#[test]
fn earlier_updates_are_noticed_until_a_signature_stands() {
    let changed = updated(&small_document(), &[(4, stream("BT ET"))], "1 0 R");
    assert_eq!(codes(&changed), ["EARLIER_UPDATES"]);
    let file = signed(&small_document(), "agencies/gialai");
    assert_eq!(codes(&file), [""; 0], "the updates of signatures are none");
}

#[test]
fn annotations_over_text_and_over_each_other_are_noticed() {
    let over = "<</Type/Annot/Subtype/Square/Rect[60 680 200 730]/AP<</N 7 0 R>>>>";
    assert_eq!(codes(&annotated(over)), ["ANNOTATION_OVER_CONTENT"]);
    let beside = "<</Type/Annot/Subtype/Square/Rect[60 100 200 200]/AP<</N 7 0 R>>>>";
    assert_eq!(codes(&annotated(beside)), [""; 0]);
    let page = page("4 0 R").replace("/Type/Page", "/Type/Page/Annots[6 0 R 7 0 R]");
    let file = with(&[
        (3, page.as_str()),
        (6, "<</Subtype/Square/Rect[60 100 200 200]>>"),
        (7, "<</Subtype/Square/Rect[190 190 300 300]>>"),
    ]);
    assert_eq!(codes(&file), ["ANNOTATIONS_OVERLAP"]);
}

#[test]
fn an_empty_field_that_looks_signed_is_noticed() {
    let field = "<</Type/Annot/Subtype/Widget/FT/Sig/T(S)/Rect[60 100 200 200]/AP<</N 7 0 R>>>>";
    assert_eq!(codes(&annotated(field)), ["LOOKS_SIGNED"]);
}

#[test]
fn a_field_that_shows_something_else_than_its_value_is_noticed() {
    let page = page("4 0 R").replace("/Type/Page", "/Type/Page/Annots[6 0 R]");
    let field = "<</Subtype/Widget/FT/Tx/T(sum)/V(9000)/Rect[60 100 200 200]/AP<</N 7 0 R>>>>";
    let form = "<</Subtype/Form/BBox[0 0 140 100]/Resources<</Font<</F1 5 0 R>>>>";
    let look =
        |shown: &str| stream(&format!("BT /F1 9 Tf ({shown}) Tj ET")).replacen("<<", form, 1);
    let file = |shown: &str| {
        let look = look(shown);
        with(&[(3, page.as_str()), (6, field), (7, look.as_str())])
    };
    assert_eq!(codes(&file("1000")), ["VALUE_NOT_SHOWN"]);
    assert_eq!(codes(&file("9000")), [""; 0]);
}

#[test]
fn encrypted_files_and_late_headers_are_named() {
    let encrypted = super::support::file("fixtures/broken/encrypted.pdf");
    assert_eq!(codes(&encrypted), ["ENCRYPTED"]);
    let mut late = b"junk\n".to_vec();
    late.extend(small_document());
    assert_eq!(codes(&late), ["NOT_A_PDF", "HEADER_NOT_FIRST"]);
    assert!(!pades::lint(&late).readable);
}

#[test]
fn the_same_file_gives_the_same_line() {
    let file = with(&[(6, "(x)"), (7, "(y)")]);
    let line = |file: &Vec<u8>| {
        let language = lienthong::domain::language::Language::English;
        pades::lint(file).to_json("a.pdf", 1, language)
    };
    assert_eq!(line(&file), line(&file));
    let value: serde_json::Value = serde_json::from_str(&line(&file)).unwrap();
    assert_eq!(value["schema"], "lienthong.lint/1");
    assert_eq!(value["clean"], false);
    assert_eq!(value["findings"][0]["check"], "OBJECTS_UNREFERENCED");
}
