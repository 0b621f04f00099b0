//! DIF, ways around the comparison of revisions: an object is only replaced where every way to it is
//! one that may change. Source: pyHanko's and iText's reports of such ways; ISO 32000-2, 7.3.

use super::super::attack::forms::{LOOK, TEXT, catalog, form, look, text_field};
use super::super::attack::identity::world;
use super::super::attack::pdf::{Update, find, stream, stream_with};
use super::super::attack::signed::{
    Doc, FORM, SIGNATURE, dictionary, field, page, page_with, seal,
};
use super::Case;

super::rows! {
    dif_01_an_appearance_is_page_content_too: shared_appearance;
    dif_02_an_old_signature_dictionary_serves_a_new_field: old_dictionary;
    dif_03_a_page_hides_behind_the_security_store: page_in_store;
    dif_04_metadata_is_no_plain_xml: metadata;
    dif_05_the_security_store_shrinks: shrinking_store;
    dif_06_trees_bite_their_tails: circles;
    dif_07_what_changes_is_reached_from_elsewhere: back_references;
    dif_08_the_signature_dictionary_is_rewritten: rewritten_signature;
    dif_09_types_change_but_not_what_they_say: types;
}

fn shared_appearance() -> Vec<Case> {
    let file = form()
        .with(3, &page_with("[4 0 R 31 0 R]", "7 0 R 30 0 R"))
        .sealed();
    let overwritten = Update::after(&file)
        .object(TEXT, &text_field("x", LOOK))
        .object(LOOK, &look("x"));
    let dictionary = "<</N 31 0 R>>";
    let shared = form()
        .with(35, dictionary)
        .with(TEXT, &text_field("", LOOK).replace(dictionary, " 35 0 R"))
        .with(
            3,
            &page("4 0 R")
                .replace("/Font<</F1 5 0 R>>", "/Font<</F1 5 0 R>>/XObject 35 0 R")
                .replace("7 0 R", "7 0 R 30 0 R"),
        )
        .sealed();
    let through = Update::after(&shared)
        .object(TEXT, &text_field("x", LOOK).replace(dictionary, " 35 0 R"))
        .object(35, "<</N 32 0 R>>")
        .object(32, &look("x"));
    vec![
        Case::format("a stream", overwritten.table(), "OBJECT_CHANGED"),
        Case::format("a dictionary", through.table(), "FIELD_CHANGED"),
    ]
}

fn old_dictionary() -> Vec<Case> {
    let file = Doc::small().sealed();
    let beside = |value: u32| {
        Update::after(&file)
            .object(3, &page_with("4 0 R", "7 0 R 17 0 R"))
            .object(FORM, "<</Fields[7 0 R 17 0 R]/SigFlags 3>>")
            .object(17, &field("Second", value))
            .table()
    };
    vec![
        Case::format(
            "the first signature's",
            beside(SIGNATURE),
            "SIGNATURE_NOT_NEW",
        ),
        Case::format("one that is none", beside(5), "SIGNATURE_NOT_NEW"),
        Case::format(
            "an old object as a field",
            Update::after(&file)
                .object(FORM, "<</Fields[7 0 R 5 0 R]/SigFlags 3>>")
                .table(),
            "FIELD_NOT_NEW",
        ),
    ]
}

fn page_in_store() -> Vec<Case> {
    let file = Doc::small().sealed();
    let evil = page("9 0 R");
    let update = |entry: &str| {
        Update::after(&file)
            .object(1, &catalog(entry))
            .object(3, &evil)
            .object(9, &stream("BT ET"))
            .table()
    };
    vec![
        Case::format(
            "in the store",
            update("/DSS<</Certs[3 0 R]>>"),
            "SECURITY_STORE_SHRUNK",
        ),
        Case::format(
            "as the store",
            update("/DSS 3 0 R"),
            "SECURITY_STORE_SHRUNK",
        ),
        Case::format("as metadata", update("/Metadata 3 0 R"), "METADATA_INVALID"),
        Case::format(
            "as an extension",
            update("/Extensions 3 0 R"),
            "CATALOG_CHANGED",
        ),
        Case::format(
            "as permissions",
            update("/Perms 3 0 R"),
            "PERMISSIONS_CHANGED",
        ),
    ]
}

const XMP: &str = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><a>1</a></x:xmpmeta>";

fn xmp(text: &str) -> String {
    stream_with("/Type/Metadata/Subtype/XML", text)
}

