//! PAR, parser differentials: a file that two readers may read differently is not passed. There is
//! no repair: what is not written as it must be is refused.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::super::attack::cms::Cms;
use super::super::attack::identity::world;
use super::super::attack::pdf::{
    Row, Update, find, last_startxref, replaced, rfind, stream, stream_bytes, swapped,
};
use super::super::attack::signed::{CONTENT, Doc, Layout, SIGNATURE, seal};
use super::Case;

super::rows! {
    par_01_the_header_is_not_at_the_first_byte: headers;
    par_02_keys_stand_twice: doubled_keys;
    par_03_objects_are_not_where_the_section_says: misplaced_objects;
    par_04_the_length_of_a_stream_is_wrong: stream_lengths;
    par_05_words_of_the_format_stand_in_comments_and_names: words;
    par_06_cross_reference_streams_are_crooked: crooked_streams;
    par_07_startxref_is_wrong: crooked_startxref;
    par_08_the_chain_loops: looping_chain;
    par_09_the_end_of_the_file_is_odd: odd_ends;
    par_10_the_signature_stands_in_an_object_stream: packed_signature;
    par_11_the_file_is_of_two_kinds: polyglots;
}

fn sealed() -> Vec<u8> {
    Doc::small().sealed()
}

fn headers() -> Vec<Case> {
    let unreadable = |what: &str, file| Case::new(what, file, "UNREADABLE", "NOT_A_PDF");
    let before = |junk: &str| [junk.as_bytes(), &sealed()].concat();
    let second = {
        let mut doc = Update::new().raw("%PDF-1.4 was another header\n");
        for (number, body) in &Doc::small().objects {
            doc = doc.object(*number, body);
        }
        seal(&doc.table(), &world().ecdsa)
    };
    let version = Doc::small()
        .changed(1, "/Pages", "/Version/2.0/Pages")
        .sealed();
    vec![
        unreadable("junk before", before("junk\n")),
        unreadable("a line end before", before("\n")),
        unreadable("a mark of order before", before("\u{feff}")),
        unreadable("another header before", before("%PDF-1.7\n").split_off(1)),
        unreadable("small letters", swapped(&sealed(), "%PDF-1.7", "%pdf-1.7")),
        Case::format("two headers", before("%PDF-1.4\n"), "XREF_MALFORMED"),
        Case::passes("a version in the catalog, signed", version),
        Case::passes("a second header in a comment, signed", second),
    ]
}

fn doubled_keys() -> Vec<Case> {
    let doc = Doc::small();
    let twice = |number, from: &str, to: &str| doc.clone().changed(number, from, to).sealed();
    let trailer = |extra: &str| {
        let mut doc = Doc::small();
        doc.trailer.push_str(extra);
        doc.sealed()
    };
    const WHY: &str = "DUPLICATE_KEY";
    vec![
        Case::format(
            "in the signature",
            twice(8, "/Type/Sig", "/Type/Sig/Type/Sig"),
            WHY,
        ),
        Case::format(
            "the sub-filter",
            twice(8, "/Filter/", "/SubFilter/ETSI.RFC3161/Filter/"),
            WHY,
        ),
        Case::format(
            "escaped",
            twice(8, "/Type/Sig", "/Type/Sig/T#79pe/Sig"),
            WHY,
        ),
        Case::format(
            "in the field",
            twice(7, "/V 8 0 R", "/V 8 0 R/V 4 0 R"),
            WHY,
        ),
        Case::format(
            "in the form",
            twice(6, "/SigFlags 3", "/SigFlags 3/Fields[]"),
            WHY,
        ),
        Case::format(
            "in the catalog",
            twice(1, "/Pages 2 0 R", "/Pages 2 0 R/Pages 3 0 R"),
            WHY,
        ),
        Case::format(
            "in the page",
            twice(3, "/Contents 4 0 R", "/Contents 4 0 R/Contents 5 0 R"),
            WHY,
        ),
        Case::format(
            "in the page tree",
            twice(2, "/Count 1", "/Count 1/Count 2"),
            WHY,
        ),
        Case::format("in the trailer", trailer("/Root 2 0 R"), WHY),
    ]
}

