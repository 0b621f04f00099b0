//! What is read and what is refused: each rule of the structure, broken once.

use super::testing::{CONTENT, Draft, attribute, content_type, draft, message_digest};
use super::*;
use crate::pki::algorithm::{DigestAlgorithm, SignatureAlgorithm, SignatureScheme};
use crate::pki::der::{self, encode};
use crate::pki::verdict::{Indication, SubIndication};

#[test]
fn without_signed_attributes_nothing_is_believed() {
    let mut draft = draft();
    draft.attributes = None;
    assert_eq!(draft.code(), "CMS_NO_SIGNED_ATTRIBUTES");
    let verdict = draft.check().unwrap_err().verdict();
    assert_eq!(
        verdict,
        (Indication::TotalFailed, SubIndication::FormatFailure)
    );
}

#[test]
fn a_certificate_known_already_changes_nothing_that_is_read() {
    let (der, other) = (draft().der(), draft().der());
    let (read, other) = (parse(&der).unwrap(), parse(&other).unwrap());
    assert_ne!(read.certificates(), other.certificates());
    for known in [read.certificates(), other.certificates()] {
        let knowing = parse_knowing(&der, known).unwrap();
        assert_eq!(knowing.certificates(), read.certificates());
    }
}

#[test]
fn content_inside_a_detached_signature_is_refused() {
    let mut draft = draft();
    draft.content = encode(der::context(0), &[&encode(der::OCTET_STRING, &[CONTENT])]);
    assert_eq!(draft.code(), "CMS_CONTENT_PRESENT");
}

#[test]
fn there_is_exactly_one_signer() {
    for count in [0, 2, 3] {
        let mut draft = draft();
        draft.signers = count;
        assert_eq!(
            draft.check().unwrap_err(),
            Error::SignerCount { found: count }
        );
        assert_eq!(draft.code(), "CMS_SIGNER_COUNT");
    }
}

#[test]
fn the_message_digest_stands_once_with_one_value() {
    let digest = DigestAlgorithm::Sha256.of(CONTENT);
    let value = encode(der::OCTET_STRING, &[&digest]);
    let two_values = attribute(oids::MESSAGE_DIGEST, &[&value, &value]);
    let no_value = attribute(oids::MESSAGE_DIGEST, &[]);
    let wrong_type = attribute(oids::MESSAGE_DIGEST, &[&[2, 1, 1]]);
    let twice = [message_digest(&digest), message_digest(&digest)];
    assert_eq!(draft().instead(1, &[]).code(), "CMS_ATTRIBUTE_MISSING");
    assert_eq!(draft().instead(1, &twice).code(), "CMS_ATTRIBUTE_TWICE");
    assert_eq!(
        draft().instead(1, &[two_values]).code(),
        "CMS_ATTRIBUTE_VALUES"
    );
    assert_eq!(
        draft().instead(1, &[no_value]).code(),
        "CMS_ATTRIBUTE_VALUES"
    );
    assert_eq!(
        draft().instead(1, &[wrong_type]).code(),
        "CMS_ATTRIBUTE_MALFORMED"
    );
    assert_eq!(
        draft().instead(1, &[message_digest(b"short")]).code(),
        "CMS_ATTRIBUTE_MALFORMED"
    );
}

#[test]
fn the_content_type_stands_once_and_is_data() {
    assert_eq!(draft().instead(0, &[]).code(), "CMS_ATTRIBUTE_MISSING");
    assert_eq!(
        draft().instead(0, &[content_type(oids::TST_INFO)]).code(),
        "CMS_CONTENT_TYPE"
    );
    let mut other = draft();
    other.content_type = oids::TST_INFO.to_vec();
    assert_eq!(other.code(), "CMS_CONTENT_TYPE");
}

#[test]
fn no_attribute_type_stands_twice() {
    let extra = attribute(&[42], &[&[5, 0]]);
    assert_eq!(draft().plus(extra.clone()).code(), "VALID");
    assert_eq!(
        draft().plus(extra.clone()).plus(extra).code(),
        "CMS_ATTRIBUTE_TWICE"
    );
}

#[test]
fn the_signing_certificate_is_named_once() {
    let id = encode(der::SEQUENCE, &[&encode(der::SEQUENCE, &[])]);
    let two = attribute(oids::SIGNING_CERTIFICATE_V2, &[&id, &id]);
    let draft = draft().instead(2, &[two]);
    assert_eq!(draft.code(), "SIGNING_CERTIFICATE_VALUES");
    let expected = (
        Indication::Indeterminate,
        SubIndication::NoSigningCertificateFound,
    );
    assert_eq!(draft.check().unwrap_err().verdict(), expected);
}

