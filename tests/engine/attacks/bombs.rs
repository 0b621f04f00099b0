//! BOM, bombs: small files that ask for much. Each is refused by a limit, in time and in memory, or
//! is of no concern because the verifier does not read that part at all.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::super::attack::der::{algorithm, bits, int, null, seq, unsigned};
use super::super::attack::identity::{Draft, Scheme, rsa, world};
use super::super::attack::pdf::{Row, Update, stream, stream_bytes, stream_with};
use super::super::attack::signed::{Doc, page, seal};
use super::Case;

super::rows! {
    bom_01_streams_inflate_without_end: inflating;
    bom_02_structures_nest_without_end: nesting;
    bom_05_the_keys_are_monstrous: monstrous_keys;
    bom_06_fonts_images_and_profiles_are_not_read: unread_parts;
}

pub(super) const LIMIT: &str = "LIMIT_EXCEEDED";

fn zeros(count: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let piece = vec![0; 1 << 20];
    (0..count >> 20).for_each(|_| encoder.write_all(&piece).unwrap());
    encoder.finish().unwrap()
}

/// A document, signed, with more objects and rows.
fn with(more: impl FnOnce(Update) -> Update) -> Vec<u8> {
    let mut doc = Update::new();
    for (number, body) in &Doc::small().objects {
        doc = doc.object(*number, body);
    }
    seal(&more(doc).stream(90), &world().ecdsa)
}

fn inflating() -> Vec<Case> {
    let bomb = zeros(100 << 20);
    let flate = "/Filter/FlateDecode";
    let twice = {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&bomb).unwrap();
        encoder.finish().unwrap()
    };
    let packed = |filter: &str, data: &[u8]| {
        let body = stream_bytes(&format!("/Type/ObjStm/N 1/First 4{filter}"), data);
        with(|doc| {
            doc.object_bytes(91, &body).row(
                60,
                Row::In {
                    stream: 91,
                    index: 0,
                },
            )
        })
    };
    let section = {
        let mut doc = Update::new();
        for (number, body) in &Doc::small().objects {
            doc = doc.object(*number, body);
        }
        let at = doc.out.len();
        let extra = format!("/Type/XRef/W[1 4 2]/Size 100/Root 1 0 R{flate}");
        let body = stream_bytes(&extra, &bomb);
        seal(&doc.object_bytes(90, &body).finish(at), &world().ecdsa)
    };
    let content = stream_bytes(flate, &bomb);
    let content = with(|doc| doc.object_bytes(4, &content));
    let other = |name: &str| {
        packed(
            &format!("/Filter/{name}"),
            b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01",
        )
    };
    const WRONG: &str = "FILTER_UNSUPPORTED";
    let chained = "/Filter[/FlateDecode/FlateDecode]";
    vec![
        Case::format("an object stream", packed(flate, &bomb), LIMIT),
        Case::format("a cross-reference stream", section, LIMIT),
        Case::format("filters in a chain", packed(chained, &twice), WRONG),
        Case::format("LZW", other("LZWDecode"), WRONG),
        Case::format("run lengths", other("RunLengthDecode"), WRONG),
        Case::format("Brotli", other("BrotliDecode"), WRONG),
        Case::passes("page content, which nobody inflates", content),
    ]
}

fn nesting() -> Vec<Case> {
    let deep = |open: &str, close: &str| {
        let body = format!("{}{}", open.repeat(50_000), close.repeat(50_000));
        Doc::small().with(60, &body).sealed()
    };
    let tree = |levels: u32| {
        let mut doc = Doc::small().with(2, "<</Type/Pages/Kids[100 0 R]/Count 1>>");
        for level in 100..100 + levels {
            let kid = if level + 1 == 100 + levels {
                3
            } else {
                level + 1
            };
            let parent = if level == 100 { 2 } else { level - 1 };
            let body = format!("<</Type/Pages/Parent {parent} 0 R/Kids[{kid} 0 R]/Count 1>>");
            doc = doc.with(level, &body);
        }
        doc.changed(3, "/Parent 2", &format!("/Parent {}", 99 + levels))
            .sealed()
    };
    let open = "(".repeat(200_000);
    vec![
        Case::format("arrays", deep("[", "]"), LIMIT),
        Case::format("dictionaries", deep("<</A", ">>"), LIMIT),
        Case::format(
            "arrays that never end",
            Doc::small().with(60, &"[".repeat(90_000)).sealed(),
            LIMIT,
        ),
        Case::format(
            "strings that never end",
            Doc::small().with(60, &open).sealed(),
            "OBJECT_MALFORMED",
        ),
        Case::format("a page tree", tree(500), "STRUCTURE"),
    ]
}

