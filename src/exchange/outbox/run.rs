//! One job from its claim to its outcome: done, tried again later, set aside, or ended.

use std::time::Duration;

use tracing::{error, info, warn};

use super::super::deliver::{self, Attempt};
use super::super::hub::Inner;
use super::super::{Error, Hub, change, dispatch, relay, seal, verify};
use super::desk::Place;
use super::{after, give_up_at};
use crate::domain::clock::{SignedDuration, Timestamp};
use crate::domain::ids;
use crate::domain::lane::link::Link;
use crate::domain::lane::{Target, backoff};
use crate::store;
use crate::store::rows::jobs::{self, Job, Kind, Why};
use crate::store::rows::links;

/// Attempts that ended with their worker, one after the other, before a job has to wait between them.
const LOST: i32 = 3;

/// Now, and how long a job taken now stays with a worker that gives no sign of life.
pub(in crate::exchange) fn lease(hub: &Inner) -> (Timestamp, Timestamp) {
    let now = hub.now();
    let lease = SignedDuration::from_secs(i64::from(hub.parts.retry.lease_seconds));
    (now, now.saturating_add(lease).unwrap_or(now))
}

/// Attempts the job and records what became of it. `place` is free when this returns.
pub(super) async fn work_on(hub: Hub, place: Place, job: Job) {
    let outcome = if must_rest(&hub, &job) {
        Ok(Attempt::Later("its worker died again and again".to_owned()))
    } else {
        attempt_with_lease(&hub, &job).await
    };
    let kind = job.kind.as_str();
    let is_answer = matches!(outcome, Ok(Attempt::Done));
    let settled = match outcome {
        Ok(Attempt::Done) => {
            info!(job.kind = kind, job.subject = %job.subject, job.attempt = job.attempt, "job done");
            Ok(())
        }
        Ok(Attempt::Later(reason)) => later(&hub, &job, reason).await,
        Ok(Attempt::Away(reason)) => {
            silent(&hub, &place, &job, reason.clone()).await;
            later(&hub, &job, reason).await
        }
        Err(fault) if fault.is_temporary() || is_race(&fault) => {
            later(&hub, &job, fault.to_string()).await
        }
        Err(fault) => park(&hub, &job, &fault).await,
    };
    if let Err(fault) = settled {
        warn!(job.kind = kind, job.subject = %job.subject, fault = %fault, "job left to its lease");
    }
    if is_answer && place.answered() {
        works_again(&hub, job.target).await;
    }
}

/// A unique constraint that speaks in a job speaks because another act was recorded at the same
/// moment; tried again, the job finds it.
const fn is_race(fault: &Error) -> bool {
    matches!(fault, Error::Record(store::Error::Conflict { .. }))
}

/// A job whose workers died of it, or beside it: by the operator, by the power, or by the job itself.
/// Nobody can tell which, so it is never given up for that; but from the fourth time on it waits
/// after each death, longer each time, and the rest of the hub works. In the jail a document ends
/// nobody but its reader, so there its verification need not wait.
fn must_rest(hub: &Hub, job: &Job) -> bool {
    let is_harmless = job.kind == Kind::Verify && hub.inner().parts.jail.is_required();
    job.was_lost && job.lost > LOST && !is_harmless
}

/// Attempts the job while its lease is renewed. A panic ends this attempt of this job and nothing
/// else; so does the loss of the lease.
async fn attempt_with_lease(hub: &Hub, job: &Job) -> Result<Attempt, Error> {
    let mut work = tokio::spawn(attempt(hub.clone(), job.clone()));
    tokio::select! {
        outcome = &mut work => outcome.unwrap_or(Err(Error::Interrupted)),
        () = hold(hub, job) => {
            work.abort();
            Err(Error::Interrupted)
        }
    }
}

async fn attempt(hub: Hub, job: Job) -> Result<Attempt, Error> {
    let corrupt = || Error::NotFound("subject of the job");
    let own = job.clone();
    let done = |()| Attempt::Done;
    match job.kind {
        Kind::Transfer => {
            let id = job.subject.parse().or(Err(corrupt()))?;
            deliver::transfer(&hub, &job, id).await
        }
        Kind::Mail => relay::send(&hub, &job, job.subject.parse().or(Err(corrupt()))?).await,
        Kind::Seal => {
            let id = job.subject.parse().or(Err(corrupt()))?;
            let sealed = hub.run(move |hub| seal::seal(hub, &own, id)).await;
            sealed.map(done)
        }
        Kind::Dispatch => {
            let id = job.subject.parse().or(Err(corrupt()))?;
            let sent = hub.run(move |hub| dispatch::dispatch(hub, &own, id)).await;
            sent.map(done)
        }
        Kind::Change => {
            let id = job.subject.parse().or(Err(corrupt()))?;
            let looked = hub.run(move |hub| change::look(hub, &own, id)).await;
            looked.map(done)
        }
        Kind::Verify => {
            let id = job.subject.parse().or(Err(corrupt()))?;
            let verified = hub.run(move |hub| verify::verify(hub, &own, id)).await;
            verified.map(done)
        }
    }
}

/// Renews the lease while the job runs; returns when it is lost.
async fn hold(hub: &Hub, job: &Job) {
    let renewal = Duration::from_secs(u64::from(hub.inner().parts.retry.lease_seconds)) / 3;
    loop {
        tokio::time::sleep(renewal).await;
        let job = job.clone();
        let renewed = hub.run(move |hub| {
            let (_, until) = lease(hub);
            Ok(hub.store().write(|tx| jobs::renew(tx, &job, until))?)
        });
        if renewed.await.is_err() {
            return;
        }
    }
}

