//! Originals, copies and enclosures: what each must carry, and each way of failing.

use lienthong::domain::clock::Timestamp;
use lienthong::domain::digest::Sha256;
use lienthong::keystore::Signer as _;
use lienthong::pades::{
    self, Act, Expectation, Mark, OwnerKind, PageChoice, Policy, Profile, Report, RevocationAge,
    SignerOwner, SignerRegistry, marks,
};

use super::support::bytes::small_document;
use super::support::{evidence, file, key, now, path, request, sign_as, signed, verdict};

const PERSON: &str = "persons/iadom-leader";
const AGENCY: &str = "agencies/iadom";
const OTHER: &str = "agencies/iadok";
const OPEN: &str = "INDETERMINATE/SIG_CONSTRAINTS_FAILURE";

struct Register;

impl SignerRegistry for Register {
    fn owner(&self, certificate_sha256: &Sha256, _: Timestamp) -> Option<SignerOwner> {
        let is = |name: &str| key(name).certificate().sha256() == *certificate_sha256;
        let owner = |code: &str, kind| Some(SignerOwner::new(code, &format!("Xã {code}"), kind));
        match () {
            () if is(PERSON) => owner("IADOM", OwnerKind::Person),
            () if is(AGENCY) => owner("IADOM", OwnerKind::Agency),
            () if is(OTHER) => owner("IADOK", OwnerKind::Agency),
            () => None,
        }
    }
}

fn judged(file: &[u8], profile: Profile, main_number: Option<&str>) -> Report {
    let expectation = Expectation {
        agency_code: "IADOM".to_owned(),
    };
    let policy = Policy::of_profile(profile, Some(expectation))
        .with_main_number(main_number.map(str::to_owned))
        .with_revocation(RevocationAge::NextUpdate);
    let source = file.to_vec();
    pades::verify(
        &source,
        "a.pdf",
        &evidence(),
        &policy,
        Some(&Register),
        now(),
    )
}

/// `document` signed by `name` with these lines at the top of the first page.
fn marked(document: &[u8], name: &str, act: Act, lines: &[&str]) -> Vec<u8> {
    let key = key(name);
    let lines = lines.iter().map(|line| (*line).to_owned()).collect();
    let text = marks::corner_lines(lines, now()).unwrap();
    let mark = marks::corner(&document.to_vec(), text).unwrap();
    sign_as(document, &key, &request(&key, act, Some(mark))).unwrap()
}

fn copied(document: &[u8], name: &str) -> Vec<u8> {
    marked(document, name, Act::Copy, &["Sao y", "XÃ IADOM"])
}

fn enclosed(lines: &[&str]) -> Vec<u8> {
    marked(&small_document(), AGENCY, Act::Appendix, lines)
}

/// Verdict and the reason of the last signature's row.
fn outcome(report: &Report) -> (String, &'static str) {
    let last = report.signatures.last();
    let reason = last.map_or("", |one| one.rows.authority.reason);
    (verdict(report), reason)
}

fn open(reason: &'static str) -> (String, &'static str) {
    (OPEN.to_owned(), reason)
}

fn passed() -> (String, &'static str) {
    ("TOTAL-PASSED".to_owned(), "SIGNED_BY_AGENCY")
}

#[test]
fn a_copy_is_signed_by_the_copying_agency_alone_and_says_so() {
    for document in [small_document(), file("fixtures/pdf/pdf-a.pdf")] {
        let report = judged(&copied(&document, AGENCY), Profile::Copy, None);
        assert_eq!(outcome(&report), passed());
        assert_eq!(report.policy.0, "copy");
        let odd = |one: &&lienthong::pki::verdict::Finding| one.check == "COPY_MARK_WITHOUT_AGENCY";
        assert!(report.findings.iter().find(odd).is_none());
    }
}

#[test]
fn every_form_of_copy_is_one() {
    for form in ["Sao y", "SAO LỤC", "Trích sao", "Trich sao", "Sao yên"] {
        let file = marked(&small_document(), AGENCY, Act::Copy, &[form, "Xã IADOM"]);
        let report = judged(&file, Profile::Copy, None);
        let is_form = ["Sao y", "SAO LỤC", "Trích sao"].contains(&form);
        let expected = if is_form {
            passed()
        } else {
            open("COPY_MARK_MISSING")
        };
        assert_eq!(outcome(&report), expected, "{form}");
    }
}

