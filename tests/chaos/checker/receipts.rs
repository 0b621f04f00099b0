//! Laws about receipts: the chain is whole, each is genuine and one and the same everywhere, and a
//! repeated message got the same answer, byte for byte.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use serde_json::Value;

use super::deliveries::rows;
use super::operations::{Sent, acts, outcomes};
use super::seen::{Row, bytes, digest, text};
use super::{Findings, Harm, Verify, World};
use crate::history::{Act, Event};
use crate::town::{host, road};

/// Messages that may be answered in one way only.
const ONE_ANSWER: [&str; 2] = ["/peer/v1/transfers", "/peer/v1/receipts"];

/// Checks every receipt.
pub(super) fn check(world: &World, sent: &[Sent], verify: Verify<'_>, findings: &mut Findings) {
    let decided = decided(world);
    for one in sent {
        for recipient in &one.recipients {
            chain(world, one, recipient, &decided, findings);
        }
    }
    let all = one_and_the_same(world, findings);
    genuine(&all, verify, findings);
    given_out(world, &all, findings);
    answers(world, findings);
}

/// What clerks were told about each delivery: the receipt that must follow.
fn decided(world: &World) -> BTreeMap<String, &'static str> {
    let done = outcomes(&world.history);
    let decision = |(op, act): (u64, Act)| match act {
        _ if !done.contains_key(&op) => None,
        Act::Accept { delivery, .. } => Some((delivery, "ConsignmentAcceptance")),
        Act::Refuse { delivery, .. } => Some((delivery, "ConsignmentRejection")),
        _ => None,
    };
    acts(&world.history)
        .into_iter()
        .filter_map(decision)
        .collect()
}

/// The sender holds exactly one receipt of each station, by the right hub, about the right bytes.
fn chain(
    world: &World,
    sent: &Sent,
    recipient: &str,
    decided: &BTreeMap<String, &'static str>,
    findings: &mut Findings,
) {
    let law = "the chain is whole";
    let (from, to) = (host(&sent.agency), host(recipient));
    for delivery in rows(world, from, (&sent.document, recipient, "origin")) {
        let id = text(delivery, "id");
        let road = road(from, to);
        let mut expected: Vec<(&str, &str)> = vec![("SubmissionAcceptance", from)];
        let between = road.iter().skip(1).rev().skip(1);
        expected.extend(between.map(|hub| ("RelayAcceptance", *hub)));
        expected.push(("ContentConsignment", to));
        if let Some(decision) = decided.get(id) {
            expected.push((decision, to));
        }
        let held = world.hubs[from].rows("evidence").iter();
        let held: Vec<&Row> = held.filter(|row| text(row, "delivery_id") == id).collect();
        for (event, issuer) in &expected {
            let fits = |row: &&&Row| text(row, "event") == *event && text(row, "issuer") == *issuer;
            let found: Vec<&&Row> = held.iter().filter(fits).collect();
            let what = || format!("{event} of {issuer} about {id} from {from} to {to}");
            match found[..] {
                [] => findings.add(Harm::ReceiptMissing, law, what()),
                [row] => about(row, delivery, (&road, issuer), findings),
                _ => findings.add(Harm::Duplicated, law, what()),
            }
        }
        // A clerk who only looked opened it too, without telling us: once, at the recipient's hub.
        let opened = ("ContentAccessTracking", to);
        let is_opening = |row: &&&Row| (text(row, "event"), text(row, "issuer")) == opened;
        if held.iter().filter(is_opening).count() > 1 {
            findings.add(
                Harm::Duplicated,
                law,
                format!("{id} was first opened twice"),
            );
        }
        for row in held {
            let own = (text(row, "event"), text(row, "issuer"));
            if own != opened && !expected.contains(&own) {
                findings.add(Harm::Duplicated, law, format!("{id} also has {own:?}"));
            }
        }
    }
}

/// The receipt speaks of this envelope, and of the road up to its issuer.
fn about(row: &Row, delivery: &Row, (road, issuer): (&[&str], &str), findings: &mut Findings) {
    let stated: Value = serde_json::from_slice(&bytes(row, "statement")).unwrap_or_default();
    let up_to = road.iter().position(|hub| *hub == issuer).unwrap_or(0);
    let path: Vec<&str> = stated["path"].as_array().map_or(Vec::new(), |path| {
        path.iter().filter_map(Value::as_str).collect()
    });
    let fits = stated["id"] == text(row, "id")
        && stated["event"] == text(row, "event")
        && stated["issuer"] == issuer
        && stated["delivery"] == text(delivery, "id")
        && stated["document"] == text(delivery, "document_id")
        && stated["envelope_sha256"] == digest(&bytes(delivery, "envelope"))
        && path == road[..=up_to];
    if !fits {
        findings.add(
            Harm::ReceiptMissing,
            "receipts speak of it",
            format!("{stated}"),
        );
    }
}

