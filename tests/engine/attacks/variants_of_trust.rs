//! Families of variants of what stands inside the signature and beside it: the structure, the path,
//! revocation data and time stamps, with each kind of key. None may pass.

use super::super::attack::cms::{
    CERTIFICATE_V2, CONTENT_TYPE, Cms, DATA, MESSAGE_DIGEST, SIGNED_DATA, TIME_STAMP, TST_INFO,
    attribute, tst_info,
};
use super::super::attack::der::{context_primitive, extension, int, null, octets, oid, seq};
use super::super::attack::identity::{
    Crl, Draft, Identity, Scheme, crl, key_usage, name, p256, rsa, world,
};
use super::super::attack::judge::{FORMAT, evidence_of, judged_with, passes, verdict};
use super::super::attack::pdf::{Update, stream_bytes};
use super::super::attack::signed::Doc;
use super::trust::leaf;
use super::variants::{Variant, hold};

const OPEN: &str = "INDETERMINATE/";

fn signers() -> [&'static Identity; 4] {
    let world = world();
    [&world.ecdsa, &world.rsa, &world.pss, &world.ed25519]
}

type Change = fn(&mut Cms);

#[test]
fn cms_variants_never_pass() {
    let changes: [(&str, Change); 10] = [
        ("no digest", |cms| cms.signer().instead(MESSAGE_DIGEST, &[])),
        ("two digests", |cms| {
            let one = attribute(MESSAGE_DIGEST, &[&octets(&[1; 32])]);
            let two = attribute(MESSAGE_DIGEST, &[&octets(&[2; 32])]);
            cms.signer().instead(MESSAGE_DIGEST, &[one, two]);
        }),
        ("a digest of two values", |cms| {
            let both = attribute(MESSAGE_DIGEST, &[&octets(&[1; 32]), &octets(&[2; 32])]);
            cms.signer().instead(MESSAGE_DIGEST, &[both]);
        }),
        ("no content type", |cms| {
            cms.signer().instead(CONTENT_TYPE, &[])
        }),
        ("another content type", |cms| {
            let other = attribute(CONTENT_TYPE, &[&oid(SIGNED_DATA)]);
            cms.signer().instead(CONTENT_TYPE, &[other]);
        }),
        ("no attributes", |cms| cms.signer().attributes = None),
        ("no signers", |cms| cms.signers.clear()),
        ("two signers", |cms| {
            cms.signers.push(cms.signers[0].clone())
        }),
        ("content inside", |cms| {
            cms.content = Some(b"words".to_vec())
        }),
        ("another outer type", |cms| cms.outer_type = DATA.to_owned()),
    ];
    let mut family = Vec::new();
    for signer in signers() {
        for (what, change) in changes {
            let doc = Doc::small().roomy(3_000).by(signer);
            let name = format!("{what}, {:?}", signer.scheme);
            family.push((name, doc.sealed_with(change)));
        }
    }
    hold(FORMAT, family);
}

#[test]
fn named_certificate_variants_never_pass() {
    let mut family: Vec<Variant> = Vec::new();
    for signer in signers() {
        let others = signers();
        let others = others.iter().filter(|other| other.scheme != signer.scheme);
        for other in others {
            let file = Doc::small().roomy(3_000).by(signer).sealed_with(|cms| {
                cms.certificates = vec![other.certificate.clone()];
            });
            family.push((
                format!("the bag of {:?} for {:?}", other.scheme, signer.scheme),
                file,
            ));
            let file = Doc::small().roomy(3_000).by(signer).sealed_with(|cms| {
                cms.certificates.push(other.certificate.clone());
                cms.signer().sid = other.issuer_and_serial();
            });
            family.push((
                format!("the name of {:?} for {:?}", other.scheme, signer.scheme),
                file,
            ));
        }
        let file = Doc::small().by(signer).sealed_with(|cms| {
            cms.signer().instead(CERTIFICATE_V2, &[]);
        });
        family.push((format!("no name, {:?}", signer.scheme), file));
    }
    hold(OPEN, family);
}

