//! X, time stamps, claimed times, addresses, odd certificates and names.

use super::super::attack::cms::{Cms, SIGNING_TIME, TIME_STAMP, TST_INFO, attribute, tst_info};
use super::super::attack::der::{
    bits, context, context_primitive, extension, int, octets, oid, seq, tlv, unsigned,
};
use super::super::attack::identity::{
    Crl, Draft, Identity, Scheme, crl, key_usage, name_of, p256, world,
};
use super::super::attack::judge::{PASSED, evidence_of};
use super::super::attack::signed::Doc;
use super::Case;
use super::trust::{GENERAL, LATER, leaf, signed};

super::rows! {
    x_08_a_time_stamp_is_not_acceptable: stamps;
    x_09_the_claimed_time_proves_nothing: claimed_times;
    x_10_addresses_in_certificates_are_not_visited: addresses;
    x_11_the_certificate_is_of_an_odd_kind: odd_certificates;
    x_12_names_that_look_alike: confusable_names;
}

fn stamps() -> Vec<Case> {
    let root = &world().root;
    let purpose = |critical| extension("2.5.29.37", critical, &seq(&[&oid("1.3.6.1.5.5.7.3.8")]));
    let other = extension("2.5.29.37", true, &seq(&[&oid("1.3.6.1.5.5.7.3.3")]));
    let draft = |name: &str| Draft::signer(name).with(&key_usage(0xc0, 6));
    let tsa = leaf(draft("TSA").with(&purpose(true)), root);
    let soft = leaf(draft("Soft").with(&purpose(false)), root);
    let wrong = leaf(draft("Wrong").with(&other), root);
    let rogue_root = Draft::authority("Rogue").mint(p256(), Scheme::Ecdsa, None);
    let rogue = leaf(draft("TSA").with(&purpose(true)), &rogue_root);
    let expired = leaf(
        Draft::signer("Expired").but(|draft| draft.until = "20251231000000Z".to_owned()),
        root,
    );
    // A signer whose certificate has ended: only a sound stamp from before can save it.
    let stamped = |tsa: &Identity, when: &str, imprint: Option<[u8; 32]>| {
        Doc::small().roomy(3_000).by(&expired).sealed_with(|cms| {
            let signer = cms.signer();
            let value = signer.identity.sign(&signer.to_be_signed());
            let imprint = imprint.unwrap_or_else(|| openssl::sha::sha256(&value));
            let token = Cms::enveloping(tsa, TST_INFO, &tst_info(&imprint, when)).der();
            signer.value = Some(value);
            signer.unsigned = vec![attribute(TIME_STAMP, &[&token])];
        })
    };
    let earlier = Crl {
        this_update: "20251230000000Z".to_owned(),
        next_update: "20260110000000Z".to_owned(),
        ..Crl::of(root)
    };
    let lists = evidence_of(&root.certificate, &[&world().crl, &earlier.der(root)]);
    let revoked = evidence_of(&root.certificate, &[&crl(root, &[&tsa.draft.serial])]);
    const POE: &str = "INDETERMINATE/OUT_OF_BOUNDS_NO_POE";
    const ENDED: &str = "INDETERMINATE/OUT_OF_BOUNDS_NOT_REVOKED";
    let in_time = "20250601000000Z";
    let case = |what: &str, file| Case::new(what, file, ENDED, "EXPIRED").relying_on(lists.clone());
    let sound = stamped(&tsa, in_time, None);
    vec![
        Case::new("as it must be", sound.clone(), PASSED, "SIGNATURE_INTACT")
            .relying_on(lists.clone()),
        case("of other data", stamped(&tsa, in_time, Some([7; 32]))),
        case("the purpose not critical", stamped(&soft, in_time, None)),
        case("another purpose", stamped(&wrong, in_time, None)),
        case("nobody trusts it", stamped(&rogue, in_time, None)),
        case(
            "before its own certificate",
            stamped(&tsa, "20190101000000Z", None),
        ),
        case("from the future", stamped(&tsa, "20270101000000Z", None)),
        Case::new(
            "after the certificate ended",
            stamped(&tsa, "20260102000000Z", None),
            "TOTAL-FAILED/EXPIRED",
            "STAMPED_AFTER_EXPIRY",
        )
        .relying_on(lists.clone()),
        Case::new("of a revoked authority", sound, POE, "EXPIRED").relying_on(revoked),
    ]
}

fn claimed_times() -> Vec<Case> {
    let expired = leaf(
        Draft::signer("Expired").but(|draft| draft.until = "20250101000000Z".to_owned()),
        &world().root,
    );
    let backdated = Doc::small()
        .by(&expired)
        .changed(8, "20260105104107", "20240105104107");
    let in_time = tlv(0x17, &[b"240105034107Z"]);
    let attribute = attribute(SIGNING_TIME, &[&in_time]);
    let signed = Doc::small().by(&expired).sealed_with(|cms| {
        cms.signer()
            .instead(SIGNING_TIME, std::slice::from_ref(&attribute));
    });
    const POE: &str = "INDETERMINATE/OUT_OF_BOUNDS_NO_POE";
    vec![
        Case::new(
            "a date in the dictionary",
            backdated.sealed(),
            POE,
            "EXPIRED",
        ),
        Case::new("a signed attribute", signed, POE, "EXPIRED"),
    ]
}