#[test]
fn versions_must_fit() {
    let mut draft = draft();
    draft.version = vec![2];
    assert_eq!(draft.code(), "CMS_VERSION");
}

#[test]
fn digest_and_signature_algorithm_must_agree() {
    let mut draft = draft();
    let digest = DigestAlgorithm::Sha384;
    draft.algorithm = SignatureAlgorithm::new(SignatureScheme::Ecdsa, digest).to_der();
    assert_eq!(draft.code(), "ALGORITHM_MISMATCH");
    let expected = (
        Indication::Indeterminate,
        SubIndication::CryptoConstraintsFailure,
    );
    assert_eq!(draft.check().unwrap_err().verdict(), expected);
}

#[test]
fn the_digest_algorithm_must_be_listed() {
    let mut draft = draft();
    draft.listed = DigestAlgorithm::Sha512.to_der();
    assert_eq!(draft.code(), "CMS_DIGEST_NOT_LISTED");
}

#[test]
fn weak_and_unknown_algorithms_are_named() {
    let mut weak = draft();
    weak.digest = encode(der::SEQUENCE, &[&[6, 5, 0x2b, 0x0e, 3, 2, 0x1a]]);
    assert_eq!(weak.code(), "WEAK_ALGORITHM");
    let verdict = weak.check().unwrap_err().verdict();
    assert_eq!(verdict.1, SubIndication::CryptoConstraintsFailureNoPoe);
    let mut unknown = draft();
    unknown.algorithm = encode(der::SEQUENCE, &[&[6, 1, 42]]);
    assert_eq!(unknown.code(), "UNSUPPORTED_ALGORITHM");
    let mut parameters = draft();
    parameters.algorithm = encode(
        der::SEQUENCE,
        &[&[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2], &[5, 0]],
    );
    assert_eq!(parameters.code(), "ALGORITHM_PARAMETERS");
}

#[test]
fn protected_algorithms_must_be_those_in_use() {
    let protection = |digest: DigestAlgorithm| {
        let algorithm = SignatureAlgorithm::new(SignatureScheme::Ecdsa, digest).to_der();
        let algorithm = der::only("", &algorithm, der::SEQUENCE).unwrap();
        let algorithm = encode(der::context(1), &[algorithm.rest()]);
        let value = encode(der::SEQUENCE, &[&digest.to_der(), &algorithm]);
        attribute(oids::ALGORITHM_PROTECTION, &[&value])
    };
    assert_eq!(
        draft().plus(protection(DigestAlgorithm::Sha256)).code(),
        "VALID"
    );
    let other = draft().plus(protection(DigestAlgorithm::Sha512));
    assert_eq!(other.code(), "ALGORITHM_PROTECTION");
}

#[test]
fn only_zero_bytes_may_follow() {
    let mut der = draft().der();
    der.extend([0; 100]);
    assert!(parse(&der).is_ok());
    der.push(1);
    assert_eq!(
        parse(&der).unwrap_err(),
        Error::TrailingBytes { count: 101 }
    );
    assert_eq!(parse(&der).unwrap_err().code(), "CMS_TRAILING_BYTES");
}

/// The same in indefinite lengths, `depth` layers deep.
fn indefinite(der: &[u8], depth: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut reader = der::Reader::new("", der);
    while !reader.is_empty() {
        let element = reader.element().unwrap();
        if depth == 0 || element.tag & 0x20 == 0 {
            out.extend_from_slice(element.raw);
        } else {
            out.extend([element.tag, 0x80]);
            out.extend(indefinite(element.value, depth - 1));
            out.extend([0, 0]);
        }
    }
    out
}

#[test]
fn indefinite_lengths_are_read_and_noticed() {
    let draft = draft();
    for depth in [1, 2, 3, 4] {
        let mut ber = indefinite(&draft.der(), depth);
        ber.extend([0; 50]);
        let data = parse(&ber).unwrap();
        let signer = data.signer(AttributeProfile::Cades).unwrap();
        let check = data
            .verify(&signer, &DigestAlgorithm::Sha256.of(CONTENT))
            .unwrap();
        assert_eq!(check.failure(), None);
        let findings = data.findings(AttributeProfile::Cades);
        assert_eq!(findings[0].check, "CMS_INDEFINITE_LENGTH");
        ber.push(1);
        assert_eq!(parse(&ber).unwrap_err().code(), "CMS_TRAILING_BYTES");
    }
}

