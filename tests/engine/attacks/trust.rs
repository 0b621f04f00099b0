//! X, certificates, revocation and time: what an attacker can present beside a sound signature.

use super::super::attack::der::{
    algorithm, bits, context, context_primitive, extension, int, null, octets, oid, seq, time, tlv,
};
use super::super::attack::identity::{
    Crl, Draft, Identity, Scheme, crl, key_id, key_usage, name_of, p256, world,
};
use super::super::attack::judge::{PASSED, evidence_of};
use super::super::attack::signed::Doc;
use super::Case;

super::rows! {
    x_01_a_signer_issues_certificates: signer_as_ca;
    x_02_the_constraints_of_a_path_are_broken: constraints;
    x_03_authorities_share_a_name: same_names;
    x_04_a_certificate_is_revoked: revoked;
    x_05_an_ocsp_answer_is_not_acceptable: ocsp_answers;
    x_06_a_revocation_list_is_not_acceptable: lists;
    x_07_an_old_answer_is_replayed: replayed;
}

pub(super) const GENERAL: &str = "INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE";
const NO_PATH: &str = "INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND";
pub(super) const LATER: &str = "INDETERMINATE/TRY_LATER";

/// The document signed by `leaf`, `bag` beside its certificate.
pub(super) fn signed(leaf: &Identity, bag: &[&Identity]) -> Vec<u8> {
    Doc::small().roomy(6_000).by(leaf).sealed_with(|cms| {
        let certificates = bag.iter().map(|one| one.certificate.clone());
        cms.certificates.extend(certificates);
    })
}

pub(super) fn leaf(draft: Draft, issuer: &Identity) -> Identity {
    draft.mint(p256(), Scheme::Ecdsa, Some(issuer))
}

fn authority(draft: Draft) -> Identity {
    let key = p256();
    let public = key.public_key_to_der().unwrap();
    let draft = draft.with(&extension("2.5.29.14", false, &key_id(&public)));
    draft.mint(key, Scheme::Ecdsa, Some(&world().root))
}

/// A path over one authority, judged with the lists of both issuers.
fn path(what: &str, ca: Draft, own: Draft, verdict: &'static str, reason: &'static str) -> Case {
    let ca = authority(ca);
    let own = leaf(own, &ca);
    let evidence = evidence_of(&world().root.certificate, &[&world().crl, &crl(&ca, &[])]);
    Case::new(what, signed(&own, &[&ca]), verdict, reason).relying_on(evidence)
}

fn signer_as_ca() -> Vec<Case> {
    let middle = &world().ecdsa;
    let own = leaf(Draft::signer("Below a signer"), middle);
    let evidence = evidence_of(
        &world().root.certificate,
        &[&world().crl, &crl(middle, &[])],
    );
    let no_sign = Draft::authority("No cert sign").with(&key_usage(0x02, 1));
    let (own_leaf, plain) = (Draft::signer("Own"), Draft::authority("Plain"));
    vec![
        path(
            "as it must be",
            plain,
            own_leaf.clone(),
            PASSED,
            "TRUSTED_PATH",
        ),
        path(
            "an authority that may not sign certificates",
            no_sign,
            own_leaf,
            GENERAL,
            "CA_WITHOUT_CERT_SIGN",
        ),
        Case::new(
            "a signer issues",
            signed(&own, &[middle]),
            GENERAL,
            "NOT_A_CA",
        )
        .relying_on(evidence),
    ]
}