#[test]
fn path_variants_never_pass() {
    let root = &world().root;
    let purpose = |kind: &str| extension("2.5.29.37", true, &seq(&[&oid(kind)]));
    let faults: [(&str, Draft); 8] = [
        (
            "ended",
            Draft::signer("A").but(|one| one.until = "20250101000000Z".to_owned()),
        ),
        (
            "of another issuer",
            Draft::signer("C").but(|one| one.issuer = name("Nobody")),
        ),
        (
            "for other uses",
            Draft::signer("D").with(&key_usage(0x20, 5)),
        ),
        ("of an authority", Draft::authority("E")),
        (
            "with an unknown rule",
            Draft::signer("F").with(&extension("1.2.3.4", true, &null())),
        ),
        (
            "negative",
            Draft::signer("G").but(|one| one.serial = vec![2, 1, 0x85]),
        ),
        (
            "of version 1",
            Draft::signer("H").but(|one| {
                one.version.clear();
                one.extensions.clear();
            }),
        ),
        (
            "for servers",
            Draft::signer("I").with(&purpose("1.3.6.1.5.5.7.3.1")),
        ),
    ];
    let mut family = Vec::new();
    for (what, draft) in faults {
        for scheme in [Scheme::Ecdsa, Scheme::Rsa, Scheme::Pss] {
            let key = if scheme == Scheme::Ecdsa {
                p256()
            } else {
                rsa(2_048)
            };
            let signer = draft.clone().sealed(key, scheme, Some(root));
            let signer = if what == "of another issuer" {
                signer
            } else {
                draft.clone().mint(signer.key, scheme, Some(root))
            };
            let name = format!("a certificate {what}, {scheme:?}");
            family.push((name, Doc::small().roomy(2_000).by(&signer).sealed()));
        }
    }
    hold(OPEN, family);
}

/// Lists and answers that do not say what is needed.
fn useless_lists() -> Vec<(String, Vec<u8>)> {
    let root = &world().root;
    let rogue = Draft::authority("Root").mint(p256(), Scheme::Ecdsa, None);
    let with = |extension: Vec<u8>| {
        Crl {
            extensions: vec![extension],
            ..Crl::of(root)
        }
        .der(root)
    };
    let scope = |field: &[u8]| with(extension("2.5.29.28", true, &seq(&[field])));
    let dated = |this: &str, next: &str| {
        let (this_update, next_update) = (this.to_owned(), next.to_owned());
        Crl {
            this_update,
            next_update,
            ..Crl::of(root)
        }
        .der(root)
    };
    let mut broken = crl(root, &[]);
    let last = broken.len() - 1;
    broken[last] ^= 1;
    let lists = [
        ("old", dated("20250101000000Z", "20250102000000Z")),
        ("of yesterday", dated("20260103000000Z", "20260104000000Z")),
        (
            "from the future",
            dated("20270101000000Z", "20270102000000Z"),
        ),
        ("delta", with(extension("2.5.29.27", true, &int(1)))),
        ("for authorities", scope(&[0x82, 1, 0xff])),
        ("for attributes", scope(&[0x85, 1, 0xff])),
        ("indirect", scope(&[0x84, 1, 0xff])),
        ("for some reasons", scope(&[0x83, 2, 6, 0x40])),
        (
            "with an unknown rule",
            with(extension("1.2.3.4", true, &null())),
        ),
        ("of a twin", crl(&rogue, &[])),
        ("of the signer", crl(&world().ecdsa, &[])),
        ("broken", broken),
    ];
    lists.map(|(what, list)| (what.to_owned(), list)).to_vec()
}

