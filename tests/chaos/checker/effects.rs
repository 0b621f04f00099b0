//! Laws about what acts cause: work ends, keys are used for something, the journal tells each act
//! once, both ends of a line agree, and a second start changes nothing.

use std::collections::BTreeMap;

use super::seen::{HubSeen, Row, bytes, digest, is_null, number, text};
use super::{Findings, Harm, World};
use crate::history::Event;

/// Acts that happen once to their document or delivery.
const ONCE: [&str; 10] = [
    "composed",
    "sealed",
    "dispatched",
    "verified",
    "RelayAcceptance",
    "ContentConsignment",
    "ContentAccessTracking",
    "ConsignmentAcceptance",
    "ConsignmentRejection",
    "RelayFailure",
];

/// Tables that a start may write to: who is signed in since when.
const LIVING: [&str; 1] = ["sessions"];

/// Checks every hub on its own and the hubs among each other.
pub(super) fn check(world: &World, findings: &mut Findings) {
    for (hub, seen) in &world.hubs {
        work(hub, seen, findings);
        journal(hub, seen, findings);
        receipts_of_keys(hub, seen, findings);
        seals_of_keys(hub, seen, findings);
        open_intents(world, hub, findings);
        reports(hub, seen, findings);
        mails(hub, seen, findings);
        references(hub, seen, findings);
    }
    both_ends(world, findings);
    restart(world, findings);
}

/// Nothing waits, and nothing was set aside.
fn work(hub: &str, seen: &HubSeen, findings: &mut Findings) {
    for row in seen.rows("jobs") {
        let found = format!(
            "{hub}: {} {} is {}: {}",
            text(row, "kind"),
            text(row, "subject"),
            text(row, "state"),
            text(row, "last_error")
        );
        findings.add(Harm::Broken, "work ends", found);
    }
}

/// Each act is told once.
fn journal(hub: &str, seen: &HubSeen, findings: &mut Findings) {
    let mut told: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for row in seen.rows("acts") {
        let key = ["act", "document_id", "delivery_id"].map(|column| text(row, column));
        if ONCE.contains(&key[0]) {
            *told.entry(key.into()).or_default() += 1;
        }
        if text(row, "actor").is_empty() {
            findings.add(
                Harm::Broken,
                "every act has an actor",
                format!("{hub}: {row:?}"),
            );
        }
    }
    for (act, count) in told.into_iter().filter(|(_, count)| *count > 1) {
        let found = format!("{hub}: {act:?} {count} times");
        findings.add(Harm::Duplicated, "an act happens once", found);
    }
}

/// Each receipt of the hub was intended before, and each finished use of the key made a receipt.
fn receipts_of_keys(hub: &str, seen: &HubSeen, findings: &mut Findings) {
    let law = "no key without a record";
    let mut done: BTreeMap<&str, usize> = BTreeMap::new();
    for row in used(seen, &["receipt"]) {
        *done.entry(text(row, "signed_sha256")).or_default() += 1;
    }
    for row in seen.rows("evidence") {
        let own = text(row, "issuer") == hub;
        let statement = digest(&bytes(row, "statement"));
        if own && done.remove(statement.as_str()) != Some(1) {
            let id = text(row, "id");
            findings.add(Harm::Broken, law, format!("{hub}: receipt {id}"));
        }
    }
    for name in done.keys() {
        let found = format!("{hub}: signed {name}, which is no receipt");
        findings.add(Harm::ReceiptMissing, law, found);
    }
}

/// Each sealed document was signed by its agency once, and by one person at most.
fn seals_of_keys(hub: &str, seen: &HubSeen, findings: &mut Findings) {
    let law = "no key without a record";
    let mut done: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for row in used(seen, &["agency", "person"]) {
        *done
            .entry((text(row, "subject"), text(row, "purpose")))
            .or_default() += 1;
    }
    for row in seen.rows("documents") {
        let id = text(row, "id");
        let is_own = text(row, "stage") != "received" && !is_null(row, "sha256");
        let seals = done.remove(&(id, "agency")).unwrap_or_default();
        let names = done.remove(&(id, "person")).unwrap_or_default();
        if seals != usize::from(is_own) || names > usize::from(is_own) {
            let found = format!("{hub}: {id} was sealed {seals} and signed {names} times");
            findings.add(Harm::Broken, law, found);
        }
    }
    for subject in done.keys() {
        findings.add(Harm::Broken, law, format!("{hub}: sealed {subject:?}"));
    }
}

fn used<'a>(seen: &'a HubSeen, purposes: &'a [&str]) -> impl Iterator<Item = &'a Row> {
    let rows = seen.rows("signings").iter();
    rows.filter(|row| purposes.contains(&text(row, "purpose")) && text(row, "outcome") == "done")
}

