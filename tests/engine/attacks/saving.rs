//! ISA, incremental saving attacks: whatever is appended after a signature is found, however the
//! update is written. Source: "1 Trillion Dollar Refund" (CCS 2019).

use super::super::attack::identity::world;
use super::super::attack::pdf::{Row, Update, find, last_startxref, rfind, stream, swapped};
use super::super::attack::signed::{
    Doc, FORM, Layout, SIGNATURE, field, hole, page, page_with, seal, second, with_range,
};
use super::Case;

super::rows! {
    isa_01_an_update_replaces_the_content: replaced_content;
    isa_02_objects_follow_without_a_section: loose_objects;
    isa_03_a_trailer_follows_without_a_section: loose_trailer;
    isa_04_the_signature_is_copied_into_an_update: copied_signature;
    isa_05_the_file_is_appended_to_itself: doubled_file;
    isa_06_the_trailer_alone_names_another_catalog: other_catalog;
    isa_07_a_change_is_made_and_undone: made_and_undone;
    isa_08_a_hybrid_section_hides_an_object: hidden_in_a_hybrid;
    isa_09_objects_are_freed_or_reborn: freed_objects;
    isa_10_pages_come_and_go: pages;
}

const EVIL: &str = "BT /F1 24 Tf 72 700 Td (So 99/UBND-VP) Tj ET";

fn sealed() -> Vec<u8> {
    Doc::small().sealed()
}

fn replaced_content() -> Vec<Case> {
    let mut cases = Vec::new();
    for layout in [
        Layout::Table,
        Layout::Stream,
        Layout::Packed,
        Layout::Hybrid,
    ] {
        let file = Doc::small().layout(layout).sealed();
        let update = || Update::after(&file).object(4, &stream(EVIL));
        let named = |what: &str| format!("{what} after {layout:?}");
        let table = update().table();
        cases.push(Case::format(named("table"), table, "OBJECT_CHANGED"));
        cases.push(Case::format(
            named("stream"),
            update().stream(95),
            "OBJECT_CHANGED",
        ));
        let new = Update::after(&file).objects(&[(3, &page("9 0 R")), (9, &stream(EVIL))]);
        cases.push(Case::format(
            named("new object"),
            new.table(),
            "PAGE_CHANGED",
        ));
        let font = "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>";
        let packed = Update::after(&file)
            .object_stream(96, &[(5, font)], "")
            .stream(95);
        cases.push(Case::format(named("packed font"), packed, "OBJECT_CHANGED"));
    }
    cases
}

fn loose_objects() -> Vec<Case> {
    let file = sealed();
    let object = format!("4 0 obj\n{}\nendobj\n", stream(EVIL));
    let case =
        |what, tail: &str, reason| Case::format(what, Update::after(&file).raw(tail).out, reason);
    vec![
        case("an object", &object, "TRAILING_BYTES"),
        case(
            "an object and an end",
            &format!("{object}%%EOF\n"),
            "TRAILING_BYTES",
        ),
        case("a comment", "% nothing\n", "TRAILING_BYTES"),
        case("a second end", "%%EOF\n", "TRAILING_BYTES"),
        case("a line end", "\n", "TRAILING_BYTES"),
        case("a space", " ", "TRAILING_BYTES"),
        case("a zero byte", "\0", "TRAILING_BYTES"),
    ]
}

fn loose_trailer() -> Vec<Case> {
    let file = sealed();
    let at = last_startxref(&file);
    let object = format!("4 0 obj\n{}\nendobj\n", stream(EVIL));
    let with = |tail: String| Update::after(&file).raw(&object).raw(tail).out;
    let trailer = format!("trailer\n<</Root 1 0 R/Size 100/Prev {at}>>\n");
    let nowhere = Update::after(&file).object(4, &stream(EVIL));
    let beyond = nowhere
        .clone()
        .but(|update| update.startxref = Some(9_999_999))
        .table();
    let zero = nowhere
        .clone()
        .but(|update| update.startxref = Some(0))
        .table();
    let old = nowhere.but(|update| update.startxref = Some(at)).table();
    vec![
        Case::format(
            "no section",
            with(format!("{trailer}startxref\n0\n%%EOF\n")),
            "XREF_MALFORMED",
        ),
        Case::format(
            "the old section",
            with(format!("{trailer}startxref\n{at}\n%%EOF\n")),
            "XREF_CHAIN",
        ),
        Case::format(
            "no startxref",
            with(format!("{trailer}%%EOF\n")),
            "TRAILING_BYTES",
        ),
        Case::format("a section beyond the end", beyond, "XREF_CHAIN"),
        Case::format("a section at the beginning", zero, "XREF_MALFORMED"),
        Case::format("the section of the signed revision", old, "XREF_CHAIN"),
    ]
}