fn metadata() -> Vec<Case> {
    let told = |what: &str, file: Vec<u8>| Case {
        reason: "METADATA_CHANGED",
        ..Case::passes(what, file)
    };
    let file = Doc::small().sealed();
    let known = Doc::small()
        .with(1, &catalog("/Metadata 20 0 R"))
        .with(20, &xmp(XMP))
        .sealed();
    let added = |body: &str| {
        Update::after(&file)
            .object(1, &catalog("/Metadata 21 0 R"))
            .object(21, body)
            .table()
    };
    let replaced = |body: &str| Update::after(&known).object(20, body).table();
    let other = XMP.replace('1', "2");
    let entity = format!("<!DOCTYPE x [<!ENTITY e 'x'>]>{}", XMP.replace('1', "&e;"));
    let shared = Doc::small()
        .with(1, &catalog("/Metadata 20 0 R"))
        .with(3, &page("[4 0 R 20 0 R]"))
        .with(20, &xmp(XMP))
        .sealed();
    vec![
        told("added", added(&xmp(XMP))),
        told("replaced", replaced(&xmp(&other))),
        Case::format("no XML", added(&xmp("BT ET")), "METADATA_INVALID"),
        Case::format("entities", added(&xmp(&entity)), "METADATA_INVALID"),
        Case::format(
            "not well-formed",
            replaced(&xmp("<x:xmpmeta>")),
            "METADATA_INVALID",
        ),
        Case::format("no stream", added("<<>>"), "METADATA_INVALID"),
        Case::format("another kind", added(&stream(XMP)), "METADATA_INVALID"),
        Case::format(
            "drawn as content too",
            Update::after(&shared).object(20, &xmp(&other)).table(),
            "OBJECT_SHARED",
        ),
        Case::format(
            "removed",
            Update::after(&known).object(1, &catalog("")).table(),
            "METADATA_INVALID",
        ),
    ]
}

fn shrinking_store() -> Vec<Case> {
    let key = "0123456789ABCDEF0123456789ABCDEF01234567";
    let store = |certs: &str, more: &str| format!("<</Certs[{certs}]{more}>>");
    let vri = format!("/VRI<</{key}<</Cert[21 0 R]>>>>");
    let doc = Doc::small()
        .with(1, &catalog("/DSS 20 0 R"))
        .with(20, &store("21 0 R 22 0 R", &vri))
        .with(21, &stream("one"))
        .with(22, &stream("two"));
    let file = doc.sealed();
    let with = |body: &str| Update::after(&file).object(20, body);
    let case = |what, update: Update| Case::format(what, update.table(), "SECURITY_STORE_SHRUNK");
    let three = "21 0 R 22 0 R 23 0 R";
    let grown = |more: &str| with(&store(three, more)).object(23, &stream("three"));
    let new_key = format!(
        "/VRI<</{key}<</Cert[21 0 R]>>/{}<</Cert[23 0 R]>>>>",
        key.replace('0', "F")
    );
    let changed_key = vri.replace("21 0 R", "22 0 R");
    let shared = doc
        .clone()
        .with(3, &page("4 0 R").replace("/Type", "/Piece 20 0 R/Type"))
        .sealed();
    vec![
        Case::passes("grown", grown(&vri).table()),
        Case::passes("an entry added", grown(&new_key).table()),
        case("a certificate removed", with(&store("21 0 R", &vri))),
        case("an entry removed", with(&store("21 0 R 22 0 R", ""))),
        case(
            "an entry changed",
            with(&store("21 0 R 22 0 R", &changed_key)),
        ),
        case("a key that is none", grown("/VRI<</x<</Cert[23 0 R]>>>>")),
        case("a strange key", grown("/Evil 4 0 R")),
        case("no stream", with(&store(three, &vri)).object(23, "<<>>")),
        case(
            "the store removed",
            Update::after(&file).object(1, &catalog("")),
        ),
        Case::format(
            "a certificate overwritten",
            Update::after(&file).object(21, &stream("evil")).table(),
            "OBJECT_CHANGED",
        ),
        Case::format(
            "a store used elsewhere",
            Update::after(&shared)
                .object(20, &store(three, &vri))
                .object(23, &stream("three"))
                .table(),
            "OBJECT_SHARED",
        ),
    ]
}