fn misplaced_objects() -> Vec<Case> {
    let file = sealed();
    let row = |number: u32| {
        let marker = format!("\n{number} 1\n");
        find(&file, &marker, rfind(&file, "\nxref\n")) + marker.len()
    };
    let moved = |number: u32, to: usize| {
        let at = row(number);
        replaced(&file, (at, at + 10), format!("{to:010}"))
    };
    let raised = {
        let at = row(4) + 11;
        replaced(&file, (at, at + 5), "00001")
    };
    // Resealed, so that only the structure is wrong.
    let resealed = |change: &dyn Fn(&mut Update)| {
        let mut doc = Update::new();
        for (number, body) in &Doc::small().objects {
            doc = doc.object(*number, body);
        }
        change(&mut doc);
        seal(&doc.table(), &world().ecdsa)
    };
    let other = resealed(&|doc| {
        let three = doc.rows[&3];
        doc.rows.insert(4, three);
    });
    let generation = resealed(&|doc| {
        let offset = doc.rows[&4].offset();
        doc.rows.insert(
            4,
            Row::At {
                offset,
                generation: 1,
            },
        );
    });
    let twice = resealed(&|doc| {
        doc.out.extend_from_slice(b"4 0 obj\n(hidden)\nendobj\n");
    });
    let inside = resealed(&|doc| {
        let offset = doc.rows[&4].offset() + 2;
        doc.rows.insert(
            4,
            Row::At {
                offset,
                generation: 0,
            },
        );
    });
    let doubled_row = {
        let mut doc = Update::new();
        for (number, body) in &Doc::small().objects {
            doc = doc.object(*number, body);
        }
        let rows = doc.subsections();
        let evil = format!("{rows}4 1\n{:010} 00000 n \n", doc.rows[&5].offset());
        seal(&doc.table_of(&evil), &world().ecdsa)
    };
    vec![
        Case::format(
            "a row to another object",
            moved(4, find(&file, "3 0 obj", 0)),
            "OBJECT_MISPLACED",
        ),
        Case::format("a row to no object", moved(4, 3), "OBJECT_MISPLACED"),
        Case::format(
            "a row beyond the file",
            moved(4, 9_999_999),
            "XREF_MALFORMED",
        ),
        Case::format("a generation nobody has", raised, "OBJECT_MISPLACED"),
        Case::format("signed: to another object", other, "OBJECT_MISPLACED"),
        Case::format("signed: another generation", generation, "OBJECT_MISPLACED"),
        Case::format("signed: into an object", inside, "OBJECT_MISPLACED"),
        Case::format(
            "signed: two rows of one object",
            doubled_row,
            "XREF_MALFORMED",
        ),
        Case::passes("signed: an object no row leads to", twice),
    ]
}

fn stream_lengths() -> Vec<Case> {
    let with = |body: &str| Doc::small().with(4, body).sealed();
    let length = |text: &str| {
        let own = stream(CONTENT).replace(&format!("/Length {}", CONTENT.len()), text);
        with(&own)
    };
    let lone = |separator: &str| {
        with(&format!(
            "<</Length {}>>\nstream{separator}{CONTENT}\nendstream",
            CONTENT.len()
        ))
    };
    let inside = format!("{CONTENT}\nendstream\nendobj\n9 0 obj\n(x)\nendobj");
    const WHY: &str = "STREAM_MALFORMED";
    vec![
        Case::passes("endstream inside the data", with(&stream(&inside))),
        Case::passes("a line of two characters", lone("\r\n")),
        Case::format("too short", length("/Length 3"), WHY),
        Case::format("too long", length("/Length 999"), WHY),
        Case::format("beyond the file", length("/Length 99999999"), WHY),
        Case::format("negative", length("/Length -1"), WHY),
        Case::format("no number", length("/Length/Name"), WHY),
        Case::format("missing", length(""), WHY),
        Case::format("to itself", length("/Length 4 0 R"), WHY),
        Case::format("only a carriage return", lone("\r"), "OBJECT_MALFORMED"),
        Case::format("no line at all", lone(""), "OBJECT_MALFORMED"),
    ]
}

fn words() -> Vec<Case> {
    let all = "trailer xref startxref 0 %%EOF /ByteRange[0 1 2 3] endobj endstream /Contents<00>";
    let text = Doc::small().changed(3, "/Contents", &format!("/Note({all})/Contents"));
    let comment = Doc::small().changed(3, "/Contents", &format!("%{all}\n/Contents"));
    let name = "/startxref#20/trailer/%%EOF\n/xref/ByteRange[0 0 0 0]";
    let name = Doc::small().changed(5, "/Subtype", &format!("{name}/Subtype"));
    let content = Doc::small().with(4, &stream(&format!("% {all}\n{CONTENT}")));
    let reason = Doc::small().changed(
        SIGNATURE,
        "/Type/Sig",
        "/Type/Sig/Reason(/ByteRange[0 1 2 3]/Contents<3082>)",
    );
    let before = Doc::small().changed(SIGNATURE, "/Type/Sig", "/Type/Sig%/ByteRange[0 1 2 3]\n");
    vec![
        Case::passes("in a string", text.sealed()),
        Case::passes("in a comment", comment.sealed()),
        Case::passes("in names", name.sealed()),
        Case::passes("in a content stream", content.sealed()),
        Case::passes("in the reason", reason.sealed()),
        Case::passes("in a comment of the signature", before.sealed()),
    ]
}

