//! Negative controls: a bug is made on purpose, at a point of the source named `bug-…`, and the
//! checker must report what it does. A checker that sees none of them would prove nothing.

use std::time::Duration;

use crate::checker::{Harm, Violation};
use crate::process::HubProcess;
use crate::proxy::Fate;
use crate::run::{Run, runtime};
use crate::town::Mix;

/// The longest road needed: a commune's letter to its district.
const SENDER: &str = "H21.36.21";
const RECIPIENT: &str = "H21.36";
const AGENCIES: [(&str, &str); 2] = [(SENDER, "commune"), (RECIPIENT, "district")];

/// What the controls look for; a run without a bug shows none of it.
const SIGNS: [(Harm, &str); 5] = [
    (Harm::Lost, "acknowledged is recorded"),
    (Harm::Lost, "both ends agree"),
    (Harm::ReceiptMissing, "both ends agree"),
    (Harm::Duplicated, "delivered once"),
    (Harm::Duplicated, "the chain is whole"),
];

/// One run with two letters; the hubs named have these points set.
struct Control {
    run: Run,
    hubs: Vec<HubProcess>,
}

impl Control {
    fn prepare(name: &str, mix: Mix, points: &[(&str, &str)]) -> Self {
        let run = Run::prepare_for(name, mix, &AGENCIES);
        let mut hubs = run.hubs();
        for hub in &mut hubs {
            let own = points.iter().find(|(at, _)| *at == hub.id);
            if let Some((_, points)) = own {
                hub.set(&[("FAILPOINTS", points)]);
            }
        }
        Self { run, hubs }
    }

    fn hub(&mut self, id: &str) -> &mut HubProcess {
        self.hubs.iter_mut().find(|hub| hub.id == id).unwrap()
    }

    fn start(&mut self) {
        self.hubs.iter_mut().for_each(HubProcess::start);
    }

    fn send(&self) {
        runtime().block_on(async {
            for number in ["1/UBND-VP", "2/UBND-VP"] {
                self.run.clerks.send(SENDER, number, &[RECIPIENT]).await;
            }
        });
    }

    /// What is found once nothing moves any more.
    fn found(self) -> Vec<(Harm, &'static str)> {
        let found = self.run.judge_as_is(self.hubs);
        let sign = |one: &Violation| (one.harm, one.law);
        let mut signs: Vec<_> = found.iter().map(sign).collect();
        signs.retain(|sign| SIGNS.contains(sign));
        signs.dedup();
        signs
    }
}

#[track_caller]
fn is_caught(control: Control, sign: (Harm, &'static str)) {
    let found = control.found();
    assert!(found.contains(&sign), "{sign:?} was not noticed: {found:?}");
}

#[test]
fn without_a_bug_nothing_is_reported() {
    for mix in [Mix::Sqlite, Mix::Postgres] {
        let mut control = Control::prepare(&format!("no bug, {mix:?}"), mix, &[]);
        control.start();
        let edge = control.run.lines.edge("commune>district");
        edge.plan("/peer/v1/transfers", Fate::LoseAnswer);
        edge.plan("/peer/v1/transfers", Fate::TwiceAtOnce);
        control.send();
        assert_eq!(control.found(), []);
    }
}

#[test]
fn an_answer_to_a_clerk_before_the_record_is_noticed() {
    let bug = [("commune", "bug-compose-answers-early=1*return->off")];
    let mut control = Control::prepare("bug: answers clerks early", Mix::Sqlite, &bug);
    control.start();
    control.send();
    is_caught(control, (Harm::Lost, "acknowledged is recorded"));
}

#[test]
fn an_answer_to_a_neighbour_before_the_record_is_noticed() {
    let bug = [("district", "bug-intake-answers-early=1*return->off")];
    let mut control = Control::prepare("bug: answers neighbours early", Mix::Sqlite, &bug);
    control.start();
    control.send();
    is_caught(control, (Harm::Lost, "both ends agree"));
}

#[test]
fn a_job_that_ends_before_the_receipt_is_stored_is_noticed() {
    let bug = [("commune", "bug-job-ends-early=return")];
    let mut control = Control::prepare("bug: job ends early", Mix::Sqlite, &bug);
    let crash = "deliver-before-record";
    control.hub("commune").set(&[
        ("FAILPOINTS", bug[0].1),
        ("LIENTHONG_CRASH", &format!("{crash}=1")),
    ]);
    control.start();
    let run = std::thread::scope(|scope| {
        let clerks = &control.run.clerks;
        let sending = scope.spawn(|| {
            runtime().block_on(clerks.send(SENDER, "1/UBND-VP", &[RECIPIENT]));
        });
        let commune = control.hubs.iter_mut().find(|hub| hub.id == "commune");
        let commune = commune.unwrap();
        assert!(commune.crashes(crash, Duration::from_secs(60)));
        commune.forget();
        commune.start();
        sending.join()
    });
    run.unwrap();
    is_caught(control, (Harm::ReceiptMissing, "both ends agree"));
}

#[test]
fn a_repeat_under_a_new_id_is_noticed() {
    let bug = [("commune", "bug-new-id-on-retry=return")];
    let mut control = Control::prepare("bug: new id on retry", Mix::Sqlite, &bug);
    control.start();
    let edge = control.run.lines.edge("commune>district");
    edge.plan("/peer/v1/transfers", Fate::LoseAnswer);
    control.send();
    is_caught(control, (Harm::Duplicated, "the chain is whole"));
}

/// The first attempt at sending sleeps longer than its lease lasts; the second one sends; then the
/// first wakes up and records what it decided long ago.
#[test]
fn a_lease_without_fencing_is_noticed() {
    let points = "bug-lease-not-renewed=return;bug-rows-not-counted=return;\
                  dispatch-before-record=1*sleep(9000)->off";
    let bug = [("commune", points)];
    let mut control = Control::prepare("bug: lease without fencing", Mix::Sqlite, &bug);
    control.start();
    control.send();
    crate::nemesis::wait(Duration::from_secs(12));
    is_caught(control, (Harm::Duplicated, "delivered once"));
}

/// Two copies of a message at the same moment, each past the look whether it was answered before.
#[test]
fn a_dropped_unique_constraint_is_noticed() {
    let slow = [("district", "intake-in-record=sleep(700)")];
    let mut control = Control::prepare("bug: no unique constraints", Mix::Postgres, &slow);
    for table in ["inbox", "deliveries", "documents", "evidence", "clocks"] {
        control.run.drop_keys("district", table);
    }
    control.start();
    let edge = control.run.lines.edge("commune>district");
    edge.plan("/peer/v1/transfers", Fate::TwiceAtOnce);
    control.send();
    is_caught(control, (Harm::Duplicated, "delivered once"));
}
