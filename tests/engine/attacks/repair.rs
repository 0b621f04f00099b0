//! Attacks on readers that repair: an update plants a second definition of what was signed where no
//! cross-reference section names it, together with something that makes such readers look for
//! objects themselves. Found by trying, shown by poppler and qpdf.

use super::super::attack::pdf::{Update, rfind, stream};
use super::super::attack::signed::{Doc, page};
use super::Case;

const OTHER: &str = "4 0 obj\n<</Length 39>>\nstream\nBT /F 20 Tf 50 700 Td (Pay 9999999) Tj ET \nendstream\nendobj\n";

/// A signed file, and an update of it that lists one new object nobody refers to.
fn update() -> Update {
    Update::after(&Doc::small().sealed())
}

fn refused(what: &str, file: Vec<u8>) {
    super::hold(&[Case::format(what, file, "XREF_MALFORMED")]);
}

#[test]
fn an_object_between_the_listed_ones_is_refused() {
    refused("planted", update().raw(OTHER).table());
}

#[test]
fn words_between_the_listed_objects_are_refused() {
    refused("words", update().raw("anything\n").table());
}

#[test]
fn a_comment_between_the_listed_objects_is_refused() {
    refused("a comment", update().raw("% 4 0 obj\n").table());
}

#[test]
fn white_space_between_the_listed_objects_is_none_of_these() {
    let same = "<</Type/Pages/Kids[3 0 R]/Count 1>>";
    let file = update().raw("\r\n \n").object(2, same).raw("\n").table();
    super::hold(&[Case::passes("white space", file)]);
}

#[test]
fn an_empty_subsection_far_out_is_refused() {
    for head in ["2147483648 0", "99999999999 0", "8388609 0"] {
        refused(head, update().table_of(&format!("{head}\n")));
    }
}

#[test]
fn the_numbers_of_a_subsection_stand_on_one_line() {
    refused("two lines", update().table_of("0\n0\n"));
}

#[test]
fn a_trailer_without_a_size_is_refused() {
    let file = update().table();
    let start = rfind(&file, "/Size");
    // Other letters, as many of them: every offset stays what it was.
    let spoiled = [&file[..start], b"/Siye", &file[start + 5..]].concat();
    refused("no /Size", spoiled);
}

#[test]
fn fields_of_a_cross_reference_stream_wider_than_readers_take_are_refused() {
    let file = update().stream(50);
    let at = rfind(&file, "/W[1 4 2]");
    let spoiled = [&file[..at], b"/W[1 1 5]", &file[at + 9..]].concat();
    refused("/W", spoiled);
}

#[test]
fn a_nul_around_startxref_is_refused() {
    for end in ["\n\0%%EOF\n", "\0\n%%EOF\n"] {
        let file = update().but(|own| own.end = end.to_owned()).table();
        super::hold(&[Case::format("NUL", file, "XREF_CHAIN")]);
    }
}

#[test]
fn a_number_behind_much_white_space_is_refused() {
    let end = format!("{}\n%%EOF\n", " ".repeat(100));
    let file = update().but(|own| own.end = end).table();
    super::hold(&[Case::format("spaces", file, "XREF_CHAIN")]);
}

#[test]
fn an_object_inside_the_data_of_a_listed_one_is_refused() {
    let file = update()
        .object(3, &page("4 0 R"))
        .object(40, &stream(OTHER))
        .table();
    super::hold(&[Case::format("planted in a stream", file, "XREF_MALFORMED")]);
}

#[test]
fn an_object_stream_holds_nothing_that_is_not_listed() {
    let page = page("4 0 R");
    let members = [(3, page.as_str()), (4, "null")];
    let file = update().object_stream(40, &members, "").but(|own| {
        own.rows.remove(&4);
    });
    super::hold(&[Case::format("unlisted", file.stream(41), "XREF_MALFORMED")]);
}

#[test]
fn an_object_stream_holds_each_object_once() {
    let page = page("4 0 R");
    let turned = page.replace("/Type/Page", "/Type/Page/Rotate 180");
    let members = [(3, page.as_str()), (3, turned.as_str())];
    let file = update().object_stream(40, &members, "").stream(41);
    super::hold(&[Case::format("twice", file, "STREAM_MALFORMED")]);
}

#[test]
fn a_file_that_declares_more_bytes_than_it_has_is_refused() {
    // Signed so; an update then makes it exactly as long, and readers begin at its beginning.
    let length = Doc::small().sealed().len() + 5_000;
    let catalog = format!("/Type/Catalog/Linearized 1/L {length}");
    let file = Doc::small().changed(1, "/Type/Catalog", &catalog).sealed();
    super::hold(&[Case::format("/L beyond the file", file, "XREF_CHAIN")]);
}

#[test]
fn a_file_as_long_as_it_declares_must_be_read_from_its_beginning_by_all() {
    let catalog = |length: usize| format!("/Type/Catalog/Linearized 1/L {length:06}");
    let with = |length| {
        Doc::small()
            .changed(1, "/Type/Catalog", &catalog(length))
            .sealed()
    };
    let length = with(0).len();
    super::hold(&[Case::format("/L of the file", with(length), "XREF_CHAIN")]);
}
