//! Signatures, validity, basicConstraints, keyUsage and private extensions (4.1, 4.2, 4.6, 4.7, 4.16).

use openssl::pkey::PKey;

use super::{Case, GENERAL, NO_PATH, PASSED, Setup, case, key, subject_of};
use crate::pki::testing::{authority, rsa};

const NO_CA: &str = "critical,CA:FALSE";

pub(super) const SIGNATURES: &[Case] = &[
    case("4.1.1 Valid Signatures", PASSED, "VALID", |s| {
        s.ca("CA", &[]);
        s.leaf(&[]);
    }),
    case(
        "4.1.2 Invalid CA Signature",
        NO_PATH,
        "NO_PATH_TO_TRUSTED_ROOT",
        |s| {
            // Signed by another key than that of the anchor it names.
            let real = std::mem::replace(&mut s.anchor, stranger());
            s.ca("CA", &[]);
            s.leaf(&[]);
            s.anchor = real;
        },
    ),
    case(
        "4.1.3 Invalid EE Signature",
        NO_PATH,
        "NO_PATH_TO_TRUSTED_ROOT",
        |s| {
            s.ca("CA", &[]);
            let mut other = s.chain[0].clone();
            other.key = key("Somebody else");
            let real = std::mem::replace(&mut s.chain[0], other);
            s.leaf(&[]);
            s.chain[0] = real;
        },
    ),
    case("4.1.4+ Valid Ed25519 Signatures", PASSED, "VALID", |s| {
        s.ca_with("CA", &[], |ca| ca.key(PKey::generate_ed25519().unwrap()));
        let ca = s.last();
        s.leaf(&[]);
        // Lists are signed with ECDSA here, so an answer takes the place of this one.
        s.silence("CA");
        let leaf = s.last();
        s.ocsp = vec![crate::pki::testing::response(&leaf, &ca, &responder(&ca)).make()];
    }),
    case("4.1.5+ Valid RSA Signatures", PASSED, "VALID", |s| {
        s.ca_with("CA", &[], |ca| ca.key(rsa(2048)));
        let ca = s.last();
        s.leaf(&[]);
        s.silence("CA");
        let leaf = s.last();
        s.ocsp = vec![crate::pki::testing::response(&leaf, &ca, &responder(&ca)).make()];
    }),
];

fn stranger() -> crate::pki::testing::Entity {
    authority("Trust Anchor").key(key("Stranger")).make()
}

/// A responder `ca` appointed, whose revocation is not asked.
fn responder(ca: &crate::pki::testing::Entity) -> crate::pki::testing::Entity {
    crate::pki::testing::signer("Responder")
        .key(key("Responder"))
        .under(ca)
        .with("extendedKeyUsage", "OCSPSigning")
        .with("1.3.6.1.5.5.7.48.1.5", "DER:0500")
        .make()
}

pub(super) const VALIDITY: &[Case] = &[
    case(
        "4.2.1 Invalid CA notBefore Date",
        "INDETERMINATE/OUT_OF_BOUNDS_NO_POE",
        "CA_NOT_YET_VALID",
        |s| {
            s.ca_with("CA", &[], |mut ca| {
                ca.from = "20270101000000Z".to_owned();
                ca
            });
            s.leaf(&[]);
        },
    ),
    case(
        "4.2.2 Invalid EE notBefore Date",
        "TOTAL-FAILED/NOT_YET_VALID",
        "NOT_YET_VALID",
        |s| {
            s.ca("CA", &[]);
            s.leaf_with(&[], |mut leaf| {
                leaf.from = "20270101000000Z".to_owned();
                leaf
            });
        },
    ),
    case(
        "4.2.3 Valid pre2000 UTC notBefore Date",
        PASSED,
        "VALID",
        |s| {
            s.ca("CA", &[]);
            s.leaf_with(&[], |mut leaf| {
                leaf.from = "500101000000Z".to_owned();
                leaf
            });
        },
    ),
    case(
        "4.2.4 Valid GeneralizedTime notBefore Date",
        PASSED,
        "VALID",
        |s| {
            s.ca("CA", &[]);
            s.leaf_with(&[], |mut leaf| {
                leaf.from = "20020101000000Z".to_owned();
                leaf
            });
        },
    ),
    case(
        "4.2.5 Invalid CA notAfter Date",
        "INDETERMINATE/OUT_OF_BOUNDS_NO_POE",
        "CA_EXPIRED",
        |s| {
            s.ca_with("CA", &[], |mut ca| {
                ca.until = "20250101000000Z".to_owned();
                ca
            });
            s.leaf(&[]);
        },
    ),
    case(
        "4.2.6 Invalid EE notAfter Date",
        "INDETERMINATE/OUT_OF_BOUNDS_NO_POE",
        "EXPIRED",
        |s| {
            s.ca("CA", &[]);
            s.leaf_with(&[], |mut leaf| {
                leaf.until = "20240101000000Z".to_owned();
                leaf
            });
        },
    ),
    case(
        "4.2.7 Invalid pre2000 UTC EE notAfter Date",
        "INDETERMINATE/OUT_OF_BOUNDS_NO_POE",
        "EXPIRED",
        |s| {
            s.ca("CA", &[]);
            s.leaf_with(&[], |mut leaf| {
                leaf.from = "970101000000Z".to_owned();
                leaf.until = "990101120100Z".to_owned();
                leaf
            });
        },
    ),
    case(
        "4.2.8 Valid GeneralizedTime notAfter Date",
        PASSED,
        "VALID",
        |s| {
            s.ca("CA", &[]);
            s.leaf_with(&[], |mut leaf| {
                leaf.until = "20500101000000Z".to_owned();
                leaf
            });
        },
    ),
];