fn constraints() -> Vec<Case> {
    let own = || Draft::signer("Own");
    let ca = || Draft::authority("Constrained");
    let unknown = extension("1.2.3.4.5", true, &null());
    let names = |kind: u8| {
        let tree = seq(&[&context(4, &[&seq(&[])])]);
        let other = seq(&[&context(4, &[&name_of(0x0c, b"Elsewhere")])]);
        let tree = if kind == 0 { other } else { tree };
        extension("2.5.29.30", true, &seq(&[&context(kind, &[&tree])]))
    };
    let policies = extension("2.5.29.36", true, &seq(&[&context_primitive(0, &[0])]));
    let zero = extension("2.5.29.19", true, &seq(&[&[1, 1, 0xff], &int(0)]));
    let first = authority(Draft::authority("First").with(&zero));
    let key = p256();
    let public = key.public_key_to_der().unwrap();
    let second = Draft::authority("Second").with(&extension("2.5.29.14", false, &key_id(&public)));
    let second = second.mint(key, Scheme::Ecdsa, Some(&first));
    let end = leaf(own(), &second);
    let lists = [crl(&first, &[]), crl(&second, &[])];
    let evidence = evidence_of(
        &world().root.certificate,
        &[&world().crl, &lists[0], &lists[1]],
    );
    let long = Case::new(
        "a path longer than permitted",
        signed(&end, &[&first, &second]),
        GENERAL,
        "PATH_LENGTH_EXCEEDED",
    );
    const CRITICAL: &str = "UNKNOWN_CRITICAL_EXTENSION";
    vec![
        path(
            "an unknown critical extension of the signer",
            ca(),
            own().with(&unknown),
            GENERAL,
            CRITICAL,
        ),
        path(
            "an unknown critical extension above",
            ca().with(&unknown),
            own(),
            GENERAL,
            CRITICAL,
        ),
        path(
            "a name that is not permitted",
            ca().with(&names(0)),
            own(),
            GENERAL,
            "NAME_NOT_PERMITTED",
        ),
        path(
            "a name that is excluded",
            ca().with(&names(1)),
            own(),
            GENERAL,
            "NAME_EXCLUDED",
        ),
        path(
            "a policy is demanded",
            ca().with(&policies),
            own(),
            GENERAL,
            "POLICY_NOT_VALID",
        ),
        long.relying_on(evidence),
    ]
}

fn same_names() -> Vec<Case> {
    let right = authority(Draft::authority("Same"));
    let wrong = authority(Draft::authority("Same"));
    let rogue_root = Draft::authority("Root").mint(p256(), Scheme::Ecdsa, None);
    let rogue = Draft::authority("Same").mint(p256(), Scheme::Ecdsa, Some(&rogue_root));
    let own = leaf(Draft::signer("Own"), &right);
    let evidence = || {
        evidence_of(
            &world().root.certificate,
            &[&world().crl, &crl(&right, &[])],
        )
    };
    let claims = extension("2.5.29.35", false, &seq(&[&context_primitive(0, &[7; 20])]));
    let forged_id = leaf(Draft::signer("Own").with(&claims), &right);
    let stolen = leaf(Draft::signer("Stolen"), &rogue);
    let one = authority(Draft::authority("One"));
    let loop_back = Draft::authority("Same").mint(right.key.clone(), Scheme::Ecdsa, Some(&one));
    let loop_on = Draft::authority("One").mint(one.key.clone(), Scheme::Ecdsa, Some(&right));
    let case = |what: &str, file, verdict, reason| {
        Case::new(what, file, verdict, reason).relying_on(evidence())
    };
    let twin = Draft::authority("Root").mint(p256(), Scheme::Ecdsa, None);
    let forged = leaf(Draft::signer("Forged"), &twin);
    vec![
        case(
            "the right one among others",
            signed(&own, &[&wrong, &rogue, &right]),
            PASSED,
            "TRUSTED_PATH",
        ),
        case(
            "only another of that name",
            signed(&own, &[&wrong, &rogue]),
            NO_PATH,
            "NO_PATH_TO_TRUSTED_ROOT",
        ),
        case(
            "a forged key identifier",
            signed(&forged_id, &[&right]),
            PASSED,
            "AUTHORITY_KEY_ID_DIFFERS",
        ),
        case(
            "below a rogue root of the same name",
            signed(&stolen, &[&rogue, &rogue_root]),
            NO_PATH,
            "NO_PATH_TO_TRUSTED_ROOT",
        ),
        case(
            "below a twin of the root",
            signed(&forged, &[&twin]),
            NO_PATH,
            "NO_PATH_TO_TRUSTED_ROOT",
        ),
        case(
            "authorities that certify each other",
            signed(&own, &[&loop_back, &loop_on, &right]),
            PASSED,
            "TRUSTED_PATH",
        ),
        case(
            "nothing but the loop",
            signed(&stolen, &[&loop_back, &loop_on]),
            NO_PATH,
            "NO_PATH_TO_TRUSTED_ROOT",
        ),
    ]
}

