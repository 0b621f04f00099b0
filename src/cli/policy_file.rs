//! Policies by name or from a JSON file:
//! `{"id":"…","profile":"standard|agency|copy|enclosure","agency_code":"H21.39.12","signers":[{"sha256":"…",
//! "agency_code":"…","agency_name":"…","kind":"agency|person","from":"…","until":"…",
//! "agency_from":"2020-01-01","agency_to":"2025-06-30","successors":["…"],"renamed_to":"…"}],
//! "revocation":"next-update|day","timestamp_required":false,"organizations":["…"],
//! "issuers":["SHA-256"],"algorithms":"FILE"}`; all but `id` and `profile` may be left out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::exit::Exit;
use super::fault::Fault;
use super::inputs;
use crate::domain::clock::Timestamp;
use crate::domain::digest::Sha256;
use crate::domain::period::Period;
use crate::pades::{
    self, Constraints, Expectation, OwnerKind, Policy, RevocationAge, SignerOwner, SignerRegistry,
};

/// A policy and, if its file lists signers, their register.
pub(super) struct Chosen {
    pub(super) policy: Policy,
    pub(super) registry: Option<ListedSigners>,
}

/// Wire shape.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    id: String,
    profile: Profile,
    agency_code: Option<String>,
    /// Of the document an enclosure belongs to.
    main_number: Option<String>,
    #[serde(default)]
    signers: Vec<ListedSigner>,
    revocation: Option<Revocation>,
    #[serde(default)]
    timestamp_required: bool,
    #[serde(default)]
    organizations: Vec<String>,
    #[serde(default)]
    issuers: Vec<String>,
    /// A path, from the folder of the policy file.
    algorithms: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Revocation {
    NextUpdate,
    Day,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Profile {
    Standard,
    #[serde(alias = "original")]
    Agency,
    Copy,
    Enclosure,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ListedKind {
    Agency,
    Person,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedSigner {
    sha256: String,
    agency_code: String,
    agency_name: String,
    kind: ListedKind,
    from: Option<String>,
    until: Option<String>,
    agency_from: Option<String>,
    agency_to: Option<String>,
    #[serde(default)]
    successors: Vec<String>,
    renamed_to: Option<String>,
}

/// Signers as a policy file lists them.
pub(super) struct ListedSigners(HashMap<Sha256, Vec<Listed>>);

struct Listed {
    owner: SignerOwner,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl SignerRegistry for ListedSigners {
    fn owner(&self, certificate_sha256: &Sha256, at: Timestamp) -> Option<SignerOwner> {
        let listed = self.0.get(certificate_sha256)?;
        let valid = |one: &&Listed| {
            one.from.is_none_or(|from| from <= at) && one.until.is_none_or(|until| at < until)
        };
        listed.iter().find(valid).map(|one| one.owner.clone())
    }
}

/// The policy `name`, or the one in the file of that name.
pub(super) fn choose(name: &str) -> Result<Chosen, Fault> {
    match name {
        "standard" => Ok(Chosen {
            policy: Policy::standard(),
            registry: None,
        }),
        "agency" => Ok(Chosen {
            policy: Policy::agency(None),
            registry: None,
        }),
        file => read(Path::new(file)),
    }
}

/// The policy of a file, but for its register.
fn demands(
    file: &PolicyFile,
    path: &Path,
    wrong: &dyn Fn(String) -> Fault,
) -> Result<Policy, Fault> {
    let expected = file.agency_code.clone();
    let expected = expected.map(|agency_code| Expectation { agency_code });
    let policy = match file.profile {
        Profile::Standard => Policy::standard(),
        Profile::Agency => Policy::agency(expected),
        Profile::Copy => Policy::of_profile(pades::Profile::Copy, expected),
        Profile::Enclosure => Policy::of_profile(pades::Profile::Enclosure, expected),
    }
    .with_main_number(file.main_number.clone());
    let policy = match file.revocation {
        None => policy,
        Some(Revocation::NextUpdate) => policy.with_revocation(RevocationAge::NextUpdate),
        Some(Revocation::Day) => policy.with_revocation(RevocationAge::DAY),
    };
    let issuers = file.issuers.iter().map(|issuer| issuer.parse());
    let issuers = issuers.collect::<Result<_, _>>();
    let policy = policy
        .with_timestamp_required(file.timestamp_required)
        .with_constraints(Constraints {
            organizations: file.organizations.clone(),
            issuers: issuers.map_err(|fault| wrong(format!("issuers: {fault}")))?,
        });
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    let Some(table) = &file.algorithms else {
        return Ok(policy);
    };
    let bytes = inputs::bytes(&folder.join(table))?;
    let text = String::from_utf8(bytes).map_err(|fault| wrong(fault.to_string()))?;
    policy
        .with_algorithms(text)
        .map_err(|fault| wrong(fault.to_string()))
}

fn read(path: &Path) -> Result<Chosen, Fault> {
    let wrong = |detail: String| {
        Fault::new(Exit::Configuration, "POLICY_UNUSABLE")
            .with("detail", detail)
            .at(path)
    };
    let file: PolicyFile =
        serde_json::from_slice(&inputs::bytes(path)?).map_err(|fault| wrong(fault.to_string()))?;
    let policy = demands(&file, path, &wrong)?;
    let mut listed: HashMap<Sha256, Vec<Listed>> = HashMap::new();
    for signer in file.signers {
        let sha256 = signer
            .sha256
            .parse()
            .map_err(|fault| wrong(format!("{fault}")))?;
        let time = |text: Option<String>| {
            text.map(|text| text.parse().map_err(|fault| wrong(format!("{fault}"))))
                .transpose()
        };
        let day = |text: Option<String>| {
            text.map(|text| text.parse().map_err(|fault| wrong(format!("{fault}"))))
                .transpose()
        };
        let owner = SignerOwner {
            agency_code: signer.agency_code,
            agency_name: signer.agency_name,
            kind: match signer.kind {
                ListedKind::Agency => OwnerKind::Agency,
                ListedKind::Person => OwnerKind::Person,
            },
            agency_days: Period {
                from: day(signer.agency_from)?,
                to: day(signer.agency_to)?,
            },
            successors: signer.successors,
            renamed_to: signer.renamed_to,
        };
        let one = Listed {
            owner,
            from: time(signer.from)?,
            until: time(signer.until)?,
        };
        listed.entry(sha256).or_default().push(one);
    }
    Ok(Chosen {
        policy: policy.named(file.id),
        registry: Some(ListedSigners(listed)),
    })
}
