//! The load: documents are handed in at instants fixed beforehand, however slow the hubs are, and
//! every time is counted from that instant on, so that a slow hub cannot make itself look fast.

use std::collections::HashMap;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::hubs::{Hubs, ROADS};
use super::papers;
use crate::cli::demo::clerk::{Clerk, list, text};
use crate::cli::fault::Fault;

/// Pause between two looks at an inbox.
const LOOK: Duration = Duration::from_millis(200);
/// Longest wait for what is still on its way once the last document was handed in.
const PATIENCE: Duration = Duration::from_secs(120);

/// What happened.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// From the intended instant to the answer that the document is recorded, sorted.
    pub(super) accepted: Vec<Duration>,
    /// From the intended instant until the recipient saw it, sorted.
    pub(super) consigned: Vec<Duration>,
    /// From the first intended instant until the last recipient saw its document.
    pub(super) whole: Duration,
    /// Documents that were not taken, with the first reason.
    pub(super) refused: Vec<String>,
    /// Taken, but not seen by the recipient.
    pub(super) lost: u64,
    /// Seen twice by the recipient.
    pub(super) duplicated: u64,
    /// Consigned, but without the recipient hub's receipt at the sender's.
    pub(super) receipts_missing: u64,
}

/// A document handed in.
struct Sent {
    road: usize,
    number: String,
    id: String,
    intended: Instant,
    took: Duration,
}

/// Hands in `rate` documents each second for `time`, watches the recipients, and counts.
pub(super) async fn run(hubs: &Hubs, rate: u32, time: Duration) -> Result<Seen, Fault> {
    let senders = clerks(hubs, |(sender, _, _)| sender)?;
    let recipients = clerks(hubs, |(_, recipient, _)| recipient)?;
    let start = Instant::now() + Duration::from_millis(200);
    let (stop, stopped) = tokio::sync::watch::channel(None);
    let mut watchers = JoinSet::new();
    for (road, recipient) in recipients.into_iter().enumerate() {
        watchers.spawn(watch(road, recipient, stopped.clone()));
    }
    let (sent, refused) = hand_in(&senders, rate, time, start).await;
    // A watcher ends once it has seen everything for its recipient, or its patience is over.
    let expected = ROADS.map(|_| 0);
    let mut expected: Vec<usize> = expected.to_vec();
    for one in &sent {
        if let Some(count) = expected.get_mut(one.road) {
            *count += 1;
        }
    }
    drop(stop.send(Some(expected)));
    let mut seen = Seen {
        refused,
        ..Seen::default()
    };
    let mut arrivals: HashMap<(usize, String), Instant> = HashMap::new();
    while let Some(watched) = watchers.join_next().await {
        let (road, found, duplicated) = watched.map_err(Fault::demo)??;
        seen.duplicated += duplicated;
        arrivals.extend(found.into_iter().map(|(number, at)| ((road, number), at)));
    }
    for one in &sent {
        seen.accepted.push(one.took);
        match arrivals.get(&(one.road, one.number.clone())) {
            Some(at) => {
                seen.consigned.push(at.duration_since(one.intended));
                seen.whole = seen.whole.max(at.duration_since(start));
            }
            None => seen.lost += 1,
        }
    }
    seen.receipts_missing = receipts_missing(&senders, &sent).await?;
    seen.accepted.sort_unstable();
    seen.consigned.sort_unstable();
    Ok(seen)
}

fn clerks(
    hubs: &Hubs,
    end: impl Fn((&'static str, &'static str, u32)) -> &'static str,
) -> Result<Vec<Clerk>, Fault> {
    ROADS.iter().map(|road| hubs.clerk(end(*road))).collect()
}

