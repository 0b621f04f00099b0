//! What authorities permit and exclude (4.13).

use openssl::asn1::Asn1Type;
use openssl::nid::Nid;

use super::{Case, GENERAL, PASSED, Setup, case, key, name};
use crate::pki::der::{self, encode};
use crate::pki::testing::authority;

const UTF8: Asn1Type = Asn1Type::UTF8STRING;

fn organisation(first: &str, rest: &[&str]) -> Vec<u8> {
    let mut parts = vec![(Nid::ORGANIZATIONNAME, first, UTF8)];
    parts.extend(
        rest.iter()
            .map(|unit| (Nid::ORGANIZATIONALUNITNAME, *unit, UTF8)),
    );
    name(&parts)
}

/// A nameConstraints extension over directory names.
fn trees(permitted: &[&[u8]], excluded: &[&[u8]]) -> String {
    let list = |tag: u8, names: &[&[u8]]| {
        let subtrees: Vec<u8> = names
            .iter()
            .flat_map(|name| encode(der::SEQUENCE, &[&encode(der::context(4), &[name])]))
            .collect();
        match names.is_empty() {
            true => Vec::new(),
            false => encode(der::context(tag), &[&subtrees]),
        }
    };
    let value = encode(der::SEQUENCE, &[&list(0, permitted), &list(1, excluded)]);
    format!("critical,DER:{}", hex::encode(value))
}

fn constrained(s: &mut Setup, words: &str) {
    s.ca("CA", &[("2.5.29.30", words)]);
}

fn named_leaf(s: &mut Setup, subject: Vec<u8>, words: super::Words<'_>) {
    let issuer = s.last();
    let mut leaf = crate::pki::testing::signer("Leaf")
        .key(key("Leaf"))
        .under(&issuer);
    leaf.subject = Some(subject);
    let leaf = leaf
        .with("subjectKeyIdentifier", "hash")
        .with("authorityKeyIdentifier", "keyid");
    let leaf = words
        .iter()
        .fold(leaf, |leaf, (name, value)| leaf.with(name, value));
    s.chain.push(leaf.make());
}

fn named_ca(s: &mut Setup, subject: Vec<u8>, label: &str, words: super::Words<'_>) {
    let issuer = s.last();
    let mut ca = authority(label).key(key(label)).under(&issuer);
    ca.subject = Some(subject);
    let ca = ca.with("authorityKeyIdentifier", "keyid");
    let ca = words
        .iter()
        .fold(ca, |ca, (name, value)| ca.with(name, value));
    s.chain.push(ca.make());
}

