//! The judge of a run. Reads the history, the tables by plain SQL, and the files on the disk; shares
//! no type and no function with the program. Enter by [`violations`].

mod deliveries;
mod effects;
mod files;
#[cfg(test)]
mod made_up;
mod observe;
mod operations;
mod receipts;
mod seen;

use std::collections::BTreeMap;
use std::fmt;

use crate::history::Line;

#[cfg(feature = "failpoints")]
pub(crate) use observe::drop_keys;
pub(crate) use observe::observe;
pub(crate) use receipts::openssl_says;
pub(crate) use seen::{Bytes, HubSeen};

/// What a broken law means for the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Harm {
    /// Something acknowledged is not there.
    Lost,
    /// Something happened more than once.
    Duplicated,
    /// Something happened without its proof.
    ReceiptMissing,
    /// Another law is broken.
    Broken,
}

/// A law that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    pub(crate) harm: Harm,
    /// The law.
    pub(crate) law: &'static str,
    /// What was found.
    pub(crate) found: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ({}): {}", self.harm, self.law, self.found)
    }
}

/// Everything a run left behind.
#[derive(Clone, Default)]
pub(crate) struct World {
    pub(crate) history: Vec<Line>,
    pub(crate) hubs: BTreeMap<String, HubSeen>,
    /// What a second start of every hub left, table by table.
    pub(crate) restarted: BTreeMap<String, HubSeen>,
}

/// Collects violations of one law after the other.
#[derive(Default)]
pub(crate) struct Findings(Vec<Violation>);

impl Findings {
    fn add(&mut self, harm: Harm, law: &'static str, found: impl Into<String>) {
        let found = found.into();
        self.0.push(Violation { harm, law, found });
    }
}

/// Judges a receipt: statement, signature, and the hub that says it signed.
pub(crate) type Verify<'a> = &'a (dyn Fn(&[u8], &[u8], &str) -> Result<(), String> + Sync);

/// Every violation in what a run left.
pub(crate) fn violations(world: &World, verify: Verify<'_>) -> Vec<Violation> {
    let mut findings = Findings::default();
    let sent = operations::check(world, &mut findings);
    deliveries::check(world, &sent, &mut findings);
    receipts::check(world, &sent, verify, &mut findings);
    effects::check(world, &mut findings);
    files::check(world, &mut findings);
    let mut found = findings.0;
    found.sort();
    found.dedup();
    found
}

/// The figures of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) kills: usize,
    pub(crate) acknowledged: usize,
    pub(crate) lost: usize,
    pub(crate) duplicated: usize,
    pub(crate) receipts_missing: usize,
    pub(crate) other: usize,
}

impl Figures {
    /// The figures of a history and its violations.
    pub(crate) fn of(history: &[Line], violations: &[Violation]) -> Self {
        let count = |harm| violations.iter().filter(|one| one.harm == harm).count();
        Self {
            kills: operations::kills(history),
            acknowledged: operations::acknowledged(history),
            lost: count(Harm::Lost),
            duplicated: count(Harm::Duplicated),
            receipts_missing: count(Harm::ReceiptMissing),
            other: count(Harm::Broken),
        }
    }

    /// Together with those of another run.
    pub(crate) fn and(self, more: Self) -> Self {
        Self {
            kills: self.kills + more.kills,
            acknowledged: self.acknowledged + more.acknowledged,
            lost: self.lost + more.lost,
            duplicated: self.duplicated + more.duplicated,
            receipts_missing: self.receipts_missing + more.receipts_missing,
            other: self.other + more.other,
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "kills: {} acknowledged: {} lost: {} duplicated: {} receipts missing: {}",
            self.kills, self.acknowledged, self.lost, self.duplicated, self.receipts_missing
        )?;
        match self.other {
            0 => Ok(()),
            other => write!(f, " other laws broken: {other}"),
        }
    }
}
