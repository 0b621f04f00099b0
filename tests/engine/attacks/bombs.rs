//! BOM, bombs: small files that ask for much. Each is refused by a limit, in time and in memory, or
//! is of no concern because the verifier does not read that part at all.

use std::io::Write as _;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::super::attack::cms::Cms;
use super::super::attack::der::{algorithm, bits, int, null, seq, unsigned};
use super::super::attack::identity::{Draft, Scheme, p256, rsa, world};
use super::super::attack::pdf::{Row, Update, stream, stream_bytes, stream_with};
use super::super::attack::signed::{Doc, FORM, field, page, seal};
use super::Case;

super::rows! {
    bom_01_streams_inflate_without_end: inflating;
    bom_02_structures_nest_without_end: nesting;
    bom_03_there_are_too_many_of_something: counting;
    bom_04_the_structure_carries_too_much: carrying;
    bom_05_the_keys_are_monstrous: monstrous_keys;
    bom_06_fonts_images_and_profiles_are_not_read: unread_parts;
}

const LIMIT: &str = "LIMIT_EXCEEDED";

/// A generous bound: what hangs fails the test in its place.
fn in_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(work()));
    let bound = Duration::from_secs(60);
    receiver
        .recv_timeout(bound)
        .expect("still at work after a minute")
}

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

fn counting() -> Vec<Case> {
    let many = {
        let mut doc = Doc::small();
        let mut list = "7 0 R".to_owned();
        for number in 0..250 {
            let (one, value) = (1_000 + 2 * number, 1_001 + 2 * number);
            list.push_str(&format!(" {one} 0 R"));
            let body = "<</Type/Sig/Filter/F/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents<3082>>>";
            doc = doc
                .with(one, &field(&format!("N{number}"), value))
                .with(value, body);
        }
        let form = format!("<</Fields[{list}]/SigFlags 3>>");
        let mut update = Update::new();
        for (number, body) in doc.with(FORM, &form).objects.iter().rev() {
            update = update.object(*number, body);
        }
        update.table()
    };
    let mut revisions = Doc::small().sealed();
    for _ in 0..1_001 {
        revisions = Update::after(&revisions).object(60, "0").table();
    }
    let entries = {
        let mut doc = Update::new();
        for (number, body) in &Doc::small().objects {
            doc = doc.object(*number, body);
        }
        let rows = doc.subsections();
        seal(
            &doc.table_of(&format!("{rows}100 3000000\n")),
            &world().ecdsa,
        )
    };
    let fields = {
        let list: String = (0..30_000).map(|_| "7 0 R ").collect();
        Doc::small()
            .with(FORM, &format!("<</Fields[{list}]/SigFlags 3>>"))
            .sealed()
    };
    vec![
        Case::format("251 signatures", many, LIMIT),
        Case::format("1,002 revisions", revisions, LIMIT),
        Case::format("3,000,000 rows", entries, LIMIT),
        Case::format("a field 30,000 times", fields, "FIELD_INVALID"),
    ]
}

fn carrying() -> Vec<Case> {
    let with = |room: usize, change: &dyn Fn(&mut Cms)| {
        Doc::small().roomy(room).sealed_with(|cms| change(cms))
    };
    let own = world().ecdsa.certificate.clone();
    let certificates = with(60_000, &|cms| {
        cms.certificates = (0..90).map(|_| own.clone()).collect();
    });
    let junk = with(4 << 20, &|cms| cms.crls = vec![seq(&[&vec![0; 4 << 20]])]);
    let attributes = with(20_000, &|cms| {
        let one = |n: u8| super::super::attack::cms::attribute(&format!("1.2.3.{n}"), &[&null()]);
        cms.signer().unsigned = (0..90).map(one).collect();
    });
    let mut chain = vec![world().root.clone()];
    for level in 0..40 {
        let issuer = chain.last().unwrap();
        let name = format!("Level {level}");
        chain.push(Draft::authority(&name).mint(p256(), Scheme::Ecdsa, Some(issuer)));
    }
    let leaf = Draft::signer("Deep").mint(p256(), Scheme::Ecdsa, chain.last());
    let long = Doc::small().roomy(30_000).by(&leaf).sealed_with(|cms| {
        cms.certificates
            .extend(chain[1..].iter().map(|one| one.certificate.clone()));
    });
    vec![
        Case::format("90 certificates", certificates, "CMS_TOO_LARGE"),
        Case::format("four megabytes of lists", junk, "CMS_TOO_LARGE"),
        Case::format("90 unsigned attributes", attributes, "CMS_TOO_LARGE"),
        Case::new(
            "a chain of 41",
            long,
            "INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE",
            "PATH_TOO_LONG",
        ),
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
fn bombs_are_judged_in_bounded_time() {
    for cases in [inflating, nesting, counting, carrying, monstrous_keys] {
        for case in in_time(cases) {
            let what = case.what.clone();
            let fault = in_time(move || case.fault());
            assert_eq!(fault, None, "{what}");
        }
    }
}

/// The program itself, its peak of resident memory measured by `time`. Without revocation data
/// nothing passes; what the limits of its child stop is undecided instead of failed.
#[test]
fn bombs_are_judged_in_bounded_memory() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root.crt");
    std::fs::write(&root, &world().root.certificate).unwrap();
    for case in inflating().iter().chain(&counting()) {
        let file = folder.path().join("bomb.pdf");
        std::fs::write(&file, &case.file).unwrap();
        let output = Command::new("/usr/bin/env")
            .args(["time", "-f", "%M"])
            .arg(env!("CARGO_BIN_EXE_lienthong"))
            .arg("verify")
            .arg(&file)
            .arg("--trust")
            .arg(&root)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let peak = said
            .lines()
            .last()
            .and_then(|line| line.trim().parse::<u64>().ok());
        let peak = peak.unwrap_or_else(|| panic!("{}: {said}", case.what));
        assert!(peak < 512 * 1024, "{}: {peak} KiB", case.what);
        let code = output.status.code().unwrap();
        assert!([10, 11, 20].contains(&code), "{}: exit {code}", case.what);
    }
}
