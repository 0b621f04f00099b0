//! Laws about documents on their way: each arrives once, with the bytes that were handed in, at the
//! hub of its addressee; states never go back and are what the receipts say.

use std::collections::BTreeMap;

use super::operations::{self, Sent};
use super::seen::{Row, bytes, digest, is_null, number, text};
use super::{Findings, Harm, World};
use crate::history::{Act, Event};
use crate::town::{HUBS, host, road};

/// Transport states from the lowest to the highest.
const TRANSPORT: [&str; 6] = [
    "submitted",
    "queued",
    "relayed",
    "consigned",
    "accessed",
    "failed",
];
/// Handling states as edXML numbers them, and as the API calls them.
const ARRIVED: i64 = 1;
const REFUSED: i64 = 2;
const ACCEPTED: i64 = 3;
/// Where the deliveries of a document end: in the recipient's mailbox.
const CONSIGNED: i64 = 400;
const GIVEN_UP: i64 = 900;

/// Checks the deliveries of what was acknowledged.
pub(super) fn check(world: &World, sent: &[Sent], findings: &mut Findings) {
    for one in sent {
        for recipient in &one.recipients {
            arrived_once(world, one, recipient, findings);
        }
    }
    one_envelope(world, findings);
    known_deliveries(world, sent, findings);
    never_back(world, findings);
    as_decided(world, findings);
    registers(world, findings);
}

/// A hub's rows of the deliveries of a document to a recipient in a role.
pub(super) fn rows<'a>(
    world: &'a World,
    hub: &str,
    (document, recipient, role): (&str, &str, &str),
) -> Vec<&'a Row> {
    let rows = world.hubs[hub].rows("deliveries").iter();
    rows.filter(|row| {
        text(row, "document_id") == document
            && text(row, "recipient") == recipient
            && text(row, "role") == role
    })
    .collect()
}

fn arrived_once(world: &World, sent: &Sent, recipient: &str, findings: &mut Findings) {
    let law = "delivered once";
    let (from, to) = (host(&sent.agency), host(recipient));
    let what = format!("{} of {} to {recipient}", sent.number, sent.agency);
    let origin = rows(world, from, (&sent.document, recipient, "origin"));
    match origin[..] {
        [] => findings.add(Harm::Lost, law, format!("{what} never left")),
        [_] => {}
        _ => findings.add(
            Harm::Duplicated,
            law,
            format!("{what}: {} deliveries", origin.len()),
        ),
    }
    let there = rows(world, to, (&sent.document, recipient, "destination"));
    match there[..] {
        [] => findings.add(Harm::Lost, law, format!("{what} is not at {to}")),
        [row] => same_bytes(world, sent, row, (from, to), findings),
        _ => findings.add(
            Harm::Duplicated,
            law,
            format!("{what}: {} times at {to}", there.len()),
        ),
    }
    let road = road(from, to);
    for hub in HUBS {
        let expected = usize::from(road.iter().skip(1).rev().skip(1).any(|one| *one == hub));
        let relayed = rows(world, hub, (&sent.document, recipient, "relay")).len();
        if relayed != expected {
            findings.add(
                Harm::Duplicated,
                law,
                format!("{what}: relayed {relayed} times by {hub}, expected {expected}"),
            );
        }
    }
}

/// The sealed bytes are the same at both ends, and begin with what was handed in.
fn same_bytes(
    world: &World,
    sent: &Sent,
    delivered: &Row,
    (from, to): (&str, &str),
    findings: &mut Findings,
) {
    let law = "the same bytes";
    let named = |hub: &str| {
        let rows = world.hubs[hub].rows("documents").iter();
        let row = rows
            .into_iter()
            .find(|row| text(row, "id") == sent.document);
        row.map_or_else(String::new, |row| text(row, "sha256").to_owned())
    };
    let (sealed, received) = (named(from), named(to));
    let held = world.hubs[to].blobs.get(&received);
    let held = held.map(super::Bytes::read).unwrap_or_default();
    let original = held.get(..sent.size_bytes).map(digest);
    let is_whole = sealed == received
        && digest(&held) == sealed
        && original.as_deref() == Some(sent.sha256.as_str());
    if !is_whole {
        let id = text(delivered, "id");
        findings.add(Harm::Lost, law, format!("{id} at {to} holds other bytes"));
    }
}

/// A delivery has one envelope, wherever it is told of.
fn one_envelope(world: &World, findings: &mut Findings) {
    let mut known: BTreeMap<&str, &str> = BTreeMap::new();
    for seen in world.hubs.values() {
        for row in seen.rows("deliveries") {
            let (id, envelope) = (text(row, "id"), text(row, "envelope"));
            if *known.entry(id).or_insert(envelope) != envelope {
                findings.add(Harm::Broken, "one envelope", id);
            }
        }
    }
}