/// A use of a key without an outcome is one that a crash of the hub interrupted.
fn open_intents(world: &World, hub: &str, findings: &mut Findings) {
    let seen = &world.hubs[hub];
    let ends = world.history.iter().filter_map(|line| match &line.event {
        Event::Kill { hub: ended, .. } if ended == hub => Some(line.at),
        _ => None,
    });
    let last_end = ends.max().map(|at| i64::try_from(at).unwrap_or(i64::MAX));
    for row in seen.rows("signings") {
        let intended = number(row, "intended_at") - seen.offset_seconds * 1_000_000;
        let is_open = is_null(row, "finished_at");
        if is_open && last_end.is_none_or(|end| intended > end) {
            let id = text(row, "id");
            findings.add(Harm::Broken, "keys have outcomes", format!("{hub}: {id}"));
        }
    }
}

/// A delivery is judged once.
fn reports(hub: &str, seen: &HubSeen, findings: &mut Findings) {
    let mut made: BTreeMap<&str, usize> = BTreeMap::new();
    for row in seen.rows("reports") {
        *made.entry(text(row, "delivery_id")).or_default() += 1;
    }
    for row in seen.rows("deliveries") {
        let id = text(row, "id");
        let expected = usize::from(text(row, "role") == "destination");
        let count = made.get(id).copied().unwrap_or_default();
        if expected == 1 && count != 1 {
            let found = format!("{hub}: {id} has {count} reports");
            findings.add(Harm::Duplicated, "judged once", found);
        }
    }
}

/// Each notice was sent, and there is one of a kind.
fn mails(hub: &str, seen: &HubSeen, findings: &mut Findings) {
    let mut known = std::collections::BTreeSet::new();
    for row in seen.rows("mails") {
        let key = ["delivery_id", "notice", "address"].map(|column| text(row, column));
        if !known.insert(key) {
            findings.add(Harm::Duplicated, "one notice", format!("{hub}: {key:?}"));
        }
        if text(row, "state") != "sent" {
            findings.add(Harm::Broken, "notices are sent", format!("{hub}: {row:?}"));
        }
    }
}

/// Rows about documents name documents that are there.
fn references(hub: &str, seen: &HubSeen, findings: &mut Findings) {
    let documents: std::collections::BTreeSet<&str> = seen
        .rows("documents")
        .iter()
        .map(|row| text(row, "id"))
        .collect();
    let tables = ["deliveries", "recipients", "submissions", "issued_numbers"];
    for table in tables {
        for row in seen.rows(table) {
            let id = text(row, "document_id");
            if !documents.contains(id) {
                let found = format!("{hub}: {table} names {id}");
                findings.add(Harm::Lost, "no row without its document", found);
            }
        }
    }
}

/// What one hub says it handed over, its neighbour says it took, once, with the same bytes; and the
/// other way round.
fn both_ends(world: &World, findings: &mut Findings) {
    let law = "both ends agree";
    let mut taken: BTreeMap<(&str, &str, &str), Vec<&Row>> = BTreeMap::new();
    for (hub, seen) in &world.hubs {
        for row in seen.rows("inbox") {
            let key = (
                text(row, "from_hub"),
                hub.as_str(),
                text(row, "transfer_id"),
            );
            taken.entry(key).or_default().push(row);
        }
    }
    for (hub, seen) in &world.hubs {
        for row in seen.rows("transfers") {
            let (id, to) = (text(row, "id"), text(row, "to_hub"));
            let found = taken.remove(&(hub.as_str(), to, id)).unwrap_or_default();
            let body = digest(&bytes(row, "body"));
            match found[..] {
                _ if is_null(row, "acknowledged_at") => {
                    let found = format!("{hub}>{to} {id} was never answered");
                    findings.add(Harm::ReceiptMissing, law, found);
                }
                [there] if text(there, "request_sha256") == body => {}
                _ => {
                    let found = format!("{hub}>{to} {id}: taken {} times", found.len());
                    findings.add(Harm::Lost, law, found);
                }
            }
        }
    }
    for key in taken.keys() {
        findings.add(Harm::Duplicated, law, format!("{key:?} was never sent"));
    }
}

/// Starting again changes nothing.
fn restart(world: &World, findings: &mut Findings) {
    for (hub, after) in &world.restarted {
        let before = &world.hubs[hub];
        let same_files = before.blobs.keys().eq(after.blobs.keys());
        if !same_files {
            findings.add(
                Harm::Broken,
                "a start changes nothing",
                format!("{hub}: files"),
            );
        }
        let tables = before
            .tables
            .keys()
            .filter(|name| !LIVING.contains(&name.as_str()));
        for table in tables {
            if sorted(before.rows(table)) != sorted(after.rows(table)) {
                let found = format!("{hub}: {table}");
                findings.add(Harm::Broken, "a start changes nothing", found);
            }
        }
    }
}

fn sorted(rows: &[Row]) -> Vec<String> {
    let mut rows: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
    rows.sort();
    rows
}
