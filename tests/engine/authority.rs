//! The policy `agency`: who must have signed, in which order.

use lienthong::pades::{self, Act, Expectation, Policy, Report, RevocationAge};

use super::support::bytes::small_document;
use super::support::{Register, evidence, key, now, request, sign_as, signed, verdict};

const PERSON: &str = "persons/iadom-leader";
const AGENCY: &str = "agencies/iadom";

fn judged(file: &[u8], register: Option<&Register>) -> Report {
    let policy = Policy::agency(Some(Expectation {
        agency_code: "IADOM".to_owned(),
    }))
    // The lists of the test PKI are a year older than what is signed here.
    .with_revocation(RevocationAge::NextUpdate);
    let register = register.map(|register| -> &dyn pades::SignerRegistry { register });
    pades::verify(
        &file.to_vec(),
        "file.pdf",
        &evidence(),
        &policy,
        register,
        now(),
    )
}

fn authority(report: &Report) -> Vec<&'static str> {
    report
        .signatures
        .iter()
        .map(|one| one.rows.authority.reason)
        .collect()
}

const OPEN: &str = "INDETERMINATE/SIG_CONSTRAINTS_FAILURE";

#[test]
fn a_person_and_then_the_agency_make_an_original() {
    let file = signed(&signed(&small_document(), PERSON), AGENCY);
    let report = judged(&file, Some(&Register::of_ia_dom()));
    assert_eq!(verdict(&report), "TOTAL-PASSED");
    assert_eq!(authority(&report), ["SIGNED_BY_PERSON", "SIGNED_BY_AGENCY"]);
}

#[test]
fn another_agency_cannot_issue() {
    let file = signed(&signed(&small_document(), PERSON), "agencies/iadok");
    let report = judged(&file, Some(&Register::of_ia_dom()));
    assert_eq!(verdict(&report), OPEN);
    assert_eq!(authority(&report), ["SIGNED_BY_PERSON", "SIGNER_MISMATCH"]);
}

#[test]
fn a_missing_or_misplaced_signature_is_named() {
    let register = Register::of_ia_dom();
    for (signers, reason) in [
        (&[AGENCY][..], "PERSON_SIGNATURE_MISSING"),
        (&[PERSON][..], "AGENCY_SIGNATURE_MISSING"),
        (&[AGENCY, PERSON][..], "PERSON_SIGNATURE_MISSING"),
        (&[PERSON, AGENCY, PERSON][..], "AGENCY_SIGNATURE_NOT_LAST"),
    ] {
        let file = signers
            .iter()
            .fold(small_document(), |file, signer| signed(&file, signer));
        let report = judged(&file, Some(&register));
        assert_eq!(verdict(&report), OPEN, "{signers:?}");
        assert_eq!(authority(&report).last(), Some(&reason), "{signers:?}");
    }
}

#[test]
fn a_look_alike_name_is_not_the_agency() {
    let file = signed(&signed(&small_document(), PERSON), "bad/name-lookalike");
    let report = judged(&file, Some(&Register::of_ia_dom()));
    assert_eq!(verdict(&report), OPEN);
    let report = judged(&file, None);
    assert_eq!(verdict(&report), OPEN);
    assert_eq!(authority(&report).first(), Some(&"REGISTRY_MISSING"));
}

#[test]
fn the_agency_does_not_sign_before_a_person() {
    let (person, agency) = (key(PERSON), key(AGENCY));
    let issue = request(&agency, Act::Issue, None);
    let refused = sign_as(&small_document(), &agency, &issue);
    assert_eq!(refused, Err("PERSON_SIGNATURE_MISSING".to_owned()));
    let own = signed(&small_document(), AGENCY);
    let refused = sign_as(&own, &agency, &issue);
    assert_eq!(refused, Err("PERSON_SIGNATURE_MISSING".to_owned()));
    let approved = sign_as(
        &small_document(),
        &person,
        &request(&person, Act::Approve, None),
    )
    .unwrap();
    assert!(sign_as(&approved, &agency, &issue).is_ok());
}