pub(super) const DIRECTORY: &[Case] = &[
    case("4.13.1 Valid DN nameConstraints", PASSED, "VALID", |s| {
        constrained(s, &trees(&[&organisation("Good", &["P1"])], &[]));
        named_leaf(s, organisation("Good", &["P1", "Staff"]), &[]);
    }),
    case(
        "4.13.2 Invalid DN nameConstraints",
        GENERAL,
        "NAME_NOT_PERMITTED",
        |s| {
            constrained(s, &trees(&[&organisation("Good", &["P1"])], &[]));
            named_leaf(s, organisation("Good", &["P2"]), &[]);
        },
    ),
    case(
        "4.13.3 Invalid DN nameConstraints of an alternative name",
        GENERAL,
        "NAME_NOT_PERMITTED",
        |s| {
            constrained(s, &trees(&[&organisation("Good", &["P1"])], &[]));
            let other = encode(der::context(4), &[&organisation("Good", &["P2"])]);
            let other = format!("DER:{}", hex::encode(encode(der::SEQUENCE, &[&other])));
            named_leaf(s, organisation("Good", &["P1"]), &[("2.5.29.17", &other)]);
        },
    ),
    case(
        "4.13.5 Valid DN nameConstraints of two trees",
        PASSED,
        "VALID",
        |s| {
            let trees = trees(
                &[
                    &organisation("Good", &["P1"]),
                    &organisation("Good", &["P2"]),
                ],
                &[],
            );
            constrained(s, &trees);
            named_leaf(s, organisation("GOOD", &["p2"]), &[]);
        },
    ),
    case(
        "4.13.6 Valid DN nameConstraints excluding another",
        PASSED,
        "VALID",
        |s| {
            constrained(s, &trees(&[], &[&organisation("Good", &["E1"])]));
            named_leaf(s, organisation("Good", &["P1"]), &[]);
        },
    ),
    case(
        "4.13.7 Invalid DN nameConstraints excluding it",
        GENERAL,
        "NAME_EXCLUDED",
        |s| {
            constrained(s, &trees(&[], &[&organisation("Good", &["E1"])]));
            named_leaf(s, organisation("good", &["e1", "Staff"]), &[]);
        },
    ),
    case(
        "4.13.10 Invalid DN nameConstraints permitted and excluded",
        GENERAL,
        "NAME_EXCLUDED",
        |s| {
            let (permitted, excluded) = (organisation("Good", &[]), organisation("Good", &["E1"]));
            constrained(s, &trees(&[&permitted], &[&excluded]));
            named_leaf(s, organisation("Good", &["E1"]), &[]);
        },
    ),
    case(
        "4.13.12 Invalid DN nameConstraints of a lower CA",
        GENERAL,
        "NAME_NOT_PERMITTED",
        |s| {
            constrained(s, &trees(&[&organisation("Good", &["P1"])], &[]));
            let narrower = trees(&[&organisation("Good", &["P1", "A"])], &[]);
            named_ca(
                s,
                organisation("Good", &["P1"]),
                "subCA",
                &[("2.5.29.30", &narrower)],
            );
            named_leaf(s, organisation("Good", &["P1", "B"]), &[]);
        },
    ),
    case(
        "4.13.14 Valid DN nameConstraints of a nameless EE",
        PASSED,
        "VALID",
        |s| {
            constrained(s, &trees(&[&organisation("Good", &["P1"])], &[]));
            let words = [("subjectAltName", "critical,email:a@example.com")];
            named_leaf(s, encode(der::SEQUENCE, &[]), &words);
        },
    ),
    case(
        "4.13.17 Invalid DN nameConstraints of a CA in between",
        GENERAL,
        "NAME_NOT_PERMITTED",
        |s| {
            constrained(s, &trees(&[&organisation("Good", &["P1"])], &[]));
            named_ca(s, organisation("Bad", &[]), "subCA", &[]);
            named_leaf(s, organisation("Good", &["P1"]), &[]);
        },
    ),
    case(
        "4.13.19 Valid Self-Issued DN nameConstraints",
        PASSED,
        "VALID",
        |s| {
            constrained(s, &trees(&[&organisation("Good", &["P1"])], &[]));
            s.renewed("CA new", &[]);
            named_leaf(s, organisation("Good", &["P1"]), &[]);
        },
    ),
    case(
        "4.13.20 Invalid Self-Issued DN nameConstraints of the EE",
        GENERAL,
        "NAME_NOT_PERMITTED",
        |s| {
            constrained(s, &trees(&[&organisation("Good", &["P1"])], &[]));
            named_leaf(s, super::subject_of(&s.last()), &[]);
        },
    ),
];

fn with_name(s: &mut Setup, constraint: &str, alternative: &str) {
    s.ca(
        "CA",
        &[("nameConstraints", &format!("critical,{constraint}"))],
    );
    s.leaf(&[("subjectAltName", alternative)]);
}

