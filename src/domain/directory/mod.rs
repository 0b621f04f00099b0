//! The registry of tiers, hubs, agencies, successions and certificates as one immutable value,
//! asked "as of" a day.

use std::collections::{HashMap, HashSet};

use crate::domain::agency::{Agency, AgencyCode};
use crate::domain::clock::Date;
use crate::domain::digest::Sha256;
use crate::domain::period::Period;
use crate::domain::refusal::Refusal;
use crate::domain::routing::{Hub, HubId};
use crate::domain::succession::{Succession, Successor};
use crate::domain::tier::Tier;

/// Whether a certificate speaks for a person or for the agency itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HolderKind {
    /// An authorised person.
    Person,
    /// The agency (its seal).
    Agency,
}

/// A certificate filed for an agency. Names in certificates prove nothing; this row does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredCertificate {
    /// SHA-256 of the certificate's DER form.
    pub sha256: Sha256,
    /// The agency it belongs to.
    pub agency: AgencyCode,
    /// Person or agency.
    pub kind: HolderKind,
    /// The person's name, for people.
    pub holder: Option<String>,
    /// Days on which it speaks for the agency.
    pub valid: Period,
}

/// What a registry file holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Registry {
    /// Tiers.
    pub tiers: Vec<Tier>,
    /// Hubs.
    pub hubs: Vec<Hub>,
    /// Agencies, closed ones included.
    pub agencies: Vec<Agency>,
    /// Who follows whom.
    pub successions: Vec<Succession>,
    /// Certificates.
    pub certificates: Vec<RegisteredCertificate>,
}

/// A registry that contradicts itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("registry: {0}")]
pub struct Contradiction(pub String);

/// The registry, checked and indexed.
#[derive(Debug, Clone)]
pub struct Directory {
    registry: Registry,
    by_code: HashMap<AgencyCode, usize>,
    by_hub: HashMap<HubId, usize>,
    /// Rows of one certificate; their days do not overlap.
    by_certificate: HashMap<Sha256, Vec<usize>>,
}

impl Directory {
    /// Checks and indexes a registry.
    ///
    /// # Errors
    /// The first [`Contradiction`]: a code or hub filed twice, a certificate filed twice for the same
    /// day, an unknown tier, parent, hub or successor, a succession that does not hold together, or a
    /// circle in the hub tree.
    pub fn new(registry: Registry) -> Result<Self, Contradiction> {
        let mut by_code = HashMap::new();
        for (position, agency) in registry.agencies.iter().enumerate() {
            for code in std::iter::once(&agency.code).chain(&agency.other_codes) {
                if by_code.insert(code.clone(), position).is_some() {
                    return Err(Contradiction(format!("agency code {code} is filed twice")));
                }
            }
        }
        let by_hub = index(&registry.hubs, |hub| hub.id.clone(), "hub")?;
        let by_certificate = certificates(&registry.certificates)?;
        let directory = Self {
            registry,
            by_code,
            by_hub,
            by_certificate,
        };
        directory.check_references()?;
        directory.check_hub_tree()?;
        Ok(directory)
    }

    fn check_references(&self) -> Result<(), Contradiction> {
        let tiers: HashSet<&str> = self
            .registry
            .tiers
            .iter()
            .map(|t| t.code.as_str())
            .collect();
        for agency in &self.registry.agencies {
            if !tiers.contains(agency.tier.as_str()) {
                return Err(unknown("tier", &agency.tier, &agency.code));
            }
            let former = agency
                .former_parents
                .iter()
                .filter_map(|f| f.value.as_ref());
            let mut parents = agency.parent.iter().chain(former);
            if let Some(parent) = parents.find(|code| !self.by_code.contains_key(code)) {
                return Err(unknown("parent agency", parent, &agency.code));
            }
            let former = agency.former_hubs.iter().filter_map(|f| f.value.as_ref());
            let mut hubs = agency.hub.iter().chain(former);
            if let Some(hub) = hubs.find(|hub| !self.by_hub.contains_key(hub)) {
                return Err(unknown("hub", hub, &agency.code));
            }
        }
        let named_in_successions = self
            .registry
            .successions
            .iter()
            .flat_map(|s| s.to.iter().chain([&s.from]));
        let named_in_certificates = self.registry.certificates.iter().map(|row| &row.agency);
        for code in named_in_successions.chain(named_in_certificates) {
            if !self.by_code.contains_key(code) {
                return Err(unknown("agency", code, "a succession or certificate"));
            }
        }
        for row in &self.registry.successions {
            let last_day = self.agency(&row.from).and_then(|agency| agency.valid.to);
            if let Some(fault) = row.fault(last_day) {
                let from = &row.from;
                return Err(Contradiction(format!("succession of {from}: {fault}")));
            }
        }
        Ok(())
    }