pub(super) const CONSTRAINTS: &[Case] = &[
    case(
        "4.6.1 Invalid Missing basicConstraints",
        GENERAL,
        "NOT_A_CA",
        |s| {
            s.ca("CA", &[("basicConstraints", "")]);
            s.leaf(&[]);
        },
    ),
    case("4.6.2 Invalid cA False", GENERAL, "NOT_A_CA", |s| {
        s.ca("CA", &[("basicConstraints", NO_CA)]);
        s.leaf(&[]);
    }),
    case(
        "4.6.3 Invalid cA False not critical",
        GENERAL,
        "NOT_A_CA",
        |s| {
            s.ca("CA", &[("basicConstraints", "CA:FALSE")]);
            s.leaf(&[]);
        },
    ),
    case(
        "4.6.4 Valid basicConstraints Not Critical",
        PASSED,
        "VALID",
        |s| {
            s.ca("CA", &[("basicConstraints", "CA:TRUE")]);
            s.leaf(&[]);
        },
    ),
    case("4.6.4+ Invalid EE used as CA", GENERAL, "NOT_A_CA", |s| {
        s.ca("CA", &[]);
        s.leaf(&[]);
        s.leaf_with(&[], |mut leaf| {
            leaf.serial = 77;
            leaf.key(key("Second leaf"))
        });
    }),
    case(
        "4.6.4+ Invalid pathLen without keyCertSign",
        GENERAL,
        "CA_WITHOUT_CERT_SIGN",
        |s| {
            s.ca(
                "CA",
                &[
                    ("basicConstraints", "critical,CA:TRUE,pathlen:1"),
                    ("keyUsage", "critical,cRLSign"),
                ],
            );
            s.leaf(&[]);
        },
    ),
    case(
        "4.6.4+ Invalid CA without Key Identifier",
        GENERAL,
        "CA_WITHOUT_KEY_ID",
        |s| {
            s.ca("CA", &[("subjectKeyIdentifier", "")]);
            s.leaf(&[("authorityKeyIdentifier", "")]);
        },
    ),
    case(
        "4.6.4+ Invalid pathLen of an EE",
        GENERAL,
        "PATH_LENGTH_WITHOUT_CA",
        |s| {
            s.ca("CA", &[]);
            s.leaf(&[("basicConstraints", "critical,CA:FALSE,pathlen:0")]);
        },
    ),
    case(
        "4.1.5+ Invalid key of sixteen thousand bits",
        GENERAL,
        "KEY_TOO_LARGE",
        |s| {
            let ca = s.ca("CA", &[]);
            let mut leaf = s.leaf(&[]);
            let mut modulus = vec![0xff; 2_048];
            modulus[2_047] = 0x0d;
            let modulus = openssl::bn::BigNum::from_slice(&modulus).unwrap();
            let exponent = openssl::bn::BigNum::from_u32(65_537).unwrap();
            let key = openssl::rsa::Rsa::from_public_components(modulus, exponent).unwrap();
            let spki = key.public_key_to_der().unwrap();
            leaf.certificate = crate::pki::testing::with_key(&leaf.certificate, &spki, &ca);
            s.chain[1] = leaf;
        },
    ),
    case(
        "4.6.4+ Invalid EE with keyCertSign",
        GENERAL,
        "CERT_SIGN_WITHOUT_CA",
        |s| {
            s.ca("CA", &[]);
            s.leaf(&[("keyUsage", "critical,digitalSignature,keyCertSign")]);
        },
    ),
];

