//! DIF, the other side: what programs write into ordinary later revisions and what changes nothing
//! that is shown passes, and only that.

use super::super::attack::forms::{catalog, form};
use super::super::attack::identity::world;
use super::super::attack::pdf::{Update, stream};
use super::super::attack::signed::{Doc, FORM, Layout, dictionary, field, page, page_with, seal};
use super::Case;

super::rows! {
    dif_09_information_says_the_same_in_another_encoding: information;
    dif_07_information_is_reached_through_the_trailer_only: trailers;
    dif_09_the_trailer_gains_an_identifier_and_loses_a_checksum: trailer_keys;
    dif_05_an_entry_by_signature_is_written_anew: store_entry;
    dif_02_a_signature_field_has_side_entries: side_entries;
    dif_02_a_form_of_signatures_gains_defaults: defaults;
    dif_02_a_page_gains_an_order_of_tabs: tabs;
    isa_03_a_line_end_follows_an_unsigned_revision: line_ends;
}

const TITLED: &str = "/Title<FEFF00570072>/Producer(One)/CreationDate(D:2026)";

fn with_information(doc: Doc) -> Doc {
    let mut doc = doc.with(20, &format!("<<{TITLED}>>"));
    doc.trailer.push_str("/Info 20 0 R");
    doc
}

fn informed(file: &[u8], entries: &str) -> Update {
    let mut update = Update::after(file).object(20, &format!("<<{entries}>>"));
    update.trailer.push_str("/Info 20 0 R");
    update
}

fn information() -> Vec<Case> {
    let file = with_information(Doc::small()).sealed();
    let with = |title: &str| {
        let entries = format!("/Title{title}/Producer(Two)/CreationDate(D:2026)/ModDate(D:2026)");
        informed(&file, &entries).table()
    };
    let refused = |what: &str, title: &str| Case::format(what, with(title), "INFORMATION_CHANGED");
    vec![
        Case::passes("as single bytes", with("(Wr)")),
        Case::passes("as UTF-8", with("(\\357\\273\\277Wr)")),
        refused("another text", "(Ws)"),
        refused("a name", "/Wr"),
        refused("half a letter", "<FEFF0057007200>"),
        refused("with a control character", "<FEFF005700720000>"),
        Case::format(
            "an entry left out",
            informed(&file, "/Producer(One)/CreationDate(D:2026)").table(),
            "INFORMATION_CHANGED",
        ),
    ]
}

fn trailers() -> Vec<Case> {
    let file = with_information(Doc::small().layout(Layout::Stream)).sealed();
    let entries = TITLED.replace("One", "Two");
    let once = informed(&file, &entries).stream(95);
    let twice = informed(&once, &entries.replace("Two", "Three")).stream(96);
    let shared = with_information(Doc::small().layout(Layout::Stream))
        .with(3, &page("4 0 R").replace("/Type", "/Piece 20 0 R/Type"))
        .sealed();
    let image = "<</Type/XRef/Subtype/Image/Alternates 20 0 R/Length 0>>stream\n\nendstream";
    let posing = with_information(Doc::small().layout(Layout::Stream))
        .with(3, &page("4 0 R").replace("/Type", "/Piece 21 0 R/Type"))
        .with(21, image)
        .sealed();
    let from = |file: &[u8]| informed(file, &entries).stream(95);
    vec![
        Case::passes("after a stream", once),
        Case::passes("after two streams", twice),
        Case::format("used by a page too", from(&shared), "OBJECT_SHARED"),
        Case::format(
            "used by a stream that poses as a section",
            from(&posing),
            "OBJECT_SHARED",
        ),
    ]
}

fn trailer_keys() -> Vec<Case> {
    let of = |entries: &str| {
        let mut doc = Doc::small();
        doc.trailer.push_str(entries);
        doc.sealed()
    };
    let (plain, named) = (of(""), of("/ID[<00><01>]/DocChecksum/AB/Strange/AB"));
    let then = |file: &[u8], entries: &str| {
        let content = stream(super::super::attack::signed::CONTENT);
        let mut update = Update::after(file).object(4, &content);
        update.trailer.push_str(entries);
        update.table()
    };
    let refused = |what: &str, file: Vec<u8>| Case::format(what, file, "TRAILER_CHANGED");
    let kept = "/ID[<00><02>]/Strange/AB";
    vec![
        Case::passes("an identifier added", then(&plain, "/ID[<00><01>]")),
        Case::passes("a checksum left out", then(&named, kept)),
        refused("half an identifier", then(&plain, "/ID[<00>]")),
        refused("an identifier of numbers", then(&plain, "/ID[1 2]")),
        refused(
            "another identifier",
            then(&named, "/ID[<03><02>]/Strange/AB"),
        ),
        refused("no identifier", then(&named, "/Strange/AB")),
        refused(
            "another checksum",
            then(&named, &format!("{kept}/DocChecksum/CD")),
        ),
        refused("a checksum added", then(&plain, "/DocChecksum/CD")),
        refused("a strange entry left out", then(&named, "/ID[<00><02>]")),
    ]
}