async fn hand_in(
    senders: &[Clerk],
    rate: u32,
    time: Duration,
    start: Instant,
) -> (Vec<Sent>, Vec<String>) {
    let pace = Duration::from_secs(1) / rate.max(1);
    let count = u64::from(rate) * time.as_secs();
    let mut under_way = JoinSet::new();
    let mut intended = start;
    for (n, road) in (0..count).zip((0..ROADS.len()).cycle()) {
        tokio::time::sleep_until(intended).await;
        if let Some(sender) = senders.get(road) {
            under_way.spawn(send(sender.clone(), n, road, intended));
        }
        intended += pace;
    }
    let (mut sent, mut refused) = (Vec::new(), Vec::new());
    while let Some(ended) = under_way.join_next().await {
        match ended {
            Ok(Ok(one)) => sent.push(one),
            Ok(Err(fault)) => refused.push(format!("{fault:?}")),
            Err(fault) => refused.push(fault.to_string()),
        }
    }
    (sent, refused)
}

async fn send(sender: Clerk, n: u64, road: usize, intended: Instant) -> Result<Sent, Fault> {
    let size = papers::size_of(n);
    let made = tokio::task::spawn_blocking(move || papers::paper(n, size));
    let pdf = made.await.map_err(Fault::demo)?;
    // Numbers below ten are written with a nought before them.
    let number = format!("{}/UBND-ĐL", n + 10);
    let recipient = ROADS.get(road).map_or("", |(_, recipient, _)| recipient);
    let subject = format!("Về việc đo luồng văn bản số {n} (dữ liệu mẫu)");
    let id = sender.send(&number, &subject, &[recipient], &pdf).await?;
    Ok(Sent {
        road,
        number,
        id,
        intended,
        took: intended.elapsed(),
    })
}

type Watched = (usize, HashMap<String, Instant>, u64);

/// Looks into an inbox again and again and notes when each document was first there. Looks further
/// back when a look shows only new ones.
async fn watch(
    road: usize,
    recipient: Clerk,
    mut stopped: tokio::sync::watch::Receiver<Option<Vec<usize>>>,
) -> Result<Watched, Fault> {
    let mut first: HashMap<String, (String, Instant)> = HashMap::new();
    let (mut duplicated, mut over) = (0, None);
    loop {
        for most in [25, 200] {
            let rows = recipient.newest(most).await?;
            let now = Instant::now();
            let mut fresh = 0;
            for row in &rows {
                let (number, id) = (text(row, "/number"), text(row, "/id"));
                match first.get(&number) {
                    Some((known, _)) if *known == id => {}
                    Some(_) => duplicated += 1,
                    None => {
                        fresh += 1;
                        first.insert(number, (id, now));
                    }
                }
            }
            if fresh < rows.len() {
                break;
            }
        }
        let expected = stopped.borrow_and_update().clone();
        if let Some(expected) = expected {
            let deadline = *over.get_or_insert_with(|| Instant::now() + PATIENCE);
            let all = expected.get(road).copied().unwrap_or(0);
            if first.len() >= all || Instant::now() > deadline {
                let found = first.into_iter().map(|(number, (_, at))| (number, at));
                return Ok((road, found.collect(), duplicated));
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// How many documents the sender cannot prove to be consigned, after a while for the last receipts
/// to come back.
async fn receipts_missing(senders: &[Clerk], sent: &[Sent]) -> Result<u64, Fault> {
    let deadline = Instant::now() + PATIENCE;
    let mut missing = 0;
    for one in sent {
        let Some(sender) = senders.get(one.road) else {
            continue;
        };
        loop {
            let document = sender.document(&one.id).await?;
            if is_proved(&document) {
                break;
            }
            if Instant::now() > deadline {
                missing += 1;
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
    }
    Ok(missing)
}

fn is_proved(document: &serde_json::Value) -> bool {
    let deliveries = list(document, "/deliveries");
    let consigned = |receipt: &serde_json::Value| text(receipt, "/event") == "ContentConsignment";
    let proved = |delivery| list(delivery, "/receipts").iter().any(consigned);
    !deliveries.is_empty() && deliveries.iter().all(proved)
}
