//! The suite of NIST itself (PKITS, version of 2011): every end-entity certificate of it judged with
//! all of its authorities and lists at hand, under the settings its description gives. What comes
//! out otherwise than there is listed below with its reason, and nothing else may.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use base64::Engine as _;
use lienthong::domain::clock::Timestamp;
use lienthong::pki::algorithm::Catalogue;
use lienthong::pki::certificate::Certificate;
use lienthong::pki::crl::Crl;
use lienthong::pki::path::{Freshness, PathReport, Purpose, Question, validate};
use lienthong::pki::trust::{PolicyInputs, TrustEvidence};
use lienthong::pki::verdict::Indication;

use super::support::file;

/// Lists and certificates of the suite end in 2030; RSA as it is used there ends in 2029.
const AT: &str = "2026-01-05T03:41:07Z";

fn read(name: &str) -> BTreeMap<String, Vec<u8>> {
    let text = String::from_utf8(file(&format!("fixtures/pkits/{name}.txt"))).unwrap();
    let of = |line: &str| {
        let (name, bytes) = line.split_once(' ').unwrap();
        let bytes = base64::engine::general_purpose::STANDARD.decode(bytes);
        (name.to_owned(), bytes.unwrap())
    };
    text.lines().map(of).collect()
}

/// Everything of the suite but the certificates asked about.
struct Suite {
    leaves: BTreeMap<String, Vec<u8>>,
    evidence: TrustEvidence,
}

fn suite() -> Suite {
    let (mut leaves, mut evidence) = (BTreeMap::new(), TrustEvidence::default());
    for (name, der) in read("certificates") {
        let parsed = Certificate::from_der(&der);
        match name.as_str() {
            "TrustAnchorRootCertificate" => evidence.anchors.push(parsed.unwrap()),
            leaf if leaf.contains("Test") && leaf.ends_with("EE") => drop(leaves.insert(name, der)),
            _ => evidence.intermediates.extend(parsed.ok()),
        }
    }
    let lists = read("lists");
    assert_eq!(lists.len(), 173);
    evidence.crls = lists
        .values()
        .filter_map(|der| Crl::from_der(der).ok())
        .collect();
    Suite { leaves, evidence }
}

/// Settings other than those every test begins with: any policy accepted, nothing demanded.
#[derive(Debug, Clone, Copy, Default)]
struct Settings {
    accepted: &'static [u8],
    explicit: bool,
    no_mapping: bool,
    no_any: bool,
}

impl Settings {
    fn inputs(self) -> PolicyInputs {
        let mut inputs = PolicyInputs::default();
        inputs.require_explicit = self.explicit;
        inputs.inhibit_mapping = self.no_mapping;
        inputs.inhibit_any = self.no_any;
        for number in self.accepted {
            // NIST-test-policy-1 and so on.
            let policy = format!("2.16.840.1.101.3.2.1.48.{number}");
            inputs.accept(&policy).unwrap();
        }
        inputs
    }
}

const PLAIN: Settings = Settings {
    accepted: &[],
    explicit: false,
    no_mapping: false,
    no_any: false,
};

const fn accepting(accepted: &'static [u8]) -> Settings {
    Settings { accepted, ..PLAIN }
}

const fn explicit(accepted: &'static [u8]) -> Settings {
    let explicit = true;
    Settings {
        explicit,
        ..accepting(accepted)
    }
}

const fn unmapped(accepted: &'static [u8]) -> Settings {
    let no_mapping = true;
    Settings {
        no_mapping,
        ..accepting(accepted)
    }
}

const NO_ANY: Settings = Settings {
    no_any: true,
    ..PLAIN
};

/// Tests whose name does not say what comes out, or that have several settings: certificate,
/// settings and whether the path is valid.
const SPECIAL: &[(&str, &[(Settings, bool)])] = &[
    (
        "ValidCertificatePathTest1EE",
        &[
            (PLAIN, true),
            (explicit(&[]), true),
            (explicit(&[1]), true),
            (explicit(&[2]), false),
            (explicit(&[1, 2]), true),
        ],
    ),
    (
        "AllCertificatesNoPoliciesTest2EE",
        &[(PLAIN, true), (explicit(&[]), false)],
    ),
    (
        "DifferentPoliciesTest3EE",
        &[
            (PLAIN, true),
            (explicit(&[]), false),
            (explicit(&[1, 2]), false),
        ],
    ),
    ("DifferentPoliciesTest4EE", &[(PLAIN, false)]),
    ("DifferentPoliciesTest5EE", &[(PLAIN, false)]),
    (
        "OverlappingPoliciesTest6EE",
        &[
            (PLAIN, true),
            (accepting(&[1]), true),
            (accepting(&[2]), false),
        ],
    ),
    ("DifferentPoliciesTest7EE", &[(PLAIN, false)]),
    ("DifferentPoliciesTest8EE", &[(PLAIN, false)]),
    ("DifferentPoliciesTest9EE", &[(PLAIN, false)]),
    (
        "AllCertificatesSamePoliciesTest10EE",
        &[
            (PLAIN, true),
            (accepting(&[1]), true),
            (accepting(&[2]), true),
        ],
    ),
    (
        "AllCertificatesanyPolicyTest11EE",
        &[(PLAIN, true), (accepting(&[1]), true)],
    ),
    ("DifferentPoliciesTest12EE", &[(PLAIN, false)]),
    (
        "AllCertificatesSamePoliciesTest13EE",
        &[
            (accepting(&[1]), true),
            (accepting(&[2]), true),
            (accepting(&[3]), true),
        ],
    ),
    (
        "AnyPolicyTest14EE",
        &[(accepting(&[1]), true), (accepting(&[2]), false)],
    ),
    ("UserNoticeQualifierTest15EE", &[(PLAIN, true)]),
    ("UserNoticeQualifierTest16EE", &[(PLAIN, true)]),
    ("UserNoticeQualifierTest17EE", &[(PLAIN, true)]),
    (
        "UserNoticeQualifierTest18EE",
        &[(accepting(&[1]), true), (accepting(&[2]), true)],
    ),
    ("UserNoticeQualifierTest19EE", &[(PLAIN, true)]),
    ("CPSPointerQualifierTest20EE", &[(PLAIN, true)]),
    (
        "ValidPolicyMappingTest1EE",
        &[
            (accepting(&[1]), true),
            (accepting(&[2]), false),
            (unmapped(&[1]), false),
        ],
    ),
    (
        "InvalidPolicyMappingTest2EE",
        &[(PLAIN, false), (unmapped(&[]), false)],
    ),
    (
        "ValidPolicyMappingTest3EE",
        &[(accepting(&[1]), false), (accepting(&[2]), true)],
    ),
    (
        "ValidPolicyMappingTest5EE",
        &[(accepting(&[1]), true), (accepting(&[6]), false)],
    ),
    (
        "ValidPolicyMappingTest6EE",
        &[(accepting(&[1]), true), (accepting(&[6]), false)],
    ),
    (
        "ValidPolicyMappingTest12EE",
        &[(accepting(&[1]), true), (accepting(&[2]), true)],
    ),
    ("inhibitAnyPolicyTest3EE", &[(PLAIN, true), (NO_ANY, false)]),
];

