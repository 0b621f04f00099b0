//! Certificate policies (4.8 to 4.12).

use super::{Case, GENERAL, PASSED, Setup, Words, case};

const ONE: &str = "1.3.6.1.4.1.32473.1";
const TWO: &str = "1.3.6.1.4.1.32473.2";
const ANY: &str = "2.5.29.32.0";

fn says(policies: &str) -> [(&str, &str); 1] {
    [("certificatePolicies", policies)]
}

/// The verifier accepts `policies` and wants one of them.
fn want(s: &mut Setup, policies: &[&str]) {
    for policy in policies {
        s.inputs.accept(policy).unwrap();
    }
    s.inputs.require_explicit = true;
}

/// Authorities and a leaf, each with its policies; nothing for none.
fn path(s: &mut Setup, policies: &[&str]) {
    let names = ["CA", "subCA", "subsubCA", "subsubsubCA"];
    let (leaf, authorities) = policies.split_last().unwrap();
    for (name, policies) in names.iter().zip(authorities) {
        s.ca(name, &[("certificatePolicies", *policies)]);
    }
    s.leaf(&[("certificatePolicies", *leaf)]);
}

pub(super) const PLAIN: &[Case] = &[
    case("4.8.1 All Certificates Same Policy", PASSED, "VALID", |s| {
        want(s, &[ONE]);
        path(s, &[ONE, ONE]);
    }),
    case(
        "4.8.1.3 All Certificates Same Policy, another wanted",
        GENERAL,
        "POLICY_NOT_VALID",
        |s| {
            want(s, &[TWO]);
            path(s, &[ONE, ONE]);
        },
    ),
    case(
        "4.8.2.1 All Certificates No Policies",
        PASSED,
        "VALID",
        |s| path(s, &["", ""]),
    ),
    case(
        "4.8.2.2 All Certificates No Policies, one wanted",
        GENERAL,
        "POLICY_NOT_VALID",
        |s| {
            want(s, &[ONE]);
            path(s, &["", ""]);
        },
    ),
    case("4.8.3.1 Different Policies", PASSED, "VALID", |s| {
        path(s, &[ONE, ONE, TWO])
    }),
    case(
        "4.8.3.2 Different Policies, explicit",
        GENERAL,
        "POLICY_NOT_VALID",
        |s| {
            s.inputs.require_explicit = true;
            path(s, &[ONE, ONE, TWO]);
        },
    ),
    case(
        "4.8.4 Different Policies of the EE",
        GENERAL,
        "POLICY_NOT_VALID",
        |s| {
            want(s, &[ONE, TWO]);
            path(s, &[ONE, TWO]);
        },
    ),
    case("4.8.6 Overlapping Policies", PASSED, "VALID", |s| {
        want(s, &[ONE]);
        path(s, &["1.3.6.1.4.1.32473.1,1.3.6.1.4.1.32473.2", ONE]);
    }),
    case("4.8.11 All Certificates AnyPolicy", PASSED, "VALID", |s| {
        want(s, &[ONE]);
        path(s, &[ANY, ANY]);
    }),
    case("4.8.14 AnyPolicy", PASSED, "VALID", |s| {
        want(s, &[ONE]);
        path(s, &[ANY, ONE]);
    }),
    case(
        "4.8.14.2 AnyPolicy, another wanted",
        GENERAL,
        "POLICY_NOT_VALID",
        |s| {
            want(s, &[TWO]);
            path(s, &[ANY, ONE]);
        },
    ),
    case(
        "4.8.20+ Invalid policy named twice",
        GENERAL,
        "MALFORMED_EXTENSION",
        |s| {
            s.ca(
                "CA",
                &says(
                    "DER:300e 3005 0603 2a0304 3005 0603 2a0304"
                        .replace(' ', "")
                        .as_str(),
                ),
            );
            s.leaf(&[]);
        },
    ),
];

