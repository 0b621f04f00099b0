//! Writes the first corpus of every target from the test PKI and the fixtures:
//! `cargo run --manifest-path fuzz/Cargo.toml --bin seeds`.

use std::fs;
use std::path::Path;

use lienthong_fuzz::{cms, genuine, write};
use openssl::x509::X509;

fn put(target: &str, name: &str, bytes: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("seed-{name}")), bytes).unwrap();
}

/// A piece as the targets take it: its length in two bytes, then itself.
fn with_length(piece: &[u8]) -> Vec<u8> {
    let length = u16::try_from(piece.len()).unwrap();
    [&length.to_be_bytes(), piece].concat()
}

fn main() {
    let values: [&[u8]; 8] = [
        b"<</A 1/B[true null(x\\051\\n)<4142>/N#20a -1.5 12 0 R]/C<</D/E>>>>",
        b"[1 2 .5 -0 +7 00012 4294967296 (a(b)c)]",
        b"(\\053\\n\\\r\nx\\()",
        b"<4 1 4>",
        b"/Name#41#zz",
        b"% word\n true",
        b"<</Length 3>>\nstream\nabc\nendstream",
        b"null",
    ];
    for (at, value) in values.iter().enumerate() {
        put("tokenizer", &at.to_string(), value);
    }
    put("xref", "small", &write::small_document());
    put("xref", "signed", &genuine::SIGNED);
    put("xref", "revoked", &genuine::REVOKED);
    let pair: &[u8] = b"10 0 11 9 <</A 1>>  [1 2 (x)]";
    put("object_streams", "two", &[&[2, 0, 10], pair].concat());
    put("object_streams", "one", b"\x01\x00\x0510 0 (abc)");
    put("cms", "genuine", &cms::GENUINE.0);
    put("cms", "token", genuine::TOKEN);
    put("ocsp_crl_tsp", "ocsp", genuine::OCSP);
    put("ocsp_crl_tsp", "token", genuine::TOKEN);
    for (name, list) in [
        ("crl", genuine::PERSONS_CRL),
        ("crl-root", genuine::ROOT_CRL),
    ] {
        put("ocsp_crl_tsp", name, list);
    }
    let der = |pem: &[u8]| X509::from_pem(pem).unwrap().to_der().unwrap();
    let leader = with_length(&der(genuine::LEADER));
    let ca = with_length(&der(genuine::PERSONS_CA));
    put("path", "leaf", &[&[0], leader.as_slice()].concat());
    put("path", "chain", &[&[3], leader.as_slice(), &ca].concat());
    put("path", "ca", &[&[3], ca.as_slice(), &leader].concat());
    let object = |number: u8, value: &[u8]| [&[number], with_length(value).as_slice()].concat();
    let page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R\
                 /Resources<</Font<</F1 5 0 R>>>>/Annots[8 0 R 20 0 R]>>";
    let note = b"<</Type/Annot/Subtype/Text/Rect[1 1 2 2]/Contents(x)>>";
    let font = b"<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>";
    put(
        "changes",
        "note",
        &[&[1], object(3, page).as_slice(), &object(20, note)].concat(),
    );
    put(
        "changes",
        "same",
        &[&[1], object(5, font).as_slice()].concat(),
    );
    put(
        "changes",
        "dss",
        &[
            &[1],
            object(1, b"<</Type/Catalog/Pages 2 0 R/DSS 21 0 R>>").as_slice(),
            &object(21, b"<</Type/DSS>>"),
        ]
        .concat(),
    );
    put(
        "changes",
        "revoked",
        &[&[3], object(5, font).as_slice()].concat(),
    );
    let mut twice = genuine::SIGNED.clone();
    let from = twice.len();
    write::update(&mut twice, &[(5, font)]);
    put("changes", "raw", &[&[0], &twice[from..]].concat());
    put("changes", "line-end", b"\x00\n");
}