fn revoked() -> Vec<Case> {
    let own = &world().ecdsa;
    let root = &world().root;
    let listed = crl(root, &[&own.draft.serial]);
    let ca = authority(Draft::authority("Revoked"));
    let below = leaf(Draft::signer("Below"), &ca);
    let ca_listed = crl(root, &[&ca.draft.serial]);
    let leaf_evidence = evidence_of(&root.certificate, &[&listed]);
    let both = evidence_of(&root.certificate, &[&world().crl, &listed]);
    let ca_evidence = evidence_of(&root.certificate, &[&ca_listed, &crl(&ca, &[])]);
    let file = Doc::small().sealed();
    let leaf_poe = "INDETERMINATE/REVOKED_NO_POE";
    let ca_poe = "INDETERMINATE/REVOKED_CA_NO_POE";
    vec![
        Case::new("the signer", file.clone(), leaf_poe, "REVOKED").relying_on(leaf_evidence),
        Case::new(
            "the signer, beside an older list",
            file,
            leaf_poe,
            "REVOKED",
        )
        .relying_on(both),
        Case::new(
            "its authority",
            signed(&below, &[&ca]),
            ca_poe,
            "CA_REVOKED",
        )
        .relying_on(ca_evidence),
    ]
}

/// An OCSP answer about `serial` of `issuer`'s, signed by `responder`.
struct Answer<'a> {
    issuer: &'a Identity,
    responder: &'a Identity,
    serial: Vec<u8>,
    /// The `CertStatus`.
    status: Vec<u8>,
    this_update: &'a str,
    next_update: &'a str,
}

impl<'a> Answer<'a> {
    fn good(issuer: &'a Identity, responder: &'a Identity, about: &Identity) -> Self {
        Self {
            issuer,
            responder,
            serial: about.draft.serial.clone(),
            status: vec![0x80, 0],
            this_update: "20260105000000Z",
            next_update: "20260106000000Z",
        }
    }

    fn der(&self) -> Vec<u8> {
        let sha1 = algorithm("1.3.14.3.2.26", &null());
        let name = openssl::sha::sha1(&self.issuer.draft.subject);
        let point = self.issuer.public_key();
        let key = openssl::sha::sha1(&point[point.len() - 65..]);
        let id = seq(&[&sha1, &octets(&name), &octets(&key), &self.serial]);
        let next = context(0, &[&time(self.next_update)]);
        let single = seq(&[&id, &self.status, &time(self.this_update), &next]);
        let by = context(1, &[&self.responder.draft.subject]);
        let data = seq(&[&by, &time(self.this_update), &seq(&[&single])]);
        let signature = bits(&self.responder.sign(&data));
        let bag = context(0, &[&seq(&[&self.responder.certificate])]);
        let basic = seq(&[&data, &self.responder.scheme.identifier(), &signature, &bag]);
        let typed = seq(&[&oid("1.3.6.1.5.5.7.48.1.1"), &octets(&basic)]);
        seq(&[&tlv(10, &[&[0]]), &context(0, &[&typed])])
    }
}

fn responder(name: &str, issuer: &Identity) -> Identity {
    let purpose = extension("2.5.29.37", false, &seq(&[&oid("1.3.6.1.5.5.7.3.9")]));
    let no_check = extension("1.3.6.1.5.5.7.48.1.5", false, &null());
    let draft = Draft::signer(name).with(&key_usage(0x80, 7));
    leaf(draft.with(&purpose).with(&no_check), issuer)
}