fn store_entry() -> Vec<Case> {
    const KEY: &str = "0123456789ABCDEF0123456789ABCDEF01234567";
    let store = |certs: &str, entry: u32| format!("<</Certs[{certs}]/VRI<</{KEY} {entry} 0 R>>>>");
    let doc = |certs: &str, entry: &str| {
        Doc::small()
            .with(1, &catalog("/DSS 20 0 R"))
            .with(20, &store(certs, 23))
            .with(21, &stream("one"))
            .with(22, &stream("two"))
            .with(23, entry)
            .sealed()
    };
    let full = doc(
        "21 0 R 22 0 R",
        "<</Type/VRI/Cert[21 0 R 22 0 R]/TU(D:2026)>>",
    );
    let then = |certs: &str, entry: &str| {
        Update::after(&full)
            .object(20, &store(certs, 24))
            .object(24, entry)
    };
    let both = "21 0 R 22 0 R";
    let refused =
        |what: &str, file: Update| Case::format(what, file.table(), "SECURITY_STORE_SHRUNK");
    let only_there = doc("22 0 R", "<</Cert[21 0 R]>>");
    let lost = Update::after(&only_there)
        .object(20, &store("22 0 R", 24))
        .object(24, "<</Cert[22 0 R]>>");
    let more = then(
        &format!("{both} 25 0 R"),
        "<</Type/VRI/Cert[25 0 R]/TU(D:2026)>>",
    );
    vec![
        Case::passes(
            "with less of the store",
            then(both, "<</Type/VRI/Cert[22 0 R]/TU(D:2026)>>").table(),
        ),
        Case::passes("with more", more.object(25, &stream("three")).table()),
        refused("what only the entry held is lost", lost),
        refused("its time is lost", then(both, "<</Type/VRI/Cert[22 0 R]>>")),
        refused(
            "with a strange key",
            then(both, "<</Type/VRI/TU(D:2026)/Evil 4 0 R>>"),
        ),
        refused(
            "an old object",
            Update::after(&full).object(20, &store(both, 4)),
        ),
        Case::format(
            "in its place",
            Update::after(&full)
                .object(23, "<</Type/VRI/TU(D:2026)>>")
                .table(),
            "OBJECT_CHANGED",
        ),
    ]
}

/// A second signature beside the first: its page, form and field, and one more object.
fn signed(file: &[u8], [page, form, field]: [&str; 3], more: Option<&str>) -> Vec<u8> {
    let mut update = Update::after(file)
        .object(3, page)
        .object(FORM, form)
        .object(17, field)
        .object(18, &dictionary("ETSI.CAdES.detached", ""));
    if let Some(body) = more {
        update = update.object(20, body);
    }
    seal(&update.table(), &world().rsa)
}

fn two() -> String {
    page_with("4 0 R", "7 0 R 17 0 R")
}

const FIELDS: &str = "<</Fields[7 0 R 17 0 R]/SigFlags 3>>";

/// A second signature whose field has these entries too.
fn beside(entries: &str) -> Vec<u8> {
    let body = field("Second", 18).replace("/FT/Sig", &format!("/FT/Sig{entries}"));
    signed(&Doc::small().sealed(), [&two(), FIELDS, &body], None)
}

fn side_entries() -> Vec<Case> {
    let harmless = [
        "/DV 18 0 R",
        "/H/N",
        "/Q 2",
        "/StructParent 7",
        "/C[]",
        "/C[0 .5 1]",
    ];
    let strange = [
        "/DV 5 0 R",
        "/DV(x)",
        "/H/X",
        "/H 5 0 R",
        "/Q 3",
        "/Q 1.0",
        "/StructParent -1",
        "/C[0 1]",
        "/C[/x]",
        "/C 5 0 R",
        "/A 5 0 R",
        "/Kids[]",
        "/OC 5 0 R",
    ];
    let passing = harmless.map(|entry| Case::passes(entry, beside(entry)));
    let refused = strange.map(|entry| Case::format(entry, beside(entry), "FIELD_NOT_A_SIGNATURE"));
    passing.into_iter().chain(refused).collect()
}

