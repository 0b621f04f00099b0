//! Lanes in the record: found by index, taken by target and lane, and what is left behind is found.

use lienthong::domain::clock::{SignedDuration, Timestamp};
use lienthong::domain::ids::RandomIds;
use lienthong::domain::lane::link::Link;
use lienthong::domain::lane::schedule::Want;
use lienthong::domain::lane::{Lane, Target};
use lienthong::domain::routing::HubId;
use lienthong::store::rows::jobs::{self, Job, Kind, New, Why};
use lienthong::store::rows::{links, queue};
use lienthong::store::{Engine, Error, Store};

use super::jobs::{at, insert};
use crate::world::database::Database;
use crate::world::on_both_databases;

fn hub(name: &str) -> Target {
    Target::Peer(HubId::parse(name).unwrap())
}

fn want(target: &Target, lane: Lane, most: u16) -> Want {
    Want {
        target: target.clone(),
        lane,
        most,
        is_probe: false,
    }
}

fn claim(store: &Store, wants: &[Want], now: Timestamp) -> Vec<Vec<Job>> {
    let until = now.checked_add(SignedDuration::from_secs(60)).unwrap();
    let claimed: Result<_, Error> = store.write(|tx| jobs::claim(tx, wants, now, until));
    claimed.unwrap()
}

fn subjects(claimed: &[Vec<Job>]) -> Vec<Vec<&str>> {
    let mut all = Vec::new();
    for jobs in claimed {
        all.push(jobs.iter().map(|job| job.subject.as_str()).collect());
    }
    all
}

fn the_jobs_of_each_target_and_lane_are_taken_apart(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    for (subject, target, lane) in [
        ("a normal", hub("a"), Lane::Normal),
        ("a urgent", hub("a"), Lane::Urgent),
        ("b urgent", hub("b"), Lane::Urgent),
        ("mail", Target::Mail, Lane::Normal),
        ("here", Target::Here, Lane::Normal),
    ] {
        let what = (Kind::Transfer, subject);
        insert(&store, what, (&target, lane), at("00:00"));
    }
    let wants = [
        want(&hub("a"), Lane::Urgent, 5),
        want(&hub("b"), Lane::Normal, 5),
        want(&Target::Here, Lane::Normal, 5),
        want(&Target::Mail, Lane::Normal, 5),
    ];
    let claimed = claim(&store, &wants, at("00:01"));
    assert_eq!(
        subjects(&claimed),
        [vec!["a urgent"], vec![], vec!["here"], vec!["mail"]]
    );
    assert_eq!(claimed[0][0].target, hub("a"));
}

fn a_survey_names_every_target_and_lane_with_something_due(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    for number in 0..30 {
        let target = hub(&format!("hub-{number:02}"));
        for due in ["00:00", "00:05"] {
            let what = (Kind::Transfer, "due");
            insert(&store, what, (&target, Lane::Bulk), at(due));
        }
    }
    let later = (Kind::Transfer, "later");
    insert(&store, later, (&hub("later"), Lane::Normal), at("30:00"));
    let mine = (Kind::Seal, "here");
    insert(&store, mine, (&Target::Here, Lane::Urgent), at("00:00"));
    let seen: Result<_, Error> = store.read(|tx| jobs::survey(tx, at("10:00")));
    let mut expected: Vec<_> = (0..30)
        .map(|number| (hub(&format!("hub-{number:02}")), Lane::Bulk))
        .collect();
    expected.push((Target::Here, Lane::Urgent));
    expected.sort();
    let mut seen = seen.unwrap();
    seen.sort();
    assert_eq!(seen, expected);
}

/// Many jobs of many targets, past the store: quickly.
fn fill(database: &Database) {
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)";
    let id = match database.engine() {
        Engine::Sqlite => "printf('00000000-0000-7000-8000-%012d', i)",
        Engine::Postgres => "'00000000-0000-7000-8000-' || lpad(i::text, 12, '0')",
    };
    database.execute(&format!(
        "INSERT INTO jobs (id, kind, subject, peer, due_at, attempts, state, created_at, lane) {numbers} \
         SELECT {id}, 'transfer', 'subject', CASE WHEN i % 200 = 0 THEN NULL ELSE 'hub-' || (i % 200) END, \
         i, 0, CASE WHEN i % 9 = 0 THEN 'parked' ELSE 'ready' END, i, i % 3 FROM n"
    ));
    database.execute("ANALYZE jobs");
}