/// The bytes with one of them, counted from the end, changed.
fn flipped(mut bytes: Vec<u8>, from_end: usize) -> Vec<u8> {
    let at = bytes.len() - from_end;
    bytes[at] ^= 1;
    bytes
}

fn ended_responder() -> Identity {
    let purpose = extension("2.5.29.37", false, &seq(&[&oid("1.3.6.1.5.5.7.3.9")]));
    let draft = Draft::signer("Ended").with(&purpose);
    let draft = draft.but(|draft| draft.until = "20250101000000Z".to_owned());
    leaf(draft, &world().root)
}

fn ocsp_answers() -> Vec<Case> {
    let (root, own) = (&world().root, &world().ecdsa);
    let file = Doc::small().sealed();
    let case = |what: &str, answer: Vec<u8>, verdict, reason| {
        let evidence = evidence_of(&root.certificate, &[&answer]);
        Case::new(what, file.clone(), verdict, reason).relying_on(evidence)
    };
    let good = responder("Responder", root);
    let other_root = Draft::authority("Other").mint(p256(), Scheme::Ecdsa, None);
    let stranger = responder("Responder", &other_root);
    let no_purpose = leaf(Draft::signer("No purpose"), root);
    let ended = ended_responder();
    let sound = || Answer::good(root, &good, own);
    let by = |responder| Answer::good(root, responder, own).der();
    let serial = Answer {
        serial: int(77),
        ..sound()
    }
    .der();
    let issuer = Answer {
        issuer: &other_root,
        ..sound()
    }
    .der();
    let unknown = Answer {
        status: vec![0x82, 0],
        ..sound()
    }
    .der();
    let future = Answer {
        this_update: "20270101000000Z",
        next_update: "20270102000000Z",
        ..sound()
    }
    .der();
    let past = Answer {
        this_update: "20250101000000Z",
        next_update: "20250102000000Z",
        ..sound()
    }
    .der();
    let when = time("20240601000000Z");
    let gone = Answer {
        status: context(1, &[&when]),
        ..sound()
    }
    .der();
    let broken = flipped(sound().der(), good.certificate.len() + 12);
    const NONE: &str = "NO_REVOCATION_DATA";
    const REFUSED: &str = "REVOCATION_NOT_ACCEPTED";
    let poe = "INDETERMINATE/REVOKED_NO_POE";
    vec![
        case("as it must be", sound().der(), PASSED, "GOOD"),
        case("by the authority itself", by(root), PASSED, "GOOD"),
        case("revoked", gone, poe, "REVOKED"),
        case("another serial", serial, LATER, NONE),
        case("another issuer", issuer, LATER, NONE),
        case("unknown", unknown, LATER, REFUSED),
        case("from the future", future, LATER, REFUSED),
        case("out of date", past, LATER, "REVOCATION_OUT_OF_DATE"),
        case(
            "a responder of another authority",
            by(&stranger),
            LATER,
            REFUSED,
        ),
        case(
            "a responder without the purpose",
            by(&no_purpose),
            LATER,
            REFUSED,
        ),
        case("a responder that has expired", by(&ended), LATER, REFUSED),
        case("the subject vouches for itself", by(own), LATER, REFUSED),
        case("a broken signature", broken, LATER, REFUSED),
    ]
}

