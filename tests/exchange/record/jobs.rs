//! The outbox in the record: one job, one worker; who comes late changes nothing.

use std::sync::Barrier;

use lienthong::domain::clock::{SignedDuration, Timestamp};
use lienthong::domain::ids::RandomIds;
use lienthong::domain::lane::schedule::Want;
use lienthong::domain::lane::{Lane, Target};
use lienthong::store::rows::jobs::{self, Job, Kind, New, Why};
use lienthong::store::rows::queue;
use lienthong::store::{Engine, Error, Store};

use crate::world::database::Database;
use crate::world::on_both_databases;

/// Minutes and seconds of one morning.
pub(super) fn at(clock: &str) -> Timestamp {
    format!("2025-06-30T02:{clock}Z").parse().unwrap()
}

/// Adds one job due at `due`.
pub(super) fn insert(
    store: &Store,
    (kind, subject): (Kind, &str),
    (target, lane): (&Target, Lane),
    due: Timestamp,
) {
    let new = New {
        kind,
        subject,
        target,
        lane,
        give_up_at: None,
    };
    let added: Result<_, Error> = store.write(|tx| jobs::insert(tx, &RandomIds, new, due));
    added.unwrap();
}

fn add(store: &Store, subject: &str, due: Timestamp) {
    insert(
        store,
        (Kind::Seal, subject),
        (&Target::Here, Lane::Normal),
        due,
    );
}

/// Claims what is due at `now` for a minute.
fn claim(store: &Store, most: u16, now: Timestamp) -> Vec<Job> {
    let until = now.checked_add(SignedDuration::from_secs(60)).unwrap();
    let want = Want {
        target: Target::Here,
        lane: Lane::Normal,
        most,
        is_probe: false,
    };
    let claimed: Result<_, Error> = store.write(|tx| jobs::claim(tx, &[want], now, until));
    claimed.unwrap().concat()
}

fn one(store: &Store, now: Timestamp) -> Job {
    let mut claimed = claim(store, 9, now);
    assert_eq!(claimed.len(), 1);
    claimed.remove(0)
}

fn subjects(claimed: &[Job]) -> Vec<&str> {
    claimed.iter().map(|job| job.subject.as_str()).collect()
}

fn a_job_claimed_twice_at_once_goes_to_one_worker(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    for round in 0..20 {
        add(&store, &format!("job {round}"), at("00:00"));
        let start = Barrier::new(2);
        let worker = || {
            start.wait();
            claim(&store, 1, at("00:01")).len()
        };
        let taken = std::thread::scope(|scope| {
            let other = scope.spawn(worker);
            worker() + other.join().unwrap()
        });
        assert_eq!(taken, 1, "round {round}");
    }
}

fn many_jobs_are_shared_without_overlap(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    for number in 0..40 {
        add(&store, &format!("job {number:02}"), at("00:00"));
    }
    let worker = || {
        let mut own = Vec::new();
        loop {
            let claimed = claim(&store, 3, at("00:01"));
            if claimed.is_empty() {
                return own;
            }
            own.extend(claimed.into_iter().map(|job| job.subject));
        }
    };
    let mut all = std::thread::scope(|scope| {
        let other = scope.spawn(worker);
        let mut all = worker();
        all.extend(other.join().unwrap());
        all
    });
    all.sort();
    let expected: Vec<String> = (0..40).map(|number| format!("job {number:02}")).collect();
    assert_eq!(all, expected);
}

fn a_claimed_job_is_left_alone_until_its_lease_ends(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    add(&store, "job", at("00:00"));
    let first = one(&store, at("00:01"));
    let before = claim(&store, 9, at("01:00")).len();
    let second = one(&store, at("01:02"));
    assert_eq!((first.attempt, before, second.attempt), (1, 0, 2));
}

/// A job whose first worker's lease ended, and the second worker's hold on it.
fn taken_over(store: &Store) -> (Job, Job) {
    add(store, "job", at("00:00"));
    let late = one(store, at("00:01"));
    let present = one(store, at("01:02"));
    (late, present)
}

#[track_caller]
fn assert_fenced(outcome: Result<(), Error>) {
    assert!(
        matches!(outcome, Err(Error::RowCount { found: 0, .. })),
        "{outcome:?}"
    );
}

fn a_late_worker_can_not_finish(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    let (late, present) = taken_over(&store);
    assert_fenced(store.write(|tx| jobs::finish(tx, &late)));
    let finished: Result<(), Error> = store.write(|tx| jobs::finish(tx, &present));
    finished.unwrap();
    assert_eq!(database.count("jobs"), 0);
}

