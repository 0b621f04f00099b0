//! CMS-01 to CMS-09 and CMS-14: the structure inside `/Contents`. Whatever could let one signature
//! be passed off as another is refused, with a key of the right signer at the attacker's hand.

use super::super::attack::cms::{
    ALGORITHM_PROTECTION, CERTIFICATE_V2, CONTENT_TYPE, Cms, DATA, MESSAGE_DIGEST, SIGNING_TIME,
    SignerInfo, TST_INFO, attribute, certificate_id, certificate_ids, tst_info,
};
use super::super::attack::der::{
    algorithm, content, context, indefinite, int, long_form, null, octets, oid, seq, tlv,
};
use super::super::attack::identity::{Draft, SHA256, Scheme, p256, world};
use super::super::attack::judge::{CRYPTO, FORMAT, HASH, PASSED};
use super::super::attack::signed::{
    Doc, SIGNATURE, dictionary, dictionary_of, filled, hole, range_digest, ranged, with_hole,
};
use super::Case;

super::rows! {
    cms_01_the_signed_attributes_are_removed: no_attributes;
    cms_02_the_content_stands_inside: content_inside;
    cms_03_there_is_not_one_signer: signer_counts;
    cms_04_the_message_digest_is_not_one_value: message_digests;
    cms_05_the_content_type_is_another: content_types;
    cms_06_the_signing_certificate_is_not_named_once: certificate_names;
    cms_07_another_certificate_stands_for_the_key: substituted_certificates;
    cms_08_the_algorithms_contradict_each_other: contradictions;
    cms_09_the_encoding_is_not_der: encodings;
    cms_14_a_token_stands_for_a_signature_or_the_reverse: tokens;
}

const NOT_FOUND: &str = "INDETERMINATE/NO_SIGNING_CERTIFICATE_FOUND";
const CONSTRAINTS: &str = "INDETERMINATE/SIG_CONSTRAINTS_FAILURE";
const ALGORITHMS: &str = "INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE";

fn with(change: impl FnOnce(&mut Cms)) -> Vec<u8> {
    Doc::small().sealed_with(change)
}

fn with_signer(change: impl FnOnce(&mut SignerInfo)) -> Vec<u8> {
    with(|cms| change(cms.signer()))
}

fn pkcs7() -> Doc {
    Doc::small().with(SIGNATURE, &dictionary("adbe.pkcs7.detached", ""))
}

fn no_attributes() -> Vec<Case> {
    const WHY: &str = "CMS_NO_SIGNED_ATTRIBUTES";
    let mut cases = Vec::new();
    for (kind, doc) in [("CAdES", Doc::small()), ("PKCS#7", pkcs7())] {
        // The signature over the attributes kept, the attributes gone.
        let kept = doc.sealed_with(|cms| {
            let signer = cms.signer();
            signer.value = Some(signer.identity.sign(&signer.to_be_signed()));
            signer.attributes = None;
        });
        // A signature that would hold over the bytes themselves.
        let file = ranged(&doc.open());
        let (start, end) = hole(&file);
        let covered = [&file[..start], &file[end..]].concat();
        let mut cms = Cms::detached(&doc.signer, &[]);
        cms.signer().value = Some(doc.signer.sign(&covered));
        cms.signer().attributes = None;
        let direct = filled(&file, &cms.der());
        let empty = doc.sealed_with(|cms| cms.signer().attributes = Some(Vec::new()));
        cases.push(Case::format(format!("{kind}: removed"), kept, WHY));
        cases.push(Case::format(format!("{kind}: signed without"), direct, WHY));
        let why = "CMS_ATTRIBUTE_MISSING";
        cases.push(Case::format(format!("{kind}: an empty set"), empty, why));
    }
    cases
}

