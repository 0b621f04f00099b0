//! What a signature may lock, certify and fill, and with which algorithms; judged here and by
//! programs written by others.

use std::path::Path;
use std::process::Command;

use lienthong::keystore::{Signer as _, Throwaway, ThrowawayKey};
use lienthong::pades::{self, Act, FieldLock, Policy, SignRequest};
use lienthong::pki::algorithm::DigestAlgorithm;

use super::support::{file, judged, key, now, path, request, sign_as, verdict};

const PERSON: &str = "persons/iadom-leader";
const AGENCY: &str = "agencies/iadom";

/// A page with a text field and two empty signature fields, one of them visible.
fn form() -> Vec<u8> {
    let bodies = [
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 5 0 R 6 0 R]/SigFlags 1>>>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots[4 0 R 5 0 R 6 0 R]>>",
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(opinion)/V(no)/F 4/P 3 0 R/Rect[50 700 250 720]>>",
        "<</Type/Annot/Subtype/Widget/FT/Sig/T(head)/F 4/P 3 0 R/Rect[300 100 500 180]>>",
        "<</Type/Annot/Subtype/Widget/FT/Sig/T(clerk)/F 132/P 3 0 R/Rect[0 0 0 0]>>",
    ];
    let mut file = "%PDF-1.7\n".to_owned();
    let mut table = "xref\n0 7\n0000000000 65535 f \n".to_owned();
    for (at, body) in bodies.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{} 0 obj\n{body}\nendobj\n", at + 1));
    }
    let start = file.len();
    file.push_str(&table);
    file.push_str(&format!(
        "trailer\n<</Root 1 0 R/Size 7>>\nstartxref\n{start}\n%%EOF\n"
    ));
    file.into_bytes()
}

fn wish(name: &str) -> SignRequest {
    request(&key(name), Act::Other, None)
}

fn signed(document: &[u8], name: &str, wish: &SignRequest) -> Result<Vec<u8>, String> {
    sign_as(document, &key(name), wish)
}

#[test]
fn an_empty_field_is_signed_where_it_stands() {
    let mut head = wish(PERSON);
    head.field = Some("head".to_owned());
    let once = signed(&form(), PERSON, &head).unwrap();
    let mut clerk = wish(AGENCY);
    clerk.field = Some("clerk".to_owned());
    let twice = signed(&once, AGENCY, &clerk).unwrap();
    let report = judged(&twice);
    assert_eq!(verdict(&report), "TOTAL-PASSED", "{:?}", report.findings);
    let fields: Vec<_> = report.signatures.iter().map(|one| &one.field).collect();
    assert_eq!(fields, ["head", "clerk"]);
}

#[test]
fn a_field_that_is_not_there_or_not_empty_is_named() {
    let mut unknown = wish(PERSON);
    unknown.field = Some("chief".to_owned());
    let refused = signed(&form(), PERSON, &unknown);
    assert_eq!(refused, Err("FIELD_UNKNOWN".to_owned()));
    let mut head = wish(PERSON);
    head.field = Some("head".to_owned());
    let once = signed(&form(), PERSON, &head).unwrap();
    let refused = signed(&once, PERSON, &head);
    assert_eq!(refused, Err("FIELD_SIGNED".to_owned()));
}

#[test]
fn a_field_that_demands_another_kind_of_signature_is_refused() {
    let text = String::from_utf8(form()).unwrap();
    let seeded = text.replace(
        "/T(clerk)/F 132",
        "/T(clerk)/SV<</Ff 2/SubFilter[/adbe.pkcs7.detached]>>/F 132",
    );
    // The objects after the changed one have moved: write the table again.
    let moved = rebuilt(&seeded);
    let mut clerk = wish(AGENCY);
    clerk.field = Some("clerk".to_owned());
    let refused = signed(&moved, AGENCY, &clerk);
    assert_eq!(refused, Err("SEED_VALUE_UNMET".to_owned()));
}

/// The same objects with a table that fits.
fn rebuilt(text: &str) -> Vec<u8> {
    let (body, _) = text.split_once("xref\n").unwrap();
    let mut file = body.to_owned();
    let mut table = "xref\n0 7\n0000000000 65535 f \n".to_owned();
    for number in 1..7 {
        let at = file.find(&format!("{number} 0 obj\n")).unwrap();
        table.push_str(&format!("{at:010} 00000 n \n"));
    }
    let start = file.len();
    file.push_str(&table);
    file.push_str(&format!(
        "trailer\n<</Root 1 0 R/Size 7>>\nstartxref\n{start}\n%%EOF\n"
    ));
    file.into_bytes()
}