fn circles() -> Vec<Case> {
    let file = form().sealed();
    let update = || Update::after(&file);
    let deep = format!("{}0{}", "[".repeat(5_000), "]".repeat(5_000));
    let kids = "<</Type/Pages/Kids[2 0 R]/Count 1>>";
    let own_kid = text_field("x", 32).replace("/FT", "/Kids[30 0 R]/FT");
    let look = look("x").replace("/F1 5 0 R", "/F1 32 0 R");
    let signed = |body: &str| {
        let update = Update::after(&Doc::small().sealed())
            .object(3, &page_with("4 0 R", "7 0 R 17 0 R"))
            .object(FORM, "<</Fields[7 0 R 17 0 R]/SigFlags 3>>")
            .object(18, &dictionary("ETSI.CAdES.detached", ""))
            .object(19, body);
        let field = field("Second", 18).replace("/F 132", "/MK 19 0 R/F 132");
        seal(&update.object(17, &field).table(), &world().rsa)
    };
    vec![
        Case::format("pages", update().object(2, kids).table(), "STRUCTURE"),
        Case::format(
            "fields",
            update().object(TEXT, &own_kid).object(32, &look).table(),
            "FIELD_INVALID",
        ),
        Case::format(
            "an appearance that uses itself",
            update()
                .object(TEXT, &text_field("x", 32))
                .object(32, &look)
                .table(),
            "FIELD_APPEARANCE_UNREAD",
        ),
        Case::passes("objects of a new field", signed("<</R[19 0 R 19 0 R]>>")),
        Case::format(
            "depth",
            update().object(40, &deep).table(),
            "LIMIT_EXCEEDED",
        ),
    ]
}

fn back_references() -> Vec<Case> {
    let array = "[7 0 R 30 0 R]";
    let list = "[7 0 R 30 0 R 17 0 R]";
    let shared = |extra: &str| {
        form()
            .with(FORM, "<</Fields 36 0 R/SigFlags 3>>")
            .with(36, array)
            .with(
                3,
                &page_with("4 0 R", "7 0 R 30 0 R").replace("/Type", &format!("{extra}/Type")),
            )
            .sealed()
    };
    let grown = |file: &[u8]| {
        let update = Update::after(file)
            .object(36, list)
            .object(17, &field("Second", 18))
            .object(18, &dictionary("ETSI.CAdES.detached", ""));
        seal(&update.table(), &world().rsa)
    };
    let used = form()
        .with(
            3,
            &page_with("4 0 R", "7 0 R 30 0 R").replace("/Font<</F1 5 0 R>>", "/Font 30 0 R"),
        )
        .sealed();
    let filled = Update::after(&used)
        .object(TEXT, &text_field("x", 32))
        .object(32, &look("x"));
    vec![
        Case::passes("a list reached once", grown(&shared(""))),
        Case::format(
            "a list that is a page's too",
            grown(&shared("/B 36 0 R")),
            "OBJECT_SHARED",
        ),
        Case::format(
            "a field that is a font list too",
            filled.table(),
            "OBJECT_SHARED",
        ),
    ]
}

fn rewritten_signature() -> Vec<Case> {
    let file = Doc::small().sealed();
    let start = find(&file, "8 0 obj\n", 0) + "8 0 obj\n".len();
    let body = String::from_utf8_lossy(&file[start..find(&file, "\nendobj", start)]).into_owned();
    [
        "/Reason(forged)",
        "/Name(Somebody)",
        "/Location(Elsewhere)",
        "/M(D:20250101000000Z)",
    ]
    .into_iter()
    .map(|entry| {
        let plain = body.replace("/M(D:20260105104107+07'00')", "");
        let body = plain.replacen("<<", &format!("<<{entry}"), 1);
        let file = Update::after(&file).object(SIGNATURE, &body).table();
        Case::format(entry, file, "BYTE_RANGE_GAP")
    })
    .collect()
}

fn types() -> Vec<Case> {
    let file = Doc::small().sealed();
    let page = page("4 0 R");
    let update = |from: &str, to: &str| {
        assert!(page.contains(from), "{from}");
        Update::after(&file).object(3, &page.replace(from, to))
    };
    let font_entries = "/Type/Font/Subtype/Type1/BaseFont/Times-Roman";
    let content = super::super::attack::signed::CONTENT;
    vec![
        Case::passes(
            "escapes in a name",
            update("/MediaBox", "/Media#42ox").table(),
        ),
        Case::passes(
            "a null key",
            update("/Type/Page", "/Type/Page/AA null").table(),
        ),
        Case::passes(
            "a value in another order",
            Update::after(&file)
                .object(5, "<</BaseFont/Times-Roman/Subtype/Type1/Type/Font>>")
                .table(),
        ),
        Case::passes(
            "a stream written again",
            Update::after(&file).object(4, &stream(content)).table(),
        ),
        Case::format(
            "another number",
            update("595", "595.001").table(),
            "PAGE_CHANGED",
        ),
        Case::format(
            "a string as a name",
            update("/Page/", "(Page)/").table(),
            "PAGE_CHANGED",
        ),
        Case::format(
            "a stream as a dictionary",
            Update::after(&file).object(4, "<</Length 45>>").table(),
            "OBJECT_CHANGED",
        ),
        Case::format(
            "a dictionary as a stream",
            Update::after(&file)
                .object(5, &stream_with(font_entries, ""))
                .table(),
            "OBJECT_CHANGED",
        ),
    ]
}