    fn check_hub_tree(&self) -> Result<(), Contradiction> {
        for hub in &self.registry.hubs {
            if let Some(parent) = hub.parent.as_ref().filter(|p| !self.by_hub.contains_key(p)) {
                return Err(unknown("parent hub", parent, &hub.id));
            }
            let top = self
                .hub_and_ancestors(&hub.id)
                .last()
                .and_then(|id| self.hub(id));
            if top.is_some_and(|top| top.parent.is_some()) {
                return Err(Contradiction(format!("hub {} is its own ancestor", hub.id)));
            }
        }
        Ok(())
    }

    /// The agency filed under `code`, in any of its spellings, closed ones included.
    #[must_use]
    pub fn agency(&self, code: &AgencyCode) -> Option<&Agency> {
        self.registry.agencies.get(*self.by_code.get(code)?)
    }

    /// The agency that `written` names.
    ///
    /// # Errors
    /// [`Refusal::UnknownAgency`].
    pub fn find(&self, written: &str) -> Result<&Agency, Refusal> {
        let unknown = || Refusal::UnknownAgency {
            code: written.chars().take(80).collect(),
        };
        let code = AgencyCode::parse(written).or(Err(unknown()))?;
        self.agency(&code).ok_or_else(unknown)
    }

    /// The agency that `written` names, able to receive on `day`, and its hub.
    ///
    /// # Errors
    /// [`Refusal::UnknownAgency`], [`Refusal::AgencyClosed`] with the successors' names, or
    /// [`Refusal::AgencyNotHosted`].
    pub fn addressee(&self, written: &str, day: Date) -> Result<(&Agency, &HubId), Refusal> {
        let agency = self.find(written)?;
        if let Some(closed_on) = agency.valid.to.filter(|to| *to < day) {
            return Err(Refusal::AgencyClosed {
                code: agency.code.to_string(),
                name: agency.name.clone(),
                closed_on,
                successors: self.heirs(&agency.code, day),
            });
        }
        let hub = agency
            .hub_on(day)
            .filter(|_| agency.valid.contains(day))
            .ok_or_else(|| Refusal::AgencyNotHosted {
                code: agency.code.to_string(),
                name: agency.name.clone(),
            })?;
        Ok((agency, hub))
    }

    /// Those who follow `code` and exist on `day`, through any number of reorganisations.
    #[must_use]
    pub fn successors(&self, code: &AgencyCode, day: Date) -> Vec<&Agency> {
        let found = self.followed(code, day).into_iter();
        found.map(|(agency, _)| agency).collect()
    }

    /// The same as a sender is told: each with the day and the legal basis of the last step.
    #[must_use]
    pub fn heirs(&self, code: &AgencyCode, day: Date) -> Vec<Successor> {
        let told = |(agency, row): (&Agency, &Succession)| Successor {
            code: agency.code.to_string(),
            name: agency.name_on(day).to_owned(),
            effective: row.effective,
            legal_basis: row.legal_basis.clone(),
        };
        self.followed(code, day).into_iter().map(told).collect()
    }

    fn followed(&self, code: &AgencyCode, day: Date) -> Vec<(&Agency, &Succession)> {
        let mut found: Vec<(&Agency, &Succession)> = Vec::new();
        let Some(first) = self.agency(code) else {
            return found;
        };
        let mut seen = HashSet::from([&first.code]);
        let mut open = vec![&first.code];
        while let Some(from) = open.pop() {
            let rows = self.successions_of(from).filter(|row| row.effective <= day);
            for (row, to) in rows.flat_map(|row| row.to.iter().map(move |to| (row, to))) {
                let Some(agency) = self.agency(to).filter(|one| seen.insert(&one.code)) else {
                    continue;
                };
                if agency.valid.contains(day) {
                    found.push((agency, row));
                } else {
                    open.push(&agency.code);
                }
            }
        }
        found
    }

