//! The jail: inside it documents come to the same verdict, nothing else can be done, and a child
//! that dies harms nobody.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::process::Command;

use lienthong::cms;
use lienthong::domain::language::Language;
use lienthong::jail::{
    Death, Detached, Error, Forms, Jail, Judged, Languages, Linted, Look, Order, Outside, Question,
};
use lienthong::keystore::Signer as _;
use lienthong::pades::{self, Act, FileVerdict, Policy, SignerRegistry};
use lienthong::pki::algorithm::DigestAlgorithm;
use lienthong::pki::certificate::Certificate;
use lienthong::pki::verdict::Indication;
use nix::libc;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

use super::support::{self, bytes, documents, evidence, now, path, signed};

const LANGUAGES: Languages = Languages {
    data: Language::English,
    words: Language::Vietnamese,
};

fn jail() -> Jail {
    Jail::of_program(Path::new(env!("CARGO_BIN_EXE_lienthong")))
}

fn stored(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, bytes).unwrap();
    file
}

fn ask<T>(
    policy: &Policy,
    registry: Option<&dyn SignerRegistry>,
    put: impl FnOnce(&Question<'_>) -> T,
) -> T {
    put(&Question {
        name: "a.pdf",
        evidence: &evidence(),
        policy,
        registry,
        at: now(),
        languages: LANGUAGES,
        forms: Forms::default(),
    })
}

/// The verdict of `jail`, which must be that of the library in this process, to the last byte.
fn judged_alike(jail: &Jail, bytes: &[u8]) -> Judged {
    let register = support::Register::of_ia_dom();
    let file = stored(bytes);
    let policies = [Policy::standard(), Policy::agency(None)];
    let mut all = policies.iter().map(|policy| {
        ask(policy, Some(&register), |question| {
            let judged = jail.verify(&Outside::file(&file), question).unwrap();
            let Question { evidence, at, .. } = *question;
            let report = pades::verify(
                &bytes.to_vec(),
                "a.pdf",
                evidence,
                policy,
                Some(&register),
                at,
            );
            assert_eq!(judged, Judged::of(&report, LANGUAGES, Forms::default()));
            judged
        })
    });
    let first = all.next().unwrap();
    all.for_each(drop);
    first
}

#[test]
fn verdicts_inside_are_those_outside() {
    for document in documents() {
        let bytes = std::fs::read(document).unwrap();
        assert_eq!(
            judged_alike(&jail(), &bytes).verdict,
            FileVerdict::NoSignature
        );
        let judged = judged_alike(&jail(), &signed(&bytes, "persons/iadom-leader"));
        assert_eq!(judged.verdict, FileVerdict::Judged(Indication::TotalPassed));
    }
}

#[test]
fn every_algorithm_works_inside() {
    let bytes = std::fs::read(&documents()[0]).unwrap();
    let mut seen = BTreeMap::new();
    for kind in ["agencies", "persons", "services", "algorithms"] {
        let Ok(folder) = std::fs::read_dir(path("certs-test").join(kind)) else {
            continue;
        };
        for key in folder.map(|entry| entry.unwrap().path()) {
            if key.extension().is_some_and(|kind| kind == "p12") {
                let name = format!("{kind}/{}", key.file_stem().unwrap().to_str().unwrap());
                let algorithm = format!("{:?}", support::key(&name).certificate().key());
                if seen.insert(algorithm, name.clone()).is_none() {
                    judged_alike(&jail(), &signed(&bytes, &name));
                }
            }
        }
    }
    assert!(seen.len() >= 3, "{seen:?}");
}

#[test]
fn broken_files_are_judged_alike_inside() {
    for file in std::fs::read_dir(path("fixtures/broken")).unwrap() {
        let file = file.unwrap().path();
        if file.extension().is_some_and(|kind| kind == "pdf") {
            judged_alike(&jail(), &std::fs::read(file).unwrap());
        }
    }
}

#[test]
fn children_started_ahead_judge_like_others() {
    let jail = jail().starting_ahead();
    let bytes = std::fs::read(&documents()[0]).unwrap();
    let large = [bytes.as_slice(), &vec![b' '; 5 << 20]].concat();
    let signed = signed(&bytes, "persons/iadom-leader");
    for document in [&bytes, &signed, &large, &b"no pdf".to_vec(), &signed] {
        judged_alike(&jail, document);
    }
    let (head, tail) = signed.split_at(signed.len() / 2);
    let file = stored(head);
    let document = Outside { file: &file, tail };
    let whole = jail.inspect(&document).unwrap();
    let seen = pades::inspect(&signed).unwrap();
    assert_eq!(whole, Look::Seen(seen));
}

#[test]
fn a_look_inside_shows_what_a_look_outside_shows() {
    for document in documents() {
        let bytes = std::fs::read(&document).unwrap();
        let look = jail().inspect(&Outside::file(&File::open(document).unwrap()));
        let seen = pades::inspect(&bytes).unwrap();
        assert_eq!(look.unwrap(), Look::Seen(seen));
    }
    let none = File::open(path("fixtures/broken/not-a-pdf.pdf")).unwrap();
    let look = jail().inspect(&Outside::file(&none)).unwrap();
    assert_eq!(look, Look::Refused("NOT_A_PDF".to_owned()));
}

#[test]
fn a_secrecy_marking_is_looked_for_unless_the_question_leaves_it_out() {
    let file = stored(&bytes::saying("TOI MAT"));
    let found = |forms: Forms, jail: &Jail| {
        ask(&Policy::standard(), None, |question| {
            let question = Question { forms, ..*question };
            jail.verify(&Outside::file(&file), &question).unwrap()
        })
        .marking
    };
    let left_out = Forms {
        unchecked_marking: true,
        ..Forms::default()
    };
    for jail in [jail(), Jail::trust_blindly()] {
        assert_eq!(found(Forms::default(), &jail).as_deref(), Some("TỐI MẬT"));
        assert_eq!(found(left_out, &jail), None);
    }
}

#[test]
fn a_signature_prepared_inside_is_the_one_prepared_outside() {
    let key = support::key("persons/iadom-leader");
    let image = support::file("fixtures/marks/chu-ky-xanh.png");
    let request = support::request(&key, Act::Approve, None);
    for document in documents() {
        let file = File::open(&document).unwrap();
        let bytes = std::fs::read(&document).unwrap();
        for image in [None, Some(image.as_slice())] {
            let order = Order {
                lines: &[],
                act: Act::Approve,
                image,
                algorithm: request.algorithm,
                signer: &request.signer,
                chain: &request.chain,
                claimed_time: request.claimed_time,
                name: None,
                contents_bytes: 0,
            };
            let session = jail().prepare(&Outside::file(&file), &order);
            let session = session.unwrap().unwrap();
            let mark = image.map(|image| {
                let image = pades::Image::from_png(image).unwrap();
                pades::marks::approve(&bytes, image).unwrap()
            });
            let request = support::request(&key, Act::Approve, mark);
            let outside = pades::prepare(&bytes, &request).unwrap();
            assert_eq!(session.to_be_signed(), outside.to_be_signed());
        }
    }
}

#[test]
fn a_file_that_cannot_be_signed_is_refused_inside_with_its_reason() {
    let key = support::key("agencies/iadom");
    let request = support::request(&key, Act::Issue, None);
    let order = Order {
        lines: &[],
        act: Act::Issue,
        image: None,
        algorithm: request.algorithm,
        signer: &request.signer,
        chain: &request.chain,
        claimed_time: request.claimed_time,
        name: None,
        contents_bytes: 0,
    };
    for (file, code) in [
        ("fixtures/broken/encrypted.pdf", "ENCRYPTED"),
        ("fixtures/pdf/pdf-a.pdf", "PERSON_SIGNATURE_MISSING"),
    ] {
        let file = File::open(path(file)).unwrap();
        let refused = jail().prepare(&Outside::file(&file), &order).unwrap();
        assert_eq!(refused.err().unwrap().code, code);
    }
}

#[test]
fn warnings_inside_are_those_outside() {
    let languages = [Language::English, Language::Vietnamese];
    for document in documents() {
        let bytes = std::fs::read(&document).unwrap();
        let size = u64::try_from(bytes.len()).unwrap();
        let inside = jail().lint(
            &Outside::file(&File::open(&document).unwrap()),
            "a.pdf",
            languages,
        );
        let inside = inside.unwrap();
        let outside = Linted::of(&pades::lint(&bytes), "a.pdf", size, languages);
        assert_eq!(inside, outside);
    }
}

#[test]
fn a_neighbours_signature_is_read_inside_and_believed_from_known_keys_only() {
    let (hub, other) = (
        support::key("agencies/iadom"),
        support::key("agencies/gialai"),
    );
    let algorithm = hub.algorithm(DigestAlgorithm::Sha256, false).unwrap();
    let by_key = |tbs: &[u8]| hub.sign(&algorithm, tbs);
    let (certificate, chain) = (hub.certificate(), hub.chain());
    let made = cms::detached::sign(b"a statement", &algorithm, certificate, chain, &by_key);
    let made = made.unwrap();
    let asked = |content: &[u8], cms: &[u8], known: &Certificate| {
        let known = [known.clone()];
        jail().detached(content, cms, &known).unwrap()
    };
    let by = asked(b"a statement", &made, certificate);
    assert_eq!(by, Detached::By(certificate.clone()));
    let stranger = asked(b"a statement", &made, other.certificate());
    assert!(
        matches!(stranger, Detached::Stranger { .. }),
        "{stranger:?}"
    );
    let changed = asked(b"another one", &made, certificate);
    assert!(matches!(changed, Detached::Refused { .. }), "{changed:?}");
    let garbage = asked(b"a statement", &made[..made.len() - 1], certificate);
    assert!(matches!(garbage, Detached::Refused { .. }), "{garbage:?}");
}

#[test]
fn bytes_that_follow_the_file_belong_to_the_document() {
    let bytes = signed(
        &std::fs::read(&documents()[0]).unwrap(),
        "persons/iadom-leader",
    );
    let (head, tail) = bytes.split_at(bytes.len() / 2);
    let file = stored(head);
    let document = Outside { file: &file, tail };
    let Ok(Look::Seen(seen)) = jail().inspect(&document) else {
        panic!("cannot be read");
    };
    assert_eq!(seen.signatures, 1);
}

/// Runs `act` on a thread where `calls` fail as on a kernel that does not know them.
fn without(calls: &[i64], act: impl FnOnce() + Send) {
    const UNKNOWN: u32 = 38;
    answering(UNKNOWN, calls, act);
}

/// Runs `act` on a thread under a filter, as containers have one, that answers `calls` with `fault`.
fn answering(fault: u32, calls: &[i64], act: impl FnOnce() + Send) {
    let rules = calls.iter().map(|call| (*call, Vec::new())).collect();
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(fault),
        std::env::consts::ARCH.try_into().unwrap(),
    );
    let program: BpfProgram = filter.unwrap().try_into().unwrap();
    std::thread::scope(|scope| {
        scope
            .spawn(|| {
                seccompiler::apply_filter(&program).unwrap();
                act();
            })
            .join()
            .unwrap();
    });
}

