//! Who a signer was, by the register at the proven time of signing; and what became of the agency.

use lienthong::cms::time_stamping::TimestampRequest;
use lienthong::domain::agency::{Agency, AgencyCode, FormerName};
use lienthong::domain::clock::{Date, Timestamp};
use lienthong::domain::directory::{Directory, HolderKind, RegisteredCertificate, Registry};
use lienthong::domain::period::Period;
use lienthong::domain::succession::{Kind, Succession};
use lienthong::domain::tier::Tier;
use lienthong::keystore::Signer as _;
use lienthong::pades::levels::{self, Level, Means, Scope};
use lienthong::pades::{self, Expectation, FiledSigners, Policy, Report, RevocationAge};
use lienthong::pki::algorithm::DigestAlgorithm;

use super::services::stamping;
use super::support::bytes::small_document;
use super::support::{evidence, key, request, sign_as, signed, verdict};

const PERSON: &str = "persons/iadom-leader";
const AGENCY: &str = "agencies/iadom";
const OPEN: &str = "INDETERMINATE/SIG_CONSTRAINTS_FAILURE";
const LATER: &str = "2026-06-01T02:00:00Z";

fn code(text: &str) -> AgencyCode {
    AgencyCode::parse(text).unwrap()
}

fn days(from: &str, to: &str) -> Period {
    let day = |text: &str| (!text.is_empty()).then(|| text.parse::<Date>().unwrap());
    Period {
        from: day(from),
        to: day(to),
    }
}

fn agency(number: &str, name: &str, valid: Period) -> Agency {
    Agency {
        code: code(number),
        other_codes: Vec::new(),
        name: name.to_owned(),
        former_names: Vec::new(),
        former_parents: Vec::new(),
        former_hubs: Vec::new(),
        tier: "commune".to_owned(),
        parent: None,
        valid,
        hub: None,
        email: None,
        abbreviation: None,
    }
}

fn filed(name: &str, agency: &str, kind: HolderKind, valid: Period) -> RegisteredCertificate {
    RegisteredCertificate {
        sha256: key(name).certificate().sha256(),
        agency: code(agency),
        kind,
        holder: None,
        valid,
    }
}

/// The communes H21.88 and H21.89, and the keys of the first, bound to it without end.
fn town() -> Registry {
    Registry {
        tiers: vec![Tier {
            code: "commune".to_owned(),
            name_vi: "Cấp xã".to_owned(),
            name_en: "Commune".to_owned(),
            rank: 4,
            valid: Period::default(),
        }],
        agencies: vec![
            agency("H21.88", "Xã Ia Dom", Period::default()),
            agency("H21.89", "Xã Ia Dơk", Period::default()),
        ],
        certificates: vec![
            filed(PERSON, "H21.88", HolderKind::Person, Period::default()),
            filed(AGENCY, "H21.88", HolderKind::Agency, Period::default()),
        ],
        ..Registry::default()
    }
}

/// A person's signature and the agency's, both claimed at 2026-01-05.
fn original() -> Vec<u8> {
    signed(&signed(&small_document(), PERSON), AGENCY)
}

/// The original with a document time stamp of 2026-01-06.
fn stamped() -> Vec<u8> {
    let document = original();
    let now: Timestamp = "2026-01-06T00:00:00Z".parse().unwrap();
    let stamp = |digest: DigestAlgorithm, imprint: &[u8]| {
        let request = TimestampRequest::new(digest, imprint, &[9; 16]);
        let answer = stamping::answer_at(request.der(), "20260106000000Z");
        Ok::<_, levels::Error>(request.accept(&answer).unwrap())
    };
    let gather = |_: &[levels::Subject]| Ok((evidence(), now));
    let means = Means {
        stamp: &stamp,
        gather: &gather,
    };
    let (level, scope) = (Level::Timestamped, Scope::AllSignatures);
    let grown = levels::augment(&document, level, scope, &means).unwrap();
    [document, grown.bytes].concat()
}