/// No hub knows a delivery of something that nobody sent.
fn known_deliveries(world: &World, sent: &[Sent], findings: &mut Findings) {
    for (hub, seen) in &world.hubs {
        for row in seen.rows("deliveries") {
            let is_known = sent.iter().any(|one| {
                one.document == text(row, "document_id")
                    && one
                        .recipients
                        .iter()
                        .any(|code| code == text(row, "recipient"))
            });
            if !is_known {
                let id = text(row, "id");
                findings.add(
                    Harm::Duplicated,
                    "nothing unasked",
                    format!("{id} at {hub}"),
                );
            }
        }
    }
}

/// What senders were told never went back.
fn never_back(world: &World, findings: &mut Findings) {
    let mut last: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for line in &world.history {
        let Event::Seen {
            delivery,
            transport,
            handling,
            ..
        } = &line.event
        else {
            continue;
        };
        let place = |states: &[&str], state: &str| states.iter().position(|one| *one == state);
        let now = (
            place(&TRANSPORT, transport).unwrap_or(usize::MAX),
            place(&["sent", "arrived", "refused", "accepted"], handling).unwrap_or(usize::MAX),
        );
        let before = last.insert(delivery, now).unwrap_or_default();
        let changed_mind = before.1 >= 2 && now.1 != before.1;
        if now.0 < before.0 || now.1 < before.1 || changed_mind {
            let found = format!("{delivery} went to {transport} {handling}");
            findings.add(Harm::Broken, "ranks never fall", found);
        }
    }
}

/// Both ends hold what the clerk decided and was told.
fn as_decided(world: &World, findings: &mut Findings) {
    let law = "as decided";
    let done = operations::outcomes(&world.history);
    for (op, act) in operations::acts(&world.history) {
        let (agency, delivery, expected) = match &act {
            Act::Accept { agency, delivery } => (agency, delivery, ACCEPTED),
            Act::Refuse { agency, delivery } => (agency, delivery, REFUSED),
            _ => continue,
        };
        let Some(outcome) = done.get(&op).and_then(|told| told.first()) else {
            continue;
        };
        let own = world.hubs[host(agency)].rows("deliveries").iter();
        let own = own.filter(|row| text(row, "id") == delivery);
        let own: Vec<&Row> = own
            .filter(|row| text(row, "role") == "destination")
            .collect();
        let [row] = own[..] else {
            findings.add(Harm::Lost, law, format!("{act:?} but it is not there"));
            continue;
        };
        let bears = expected == REFUSED || text(row, "arrival_number") == outcome;
        if number(row, "handling") != expected || !bears {
            findings.add(Harm::Lost, law, format!("{act:?} ({outcome}) but {row:?}"));
        }
    }
    for (hub, seen) in &world.hubs {
        for row in seen.rows("deliveries") {
            ended(row, hub, findings);
        }
    }
}

/// Every row ends consigned and decided, for the sender and on the road as well.
fn ended(row: &Row, hub: &str, findings: &mut Findings) {
    let law = "everybody knows the end";
    let (rank, handling) = (number(row, "transport_rank"), number(row, "handling"));
    let what = || {
        format!(
            "{} {} at {hub}: transport {rank}, handling {handling}",
            text(row, "role"),
            text(row, "id")
        )
    };
    if !(CONSIGNED..GIVEN_UP).contains(&rank) {
        findings.add(Harm::Lost, law, what());
    } else if handling == ARRIVED || handling == 0 {
        findings.add(Harm::ReceiptMissing, law, what());
    }
    if is_null(row, "verdict") && text(row, "role") == "destination" {
        findings.add(Harm::Broken, "everything is verified", what());
    }
    if bytes(row, "envelope").is_empty() {
        findings.add(Harm::Broken, "one envelope", what());
    }
}

/// The numbers of an agency's register are 1, 2, 3 … without a gap and without a repeat.
fn registers(world: &World, findings: &mut Findings) {
    let mut given: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for seen in world.hubs.values() {
        for row in seen.rows("deliveries") {
            let arrival = text(row, "arrival_number");
            if text(row, "role") == "destination" && !arrival.is_empty() {
                let digits = arrival.split('/').next().unwrap_or_default();
                let register = given.entry(text(row, "recipient")).or_default();
                register.push(digits.parse().unwrap_or(0));
            }
        }
    }
    for (agency, mut numbers) in given {
        numbers.sort_unstable();
        let expected: Vec<u64> = (1..).take(numbers.len()).collect();
        if numbers != expected {
            let found = format!("{agency}: {numbers:?}");
            findings.add(Harm::Broken, "registers have no gaps", found);
        }
    }
}
