//! USF, universal signature forgery: a signature dictionary from which something is missing must
//! not make a verifier skip what it cannot check. Source: "1 Trillion Dollar Refund" (CCS 2019).

use super::super::attack::cms::{Cms, SignerInfo};
use super::super::attack::identity::world;
use super::super::attack::pdf::{find, replaced, rfind, swapped};
use super::super::attack::signed::{
    Doc, FIELD, SIGNATURE, dictionary_of, hole, with_hole, with_range,
};
use super::Case;

super::rows! {
    usf_01_contents_are_an_empty_string: empty_contents;
    usf_02_contents_are_no_string: contents_of_another_type;
    usf_03_contents_are_zeros: zero_contents;
    usf_04_contents_are_missing: no_contents;
    usf_05_the_byte_range_is_not_four_numbers: too_few_numbers;
    usf_06_the_byte_range_has_impossible_numbers: impossible_numbers;
    usf_07_the_byte_range_covers_nothing: nothing_covered;
    usf_08_entries_are_indirect_or_stand_twice: indirect_or_twice;
    usf_09_the_subfilter_is_not_that_of_the_contents: other_sub_filter;
    usf_10_a_field_without_a_value_shows_a_signature: picture_of_a_signature;
}

fn sealed() -> Vec<u8> {
    Doc::small().sealed()
}

fn empty_contents() -> Vec<Case> {
    let file = sealed();
    let short = with_hole(&file, "<>");
    // The whole hole gone, the byte range saying so: only the digest of nothing would be checked.
    let (start, end) = hole(&file);
    let gone = replaced(&file, (start, end), "<>");
    vec![
        Case::format("empty hexadecimal string", short, "CONTENTS_EMPTY"),
        Case::format(
            "empty string of letters",
            with_hole(&file, "()"),
            "CONTENTS_INVALID",
        ),
        Case::format("the hole closed up", gone, "XREF_CHAIN"),
    ]
}

fn contents_of_another_type() -> Vec<Case> {
    let file = sealed();
    let odd = [
        "null",
        "0",
        "-1.5",
        "/Name",
        "[]",
        "[<00>]",
        "true",
        "(text)",
        "<</A<00>>>",
        "3 0 R",
    ];
    let case = |text: &&str| {
        Case::format(
            *text,
            with_hole(&file, &format!(" {text}")),
            "CONTENTS_INVALID",
        )
    };
    odd.iter().map(case).collect()
}

fn zero_contents() -> Vec<Case> {
    let file = sealed();
    let (start, end) = hole(&file);
    let zeros = format!("<{}>", "0".repeat(end - start - 2));
    let spaces = format!("<{}>", " ".repeat(end - start - 2));
    let unfilled = Doc::small().open();
    vec![
        Case::format("all zeros", with_hole(&file, &zeros), "CONTENTS_EMPTY"),
        Case::format("one zero byte", with_hole(&file, "<00>"), "CONTENTS_EMPTY"),
        Case::format(
            "nothing but spaces",
            with_hole(&file, &spaces),
            "CONTENTS_EMPTY",
        ),
        Case::format("the placeholder never filled", unfilled, "OBJECT_MALFORMED"),
    ]
}

fn no_contents() -> Vec<Case> {
    let file = sealed();
    let renamed = swapped(&file, "/Contents<", "/Kontents<");
    let commented = swapped(&file, "/Contents<", "%Contents<");
    vec![
        Case::format("another key", renamed, "CONTENTS_INVALID"),
        Case::format("in a comment", commented, "OBJECT_MALFORMED"),
    ]
}

/// The file with `text` for its byte range; `{s}`, `{e}` and `{r}` stand for the true numbers.
fn ranged(text: &str) -> Vec<u8> {
    let file = sealed();
    let (start, end) = hole(&file);
    let rest = file.len() - end;
    let text = text.replace("{s}", &start.to_string());
    let text = text.replace("{e}", &end.to_string());
    with_range(&file, &text.replace("{r}", &rest.to_string()))
}

fn invalid_ranges(texts: &[&str]) -> Vec<Case> {
    let case = |text: &&str| Case::format(*text, ranged(text), "BYTE_RANGE_INVALID");
    texts.iter().map(case).collect()
}

fn too_few_numbers() -> Vec<Case> {
    let mut cases = invalid_ranges(&[
        "/ByteRange null",
        "/ByteRange[]",
        "/ByteRange[0 {s}]",
        "/ByteRange[0 {s} {e}]",
        "/ByteRange[0 {s} {e} {r} 0]",
        "/ByteRange[0 {s} {e} {r} 0 0]",
        "/ByteRange[0 {s} {e}/R]",
        "/ByteRange[0 {s}[{e} {r}]]",
        "/ByteRange 0",
        "/ByteRange<</A[0 1]>>",
        "/ByteRange(0 1 2 3)",
        "",
    ]);
    let missing = swapped(&sealed(), "/ByteRange[", "/ByteRanje[");
    cases.push(Case::format("another key", missing, "BYTE_RANGE_INVALID"));
    cases
}