fn judged(file: &[u8], registry: Registry, at: &str) -> Report {
    let policy = Policy::agency(Some(Expectation {
        agency_code: "H21.88".to_owned(),
    }))
    .with_revocation(RevocationAge::NextUpdate);
    let at: Timestamp = at.parse().unwrap();
    let directory = Directory::new(registry).unwrap();
    let register = FiledSigners::new(&directory, at);
    let source = file.to_vec();
    pades::verify(&source, "a.pdf", &evidence(), &policy, Some(&register), at)
}

fn authority(report: &Report) -> Vec<&'static str> {
    let rows = report.signatures.iter();
    let rows = rows.filter(|one| one.kind != pades::SignatureKind::Timestamp);
    rows.map(|one| one.rows.authority.reason).collect()
}

fn finding<'r>(report: &'r Report, check: &str) -> &'r lienthong::pki::verdict::Finding {
    let found = report.findings.iter().find(|one| one.check == check);
    found.unwrap_or_else(|| panic!("{check} is missing in {:?}", report.findings))
}

#[test]
fn a_certificate_that_moved_later_is_still_the_agency_s_that_signed() {
    let mut town = town();
    town.certificates[1].valid = days("", "2026-01-31");
    let moved = filed(AGENCY, "H21.89", HolderKind::Agency, days("2026-02-01", ""));
    town.certificates.push(moved);
    let report = judged(&stamped(), town.clone(), LATER);
    assert_eq!(verdict(&report), "TOTAL-PASSED");
    let owned = report.signatures[1].owner.as_ref().unwrap();
    assert_eq!(owned.owner.agency_code, "H21.88");
    assert_eq!(owned.asked_at.to_string(), "2026-01-06T00:00:00Z");
    let unproven = judged(&original(), town, LATER);
    assert_eq!(
        authority(&unproven),
        ["SIGNED_BY_PERSON", "SIGNER_MISMATCH"]
    );
}

#[test]
fn a_certificate_whose_binding_ended_later_keeps_what_it_signed() {
    let mut town = town();
    town.certificates[1].valid = days("", "2026-01-31");
    let report = judged(&stamped(), town.clone(), LATER);
    assert_eq!(verdict(&report), "TOTAL-PASSED");
    let unproven = judged(&original(), town, LATER);
    assert_eq!(verdict(&unproven), OPEN);
    assert_eq!(
        unproven.signatures[1].rows.authority.reason,
        "AGENCY_SIGNATURE_MISSING"
    );
}

#[test]
fn a_certificate_bound_only_later_was_not_the_agency_s() {
    let mut town = town();
    town.certificates[1].valid = days("2026-02-01", "");
    let report = judged(&stamped(), town, LATER);
    assert_eq!(verdict(&report), OPEN);
    assert!(report.signatures[1].owner.is_none());
}

#[test]
fn a_certificate_filed_twice_for_one_day_is_a_contradiction() {
    let mut town = town();
    let again = filed(AGENCY, "H21.89", HolderKind::Agency, days("2026-02-01", ""));
    town.certificates.push(again);
    let fault = Directory::new(town).unwrap_err().to_string();
    assert!(fault.contains("twice for the same days"), "{fault}");
}

#[test]
fn a_former_body_is_named_with_its_successor() {
    let mut town = town();
    town.agencies[0].valid = days("", "2026-03-31");
    let alone = judged(&stamped(), town.clone(), LATER);
    assert_eq!(verdict(&alone), "TOTAL-PASSED");
    finding(&alone, "AGENCY_DISSOLVED");
    town.successions.push(Succession {
        from: code("H21.88"),
        to: vec![code("H21.89")],
        effective: "2026-04-01".parse().unwrap(),
        legal_basis: "1664/NQ-UBTVQH15".to_owned(),
        kind: Kind::Rename,
        scope: None,
        redirect_to: None,
        redirect_until: None,
    });
    let report = judged(&stamped(), town.clone(), LATER);
    assert_eq!(verdict(&report), "TOTAL-PASSED");
    let found = finding(&report, "AGENCY_SUCCEEDED");
    assert!(
        found
            .params
            .contains(&("successors", "Xã Ia Dơk (H21.89)".to_owned()))
    );
    let before = judged(&stamped(), town, "2026-03-01T00:00:00Z");
    let told = before.findings.iter().map(|one| one.check);
    assert!(!told.into_iter().any(|check| check.starts_with("AGENCY_")));
}