fn content_inside() -> Vec<Case> {
    let inside = |bytes: &[u8]| with(|cms| cms.content = Some(bytes.to_vec()));
    const WHY: &str = "CMS_CONTENT_PRESENT";
    let file = ranged(&Doc::small().open());
    let (start, _) = hole(&file);
    vec![
        Case::format("other words", inside(b"own words"), WHY),
        Case::format("nothing, but there", inside(b""), WHY),
        Case::format("part of the document", inside(&file[..100.min(start)]), WHY),
    ]
}

fn signer_counts() -> Vec<Case> {
    const WHY: &str = "CMS_SIGNER_COUNT";
    let times = |count: usize| with(|cms| cms.signers = vec![cms.signers[0].clone(); count]);
    let stranger = with(|cms| {
        let digest = [7; 32];
        let own = cms.signers[0].clone();
        cms.signers = vec![SignerInfo::of(&world().ed25519, DATA, &digest), own];
    });
    vec![
        Case::format("none", times(0), WHY),
        Case::format("two", times(2), WHY),
        Case::format("a stranger before the signer", stranger, WHY),
    ]
}

fn message_digests() -> Vec<Case> {
    let instead = |new: &dyn Fn(Vec<u8>) -> Vec<Vec<u8>>| {
        let doc = Doc::small();
        let digest = octets(&range_digest(&doc.open(), &doc.signer));
        doc.sealed_with(|cms| cms.signer().instead(MESSAGE_DIGEST, &new(digest)))
    };
    let one = |values: &[&[u8]]| attribute(MESSAGE_DIGEST, values);
    let other = octets(&[0; 32]);
    let missing = instead(&|_| Vec::new());
    let twice = instead(&|digest| vec![one(&[&digest]), one(&[&digest])]);
    let differing = instead(&|digest| vec![one(&[&digest]), one(&[&other])]);
    let two = instead(&|digest| vec![one(&[&digest, &other])]);
    let none = instead(&|_| vec![one(&[])]);
    let null = instead(&|_| vec![one(&[&null()])]);
    let wrapped = instead(&|digest| vec![one(&[&seq(&[&digest])])]);
    let short = instead(&|digest| vec![one(&[&octets(&digest[2..20])])]);
    let empty = instead(&|_| vec![one(&[&octets(&[])])]);
    let wrong = instead(&|_| vec![one(&[&other])]);
    vec![
        Case::format("missing", missing, "CMS_ATTRIBUTE_MISSING"),
        Case::format("twice the same", twice, "CMS_ATTRIBUTE_TWICE"),
        Case::format("twice", differing, "CMS_ATTRIBUTE_TWICE"),
        Case::format("two values", two, "CMS_ATTRIBUTE_VALUES"),
        Case::format("no value", none, "CMS_ATTRIBUTE_VALUES"),
        Case::format("null", null, "CMS_ATTRIBUTE_MALFORMED"),
        Case::format("in a sequence", wrapped, "CMS_ATTRIBUTE_MALFORMED"),
        Case::format("shortened", short, "CMS_ATTRIBUTE_MALFORMED"),
        Case::format("empty", empty, "CMS_ATTRIBUTE_MALFORMED"),
        Case::new("of other data", wrong, HASH, "HASH_MISMATCH"),
    ]
}

fn content_types() -> Vec<Case> {
    let instead = |new: &[Vec<u8>]| with_signer(|signer| signer.instead(CONTENT_TYPE, new));
    let one = |kind: &str| attribute(CONTENT_TYPE, &[&oid(kind)]);
    let both = attribute(CONTENT_TYPE, &[&oid(DATA), &oid(TST_INFO)]);
    let outside = with(|cms| cms.content_type = TST_INFO.to_owned());
    let outer = with(|cms| cms.outer_type = DATA.to_owned());
    let text = attribute(CONTENT_TYPE, &[&octets(b"data")]);
    vec![
        Case::format("missing", instead(&[]), "CMS_ATTRIBUTE_MISSING"),
        Case::format(
            "a time stamp",
            instead(&[one(TST_INFO)]),
            "CMS_CONTENT_TYPE",
        ),
        Case::format("two values", instead(&[both]), "CMS_ATTRIBUTE_VALUES"),
        Case::format(
            "twice",
            instead(&[one(DATA), one(DATA)]),
            "CMS_ATTRIBUTE_TWICE",
        ),
        Case::format("no identifier", instead(&[text]), "CMS_ATTRIBUTE_MALFORMED"),
        Case::format("another outside", outside, "CMS_CONTENT_TYPE"),
        Case::format("no signed data at all", outer, "CMS_NOT_SIGNED_DATA"),
    ]
}