/// A second signature that brings these entries of the form.
fn brings(file: &[u8], entries: &str) -> Vec<u8> {
    let body = format!("<</Fields[7 0 R 17 0 R]/SigFlags 3{entries}>>");
    let helvetica = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>";
    let font = entries.contains("20 0 R").then_some(helvetica);
    signed(file, [&two(), &body, &field("Second", 18)], font)
}

fn defaults() -> Vec<Case> {
    let file = Doc::small().sealed();
    let font = |entries: &str| format!("/DR<</Font<</Helv<</Type/Font{entries}>>>>>>");
    let known = Doc::small()
        .with(FORM, "<</Fields[7 0 R]/SigFlags 3/DA(/F 9 Tf)>>")
        .sealed();
    let refused =
        |what: &str, entries: &str| Case::format(what, brings(&file, entries), "FORM_CHANGED");
    let texts = form().sealed();
    let texts = |entries: &str| {
        let body = format!("<</Fields[7 0 R 30 0 R 17 0 R]/SigFlags 3{entries}>>");
        let page = page_with("4 0 R", "7 0 R 30 0 R 17 0 R");
        signed(&texts, [&page, &body, &field("Second", 18)], None)
    };
    vec![
        Case::passes("a text", brings(&file, "/DA(/Helv 0 Tf 0 g)")),
        Case::passes("a font", brings(&file, "/DR<</Font<</Helv 20 0 R>>>>")),
        Case::passes(
            "a font of ticks",
            brings(
                &file,
                &font("/Subtype/Type1/BaseFont/ZapfDingbats").replace("Helv", "ZaDb"),
            ),
        ),
        Case::format(
            "a text beside a text field",
            texts("/DA(/Helv 0 Tf 0 g)"),
            "FORM_CHANGED",
        ),
        Case::format(
            "a font beside a text field",
            texts(&font("/Subtype/Type1/BaseFont/Helvetica")),
            "FORM_CHANGED",
        ),
        Case::format(
            "another text",
            brings(&known, "/DA(/G 9 Tf)"),
            "FORM_CHANGED",
        ),
        refused("a program", "/DR<</Font<</Helv 20 0 R>>/XObject<<>>>>"),
        refused(
            "ticks as letters",
            &font("/Subtype/Type1/BaseFont/ZapfDingbats"),
        ),
        refused(
            "a font with a file",
            &font("/Subtype/Type1/BaseFont/Helvetica/FontDescriptor 5 0 R"),
        ),
        refused("a drawn font", &font("/Subtype/Type3/BaseFont/Helvetica")),
        refused(
            "letters exchanged",
            &font("/Subtype/Type1/BaseFont/Helvetica/Encoding<<>>"),
        ),
        refused("new appearances asked for", "/NeedAppearances true"),
        refused("an order of calculation", "/CO[17 0 R]"),
        refused("a place of texts", "/Q 1"),
    ]
}

fn tabs() -> Vec<Case> {
    let file = Doc::small().sealed();
    let with = |entries: &str| {
        let body = two().replace("/Type/", &format!("{entries}/Type/"));
        signed(&file, [&body, FIELDS, &field("Second", 18)], None)
    };
    let alone = page("4 0 R").replace("/Type/", "/Tabs/R/Type/");
    vec![
        Case::passes("by structure", with("/Tabs/S")),
        Case::passes("alone", Update::after(&file).object(3, &alone).table()),
        Case::format("of another kind", with("/Tabs/X"), "PAGE_CHANGED"),
        Case::format("of another type", with("/Tabs(S)"), "PAGE_CHANGED"),
        Case::format("with an action", with("/Tabs/S/AA<<>>"), "PAGE_CHANGED"),
    ]
}

fn line_ends() -> Vec<Case> {
    let file = Doc::small().sealed();
    let content = stream(super::super::attack::signed::CONTENT);
    let update = Update::after(&file).object(4, &content).table();
    let with = |file: &[u8], end: &str| [file, end.as_bytes()].concat();
    let refused = |what: &str, end: &str| Case::format(what, with(&update, end), "TRAILING_BYTES");
    vec![
        Case::passes("a line feed", with(&update, "\n")),
        Case::passes("both", with(&update, "\r\n")),
        refused("two line feeds", "\n\n"),
        refused("a space", " "),
        refused("a zero byte", "\0"),
        refused("a letter", "x"),
        Case::format("after a signature", with(&file, "\n"), "TRAILING_BYTES"),
    ]
}