/// A receipt: statement, signature, and the hub that issued it.
type Signed = (Vec<u8>, Vec<u8>, String);

/// A receipt is the same bytes on every hub; gives each once.
fn one_and_the_same(world: &World, findings: &mut Findings) -> BTreeMap<String, Signed> {
    let mut all: BTreeMap<String, Signed> = BTreeMap::new();
    for (hub, seen) in &world.hubs {
        for row in seen.rows("evidence") {
            let issuer = text(row, "issuer").to_owned();
            let own = (bytes(row, "statement"), bytes(row, "signature"), issuer);
            let id = text(row, "id").to_owned();
            if *all.entry(id.clone()).or_insert_with(|| own.clone()) != own {
                let found = format!("{id} has other bytes at {hub}");
                findings.add(Harm::Broken, "one receipt, one form", found);
            }
        }
    }
    all
}

fn genuine(all: &BTreeMap<String, Signed>, verify: Verify<'_>, findings: &mut Findings) {
    let wrong = Mutex::new(Vec::new());
    let receipts: Vec<(&String, &Signed)> = all.iter().collect();
    std::thread::scope(|scope| {
        for part in receipts.chunks(receipts.len().div_ceil(4).max(1)) {
            let wrong = &wrong;
            scope.spawn(move || {
                for (id, (statement, signature, issuer)) in part {
                    if let Err(why) = verify(statement, signature, issuer) {
                        wrong.lock().unwrap().push(format!("{id}: {why}"));
                    }
                }
            });
        }
    });
    for found in wrong.into_inner().unwrap() {
        findings.add(Harm::ReceiptMissing, "receipts are genuine", found);
    }
}

/// What the API gave out, each time, is what is recorded.
fn given_out(world: &World, all: &BTreeMap<String, Signed>, findings: &mut Findings) {
    for line in &world.history {
        let Event::Receipt {
            hub,
            id,
            statement_sha256,
            signature_sha256,
        } = &line.event
        else {
            continue;
        };
        let is_same = all.get(id).is_some_and(|(statement, signature, _)| {
            digest(statement) == *statement_sha256 && digest(signature) == *signature_sha256
        });
        if !is_same {
            let found = format!("{hub} gave out {id} in another form");
            findings.add(Harm::Broken, "one receipt, one form", found);
        }
    }
}

/// The same message to the same hub got the same answer each time.
fn answers(world: &World, findings: &mut Findings) {
    let mut given: BTreeMap<(&str, &str, &str), BTreeSet<&str>> = BTreeMap::new();
    for line in &world.history {
        if let Event::Answer {
            edge,
            path,
            request_sha256,
            answer_sha256,
        } = &line.event
            && ONE_ANSWER.contains(&path.as_str())
        {
            let answers = given.entry((edge, path, request_sha256)).or_default();
            answers.insert(answer_sha256);
        }
    }
    for ((edge, path, request), _) in given.iter().filter(|(_, answers)| answers.len() > 1) {
        let found = format!("{edge} {path} {request} was answered in two ways");
        findings.add(Harm::Duplicated, "a repeat is answered alike", found);
    }
}

/// Verifies a receipt with the `openssl` command and the certificate of its issuer below `keys`.
pub(crate) fn openssl_says(
    keys: &Path,
    (statement, signature, issuer): (&[u8], &[u8], &str),
) -> Result<(), String> {
    let file = |bytes: &[u8]| {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    };
    let (content, signed) = (file(statement), file(signature));
    let certificate = keys.join(format!("{issuer}.sign.crt"));
    // The sample's day is the last of June 2025; its certificates are not valid for ever.
    let output = Command::new("openssl")
        .args(["cms", "-verify", "-binary", "-inform", "DER", "-in"])
        .arg(signed.path())
        .arg("-content")
        .arg(content.path())
        .arg("-CAfile")
        .arg(&certificate)
        .args(["-certfile"])
        .arg(&certificate)
        .args(["-partial_chain", "-purpose", "any", "-no_check_time"])
        .args(["-out", "/dev/null"])
        .output()
        .unwrap();
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}