fn certificate_names() -> Vec<Case> {
    let instead = |new: &[Vec<u8>]| with_signer(|signer| signer.instead(CERTIFICATE_V2, new));
    let (own, other) = (&world().ecdsa, &world().rsa);
    let id = |certificate: &[u8]| certificate_id(certificate, &[]);
    let (mine, theirs) = (id(&own.certificate), id(&other.certificate));
    let named = |ids: &[Vec<u8>]| attribute(CERTIFICATE_V2, &[&certificate_ids(ids)]);
    let two = attribute(
        CERTIFICATE_V2,
        &[
            &certificate_ids(std::slice::from_ref(&mine)),
            &certificate_ids(std::slice::from_ref(&theirs)),
        ],
    );
    let issuer_serial = |issuer: &[u8], serial: &[u8]| {
        let names = seq(&[&context(4, &[issuer])]);
        certificate_id(&own.certificate, &seq(&[&names, serial]))
    };
    let serial = issuer_serial(&own.draft.issuer, &int(9));
    let issuer = issuer_serial(&own.draft.subject, &own.draft.serial);
    let right = issuer_serial(&own.draft.issuer, &own.draft.serial);
    const MISMATCH: &str = "SIGNING_CERTIFICATE_MISMATCH";
    let mismatch = |what: &str, file| Case::new(what, file, NOT_FOUND, MISMATCH);
    let mine_named = named(std::slice::from_ref(&mine));
    vec![
        Case::passes("issuer and serial right", instead(&[named(&[right])])),
        Case::passes(
            "a further entry after the first",
            instead(&[named(&[mine.clone(), theirs.clone()])]),
        ),
        Case::new(
            "missing",
            instead(&[]),
            CONSTRAINTS,
            "NO_SIGNING_CERTIFICATE_ATTRIBUTE",
        ),
        Case::new(
            "two values",
            instead(&[two]),
            NOT_FOUND,
            "SIGNING_CERTIFICATE_VALUES",
        ),
        Case::format(
            "twice",
            instead(&[mine_named.clone(), mine_named]),
            "CMS_ATTRIBUTE_TWICE",
        ),
        mismatch(
            "another hash",
            instead(&[named(std::slice::from_ref(&theirs))]),
        ),
        mismatch("another serial", instead(&[named(&[serial])])),
        mismatch("another issuer", instead(&[named(&[issuer])])),
        mismatch(
            "the second entry matches",
            instead(&[named(&[theirs, mine])]),
        ),
        Case::format("no entry", instead(&[named(&[])]), "CMS_NOT_DER"),
    ]
}