/// A signed file whose cross-reference stream is written by hand: `/W`, `/Index`, data, `/Size`.
fn xref_stream(entries: &str, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut doc = Update::new();
    for (number, body) in &Doc::small().objects {
        doc = doc.object(*number, body);
    }
    let offset = doc.out.len();
    doc.rows.insert(
        90,
        Row::At {
            offset,
            generation: 0,
        },
    );
    let (mut data, index) = doc.stream_rows();
    change(&mut data);
    let entries = entries.replace("{index}", &index);
    let body = stream_bytes(&format!("/Type/XRef{entries}/Root 1 0 R"), &data);
    let file = doc
        .raw("90 0 obj\n")
        .raw(body)
        .raw("\nendobj\n")
        .finish(offset);
    seal(&file, &world().ecdsa)
}

fn crooked_streams() -> Vec<Case> {
    const W: &str = "/W[1 4 2]/Index[{index}]/Size 100";
    const BAD: &str = "XREF_MALFORMED";
    let wrong = [
        ("no widths", "/Index[{index}]/Size 100", BAD),
        ("two widths", "/W[1 4]/Index[{index}]/Size 100", BAD),
        (
            "a negative width",
            "/W[1 -4 2]/Index[{index}]/Size 100",
            BAD,
        ),
        (
            "a huge width",
            "/W[1 4 99999999]/Index[{index}]/Size 100",
            BAD,
        ),
        ("no width at all", "/W[0 0 0]/Index[{index}]/Size 100", BAD),
        ("other widths", "/W[1 2 1]/Index[{index}]/Size 100", BAD),
        ("no size", "/W[1 4 2]/Index[{index}]", BAD),
        ("a huge size", "/W[1 4 2]/Size 4294967295", "LIMIT_EXCEEDED"),
        ("too small a size", "/W[1 4 2]/Index[{index}]/Size 3", BAD),
        ("an index of one number", "/W[1 4 2]/Index[0]/Size 100", BAD),
        (
            "a huge index",
            "/W[1 4 2]/Index[0 4000000]/Size 4000000",
            "LIMIT_EXCEEDED",
        ),
        (
            "an index twice over",
            "/W[1 4 2]/Index[1 5 1 5]/Size 100",
            BAD,
        ),
    ];
    let short = xref_stream(W, |data| data.truncate(30));
    let long = xref_stream(W, |data| data.extend([1; 7]));
    let mut cases: Vec<Case> = Vec::new();
    for (what, entries, reason) in wrong {
        cases.push(Case::format(what, xref_stream(entries, |_| {}), reason));
    }
    cases.extend([
        Case::passes("as it must be", xref_stream(W, |_| {})),
        Case::format("a row after the last", long, BAD),
        Case::format("too few bytes", short, BAD),
    ]);
    cases.extend(crooked_object_streams());
    cases
}

fn crooked_object_streams() -> Vec<Case> {
    const FONT: (u32, &str) = (5, "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>");
    const STREAM: &str = "STREAM_MALFORMED";
    let packed = |members: &[(u32, &str)], extra: &str, rows: &[(u32, u32, u16)]| {
        let mut doc = Update::new();
        for (number, body) in &Doc::small().objects {
            if members.iter().all(|(one, _)| one != number) {
                doc = doc.object(*number, body);
            }
        }
        doc = doc.object_stream(91, members, extra);
        for (number, stream, index) in rows.iter().copied() {
            doc = doc.row(number, Row::In { stream, index });
        }
        seal(&doc.stream(90), &world().ecdsa)
    };
    let inner = (60, "<</Type/ObjStm/N 0/First 0/Length 0>>");
    let looped = packed(&[FONT], "", &[(91, 92, 0), (92, 91, 0)]);
    let nested = packed(&[FONT, inner], "", &[(61, 60, 0)]);
    let other = packed(&[FONT, (60, "null")], "", &[(5, 91, 1)]);
    let extends = packed(&[FONT], "/Extends 91 0 R", &[]);
    vec![
        Case::passes("one that extends itself", extends),
        Case::format("one in itself", packed(&[FONT], "", &[(91, 91, 0)]), STREAM),
        Case::format("two in each other", looped, STREAM),
        Case::format("a member in a member", nested, STREAM),
        Case::format(
            "a member of a page",
            packed(&[FONT], "", &[(5, 4, 0)]),
            STREAM,
        ),
        Case::format(
            "no such member",
            packed(&[FONT], "", &[(5, 91, 7)]),
            "OBJECT_MISPLACED",
        ),
        Case::format("another member", other, "OBJECT_MISPLACED"),
    ]
}

