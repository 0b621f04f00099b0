//! What is demanded of a file beyond valid signatures. Policies are values: the same policy has
//! the same digest everywhere.

use crate::domain::clock::Timestamp;
use crate::domain::digest::Sha256;

/// Whether a certificate belongs to an agency or to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerKind {
    /// The agency itself (its seal).
    Agency,
    /// A person who may sign for it.
    Person,
}

/// Who a certificate was registered for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerOwner {
    /// Code of the agency.
    pub agency_code: String,
    /// Name of the agency.
    pub agency_name: String,
    /// The agency itself or a person of it.
    pub kind: OwnerKind,
}

/// The register of certificates, the only thing that tells roles: names in certificates do not.
pub trait SignerRegistry {
    /// Who the certificate with this SHA-256 was registered for at `at`.
    fn owner(&self, certificate_sha256: &Sha256, at: Timestamp) -> Option<SignerOwner>;
}

/// Who must have signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// Code of the agency that issues the document.
    pub agency_code: String,
}

/// What is demanded.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Demand {
    Standard,
    Original { expectation: Option<Expectation> },
}

/// A verification policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    id: String,
    demand: Demand,
}

impl Policy {
    /// Every signature must be valid; changes that the format permits are allowed.
    #[must_use]
    pub fn standard() -> Self {
        Self {
            id: "standard".to_owned(),
            demand: Demand::Standard,
        }
    }

    /// An original after Decree 30/2020/NĐ-CP, article 5(1): at least one person's signature, then
    /// the issuing agency's over the final revision. Without an expectation any registered agency
    /// may be the issuing one.
    #[must_use]
    pub fn agency(expectation: Option<Expectation>) -> Self {
        Self {
            id: "agency".to_owned(),
            demand: Demand::Original { expectation },
        }
    }

    /// The same policy under another name.
    #[must_use]
    pub fn named(self, id: String) -> Self {
        Self { id, ..self }
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether authority is judged.
    #[must_use]
    pub const fn demands_authority(&self) -> bool {
        matches!(self.demand, Demand::Original { .. })
    }

    /// Whom it expects.
    #[must_use]
    pub const fn expectation(&self) -> Option<&Expectation> {
        match &self.demand {
            Demand::Original { expectation } => expectation.as_ref(),
            Demand::Standard => None,
        }
    }

    /// Digest of everything the policy demands.
    #[must_use]
    pub fn sha256(&self) -> Sha256 {
        let demand = match &self.demand {
            Demand::Standard => "standard".to_owned(),
            Demand::Original { expectation: None } => "original".to_owned(),
            Demand::Original {
                expectation: Some(Expectation { agency_code }),
            } => {
                format!("original\nagency={agency_code}")
            }
        };
        Sha256::of(format!("lienthong.policy/1\nid={}\n{demand}\n", self.id).as_bytes())
    }
}