#[test]
fn revocation_variants_never_pass() {
    let (root, mut faults, mut count) = (&world().root, Vec::new(), 0);
    let file = Doc::small().sealed();
    let catalog = "<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R/DSS 30 0 R>>";
    for (what, list) in useless_lists() {
        let stored = Update::after(&file)
            .object(1, catalog)
            .object(30, "<</CRLs[31 0 R]>>")
            .object_bytes(31, &stream_bytes("", &list))
            .table();
        let inside = Doc::small()
            .roomy(2_000)
            .sealed_with(|cms| cms.crls = vec![list.clone()]);
        let given = evidence_of(&root.certificate, &[&list]);
        let bare = evidence_of(&root.certificate, &[]);
        for (place, file, evidence) in [
            ("given", &file, &given),
            ("stored", &stored, &bare),
            ("inside", &inside, &bare),
        ] {
            count += 1;
            let found = verdict(&judged_with(file, evidence));
            if found != "INDETERMINATE/TRY_LATER" {
                faults.push(format!("a list {what}, {place}: {found}"));
            }
        }
    }
    assert!(count >= 20);
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// A token by `tsa` about `imprint` in a signature whose certificate has ended.
fn stamped(expired: &Identity, tsa: &Identity, time: &str, imprint: Imprint<'_>) -> Vec<u8> {
    Doc::small().roomy(3_000).by(expired).sealed_with(|cms| {
        let signer = cms.signer();
        let value = signer.identity.sign(&signer.to_be_signed());
        let info = tst_info(&imprint(&value), time);
        let token = Cms::enveloping(tsa, TST_INFO, &info).der();
        signer.value = Some(value);
        signer.unsigned = vec![attribute(TIME_STAMP, &[&token])];
    })
}

const STAMPING: &str = "1.3.6.1.5.5.7.3.8";

fn purpose(critical: bool, kinds: &[&str]) -> Vec<u8> {
    let kinds: Vec<Vec<u8>> = kinds.iter().map(|kind| oid(kind)).collect();
    extension("2.5.29.37", critical, &seq(&[&kinds.concat()]))
}

fn authority() -> Draft {
    Draft::signer("TSA").with(&purpose(true, &[STAMPING]))
}

/// Authorities whose time stamps are worth nothing.
fn worthless() -> Vec<(&'static str, Identity)> {
    let (root, own) = (&world().root, authority);
    let rogue = Draft::authority("Root").mint(p256(), Scheme::Ecdsa, None);
    let code = "1.3.6.1.5.5.7.3.3";
    let until = |end: &str| own().but(|one| one.until = end.to_owned());
    let from = |begin: &str| own().but(|one| one.from = begin.to_owned());
    let policy = context_primitive(0, &[0]);
    vec![
        ("without a purpose", leaf(Draft::signer("TSA"), root)),
        (
            "of a soft purpose",
            leaf(own().with(&purpose(false, &[STAMPING])), root),
        ),
        ("for code", leaf(own().with(&purpose(true, &[code])), root)),
        (
            "for two purposes",
            leaf(own().with(&purpose(true, &[STAMPING, code])), root),
        ),
        (
            "for any purpose",
            leaf(own().with(&purpose(true, &["2.5.29.37.0"])), root),
        ),
        ("of a twin root", leaf(own(), &rogue)),
        ("of nobody", own().mint(p256(), Scheme::Ecdsa, None)),
        ("that ended", leaf(until("20210101000000Z"), root)),
        ("that begins later", leaf(from("20260104000000Z"), root)),
        (
            "with an unknown rule",
            leaf(own().with(&extension("1.2.3.4", true, &policy)), root),
        ),
    ]
}

type Imprint<'a> = &'a dyn Fn(&[u8]) -> [u8; 32];

#[test]
fn time_stamp_variants_never_pass() {
    let root = &world().root;
    let expired = Draft::signer("Expired").but(|one| one.until = "20251231000000Z".to_owned());
    let expired = leaf(expired, root);
    let good = leaf(authority(), root);
    let right: Imprint<'_> = &|value| openssl::sha::sha256(value);
    let mut family = Vec::new();
    for (what, tsa) in &worthless() {
        for time in ["20250601000000Z", "20251230000000Z"] {
            family.push((
                format!("an authority {what}, {time}"),
                stamped(&expired, tsa, time, right),
            ));
        }
    }
    for time in ["20190101000000Z", "20270101000000Z", "99991231235959Z"] {
        family.push((format!("at {time}"), stamped(&expired, &good, time, right)));
    }
    let wrong: [(&str, Imprint<'_>); 3] = [
        ("zeros", &|_| [0; 32]),
        ("nothing", &|_| openssl::sha::sha256(b"")),
        ("half", &|value| openssl::sha::sha256(&value[1..])),
    ];
    for (what, imprint) in wrong {
        family.push((
            format!("of {what}"),
            stamped(&expired, &good, "20250601000000Z", imprint),
        ));
    }
    let earlier = Crl {
        this_update: "20251230000000Z".to_owned(),
        next_update: "20260110000000Z".to_owned(),
        ..Crl::of(root)
    };
    let lists = evidence_of(&root.certificate, &[&world().crl, &earlier.der(root)]);
    let sound = stamped(&expired, &good, "20250601000000Z", right);
    assert!(
        passes(&judged_with(&sound, &lists)),
        "the stamp as it must be"
    );
    assert!(family.len() >= 20);
    for (what, file) in family {
        let found = verdict(&judged_with(&file, &lists));
        assert!(found.starts_with(OPEN), "a stamp {what}: {found}");
    }
}