fn a_late_worker_can_not_postpone(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    let (late, _) = taken_over(&store);
    assert_fenced(store.write(|tx| jobs::postpone(tx, &late, at("30:00"), "slow")));
}

fn a_late_worker_can_not_park(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    let (late, _) = taken_over(&store);
    assert_fenced(
        store.write(|tx| jobs::park(tx, &late, (Why::Fault, "broken"), at("01:03"), None)),
    );
    assert_eq!(database.count("jobs WHERE state = 'parked'"), 0);
}

fn a_late_worker_can_not_keep_the_job(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    let (late, _) = taken_over(&store);
    assert_fenced(store.write(|tx| jobs::renew(tx, &late, at("30:00"))));
}

fn what_a_late_worker_recorded_with_its_job_is_gone(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    let (late, _) = taken_over(&store);
    assert_fenced(store.write(|tx| {
        let follows = New {
            kind: Kind::Dispatch,
            subject: "follows",
            target: &Target::Here,
            lane: Lane::Normal,
            give_up_at: None,
        };
        jobs::insert(tx, &RandomIds, follows, at("01:03"))?;
        jobs::finish(tx, &late)
    }));
    assert_eq!(database.count("jobs WHERE subject = 'follows'"), 0);
}

fn a_postponed_job_waits_for_its_time_with_the_reason(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    add(&store, "job", at("00:00"));
    let job = one(&store, at("00:01"));
    let put_back: Result<(), Error> =
        store.write(|tx| jobs::postpone(tx, &job, at("10:00"), "no answer"));
    put_back.unwrap();
    let early = claim(&store, 9, at("09:59")).len();
    let waiting: Result<_, Error> = store.read(|tx| queue::about(tx, "job"));
    let waiting = waiting.unwrap().unwrap();
    assert_eq!(
        (waiting.attempts, waiting.due_at, waiting.last_error),
        (1, at("10:00"), Some("no answer".to_owned()))
    );
    assert_eq!((early, one(&store, at("10:00")).attempt), (0, 2));
}

fn a_parked_job_is_never_claimed_and_stays_visible(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    add(&store, "job", at("00:00"));
    let job = one(&store, at("00:01"));
    let why = (Why::Refused, "not for us");
    let parked: Result<(), Error> = store.write(|tx| jobs::park(tx, &job, why, at("00:05"), None));
    parked.unwrap();
    let seen: Result<_, Error> = store.read(|tx| queue::parked(tx, None, 9));
    let seen: Vec<_> = seen.unwrap().into_iter().map(|open| open.parked).collect();
    assert_eq!(
        (claim(&store, 9, at("59:00")).len(), seen),
        (0, vec![Some((at("00:05"), Why::Refused))])
    );
}

fn a_renewed_lease_keeps_the_job(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    add(&store, "job", at("00:00"));
    let job = one(&store, at("00:01"));
    let renewed: Result<(), Error> = store.write(|tx| jobs::renew(tx, &job, at("05:00")));
    renewed.unwrap();
    assert_eq!(claim(&store, 9, at("04:59")).len(), 0);
}

fn freed_leases_can_be_claimed_at_once(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    add(&store, "job", at("00:00"));
    let gone = one(&store, at("00:01"));
    let freed: Result<usize, Error> = store.write(|tx| jobs::free_leases(tx, at("00:02")));
    assert_eq!(
        (
            freed.unwrap(),
            gone.attempt,
            one(&store, at("00:02")).attempt
        ),
        (1, 1, 2)
    );
}

fn the_oldest_due_job_is_taken_first(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    add(&store, "third", at("00:03"));
    add(&store, "first", at("00:01"));
    add(&store, "second", at("00:02"));
    add(&store, "not yet", at("20:00"));
    assert_eq!(
        subjects(&claim(&store, 2, at("10:00"))),
        ["first", "second"]
    );
    assert_eq!(subjects(&claim(&store, 9, at("10:00"))), ["third"]);
}

on_both_databases![
    a_job_claimed_twice_at_once_goes_to_one_worker,
    many_jobs_are_shared_without_overlap,
    a_claimed_job_is_left_alone_until_its_lease_ends,
    a_late_worker_can_not_finish,
    a_late_worker_can_not_postpone,
    a_late_worker_can_not_park,
    a_late_worker_can_not_keep_the_job,
    what_a_late_worker_recorded_with_its_job_is_gone,
    a_postponed_job_waits_for_its_time_with_the_reason,
    a_parked_job_is_never_claimed_and_stays_visible,
    a_renewed_lease_keeps_the_job,
    freed_leases_can_be_claimed_at_once,
    the_oldest_due_job_is_taken_first,
];