    /// The records that say what became of `code`, under whichever of its codes.
    pub fn successions_of<'a>(
        &'a self,
        code: &'a AgencyCode,
    ) -> impl Iterator<Item = &'a Succession> {
        let own = self.by_code.get(code);
        let rows = self.registry.successions.iter();
        rows.filter(move |row| own.is_some() && self.by_code.get(&row.from) == own)
    }

    /// The agency that is handed on `day` what was on the road to `code` when that closed, and the
    /// record that orders it: the registry must name one successor and the time must not be over,
    /// at each of possibly several steps.
    #[must_use]
    pub fn heir(&self, code: &AgencyCode, day: Date) -> Option<(&Agency, &Succession)> {
        let mut from = self.agency(code)?;
        for _ in 0..=self.registry.successions.len() {
            let row = self
                .successions_of(&from.code)
                .find(|row| row.redirects_on(day))?;
            let heir = self.agency(row.heir()?)?;
            if heir.valid.contains(day) {
                return Some((heir, row));
            }
            from = heir;
        }
        None
    }

    /// What the registry holds.
    #[must_use]
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The row of the certificate that held on `day`: for whom it spoke then, whomever it spoke for
    /// before or afterwards.
    #[must_use]
    pub fn certificate(&self, sha256: &Sha256, day: Date) -> Option<&RegisteredCertificate> {
        let filed = self.by_certificate.get(sha256)?.iter();
        let mut rows = filed.filter_map(|at| self.registry.certificates.get(*at));
        rows.find(|row| row.valid.contains(day))
    }

    /// The hub named `id`.
    #[must_use]
    pub fn hub(&self, id: &HubId) -> Option<&Hub> {
        self.registry.hubs.get(*self.by_hub.get(id)?)
    }

    /// All hubs.
    #[must_use]
    pub fn hubs(&self) -> &[Hub] {
        &self.registry.hubs
    }

    /// All agencies, closed ones included, in the order of the registry.
    #[must_use]
    pub fn agencies(&self) -> &[Agency] {
        &self.registry.agencies
    }

    /// The tier with this code.
    #[must_use]
    pub fn tier(&self, code: &str) -> Option<&Tier> {
        self.registry.tiers.iter().find(|tier| tier.code == code)
    }

    /// The hub and the hubs above it, lowest first; empty for an unknown hub. A circle is cut after
    /// as many steps as there are hubs.
    #[must_use]
    pub fn hub_and_ancestors<'a>(&'a self, id: &HubId) -> Vec<&'a HubId> {
        let mut road = Vec::new();
        let mut next = self.hub(id);
        while let Some(hub) = next.filter(|_| road.len() < self.registry.hubs.len()) {
            road.push(&hub.id);
            next = hub.parent.as_ref().and_then(|parent| self.hub(parent));
        }
        road
    }

    /// The hubs one step away from `id`: the one above and those directly below.
    #[must_use]
    pub fn neighbours(&self, id: &HubId) -> Vec<&Hub> {
        let above = self.hub(id).and_then(|hub| hub.parent.as_ref());
        let is_near = |hub: &&Hub| Some(&hub.id) == above || hub.parent.as_ref() == Some(id);
        self.registry.hubs.iter().filter(is_near).collect()
    }
}

/// The rows of each certificate. One that moves to another agency has several, one after the other.
fn certificates(
    rows: &[RegisteredCertificate],
) -> Result<HashMap<Sha256, Vec<usize>>, Contradiction> {
    let mut index: HashMap<Sha256, Vec<usize>> = HashMap::new();
    for (position, row) in rows.iter().enumerate() {
        let known = index.entry(row.sha256).or_default();
        let mut before = known.iter().filter_map(|at| rows.get(*at));
        if before.any(|other| other.valid.overlaps(&row.valid)) {
            let name = row.sha256;
            return Err(Contradiction(format!(
                "certificate {name} is filed twice for the same days"
            )));
        }
        known.push(position);
    }
    Ok(index)
}

fn unknown(kind: &str, name: impl std::fmt::Display, at: impl std::fmt::Display) -> Contradiction {
    Contradiction(format!("{at} names the {kind} {name}, which is not filed"))
}

fn index<T, K: std::hash::Hash + Eq + std::fmt::Debug>(
    rows: &[T],
    key: impl Fn(&T) -> K,
    kind: &str,
) -> Result<HashMap<K, usize>, Contradiction> {
    let mut index = HashMap::new();
    for (position, row) in rows.iter().enumerate() {
        if index.insert(key(row), position).is_some() {
            return Err(Contradiction(format!(
                "{kind} {:?} is filed twice",
                key(row)
            )));
        }
    }
    Ok(index)
}

#[cfg(test)]
pub(crate) mod tests;