#[test]
fn a_copy_without_its_mark_is_none() {
    let bare = judged(&signed(&small_document(), AGENCY), Profile::Copy, None);
    assert_eq!(outcome(&bare), open("COPY_MARK_MISSING"));
    let other = marked(&small_document(), AGENCY, Act::Other, &["Xã IADOM"]);
    let report = judged(&other, Profile::Copy, None);
    assert_eq!(outcome(&report), open("COPY_MARK_MISSING"));
}

#[test]
fn a_mark_behind_the_first_page_is_no_mark_of_a_copy() {
    let document = file("fixtures/pdf/ke-hoach-phu-luc-ngang.pdf");
    let key = key(AGENCY);
    let text = marks::corner_lines(vec!["Sao y".to_owned()], now()).unwrap();
    let mark = Mark {
        page: PageChoice::Last,
        rect_mm: [20.0, 100.0, 60.0, 12.0],
        ..marks::corner(&document, text).unwrap()
    };
    let file = sign_as(&document, &key, &request(&key, Act::Copy, Some(mark))).unwrap();
    let report = judged(&file, Profile::Copy, None);
    assert_eq!(outcome(&report), open("COPY_MARK_MISSING"));
}

#[test]
fn a_mark_that_is_a_picture_cannot_be_read() {
    let image = pades::Image::from_png(&file("fixtures/marks/con-dau-do.png")).unwrap();
    let document = small_document();
    let mark = marks::approve(&document, image).unwrap();
    let key = key(AGENCY);
    let file = sign_as(&document, &key, &request(&key, Act::Copy, Some(mark))).unwrap();
    let report = judged(&file, Profile::Copy, None);
    assert_eq!(outcome(&report), open("MARK_UNREADABLE"));
}

#[test]
fn a_copy_of_another_agency_is_not_this_one_s() {
    let report = judged(&copied(&small_document(), OTHER), Profile::Copy, None);
    assert_eq!(
        report.signatures[0].rows.authority.reason,
        "SIGNER_MISMATCH"
    );
    assert_eq!(verdict(&report), OPEN);
    assert!(
        report
            .findings
            .iter()
            .any(|one| one.check == "COPY_AGENCY_MISSING")
    );
}

#[test]
fn an_original_is_no_copy() {
    let file = copied(&signed(&small_document(), PERSON), AGENCY);
    let report = judged(&file, Profile::Copy, None);
    assert_eq!(outcome(&report), open("COPY_SIGNED_BY_OTHERS"));
}

#[test]
fn a_copy_is_no_original() {
    let report = judged(&copied(&small_document(), AGENCY), Profile::Original, None);
    assert_eq!(outcome(&report), open("PERSON_SIGNATURE_MISSING"));
}

#[test]
fn a_copy_signed_by_a_person_afterwards_is_none() {
    let file = signed(&copied(&small_document(), AGENCY), PERSON);
    let report = judged(&file, Profile::Copy, None);
    assert_eq!(outcome(&report), open("AGENCY_SIGNATURE_NOT_LAST"));
}

#[test]
fn a_mark_that_does_not_name_the_agency_is_noticed() {
    let file = marked(&small_document(), AGENCY, Act::Copy, &["Sao y", "Xã khác"]);
    let report = judged(&file, Profile::Copy, None);
    assert_eq!(outcome(&report), passed());
    assert!(
        report
            .findings
            .iter()
            .any(|one| one.check == "COPY_MARK_WITHOUT_AGENCY")
    );
}

#[test]
fn an_enclosure_names_its_main_document() {
    let file = enclosed(&["Số: 15/UBND-VP"]);
    for number in [None, Some("15/UBND-VP"), Some(" 15/UBND-VP ")] {
        let report = judged(&file, Profile::Enclosure, number);
        assert_eq!(outcome(&report), passed(), "{number:?}");
    }
    for number in ["5/UBND-VP", "115/UBND-VP", "15/UBND", "15/UBND-VPP"] {
        let report = judged(&file, Profile::Enclosure, Some(number));
        assert_eq!(
            outcome(&report),
            open("ENCLOSURE_OF_OTHER_DOCUMENT"),
            "{number}"
        );
    }
}