fn crooked_startxref() -> Vec<Case> {
    let file = sealed();
    let at = last_startxref(&file);
    let place = rfind(&file, "startxref\n") + "startxref\n".len();
    let width = at.to_string().len();
    let named = |text: String| replaced(&file, (place, place + width), text);
    let signed_as = |to: usize| {
        let mut doc = Update::new();
        for (number, body) in &Doc::small().objects {
            doc = doc.object(*number, body);
        }
        seal(
            &doc.but(|doc| doc.startxref = Some(to)).table(),
            &world().ecdsa,
        )
    };
    let content = find(&file, "stream\n", find(&file, "4 0 obj", 0)) + 7;
    let missing = swapped(&file, "startxref\n", "startxxxx\n");
    let ended = |end: &str| {
        let mut doc = Update::new();
        for (number, body) in &Doc::small().objects {
            doc = doc.object(*number, body);
        }
        seal(
            &doc.but(|doc| doc.end = end.to_owned()).table(),
            &world().ecdsa,
        )
    };
    vec![
        Case::format("one less", named((at - 1).to_string()), "XREF_MALFORMED"),
        Case::format("one more", named((at + 1).to_string()), "XREF_MALFORMED"),
        Case::format("zero", named("0".repeat(width)), "XREF_MALFORMED"),
        Case::format("signed: one less", signed_as(at - 1), "XREF_MALFORMED"),
        Case::format("signed: one more", signed_as(at + 1), "XREF_MALFORMED"),
        Case::format(
            "signed: into a stream",
            signed_as(content),
            "XREF_MALFORMED",
        ),
        Case::format(
            "signed: beyond the file",
            signed_as(99_999_999),
            "XREF_CHAIN",
        ),
        Case::format("missing", missing, "TRUNCATED"),
        Case::format(
            "signed: repeated",
            ended(&format!("\nstartxref\n{at}\n%%EOF\n")),
            "XREF_CHAIN",
        ),
        Case::format(
            "signed: a second number",
            ended(" 7\n%%EOF\n"),
            "XREF_CHAIN",
        ),
        Case::format("signed: letters after", ended("x\n%%EOF\n"), "XREF_CHAIN"),
    ]
}

fn looping_chain() -> Vec<Case> {
    let signed_with = |previous: &dyn Fn(usize) -> usize| {
        let mut doc = Update::new();
        for (number, body) in &Doc::small().objects {
            doc = doc.object(*number, body);
        }
        let at = doc.out.len();
        seal(
            &doc.but(|doc| doc.previous = Some(previous(at))).table(),
            &world().ecdsa,
        )
    };
    let file = sealed();
    let first = last_startxref(&file);
    let later = Update::after(&file).object(60, "(x)");
    let own = later.clone().out.len();
    let later = |to: usize| {
        later
            .clone()
            .but(|update| update.previous = Some(to))
            .table()
    };
    vec![
        Case::format("itself", signed_with(&|at| at), "XREF_CHAIN"),
        Case::format("further on", signed_with(&|at| at + 30), "XREF_CHAIN"),
        Case::format(
            "beyond the file",
            signed_with(&|_| 99_999_999),
            "XREF_CHAIN",
        ),
        Case::format("the beginning", signed_with(&|_| 0), "XREF_MALFORMED"),
        Case::format("an update's own section", later(own), "XREF_CHAIN"),
        Case::format(
            "an update's, one byte off",
            later(first + 1),
            "XREF_MALFORMED",
        ),
    ]
}

