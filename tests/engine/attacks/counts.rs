//! BOM-03 and BOM-04: too many of something. Each file is as large as the list says and is judged
//! by the real program, whose processor time and memory are counted.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::super::attack::cms::{Cms, attribute};
use super::super::attack::der::{null, seq, unsigned};
use super::super::attack::identity::{Crl, Draft, Identity, Scheme, p256, world};
use super::super::attack::judge::evidence_of;
use super::super::attack::pdf::{Row, Update, last_startxref, stream_bytes};
use super::super::attack::signed::{Doc, FORM, field, seal};
use super::super::growth::signed_often;
use super::Case;
use super::bombs::LIMIT;

/// Every case judged by the program.
fn hold(cases: impl IntoIterator<Item = Case>) {
    let faults = cases.into_iter().filter_map(|case| case.fault_of_program());
    let faults: Vec<String> = faults.collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// A document with `count` signatures that are none beside its own.
fn signatures(count: u32) -> Vec<u8> {
    let mut list = "7 0 R".to_owned();
    let mut update = Update::new();
    let doc = Doc::small();
    for (number, body) in doc.objects.iter().filter(|(number, _)| **number != FORM) {
        update = update.object(*number, body);
    }
    for number in 0..count {
        let (one, value) = (1_000 + 2 * number, 1_001 + 2 * number);
        list.push_str(&format!(" {one} 0 R"));
        let body = "<</Type/Sig/Filter/F/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents<3082>>>";
        update = update
            .object(one, &field(&format!("N{number}"), value))
            .object(value, body);
    }
    let form = format!("<</Fields[{list}]/SigFlags 3>>");
    update.object(FORM, &form).table()
}

#[test]
fn bom_03_there_are_ten_thousand_signatures() {
    hold([
        Case::format("201 signatures", signatures(200), LIMIT),
        Case::format("10,001 signatures", signatures(10_000), LIMIT),
        Case::format("30,001 signatures", signatures(30_000), LIMIT),
        Case::passes("100 signatures that hold", signed_often(100)),
    ]);
}

/// A signed document with `count` updates after it, each with one object.
fn revisions(count: usize) -> Vec<u8> {
    let mut file = Doc::small().sealed();
    let mut previous = last_startxref(&file);
    for _ in 0..count {
        let offset = file.len();
        file.extend_from_slice(b"60 0 obj\n0\nendobj\n");
        let section = file.len();
        let text = format!(
            "xref\n60 1\n{offset:010} 00000 n \ntrailer\n<</Root 1 0 R/Size 100/Prev {previous}>>\n\
             startxref\n{section}\n%%EOF\n"
        );
        file.extend_from_slice(text.as_bytes());
        previous = section;
    }
    file
}

#[test]
fn bom_03_there_are_a_hundred_thousand_revisions() {
    hold([
        Case::format("990 revisions", revisions(989), "OBJECT_UNEXPLAINED"),
        Case::format("1,002 revisions", revisions(1_001), LIMIT),
        Case::format("100,001 revisions", revisions(100_000), LIMIT),
    ]);
}

fn document() -> Update {
    let objects = Doc::small().objects;
    let each = |own: Update, (number, body): (&u32, &String)| own.object(*number, body);
    objects.iter().fold(Update::new(), each)
}

/// The number of the first of many objects; all of them have seven digits.
const FIRST: u32 = 1_000_000;

/// A signed document whose table has `count` more rows, `line` giving each.
fn rows(count: u32, update: Update, line: impl Fn(u32) -> String) -> Vec<u8> {
    let mut text = update.subsections();
    text.push_str(&format!("{FIRST} {count}\n"));
    (0..count).for_each(|number| text.push_str(&line(number)));
    let update = update.but(|update| update.size = Some(FIRST + count));
    seal(&update.table_of(&text), &world().ecdsa)
}

/// A signed document whose cross-reference stream has `count` rows, nearly all of them zeros.
fn deflated(count: usize) -> Vec<u8> {
    let mut update = document();
    let at = update.out.len();
    let (offset, generation) = (at, 0);
    update.rows.insert(90, Row::At { offset, generation });
    let mut data = vec![0; 7 * count];
    for (number, row) in &update.rows {
        if let Row::At { offset, .. } = row {
            let place = 7 * usize::try_from(*number).unwrap();
            data[place] = 1;
            let offset = u32::try_from(*offset).unwrap().to_be_bytes();
            data[place + 1..place + 5].copy_from_slice(&offset);
        }
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&data).unwrap();
    let extra = format!("/Type/XRef/W[1 4 2]/Size {count}/Root 1 0 R/Filter/FlateDecode");
    let body = stream_bytes(&extra, &encoder.finish().unwrap());
    let update = update.raw("90 0 obj\n").raw(body).raw("\nendobj\n");
    seal(&update.finish(at), &world().ecdsa)
}

#[test]
fn bom_03_there_are_a_million_rows() {
    const MILLION: u32 = 1_000_000;
    let free = |_| "0000000000 00000 f \n".to_owned();
    let content = document().rows[&4].offset();
    let same = move |_| format!("{content:010} 00000 n \n");
    let mut real = document();
    let first = real.out.len();
    let object = |number: u32| format!("{} 0 obj\n0\nendobj\n", FIRST + number);
    let width = object(0).len();
    let objects: String = (0..MILLION).map(object).collect();
    real = real.raw(objects);
    let own = |number: u32| {
        let at = first + width * usize::try_from(number).unwrap();
        format!("{at:010} 00000 n \n")
    };
    let missing = document().table_of(&(document().subsections() + "100 3000000\n"));
    hold([
        Case::passes("a million free rows", rows(MILLION, document(), free)),
        Case::format(
            "a million rows of one place",
            rows(MILLION, document(), same),
            "OBJECT_MISPLACED",
        ),
        Case::passes("a million objects", rows(MILLION, real, own)),
        Case::passes("a million rows, deflated", deflated(1_000_000)),
        Case::format("three million rows, deflated", deflated(3_000_000), LIMIT),
        Case::format(
            "three million rows that are not there",
            seal(&missing, &world().ecdsa),
            LIMIT,
        ),
    ]);
}

fn with(room: usize, change: &dyn Fn(&mut Cms)) -> Vec<u8> {
    Doc::small().roomy(room).sealed_with(|cms| change(cms))
}

/// A list of `issuer` about so many other certificates that it has ten megabytes.
fn long_list(issuer: &Identity) -> Vec<u8> {
    let serial = |number: u32| unsigned(&[&[1; 12][..], &number.to_be_bytes()].concat());
    let revoked = (0..290_000).map(serial).collect();
    let list = Crl {
        revoked,
        ..Crl::of(issuer)
    };
    let der = list.der(issuer);
    assert!(der.len() > 10_000_000, "{}", der.len());
    der
}

#[test]
fn bom_04_lists_have_ten_megabytes() {
    let root = &world().root;
    let list = long_list(root);
    let inside = with(list.len() + 2_000, &|cms| cms.crls = vec![list.clone()]);
    let file = Doc::small().sealed();
    let given = evidence_of(&root.certificate, &[&list]);
    let catalog = "<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R/DSS 30 0 R>>";
    let stored = |lists: u32| {
        let names: String = (31..31 + lists)
            .map(|number| format!("{number} 0 R "))
            .collect();
        let mut update = Update::after(&file)
            .object(1, catalog)
            .object(30, &format!("<</CRLs[{names}]>>"));
        for number in 31..31 + lists {
            update = update.object_bytes(number, &stream_bytes("", &list));
        }
        update.table()
    };
    let bare = || evidence_of(&root.certificate, &[]);
    hold([
        Case::format("in the structure", inside, "CMS_TOO_LARGE"),
        Case::passes("among the evidence", file.clone()).relying_on(given),
        Case::passes("in the store", stored(1)).relying_on(bare()),
        Case::passes("five of them in the store", stored(5)).relying_on(bare()),
    ]);
}

/// Authorities, each certified by the one before; the first by the root.
fn chain(length: usize) -> Vec<Identity> {
    let mut chain = vec![world().root.clone()];
    for level in 0..length {
        let name = format!("Level {level}");
        let next = Draft::authority(&name).mint(p256(), Scheme::Ecdsa, chain.last());
        chain.push(next);
    }
    chain
}

/// A signer below `count` authorities that all certify each other and none of whom is trusted.
fn tangle(count: usize) -> Vec<u8> {
    let names: Vec<String> = (0..count).map(|number| format!("Knot {number}")).collect();
    let own: Vec<Identity> = names
        .iter()
        .map(|name| Draft::authority(name).mint(p256(), Scheme::Ecdsa, None))
        .collect();
    let byte = |number: usize| u8::try_from(number).unwrap();
    let mut bag = Vec::new();
    for (at, subject) in own.iter().enumerate() {
        for (other, issuer) in own.iter().enumerate().filter(|(other, _)| *other != at) {
            let draft = Draft::authority(&names[at]);
            let draft = draft.but(|draft| draft.serial = unsigned(&[1, 2, byte(at), byte(other)]));
            let crossed = draft.mint(subject.key.clone(), Scheme::Ecdsa, Some(issuer));
            bag.push(crossed.certificate);
        }
    }
    let leaf = Draft::signer("Tangled").mint(p256(), Scheme::Ecdsa, own.last());
    let doc = Doc::small().roomy(40_000).by(&leaf);
    doc.sealed_with(|cms| cms.certificates.extend(bag))
}

#[test]
fn bom_04_the_structure_carries_too_much() {
    let own = world().ecdsa.certificate.clone();
    let certificates = |count: usize| {
        with(count * 600, &|cms| {
            cms.certificates = (0..count).map(|_| own.clone()).collect();
        })
    };
    let junk = with(4 << 20, &|cms| cms.crls = vec![seq(&[&vec![0; 4 << 20]])]);
    let attributes = with(20_000, &|cms| {
        let one = |n: u8| attribute(&format!("1.2.3.{n}"), &[&null()]);
        cms.signer().unsigned = (0..90).map(one).collect();
    });
    let chain = chain(40);
    let leaf = Draft::signer("Deep").mint(p256(), Scheme::Ecdsa, chain.last());
    let long = Doc::small().roomy(30_000).by(&leaf).sealed_with(|cms| {
        let above = chain[1..].iter().map(|one| one.certificate.clone());
        cms.certificates.extend(above);
    });
    const GENERAL: &str = "INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE";
    hold([
        Case::format("90 certificates", certificates(90), "CMS_TOO_LARGE"),
        Case::format("6,000 certificates", certificates(6_000), "CMS_TOO_LARGE"),
        Case::format("four megabytes of nothing", junk, "CMS_TOO_LARGE"),
        Case::format("90 unsigned attributes", attributes, "CMS_TOO_LARGE"),
        Case::new("a chain of 41", long, GENERAL, "PATH_TOO_LONG"),
        Case::new(
            "seven authorities that certify each other",
            tangle(7),
            GENERAL,
            "BUDGET_EXCEEDED",
        ),
    ]);
}