#[test]
fn indefinite_lengths_must_end_and_not_nest_without_end() {
    let ber = indefinite(&draft().der(), 3);
    for cut in [1, 2, 100, ber.len() - 2] {
        assert_eq!(
            parse(&ber[..ber.len() - cut]).unwrap_err().code(),
            "CMS_NOT_DER"
        );
    }
    assert_eq!(
        parse(&[0x30, 0x80].repeat(10_000)).unwrap_err().code(),
        "CMS_NOT_DER"
    );
    assert_eq!(
        parse(&[0x04, 0x80, 0, 0]).unwrap_err().code(),
        "CMS_NOT_DER"
    );
    let odd = [0x30, 0x80, 0x24, 0x80, 2, 1, 1, 0, 0, 0, 0];
    assert!(
        parse(&odd)
            .unwrap_err()
            .to_string()
            .contains("a piece of an octet string is none")
    );
}

#[test]
fn the_pieces_of_an_octet_string_are_joined() {
    let pieces = [
        0x24, 0x80, 4, 2, b'c', b'o', 4, 5, b'n', b't', b'e', b'n', b't', 0, 0,
    ];
    let mut token = draft().instead(0, &[content_type(oids::TST_INFO)]);
    token.content_type = oids::TST_INFO.to_vec();
    token.content = encode(der::context(0), &[&pieces]);
    assert_eq!(parse_timestamp(&token.der()).unwrap().content(), CONTENT);
}

#[test]
fn padded_lengths_are_refused() {
    let der = draft().der();
    let padded = [&[0x30, 0x83, 0][..], &der[2..]].concat();
    assert_eq!(parse(&padded).unwrap_err().code(), "CMS_NOT_DER");
    assert_eq!(parse(b"").unwrap_err().code(), "CMS_NOT_DER");
    let inside = [&[0x30, 0x80, 4, 0x81, 1, 0][..], &[0, 0]].concat();
    assert_eq!(parse(&inside).unwrap_err().code(), "CMS_NOT_DER");
}

#[test]
fn something_else_than_signed_data_is_refused() {
    let kind = encode(der::OID, &[oids::DATA]);
    let data = encode(
        der::SEQUENCE,
        &[&kind, &encode(der::context(0), &[&[4, 0]])],
    );
    assert_eq!(parse(&data).unwrap_err().code(), "CMS_NOT_SIGNED_DATA");
}

#[test]
fn sizes_and_counts_are_bounded() {
    assert_eq!(
        parse(&vec![0x30; MAX_CMS_BYTES + 1]).unwrap_err().code(),
        "CMS_TOO_LARGE"
    );
    let mut certificates = draft();
    let one = certificates.certificates[0].clone();
    certificates.certificates = vec![one; MAX_CERTIFICATES + 1];
    assert_eq!(certificates.code(), "CMS_TOO_LARGE");
    let attributes = (0..70)
        .map(|number| attribute(&[42, number], &[&[5, 0]]))
        .collect();
    assert_eq!(draft().with(attributes).code(), "CMS_TOO_LARGE");
}

#[test]
fn an_unreadable_certificate_beside_is_noticed() {
    let mut draft = draft();
    draft.certificates.push(encode(der::SEQUENCE, &[&[5, 0]]));
    assert_eq!(draft.code(), "VALID");
    let findings = parse(&draft.der())
        .unwrap()
        .findings(AttributeProfile::Cades);
    assert_eq!(findings[0].check, "CMS_CERTIFICATE_UNREADABLE");
}

#[test]
fn tokens_among_the_unsigned_attributes_are_handed_on() {
    let token = encode(der::SEQUENCE, &[&[5, 0]]);
    let other = attribute(&[42], &[&[5, 0]]);
    let list = [attribute(oids::TIME_STAMP_TOKEN, &[&token]), other].concat();
    let mut draft = draft();
    draft.unsigned = encode(der::context(1), &[&list]);
    assert_eq!(draft.code(), "VALID");
    assert_eq!(parse(&draft.der()).unwrap().timestamps(), [token]);
}

#[test]
fn a_token_holds_its_content_and_is_no_document_signature() {
    let mut token = draft().instead(0, &[content_type(oids::TST_INFO)]);
    token.content_type = oids::TST_INFO.to_vec();
    let parse = |token: &Draft| parse_timestamp(&token.der());
    assert_eq!(parse(&token).unwrap_err().code(), "CMS_CONTENT_MISSING");
    token.content = encode(der::context(0), &[&encode(der::OCTET_STRING, &[CONTENT])]);
    assert_eq!(parse(&token).unwrap().content(), CONTENT);
    assert_eq!(token.code(), "CMS_CONTENT_TYPE");
    assert_eq!(parse(&draft()).unwrap_err().code(), "CMS_CONTENT_TYPE");
}

#[test]
fn any_change_of_a_signature_is_read_or_refused_without_panic() {
    let der = draft().der();
    for place in 0..der.len() {
        let mut changed = der.clone();
        changed[place] ^= 0x81;
        let _ = parse(&changed).map(|data| data.signer(AttributeProfile::Cades));
        let _ = parse(&der[..place]);
    }
}
