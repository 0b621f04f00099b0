//! `lienthong queue list|show|retry|reroute|abandon`: the outbox of a hub, beside the running hub or
//! without it.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::exit::Exit;
use super::fault::Fault;
use super::print;
use super::speech::Speech;
use crate::app;
use crate::config::Config;
use crate::domain::clock::{Timestamp, rfc3339};
use crate::domain::ids::JobId;
use crate::domain::lane::Target;
use crate::domain::routing::HubId;
use crate::exchange::queue::{Act, Depth, Open, Overview, Shown, Trouble};
use crate::exchange::{Error, Hub};

/// How often an act is tried while the running hub writes at the same moment.
const TRIES: u32 = 5;

/// Arguments of `queue`.
#[derive(Debug, Args)]
pub(super) struct QueueArguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// How much waits for whom, which lines are in trouble, what is set aside and what fails.
    List {
        /// The hub's configuration file.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// Only for this hub (`@mail`: the mail server, `@here`: work of this hub alone).
        #[arg(long, value_name = "HUB", value_parser = target)]
        peer: Option<Target>,
        /// One JSON object (schema lienthong.queue/1).
        #[arg(long)]
        json: bool,
    },
    /// One piece of work with all that is known about it.
    Show {
        /// The hub's configuration file.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// Its id.
        id: JobId,
        /// One JSON object (schema lienthong.job/1).
        #[arg(long)]
        json: bool,
    },
    /// Try it again at once, and for as long as a new one.
    Retry(Decision),
    /// Send it along the road the registry shows now.
    Reroute {
        #[command(flatten)]
        decision: Decision,
        /// Only to this hub, if the registry shows the road over it.
        #[arg(long, value_name = "HUB", value_parser = hub)]
        to: Option<HubId>,
    },
    /// End it: the sender gets a signed negative receipt with the reason.
    Abandon(Decision),
}

#[derive(Debug, Args)]
struct Decision {
    /// The hub's configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Ids.
    #[arg(required_unless_present = "peer", conflicts_with = "peer")]
    ids: Vec<JobId>,
    /// All that is set aside for this hub instead.
    #[arg(long, value_name = "HUB", value_parser = target)]
    peer: Option<Target>,
    /// Who decides, for the journal.
    #[arg(long, value_name = "NAME")]
    by: String,
    /// Why, for the journal and, where it ends, for the sender.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// One JSON object for each piece of work.
    #[arg(long)]
    json: bool,
}

fn target(text: &str) -> Result<Target, String> {
    Target::parse(text).ok_or_else(|| format!("{text:?} names no hub"))
}

fn hub(text: &str) -> Result<HubId, String> {
    HubId::parse(text).map_err(|fault| fault.to_string())
}

/// Shows, or decides.
pub(super) fn run(arguments: QueueArguments, speech: &Speech) -> Result<Exit, Fault> {
    match arguments.what {
        What::List { config, peer, json } => {
            let overview = app::with_hub(&Config::read(&config)?, async move |hub| {
                Ok::<_, Fault>(hub.queue(peer).await?)
            })?;
            say(json, &WireQueue::from(&overview), || {
                overview_lines(&overview, speech)
            });
            Ok(Exit::Done)
        }
        What::Show { config, id, json } => {
            let shown = app::with_hub(&Config::read(&config)?, async move |hub| {
                Ok::<_, Fault>(hub.queued(id).await?)
            })?;
            say(json, &WireShown::from(&shown), || {
                vec![job_line(&shown.job, speech)]
            });
            Ok(Exit::Done)
        }
        What::Retry(decision) => decide(decision, &Act::Retry, speech),
        What::Reroute { decision, to } => decide(decision, &Act::Reroute(to), speech),
        What::Abandon(decision) => decide(decision, &Act::Abandon, speech),
    }
}

fn say<T: Serialize>(json: bool, wire: &T, lines: impl FnOnce() -> Vec<String>) {
    match (json, serde_json::to_string(wire)) {
        (true, Ok(text)) => print::line(&text),
        _ => lines().iter().for_each(|line| print::line(line)),
    }
}