#[test]
fn without_landlock_or_seccomp_nothing_is_read() {
    let file = File::open(&documents()[0]).unwrap();
    for (call, wall) in [
        (libc::SYS_landlock_create_ruleset, "Landlock"),
        (libc::SYS_seccomp, "seccomp"),
    ] {
        without(&[call], || {
            let look = jail().inspect(&Outside::file(&file));
            let Err(Error::NotBuilt { detail }) = look else {
                panic!("{look:?}");
            };
            assert!(detail.contains(wall), "{detail}");
            let anyway = jail().trust_blindly_if_it_cannot_be_built();
            assert!(anyway.inspect(&Outside::file(&file)).is_ok());
        });
    }
}

#[test]
fn under_the_filter_of_a_container_documents_are_read_or_the_missing_wall_is_named() {
    const FORBIDDEN: u32 = 1;
    let file = File::open(&documents()[0]).unwrap();
    answering(FORBIDDEN, &[libc::SYS_mount, libc::SYS_ptrace], || {
        assert!(jail().inspect(&Outside::file(&file)).is_ok());
    });
    for (call, wall) in [
        (libc::SYS_landlock_create_ruleset, "Landlock"),
        (libc::SYS_landlock_restrict_self, "Landlock"),
        (libc::SYS_seccomp, "seccomp"),
        (libc::SYS_prctl, "Landlock"),
    ] {
        answering(FORBIDDEN, &[call], || {
            let look = jail().inspect(&Outside::file(&file));
            let Err(Error::NotBuilt { detail }) = look else {
                panic!("{look:?}");
            };
            assert!(detail.starts_with(wall), "{detail}");
        });
    }
}