fn due_work_is_found_by_index_alone(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    fill(&database);
    let wants = [
        want(&hub("hub-77"), Lane::Normal, 25),
        want(&Target::Here, Lane::Bulk, 25),
    ];
    let plan: Result<Vec<String>, Error> = store.read(|tx| jobs::plans(tx, &wants, at("00:00")));
    let plan = plan.unwrap();
    let text = plan.join("\n");
    assert!(text.contains("jobs_ready"), "{text}");
    let reads_all = |line: &&String| match engine {
        Engine::Postgres => line.contains("Seq Scan on jobs") || line.contains("Sort"),
        Engine::Sqlite => {
            line.contains("SCAN jobs") && !line.contains("INDEX") || line.contains("TEMP B-TREE")
        }
    };
    let slow: Vec<&String> = plan.iter().filter(reads_all).collect();
    assert!(slow.is_empty(), "{slow:#?} in\n{text}");
}

fn a_claim_takes_what_it_wants_among_many(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    fill(&database);
    let wants = [want(&hub("hub-77"), Lane::Normal, 25)];
    let claimed = claim(&store, &wants, at("00:00"));
    assert_eq!(claimed[0].len(), 25);
    assert!(claimed[0].is_sorted_by_key(|job| job.created_at));
}

fn only_one_worker_probes_an_interrupted_line(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    for subject in ["one", "two"] {
        let what = (Kind::Transfer, subject);
        insert(&store, what, (&hub("away"), Lane::Normal), at("00:00"));
    }
    let failed: Result<u32, Error> = store.write(|tx| {
        links::fail(tx, &hub("away"), at("00:00"), "no answer")?;
        links::fail(tx, &hub("away"), at("00:01"), "still none")
    });
    assert_eq!(failed.unwrap(), 2);
    let probe = Want {
        is_probe: true,
        ..want(&hub("away"), Lane::Normal, 1)
    };
    let first = claim(&store, std::slice::from_ref(&probe), at("00:02"));
    let second = claim(&store, &[probe], at("00:03"));
    assert_eq!((first[0].len(), second[0].len()), (1, 0));
}

fn a_line_in_trouble_says_since_when_and_why_until_it_is_cleared(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    let seen: Result<_, Error> = store.write(|tx| {
        links::fail(tx, &Target::Mail, at("00:00"), "no answer")?;
        links::fail(tx, &Target::Mail, at("00:01"), "still none")?;
        links::retry_at(tx, &Target::Mail, at("00:30"))?;
        let before = links::all(tx)?;
        links::clear(tx, &Target::Mail)?;
        Ok((before, links::all(tx)?.len()))
    });
    let (before, after) = seen.unwrap();
    let link = Link {
        failures: 2,
        retry_at: at("00:30"),
    };
    assert_eq!((before[0].link, before[0].since), (link, at("00:00")));
    assert_eq!((before[0].reason.as_str(), after), ("still none", 0));
}

fn what_waits_for_a_line_is_due_at_once_when_it_works_again(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    for name in ["back", "other"] {
        let what = (Kind::Transfer, name);
        insert(&store, what, (&hub(name), Lane::Normal), at("30:00"));
    }
    let hastened: Result<usize, Error> =
        store.write(|tx| jobs::hasten(tx, &hub("back"), at("00:01")));
    let wants = [
        want(&hub("back"), Lane::Normal, 5),
        want(&hub("other"), Lane::Normal, 5),
    ];
    let claimed = claim(&store, &wants, at("00:02"));
    assert_eq!(
        (hastened.unwrap(), subjects(&claimed)),
        (1, vec![vec!["back"], vec![]])
    );
}

