//! Secrecy markings on the first page: found wherever a viewer shows them, and nothing else is.

use lienthong::pades;

use super::support::bytes::{document, page, small_document, stream};
use super::support::{documents, signed};

fn found(file: Vec<u8>) -> Option<&'static str> {
    let seen = pades::inspect(&file).unwrap().marking;
    assert_eq!(seen, pades::secrecy_marking(&file));
    seen
}

/// A page with this content and these further objects; Latin letters only.
fn shown(content: &str, page: String, more: &[(u32, String)]) -> Vec<u8> {
    let font = "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>";
    let mut objects = vec![
        (1, "<</Type/Catalog/Pages 2 0 R>>".to_owned()),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
        (3, page),
        (4, stream(content)),
        (5, font.to_owned()),
    ];
    objects.extend_from_slice(more);
    document(&objects)
}

fn plain(content: &str) -> Vec<u8> {
    shown(content, page("4 0 R"), &[])
}

fn lines(texts: &[&str]) -> Vec<u8> {
    let lines = texts.iter().map(|text| format!("({text}) Tj T* "));
    let text: String = lines.collect();
    plain(&format!("BT /F1 13 Tf 16 TL 72 700 Td {text}ET"))
}

#[test]
fn a_marking_on_a_line_of_its_own_is_found() {
    assert_eq!(found(lines(&["UBND XA", "MAT", "So 15"])), Some("MẬT"));
    assert_eq!(found(lines(&["TOI  MAT"])), Some("TỐI MẬT"));
    assert_eq!(found(lines(&["[T U Y E T   M A T]"])), Some("TUYỆT MẬT"));
}

#[test]
fn letters_placed_one_by_one_are_a_marking_too() {
    let spaced = "BT /F1 13 Tf 72 700 Td (M) Tj 40 0 Td (A) Tj 40 0 Td (T) Tj ET";
    assert_eq!(found(plain(spaced)), Some("MẬT"));
}

#[test]
fn a_marking_beside_another_column_is_found() {
    let beside = "BT /F1 13 Tf 72 700 Td (MAT) Tj 250 0 Td (Gia Lai, ngay 05) Tj ET";
    assert_eq!(found(plain(beside)), Some("MẬT"));
}

#[test]
fn accents_are_read_through_the_font() {
    let map = "beginbfchar <01> <004D> <02> <1EAC> <03> <0054> <04> <0041> <05> <0302> <06> <0323> endbfchar";
    let font = "<</Type/Font/Subtype/Type1/BaseFont/X/ToUnicode 7 0 R>>".to_owned();
    for codes in ["<010203>", "<0104060503>"] {
        let content = format!("BT /F2 13 Tf 72 700 Td {codes} Tj ET");
        let page = page("4 0 R").replace("/F1 5 0 R", "/F1 5 0 R/F2 6 0 R");
        let more = [(6, font.clone()), (7, stream(map))];
        assert_eq!(found(shown(&content, page, &more)), Some("MẬT"), "{codes}");
    }
}

#[test]
fn a_stamp_drawn_as_a_form_or_laid_over_the_page_is_found() {
    let look = |text: &str| {
        let data = format!("BT /F1 13 Tf 2 2 Td ({text}) Tj ET");
        format!(
            "<</Type/XObject/Subtype/Form/BBox[0 0 90 20]/Resources<</Font<</F1 5 0 R>>>>\
             /Length {}>>\nstream\n{data}\nendstream",
            data.len()
        )
    };
    let drawn = page("4 0 R").replace("/Resources<<", "/Resources<</XObject<</S 6 0 R>>");
    let more = [(6, look("TOI MAT"))];
    assert_eq!(
        found(shown("q 1 0 0 1 72 700 cm /S Do Q", drawn, &more)),
        Some("TỐI MẬT")
    );
    let laid = page("4 0 R").replace("/Resources", "/Annots[7 0 R]/Resources");
    let stamp = "<</Type/Annot/Subtype/Stamp/Rect[72 700 162 720]/AP<</N 6 0 R>>>>";
    let more = [(6, look("TUYET MAT")), (7, stamp.to_owned())];
    assert_eq!(found(shown("BT ET", laid, &more)), Some("TUYỆT MẬT"));
}

#[test]
fn a_form_that_draws_itself_ends() {
    let circle = "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</S 6 0 R>>>>\
                  /Length 12>>\nstream\n/S Do /S Do \nendstream";
    let drawn = page("4 0 R").replace("/Resources<<", "/Resources<</XObject<</S 6 0 R>>");
    let more = [(6, circle.to_owned())];
    assert_eq!(found(shown("/S Do", drawn, &more)), None);
}

#[test]
fn ordinary_documents_are_not_secret() {
    assert_eq!(found(small_document()), None);
    assert_eq!(found(signed(&small_document(), "agencies/iadom")), None);
    assert_eq!(
        found(lines(&["QUY CHE BAO MAT", "Mat do", "MATH", "FORMAT"])),
        None
    );
    for path in documents() {
        assert_eq!(found(std::fs::read(&path).unwrap()), None, "{path:?}");
    }
}
