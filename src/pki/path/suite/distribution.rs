//! Lists of places and parts (4.14, 4.15).

use super::{Case, PASSED, REVOKED, Setup, TRY_LATER, case};
use crate::pki::der::{self, encode};
use crate::pki::testing::{Entity, ListDraft, extension, list};

const NOT: &str = "REVOCATION_NOT_ACCEPTED";
const HERE: &str = "URI:http://crl.invalid/here.crl";
const THERE: &str = "URI:http://crl.invalid/there.crl";

/// CA and leaf with a distribution point; the CA's list has these extensions.
fn scoped(s: &mut Setup, point: &str, scope: &[Vec<u8>], change: fn(&mut ListDraft<'_>, &Entity)) {
    let ca = s.ca("CA", &[]);
    let leaf = match point.is_empty() {
        true => s.leaf(&[]),
        false => s.leaf(&[("crlDistributionPoints", point)]),
    };
    s.silence("CA");
    let mut draft = list(&ca);
    draft.extensions.extend_from_slice(scope);
    change(&mut draft, &leaf);
    s.crls.push(draft.make());
}

/// An issuingDistributionPoint of these fields.
fn issuing(fields: &[&[u8]]) -> Vec<u8> {
    extension("2.5.29.28", true, &encode(der::SEQUENCE, fields))
}

fn at_point(uri: &str) -> Vec<u8> {
    let uri = encode(0x86, &[uri.trim_start_matches("URI:").as_bytes()]);
    encode(der::context(0), &[&encode(der::context(0), &[&uri])])
}

pub(super) const POINTS: &[Case] = &[
    case("4.14.1 Valid distributionPoint", PASSED, "VALID", |s| {
        scoped(s, HERE, &[issuing(&[&at_point(HERE)])], |_, _| {});
    }),
    case(
        "4.14.2 Invalid distributionPoint, revoked",
        REVOKED,
        "REVOKED",
        |s| {
            scoped(s, HERE, &[issuing(&[&at_point(HERE)])], |list, leaf| {
                *list = list.clone().revoking(leaf, 1);
            });
        },
    ),
    case(
        "4.14.3 Invalid distributionPoint of another place",
        TRY_LATER,
        NOT,
        |s| {
            scoped(s, HERE, &[issuing(&[&at_point(THERE)])], |_, _| {});
        },
    ),
    case(
        "4.14.4 Valid distributionPoint, the list names none",
        PASSED,
        "VALID",
        |s| {
            scoped(s, HERE, &[], |_, _| {});
        },
    ),
    case(
        "4.14.6+ Invalid distributionPoint the certificate does not name",
        TRY_LATER,
        NOT,
        |s| {
            scoped(s, "", &[issuing(&[&at_point(HERE)])], |_, _| {});
        },
    ),
    case(
        "4.14.7+ Invalid list at a place the certificate leaves out",
        TRY_LATER,
        NOT,
        |s| {
            let ca = s.ca("CA", &[]);
            s.leaf(&[]);
            s.silence("CA");
            let own = encode(der::context(4), &[ca.certificate.subject_der()]);
            let own = encode(der::context(0), &[&encode(der::context(0), &[&own])]);
            let mut draft = list(&ca);
            draft.extensions.push(issuing(&[&own]));
            s.crls.push(draft.make());
        },
    ),
    case(
        "4.14.9+ Invalid point named relative to its issuer",
        TRY_LATER,
        NOT,
        |s| {
            let relative = encode(der::context(0), &[&encode(der::context(1), &[])]);
            scoped(s, HERE, &[issuing(&[&relative])], |_, _| {});
        },
    ),
];

pub(super) const PARTS: &[Case] = &[
    case(
        "4.14.10 Valid onlyContainsUserCerts of an EE",
        PASSED,
        "VALID",
        |s| {
            scoped(s, "", &[issuing(&[&[0x81, 1, 0xff]])], |_, _| {});
        },
    ),
    case(
        "4.14.11 Invalid onlyContainsUserCerts of a CA",
        TRY_LATER,
        NOT,
        |s| {
            s.ca("CA", &[]);
            s.leaf(&[]);
            s.silence("Trust Anchor");
            let mut draft = list(&s.anchor);
            draft.extensions.push(issuing(&[&[0x81, 1, 0xff]]));
            let draft = draft.make();
            s.crls.push(draft);
        },
    ),
    case(
        "4.14.12 Invalid onlyContainsCACerts of an EE",
        TRY_LATER,
        NOT,
        |s| {
            scoped(s, "", &[issuing(&[&[0x82, 1, 0xff]])], |_, _| {});
        },
    ),
    case(
        "4.14.13 Valid onlyContainsCACerts of a CA",
        PASSED,
        "VALID",
        |s| {
            s.ca("CA", &[]);
            s.leaf(&[]);
            s.silence("Trust Anchor");
            let mut draft = list(&s.anchor);
            draft.extensions.push(issuing(&[&[0x82, 1, 0xff]]));
            let draft = draft.make();
            s.crls.push(draft);
        },
    ),
    case(
        "4.14.14 Invalid onlyContainsAttributeCerts",
        TRY_LATER,
        NOT,
        |s| {
            scoped(s, "", &[issuing(&[&[0x85, 1, 0xff]])], |_, _| {});
        },
    ),
    case(
        "4.14.15 Invalid onlySomeReasons, revoked",
        REVOKED,
        "REVOKED",
        |s| {
            scoped(s, "", &[issuing(&[&[0x83, 2, 5, 0x60]])], |list, leaf| {
                *list = list.clone().revoking(leaf, 1);
            });
        },
    ),
    case(
        "4.14.17 Invalid onlySomeReasons alone",
        TRY_LATER,
        NOT,
        |s| {
            scoped(s, "", &[issuing(&[&[0x83, 2, 5, 0x60]])], |_, _| {});
        },
    ),
    case("4.14.23 Invalid indirectCRL", TRY_LATER, NOT, |s| {
        scoped(s, "", &[issuing(&[&[0x84, 1, 0xff]])], |_, _| {});
    }),
];

fn delta() -> Vec<u8> {
    extension("2.5.29.27", true, &[2, 1, 1])
}

pub(super) const CHANGES: &[Case] = &[
    case(
        "4.15.1 Invalid deltaCRLIndicator No Base",
        TRY_LATER,
        NOT,
        |s| {
            scoped(s, "", &[delta()], |_, _| {});
        },
    ),
    case("4.15.2 Valid delta-CRL", PASSED, "VALID", |s| {
        let ca = s.ca("CA", &[]);
        s.leaf(&[]);
        let mut draft = list(&ca);
        draft.extensions.push(delta());
        s.crls.push(draft.make());
    }),
    case(
        "4.15.3 Invalid delta-CRL, revoked by the list of changes",
        REVOKED,
        "REVOKED",
        |s| {
            let ca = s.ca("CA", &[]);
            let leaf = s.leaf(&[]);
            let mut draft = list(&ca).revoking(&leaf, 1);
            draft.extensions.push(delta());
            s.crls.push(draft.make());
        },
    ),
    case(
        "4.15.6 Invalid delta-CRL, revoked by the base",
        REVOKED,
        "REVOKED",
        |s| {
            let ca = s.ca("CA", &[]);
            let leaf = s.leaf(&[]);
            s.silence("CA");
            s.crls.push(list(&ca).revoking(&leaf, 1).make());
            let mut draft = list(&ca);
            draft.extensions.push(delta());
            s.crls.push(draft.make());
        },
    ),
];