const ZERO: super::Words<'static> = &[("basicConstraints", "critical,CA:TRUE,pathlen:0")];
const SIX: super::Words<'static> = &[("basicConstraints", "critical,CA:TRUE,pathlen:6")];
const TWO: super::Words<'static> = &[("basicConstraints", "critical,CA:TRUE,pathlen:2")];
const ONE: super::Words<'static> = &[("basicConstraints", "critical,CA:TRUE,pathlen:1")];

pub(super) const LENGTHS: &[Case] = &[
    case(
        "4.6.5 Invalid pathLenConstraint",
        GENERAL,
        "PATH_LENGTH_EXCEEDED",
        |s| {
            s.ca("CA", ZERO);
            s.ca("subCA", &[]);
            s.leaf(&[]);
        },
    ),
    case("4.6.7 Valid pathLenConstraint", PASSED, "VALID", |s| {
        s.ca("CA", ZERO);
        s.leaf(&[]);
    }),
    case(
        "4.6.9 Invalid pathLenConstraint of a lower CA",
        GENERAL,
        "PATH_LENGTH_EXCEEDED",
        |s| {
            s.ca("CA", SIX);
            s.ca("subCA", ZERO);
            s.ca("subsubCA", &[]);
            s.leaf(&[]);
        },
    ),
    case(
        "4.6.11 Invalid pathLenConstraint that is raised",
        GENERAL,
        "PATH_LENGTH_EXCEEDED",
        |s| {
            s.ca("CA", ONE);
            s.ca("subCA", SIX);
            s.ca("subsubCA", &[]);
            s.leaf(&[]);
        },
    ),
    case(
        "4.6.13 Valid pathLenConstraint of six",
        PASSED,
        "VALID",
        |s| {
            s.ca("CA", SIX);
            s.ca("subCA", TWO);
            s.ca("subsubCA", ONE);
            s.ca("subsubsubCA", ZERO);
            s.leaf(&[]);
        },
    ),
    case(
        "4.6.15 Valid Self-Issued pathLenConstraint",
        PASSED,
        "VALID",
        |s| {
            s.ca("CA", ZERO);
            s.renewed("CA new", &[]);
            s.leaf(&[]);
        },
    ),
    case(
        "4.6.16 Invalid Self-Issued pathLenConstraint",
        GENERAL,
        "PATH_LENGTH_EXCEEDED",
        |s| {
            s.ca("CA", ZERO);
            s.renewed("CA new", &[]);
            s.ca("subCA", &[]);
            s.leaf(&[]);
        },
    ),
    case(
        "4.6.17 Valid Self-Issued pathLenConstraint of one",
        PASSED,
        "VALID",
        |s| {
            s.ca("CA", ONE);
            s.renewed("CA new", &[]);
            s.ca("subCA", &[]);
            s.renewed("subCA new", &[]);
            s.leaf(&[]);
        },
    ),
    case(
        "4.6.17+ Invalid path of nine",
        GENERAL,
        "PATH_TOO_LONG",
        |s| {
            for name in ["A", "B", "C", "D", "E", "F", "G"] {
                s.ca(name, &[]);
            }
            s.leaf(&[]);
        },
    ),
];