pub(super) const EXPLICIT: &[Case] = &[
    case("4.9.1 Valid RequireExplicitPolicy", PASSED, "VALID", |s| {
        s.ca("CA", &requiring("requireExplicitPolicy:10"));
        s.ca("subCA", &[]);
        s.leaf(&[]);
    }),
    case(
        "4.9.3 Invalid RequireExplicitPolicy",
        GENERAL,
        "POLICY_NOT_VALID",
        |s| {
            s.ca("CA", &requiring("requireExplicitPolicy:1"));
            s.ca("subCA", &[]);
            s.leaf(&[]);
        },
    ),
    case(
        "4.9.4 Valid RequireExplicitPolicy with policies",
        PASSED,
        "VALID",
        |s| {
            s.ca(
                "CA",
                &[
                    ("policyConstraints", "critical,requireExplicitPolicy:0"),
                    ("certificatePolicies", ONE),
                ],
            );
            s.leaf(&says(ONE));
        },
    ),
    case(
        "4.9.5 Invalid RequireExplicitPolicy with other policies",
        GENERAL,
        "POLICY_NOT_VALID",
        |s| {
            s.ca(
                "CA",
                &[
                    ("policyConstraints", "critical,requireExplicitPolicy:0"),
                    ("certificatePolicies", ONE),
                ],
            );
            s.leaf(&says(TWO));
        },
    ),
    case(
        "4.9.6 Valid Self-Issued RequireExplicitPolicy",
        PASSED,
        "VALID",
        |s| {
            s.ca("CA", &requiring("requireExplicitPolicy:2"));
            s.renewed("CA new", &[]);
            s.leaf(&[]);
        },
    ),
    case(
        "4.9.7 Invalid Self-Issued RequireExplicitPolicy",
        GENERAL,
        "POLICY_NOT_VALID",
        |s| {
            s.ca("CA", &requiring("requireExplicitPolicy:1"));
            s.renewed("CA new", &[]);
            s.ca("subCA", &[]);
            s.leaf(&[]);
        },
    ),
    case(
        "4.9.8+ Invalid RequireExplicitPolicy of the EE",
        GENERAL,
        "POLICY_NOT_VALID",
        |s| {
            s.ca("CA", &[]);
            s.leaf(&requiring("requireExplicitPolicy:0"));
        },
    ),
];

fn requiring(constraint: &str) -> [(&'static str, &'static str); 1] {
    let words = match constraint {
        "requireExplicitPolicy:0" => "critical,requireExplicitPolicy:0",
        "requireExplicitPolicy:1" => "critical,requireExplicitPolicy:1",
        "requireExplicitPolicy:2" => "critical,requireExplicitPolicy:2",
        _ => "critical,requireExplicitPolicy:10",
    };
    [("policyConstraints", words)]
}

const MAPS: &str = "critical,1.3.6.1.4.1.32473.1:1.3.6.1.4.1.32473.2";
const ONE_AS_TWO: Words<'static> = &[("certificatePolicies", ONE), ("policyMappings", MAPS)];