fn substituted_certificates() -> Vec<Case> {
    let own = &world().ecdsa;
    let roomy = Doc::small().roomy(2_000);
    let bag = |list: Vec<Vec<u8>>| roomy.sealed_with(|cms| cms.certificates = list);
    let twin = |draft: Draft, under: &super::super::attack::identity::Identity| {
        draft
            .mint(own.key.clone(), Scheme::Ecdsa, Some(under))
            .certificate
    };
    let serial = own.draft.serial.clone();
    let renamed = twin(
        Draft::signer("Somebody else").but(|d| d.serial = serial.clone()),
        &world().root,
    );
    let longer = twin(
        Draft::signer("Ecdsa").but(|d| d.until = "20551231000000Z".to_owned()),
        &world().root,
    );
    let rogue = Draft::authority("Root").mint(p256(), Scheme::Ecdsa, None);
    let other_ca = twin(Draft::signer("Ecdsa"), &rogue);
    const MISMATCH: &str = "SIGNING_CERTIFICATE_MISMATCH";
    let found = |what: &str, file| Case::new(what, file, NOT_FOUND, MISMATCH);
    let own_der = own.certificate.clone();
    // Another certificate of the same key, properly named, is another signer of the same rank:
    // nothing is wrong with it but who it says it is.
    vec![
        found(
            "the same serial, another subject",
            bag(vec![renamed.clone()]),
        ),
        found("the same name, another validity", bag(vec![longer.clone()])),
        found(
            "the same name, another CA of that name",
            bag(vec![other_ca.clone(), rogue.certificate]),
        ),
        Case::new(
            "no certificate",
            bag(Vec::new()),
            NOT_FOUND,
            "SIGNER_NOT_FOUND",
        ),
        Case::new(
            "only a stranger's",
            bag(vec![world().rsa.certificate.clone()]),
            NOT_FOUND,
            "SIGNER_NOT_FOUND",
        ),
        Case::passes(
            "strangers before the signer's",
            bag(vec![renamed, longer, other_ca, own_der]),
        ),
    ]
}

fn contradictions() -> Vec<Case> {
    const MISMATCH: &str = "ALGORITHM_MISMATCH";
    let sha384 = algorithm("2.16.840.1.101.3.4.2.2", &[]);
    let listed = with(|cms| cms.digests = vec![sha384.clone()]);
    let doc = Doc::small();
    let file = ranged(&doc.open());
    let (start, end) = hole(&file);
    let covered = [&file[..start], &file[end..]].concat();
    let long = openssl::sha::sha384(&covered);
    let digest = doc.sealed_with(|cms| {
        cms.digests = vec![sha384.clone()];
        cms.signer().digest = sha384.clone();
        cms.signer().instead(
            MESSAGE_DIGEST,
            &[attribute(MESSAGE_DIGEST, &[&octets(&long)])],
        );
    });
    let signature = with_signer(|signer| signer.algorithm = algorithm("1.2.840.10045.4.3.3", &[]));
    let protection = |digest: &[u8], identifier: &[u8]| {
        let value = seq(&[digest, &context(1, &[content(identifier)])]);
        with_signer(|signer| {
            signer.instead(
                ALGORITHM_PROTECTION,
                &[attribute(ALGORITHM_PROTECTION, &[&value])],
            );
        })
    };
    let sha256 = algorithm(SHA256, &[]);
    let own = Scheme::Ecdsa.identifier();
    const PROTECTION: &str = "ALGORITHM_PROTECTION";
    let other = protection(&sha256, &algorithm("1.2.840.10045.4.3.3", &[]));
    let rsa = protection(&sha256, &Scheme::Rsa.identifier());
    vec![
        Case::passes("protected and the same", protection(&sha256, &own)),
        Case::new("another digest", digest, ALGORITHMS, MISMATCH),
        Case::new(
            "another signature algorithm",
            signature,
            ALGORITHMS,
            MISMATCH,
        ),
        Case::format(
            "a digest that is not listed",
            listed,
            "CMS_DIGEST_NOT_LISTED",
        ),
        Case::new(
            "protected, another digest",
            protection(&sha384, &own),
            ALGORITHMS,
            PROTECTION,
        ),
        Case::new(
            "protected, another signature",
            other,
            ALGORITHMS,
            PROTECTION,
        ),
        Case::new(
            "protected, another kind of key",
            rsa,
            ALGORITHMS,
            PROTECTION,
        ),
    ]
}

