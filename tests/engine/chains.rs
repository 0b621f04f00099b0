//! Every level with every kind of key and digest, below a chain of six certificates: judged here, by
//! pyHanko and by poppler. Everything happens on fixed days.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use lienthong::cms::time_stamping::TimestampRequest;
use lienthong::domain::clock::Timestamp;
use lienthong::keystore::{Signer as _, SoftKey};
use lienthong::pades::levels::{self, Level, Means, Scope};
use lienthong::pades::{self, Act, Policy, Report, SignRequest};
use lienthong::pki::algorithm::DigestAlgorithm;
use lienthong::pki::trust::TrustEvidence;

use super::services::stamping::{self, Authority};
use super::services::{run, text};
use super::support::{file, path, verdict};

/// A folder with what `chains_make.py` makes.
pub(super) fn made() -> &'static Path {
    static MADE: std::sync::OnceLock<tempfile::TempDir> = std::sync::OnceLock::new();
    let folder = MADE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let script = path("tests/engine/chains_make.py");
        run("python3", &[text(&script), text(folder.path())]);
        folder
    });
    folder.path()
}

/// The root, and the lists of these folders.
pub(super) fn evidence(folders: &[&str]) -> TrustEvidence {
    let mut evidence = TrustEvidence::default();
    let root = std::fs::read(made().join("root.crt")).unwrap();
    evidence.add_trust(&root).unwrap();
    for folder in folders {
        for entry in std::fs::read_dir(made().join(folder)).unwrap() {
            let list = std::fs::read(entry.unwrap().path()).unwrap();
            evidence.add_revocation(&list).unwrap();
        }
    }
    evidence
}

pub(super) fn key(below: &str) -> SoftKey {
    let bytes = std::fs::read(made().join(below)).unwrap();
    SoftKey::from_pkcs12(&bytes, "khong-gia-tri").unwrap()
}

/// The authority with files `NAME.crt` and so on.
pub(super) fn authority(name: &str, digest: &'static str, pss: bool) -> Authority {
    let at = |suffix: &str| text(&made().join(format!("{name}{suffix}"))).to_owned();
    Authority {
        certificate: at(".crt"),
        key: at(".key"),
        chain: at("-chain.crt"),
        digest,
        pss,
    }
}

/// Midnight of a day, and the same as authorities write it.
pub(super) fn midnight(day: &str) -> (Timestamp, String) {
    let clock = format!("{}000000Z", day.replace('-', ""));
    (format!("{day}T00:00:00Z").parse().unwrap(), clock)
}

pub(super) fn token(authority: &Authority, day: &str, imprint: &[u8]) -> Vec<u8> {
    let request = TimestampRequest::new(DigestAlgorithm::Sha256, imprint, &[9; 16]);
    let answer = stamping::answer_by(authority, request.der(), &midnight(day).1);
    request.accept(&answer).unwrap()
}

/// `document` with what `level` adds on `day`.
pub(super) fn augmented(
    document: &[u8],
    level: Level,
    (authority, day): (&Authority, &str),
    evidence: &TrustEvidence,
) -> Result<Vec<u8>, levels::Error> {
    let stamp = |_: DigestAlgorithm, imprint: &[u8]| Ok(token(authority, day, imprint));
    let gather = |_: &[levels::Subject]| Ok((evidence.clone(), midnight(day).0));
    let means: Means<'_, levels::Error> = Means {
        stamp: &stamp,
        gather: &gather,
    };
    let grown = levels::augment(&document.to_vec(), level, Scope::AllSignatures, &means)?;
    Ok([document, &grown.bytes].concat())
}

pub(super) fn judged(document: &[u8], evidence: &TrustEvidence, day: &str) -> Report {
    let policy = Policy::standard();
    let at = midnight(day).0;
    pades::verify(&document.to_vec(), "f.pdf", evidence, &policy, None, at)
}

/// `input` signed on `day`, with a time stamp if there is an authority.
pub(super) fn signed(
    input: &[u8],
    key: &SoftKey,
    (digest, pss): (DigestAlgorithm, bool),
    day: &str,
    authority: Option<&Authority>,
) -> Vec<u8> {
    let algorithm = key.algorithm(digest, pss).unwrap();
    let (signer, chain) = (key.certificate().clone(), key.chain().to_vec());
    let request = SignRequest::new(Act::Other, algorithm, signer, chain, midnight(day).0);
    let sign = |algorithm: &_, tbs: &[u8]| Ok::<_, pades::Error>(key.sign(algorithm, tbs).unwrap());
    let input = input.to_vec();
    let tail = match authority {
        None => pades::sign(&input, &request, &sign),
        Some(authority) => pades::sign_timestamped(&input, &request, &sign, &|_, imprint| {
            Ok(token(authority, day, imprint))
        }),
    };
    [input.as_slice(), &tail.unwrap().bytes].concat()
}