fn lists() -> Vec<Case> {
    let (root, file) = (&world().root, Doc::small().sealed());
    let case = |what: &str, list: Vec<u8>, verdict, reason| {
        let evidence = evidence_of(&root.certificate, &[&list]);
        Case::new(what, file.clone(), verdict, reason).relying_on(evidence)
    };
    let with = |extension: Vec<u8>| {
        Crl {
            extensions: vec![extension],
            ..Crl::of(root)
        }
        .der(root)
    };
    let delta = with(extension("2.5.29.27", true, &int(1)));
    let scope = |field: &[u8]| with(extension("2.5.29.28", true, &seq(&[field])));
    let unknown = with(extension("1.2.3.4", true, &null()));
    let rogue = Draft::authority("Root").mint(p256(), Scheme::Ecdsa, None);
    let dated = |this: &str, next: &str| {
        Crl {
            this_update: this.to_owned(),
            next_update: next.to_owned(),
            ..Crl::of(root)
        }
        .der(root)
    };
    let other = Draft::authority("Elsewhere").mint(p256(), Scheme::Ecdsa, None);
    const REFUSED: &str = "REVOCATION_NOT_ACCEPTED";
    let mut cases = vec![
        case("as it must be", crl(root, &[]), PASSED, "GOOD"),
        case("a delta", delta, LATER, REFUSED),
        case(
            "for authorities only",
            scope(&[0x82, 1, 0xff]),
            LATER,
            REFUSED,
        ),
        case(
            "for attributes only",
            scope(&[0x85, 1, 0xff]),
            LATER,
            REFUSED,
        ),
        case("indirect", scope(&[0x84, 1, 0xff]), LATER, REFUSED),
        case(
            "for some reasons only",
            scope(&[0x83, 2, 6, 0x40]),
            LATER,
            REFUSED,
        ),
        case("an unknown critical extension", unknown, LATER, REFUSED),
        case("by a twin of the root", crl(&rogue, &[]), LATER, REFUSED),
        case(
            "by somebody else",
            crl(&other, &[]),
            LATER,
            "NO_REVOCATION_DATA",
        ),
        case(
            "an old one",
            dated("20250101000000Z", "20250102000000Z"),
            LATER,
            "REVOCATION_OUT_OF_DATE",
        ),
        case(
            "one from the future",
            dated("20270101000000Z", "20270102000000Z"),
            LATER,
            REFUSED,
        ),
    ];
    let no_sign = authority(Draft::authority("No CRL sign").with(&key_usage(0x04, 2)));
    let own = leaf(Draft::signer("Own"), &no_sign);
    let evidence = evidence_of(&root.certificate, &[&world().crl, &crl(&no_sign, &[])]);
    let file = signed(&own, &[&no_sign]);
    cases
        .push(Case::new("by an authority that may not", file, LATER, REFUSED).relying_on(evidence));
    cases
}

/// The document with an answer or list in its document security store.
fn stored(kind: &str, data: &[u8]) -> Vec<u8> {
    use super::super::attack::pdf::{Update, stream_bytes};
    let file = Doc::small().sealed();
    Update::after(&file)
        .object(1, "<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R/DSS 30 0 R>>")
        .object(30, &format!("<</{kind}[31 0 R]>>"))
        .object_bytes(31, &stream_bytes("", data))
        .table()
}

fn replayed() -> Vec<Case> {
    let (root, own) = (&world().root, &world().ecdsa);
    let helper = responder("Responder", root);
    let old = Answer {
        this_update: "20240101000000Z",
        next_update: "20240102000000Z",
        ..Answer::good(root, &helper, own)
    };
    let old_list = Crl {
        this_update: "20240101000000Z".to_owned(),
        next_update: "20240102000000Z".to_owned(),
        ..Crl::of(root)
    };
    let bare = || evidence_of(&root.certificate, &[]);
    let listed = evidence_of(&root.certificate, &[&crl(root, &[&own.draft.serial])]);
    let current = stored("OCSPs", &Answer::good(root, &helper, own).der());
    let poe = "INDETERMINATE/REVOKED_NO_POE";
    const OLD: &str = "REVOCATION_OUT_OF_DATE";
    vec![
        Case::new("a current answer of the store", current, PASSED, "GOOD").relying_on(bare()),
        Case::new("an old answer", stored("OCSPs", &old.der()), LATER, OLD).relying_on(bare()),
        Case::new(
            "an old list",
            stored("CRLs", &old_list.der(root)),
            LATER,
            OLD,
        )
        .relying_on(bare()),
        Case::new(
            "an old answer after revocation",
            stored("OCSPs", &old.der()),
            poe,
            "REVOKED",
        )
        .relying_on(listed),
    ]
}