fn copied_signature() -> Vec<Case> {
    let file = sealed();
    let start = find(&file, "8 0 obj\n", 0) + "8 0 obj\n".len();
    let copy = String::from_utf8_lossy(&file[start..find(&file, "\nendobj", start)]).into_owned();
    let again = Update::after(&file).object(SIGNATURE, &copy).table();
    let elsewhere = Update::after(&file)
        .object(7, &field("S", 18))
        .object(18, &copy)
        .object(4, &stream(EVIL));
    let beside = Update::after(&file)
        .object(3, &page_with("4 0 R", "7 0 R 17 0 R"))
        .object(FORM, "<</Fields[7 0 R 17 0 R]/SigFlags 3>>")
        .object(17, &field("Second", 18))
        .object(18, &copy);
    vec![
        Case::format("the same object", again, "BYTE_RANGE_GAP"),
        Case::format("another object", elsewhere.table(), "BYTE_RANGE_GAP"),
        Case::format("another field", beside.table(), "BYTE_RANGE_GAP"),
    ]
}

fn doubled_file() -> Vec<Case> {
    let file = sealed();
    let twice = [file.as_slice(), &file].concat();
    let (start, end) = hole(&twice);
    let rest = twice.len() - end;
    let moved = with_range(&twice, &format!("/ByteRange[0 {start} {end} {rest}]"));
    let (first, after) = hole(&file);
    let shifted = format!(
        "/ByteRange[{} {first} {} {rest}]",
        file.len(),
        file.len() + after
    );
    vec![
        Case::format("as it is", twice.clone(), "XREF_CHAIN"),
        Case::format("with the range over both", moved, "XREF_CHAIN"),
        Case::format(
            "with the range over the copy",
            with_range(&twice, &shifted),
            "XREF_CHAIN",
        ),
    ]
}

fn other_catalog() -> Vec<Case> {
    let doc = Doc::small()
        .with(20, "<</Type/Catalog/Pages 21 0 R/AcroForm 6 0 R>>")
        .with(21, "<</Type/Pages/Kids[22 0 R]/Count 1>>")
        .with(22, &page("23 0 R").replace("2 0 R", "21 0 R"))
        .with(23, &stream(EVIL));
    let file = doc.sealed();
    let root = |name: &str| {
        let name = format!("/Root {name}");
        Update::after(&file)
            .but(|update| update.trailer = name)
            .table_of("0 0\n")
    };
    let same = Update::after(&file).but(|update| update.trailer = "/Root 20 0 R".to_owned());
    let pages = Update::after(&file).object(1, "<</Type/Catalog/Pages 21 0 R/AcroForm 6 0 R>>");
    let direct = Update::after(&file)
        .but(|update| update.trailer = "/Root<</Type/Catalog/Pages 21 0 R>>".to_owned());
    vec![
        Case::format(
            "a hidden catalog, empty section",
            root("20 0 R"),
            "CATALOG_REPLACED",
        ),
        Case::format(
            "a hidden catalog, a row changed",
            same.free(60).table(),
            "CATALOG_REPLACED",
        ),
        Case::format("a hidden page tree", pages.table(), "CATALOG_CHANGED"),
        Case::format("no catalog at all", root("99 0 R"), "STRUCTURE"),
        Case::format("another generation", root("1 1 R"), "STRUCTURE"),
        Case::format("a direct catalog", direct.table_of("0 0\n"), "XREF_CHAIN"),
        Case::format(
            "no root",
            Update::after(&file)
                .but(|u| u.trailer.clear())
                .table_of("0 0\n"),
            "XREF_CHAIN",
        ),
    ]
}