/// A kind of key with a digest: its name, how it signs, and who stamps.
struct Row {
    kind: &'static str,
    digest: DigestAlgorithm,
    stamper: &'static str,
}

fn rows() -> Vec<Row> {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    let mut rows = Vec::new();
    for kind in ["rsa-pkcs1", "rsa-pss", "p256", "p384", "p521"] {
        for digest in [Sha256, Sha384, Sha512] {
            let stamper = kind;
            rows.push(Row {
                kind,
                digest,
                stamper,
            });
        }
    }
    // Ed25519 has its digest fixed; OpenSSL 3.0 makes no CMS with it, so another authority stamps.
    rows.push(Row {
        kind: "ed25519",
        digest: Sha512,
        stamper: "p256",
    });
    rows
}

const SIGNED: &str = "2026-01-06";
const RENEWED: &str = "2027-01-06";

impl Row {
    fn name(&self) -> String {
        format!("{}-{}", self.kind, self.digest.name().replace('-', ""))
    }

    fn evidence(&self) -> TrustEvidence {
        let own = format!("{}/lists", self.kind);
        let others = format!("{}/lists", self.stamper);
        let mut all = evidence(&[&own]);
        all.merge(evidence(&[&others]));
        all
    }

    fn authority(&self) -> Authority {
        let digest = match self.digest {
            DigestAlgorithm::Sha256 => "sha256",
            DigestAlgorithm::Sha384 => "sha384",
            DigestAlgorithm::Sha512 => "sha512",
        };
        let pss = self.stamper == "rsa-pss";
        authority(&format!("{}/tsa", self.stamper), digest, pss)
    }

    /// Poppler judges the signature and its chain, and no time stamp; it knows no Ed25519.
    fn satisfies_poppler(&self, what: &str, said: &str) -> bool {
        let count = |line: &str| said.lines().filter(|said| said.trim() == line).count();
        let seen = [
            count("- Signature Validation: Signature is Valid."),
            count("- Certificate Validation: Certificate is Trusted."),
            count("- Signature Validation: Document isn't signed or corrupted data."),
        ];
        let stamps = count("- Signature Validation: Signature has not yet been verified.");
        let whole = count("- Total document signed");
        let signatures = said.matches("- Signature Field Name: ").count();
        let expected = match self.kind {
            "ed25519" => [0, 0, 1],
            _ => [1, 1, 0],
        };
        // Stored data comes after the signature, and nothing seals it yet.
        let sealed = usize::from(what != "stored");
        seen == expected && stamps + 1 == signatures && whole == sealed
    }

    /// The row at every level: what it is called, the level it is judged at, when, and the file.
    fn files(&self) -> Vec<(&'static str, Level, &'static str, Vec<u8>)> {
        use Level::{Archived, Basic, LongTerm, Timestamped};
        let (authority, evidence) = (self.authority(), self.evidence());
        let key = key(&format!("{}/leaf.p12", self.kind));
        assert_eq!(key.chain().len(), 4, "a chain of six with signer and root");
        let how = (self.digest, self.kind == "rsa-pss");
        let input = file("fixtures/pdf/pdf-a.pdf");
        let raised = |document: &[u8], level, day| {
            augmented(document, level, (&authority, day), &evidence).unwrap()
        };
        let basic = signed(&input, &key, how, SIGNED, None);
        let stamped = signed(&input, &key, how, SIGNED, Some(&authority));
        let stored = raised(&stamped, LongTerm, SIGNED);
        let archived = raised(&stored, Archived, SIGNED);
        let renewed = raised(&archived, Archived, RENEWED);
        let later = raised(&basic, Archived, SIGNED);
        let only = levels::timestamp::<levels::Error>(&basic, &|_, imprint| {
            Ok(token(&authority, SIGNED, imprint))
        });
        let over = [basic.as_slice(), &only.unwrap().bytes].concat();
        vec![
            ("signed", Basic, SIGNED, basic),
            ("stamped", Timestamped, SIGNED, stamped),
            ("stamped-over", Timestamped, SIGNED, over),
            ("stored", LongTerm, SIGNED, stored),
            ("archived", Archived, SIGNED, archived),
            ("archived-later", Archived, SIGNED, later),
            ("renewed", Archived, RENEWED, renewed),
        ]
    }
}

