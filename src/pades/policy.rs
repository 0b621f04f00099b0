//! What is demanded of a file beyond valid signatures. Policies are values: the same policy has
//! the same digest everywhere.

use std::sync::Arc;

use crate::domain::clock::Timestamp;
use crate::domain::digest::Sha256;
use crate::pki::Error;
use crate::pki::algorithm::Catalogue;
use crate::pki::certificate::Certificate;
use crate::pki::path::Freshness;
use crate::pki::verdict::{RowOutcome, SubIndication};

/// Who must have signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// Code of the agency that issues the document.
    pub agency_code: String,
}

/// What a file is to be. Source: Decree 30/2020/NĐ-CP, articles 5, 17, 18, 25 and Annex I.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// An original: a person signed first, then the agency over everything.
    Original,
    /// An electronic copy (sao y, sao lục, trích sao): the copying agency signed it alone, with the
    /// mark of a copy.
    Copy,
    /// An appendix or enclosure in a file of its own: the agency signed it last, with the number of
    /// the main document.
    Enclosure,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 3] = [Self::Original, Self::Copy, Self::Enclosure];

    /// The word on the command line and in policies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Copy => "copy",
            Self::Enclosure => "enclosure",
        }
    }

    /// The profile called `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// What is demanded of a document of an agency.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Demand {
    profile: Profile,
    expectation: Option<Expectation>,
}

/// How new data about the revocation of a signer must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationAge {
    /// Its nextUpdate has not passed.
    NextUpdate,
    /// Also, it was issued later than the signature is proven to have existed, or at most so many
    /// seconds before the time of checking. Source: ETSI EN 319 102-1, 5.2.5.
    Within(i64),
}

impl RevocationAge {
    /// The agencies' rule: a day.
    pub const DAY: Self = Self::Within(86_400);
}

/// Which signers are admitted; an empty list admits all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Constraints {
    /// The organisation (O) of the signer's certificate, exactly.
    pub organizations: Vec<String>,
    /// The certificate of a CA anywhere above the signer, by its SHA-256.
    pub issuers: Vec<Sha256>,
}

/// A verification policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    id: String,
    demand: Option<Demand>,
    /// Number and notation of the document an enclosure belongs to.
    main_number: Option<String>,
    revocation: RevocationAge,
    timestamp_required: bool,
    constraints: Constraints,
    /// A table of algorithms and the text it was read from; `None` stands for the built-in one.
    catalogue: Option<Arc<(Catalogue, String)>>,
}

impl Policy {
    /// Every signature must be valid; changes that the format permits are allowed.
    #[must_use]
    pub fn standard() -> Self {
        Self::new("standard", None)
    }

    fn new(id: &str, demand: Option<Demand>) -> Self {
        Self {
            id: id.to_owned(),
            demand,
            main_number: None,
            revocation: RevocationAge::NextUpdate,
            timestamp_required: false,
            constraints: Constraints::default(),
            catalogue: None,
        }
    }

    /// An original after Decree 30/2020/NĐ-CP, article 5(1): at least one person's signature, then
    /// the issuing agency's over the final revision. Without an expectation any registered agency
    /// may be the issuing one. Data about the revocation of a signer is at most a day old, or from
    /// after the signature.
    #[must_use]
    pub fn agency(expectation: Option<Expectation>) -> Self {
        Self::of_profile(Profile::Original, expectation)
    }

    /// The policy for documents of agencies: what `profile` asks for, signed by the agency expected;
    /// without an expectation any registered agency may be the one. Its name is `agency`, `copy` or
    /// `enclosure`.
    #[must_use]
    pub fn of_profile(profile: Profile, expectation: Option<Expectation>) -> Self {
        let id = match profile {
            Profile::Original => "agency",
            other => other.as_str(),
        };
        let demand = Demand {
            profile,
            expectation,
        };
        Self::new(id, Some(demand)).with_revocation(RevocationAge::DAY)
    }

