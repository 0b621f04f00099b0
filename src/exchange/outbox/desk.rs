//! What is under way in this process, and what it knows of the work there is. Lost with the process;
//! the record knows all that matters.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::super::Hub;
use crate::domain::clock::Timestamp;
use crate::domain::lane::link::Link;
use crate::domain::lane::schedule::{Limits, Schedule, Want};
use crate::domain::lane::{Lane, Target};
use crate::store::rows::jobs::Job;
use crate::store::rows::links::Trouble;

/// Jobs claimed at once.
const BATCH: u16 = 25;
/// Jobs of one neighbour claimed before the next has its turn.
const SLICE: u16 = 5;

/// The schedule of this process, and how many jobs are in hand.
pub(super) struct Desk {
    schedule: Mutex<Schedule>,
    in_hand: watch::Sender<usize>,
    hub: Hub,
}

impl Desk {
    pub(super) fn new(hub: &Hub) -> Self {
        let limits = hub.inner().parts.outbox;
        Self {
            schedule: Mutex::new(Schedule::new(Limits {
                batch: BATCH,
                slice: SLICE,
                here: limits.here_at_once,
                away: limits.away_at_once,
                each: limits.each_at_once,
                break_after: u32::from(limits.break_after),
            })),
            in_hand: watch::Sender::new(0),
            hub: hub.clone(),
        }
    }

    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        // A panic while it was held leaves counts that are at worst too high by one batch.
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn learn(&self, due: Vec<(Target, Lane)>, links: Vec<Trouble>) {
        let links = links.into_iter().map(|one| (one.target, one.link));
        self.schedule().learn(due, links);
    }

    pub(super) fn plan(&self, now: Timestamp) -> Vec<Want> {
        self.schedule().plan(now)
    }

    pub(super) fn taken(&self, want: &Want, got: usize) {
        let got = u16::try_from(got).unwrap_or(u16::MAX);
        self.schedule().taken(want, got);
    }

    /// Nothing of what was planned could be claimed; it is still due.
    pub(super) fn give_back(&self, wants: &[Want]) {
        let mut schedule = self.schedule();
        for want in wants {
            for _ in 0..want.most {
                schedule.ended(&want.target, want.lane);
            }
        }
    }

    /// A job outside the plan is under way.
    pub(super) fn begin(&self, target: &Target, lane: Lane) {
        self.schedule().begin(target, lane);
    }

    /// The place of a job under way: when it is dropped, however the job ended, the place is free.
    pub(super) fn place(self: &Arc<Self>, job: &Job) -> Place {
        self.in_hand.send_modify(|count| *count += 1);
        Place {
            desk: Arc::clone(self),
            target: job.target.clone(),
            lane: job.lane,
        }
    }

    /// Returns when no job is in hand.
    pub(super) async fn cleared(&self) {
        drop(self.in_hand.subscribe().wait_for(|count| *count == 0).await);
    }
}

/// The place of a job under way.
pub(super) struct Place {
    desk: Arc<Desk>,
    target: Target,
    lane: Lane,
}

impl Place {
    /// Whom the job needs answered; gives whether its line was in trouble before.
    pub(super) fn answered(&self) -> bool {
        self.desk.schedule().answered(&self.target)
    }

    /// Whom the job needs did not answer.
    pub(super) fn silent(&self, link: Link) {
        self.desk.schedule().silent(&self.target, link);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.desk.schedule().ended(&self.target, self.lane);
        self.desk
            .in_hand
            .send_modify(|count| *count = count.saturating_sub(1));
        self.desk.hub.inner().work.notify_one();
    }
}