pub(super) const MAIL: &[Case] = &[
    case(
        "4.13.21 Valid RFC822 nameConstraints",
        PASSED,
        "VALID",
        |s| {
            with_name(
                s,
                "permitted;email:.testcertificates.gov",
                "email:a@mail.testcertificates.gov",
            );
        },
    ),
    case(
        "4.13.22 Invalid RFC822 nameConstraints",
        GENERAL,
        "NAME_NOT_PERMITTED",
        |s| {
            with_name(
                s,
                "permitted;email:.testcertificates.gov",
                "email:a@testcertificates.gov",
            );
        },
    ),
    case(
        "4.13.23 Valid RFC822 nameConstraints of a host",
        PASSED,
        "VALID",
        |s| {
            with_name(
                s,
                "permitted;email:testcertificates.gov",
                "email:a@testcertificates.gov",
            );
        },
    ),
    case(
        "4.13.24 Invalid RFC822 nameConstraints of a host",
        GENERAL,
        "NAME_NOT_PERMITTED",
        |s| {
            with_name(
                s,
                "permitted;email:testcertificates.gov",
                "email:a@mail.testcertificates.gov",
            );
        },
    ),
    case(
        "4.13.25 Valid RFC822 nameConstraints excluding a host",
        PASSED,
        "VALID",
        |s| {
            with_name(
                s,
                "excluded;email:testcertificates.gov",
                "email:a@mail.testcertificates.gov",
            );
        },
    ),
    case(
        "4.13.26 Invalid RFC822 nameConstraints excluding a host",
        GENERAL,
        "NAME_EXCLUDED",
        |s| {
            with_name(
                s,
                "excluded;email:testcertificates.gov",
                "email:a@testcertificates.gov",
            );
        },
    ),
    case(
        "4.13.29 Invalid RFC822 nameConstraints of an address in the name",
        GENERAL,
        "NAME_NOT_PERMITTED",
        |s| {
            s.ca(
                "CA",
                &[(
                    "nameConstraints",
                    "critical,permitted;email:testcertificates.gov",
                )],
            );
            let mail = (
                Nid::PKCS9_EMAILADDRESS,
                "a@elsewhere.gov",
                Asn1Type::IA5STRING,
            );
            named_leaf(s, name(&[(Nid::COMMONNAME, "Leaf", UTF8), mail]), &[]);
        },
    ),
];

pub(super) const HOSTS: &[Case] = &[
    case("4.13.30 Valid DNS nameConstraints", PASSED, "VALID", |s| {
        with_name(
            s,
            "permitted;DNS:testcertificates.gov",
            "DNS:testserver.testcertificates.gov",
        );
    }),
    case(
        "4.13.31 Invalid DNS nameConstraints",
        GENERAL,
        "NAME_NOT_PERMITTED",
        |s| {
            with_name(
                s,
                "permitted;DNS:testcertificates.gov",
                "DNS:testserver.invalidcertificates.gov",
            );
        },
    ),
    case(
        "4.13.32 Valid DNS nameConstraints excluding another",
        PASSED,
        "VALID",
        |s| {
            with_name(
                s,
                "excluded;DNS:invalidcertificates.gov",
                "DNS:testserver.testcertificates.gov",
            );
        },
    ),
    case(
        "4.13.33 Invalid DNS nameConstraints excluding it",
        GENERAL,
        "NAME_EXCLUDED",
        |s| {
            with_name(
                s,
                "excluded;DNS:invalidcertificates.gov",
                "DNS:a.invalidcertificates.gov",
            );
        },
    ),
    case(
        "4.13.38 Invalid DNS nameConstraints of a like ending",
        GENERAL,
        "NAME_NOT_PERMITTED",
        |s| {
            with_name(
                s,
                "permitted;DNS:testcertificates.gov",
                "DNS:mytestcertificates.gov",
            );
        },
    ),
    case(
        "4.13.38+ Invalid DNS nameConstraints of a wildcard",
        GENERAL,
        "NAME_EXCLUDED",
        |s| {
            with_name(s, "excluded;DNS:a.example.com", "DNS:*.example.com");
        },
    ),
    case(
        "4.13.38+ Invalid DNS nameConstraints of a common name",
        GENERAL,
        "NAME_NOT_PERMITTED",
        |s| {
            s.ca(
                "CA",
                &[("nameConstraints", "critical,permitted;DNS:example.com")],
            );
            named_leaf(s, name(&[(Nid::COMMONNAME, "www.example.org", UTF8)]), &[]);
        },
    ),
    case(
        "4.13.38+ Invalid DNS nameConstraints of the anchor",
        GENERAL,
        "NAME_NOT_PERMITTED",
        |s| {
            s.anchor = authority("Trust Anchor")
                .key(key("Trust Anchor"))
                .with("nameConstraints", "critical,permitted;DNS:example.com")
                .make();
            s.ca("CA", &[]);
            s.leaf(&[("subjectAltName", "DNS:example.org")]);
        },
    ),
];