fn addresses() -> Vec<Case> {
    let root = &world().root;
    let address = |url: &str| context_primitive(6, url.as_bytes());
    let case = |url: &str| {
        let issuers = seq(&[&oid("1.3.6.1.5.5.7.48.2"), &address(url)]);
        let answers = seq(&[&oid("1.3.6.1.5.5.7.48.1"), &address(url)]);
        let access = extension("1.3.6.1.5.5.7.1.1", false, &seq(&[&issuers, &answers]));
        let point = seq(&[&context(0, &[&context(0, &[&address(url)])])]);
        let points = extension("2.5.29.31", false, &seq(&[&point]));
        let draft = Draft::signer("Addresses").with(&access).with(&points);
        let file = signed(&leaf(draft, root), &[]);
        let bare = evidence_of(&root.certificate, &[]);
        Case::new(url, file, LATER, "NO_REVOCATION_DATA").relying_on(bare)
    };
    [
        "file:///etc/passwd",
        "http://127.0.0.1:1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "ldap://localhost/cn=x",
        "gopher://localhost:25/_HELO",
        "http://user:pass@internal/?redirect=http://localhost",
    ]
    .map(case)
    .to_vec()
}

fn odd_certificates() -> Vec<Case> {
    let root = &world().root;
    let key = p256();
    let group = key.ec_key().unwrap();
    let mut point_context = openssl::bn::BigNumContext::new().unwrap();
    let form = openssl::ec::PointConversionForm::UNCOMPRESSED;
    let point = group
        .public_key()
        .to_bytes(group.group(), form, &mut point_context)
        .unwrap();
    // The parameters of P-256 spelled out, as in the forgery of 2020: the base point is the
    // attacker's to choose.
    let field = seq(&[&oid("1.2.840.10045.1.1"), &unsigned(&[0xff; 32])]);
    let curve = seq(&[&octets(&[1; 32]), &octets(&[2; 32])]);
    let parameters = seq(&[
        &int(1),
        &field,
        &curve,
        &octets(&point),
        &unsigned(&[0xfe; 32]),
        &int(1),
    ]);
    let explicit = seq(&[
        &seq(&[&oid("1.2.840.10045.2.1"), &parameters]),
        &bits(&point),
    ]);
    let spelled = Draft::signer("Spelled").but(|draft| draft.public_key = Some(explicit));
    let spelled = spelled.mint(key, Scheme::Ecdsa, Some(root));
    let negative = Draft::signer("Negative").but(|draft| draft.serial = vec![2, 1, 0x85]);
    let zero = Draft::signer("Zero").but(|draft| draft.serial = vec![2, 1, 0]);
    let long = Draft::signer("Long").but(|draft| draft.serial = unsigned(&[0x7f; 25]));
    let first = Draft::signer("First").but(|draft| {
        draft.version.clear();
        draft.extensions.clear();
    });
    let case = |what: &str, draft: Draft, reason| {
        Case::new(what, signed(&leaf(draft, root), &[]), GENERAL, reason)
    };
    vec![
        Case::new(
            "explicit parameters",
            signed(&spelled, &[]),
            "TOTAL-FAILED/SIG_CRYPTO_FAILURE",
            "EXPLICIT_EC_PARAMETERS",
        ),
        case("a negative serial", negative, "NEGATIVE_SERIAL"),
        case("a serial of zero", zero, "SERIAL_OUT_OF_RANGE"),
        case("a serial of 25 bytes", long, "SERIAL_OUT_OF_RANGE"),
        case("version 1", first, "NOT_VERSION_3"),
    ]
}

fn confusable_names() -> Vec<Case> {
    let case = |what: &str, tag: u8, text: &[u8], reason| {
        let name = name_of(tag, text);
        let draft = Draft::signer(what).but(|draft| draft.subject = name);
        Case::new(
            what,
            signed(&leaf(draft, &world().root), &[]),
            PASSED,
            reason,
        )
    };
    const HIDES: &str = "SUBJECT_HIDES_CHARACTERS";
    vec![
        case(
            "from right to left",
            0x0c,
            "UBND \u{202e}aiL aiG".as_bytes(),
            HIDES,
        ),
        case("a zero byte", 0x0c, b"UBND\0.evil", HIDES),
        case(
            "nothing of any width",
            0x0c,
            "UB\u{200b}ND".as_bytes(),
            HIDES,
        ),
        case(
            "letters of another script",
            0x0c,
            "\u{0410}gency".as_bytes(),
            "TRUSTED_PATH",
        ),
        case(
            "two bytes each",
            0x1e,
            &[0, b'U', 0x20, 0x2e, 0, b'B'],
            HIDES,
        ),
        case("the old eight bits", 0x14, b"\xd0gency", "TRUSTED_PATH"),
    ]
}