fn monstrous_keys() -> Vec<Case> {
    let public = |modulus: usize, exponent: &[u8]| {
        let digits = [&vec![0xC5; modulus / 8 - 1][..], &[1]].concat();
        let key = seq(&[&unsigned(&digits), &unsigned(exponent)]);
        seq(&[&algorithm("1.2.840.113549.1.1.1", &null()), &bits(&key)])
    };
    let monster = |modulus: usize, exponent: &[u8]| {
        let public = public(modulus, exponent);
        let draft = Draft::signer("Monster").but(|draft| draft.public_key = Some(public));
        let identity = draft.mint(rsa(2048), Scheme::Rsa, Some(&world().root));
        Doc::small().roomy(12_000).by(&identity).sealed_with(|cms| {
            cms.signer().value = Some(vec![0x55; modulus / 8]);
        })
    };
    let salt = Doc::small().by(&world().pss).sealed_with(|cms| {
        let identifier = Scheme::Pss.identifier();
        let huge = seq(&[&unsigned(&[0x7f, 0xff, 0xff, 0xff])]);
        let own = seq(&[&int(32)]);
        assert!(identifier.ends_with(&own[2..]));
        let sha256 = algorithm(super::super::attack::identity::SHA256, &null());
        let mask = algorithm("1.2.840.113549.1.1.8", &sha256);
        let fields = [
            super::super::attack::der::context(0, &[&sha256]),
            super::super::attack::der::context(1, &[&mask]),
            super::super::attack::der::context(2, &[&huge[2..]]),
        ];
        cms.signer().algorithm = algorithm("1.2.840.113549.1.1.10", &seq(&[&fields.concat()]));
    });
    const CRYPTO: &str = "TOTAL-FAILED/SIG_CRYPTO_FAILURE";
    vec![
        Case::new(
            "RSA of 16,384 bits",
            monster(16_384, &[1, 0, 1]),
            CRYPTO,
            "KEY_TOO_LARGE",
        ),
        Case::new(
            "a huge exponent",
            monster(2_048, &[0x7f; 255]),
            CRYPTO,
            "KEY_TOO_LARGE",
        ),
        Case::new(
            "a huge salt",
            salt,
            "INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE",
            "ALGORITHM_PARAMETERS",
        ),
    ]
}

fn unread_parts() -> Vec<Case> {
    let junk = "\u{1}junk\u{2}".repeat(50);
    let part = |extra: &str| {
        let body = stream_with(extra, &junk);
        Doc::small()
            .with(60, &body)
            .changed(
                5,
                "/Subtype",
                "/FontDescriptor<</FontFile2 60 0 R>>/Subtype",
            )
            .sealed()
    };
    let image = "/Type/XObject/Subtype/Image/Width 999999999/Height 999999999/Filter";
    let page = page("4 0 R").replace("/Resources<<", "/Resources<</XObject<</X 60 0 R>>");
    let shown = Doc::small()
        .with(3, &page)
        .with(60, &stream_with(&format!("{image}/JBIG2Decode"), &junk));
    let metadata = Doc::small().with(60, &stream("<!DOCTYPE x [<!ENTITY a \"aaaa\">]><x>&a;</x>"));
    let metadata = metadata.changed(1, "/Pages", "/Metadata 60 0 R/Pages");
    vec![
        Case::passes("a font", part("")),
        Case::passes("a huge picture", shown.sealed()),
        Case::passes("a profile", part("/N 4/Filter/DCTDecode")),
        Case::passes("metadata with entities", metadata.sealed()),
    ]
}

#[test]
fn bombs_are_judged_in_bounded_time_and_memory() {
    let rows = [inflating, nesting, monstrous_keys, unread_parts];
    let cases = rows.into_iter().flat_map(|cases| cases());
    let faults: Vec<String> = cases.filter_map(|case| case.fault_of_program()).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