/// Puts the job back, or ends it when it has waited too long.
async fn later(hub: &Hub, job: &Job, reason: String) -> Result<(), Error> {
    let job = job.clone();
    hub.run(move |hub| {
        let now = hub.now();
        let first = || give_up_at(hub, job.kind, job.lane, job.created_at);
        let is_late = job
            .give_up_at
            .or_else(first)
            .is_some_and(|last| last <= now);
        if is_late {
            return end_now(hub, &job, &reason);
        }
        warn!(job.kind = job.kind.as_str(), job.subject = %job.subject,
            job.attempt = job.attempt, reason = %reason, "job waits");
        let due = next_attempt(hub, &job, now);
        Ok(hub
            .store()
            .write(|tx| jobs::postpone(tx, &job, due, &reason))?)
    })
    .await
}

/// When a job is due again that failed now. The chance comes from the random bits of a fresh
/// identifier: the one source of chance a hub has, which tests can replace.
fn next_attempt(hub: &Inner, job: &Job, now: Timestamp) -> Timestamp {
    let failures = job.failures.max(job.lost.saturating_sub(LOST)).max(0);
    let failures = u32::try_from(failures).unwrap_or(0).saturating_add(1);
    let random = ids::chance(hub.ids(), now);
    let waits = &hub.parts.retry.waits_ms;
    after(now, backoff::wait_ms(waits, failures, random))
}

/// Ends a job that was not attempted again, with the last reason there is.
pub(super) async fn end(hub: &Hub, job: &Job) {
    let own = job.clone();
    let ended = hub.run(move |hub| {
        let reason = match &own.last_error {
            Some(reason) => reason.clone(),
            None => format!("{} does not answer", own.target),
        };
        end_now(hub, &own, &reason)
    });
    if let Err(fault) = ended.await {
        warn!(job.kind = job.kind.as_str(), job.subject = %job.subject, fault = %fault, "job not ended yet");
    }
}

fn end_now(hub: &Inner, job: &Job, reason: &str) -> Result<(), Error> {
    match job.kind {
        Kind::Transfer => {
            let id = job.subject.parse().or(Err(Error::NotFound("transfer")))?;
            deliver::expire(hub, job, id, reason)
        }
        Kind::Mail => relay::give_up(hub, job, reason),
        _ => Ok(hub.store().write(|tx| {
            let why = (Why::Expired, reason);
            jobs::park(tx, job, why, hub.now(), None)
        })?),
    }
}

/// Sets a job aside after a permanent fault; the document shows why.
async fn park(hub: &Hub, job: &Job, fault: &Error) -> Result<(), Error> {
    error!(job.kind = job.kind.as_str(), job.subject = %job.subject, fault = %fault, "job set aside");
    let (job, reason) = (job.clone(), fault.to_string());
    hub.run(move |hub| match job.kind {
        Kind::Seal | Kind::Dispatch => seal::fail(hub, &job, &reason),
        _ => Ok(hub.store().write(|tx| {
            let why = (Why::Fault, reason.as_str());
            jobs::park(tx, &job, why, hub.now(), job.give_up_at)
        })?),
    })
    .await
}

/// Notes that whom the job needs did not answer. After too many times in a row only probes go there.
async fn silent(hub: &Hub, place: &Place, job: &Job, reason: String) {
    let target = job.target.clone();
    let noted = hub
        .run(move |hub| match note_silence(hub, &target, &reason) {
            // Another process noted the first failure at the same moment.
            Err(Error::Record(store::Error::Conflict { .. })) => {
                note_silence(hub, &target, &reason)
            }
            other => other,
        })
        .await;
    match noted {
        Ok(link) => place.silent(link),
        Err(fault) => warn!(job.target = %job.target, fault = %fault, "silence not noted"),
    }
}

fn note_silence(hub: &Inner, target: &Target, reason: &str) -> Result<Link, Error> {
    let (limits, waits) = (hub.parts.outbox, &hub.parts.retry.waits_ms);
    let now = hub.now();
    hub.store().write(|tx| {
        let failures = links::fail(tx, target, now, reason)?;
        let before = u32::from(limits.break_after).saturating_sub(1);
        let wait = backoff::longest_ms(waits, failures.saturating_sub(before));
        let retry_at = after(now, u64::from(wait.min(limits.probe_longest_ms)));
        links::retry_at(tx, target, retry_at)?;
        if failures == u32::from(limits.break_after) {
            warn!(job.target = %target, reason = %reason, "line interrupted: only probes go there");
        }
        Ok(Link { failures, retry_at })
    })
}

/// Notes that a line works again; what waited for it is due at once.
async fn works_again(hub: &Hub, target: Target) {
    let name = target.clone();
    let noted = hub.run(move |hub| {
        let now = hub.now();
        Ok(hub.store().write(|tx| {
            links::clear(tx, &target)?;
            jobs::hasten(tx, &target, now)
        })?)
    });
    match noted.await {
        Ok(waiting) => info!(job.target = %name, waiting, "line works again"),
        Err(fault) => warn!(job.target = %name, fault = %fault, "line works, not noted"),
    }
}