/// Decides about each piece of work by itself; one that cannot be decided does not stop the others.
fn decide(decision: Decision, act: &Act, speech: &Speech) -> Result<Exit, Fault> {
    let config = Config::read(&decision.config)?;
    let json = decision.json;
    let own = act.clone();
    let outcomes = app::with_hub(&config, async move |hub| {
        let ids = match decision.peer {
            None => decision.ids,
            Some(target) => {
                if own == Act::Retry {
                    hub.hasten(target.clone()).await?;
                }
                hub.set_aside(target).await?
            }
        };
        let mut outcomes = Vec::new();
        for id in ids {
            let outcome = one(&hub, id, (&own, &decision.by, &decision.reason)).await;
            outcomes.push((id, outcome));
        }
        Ok::<_, Fault>(outcomes)
    })?;
    let failed = outcomes.iter().filter(|(_, outcome)| outcome.is_err());
    let (failed, all) = (failed.count(), outcomes.len());
    let mut only = None;
    for (id, outcome) in outcomes {
        let wire = WireOutcome {
            id: id.to_string(),
            done: outcome.is_ok(),
            fault: outcome.as_ref().err().map(ToString::to_string),
        };
        let key = ["queue-decided", "queue-not-decided"];
        let [done, not] = key.map(|key| {
            let fault = wire.fault.clone().unwrap_or_default();
            speech.text(key, &[("id", wire.id.clone()), ("fault", fault)])
        });
        say(json, &wire, || vec![if wire.done { done } else { not }]);
        only = outcome.err();
    }
    match (failed, all, only) {
        (0, _, _) => Ok(Exit::Done),
        (1, 1, Some(fault)) => Err(fault.into()),
        _ => Ok(Exit::Partial),
    }
}

/// One decision; again while the record is busy, because the running hub writes too.
async fn one(hub: &Hub, id: JobId, (act, by, reason): (&Act, &str, &str)) -> Result<(), Error> {
    let mut tries = 1;
    loop {
        let outcome = hub.decide(by, id, act.clone(), reason.to_owned()).await;
        match outcome {
            Err(fault) if fault.is_temporary() && tries < TRIES => {
                tokio::time::sleep(Duration::from_millis(200) * tries).await;
                tries += 1;
            }
            other => return other,
        }
    }
}

fn overview_lines(overview: &Overview, speech: &Speech) -> Vec<String> {
    let mut lines = Vec::new();
    if overview.depths.is_empty() {
        lines.push(speech.text("queue-empty", &[]));
    }
    for depth in &overview.depths {
        let key = match depth.is_parked {
            true => "queue-parked-in-lane",
            false => "queue-waiting-in-lane",
        };
        lines.push(speech.text(
            key,
            &[
                ("target", depth.target.to_string()),
                ("lane", depth.lane.as_str().to_owned()),
                ("count", depth.count.to_string()),
                ("oldest", rfc3339(depth.oldest)),
            ],
        ));
    }
    for trouble in &overview.troubles {
        let key = match trouble.link.failures >= overview.break_after {
            true => "queue-line-interrupted",
            false => "queue-line-in-trouble",
        };
        lines.push(speech.text(
            key,
            &[
                ("target", trouble.target.to_string()),
                ("count", trouble.link.failures.to_string()),
                ("since", rfc3339(trouble.since)),
                ("next", rfc3339(trouble.link.retry_at)),
                ("reason", print::harmless(&trouble.reason)),
            ],
        ));
    }
    let jobs = overview.parked.iter().chain(&overview.failing);
    lines.extend(jobs.map(|job| job_line(job, speech)));
    lines
}