pub(super) const MAPPING: &[Case] = &[
    case("4.10.1 Valid Policy Mapping", PASSED, "VALID", |s| {
        want(s, &[ONE]);
        s.ca("CA", ONE_AS_TWO);
        s.leaf(&says(TWO));
    }),
    case(
        "4.10.1.2 Invalid Policy Mapping, the name below wanted",
        GENERAL,
        "POLICY_NOT_VALID",
        |s| {
            want(s, &[TWO]);
            s.ca("CA", ONE_AS_TWO);
            s.leaf(&says(TWO));
        },
    ),
    case(
        "4.10.2 Invalid Policy Mapping, the name above used",
        GENERAL,
        "POLICY_NOT_VALID",
        |s| {
            want(s, &[ONE]);
            s.ca("CA", ONE_AS_TWO);
            s.leaf(&says(ONE));
        },
    ),
    case(
        "4.10.1.3 Invalid Policy Mapping inhibited by the verifier",
        GENERAL,
        "POLICY_NOT_VALID",
        |s| {
            want(s, &[ONE]);
            s.inputs.inhibit_mapping = true;
            s.ca("CA", ONE_AS_TWO);
            s.leaf(&says(TWO));
        },
    ),
    case(
        "4.10.7 Invalid Mapping From anyPolicy",
        GENERAL,
        "POLICY_MAPPING_ANY",
        |s| {
            s.ca(
                "CA",
                &[
                    ("certificatePolicies", ANY),
                    ("policyMappings", "critical,2.5.29.32.0:1.3.6.1.4.1.32473.1"),
                ],
            );
            s.leaf(&says(ONE));
        },
    ),
    case(
        "4.10.8 Invalid Mapping To anyPolicy",
        GENERAL,
        "POLICY_MAPPING_ANY",
        |s| {
            s.ca(
                "CA",
                &[
                    ("certificatePolicies", ONE),
                    ("policyMappings", "critical,1.3.6.1.4.1.32473.1:2.5.29.32.0"),
                ],
            );
            s.leaf(&says(ONE));
        },
    ),
    case(
        "4.10.9 Valid Policy Mapping out of anyPolicy",
        PASSED,
        "VALID",
        |s| {
            want(s, &[ONE]);
            s.ca(
                "CA",
                &[("certificatePolicies", ANY), ("policyMappings", MAPS)],
            );
            s.leaf(&says(TWO));
        },
    ),
    case(
        "4.10.11 Valid Policy Mapping through a lower CA",
        PASSED,
        "VALID",
        |s| {
            want(s, &[ONE]);
            s.ca("CA", ONE_AS_TWO);
            s.ca("subCA", &says(TWO));
            s.leaf(&says(TWO));
        },
    ),
    case(
        "4.10.14+ Valid Policy Mapping without growth",
        PASSED,
        "VALID",
        |s| {
            // Every policy maps to all: the tree of RFC 5280 has 8 to the power of 5 leaves.
            let own: Vec<String> = (1..=8).map(|n| format!("1.2.3.{n}")).collect();
            let pairs = own
                .iter()
                .flat_map(|a| own.iter().map(move |b| format!("{a}:{b}")));
            let pairs = pairs.collect::<Vec<_>>().join(",");
            let own = own.join(",");
            want(s, &["1.2.3.1"]);
            for name in ["A", "B", "C", "D", "E"] {
                s.ca(
                    name,
                    &[("certificatePolicies", &own), ("policyMappings", &pairs)],
                );
            }
            s.leaf(&says("1.2.3.8"));
        },
    ),
];

pub(super) const INHIBITED_MAPPING: &[Case] = &[
    case(
        "4.11.1 Invalid inhibitPolicyMapping",
        GENERAL,
        "POLICY_NOT_VALID",
        |s| {
            want(s, &[ONE]);
            s.ca(
                "CA",
                &[
                    ("certificatePolicies", ONE),
                    ("policyConstraints", "critical,inhibitPolicyMapping:0"),
                ],
            );
            s.ca("subCA", ONE_AS_TWO);
            s.leaf(&says(TWO));
        },
    ),
    case(
        "4.11.2 Valid inhibitPolicyMapping of one",
        PASSED,
        "VALID",
        |s| {
            want(s, &[ONE]);
            s.ca(
                "CA",
                &[
                    ("certificatePolicies", ONE),
                    ("policyConstraints", "critical,inhibitPolicyMapping:1"),
                ],
            );
            s.ca("subCA", ONE_AS_TWO);
            s.leaf(&says(TWO));
        },
    ),
    case(
        "4.11.7 Valid Self-Issued inhibitPolicyMapping",
        PASSED,
        "VALID",
        |s| {
            want(s, &[ONE]);
            s.ca(
                "CA",
                &[
                    ("certificatePolicies", ONE),
                    ("policyConstraints", "critical,inhibitPolicyMapping:1"),
                ],
            );
            s.renewed("CA new", &says(ONE));
            s.ca("subCA", ONE_AS_TWO);
            s.leaf(&says(TWO));
        },
    ),
    case(
        "4.11.8 Invalid Self-Issued inhibitPolicyMapping",
        GENERAL,
        "POLICY_NOT_VALID",
        |s| {
            want(s, &[ONE]);
            s.ca(
                "CA",
                &[
                    ("certificatePolicies", ONE),
                    ("policyConstraints", "critical,inhibitPolicyMapping:1"),
                ],
            );
            s.renewed("CA new", &says(ONE));
            s.ca("subCA", &says(ONE));
            s.ca("subsubCA", ONE_AS_TWO);
            s.leaf(&says(TWO));
        },
    ),
];