/// The day after.
fn after(day: &str) -> &'static str {
    match day {
        SIGNED => "2026-01-07",
        _ => "2027-01-07",
    }
}

/// What pyHanko says of `files` as `level`: one line for each signature.
pub(super) fn pyhanko(level: &str, day: &str, files: &[PathBuf]) -> Vec<serde_json::Value> {
    let script = path("tests/engine/pyhanko_levels.py");
    let root = made().join("root.crt");
    let at = format!("{day}T00:00:00Z");
    let mut arguments = vec![text(&script), text(&root), level, &at];
    arguments.extend(files.iter().map(|file| text(file)));
    let said = run("python3", &arguments);
    said.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// What poppler says of a file, with the root among the trusted.
fn poppler(store: &str, file: &Path) -> String {
    run("pdfsig", &["-nssdir", store, text(file)])
}

fn trusting_store(folder: &Path) -> String {
    let store = folder.join("nss");
    std::fs::create_dir(&store).unwrap();
    let (store, root) = (text(&store).to_owned(), made().join("root.crt"));
    run("certutil", &["-N", "-d", &store, "--empty-password"]);
    let trust = ["-A", "-d", &store, "-n", "root", "-t", "C,C,C", "-i"];
    run("certutil", &[&trust[..], &[text(&root)]].concat());
    store
}

#[test]
fn every_level_with_every_kind_of_key_and_digest_passes_before_all_judges() {
    let folder = tempfile::tempdir().unwrap();
    let store = trusting_store(folder.path());
    let mut asked: Vec<(Level, &str, PathBuf)> = Vec::new();
    let mut wrong = String::new();
    for row in rows() {
        let evidence = row.evidence();
        for (what, level, day, bytes) in row.files() {
            let name = format!("{}-{what}", row.name());
            let report = judged(&bytes, &evidence, after(day));
            let found = (verdict(&report), report.signatures[0].level);
            if found != ("TOTAL-PASSED".to_owned(), Some(level.name())) {
                let _ = writeln!(wrong, "{name}: {found:?} {:?}", report.findings);
            }
            let file = folder.path().join(format!("{name}.pdf"));
            std::fs::write(&file, bytes).unwrap();
            let said = poppler(&store, &file);
            if !row.satisfies_poppler(what, &said) {
                let _ = writeln!(wrong, "{name}: {said}");
            }
            asked.push((level, after(day), file));
        }
    }
    for level in ["B-B", "B-T", "B-LT", "B-LTA"] {
        for day in [after(SIGNED), after(RENEWED)] {
            let files = asked
                .iter()
                .filter(|(l, d, _)| l.name() == level && *d == day);
            let files: Vec<PathBuf> = files.map(|(_, _, file)| file.clone()).collect();
            let lines = pyhanko(level, day, &files);
            assert_eq!(lines.len(), files.len());
            for line in lines.iter().filter(|line| line["passed"] != true) {
                let _ = writeln!(wrong, "pyHanko at {level}: {line}");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The process for archived files asks for proof that revocation data existed in the past, which only
/// a document time stamp can give; the one that belongs to the level does not.
#[test]
fn pyhanko_accepts_stored_data_by_the_process_of_its_level_and_archived_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let row = rows().remove(6);
    assert_eq!(row.kind, "p256");
    let mut said = Vec::new();
    for (what, _, _, bytes) in row.files() {
        let file = folder.path().join(format!("{what}.pdf"));
        std::fs::write(&file, bytes).unwrap();
        for process in ["B-LT", "B-LT:5.6"] {
            if ["stored", "archived"].contains(&what) {
                let line = pyhanko(process, after(SIGNED), std::slice::from_ref(&file)).remove(0);
                let text = line["summary"].as_str().unwrap().to_owned();
                said.push((what, process, text.contains("AdESPassed.OK"), text));
            }
        }
    }
    let passed: Vec<_> = said.iter().map(|(_, _, passed, _)| *passed).collect();
    assert_eq!(passed, [true, false, true, true], "{said:?}");
    assert!(said[1].3.contains("NO_POE"), "{said:?}");
}