fn an_attempt_whose_worker_died_is_counted_as_lost(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    let what = (Kind::Transfer, "job");
    insert(&store, what, (&hub("a"), Lane::Normal), at("00:00"));
    let wants = [want(&hub("a"), Lane::Normal, 5)];
    let first = claim(&store, &wants, at("00:01"))[0][0].clone();
    let second = claim(&store, &wants, at("01:02"))[0][0].clone();
    let freed: Result<usize, Error> = store.write(|tx| jobs::free_leases(tx, at("01:03")));
    assert_eq!(freed.unwrap(), 1);
    let third = claim(&store, &wants, at("01:03"))[0][0].clone();
    let put_back: Result<(), Error> =
        store.write(|tx| jobs::postpone(tx, &third, at("02:00"), "slow"));
    put_back.unwrap();
    let fourth = claim(&store, &wants, at("02:00"))[0][0].clone();
    let seen = [first, second, third, fourth].map(|job| (job.lost, job.was_lost, job.failures));
    assert_eq!(
        seen,
        [(0, false, 0), (1, true, 0), (2, true, 0), (2, false, 1)]
    );
}

fn overdue_jobs_are_found_unless_somebody_has_them(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    for (subject, end) in [("early", "00:30"), ("late", "50:00"), ("taken", "00:20")] {
        let new = New {
            kind: Kind::Transfer,
            subject,
            target: &hub(subject),
            lane: Lane::Normal,
            give_up_at: Some(at(end)),
        };
        let added: Result<_, Error> =
            store.write(|tx| jobs::insert(tx, &RandomIds, new, at("00:00")));
        added.unwrap();
    }
    claim(&store, &[want(&hub("taken"), Lane::Normal, 1)], at("00:40"));
    let found: Result<_, Error> = store.read(|tx| jobs::overdue(tx, at("01:00"), 9));
    let found: Vec<Target> = found
        .unwrap()
        .into_iter()
        .map(|(_, target, _)| target)
        .collect();
    assert_eq!(found, [hub("early")]);
}

fn a_job_set_aside_can_be_revived_with_a_new_end(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    let what = (Kind::Transfer, "job");
    insert(&store, what, (&hub("a"), Lane::Normal), at("00:00"));
    let wants = [want(&hub("a"), Lane::Normal, 5)];
    let job = claim(&store, &wants, at("00:01"))[0][0].clone();
    let moved: Result<_, Error> = store.write(|tx| {
        jobs::park(
            tx,
            &job,
            (Why::Refused, "no"),
            at("00:02"),
            Some(at("09:00")),
        )?;
        let taken = jobs::take(tx, job.id, at("00:03"), at("01:03"))?.unwrap();
        jobs::revive(tx, &taken, at("00:04"), Some(at("50:00")))?;
        queue::find(tx, job.id)
    });
    let open = moved.unwrap().unwrap();
    assert_eq!(
        (open.parked, open.give_up_at, open.in_hand),
        (None, Some(at("50:00")), false)
    );
    assert_eq!(claim(&store, &wants, at("00:05"))[0][0].attempt, 3);
}

fn the_depth_of_each_lane_is_told(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    for (name, lane) in [("a", Lane::Bulk), ("a", Lane::Bulk), ("b", Lane::Urgent)] {
        insert(
            &store,
            (Kind::Transfer, "x"),
            (&hub(name), lane),
            at("00:00"),
        );
    }
    let depths: Result<_, Error> = store.read(queue::depths);
    let depths: Vec<_> = depths
        .unwrap()
        .into_iter()
        .map(|depth| (depth.target, depth.lane, depth.count))
        .collect();
    assert_eq!(
        depths,
        [(hub("a"), Lane::Bulk, 2), (hub("b"), Lane::Urgent, 1)]
    );
}

on_both_databases![
    the_jobs_of_each_target_and_lane_are_taken_apart,
    a_survey_names_every_target_and_lane_with_something_due,
    due_work_is_found_by_index_alone,
    a_claim_takes_what_it_wants_among_many,
    only_one_worker_probes_an_interrupted_line,
    a_line_in_trouble_says_since_when_and_why_until_it_is_cleared,
    what_waits_for_a_line_is_due_at_once_when_it_works_again,
    an_attempt_whose_worker_died_is_counted_as_lost,
    overdue_jobs_are_found_unless_somebody_has_them,
    a_job_set_aside_can_be_revived_with_a_new_end,
    the_depth_of_each_lane_is_told,
];