#[test]
fn the_refusal_names_the_flag_and_the_flag_works() {
    without(&[libc::SYS_landlock_create_ruleset], || {
        let verify = |more: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_lienthong"));
            command
                .args(["--lang", "en", "verify"])
                .arg(&documents()[0]);
            command.args(more).output().unwrap()
        };
        let refused = verify(&[]);
        let said = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(3));
        assert!(said.contains("--no-jail"), "{said}");
        assert_eq!(verify(&["--no-jail"]).status.code(), Some(12));
    });
}

#[test]
fn a_program_that_is_not_there_is_a_refusal() {
    let file = File::open(&documents()[0]).unwrap();
    let nowhere = Jail::of_program(Path::new("/nowhere/lienthong"));
    let look = nowhere.inspect(&Outside::file(&file));
    assert!(matches!(look, Err(Error::NotStarted(_))), "{look:?}");
    let other = Jail::of_program(Path::new("/bin/true"));
    let look = other.inspect(&Outside::file(&file));
    assert!(matches!(look, Err(Error::Died(_))), "{look:?}");
}

#[test]
fn the_verdict_of_a_death_is_unreadable_and_says_why() {
    let file = File::open(&documents()[0]).unwrap();
    let judged = ask(&Policy::standard(), None, |question| {
        Jail::verdict_of_death(&Outside::file(&file), question, Death::Violation).unwrap()
    });
    assert_eq!(judged.verdict, FileVerdict::Unreadable);
    let json: serde_json::Value = serde_json::from_str(&judged.json).unwrap();
    assert_eq!(json["findings"][0]["check"], "JAIL_VIOLATION");
    assert_eq!(json["file"]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(judged.decisive.unwrap().reason, "JAIL_VIOLATION");
}

#[cfg(feature = "failpoints")]
mod walls;
