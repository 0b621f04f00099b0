//! Rules of ours that other verifiers do not have: changes and structures that would pass there.
//! Each stands with its reason in the table of stricter verdicts on the page about signatures.

use super::super::attack::forms::{LOOK, TEXT, catalog, certified, form, look, text_field};
use super::super::attack::pdf::{Update, stream_with};
use super::super::attack::signed::{Doc, FORM, field, page_with};
use super::Case;

super::rows! {
    own_rules_about_objects_and_information: objects;
    own_rules_about_fields: fields;
    own_rules_about_metadata: metadata;
}

fn objects() -> Vec<Case> {
    let file = form().sealed();
    let update = || Update::after(&file);
    let titled = |title: &str| format!("<</Title({title})>>");
    let informed = Doc {
        trailer: "/Root 1 0 R/Info 20 0 R".to_owned(),
        ..form().with(20, &titled("One"))
    };
    let informed = informed.sealed();
    let retitled = Update::after(&informed)
        .but(|update| update.trailer.push_str("/Info 20 0 R"))
        .object(20, &titled("Two"));
    vec![
        Case::format(
            "an object nobody refers to",
            update().object(40, "(x)").table(),
            "OBJECT_UNEXPLAINED",
        ),
        Case::format("a title", retitled.table(), "INFORMATION_CHANGED"),
        Case::format(
            "marked content declared",
            update()
                .object(1, &catalog("/MarkInfo<</Marked true>>"))
                .table(),
            "CATALOG_CHANGED",
        ),
    ]
}

fn fields() -> Vec<Case> {
    let file = form().sealed();
    let update = || Update::after(&file);
    let form_of = |more: &str| format!("<</Fields[7 0 R 30 0 R]/SigFlags 3{more}>>");
    let filled = |more: &str| {
        let field = text_field("x", 32).replace("/FT/Tx", &format!("/FT/Tx{more}"));
        update().object(TEXT, &field).object(32, &look("x")).table()
    };
    let in_place = update()
        .object(TEXT, &text_field("x", LOOK))
        .object(LOOK, &look("y"));
    let unsigned = field("Second", 18).replace("/V 18 0 R", "");
    let waiting = Update::after(&Doc::small().sealed())
        .object(3, &page_with("4 0 R", "7 0 R 17 0 R"))
        .object(FORM, "<</Fields[7 0 R 17 0 R]/SigFlags 3>>")
        .object(17, &unsigned);
    let appearances = form_of("/NeedAppearances true");
    vec![
        Case::format(
            "appearances to be made by viewers",
            update().object(FORM, &appearances).table(),
            "FORM_CHANGED",
        ),
        Case::format("filled with another look", filled("/Q 2"), "FIELD_CHANGED"),
        Case::format("filled and hidden", filled("/Ff 1"), "FIELD_CHANGED"),
        Case::format(
            "an appearance overwritten with another text",
            in_place.table(),
            "FIELD_VALUE_HIDDEN",
        ),
        Case::format(
            "an unsigned field, invisible",
            waiting.table(),
            "FIELD_NOT_A_SIGNATURE",
        ),
    ]
}

fn metadata() -> Vec<Case> {
    let text = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><a>1</a></x:xmpmeta>";
    let xmp = |text: &str| stream_with("/Type/Metadata/Subtype/XML", text);
    let named = "/Perms<</DocMDP 8 0 R>>/Metadata 20 0 R";
    let file = certified(form(), 1)
        .with(1, &catalog(named))
        .with(20, &xmp(text))
        .sealed();
    let replaced = Update::after(&file).object(20, &xmp(&text.replace('1', "2")));
    vec![Case::format(
        "replaced although nothing may change",
        replaced.table(),
        "FORBIDDEN_BY_CERTIFICATION",
    )]
}
