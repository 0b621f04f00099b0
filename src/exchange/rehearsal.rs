//! Beside the road: an outbox of made-up work, to measure how fast due work is found and taken. The
//! same survey, plan and claim as the real one; nothing is sent.

use std::path::Path;

use super::Error;
use crate::config;
use crate::domain::clock::{Clock as _, SignedDuration, SystemClock, Timestamp};
use crate::domain::ids::RandomIds;
use crate::domain::lane::schedule::{Limits, Schedule, Want};
use crate::domain::lane::{Lane, Target};
use crate::domain::routing::HubId;
use crate::store::rows::jobs::{self, Job, Kind, New};
use crate::store::rows::queue;
use crate::store::{Store, migrate};

/// Rows added in one transaction.
const AT_ONCE: u32 = 1_000;

/// An outbox of made-up work.
pub struct Rehearsal {
    store: Store,
    schedule: Schedule,
}

/// What one round took.
#[derive(Debug, Clone, Copy)]
pub struct Round {
    /// Jobs taken.
    pub taken: usize,
    /// Whether an urgent one was among them.
    pub has_urgent: bool,
}

impl Rehearsal {
    /// An outbox in the database at `url`, which is brought up to date and must hold no work.
    ///
    /// # Errors
    /// [`Error::Conflict`] when there is work in it; a fault of the record.
    pub fn open(url: &str, folder: &Path) -> Result<Self, Error> {
        migrate::up(url)?;
        let store = Store::open(url, folder)?;
        if !store.read(queue::depths)?.is_empty() {
            let what = "this database has work in its outbox: measure on another one";
            return Err(Error::Conflict(what.to_owned()));
        }
        let limits = config::Outbox::default();
        let schedule = Schedule::new(Limits {
            batch: 25,
            slice: 5,
            here: limits.here_at_once,
            away: limits.away_at_once,
            each: limits.each_at_once,
            break_after: u32::from(limits.break_after),
        });
        Ok(Self { store, schedule })
    }

    /// Adds `count` jobs spread over `peers` neighbours.
    ///
    /// # Errors
    /// A fault of the record.
    pub fn fill(&self, count: u32, peers: u16, lane: Lane) -> Result<(), Error> {
        let peers: Vec<Target> = (0..peers.max(1)).filter_map(neighbour).collect();
        let mut ring = peers.iter().cycle();
        let mut left = count;
        while left > 0 {
            let now = now();
            self.store.write(|tx| {
                for target in ring
                    .by_ref()
                    .take(left.min(AT_ONCE).try_into().unwrap_or(1))
                {
                    let new = New {
                        kind: Kind::Transfer,
                        subject: "rehearsal",
                        target,
                        lane,
                        give_up_at: None,
                    };
                    jobs::insert(tx, &RandomIds, new, now)?;
                }
                Ok::<_, Error>(())
            })?;
            left = left.saturating_sub(AT_ONCE);
        }
        Ok(())
    }

    /// Looks where work is due.
    ///
    /// # Errors
    /// A fault of the record.
    pub fn look(&mut self) -> Result<(), Error> {
        let due = self.store.read(|tx| jobs::survey(tx, now()))?;
        self.schedule.learn(due, []);
        Ok(())
    }

    /// Takes up to 25 jobs as the outbox would.
    ///
    /// # Errors
    /// A fault of the record.
    pub fn take(&mut self) -> Result<(Round, Vec<Job>), Error> {
        let at = now();
        let wants = self.schedule.plan(at);
        let claimed = self.claim(&wants, at)?;
        let mut all = Vec::new();
        for (want, jobs) in wants.iter().zip(claimed) {
            let got = u16::try_from(jobs.len()).unwrap_or(u16::MAX);
            self.schedule.taken(want, got);
            for _ in 0..got {
                self.schedule.ended(&want.target, want.lane);
            }
            all.extend(jobs);
        }
        let round = Round {
            taken: all.len(),
            has_urgent: all.iter().any(|job| job.lane == Lane::Urgent),
        };
        Ok((round, all))
    }

    /// Takes up to 25 jobs of one neighbour, without looking for others: the bare query.
    ///
    /// # Errors
    /// A fault of the record.
    pub fn take_of_one(&self, number: u16) -> Result<Vec<Job>, Error> {
        let want = |target| Want {
            target,
            lane: Lane::Normal,
            most: 25,
            is_probe: false,
        };
        let wants: Vec<Want> = neighbour(number).map(want).into_iter().collect();
        Ok(self.claim(&wants, now())?.concat())
    }

    fn claim(&self, wants: &[Want], at: Timestamp) -> Result<Vec<Vec<Job>>, Error> {
        let until = at
            .saturating_add(SignedDuration::from_secs(3_600))
            .unwrap_or(at);
        Ok(self.store.write(|tx| jobs::claim(tx, wants, at, until))?)
    }

    /// Deletes what was taken.
    ///
    /// # Errors
    /// A fault of the record.
    pub fn finish(&self, taken: &[Job]) -> Result<(), Error> {
        Ok(self
            .store
            .write(|tx| taken.iter().try_for_each(|job| jobs::finish(tx, job)))?)
    }
}

fn now() -> Timestamp {
    SystemClock::with_offset(SignedDuration::ZERO).now()
}

fn neighbour(number: u16) -> Option<Target> {
    HubId::parse(&format!("rehearsal-{number}"))
        .ok()
        .map(Target::Peer)
}