#[test]
fn an_enclosure_without_a_number_or_a_mark_is_none() {
    for file in [enclosed(&["Phụ lục I"]), signed(&small_document(), AGENCY)] {
        let report = judged(&file, Profile::Enclosure, None);
        assert_eq!(outcome(&report), open("ENCLOSURE_MARK_MISSING"));
    }
}

#[test]
fn an_enclosure_may_carry_signatures_of_people_before_the_agency_s() {
    let lines = ["Số: 15/UBND-VP"];
    let file = marked(
        &signed(&small_document(), PERSON),
        AGENCY,
        Act::Appendix,
        &lines,
    );
    let report = judged(&file, Profile::Enclosure, Some("15/UBND-VP"));
    assert_eq!(outcome(&report), passed());
    let alone = judged(&signed(&small_document(), PERSON), Profile::Enclosure, None);
    assert_eq!(outcome(&alone), open("AGENCY_SIGNATURE_MISSING"));
}

#[test]
fn an_unsigned_enclosure_proves_nothing() {
    let report = judged(&small_document(), Profile::Enclosure, None);
    assert_eq!(verdict(&report), "NO-SIGNATURE");
    assert!(
        report
            .findings
            .iter()
            .any(|one| one.check == "AGENCY_SIGNATURE_MISSING")
    );
}

#[test]
fn a_person_of_another_agency_is_noticed() {
    let file = signed(&signed(&small_document(), PERSON), OTHER);
    let policy = Policy::agency(None).with_revocation(RevocationAge::NextUpdate);
    let report = pades::verify(&file, "a.pdf", &evidence(), &policy, Some(&Register), now());
    assert_eq!(verdict(&report), "TOTAL-PASSED");
    assert!(
        report
            .findings
            .iter()
            .any(|one| one.check == "PERSON_OF_OTHER_AGENCY")
    );
}

/// Exit code and report of `lienthong verify` over a copy, with a register of the test PKI.
fn said(arguments: &[&str]) -> (i32, serde_json::Value) {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    std::fs::write(place("a.pdf"), copied(&small_document(), AGENCY)).unwrap();
    let register = format!(
        "[[tiers]]\ncode = \"commune\"\nname_vi = \"Xã\"\nname_en = \"Commune\"\nrank = 4\n\
         [[agencies]]\ncode = \"H21.88\"\nname = \"Xã IADOM\"\ntier = \"commune\"\n\
         former_names = [{{ name = \"Xã cũ\", to = \"2020-01-01\" }}]\n\
         [[certificates]]\nsha256 = \"{}\"\nagency = \"H21.88\"\nkind = \"agency\"\n",
        key(AGENCY).certificate().sha256()
    );
    std::fs::write(place("registry.toml"), register).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_lienthong"));
    command.args(["--lang", "en", "verify", "--json", "--at"]);
    // The lists of the test PKI are of this day.
    command.arg("2025-01-01T12:00:00Z").arg(place("a.pdf"));
    command.arg("--trust").arg(path("certs-test/trust"));
    command.arg("--revocation").arg(path("certs-test/crl"));
    command.arg("--registry").arg(place("registry.toml"));
    let output = command.args(arguments).output().unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code().unwrap(), report)
}

#[test]
fn the_command_line_takes_profile_agency_and_register() {
    let (code, report) = said(&["--profile", "copy", "--agency", "H21.88"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(report["signatures"][0]["owner"]["agency_name"], "Xã IADOM");
    for arguments in [
        &["--profile", "original", "--agency", "H21.88"][..],
        &["--profile", "copy", "--agency", "H21.89"],
        &["--profile", "enclosure"],
    ] {
        assert_eq!(said(arguments).0, 11, "{arguments:?}");
    }
    for arguments in [
        &["--profile", "seal"][..],
        &["--profile", "copy", "--policy", "agency"],
        &["--profile", "enclosure", "--main-number", "UBND"],
        &["--agency", "H21.88"],
    ] {
        assert_eq!(said(arguments).0, 2, "{arguments:?}");
    }
}