fn impossible_numbers() -> Vec<Case> {
    let mut cases = invalid_ranges(&[
        "/ByteRange[0 -1 {e} {r}]",
        "/ByteRange[-1 {s} {e} {r}]",
        "/ByteRange[0 {s} -{e} {r}]",
        "/ByteRange[0 {s} {e} -{r}]",
        "/ByteRange[0 {s}.0 {e} {r}]",
        "/ByteRange[0 {s} {e} {r}.0]",
        "/ByteRange[0. {s} {e} {r}]",
        "/ByteRange[0 {s} {e} 2147483648]",
        "/ByteRange[0 {s} {e} 4294967296]",
        "/ByteRange[0 {s} 4294967296 {r}]",
        "/ByteRange[0 2147483648 {e} {r}]",
    ]);
    // Numbers of 64 bits and more need a wider place.
    for long in [
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "340282366920938463463374607431768211456",
    ] {
        let file = wide();
        let (start, end) = hole(&file);
        let rest = file.len() - end;
        for text in [
            format!("/ByteRange[0 {start} {end} {long}]"),
            format!("/ByteRange[0 {start} {long} {rest}]"),
            format!("/ByteRange[0 {long} {end} {rest}]"),
            format!("/ByteRange[{long} {start} {end} {rest}]"),
        ] {
            let reason = if long.len() > 19 || long.ends_with('8') {
                "OBJECT_MALFORMED"
            } else {
                "BYTE_RANGE_INVALID"
            };
            cases.push(Case::format(text.clone(), with_range(&file, &text), reason));
        }
    }
    cases
}

/// A signed file with room for long numbers.
fn wide() -> Vec<u8> {
    let range = format!("/ByteRange[0 @@@@@@@ @@@@@@@ @@@@@@@{}]", " ".repeat(60));
    let open = Doc::small().changed(SIGNATURE, "@]", &format!("@{}]", " ".repeat(60)));
    assert!(open.objects[&SIGNATURE].contains(&range));
    let file = open.open();
    let (start, end) = hole(&file);
    let rest = file.len() - end;
    let file = with_range(&file, &format!("/ByteRange[0 {start} {end} {rest}]"));
    super::super::attack::signed::seal(&file, &world().ecdsa)
}

fn nothing_covered() -> Vec<Case> {
    let mut cases = invalid_ranges(&[
        "/ByteRange[0 0 0 0]",
        "/ByteRange[0 1 2 1]",
        "/ByteRange[5 5 5 5]",
        "/ByteRange[{s} {s} {s} {s}]",
        "/ByteRange[{e} {r} 0 {s}]",
        "/ByteRange[0 {e} {s} {r}]",
        "/ByteRange[0 {s} {e} 0]",
        "/ByteRange[0 0 {e} {r}]",
        "/ByteRange[1 {s} {e} {r}]",
        "/ByteRange[0 {s} {s} {r}]",
    ]);
    for case in &mut cases {
        if case.what == "/ByteRange[0 1 2 1]" {
            case.reason = "BYTE_RANGE_GAP";
        }
    }
    cases
}

fn indirect_or_twice() -> Vec<Case> {
    let doc = Doc::small();
    let hex = |doc: &Doc| {
        let file = doc.open();
        let (start, end) = hole(&file);
        String::from_utf8_lossy(&file[start..end]).into_owned()
    };
    let indirect_range = ranged("/ByteRange 9 0 R");
    let indirect_number = ranged("/ByteRange[0 {s} {e} 9 0 R]");
    let contents = doc
        .clone()
        .with(9, &hex(&doc))
        .changed(SIGNATURE, &hex(&doc), " 9 0 R");
    let twice = |extra: &str| {
        let file = doc
            .clone()
            .changed(SIGNATURE, "/Type/Sig", &format!("/Type/Sig{extra}"))
            .open();
        super::super::attack::signed::seal(&file, &world().ecdsa)
    };
    let sealed = sealed();
    let (start, end) = hole(&sealed);
    let after = replaced(&sealed, (end, end), "/Contents<00>");
    assert!(start < end);
    vec![
        Case::format("indirect byte range", indirect_range, "BYTE_RANGE_INVALID"),
        Case::format("indirect number", indirect_number, "BYTE_RANGE_INVALID"),
        Case::format("indirect contents", contents.open(), "OBJECT_MALFORMED"),
        Case::format(
            "byte range twice",
            twice("/ByteRange[0 1 2 3]"),
            "DUPLICATE_KEY",
        ),
        Case::format("contents twice", twice("/Contents<3082>"), "DUPLICATE_KEY"),
        Case::format(
            "contents twice, escaped",
            twice("/Content#73<3082>"),
            "DUPLICATE_KEY",
        ),
        Case::format("contents once more behind", after, "XREF_MALFORMED"),
    ]
}

