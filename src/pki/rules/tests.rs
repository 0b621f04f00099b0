//! Every fault of form, algorithm, key, authority and usage, one at a time.

use openssl::hash::MessageDigest;

use super::*;
use crate::pki::path::validate_path;
use crate::pki::testing::{at, authority, rsa, signer};
use crate::pki::testing_world::{
    DAY, GENERAL, USAGE, WEAK, assert_ca, assert_leaf, assert_verdict, judge, world, world_with,
};

#[test]
fn version_1_is_refused() {
    assert_leaf(
        |mut leaf| {
            leaf.version = 0;
            leaf.without("keyUsage")
        },
        GENERAL,
        "NOT_VERSION_3",
    );
}

#[test]
fn a_negative_serial_number_is_refused() {
    assert_leaf(
        |mut leaf| {
            leaf.serial = -5;
            leaf
        },
        GENERAL,
        "NEGATIVE_SERIAL",
    );
}

#[test]
fn an_unknown_critical_extension_is_refused() {
    assert_leaf(
        |leaf| leaf.with("1.2.3.4", "critical,DER:0500"),
        GENERAL,
        "UNKNOWN_CRITICAL_EXTENSION",
    );
    assert_ca(
        |ca| ca.with("1.2.3.4", "critical,DER:0500"),
        GENERAL,
        "UNKNOWN_CRITICAL_EXTENSION",
    );
}

#[test]
fn an_unknown_extension_that_is_not_critical_is_passed_over() {
    assert_leaf(
        |leaf| leaf.with("1.2.3.4", "DER:0500"),
        "TOTAL-PASSED",
        "VALID",
    );
}

#[test]
fn policy_constraints_are_not_ignored() {
    let constraint = "critical,requireExplicitPolicy:0";
    assert_ca(
        |ca| ca.with("policyConstraints", constraint),
        GENERAL,
        "POLICY_NOT_VALID",
    );
}

#[test]
fn an_unreadable_extension_is_refused() {
    assert_leaf(
        |leaf| leaf.with("2.5.29.37", "DER:0101FF"),
        GENERAL,
        "MALFORMED_EXTENSION",
    );
}

#[test]
fn a_signer_used_as_authority_is_refused() {
    assert_ca(|ca| ca.without("basicConstraints"), GENERAL, "NOT_A_CA");
    assert_ca(
        |ca| ca.with("basicConstraints", "critical,CA:FALSE"),
        GENERAL,
        "NOT_A_CA",
    );
}

#[test]
fn an_authority_must_be_allowed_to_sign_certificates() {
    assert_ca(
        |ca| ca.with("keyUsage", "critical,cRLSign"),
        GENERAL,
        "CA_WITHOUT_CERT_SIGN",
    );
    assert_ca(|ca| ca.without("keyUsage"), GENERAL, "CA_WITHOUT_CERT_SIGN");
}

#[test]
fn the_path_length_constraint_holds() {
    let root = authority("Root").with("basicConstraints", "critical,CA:TRUE,pathlen:0");
    let world = world_with(root, authority("CA"));
    let report = judge(&world, &signer("Leaf").under(&world.ca));
    assert_verdict(&report, GENERAL, "PATH_LENGTH_EXCEEDED");
    let root = authority("Root").with("basicConstraints", "critical,CA:TRUE,pathlen:1");
    let world = world_with(root, authority("CA"));
    let report = judge(&world, &signer("Leaf").under(&world.ca));
    assert_verdict(&report, "TOTAL-PASSED", "VALID");
}

#[test]
fn a_certificate_signed_with_sha1_or_sha224_is_weak() {
    for digest in [MessageDigest::sha1(), MessageDigest::sha224()] {
        assert_leaf(
            |mut leaf| {
                leaf.digest = digest;
                leaf
            },
            WEAK,
            "WEAK_CERTIFICATE_SIGNATURE",
        );
    }
}

#[test]
fn the_own_signature_of_an_anchor_does_not_matter() {
    let mut root = authority("Root");
    root.digest = MessageDigest::sha1();
    let world = world_with(root, authority("CA"));
    assert!(world.root.certificate.is_self_signed());
    let report = judge(&world, &signer("Leaf").under(&world.ca));
    assert_verdict(&report, "TOTAL-PASSED", "VALID");
}

#[test]
fn a_short_rsa_key_is_weak() {
    assert_leaf(|leaf| leaf.key(rsa(1024)), WEAK, "WEAK_KEY");
}

#[test]
fn curve_parameters_written_out_are_refused() {
    use openssl::ec::{Asn1Flag, EcGroup, EcKey};
    let mut group = EcGroup::from_curve_name(openssl::nid::Nid::X9_62_PRIME256V1).unwrap();
    group.set_asn1_flag(Asn1Flag::EXPLICIT_CURVE);
    let key = EcKey::generate(&group).unwrap();
    let key = openssl::pkey::PKey::from_ec_key(key).unwrap();
    assert_leaf(|leaf| leaf.key(key), GENERAL, "EXPLICIT_EC_PARAMETERS");
}

#[test]
fn other_curves_are_refused() {
    use openssl::ec::{EcGroup, EcKey};
    let group = EcGroup::from_curve_name(openssl::nid::Nid::SECP256K1).unwrap();
    let key = openssl::pkey::PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    assert_leaf(|leaf| leaf.key(key), GENERAL, "UNSUPPORTED_KEY");
}

#[test]
fn an_authority_does_not_sign_documents() {
    let usage = "critical,digitalSignature,keyCertSign";
    assert_leaf(
        |leaf| {
            leaf.with("basicConstraints", "critical,CA:TRUE")
                .with("keyUsage", usage)
        },
        USAGE,
        "SIGNER_IS_CA",
    );
}

