//! Laws about what people were told: each operation has one outcome, and what was acknowledged is
//! recorded where it was handed in, and nothing else is.

use std::collections::{BTreeMap, BTreeSet};

use super::seen::{Row, text};
use super::{Findings, Harm, World};
use crate::history::{Act, Event, Line};
use crate::process::AFTER_WORK;
use crate::town::{AGENCIES, HUBS, host};

/// A document whose receipt by the hub was acknowledged to its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) document: String,
    pub(super) agency: String,
    pub(super) number: String,
    pub(super) recipients: Vec<String>,
    pub(super) sha256: String,
    pub(super) size_bytes: usize,
}

/// How often a hub was ended in the middle of its work.
pub(super) fn kills(history: &[Line]) -> usize {
    let is_kill =
        |line: &&Line| matches!(&line.event, Event::Kill { how, .. } if how != AFTER_WORK);
    history.iter().filter(is_kill).count()
}

/// How many deliveries were acknowledged to senders.
pub(super) fn acknowledged(history: &[Line]) -> usize {
    let acts = acts(history);
    let done = outcomes(history);
    let recipients = |(op, act): (&u64, &Act)| match act {
        Act::Send { recipients, .. } if done.contains_key(op) => recipients.len(),
        _ => 0,
    };
    acts.iter().map(recipients).sum()
}

/// What each operation wanted.
pub(super) fn acts(history: &[Line]) -> BTreeMap<u64, Act> {
    let act = |line: &Line| match &line.event {
        Event::Invoke { op, act } => Some((*op, act.clone())),
        _ => None,
    };
    history.iter().filter_map(act).collect()
}

/// What people were told about each operation that was done.
pub(super) fn outcomes(history: &[Line]) -> BTreeMap<u64, BTreeSet<String>> {
    let mut found: BTreeMap<u64, BTreeSet<String>> = BTreeMap::new();
    for line in history {
        if let Event::Done { op, outcome } = &line.event {
            found.entry(*op).or_default().insert(outcome.clone());
        }
    }
    found
}

/// Checks the operations; gives the documents that were acknowledged.
pub(super) fn check(world: &World, findings: &mut Findings) -> Vec<Sent> {
    let acts = acts(&world.history);
    let done = outcomes(&world.history);
    one_outcome(world, &acts, &done, findings);
    let sent: Vec<Sent> = acts
        .iter()
        .filter_map(|(op, act)| sent(act, done.get(op)?.first()?))
        .collect();
    for one in &sent {
        handed_in(world, one, findings);
    }
    nothing_else(world, &sent, findings);
    sent
}

fn sent(act: &Act, document: &str) -> Option<Sent> {
    let Act::Send {
        agency,
        number,
        recipients,
        sha256,
        size_bytes,
        ..
    } = act
    else {
        return None;
    };
    Some(Sent {
        document: document.to_owned(),
        agency: agency.clone(),
        number: number.clone(),
        recipients: recipients.clone(),
        sha256: sha256.clone(),
        size_bytes: *size_bytes,
    })
}

/// Whatever nobody knew for a while became exactly one thing.
fn one_outcome(
    world: &World,
    acts: &BTreeMap<u64, Act>,
    done: &BTreeMap<u64, BTreeSet<String>>,
    findings: &mut Findings,
) {
    let law = "one outcome";
    let no = |line: &Line| match &line.event {
        Event::Refused { op, why } => Some((*op, why.clone())),
        _ => None,
    };
    let refused: BTreeMap<u64, String> = world.history.iter().filter_map(no).collect();
    for (op, act) in acts {
        let outcomes = done.get(op);
        if let Some(outcomes) = outcomes.filter(|outcomes| outcomes.len() > 1) {
            findings.add(Harm::Duplicated, law, format!("{act:?}: {outcomes:?}"));
        }
        match (outcomes, refused.get(op)) {
            (None, None) => findings.add(Harm::Broken, law, format!("never resolved: {act:?}")),
            (_, Some(why)) => findings.add(Harm::Broken, law, format!("{act:?}: {why}")),
            _ => {}
        }
    }
}

/// What was acknowledged stands in the record of the hub that said so, with the bytes handed in.
fn handed_in(world: &World, sent: &Sent, findings: &mut Findings) {
    let law = "acknowledged is recorded";
    let rows = world.hubs[host(&sent.agency)].rows("documents");
    let rows: Vec<&Row> = rows
        .iter()
        .filter(|row| text(row, "id") == sent.document)
        .collect();
    let [row] = rows[..] else {
        let harm = match rows.len() {
            0 => Harm::Lost,
            _ => Harm::Duplicated,
        };
        let count = rows.len();
        findings.add(harm, law, format!("{} times: {sent:?}", count));
        return;
    };
    let bears = format!("{}/{}", text(row, "number"), text(row, "notation"));
    let is_same =
        text(row, "original_sha256") == sent.sha256 && bears.trim_start_matches('0') == sent.number;
    if !is_same {
        findings.add(Harm::Lost, law, format!("as another one: {sent:?} {row:?}"));
    }
    if text(row, "stage") != "dispatched" {
        findings.add(Harm::Lost, law, format!("never sent: {sent:?} {row:?}"));
    }
}

/// No hub holds a document that nobody knows of.
fn nothing_else(world: &World, sent: &[Sent], findings: &mut Findings) {
    let law = "nothing unasked";
    let known: BTreeSet<&str> = sent.iter().map(|one| one.document.as_str()).collect();
    for hub in HUBS {
        for row in world.hubs[hub].rows("documents") {
            let own = AGENCIES
                .iter()
                .any(|(agency, at)| *at == hub && *agency == text(row, "sender"));
            let id = text(row, "id");
            if !known.contains(id) {
                findings.add(Harm::Duplicated, law, format!("{hub} holds {id}"));
            }
            if own != (text(row, "stage") != "received") {
                let stage = text(row, "stage");
                findings.add(Harm::Broken, law, format!("{hub} {id} is {stage}"));
            }
        }
    }
}
