//! Names and how they chain (4.3).

use openssl::asn1::Asn1Type;
use openssl::nid::Nid;

use super::{Case, GENERAL, NO_PATH, PASSED, Setup, case, key, name};
use crate::pki::der::{self, encode};
use crate::pki::testing::authority;

/// An authority called one way, a leaf that calls it another way.
fn called(s: &mut Setup, own: &[(&str, Asn1Type)], by_leaf: &[(&str, Asn1Type)]) {
    let kinds = [Nid::ORGANIZATIONNAME, Nid::COMMONNAME];
    let build = |parts: &[(&str, Asn1Type)]| {
        let parts: Vec<_> = kinds
            .into_iter()
            .zip(parts)
            .map(|(nid, (text, kind))| (nid, *text, *kind))
            .collect();
        name(&parts)
    };
    let issuer = s.last();
    let mut ca = authority("CA").key(key("CA")).under(&issuer);
    ca.subject = Some(build(own));
    let ca = ca.with("authorityKeyIdentifier", "keyid").make();
    s.chain.push(ca.clone());
    let mut leaf = crate::pki::testing::signer("Leaf")
        .key(key("Leaf"))
        .under(&ca);
    leaf.issuer_der = Some(build(by_leaf));
    let leaf = leaf
        .with("subjectKeyIdentifier", "hash")
        .with("authorityKeyIdentifier", "keyid");
    s.chain.push(leaf.make());
}

const UTF8: Asn1Type = Asn1Type::UTF8STRING;
const PRINTABLE: Asn1Type = Asn1Type::PRINTABLESTRING;

pub(super) const CHAINING: &[Case] = &[
    case(
        "4.3.1 Invalid Name Chaining EE",
        NO_PATH,
        "NO_PATH_TO_TRUSTED_ROOT",
        |s| {
            called(
                s,
                &[("Org", UTF8), ("Good CA", UTF8)],
                &[("Org", UTF8), ("Good CA Root", UTF8)],
            );
        },
    ),
    case(
        "4.3.2 Invalid Name Chaining Order",
        NO_PATH,
        "NO_PATH_TO_TRUSTED_ROOT",
        |s| {
            called(
                s,
                &[("One", UTF8), ("Two", UTF8)],
                &[("Two", UTF8), ("One", UTF8)],
            );
        },
    ),
    case(
        "4.3.3 Valid Name Chaining Whitespace",
        PASSED,
        "VALID",
        |s| {
            called(
                s,
                &[("Org", PRINTABLE), ("Good CA", PRINTABLE)],
                &[("Org", PRINTABLE), ("Good     CA", PRINTABLE)],
            );
        },
    ),
    case(
        "4.3.4 Valid Name Chaining Whitespace around",
        PASSED,
        "VALID",
        |s| {
            called(
                s,
                &[("Org", PRINTABLE), ("Good CA", PRINTABLE)],
                &[("Org", PRINTABLE), ("  Good CA  ", PRINTABLE)],
            );
        },
    ),
    case(
        "4.3.5 Valid Name Chaining Capitalization",
        PASSED,
        "VALID",
        |s| {
            called(
                s,
                &[("Org", PRINTABLE), ("Good CA", PRINTABLE)],
                &[("ORG", PRINTABLE), ("GOOD CA", PRINTABLE)],
            );
        },
    ),
    case(
        "4.3.9 Valid UTF8String Encoded Names",
        PASSED,
        "VALID",
        |s| {
            called(
                s,
                &[("ỦY BAN", UTF8), ("Good CA", UTF8)],
                &[("ỦY BAN", UTF8), ("Good CA", UTF8)],
            );
        },
    ),
    case(
        "4.3.10 Valid Rollover from PrintableString to UTF8String",
        PASSED,
        "VALID",
        |s| {
            called(
                s,
                &[("Org", PRINTABLE), ("Good CA", PRINTABLE)],
                &[("Org", UTF8), ("Good CA", UTF8)],
            );
        },
    ),
    case(
        "4.3.11 Valid UTF8String Case Insensitive Match",
        PASSED,
        "VALID",
        |s| {
            called(
                s,
                &[("Org", UTF8), ("Good CA", UTF8)],
                &[("oRG", UTF8), ("  gOOD  cA ", UTF8)],
            );
        },
    ),
    case(
        "4.3.11+ Invalid EE without any name",
        GENERAL,
        "EMPTY_NAME",
        |s| {
            s.ca("CA", &[]);
            s.leaf_with(&[], |mut leaf| {
                leaf.subject = Some(encode(der::SEQUENCE, &[]));
                leaf
            });
        },
    ),
    case(
        "4.3.11+ Valid EE with an alternative name alone",
        PASSED,
        "VALID",
        |s| {
            s.ca("CA", &[]);
            s.leaf_with(
                &[("subjectAltName", "critical,email:a@example.com")],
                |mut leaf| {
                    leaf.subject = Some(encode(der::SEQUENCE, &[]));
                    leaf
                },
            );
        },
    ),
];