#[test]
fn nobody_signs_for_an_agency_that_is_closed() {
    let mut town = town();
    town.agencies[0].valid = days("", "2025-12-31");
    for file in [original(), stamped()] {
        let report = judged(&file, town.clone(), LATER);
        assert_eq!(verdict(&report), OPEN);
        assert_eq!(authority(&report), ["AGENCY_CLOSED"; 2]);
    }
}

#[test]
fn a_signature_claimed_before_the_closing_needs_a_proof() {
    let mut town = town();
    town.agencies[0].valid = days("", "2026-03-31");
    let report = judged(&original(), town.clone(), LATER);
    assert_eq!(verdict(&report), OPEN);
    assert_eq!(authority(&report), ["AGENCY_CLOSED_NO_PROOF"; 2]);
    let proven = judged(&stamped(), town, LATER);
    assert_eq!(verdict(&proven), "TOTAL-PASSED");
}

#[test]
fn nobody_signs_for_an_agency_that_is_not_founded() {
    let mut town = town();
    town.agencies[0].valid = days("2026-02-01", "");
    let report = judged(&stamped(), town, LATER);
    assert_eq!(verdict(&report), OPEN);
    assert_eq!(authority(&report), ["AGENCY_NOT_YET_FOUNDED"; 2]);
}

#[test]
fn an_agency_is_named_as_it_was_called_then() {
    let mut town = town();
    town.agencies[0].former_names.push(FormerName {
        name: "Xã Ia Dom cũ".to_owned(),
        to: "2026-03-31".parse().unwrap(),
    });
    let report = judged(&stamped(), town, LATER);
    assert_eq!(verdict(&report), "TOTAL-PASSED");
    let owned = report.signatures[1].owner.as_ref().unwrap();
    assert_eq!(owned.owner.agency_name, "Xã Ia Dom cũ");
    let found = finding(&report, "AGENCY_RENAMED");
    assert!(found.params.contains(&("name", "Xã Ia Dom".to_owned())));
}

#[test]
fn a_name_that_looks_like_another_is_shown_with_its_codes() {
    let key = key(AGENCY);
    for (name, reason, check, shown) in [
        ("ХÃ IA DOM", "", "NAME_FOREIGN_LETTERS", "\\u{425}Ã IA DOM"),
        (
            "",
            "Ký\u{202E}thay",
            "NAME_HIDDEN_CHARACTERS",
            "Ký\\u{202e}thay",
        ),
        ("Ｘã", "", "NAME_OTHER_FORMS", "\\u{ff38}ã"),
        ("Xa\u{303}", "", "NAME_DECOMPOSED", "Xa\\u{303}"),
    ] {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let request = pades::SignRequest {
            name: some(name),
            reason: some(reason),
            ..request(&key, pades::Act::Other, None)
        };
        let file = sign_as(&small_document(), &key, &request).unwrap();
        let report = judged(&file, town(), LATER);
        let found = finding(&report, check);
        assert_eq!(found.params, [("name", shown.to_owned())], "{check}");
    }
}

#[test]
fn an_ordinary_name_is_not_pointed_out() {
    let report = judged(&original(), town(), LATER);
    let odd = report
        .findings
        .iter()
        .find(|one| one.check.starts_with("NAME_"));
    assert!(odd.is_none(), "{odd:?}");
}
