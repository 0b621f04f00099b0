//! Station 5, the clockwork: takes due jobs, lane by lane and neighbour by neighbour, and runs each on
//! its own. What is due is in the record; a hint only makes this look sooner.
//!
//! Files in reading order: `mod` (the loop), `desk` (what is under way in this process), `run` (one
//! job from its claim to its outcome), `enqueue` (how stations add work).

mod desk;
mod enqueue;
mod run;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tracing::error;

use self::desk::Desk;
use super::hub::Inner;
use super::{Error, Hub};
use crate::domain::clock::{SignedDuration, Timestamp};
use crate::domain::ids::JobId;
use crate::domain::lane::schedule::Want;
use crate::domain::lane::{Lane, Target};
use crate::store::rows::jobs::{self, Job};
use crate::store::rows::links;

pub(super) use enqueue::{enqueue, give_up_at, lane_of};
pub(super) use run::lease;

/// How often the worker looks for work without being woken.
const LOOK: Duration = Duration::from_millis(500);
/// A look over all neighbours takes at most one part in so many of the worker's time.
const LOOKS_SHARE: u32 = 10;
/// Overdue jobs ended in one look.
const OVERDUE: i64 = 25;

/// Works until `stop` turns true, then lets the jobs in hand end.
pub async fn work(hub: Hub, mut stop: watch::Receiver<bool>) {
    let desk = Arc::new(Desk::new(&hub));
    let (mut trouble, mut next_look) = (0_u32, Instant::now());
    while !*stop.borrow() {
        match round(&hub, &desk, &mut next_look).await {
            Ok(0) => {
                trouble = 0;
                pause(&hub, &mut stop, LOOK).await;
                let rest = next_look.saturating_duration_since(Instant::now());
                tokio::time::sleep(rest.min(LOOK)).await;
            }
            Ok(_) => trouble = 0,
            Err(fault) => {
                trouble = trouble.saturating_add(1);
                error!(fault = %fault, "the outbox cannot be read; trying again");
                let wait = Duration::from_millis(200).saturating_mul(2_u32.pow(trouble.min(6)));
                pause(&hub, &mut stop, wait).await;
            }
        }
    }
    drop(tokio::time::timeout(Duration::from_secs(10), desk.cleared()).await);
}

impl Hub {
    /// Frees the jobs of a process that is gone; for a database that only this process uses.
    ///
    /// # Errors
    /// A fault of the record.
    pub async fn free_leases(&self) -> Result<usize, Error> {
        self.run(|hub| {
            let now = hub.now();
            Ok(hub.store().write(|tx| jobs::free_leases(tx, now))?)
        })
        .await
    }
}

async fn pause(hub: &Hub, stop: &mut watch::Receiver<bool>, wait: Duration) {
    tokio::select! {
        () = hub.inner().work.notified() => {}
        _ = stop.changed() => {}
        () = tokio::time::sleep(wait) => {}
    }
}

/// Looks where work is due, if it is time to; then starts what there is place for. Gives how many
/// jobs that are.
async fn round(hub: &Hub, desk: &Arc<Desk>, next_look: &mut Instant) -> Result<usize, Error> {
    let began = Instant::now();
    let mut started = 0;
    if began >= *next_look {
        let seen = hub.run(look).await?;
        desk.learn(seen.due, seen.links);
        let took = began.elapsed().max(Duration::from_millis(1));
        *next_look = Instant::now() + took.saturating_mul(LOOKS_SHARE - 1);
        for (target, id) in seen.overdue {
            started += end(hub, desk, target, id).await?;
        }
    }
    let wants = desk.plan(hub.now());
    if wants.is_empty() {
        return Ok(started);
    }
    let asked = wants.clone();
    let claimed = match hub.run(move |hub| claim(hub, &asked)).await {
        Ok(claimed) => claimed,
        Err(fault) => {
            desk.give_back(&wants);
            return Err(fault);
        }
    };
    for (want, jobs) in wants.iter().zip(claimed) {
        desk.taken(want, jobs.len());
        started += jobs.len();
        for job in jobs {
            let place = desk.place(&job);
            tokio::spawn(run::work_on(hub.clone(), place, job));
        }
    }
    Ok(started)
}

/// What a look over the outbox finds.
struct Seen {
    due: Vec<(Target, Lane)>,
    links: Vec<links::Trouble>,
    overdue: Vec<(Target, JobId)>,
}

/// Where something is due, which lines are in trouble, and what must end although nobody attempts it
/// any more: because it is set aside, or its line is interrupted.
fn look(hub: &Inner) -> Result<Seen, Error> {
    let break_after = u32::from(hub.parts.outbox.break_after);
    hub.store().read(|tx| {
        let now = hub.now();
        let due = jobs::survey(tx, now)?;
        let links = links::all(tx)?;
        let is_open = |target: &Target| {
            let of = links.iter().find(|one| one.target == *target);
            of.is_some_and(|one| one.link.failures >= break_after)
        };
        let overdue = jobs::overdue(tx, now, OVERDUE)?.into_iter();
        let overdue = overdue.filter(|(_, target, is_parked)| *is_parked || is_open(target));
        Ok(Seen {
            due,
            overdue: overdue.map(|(id, target, _)| (target, id)).collect(),
            links,
        })
    })
}

fn claim(hub: &Inner, wants: &[Want]) -> Result<Vec<Vec<Job>>, Error> {
    let (now, until) = lease(hub);
    Ok(hub.store().write(|tx| jobs::claim(tx, wants, now, until))?)
}

/// Ends one overdue job; gives 1 if it was there to be ended.
async fn end(hub: &Hub, desk: &Arc<Desk>, target: Target, id: JobId) -> Result<usize, Error> {
    let taken = hub
        .run(move |hub| {
            let (now, until) = lease(hub);
            Ok(hub.store().write(|tx| jobs::take(tx, id, now, until))?)
        })
        .await?;
    let Some(job) = taken else { return Ok(0) };
    desk.begin(&target, job.lane);
    let place = desk.place(&job);
    let hub = hub.clone();
    tokio::spawn(async move {
        run::end(&hub, &job).await;
        drop(place);
    });
    Ok(1)
}

/// A later instant; the last one there is where that cannot be told.
fn after(now: Timestamp, wait_ms: u64) -> Timestamp {
    let wait = SignedDuration::from_millis(i64::try_from(wait_ms).unwrap_or(i64::MAX));
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}