fn job_line(job: &Open, speech: &Speech) -> String {
    let (key, since) = match &job.parked {
        Some((at, _)) => ("queue-job-parked", *at),
        None => ("queue-job-waiting", job.created_at),
    };
    let why = job.parked.map_or("", |(_, why)| why.as_str());
    speech.text(
        key,
        &[
            ("id", job.id.to_string()),
            ("kind", job.kind.as_str().to_owned()),
            ("target", job.target.to_string()),
            ("lane", job.lane.as_str().to_owned()),
            ("attempts", job.attempts.to_string()),
            ("since", rfc3339(since)),
            ("next", rfc3339(job.due_at)),
            ("why", why.to_owned()),
            (
                "reason",
                print::harmless(job.last_error.as_deref().unwrap_or_default()),
            ),
        ],
    )
}

/// Wire shape of `queue list`.
#[derive(Serialize)]
struct WireQueue {
    schema: &'static str,
    lanes: Vec<WireDepth>,
    lines: Vec<WireLine>,
    parked: Vec<WireJob>,
    failing: Vec<WireJob>,
}

#[derive(Serialize)]
struct WireDepth {
    target: String,
    lane: &'static str,
    state: &'static str,
    count: i64,
    oldest: String,
}

#[derive(Serialize)]
struct WireLine {
    target: String,
    interrupted: bool,
    failures: u32,
    since: String,
    next_probe: String,
    reason: String,
}

#[derive(Serialize)]
struct WireJob {
    id: String,
    kind: &'static str,
    subject: String,
    target: String,
    lane: &'static str,
    state: &'static str,
    attempts: i32,
    created_at: String,
    next: String,
    in_hand: bool,
    ends_at: Option<String>,
    parked_at: Option<String>,
    parked_why: Option<&'static str>,
    reason: Option<String>,
}

/// Wire shape of `queue show`.
#[derive(Serialize)]
struct WireShown {
    schema: &'static str,
    #[serde(flatten)]
    job: WireJob,
    document: Option<String>,
    delivery: Option<String>,
}

/// Wire shape of one decision.
#[derive(Serialize)]
struct WireOutcome {
    id: String,
    done: bool,
    fault: Option<String>,
}

impl From<&Overview> for WireQueue {
    fn from(overview: &Overview) -> Self {
        let depth = |depth: &Depth| WireDepth {
            target: depth.target.to_string(),
            lane: depth.lane.as_str(),
            state: state(depth.is_parked),
            count: depth.count,
            oldest: rfc3339(depth.oldest),
        };
        let line = |trouble: &Trouble| WireLine {
            target: trouble.target.to_string(),
            interrupted: trouble.link.failures >= overview.break_after,
            failures: trouble.link.failures,
            since: rfc3339(trouble.since),
            next_probe: rfc3339(trouble.link.retry_at),
            reason: trouble.reason.clone(),
        };
        Self {
            schema: "lienthong.queue/1",
            lanes: overview.depths.iter().map(depth).collect(),
            lines: overview.troubles.iter().map(line).collect(),
            parked: overview.parked.iter().map(WireJob::from).collect(),
            failing: overview.failing.iter().map(WireJob::from).collect(),
        }
    }
}

const fn state(is_parked: bool) -> &'static str {
    if is_parked { "parked" } else { "ready" }
}

impl From<&Open> for WireJob {
    fn from(job: &Open) -> Self {
        let told = |at: Timestamp| rfc3339(at);
        Self {
            id: job.id.to_string(),
            kind: job.kind.as_str(),
            subject: job.subject.clone(),
            target: job.target.to_string(),
            lane: job.lane.as_str(),
            state: state(job.parked.is_some()),
            attempts: job.attempts,
            created_at: rfc3339(job.created_at),
            next: rfc3339(job.due_at),
            in_hand: job.in_hand,
            ends_at: job.give_up_at.map(told),
            parked_at: job.parked.map(|(at, _)| rfc3339(at)),
            parked_why: job.parked.map(|(_, why)| why.as_str()),
            reason: job.last_error.clone(),
        }
    }
}

impl From<&Shown> for WireShown {
    fn from(shown: &Shown) -> Self {
        Self {
            schema: "lienthong.job/1",
            job: WireJob::from(&shown.job),
            document: shown.document.map(|id| id.to_string()),
            delivery: shown.delivery.map(|id| id.to_string()),
        }
    }
}