fn other_sub_filter() -> Vec<Case> {
    let doc = Doc::small();
    let named = |from: &str, to: &str| doc.clone().changed(SIGNATURE, from, to).sealed();
    let cades = "ETSI.CAdES.detached";
    let token = |kind: &str, sub_filter: &str| {
        let body = dictionary_of(kind, sub_filter, "");
        doc.clone().with(SIGNATURE, &body).sealed()
    };
    let x509 = doc.clone().changed(SIGNATURE, cades, "adbe.x509.rsa_sha1");
    // An enveloping structure under a detached sub-filter.
    let enveloping = doc.sealed_with(|cms| {
        *cms = Cms::enveloping(
            &world().ecdsa,
            super::super::attack::cms::DATA,
            b"own words",
        );
    });
    let other_type = doc.sealed_with(|cms| {
        let digest = openssl::sha::sha256(b"");
        cms.signers = vec![SignerInfo::of(&world().ecdsa, "1.2.3.4", &digest)];
        cms.content_type = "1.2.3.4".to_owned();
    });
    vec![
        Case::format(
            "unknown",
            named(cades, "EVIL.CAdES.detached"),
            "SUBFILTER_UNKNOWN",
        ),
        Case::format(
            "another case",
            named(cades, "etsi.cades.detached"),
            "SUBFILTER_UNKNOWN",
        ),
        Case::format(
            "missing",
            named(&format!("/SubFilter/{cades}"), ""),
            "SUBFILTER_UNKNOWN",
        ),
        Case::format(
            "a string",
            named(&format!("/{cades}"), &format!("({cades})")),
            "SUBFILTER_UNKNOWN",
        ),
        Case::format(
            "a time stamp by name",
            token("/Type/Sig", "ETSI.RFC3161"),
            "SIGNATURE_DICTIONARY",
        ),
        Case::format(
            "a time stamp by type",
            token("/Type/DocTimeStamp", cades),
            "SIGNATURE_DICTIONARY",
        ),
        Case::format(
            "no type of signature",
            token("/Type/Annot", cades),
            "SIGNATURE_DICTIONARY",
        ),
        Case::format(
            "no filter",
            named("/Filter/Adobe.PPKLite", ""),
            "SIGNATURE_DICTIONARY",
        ),
        Case::format(
            "certificates beside CAdES",
            named(cades, &format!("{cades}/Cert<00>")),
            "SIGNATURE_DICTIONARY",
        ),
        Case::format("content inside", enveloping, "CMS_CONTENT_PRESENT"),
        Case::format("another content type", other_type, "CMS_CONTENT_TYPE"),
        Case::new(
            "digest of nothing",
            x509.sealed(),
            "INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE",
            "LEGACY_SUBFILTER",
        ),
    ]
}

fn picture_of_a_signature() -> Vec<Case> {
    let shown = "<</Type/Annot/Subtype/Widget/FT/Sig/T(S)/Rect[0 0 200 90]/P 3 0 R/AP<</N 9 0 R>>";
    let look = "<</Type/XObject/Subtype/Form/BBox[0 0 200 90]/Length 2>>\nstream\nBT\nendstream";
    let file = |value: &str| {
        let field = format!("{shown}{value}>>");
        let mut doc = Doc::small().with(FIELD, &field).with(9, look);
        doc.objects.remove(&SIGNATURE);
        doc.open()
    };
    let absent = file("");
    assert!(find(&absent, "/AP", 0) < rfind(&absent, "xref"));
    vec![
        Case::new("no value", absent, "NO-SIGNATURE", "NO-SIGNATURE"),
        Case::new(
            "null for a value",
            file("/V null"),
            "NO-SIGNATURE",
            "NO-SIGNATURE",
        ),
        Case::format("a name for a value", file("/V/Signed"), "FIELD_INVALID"),
        Case::format(
            "a direct dictionary for a value",
            file("/V<</Type/Sig>>"),
            "FIELD_INVALID",
        ),
        Case::format(
            "a missing object for a value",
            file("/V 77 0 R"),
            "SIGNATURE_DICTIONARY",
        ),
    ]
}
