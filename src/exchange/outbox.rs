//! Station 5, the clockwork: takes due jobs, runs each on its own, and decides what a failure
//! means. A job that fails temporarily waits longer each time; one that cannot succeed is parked.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tracing::{error, info, warn};

use super::deliver::{self, Attempt};
use super::hub::Inner;
use super::{Error, Hub, dispatch, relay, seal, verify};
use crate::domain::clock::{SignedDuration, Timestamp};
use crate::store;
use crate::store::rows::jobs::{self, Job, Kind};

/// Jobs in hand at once.
const AT_ONCE: usize = 16;
/// How often the worker looks for work without being woken.
const LOOK: Duration = Duration::from_millis(500);
/// Verifications begun at once, one after the other, before a document has to wait between them.
const VERIFICATIONS_AT_ONCE: i32 = 3;

/// Works until `stop` turns true, then lets the jobs in hand end.
pub async fn work(hub: Hub, mut stop: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut trouble = 0_u32;
    while !*stop.borrow() {
        match take(&hub, &places).await {
            Ok(0) => {
                trouble = 0;
                pause(&hub, &mut stop, LOOK).await;
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
    let all = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
    drop(tokio::time::timeout(Duration::from_secs(10), places.acquire_many(all)).await);
}

impl Hub {
    /// Frees the jobs of a process that is gone; for a database that only this process uses.
    ///
    /// # Errors
    /// A fault of the record.
    pub async fn free_leases(&self) -> Result<usize, Error> {
        self.run(|hub| Ok(hub.store().write(jobs::free_leases)?))
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

/// Claims as many due jobs as there are free places and starts them; gives their number.
async fn take(hub: &Hub, places: &Arc<Semaphore>) -> Result<usize, Error> {
    let Ok(first) = Arc::clone(places).acquire_owned().await else {
        return Ok(0);
    };
    let more = places.available_permits();
    let claimed = hub
        .run(move |hub| claim(hub, more.saturating_add(1)))
        .await?;
    let count = claimed.len();
    let mut first = Some(first);
    for job in claimed {
        let place = match first.take() {
            Some(place) => Ok(place),
            None => Arc::clone(places).acquire_owned().await,
        };
        let Ok(place) = place else { return Ok(count) };
        let hub = hub.clone();
        tokio::spawn(async move {
            run(&hub, &job).await;
            drop(place);
            hub.inner().work.notify_one();
        });
    }
    Ok(count)
}

/// How long a job stays with a worker that gives no sign of life.
fn lease(hub: &Inner) -> SignedDuration {
    SignedDuration::from_secs(i64::from(hub.parts.retry.lease_seconds))
}

fn claim(hub: &Inner, most: usize) -> Result<Vec<Job>, Error> {
    let now = hub.now();
    let until = now.saturating_add(lease(hub)).unwrap_or(now);
    let most = i64::try_from(most).unwrap_or(1);
    Ok(hub.store().write(|tx| jobs::claim(tx, most, now, until))?)
}

async fn run(hub: &Hub, job: &Job) {
    let held = hold(hub.clone(), job.clone());
    let outcome = tokio::select! {
        outcome = attempt(hub, job) => outcome,
        () = held => Err(Error::Interrupted),
    };
    let kind = job.kind.as_str();
    let settled = match outcome {
        Ok(Attempt::Done) => {
            info!(job.kind = kind, job.subject = %job.subject, job.attempt = job.attempt, "job done");
            Ok(())
        }
        Ok(Attempt::Later(reason)) => later(hub, job, reason).await,
        Err(fault) if fault.is_temporary() || is_race(&fault) => {
            later(hub, job, fault.to_string()).await
        }
        Err(fault) => park(hub, job, &fault).await,
    };
    if let Err(fault) = settled {
        warn!(job.kind = kind, job.subject = %job.subject, fault = %fault, "job left to its lease");
    }
}

/// A unique constraint that speaks in a job speaks because another act was recorded at the same
/// moment; tried again, the job finds it.
const fn is_race(fault: &Error) -> bool {
    matches!(fault, Error::Record(store::Error::Conflict { .. }))
}

async fn attempt(hub: &Hub, job: &Job) -> Result<Attempt, Error> {
    let corrupt = || Error::NotFound("subject of the job");
    let own = job.clone();
    match job.kind {
        Kind::Transfer => {
            let id = job.subject.parse().or(Err(corrupt()))?;
            deliver::transfer(hub, job, id).await
        }
        Kind::Mail => relay::send(hub, job, job.subject.parse().or(Err(corrupt()))?).await,
        Kind::Seal => {
            let id = job.subject.parse().or(Err(corrupt()))?;
            hub.run(move |hub| seal::seal(hub, &own, id))
                .await
                .map(|()| Attempt::Done)
        }
        Kind::Dispatch => {
            let id = job.subject.parse().or(Err(corrupt()))?;
            hub.run(move |hub| dispatch::dispatch(hub, &own, id))
                .await
                .map(|()| Attempt::Done)
        }
        Kind::Verify => {
            let id = job.subject.parse().or(Err(corrupt()))?;
            let jailed = hub.inner().parts.jail.is_required();
            if !jailed && must_rest(job.attempt) {
                let reason = "verification was interrupted again and again".to_owned();
                return Ok(Attempt::Later(reason));
            }
            hub.run(move |hub| verify::verify(hub, &own, id))
                .await
                .map(|()| Attempt::Done)
        }
    }
}

/// For a hub that may read documents in its own process: a verification begun so often was
/// interrupted by the end of that process: by the operator, by the power, or by the document itself.
/// Nobody can tell which, so the document is never given up; but from then on every other attempt
/// only waits, twice as long each time, and the rest of the hub works. In the jail a document ends
/// nobody but its reader.
const fn must_rest(attempt: i32) -> bool {
    attempt > VERIFICATIONS_AT_ONCE && attempt % 2 == 0
}

/// Renews the lease while the job runs; returns when it is lost.
async fn hold(hub: Hub, job: Job) {
    let renewal = Duration::from_secs(u64::from(hub.inner().parts.retry.lease_seconds)) / 3;
    loop {
        tokio::time::sleep(renewal).await;
        let job = job.clone();
        let renewed = hub.run(move |hub| {
            let now = hub.now();
            let until = now.saturating_add(lease(hub)).unwrap_or(now);
            Ok(hub.store().write(|tx| jobs::renew(tx, &job, until))?)
        });
        if renewed.await.is_err() {
            return;
        }
    }
}

/// Puts the job back, or gives it up when it has waited too long.
async fn later(hub: &Hub, job: &Job, reason: String) -> Result<(), Error> {
    let job = job.clone();
    hub.run(move |hub| {
        let now = hub.now();
        let limit = i64::from(hub.parts.retry.give_up_seconds);
        let is_late = deliver::age_seconds(&job, now) > limit;
        match (job.kind, is_late) {
            (Kind::Transfer, true) => {
                let id = job.subject.parse().or(Err(Error::NotFound("transfer")))?;
                deliver::expire(hub, &job, id, &reason)
            }
            (Kind::Mail, true) => relay::give_up(hub, &job, &reason),
            _ => {
                warn!(job.kind = job.kind.as_str(), job.subject = %job.subject,
                    job.attempt = job.attempt, reason = %reason, "job waits");
                let due = next_attempt(hub, &job, now);
                Ok(hub
                    .store()
                    .write(|tx| jobs::postpone(tx, &job, due, &reason))?)
            }
        }
    })
    .await
}

/// Twice as long each time, up to the longest wait, minus up to a quarter by chance of the job's
/// name: many jobs that failed together do not come back together.
fn next_attempt(hub: &Inner, job: &Job, now: Timestamp) -> Timestamp {
    let retry = hub.parts.retry;
    let doublings = u32::try_from(job.attempt.clamp(1, 20))
        .unwrap_or(1)
        .saturating_sub(1);
    let wait = u64::from(retry.first_ms)
        .saturating_mul(2_u64.saturating_pow(doublings))
        .min(u64::from(retry.longest_ms));
    let chance = job
        .id
        .to_string()
        .bytes()
        .rev()
        .take(2)
        .map(u64::from)
        .sum::<u64>()
        % 64;
    let wait = wait - wait * chance / 256;
    let wait = SignedDuration::from_millis(i64::try_from(wait).unwrap_or(i64::MAX));
    now.saturating_add(wait).unwrap_or(now)
}

/// Sets a job aside after a permanent fault; the document shows why.
async fn park(hub: &Hub, job: &Job, fault: &Error) -> Result<(), Error> {
    error!(job.kind = job.kind.as_str(), job.subject = %job.subject, fault = %fault, "job set aside");
    let (job, reason) = (job.clone(), fault.to_string());
    hub.run(move |hub| match job.kind {
        Kind::Seal | Kind::Dispatch => seal::fail(hub, &job, &reason),
        _ => Ok(hub.store().write(|tx| jobs::park(tx, &job, &reason))?),
    })
    .await
}