#[test]
fn a_document_signer_must_be_allowed_to_sign() {
    assert_leaf(
        |leaf| leaf.with("keyUsage", "critical,keyEncipherment"),
        USAGE,
        "KEY_USAGE",
    );
    assert_leaf(|leaf| leaf.without("keyUsage"), USAGE, "KEY_USAGE");
    assert_leaf(
        |leaf| leaf.with("keyUsage", "nonRepudiation"),
        "TOTAL-PASSED",
        "VALID",
    );
}

#[test]
fn extended_key_usage_must_name_documents_if_it_is_there() {
    let usage = "extendedKeyUsage";
    assert_leaf(
        |leaf| leaf.with(usage, "serverAuth"),
        USAGE,
        "EXTENDED_KEY_USAGE",
    );
    for good in [
        "emailProtection",
        "anyExtendedKeyUsage",
        "1.3.6.1.5.5.7.3.36,clientAuth",
    ] {
        assert_leaf(|leaf| leaf.with(usage, good), "TOTAL-PASSED", "VALID");
    }
}

#[test]
fn ocsp_no_check_on_a_signer_is_refused() {
    assert_leaf(
        |leaf| leaf.with("1.3.6.1.5.5.7.48.1.5", "DER:0500"),
        USAGE,
        "OCSP_NO_CHECK_ON_SIGNER",
    );
}

#[test]
fn a_time_stamping_certificate_is_for_nothing_else() {
    let world = world();
    let judge = |usage: &str| {
        let leaf = signer("TSA")
            .under(&world.ca)
            .with("extendedKeyUsage", usage)
            .make();
        let leaf = leaf.certificate;
        validate_path(&leaf, &[], &world.evidence, Purpose::TimeStamping, at(DAY))
    };
    assert_verdict(&judge("critical,timeStamping"), "TOTAL-PASSED", "VALID");
    assert_verdict(&judge("timeStamping"), USAGE, "EXTENDED_KEY_USAGE");
    assert_verdict(
        &judge("critical,timeStamping,emailProtection"),
        USAGE,
        "EXTENDED_KEY_USAGE",
    );
}

#[test]
fn each_purpose_asks_for_its_own_usage() {
    let world = world();
    let judge = |purpose| {
        let leaf = signer("Leaf")
            .under(&world.ca)
            .with("extendedKeyUsage", "OCSPSigning")
            .make();
        validate_path(&leaf.certificate, &[], &world.evidence, purpose, at(DAY))
    };
    assert_verdict(&judge(Purpose::OcspSigning), "TOTAL-PASSED", "VALID");
    assert_verdict(&judge(Purpose::AnySigning), "TOTAL-PASSED", "VALID");
    assert_verdict(
        &judge(Purpose::DocumentSigning),
        USAGE,
        "EXTENDED_KEY_USAGE",
    );
}

#[test]
fn a_name_with_hidden_characters_and_a_wrong_key_id_are_noticed() {
    let world = world();
    let leaf = signer("A\u{202e}B").under(&world.ca);
    let other = authority("Other").make();
    let leaf = leaf.with("authorityKeyIdentifier", "keyid:always");
    let wrong = hex::encode(other.certificate.subject_key_id().unwrap());
    let leaf = leaf.with("authorityKeyIdentifier", &format!("DER:30168014{wrong}"));
    let report = judge(&world, &leaf);
    assert_verdict(&report, "TOTAL-PASSED", "VALID");
    let checks: Vec<_> = report
        .findings
        .iter()
        .map(|finding| finding.check)
        .collect();
    assert_eq!(
        checks,
        ["SUBJECT_HIDES_CHARACTERS", "AUTHORITY_KEY_ID_DIFFERS"]
    );
}

#[test]
fn the_two_statements_of_the_signature_algorithm_must_agree() {
    use crate::pki::der::{self, encode};
    let world = world();
    let leaf = signer("Leaf").under(&world.ca).make().certificate;
    let mut fields = der::only("", leaf.der(), der::SEQUENCE).unwrap();
    let tbs = fields.element().unwrap().raw.to_vec();
    let algorithm = fields.element().unwrap().raw;
    let place = tbs
        .windows(algorithm.len())
        .position(|part| part == algorithm)
        .unwrap();
    let mut tbs = tbs;
    tbs[place + algorithm.len() - 1] = 3;
    let signature = encode(der::BIT_STRING, &[&[0], &world.ca.sign(&tbs)]);
    let leaf = encode(der::SEQUENCE, &[&tbs, algorithm, &signature]);
    let leaf = Certificate::from_der(&leaf).unwrap();
    let report = validate_path(
        &leaf,
        &[],
        &world.evidence,
        Purpose::DocumentSigning,
        at(DAY),
    );
    assert_verdict(&report, GENERAL, "ALGORITHM_MISMATCH");
}

#[test]
fn an_unknown_signature_algorithm_is_not_believed() {
    let world = world();
    let leaf = signer("Leaf").under(&world.ca).make().certificate;
    let mut der = leaf.der().to_vec();
    let known = [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
    for place in 0..der.len() - known.len() {
        if der[place..].starts_with(&known) {
            der[place + known.len() - 1] = 9;
        }
    }
    let leaf = Certificate::from_der(&der).unwrap();
    let report = validate_path(
        &leaf,
        &[],
        &world.evidence,
        Purpose::DocumentSigning,
        at(DAY),
    );
    assert_verdict(&report, GENERAL, "UNSUPPORTED_ALGORITHM");
}
