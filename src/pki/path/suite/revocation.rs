//! Lists and answers about certificates (4.4, 4.5), and OCSP beyond PKITS.

use super::{CA_REVOKED, Case, PASSED, REVOKED, Setup, TRY_LATER, case, key};
use crate::pki::der::{self, encode};
use crate::pki::testing::{
    Draft, Entity, ListDraft, ResponseDraft, authority, extension, list, response, signer,
};

const NOT: &str = "REVOCATION_NOT_ACCEPTED";

/// CA and leaf; the CA's list is the one given.
fn with_list(s: &mut Setup, change: fn(&mut ListDraft<'_>, &Entity)) {
    let ca = s.ca("CA", &[]);
    let leaf = s.leaf(&[]);
    s.silence("CA");
    let mut draft = list(&ca);
    change(&mut draft, &leaf);
    s.crls.push(draft.make());
}

pub(super) const LISTS: &[Case] = &[
    case("4.4.1 Missing CRL", TRY_LATER, "NO_REVOCATION_DATA", |s| {
        s.ca("CA", &[]);
        s.leaf(&[]);
        s.silence("CA");
    }),
    case("4.4.2 Invalid Revoked CA", CA_REVOKED, "CA_REVOKED", |s| {
        let ca = s.ca("CA", &[]);
        s.leaf(&[]);
        s.crls.push(list(&s.anchor).revoking(&ca, 1).make());
    }),
    case("4.4.3 Invalid Revoked EE", REVOKED, "REVOKED", |s| {
        with_list(s, |list, leaf| *list = list.clone().revoking(leaf, 1));
    }),
    case("4.4.4 Invalid Bad CRL Signature", TRY_LATER, NOT, |s| {
        s.ca("CA", &[]);
        s.leaf(&[]);
        s.silence("CA");
        let forger = authority("CA").key(key("Forger")).make();
        s.crls.push(list(&forger).make());
    }),
    case(
        "4.4.5 Invalid Bad CRL Issuer Name",
        TRY_LATER,
        "NO_REVOCATION_DATA",
        |s| {
            let ca = s.ca("CA", &[]);
            s.leaf(&[]);
            s.silence("CA");
            let renamed = authority("Another CA").key(ca.key.clone()).make();
            s.crls.push(list(&renamed).make());
        },
    ),
    case(
        "4.4.6 Invalid Wrong CRL",
        TRY_LATER,
        "NO_REVOCATION_DATA",
        |s| {
            s.ca("CA", &[]);
            s.leaf(&[]);
            s.silence("CA");
            s.crls.push(list(&s.anchor).make());
        },
    ),
    case("4.4.7 Valid Two CRLs", PASSED, "VALID", |s| {
        s.ca("CA", &[]);
        s.leaf(&[]);
        let forger = authority("CA").key(key("Forger")).make();
        s.crls.push(list(&forger).make());
    }),
    case(
        "4.4.8 Invalid Unknown CRL Entry Extension",
        TRY_LATER,
        NOT,
        |s| {
            with_list(s, |list, _| {
                let unknown = extension("1.2.3.4", true, &[5, 0]);
                list.entries
                    .push((vec![9], encode(der::SEQUENCE, &[&unknown])));
            });
        },
    ),
    case("4.4.9 Invalid Unknown CRL Extension", TRY_LATER, NOT, |s| {
        with_list(s, |list, _| {
            list.extensions.push(extension("1.2.3.4", true, &[5, 0]))
        });
    }),
    case(
        "4.4.10+ Invalid CRL Extension that stands twice",
        TRY_LATER,
        NOT,
        |s| {
            with_list(s, |list, _| {
                let number = extension("2.5.29.20", false, &[2, 1, 1]);
                list.extensions.extend([number.clone(), number]);
            });
        },
    ),
    case(
        "4.4.11 Invalid Old CRL nextUpdate",
        TRY_LATER,
        "REVOCATION_OUT_OF_DATE",
        |s| {
            with_list(s, |list, _| list.next_update = Some("20251231000000Z"));
        },
    ),
    case(
        "4.4.11+ Invalid CRL without nextUpdate",
        TRY_LATER,
        "REVOCATION_OUT_OF_DATE",
        |s| {
            with_list(s, |list, _| list.next_update = None);
        },
    ),
    case("4.4.11+ Invalid CRL of the future", TRY_LATER, NOT, |s| {
        with_list(s, |list, _| list.this_update = "20260201000000Z");
    }),
    case(
        "4.4.11+ Invalid CRL older than the certificate",
        TRY_LATER,
        NOT,
        |s| {
            s.ca("CA", &[]);
            s.leaf_with(&[], |mut leaf| {
                leaf.from = "20250601000000Z".to_owned();
                leaf
            });
        },
    ),
    case(
        "4.4.3+ Invalid Revoked EE by an old CRL",
        REVOKED,
        "REVOKED",
        |s| {
            with_list(s, |list, leaf| {
                *list = list.clone().revoking(leaf, 4);
                list.next_update = Some("20250201000000Z");
            });
        },
    ),
    case("4.4.3+ Invalid EE on hold", TRY_LATER, "ON_HOLD", |s| {
        with_list(s, |list, leaf| *list = list.clone().revoking(leaf, 6));
    }),
    case(
        "4.4.13 Valid GeneralizedTime CRL nextUpdate",
        PASSED,
        "VALID",
        |s| {
            with_list(s, |list, _| list.next_update = Some("20500101000000Z"));
        },
    ),
];

pub(super) const SERIALS: &[Case] = &[
    case(
        "4.4.15 Invalid Negative Serial Number",
        super::GENERAL,
        "NEGATIVE_SERIAL",
        |s| {
            s.ca("CA", &[]);
            s.leaf_with(&[], |mut leaf| {
                leaf.serial = -1;
                leaf
            });
        },
    ),
    case(
        "4.4.15+ Invalid Zero Serial Number",
        super::GENERAL,
        "SERIAL_OUT_OF_RANGE",
        |s| {
            s.ca("CA", &[]);
            s.leaf_with(&[], |mut leaf| {
                leaf.serial = 0;
                leaf
            });
        },
    ),
    case(
        "4.4.17 Valid Serial Number beside a longer one",
        PASSED,
        "VALID",
        |s| {
            with_list(s, |list, leaf| {
                let longer = [leaf.certificate.serial(), &[1]].concat();
                list.entries.push((longer, Vec::new()));
            });
        },
    ),
    case(
        "4.4.18 Invalid Serial Number among many",
        REVOKED,
        "REVOKED",
        |s| {
            with_list(s, |list, leaf| {
                list.entries
                    .extend((1..=200_u8).map(|n| (vec![1, n, 3], Vec::new())));
                *list = list.clone().revoking(leaf, 1);
            });
        },
    ),
];

pub(super) const RENEWED: &[Case] = &[
    case(
        "4.5.3 Valid Basic Self-Issued New With Old",
        PASSED,
        "VALID",
        |s| {
            s.ca("CA", &[]);
            s.renewed("CA new", &[]);
            s.leaf(&[]);
        },
    ),
    case(
        "4.5.4+ Invalid Basic Self-Issued New With Old, revoked",
        CA_REVOKED,
        "CA_REVOKED",
        |s| {
            let old = s.ca("CA", &[]);
            let new = s.renewed("CA new", &[]);
            s.leaf(&[]);
            s.crls.push(list(&old).revoking(&new, 1).make());
        },
    ),
    case(
        "4.5.5 Invalid EE revoked by the new key",
        REVOKED,
        "REVOKED",
        |s| {
            s.ca("CA", &[]);
            let new = s.renewed("CA new", &[]);
            let leaf = s.leaf(&[]);
            s.crls.push(list(&new).revoking(&leaf, 1).make());
        },
    ),
];

/// CA and leaf, no list of the CA, and the answer given.
fn with_answer(s: &mut Setup, change: fn(&mut ResponseDraft<'_>)) {
    let ca = s.ca("CA", &[]);
    let leaf = s.leaf(&[]);
    s.silence("CA");
    let mut draft = response(&leaf, &ca, &ca);
    change(&mut draft);
    s.ocsp.push(draft.make());
}

pub(super) const ANSWERS: &[Case] = &[
    case("OCSP+ Valid answer of the issuer", PASSED, "VALID", |s| {
        with_answer(s, |_| {})
    }),
    case("OCSP+ Valid answer by key", PASSED, "VALID", |s| {
        with_answer(s, |r| r.by_key = true)
    }),
    case("OCSP+ Invalid unknown", TRY_LATER, NOT, |s| {
        with_answer(s, |r| r.status = crate::pki::testing::UNKNOWN.to_vec());
    }),
    case(
        "OCSP+ Invalid answer replayed after its time",
        TRY_LATER,
        "REVOCATION_OUT_OF_DATE",
        |s| {
            with_answer(s, |r| {
                r.this_update = "20251201000000Z";
                r.produced_at = "20251201000000Z";
                r.next_update = Some("20251208000000Z");
            });
        },
    ),
    case("OCSP+ Invalid answer of the future", TRY_LATER, NOT, |s| {
        with_answer(s, |r| r.this_update = "20260201000000Z");
    }),
    case(
        "OCSP+ Invalid answer older than the certificate",
        TRY_LATER,
        NOT,
        |s| {
            with_answer(s, |r| r.produced_at = "20190201000000Z");
        },
    ),
    case(
        "OCSP+ Invalid answer about another serial",
        TRY_LATER,
        "NO_REVOCATION_DATA",
        |s| {
            let ca = s.ca("CA", &[]);
            s.leaf(&[]);
            s.silence("CA");
            let other = signer("Other").key(key("Other")).under(&ca).make();
            s.ocsp.push(response(&other, &ca, &ca).make());
        },
    ),
    case(
        "OCSP+ Invalid answer about another issuer",
        TRY_LATER,
        "NO_REVOCATION_DATA",
        |s| {
            s.ca("CA", &[]);
            let leaf = s.leaf(&[]);
            s.silence("CA");
            let twin = authority("CA").key(key("Twin")).make();
            s.ocsp.push(response(&leaf, &twin, &twin).make());
        },
    ),
    case(
        "OCSP+ Invalid answer from after the end, expired",
        "INDETERMINATE/OUT_OF_BOUNDS_NO_POE",
        "EXPIRED",
        |s| expired(s, &[]),
    ),
    case(
        "OCSP+ Invalid answer from after the end with archiveCutoff, expired",
        "INDETERMINATE/OUT_OF_BOUNDS_NOT_REVOKED",
        "EXPIRED",
        |s| {
            let cutoff = crate::pki::testing::time("20250101000000Z");
            expired(s, &extension("1.3.6.1.5.5.7.48.1.6", false, &cutoff));
        },
    ),
    case(
        "OCSP+ Invalid unknown critical extension",
        TRY_LATER,
        NOT,
        |s| {
            with_answer(s, |r| r.extensions = extension("1.2.3.4", true, &[5, 0]));
        },
    ),
    case("OCSP+ Valid certHash", PASSED, "VALID", |s| {
        with_hash(s, |leaf| leaf.certificate.sha256().as_bytes().to_vec())
    }),
    case("OCSP+ Invalid certHash", TRY_LATER, NOT, |s| {
        with_hash(s, |_| vec![7; 32])
    }),
];

fn with_hash(s: &mut Setup, hash: fn(&Entity) -> Vec<u8>) {
    let ca = s.ca("CA", &[]);
    let leaf = s.leaf(&[]);
    s.silence("CA");
    let algorithm = crate::pki::algorithm::DigestAlgorithm::Sha256.to_der();
    let hash = encode(der::OCTET_STRING, &[&hash(&leaf)]);
    let mut draft = response(&leaf, &ca, &ca);
    draft.single_extensions = extension(
        "1.3.36.8.3.13",
        false,
        &encode(der::SEQUENCE, &[&algorithm, &hash]),
    );
    s.ocsp.push(draft.make());
}

/// CA and leaf, and an answer of a responder the CA appointed, changed.
fn with_responder(s: &mut Setup, change: fn(Draft<'_>) -> Draft<'_>) {
    let ca = s.ca("CA", &[]);
    let leaf = s.leaf(&[]);
    s.silence("CA");
    let draft = signer("Responder")
        .key(key("Responder"))
        .under(&ca)
        .with("extendedKeyUsage", "OCSPSigning")
        .with("1.3.6.1.5.5.7.48.1.5", "DER:0500");
    let responder = change(draft).make();
    s.ocsp.push(response(&leaf, &ca, &responder).make());
}

pub(super) const RESPONDERS: &[Case] = &[
    case("OCSP+ Valid appointed responder", PASSED, "VALID", |s| {
        with_responder(s, |r| r)
    }),
    case(
        "OCSP+ Invalid responder without purpose",
        TRY_LATER,
        NOT,
        |s| {
            with_responder(s, |r| r.without("extendedKeyUsage"));
        },
    ),
    case(
        "OCSP+ Invalid responder for any purpose",
        TRY_LATER,
        NOT,
        |s| {
            with_responder(s, |r| r.with("extendedKeyUsage", "anyExtendedKeyUsage"));
        },
    ),
    case(
        "OCSP+ Invalid responder that may not sign",
        TRY_LATER,
        NOT,
        |s| {
            with_responder(s, |r| r.with("keyUsage", "critical,keyEncipherment"));
        },
    ),
    case(
        "OCSP+ Invalid responder that expired",
        TRY_LATER,
        NOT,
        |s| {
            with_responder(s, |mut r| {
                r.until = "20250101000000Z".to_owned();
                r
            });
        },
    ),
    case(
        "OCSP+ Invalid responder of unknown revocation",
        TRY_LATER,
        NOT,
        |s| {
            with_responder(s, |r| r.without("1.3.6.1.5.5.7.48.1.5"));
        },
    ),
    case(
        "OCSP+ Invalid responder with the key of the subject",
        TRY_LATER,
        NOT,
        |s| {
            with_responder(s, |r| r.key(key("Leaf")));
        },
    ),
    case(
        "OCSP+ Invalid responder that is an authority",
        TRY_LATER,
        NOT,
        |s| {
            with_responder(s, |r| {
                r.with("basicConstraints", "critical,CA:TRUE")
                    .with("keyUsage", "critical,keyCertSign,digitalSignature")
            });
        },
    ),
    case(
        "OCSP+ Invalid responder of the CA above",
        TRY_LATER,
        NOT,
        |s| {
            let ca = s.ca("CA", &[]);
            let leaf = s.leaf(&[]);
            s.silence("CA");
            let responder = signer("Responder")
                .key(key("Responder"))
                .under(&s.anchor)
                .with("extendedKeyUsage", "OCSPSigning")
                .with("1.3.6.1.5.5.7.48.1.5", "DER:0500")
                .make();
            s.ocsp.push(response(&leaf, &ca, &responder).make());
        },
    ),
];

/// A leaf that ended in 2025, and an answer from the end of that year.
fn expired(s: &mut Setup, single_extensions: &[u8]) {
    let ca = s.ca("CA", &[]);
    let leaf = s.leaf_with(&[], |mut leaf| {
        leaf.until = "20250601000000Z".to_owned();
        leaf
    });
    s.silence("CA");
    let mut draft = response(&leaf, &ca, &ca);
    draft.single_extensions = single_extensions.to_vec();
    s.ocsp.push(draft.make());
}