    /// The same policy, for an enclosure of the document with this number and notation.
    #[must_use]
    pub fn with_main_number(self, main_number: Option<String>) -> Self {
        Self {
            main_number,
            ..self
        }
    }

    /// The same policy with another rule for the age of data about revocation.
    #[must_use]
    pub fn with_revocation(self, revocation: RevocationAge) -> Self {
        Self { revocation, ..self }
    }

    /// The same policy, demanding of every signature a valid time stamp, or not.
    #[must_use]
    pub fn with_timestamp_required(self, timestamp_required: bool) -> Self {
        Self {
            timestamp_required,
            ..self
        }
    }

    /// The same policy with `constraints` on the signers.
    #[must_use]
    pub fn with_constraints(self, constraints: Constraints) -> Self {
        Self {
            constraints,
            ..self
        }
    }

    /// The same policy with an operator's table of algorithms, in JSON (see [`Catalogue`]).
    ///
    /// # Errors
    /// [`Error`] if the text is none.
    pub fn with_algorithms(self, json: String) -> Result<Self, Error> {
        let catalogue = Catalogue::from_json(json.as_bytes())?;
        Ok(Self {
            catalogue: Some(Arc::new((catalogue, json))),
            ..self
        })
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
        self.demand.is_some()
    }

    /// What the file is to be; `None` where only its signatures count.
    #[must_use]
    pub fn profile(&self) -> Option<Profile> {
        self.demand.as_ref().map(|demand| demand.profile)
    }

    /// Number and notation of the document an enclosure is expected to belong to.
    #[must_use]
    pub fn main_number(&self) -> Option<&str> {
        self.main_number.as_deref()
    }

    /// Whom it expects.
    #[must_use]
    pub fn expectation(&self) -> Option<&Expectation> {
        self.demand.as_ref()?.expectation.as_ref()
    }

    /// How new data about revocation must be for a signature that existed at `best_signature_time`.
    #[must_use]
    pub const fn freshness(&self, best_signature_time: Timestamp) -> Freshness {
        match self.revocation {
            RevocationAge::NextUpdate => Freshness::NextUpdate,
            RevocationAge::Within(within_seconds) => Freshness::SignedAfter {
                best_signature_time,
                within_seconds,
            },
        }
    }

    /// Whether every signature needs a valid time stamp.
    #[must_use]
    pub const fn demands_timestamp(&self) -> bool {
        self.timestamp_required
    }

    /// How new data about revocation must be.
    #[must_use]
    pub const fn revocation(&self) -> RevocationAge {
        self.revocation
    }

    /// Which signers are admitted.
    #[must_use]
    pub const fn constraints(&self) -> &Constraints {
        &self.constraints
    }

    /// The table of algorithms.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        match &self.catalogue {
            Some(own) => &own.0,
            None => Catalogue::built_in(),
        }
    }

    /// The text of the table of algorithms, unless it is the built-in one.
    #[must_use]
    pub fn algorithms(&self) -> Option<&str> {
        self.catalogue.as_deref().map(|(_, text)| text.as_str())
    }

    /// Why the signer, first of `chain`, is not admitted; `None` if it is.
    #[must_use]
    pub fn refuses(&self, chain: &[Certificate]) -> Option<(SubIndication, RowOutcome)> {
        let (signer, above) = chain.split_first()?;
        let Constraints {
            organizations,
            issuers,
        } = &self.constraints;
        let organization = signer.organization().unwrap_or_default();
        let params = vec![("signer", signer.subject().to_owned())];
        if !organizations.is_empty() && !organizations.iter().any(|one| one == organization) {
            let row = RowOutcome::failed("SIGNER_ORGANIZATION_NOT_ADMITTED", params);
            return Some((SubIndication::SigConstraintsFailure, row));
        }
        let listed = |ca: &Certificate| issuers.contains(&ca.sha256());
        if !issuers.is_empty() && !above.iter().any(listed) {
            let row = RowOutcome::failed("SIGNER_ISSUER_NOT_ADMITTED", params);
            return Some((SubIndication::ChainConstraintsFailure, row));
        }
        None
    }
}
