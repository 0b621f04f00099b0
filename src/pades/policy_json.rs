//! A policy as JSON, schema `lienthong.policy/3`: the form it is handed on in, and what its digest is
//! taken of. A table of algorithms other than the built-in one stands inside as text.

use serde::{Deserialize, Serialize};

use super::policy::{Constraints, Expectation, Policy, Profile, RevocationAge};
use crate::domain::digest::Sha256;

const SCHEMA: &str = "lienthong.policy/3";

/// Wire shape.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WirePolicy {
    schema: String,
    id: String,
    /// What the file is to be; `None` where only its signatures count.
    profile: Option<String>,
    agency_code: Option<String>,
    main_number: Option<String>,
    /// `None`: until nextUpdate.
    revocation_within_seconds: Option<i64>,
    timestamp_required: bool,
    organizations: Vec<String>,
    issuers: Vec<String>,
    /// Of the table in force, built in or not.
    algorithms_sha256: String,
    algorithms: Option<String>,
}

/// Text that is no policy this program understands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a policy: {0}")]
pub struct PolicyFault(String);

impl Policy {
    /// The policy as JSON; the same policy gives the same text.
    #[must_use]
    pub fn to_json(&self) -> String {
        let Constraints {
            organizations,
            issuers,
        } = self.constraints();
        let wire = WirePolicy {
            schema: SCHEMA.to_owned(),
            id: self.id().to_owned(),
            profile: self.profile().map(|one| one.as_str().to_owned()),
            agency_code: self.expectation().map(|one| one.agency_code.clone()),
            main_number: self.main_number().map(str::to_owned),
            revocation_within_seconds: match self.revocation() {
                RevocationAge::NextUpdate => None,
                RevocationAge::Within(seconds) => Some(seconds),
            },
            timestamp_required: self.demands_timestamp(),
            organizations: organizations.clone(),
            issuers: issuers.iter().map(Sha256::to_string).collect(),
            algorithms_sha256: self.catalogue().sha256().to_string(),
            algorithms: self.algorithms().map(ToOwned::to_owned),
        };
        // Plain structs of strings and numbers always serialise.
        serde_json::to_string(&wire).unwrap_or_default()
    }

    /// The policy that [`Self::to_json`] gave `text` for.
    ///
    /// # Errors
    /// [`PolicyFault`] if it is anything else, or was made by a program with another built-in table.
    pub fn from_json(text: &str) -> Result<Self, PolicyFault> {
        let wrong = |fault: &dyn std::fmt::Display| PolicyFault(fault.to_string());
        let wire: WirePolicy = serde_json::from_str(text).map_err(|fault| wrong(&fault))?;
        if wire.schema != SCHEMA {
            return Err(wrong(&format_args!("its schema is not {SCHEMA}")));
        }
        let issuers = wire.issuers.iter().map(|issuer| issuer.parse());
        let issuers = issuers.collect::<Result<Vec<Sha256>, _>>();
        let expectation = wire
            .agency_code
            .map(|agency_code| Expectation { agency_code });
        let profile = wire.profile.as_deref().map(Profile::parse);
        let policy = match profile {
            Some(Some(profile)) => Self::of_profile(profile, expectation),
            Some(None) => return Err(wrong(&"an unknown profile")),
            None => Self::standard(),
        };
        let revocation = wire.revocation_within_seconds;
        let policy = policy
            .named(wire.id)
            .with_main_number(wire.main_number)
            .with_revocation(revocation.map_or(RevocationAge::NextUpdate, RevocationAge::Within))
            .with_timestamp_required(wire.timestamp_required)
            .with_constraints(Constraints {
                organizations: wire.organizations,
                issuers: issuers.map_err(|fault| wrong(&fault))?,
            });
        let policy = match wire.algorithms {
            Some(table) => policy
                .with_algorithms(table)
                .map_err(|fault| wrong(&fault))?,
            None => policy,
        };
        if policy.catalogue().sha256().to_string() != wire.algorithms_sha256 {
            return Err(wrong(&"another table of algorithms"));
        }
        Ok(policy)
    }

    /// Digest of everything the policy demands.
    #[must_use]
    pub fn sha256(&self) -> Sha256 {
        Sha256::of(self.to_json().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_survives_being_handed_on() {
        let table = r#"{"schema":"lienthong-algorithms/1","name":"n","digests":[],"schemes":[],"curves":[]}"#;
        let expectation = Expectation {
            agency_code: "H21.39.12".to_owned(),
        };
        let constraints = Constraints {
            organizations: vec!["a\"b".to_owned()],
            issuers: vec![Sha256::of(b"ca")],
        };
        let whole = Policy::agency(Some(expectation))
            .named("own".to_owned())
            .with_revocation(RevocationAge::Within(7200))
            .with_timestamp_required(true)
            .with_constraints(constraints)
            .with_algorithms(table.to_owned())
            .unwrap();
        let enclosure = Policy::of_profile(Profile::Enclosure, None)
            .with_main_number(Some("15/UBND-VP".to_owned()));
        let copy = Policy::of_profile(Profile::Copy, None);
        let all = [
            Policy::standard(),
            Policy::agency(None),
            whole,
            copy,
            enclosure,
        ];
        for policy in all {
            let again = Policy::from_json(&policy.to_json()).unwrap();
            assert_eq!(again, policy);
            assert_eq!(again.sha256(), policy.sha256());
        }
    }

    #[test]
    fn text_that_is_no_policy_is_refused() {
        let text = Policy::standard().to_json();
        let changes = [
            ("policy/3", "policy/4"),
            ("\"profile\"", "\"more\":1,\"profile\""),
            ("\"profile\":null", "\"profile\":\"other\""),
            ("\"issuers\":[]", "\"issuers\":[\"x\"]"),
            ("\"algorithms_sha256\":\"", "\"algorithms_sha256\":\"0"),
            ("\"algorithms\":null", "\"algorithms\":\"x\""),
        ];
        for (old, new) in changes {
            let changed = text.replace(old, new);
            assert_ne!(changed, text);
            assert!(Policy::from_json(&changed).is_err(), "{changed}");
        }
    }
}