pub(super) const URIS_AND_OTHERS: &[Case] = &[
    case("4.13.34 Valid URI nameConstraints", PASSED, "VALID", |s| {
        with_name(
            s,
            "permitted;URI:.testcertificates.gov",
            "URI:http://a.testcertificates.gov/x",
        );
    }),
    case(
        "4.13.35 Invalid URI nameConstraints",
        GENERAL,
        "NAME_NOT_PERMITTED",
        |s| {
            with_name(
                s,
                "permitted;URI:.testcertificates.gov",
                "URI:http://testcertificates.gov/x",
            );
        },
    ),
    case(
        "4.13.36 Valid URI nameConstraints excluding another",
        PASSED,
        "VALID",
        |s| {
            with_name(
                s,
                "excluded;URI:invalidcertificates.gov",
                "URI:http://testcertificates.gov/x",
            );
        },
    ),
    case(
        "4.13.37 Invalid URI nameConstraints excluding it",
        GENERAL,
        "NAME_EXCLUDED",
        |s| {
            with_name(
                s,
                "excluded;URI:invalidcertificates.gov",
                "URI:ftp://invalidcertificates.gov:21/x",
            );
        },
    ),
    case(
        "4.13.37+ Invalid URI nameConstraints of a URI without host",
        GENERAL,
        "NAME_MALFORMED",
        |s| {
            with_name(s, "permitted;URI:.testcertificates.gov", "URI:urn:isbn:1");
        },
    ),
    case("4.13.38+ Valid IP nameConstraints", PASSED, "VALID", |s| {
        with_name(s, "permitted;IP:10.0.0.0/255.0.0.0", "IP:10.1.2.3");
    }),
    case(
        "4.13.38+ Invalid IP nameConstraints",
        GENERAL,
        "NAME_NOT_PERMITTED",
        |s| {
            with_name(s, "permitted;IP:10.0.0.0/255.0.0.0", "IP:11.1.2.3");
        },
    ),
    case(
        "4.13.38+ Invalid IP nameConstraints of the other family",
        GENERAL,
        "NAME_NOT_PERMITTED",
        |s| {
            with_name(s, "permitted;IP:10.0.0.0/255.0.0.0", "IP:2001:db8::1");
        },
    ),
    case(
        "4.13.38+ Invalid nameConstraints of a form not processed",
        GENERAL,
        "NAME_FORM_NOT_SUPPORTED",
        |s| {
            with_name(s, "permitted;RID:1.2.3", "RID:1.2.3.4");
        },
    ),
    case(
        "4.13.38+ Valid nameConstraints of a form not used",
        PASSED,
        "VALID",
        |s| {
            with_name(s, "permitted;RID:1.2.3", "DNS:example.com");
        },
    ),
    case(
        "4.13.38+ Invalid nameConstraints of an EE",
        GENERAL,
        "NAME_CONSTRAINTS_WITHOUT_CA",
        |s| {
            s.ca("CA", &[]);
            s.leaf(&[("nameConstraints", "critical,permitted;DNS:example.com")]);
        },
    ),
    case(
        "4.13.38+ Invalid names and constraints beyond number",
        GENERAL,
        "NAME_CONSTRAINTS_LIMIT",
        |s| {
            let name = encode(0x82, &[b"a"]);
            let subtrees = encode(der::SEQUENCE, &[&name]).repeat(500);
            let subtrees = encode(der::context(0), &[&subtrees]);
            let constraints = hex::encode(encode(der::SEQUENCE, &[&subtrees]));
            s.ca(
                "CA",
                &[("2.5.29.30", &format!("critical,DER:{constraints}"))],
            );
            let names = hex::encode(encode(der::SEQUENCE, &[&name.repeat(500)]));
            s.leaf(&[("2.5.29.17", &format!("DER:{names}"))]);
        },
    ),
    case(
        "4.13.38+ Invalid empty nameConstraints",
        GENERAL,
        "MALFORMED_EXTENSION",
        |s| {
            s.ca("CA", &[("2.5.29.30", "critical,DER:3000")]);
            s.leaf(&[]);
        },
    ),
];