fn encodings() -> Vec<Case> {
    let doc = Doc::small();
    let open = doc.open();
    let der = Cms::detached(&doc.signer, &range_digest(&open, &doc.signer)).der();
    let unsorted = with_signer(|signer| signer.attributes.as_mut().unwrap().reverse());
    let after = |tail: &[u8]| filled(&open, &[&der, tail].concat());
    let digits = |from: &str, to: &str| {
        let file = filled(&open, &der);
        let (start, end) = hole(&file);
        let text = String::from_utf8_lossy(&file[start..end]).replace(from, to);
        with_hole(&file, &text)
    };
    let lists = [b"a", b"b"].map(|letter| attribute(SIGNING_TIME, &[&octets(letter)]));
    let timed = with_signer(|signer| signer.instead(SIGNING_TIME, &lists[..1]));
    let endless = [&[0x30, 0x80][..], content(&der)].concat();
    let unended = [&endless[..], &[2, 1, 1]].concat();
    let before = [&[0], der.as_slice()].concat();
    let filled = |bytes: &[u8]| filled(&open, bytes);
    const BER: &str = "CMS_INDEFINITE_LENGTH";
    const UNSORTED: &str = "SIGNED_ATTRIBUTES_NOT_SORTED";
    const DER: &str = "CMS_NOT_DER";
    const TRAILING: &str = "CMS_TRAILING_BYTES";
    let lost = filled(&der[..der.len() - 1]);
    let set = filled(&tlv(0x31, &[content(&der)]));
    vec![
        Case::new("indefinite length", filled(&indefinite(&der)), PASSED, BER),
        Case::new(
            "indefinite, ended by padding",
            filled(&endless),
            PASSED,
            BER,
        ),
        Case::new("attributes not sorted", unsorted, PASSED, UNSORTED),
        Case::format("a time of letters", timed, "CMS_ATTRIBUTE_MALFORMED"),
        Case::passes("capital digits", digits("a", "A")),
        Case::format("indefinite, a number more", filled(&unended), DER),
        Case::format("a long length", filled(&long_form(&der)), DER),
        Case::format("half of it", filled(&der[..der.len() / 2]), DER),
        Case::format("a set for a sequence", set, DER),
        Case::format("one byte after", after(&[1]), TRAILING),
        Case::format("a second structure", after(&seq(&[&int(1)])), TRAILING),
        Case::format("a byte after padding", after(&[0, 0, 0, 1]), TRAILING),
        Case::format("one byte before", filled(&before), TRAILING),
        Case::new("its last byte lost", lost, CRYPTO, "SIGNATURE_INVALID"),
    ]
}

fn tokens() -> Vec<Case> {
    let doc = Doc::small();
    let token = |doc: &Doc| {
        let info = tst_info(&range_digest(&doc.open(), &doc.signer), "20260105034107Z");
        doc.sealed_with(|cms| *cms = Cms::enveloping(&doc.signer, TST_INFO, &info))
    };
    let stamp = dictionary_of("/Type/DocTimeStamp", "ETSI.RFC3161", "");
    let stamp = Doc::small().with(SIGNATURE, &stamp);
    let older = pkcs7();
    let inside = stamp.sealed_with(|cms| cms.content = Some(b"words".to_vec()));
    let typed = stamp.sealed_with(|cms| {
        let words = b"words";
        *cms = Cms::enveloping(&world().ecdsa, DATA, words);
    });
    let case = |what: &str, file, reason| Case::new(what, file, FORMAT, reason);
    vec![
        case(
            "a token as a CAdES signature",
            token(&doc),
            "CMS_CONTENT_TYPE",
        ),
        case(
            "a token as a PKCS#7 signature",
            token(&older),
            "CMS_CONTENT_TYPE",
        ),
        case(
            "a signature as a time stamp",
            stamp.sealed(),
            "CMS_CONTENT_TYPE",
        ),
        case(
            "a signature with content as a time stamp",
            inside,
            "CMS_CONTENT_TYPE",
        ),
        case("enveloped words as a time stamp", typed, "CMS_CONTENT_TYPE"),
    ]
}