fn made_and_undone() -> Vec<Case> {
    let file = sealed();
    let good = stream(super::super::attack::signed::CONTENT);
    let evil = Update::after(&file).object(4, &stream(EVIL)).table();
    let undone = Update::after(&evil).object(4, &good).table();
    let freed = Update::after(&file).object(9, "(x)").table();
    let gone = Update::after(&freed).free(9).table();
    let signed = seal(&second(&evil).object(4, &good).table(), &world().rsa);
    vec![
        Case::format("content changed back", undone, "OBJECT_CHANGED"),
        Case::format("an object added and freed", gone, "OBJECT_UNEXPLAINED"),
        Case::format(
            "changed back by a second signature",
            signed,
            "OBJECT_CHANGED",
        ),
    ]
}

fn hidden_in_a_hybrid() -> Vec<Case> {
    let file = sealed();
    let both = Update::after(&file).objects(&[(4, &stream(EVIL)), (60, "(x)")]);
    let hidden = both.clone().hybrid(95, &[4]);
    let packed = Update::after(&file)
        .object_stream(96, &[(2, "<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>")], "")
        .hybrid(95, &[2]);
    let earlier = Doc::small().layout(Layout::Hybrid).sealed();
    let second = Update::after(&earlier)
        .object(4, &stream(EVIL))
        .hybrid(95, &[4]);
    let signed_hybrid = Doc::small().layout(Layout::Hybrid).sealed();
    vec![
        Case::passes("a hybrid that hides nothing, signed", signed_hybrid),
        Case::format("an object", hidden, "OBJECT_CHANGED"),
        Case::format("an object stream", packed, "STRUCTURE"),
        Case::format("in a second hybrid", second, "OBJECT_CHANGED"),
    ]
}

fn freed_objects() -> Vec<Case> {
    let file = sealed();
    let update = || Update::after(&file);
    let reborn = Row::At {
        offset: find(&file, "4 0 obj", 0),
        generation: 1,
    };
    let new = update()
        .raw("4 1 obj\n")
        .raw(stream(EVIL))
        .raw("\nendobj\n");
    let row = Row::At {
        offset: file.len(),
        generation: 1,
    };
    let page = page("4 1 R");
    vec![
        Case::format("the content", update().free(4).table(), "OBJECT_FREED"),
        Case::format("the font", update().free(5).table(), "OBJECT_FREED"),
        Case::format("the field", update().free(7).table(), "SIGNATURE_REMOVED"),
        Case::format(
            "the signature",
            update().free(8).table(),
            "SIGNATURE_DICTIONARY",
        ),
        Case::format(
            "a generation raised",
            update().row(4, reborn).table(),
            "OBJECT_MISPLACED",
        ),
        Case::format(
            "a new generation",
            new.row(4, row).object(3, &page).table(),
            "PAGE_CHANGED",
        ),
    ]
}

fn pages() -> Vec<Case> {
    let file = sealed();
    let pages = |kids: &str, count: u8| {
        let body = format!("<</Type/Pages/Kids[{kids}]/Count {count}>>");
        Update::after(&file).object(2, &body)
    };
    let nine = page("4 0 R");
    let lied = swapped(&sealed(), "/Count 1", "/Count 2");
    assert!(rfind(&lied, "/Count 2") > 0);
    vec![
        Case::format(
            "one added",
            pages("3 0 R 9 0 R", 2).object(9, &nine).table(),
            "OBJECT_CHANGED",
        ),
        Case::format(
            "one put before",
            pages("9 0 R 3 0 R", 2).object(9, &nine).table(),
            "OBJECT_CHANGED",
        ),
        Case::format(
            "the same twice",
            pages("3 0 R 3 0 R", 2).table(),
            "STRUCTURE",
        ),
        Case::format("one removed", pages("", 0).table(), "OBJECT_CHANGED"),
        Case::format(
            "one replaced",
            pages("9 0 R", 1).object(9, &nine).table(),
            "OBJECT_CHANGED",
        ),
        Case::format(
            "the page freed",
            Update::after(&file).free(3).table(),
            "STRUCTURE",
        ),
    ]
}