#[test]
fn a_locked_field_cannot_be_signed_afterwards() {
    for (lock, may) in [
        (FieldLock::All, false),
        (FieldLock::Include(vec!["clerk".to_owned()]), false),
        (FieldLock::Include(vec!["opinion".to_owned()]), true),
        (FieldLock::Exclude(vec!["clerk".to_owned()]), true),
    ] {
        let mut head = wish(PERSON);
        head.field = Some("head".to_owned());
        head.lock = Some(lock.clone());
        let once = signed(&form(), PERSON, &head).unwrap();
        assert_eq!(verdict(&judged(&once)), "TOTAL-PASSED", "{lock:?}");
        let mut clerk = wish(AGENCY);
        clerk.field = Some("clerk".to_owned());
        let twice = signed(&once, AGENCY, &clerk);
        if may {
            assert_eq!(
                verdict(&judged(&twice.unwrap())),
                "TOTAL-PASSED",
                "{lock:?}"
            );
        } else {
            assert_eq!(twice, Err("WOULD_BREAK_EARLIER".to_owned()), "{lock:?}");
        }
    }
}

#[test]
fn a_certification_names_itself_in_the_catalog_and_can_lock_too() {
    let mut certify = wish(PERSON);
    certify.certify = Some(2);
    certify.lock = Some(FieldLock::Include(vec!["opinion".to_owned()]));
    let file = signed(&form(), PERSON, &certify).unwrap();
    let report = judged(&file);
    assert_eq!(verdict(&report), "TOTAL-PASSED", "{:?}", report.findings);
    let text = String::from_utf8_lossy(&file);
    for needed in [
        "/Perms",
        "/TransformMethod/DocMDP",
        "/TransformMethod/FieldMDP",
        "/Type/SigFieldLock/Action/Include",
    ] {
        assert!(text.contains(needed), "{needed}");
    }
}

#[test]
fn what_a_certification_forbids_is_refused_before_the_key_acts() {
    let mut certify = wish(PERSON);
    certify.certify = Some(1);
    let file = signed(&form(), PERSON, &certify).unwrap();
    let refused = pades::prepare(&file, &wish(AGENCY)).unwrap_err();
    assert_eq!(refused.code(), "FURTHER_SIGNATURES_FORBIDDEN");
}

/// `document` signed by a fresh key of `kind`, and the evidence that vouches for it.
fn with_fresh_key(
    document: &[u8],
    kind: ThrowawayKey,
    digest: DigestAlgorithm,
    pss: bool,
) -> (Vec<u8>, String) {
    let made = Throwaway::make(now(), kind).unwrap();
    let algorithm = made.key.algorithm(digest, pss).unwrap();
    let (signer, chain) = (made.key.certificate().clone(), made.key.chain().to_vec());
    let wish = SignRequest::new(Act::Other, algorithm, signer, chain, now());
    let signed = sign_as(document, &made.key, &wish).unwrap();
    let policy = Policy::standard();
    let report = pades::verify(&signed, "", &made.evidence, &policy, None, now());
    (signed, verdict(&report))
}

const KINDS: [(&str, ThrowawayKey, bool); 7] = [
    ("rsa2048", ThrowawayKey::Rsa(2048), false),
    ("pss2048", ThrowawayKey::Rsa(2048), true),
    ("rsa3072", ThrowawayKey::Rsa(3072), false),
    ("p256", ThrowawayKey::P256, false),
    ("p384", ThrowawayKey::P384, false),
    ("p521", ThrowawayKey::P521, false),
    ("ed25519", ThrowawayKey::Ed25519, false),
];

/// Every kind of key with every digest: ours, then poppler and pyHanko as judges of the mathematics.
/// Poppler 22.12 (NSS) knows no Ed25519 in CMS and is not asked about it.
#[test]
fn every_kind_of_key_signs_with_every_digest_before_other_judges() {
    let folder = tempfile::tempdir().unwrap();
    let document = file("fixtures/pdf/pdf-a.pdf");
    let mut written = Vec::new();
    for (name, kind, pss) in KINDS {
        for digest in [
            DigestAlgorithm::Sha256,
            DigestAlgorithm::Sha384,
            DigestAlgorithm::Sha512,
        ] {
            let (signed, found) = with_fresh_key(&document, kind, digest, pss);
            assert_eq!(found, "TOTAL-PASSED", "{name} {}", digest.name());
            let path = folder.path().join(format!("{name}-{}.pdf", digest.name()));
            std::fs::write(&path, signed).unwrap();
            if name != "ed25519" {
                poppler(&path);
            }
            written.push(path);
        }
    }
    let script = path("tests/engine/pyhanko_judge.py");
    let root = path("certs-test/trust/root.crt");
    let mut python = Command::new("python3");
    let said = python
        .arg(script)
        .arg(root)
        .args(&written)
        .output()
        .unwrap();
    let lines = String::from_utf8(said.stdout).unwrap();
    assert_eq!(lines.lines().count(), written.len(), "{:?}", said.stderr);
    for line in lines.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(
            (&line["intact"], &line["valid"]),
            (&true.into(), &true.into()),
            "{line}"
        );
        assert_eq!(line["coverage"], "ENTIRE_FILE", "{line}");
    }
}

fn poppler(path: &Path) {
    let said = Command::new("pdfsig").arg(path).output().unwrap();
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(
        said.contains("Signature is Valid"),
        "{}: {said}",
        path.display()
    );
}