/// What the suite wants valid and is not accepted here, and why.
const STRICTER: &[(&str, &[&str])] = &[
    (
        "DSA is no algorithm of this program",
        &[
            "ValidDSAParameterInheritanceTest5EE",
            "ValidDSASignaturesTest4EE",
        ],
    ),
    (
        "the certificate asked about is an authority's, and authorities do not sign documents",
        &[
            "OverlappingPoliciesTest6EE",
            "ValidonlyContainsCACertsTest13EE",
            "ValidpathLenConstraintTest14EE",
            "ValidpathLenConstraintTest8EE",
        ],
    ),
    (
        "lists that speak for other issuers are not relied on",
        &[
            "ValidIDPwithindirectCRLTest22EE",
            "ValidIDPwithindirectCRLTest24EE",
            "ValidIDPwithindirectCRLTest25EE",
            "ValidcRLIssuerTest28EE",
            "ValidcRLIssuerTest29EE",
            "ValidcRLIssuerTest30EE",
            "ValidcRLIssuerTest33EE",
        ],
    ),
    (
        "a list of changes never takes back what its base says",
        &["ValiddeltaCRLTest5EE"],
    ),
    (
        "points named relative to their issuer are not read",
        &[
            "ValiddistributionPointTest4EE",
            "ValiddistributionPointTest5EE",
            "ValiddistributionPointTest7EE",
        ],
    ),
    (
        "lists of some reasons are not put together",
        &[
            "ValidonlySomeReasonsTest18EE",
            "ValidonlySomeReasonsTest19EE",
        ],
    ),
];

fn is_stricter(name: &str) -> bool {
    STRICTER.iter().any(|(_, names)| names.contains(&name))
}

fn judge(suite: &Suite, leaf: &Certificate, settings: Settings) -> PathReport {
    let mut evidence = suite.evidence.clone();
    evidence.policies = settings.inputs();
    validate(&Question {
        leaf,
        bag: &[],
        evidence: &evidence,
        purpose: Purpose::AnySigning,
        at: AT.parse::<Timestamp>().unwrap(),
        freshness: Freshness::NextUpdate,
        catalogue: Catalogue::built_in(),
    })
}

/// Whether the path is accepted, and what was said.
fn outcome(suite: &Suite, der: &[u8], settings: Settings) -> (bool, String) {
    match Certificate::from_der(der) {
        Err(fault) => (false, fault.to_string()),
        Ok(leaf) => {
            let report = judge(suite, &leaf, settings);
            let passed = report.indication == Indication::TotalPassed;
            (
                passed,
                format!("{} {:?}", report.reason(), report.revocation),
            )
        }
    }
}

fn tests_of(name: &str) -> Vec<(Settings, bool)> {
    let special = SPECIAL.iter().find(|(special, _)| *special == name);
    match special {
        Some((_, all)) => all.to_vec(),
        None if name.starts_with("Valid") => vec![(PLAIN, true)],
        None => {
            assert!(name.starts_with("Invalid"), "{name}");
            vec![(PLAIN, false)]
        }
    }
}

#[test]
fn every_test_of_nist_comes_out_as_described_or_stricter_for_a_reason() {
    let suite = suite();
    let (mut wrong, mut count) = (String::new(), 0);
    let mut stricter = BTreeSet::new();
    for (name, der) in &suite.leaves {
        for (settings, expected) in tests_of(name) {
            count += 1;
            let (passed, said) = outcome(&suite, der, settings);
            if passed == expected {
                continue;
            }
            if expected && is_stricter(name) {
                stricter.insert(name.as_str());
                continue;
            }
            let _ = writeln!(wrong, "{name} {settings:?}: {passed}: {said}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    let listed: BTreeSet<_> = STRICTER.iter().flat_map(|(_, names)| *names).collect();
    for name in listed {
        assert!(stricter.contains(name), "{name} does not deviate any more");
    }
    assert_eq!((suite.leaves.len(), count), (223, 247));
}