fn odd_ends() -> Vec<Case> {
    let ended = |end: &str| {
        let mut doc = Update::new();
        for (number, body) in &Doc::small().objects {
            doc = doc.object(*number, body);
        }
        seal(
            &doc.but(|doc| doc.end = end.to_owned()).table(),
            &world().ecdsa,
        )
    };
    let linear = |length: &str| {
        let mut doc = Update::new();
        doc = doc.object(
            30,
            &format!("<</Linearized 1/L {length}/H[0 0]/O 3/E 900/N 1/T 900>>"),
        );
        for (number, body) in &Doc::small().objects {
            doc = doc.object(*number, body);
        }
        seal(&doc.table(), &world().ecdsa)
    };
    let jump = {
        let file = sealed();
        let at = last_startxref(&file);
        swapped(&file, "/Size 9", &format!("/Size 9/Prev {}", at - 40))
    };
    vec![
        Case::passes("no line end", ended("\n%%EOF")),
        Case::passes("a carriage return", ended("\r%%EOF\r")),
        Case::passes("both", ended("\r\n%%EOF\r\n")),
        Case::passes("a dictionary that claims another order", linear("12")),
        Case::format("two ends", ended("\n%%EOF\n%%EOF\n"), "REVISION_END"),
        Case::format("two line ends", ended("\n%%EOF\n\n"), "REVISION_END"),
        Case::format("a comment after", ended("\n%%EOF\n% x\n"), "REVISION_END"),
        Case::format("no end", ended("\n"), "TRUNCATED"),
        Case::format("half an end", ended("\n%%EO\n"), "TRUNCATED"),
        Case::format("the trailer changed", jump, "XREF_MALFORMED"),
    ]
}

fn packed_signature() -> Vec<Case> {
    let pack = |members: &[u32], change: &dyn Fn(Doc) -> Doc| {
        let doc = change(Doc::small());
        let mut update = Update::new();
        let mut inside: Vec<(u32, &str)> = Vec::new();
        for (number, body) in &doc.objects {
            match members.contains(number) {
                true => inside.push((*number, body)),
                false => update = update.object(*number, body),
            }
        }
        update.object_stream(91, &inside, "").stream(90)
    };
    let dictionary = seal(&pack(&[SIGNATURE], &|doc| doc), &world().ecdsa);
    let squeezed = {
        let doc = Doc::small();
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        let body = format!("8 0 {}", doc.objects[&SIGNATURE].replace('@', "1"));
        encoder.write_all(body.as_bytes()).unwrap();
        let data = encoder.finish().unwrap();
        let mut update = Update::new();
        for (number, body) in doc
            .objects
            .iter()
            .filter(|(number, _)| **number != SIGNATURE)
        {
            update = update.object(*number, body);
        }
        let extra = "/Type/ObjStm/N 1/First 4/Filter/FlateDecode";
        let own = update.object_bytes(91, &stream_bytes(extra, &data));
        own.row(
            SIGNATURE,
            Row::In {
                stream: 91,
                index: 0,
            },
        )
        .stream(90)
    };
    let field = seal(&pack(&[7], &|doc| doc), &world().ecdsa);
    vec![
        Case::format("the dictionary", dictionary, "CONTENTS_INVALID"),
        Case::format("the dictionary, squeezed", squeezed, "CONTENTS_INVALID"),
        Case::passes("only the field", field),
        Case::passes(
            "everything but the dictionary",
            Doc::small().layout(Layout::Packed).sealed(),
        ),
    ]
}

fn polyglots() -> Vec<Case> {
    let file = sealed();
    let zip = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0a";
    let end = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    let inside = |bytes: &[u8]| {
        let mut doc = Update::new().raw("% ").raw(bytes).raw("\n");
        for (number, body) in &Doc::small().objects {
            doc = doc.object(*number, body);
        }
        seal(&doc.table(), &world().ecdsa)
    };
    let html = b"<html><script>document.write('So 99')</script><!--";
    let der = Cms::detached(&world().ecdsa, &[0; 32]).der();
    let first = |bytes: &[u8]| [bytes, &file].concat();
    let unreadable = |what: &str, file| Case::new(what, file, "UNREADABLE", "NOT_A_PDF");
    vec![
        Case::passes("an archive inside a comment, signed", inside(&zip[..4])),
        Case::passes("a page inside a comment, signed", inside(html)),
        Case::format(
            "an archive's end after the file",
            [&file[..], end].concat(),
            "TRAILING_BYTES",
        ),
        Case::format(
            "a page after the file",
            [&file[..], html].concat(),
            "TRAILING_BYTES",
        ),
        Case::format(
            "a structure after the file",
            [&file[..], &der].concat(),
            "TRAILING_BYTES",
        ),
        unreadable("an archive before", first(zip)),
        unreadable("a page before", first(html)),
        unreadable("a structure before", first(&der)),
    ]
}