pub(super) const USAGE: &[Case] = &[
    case(
        "4.7.1 Invalid keyUsage Critical keyCertSign False",
        GENERAL,
        "CA_WITHOUT_CERT_SIGN",
        |s| {
            s.ca("CA", &[("keyUsage", "critical,digitalSignature,cRLSign")]);
            s.leaf(&[]);
        },
    ),
    case(
        "4.7.2 Invalid keyUsage Not Critical keyCertSign False",
        GENERAL,
        "CA_WITHOUT_CERT_SIGN",
        |s| {
            s.ca("CA", &[("keyUsage", "digitalSignature,cRLSign")]);
            s.leaf(&[]);
        },
    ),
    case(
        "4.7.2+ Invalid CA without keyUsage",
        GENERAL,
        "CA_WITHOUT_CERT_SIGN",
        |s| {
            s.ca("CA", &[("keyUsage", "")]);
            s.leaf(&[]);
        },
    ),
    case("4.7.3 Valid keyUsage Not Critical", PASSED, "VALID", |s| {
        s.ca("CA", &[("keyUsage", "keyCertSign,cRLSign")]);
        s.leaf(&[]);
    }),
    case(
        "4.7.4 Invalid keyUsage Critical cRLSign False",
        super::TRY_LATER,
        "REVOCATION_NOT_ACCEPTED",
        |s| {
            s.ca("CA", &[("keyUsage", "critical,keyCertSign")]);
            s.leaf(&[]);
        },
    ),
    case(
        "4.7.5 Invalid keyUsage Not Critical cRLSign False",
        super::TRY_LATER,
        "REVOCATION_NOT_ACCEPTED",
        |s| {
            s.ca("CA", &[("keyUsage", "keyCertSign")]);
            s.leaf(&[]);
        },
    ),
];

pub(super) const EXTENSIONS: &[Case] = &[
    case(
        "4.16.1 Valid Unknown Not Critical Certificate Extension",
        PASSED,
        "VALID",
        |s| {
            s.ca("CA", &[]);
            s.leaf(&[("1.2.3.4", "DER:0500")]);
        },
    ),
    case(
        "4.16.2 Invalid Unknown Critical Certificate Extension",
        GENERAL,
        "UNKNOWN_CRITICAL_EXTENSION",
        |s| {
            s.ca("CA", &[]);
            s.leaf(&[("1.2.3.4", "critical,DER:0500")]);
        },
    ),
    case(
        "4.16.2+ Invalid Unknown Critical Extension of a CA",
        GENERAL,
        "UNKNOWN_CRITICAL_EXTENSION",
        |s| {
            s.ca("CA", &[("1.2.3.4", "critical,DER:0500")]);
            s.leaf(&[]);
        },
    ),
    case(
        "4.16.2+ Invalid version 1 CA",
        GENERAL,
        "NOT_VERSION_3",
        |s| {
            let everything = [
                ("basicConstraints", ""),
                ("keyUsage", ""),
                ("subjectKeyIdentifier", ""),
                ("authorityKeyIdentifier", ""),
            ];
            s.ca_with("CA", &everything, |mut ca| {
                ca.version = 0;
                ca
            });
            s.leaf(&[("authorityKeyIdentifier", "")]);
        },
    ),
    case(
        "4.16.2+ Invalid critical Key Identifier",
        GENERAL,
        "KEY_ID_CRITICAL",
        |s| {
            s.ca("CA", &[("subjectKeyIdentifier", "critical,hash")]);
            s.leaf(&[]);
        },
    ),
    case(
        "4.16.2+ Valid among CAs of one name",
        PASSED,
        "VALID",
        |s| {
            s.ca("CA", &[]);
            s.leaf(&[]);
            let mut twin = authority("CA").key(key("Twin")).under(&s.anchor);
            twin.serial = 4_711;
            s.others.push(twin.make().certificate);
        },
    ),
    case(
        "4.16.2+ Valid beside a loop of cross certificates",
        PASSED,
        "VALID",
        |s| {
            let ca = s.ca("CA", &[]);
            s.leaf(&[]);
            let mut loops = cross(s, &ca);
            s.others.append(&mut loops);
        },
    ),
    case(
        "4.16.2+ Invalid loop of cross certificates without an anchor",
        NO_PATH,
        "NO_PATH_TO_TRUSTED_ROOT",
        |s| {
            s.anchor = stranger();
            let ca = s.ca("CA", &[]);
            s.leaf(&[]);
            let mut loops = cross(s, &ca);
            s.others.append(&mut loops);
            s.anchor = authority("Other Anchor").key(key("Other Anchor")).make();
        },
    ),
];

/// Two authorities that certify each other, one of them `ca`.
fn cross(s: &Setup, ca: &crate::pki::testing::Entity) -> Vec<crate::pki::certificate::Certificate> {
    let bridge = authority("Bridge").key(key("Bridge")).under(ca).make();
    let mut back = authority("CA").key(ca.key.clone()).under(&bridge);
    back.subject = Some(subject_of(ca));
    back.serial = 99;
    let _ = s;
    vec![back.make().certificate, bridge.certificate]
}