pub(super) const INHIBITED_ANY: &[Case] = &[
    case(
        "4.12.1 Invalid inhibitAnyPolicy",
        GENERAL,
        "POLICY_NOT_VALID",
        |s| {
            want(s, &[ONE]);
            s.ca(
                "CA",
                &[
                    ("certificatePolicies", ONE),
                    ("inhibitAnyPolicy", "critical,0"),
                ],
            );
            s.leaf(&says(ANY));
        },
    ),
    case("4.12.2 Valid inhibitAnyPolicy", PASSED, "VALID", |s| {
        want(s, &[ONE]);
        s.ca(
            "CA",
            &[
                ("certificatePolicies", ONE),
                ("inhibitAnyPolicy", "critical,0"),
            ],
        );
        s.leaf(&says(ONE));
    }),
    case(
        "4.12.3 Valid inhibitAnyPolicy of one",
        PASSED,
        "VALID",
        |s| {
            want(s, &[ONE]);
            s.ca(
                "CA",
                &[
                    ("certificatePolicies", ONE),
                    ("inhibitAnyPolicy", "critical,1"),
                ],
            );
            s.ca("subCA", &says(ANY));
            s.leaf(&says(ONE));
        },
    ),
    case(
        "4.12.3.2 Invalid AnyPolicy inhibited by the verifier",
        GENERAL,
        "POLICY_NOT_VALID",
        |s| {
            want(s, &[ONE]);
            s.inputs.inhibit_any = true;
            path(s, &[ANY, ONE]);
        },
    ),
    case(
        "4.12.5 Invalid inhibitAnyPolicy lower down",
        GENERAL,
        "POLICY_NOT_VALID",
        |s| {
            want(s, &[ONE]);
            s.ca(
                "CA",
                &[
                    ("certificatePolicies", ONE),
                    ("inhibitAnyPolicy", "critical,1"),
                ],
            );
            s.ca("subCA", &says(ANY));
            s.ca("subsubCA", &says(ANY));
            s.leaf(&says(ONE));
        },
    ),
    case(
        "4.12.7 Valid Self-Issued inhibitAnyPolicy",
        PASSED,
        "VALID",
        |s| {
            want(s, &[ONE]);
            s.ca(
                "CA",
                &[
                    ("certificatePolicies", ONE),
                    ("inhibitAnyPolicy", "critical,0"),
                ],
            );
            s.renewed("CA new", &says(ANY));
            s.leaf(&says(ONE));
        },
    ),
    case(
        "4.12.10 Invalid Self-Issued inhibitAnyPolicy of the EE",
        GENERAL,
        "POLICY_NOT_VALID",
        |s| {
            want(s, &[ONE]);
            s.ca(
                "CA",
                &[
                    ("certificatePolicies", ONE),
                    ("inhibitAnyPolicy", "critical,0"),
                ],
            );
            s.renewed("CA new", &says(ANY));
            s.leaf(&says(ANY));
        },
    ),
];
