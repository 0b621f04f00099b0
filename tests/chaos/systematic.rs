//! A hub crashes at every named line of the source, at its first, second and third pass, on both
//! databases, while people work; then everything must settle and hold.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::points;
use crate::process::HubProcess;
use crate::run::{Run, assert_sound, say, variable};
use crate::town::{HUBS, Mix};

/// How long a hub is given to reach a point before another one tries.
const PATIENCE: Duration = Duration::from_secs(20);
/// Passes at which each point ends its hub, unless `LIENTHONG_CHAOS_PASSES` says otherwise.
const PASSES: u64 = 1;

/// A crash still to be made.
struct Plan {
    point: String,
    pass: u64,
    /// Hubs that did not reach it in time.
    tried: Vec<String>,
}

type Plans = Arc<Mutex<VecDeque<Plan>>>;

#[test]
fn a_crash_at_any_point_loses_nothing_on_sqlite() {
    crash_everywhere(Mix::Sqlite);
}

#[test]
fn a_crash_at_any_point_loses_nothing_on_postgresql() {
    crash_everywhere(Mix::Postgres);
}

fn crash_everywhere(mix: Mix) {
    let run = Run::prepare(&format!("every point, {mix:?}"), mix);
    let passes = variable("LIENTHONG_CHAOS_PASSES").unwrap_or(PASSES);
    let plan = |pass: u64| {
        points::all().into_iter().map(move |point| Plan {
            point,
            pass,
            tried: Vec::new(),
        })
    };
    let plans: Plans = Arc::new(Mutex::new((1..=passes).flat_map(plan).collect()));
    let count = plans.lock().unwrap().len();
    let work = run.work();
    let hubs: Vec<_> = run
        .hubs()
        .into_iter()
        .map(|hub| {
            let plans = Arc::clone(&plans);
            std::thread::spawn(move || crash_by_plan(hub, &plans))
        })
        .collect();
    let hubs: Vec<HubProcess> = hubs.into_iter().map(|hub| hub.join().unwrap()).collect();
    let missed: Vec<String> = plans
        .lock()
        .unwrap()
        .iter()
        .map(|plan| format!("{} ({})", plan.point, plan.pass))
        .collect();
    run.settle(work);
    let name = run.name.clone();
    let (figures, found) = run.judge(hubs);
    say(&format!(
        "{name}: {} of {count} crashes",
        count - missed.len()
    ));
    assert_sound(&name, &found);
    assert!(missed.is_empty(), "never reached: {}", missed.join(", "));
    assert!(figures.kills >= count, "{figures}");
}

/// Crashes a hub at one point after the other, until none is left that it has not tried; then it runs
/// on without.
fn crash_by_plan(mut hub: HubProcess, plans: &Plans) -> HubProcess {
    while let Some(mut plan) = next(&hub.id, plans) {
        let crash = format!("{}={}", plan.point, plan.pass);
        hub.set(&[("LIENTHONG_CRASH", &crash)]);
        hub.spawn();
        let _or_crashed_before = hub.is_ready();
        if !hub.crashes(&plan.point, PATIENCE) {
            hub.stop();
            plan.tried.push(hub.id.clone());
            plans.lock().unwrap().push_back(plan);
        }
    }
    hub.forget();
    hub.start();
    hub
}

/// The next crash for this hub, if one is left that some hub may still reach.
fn next(hub: &str, plans: &Plans) -> Option<Plan> {
    let mut plans = plans.lock().unwrap();
    let place = plans.iter().position(|plan| {
        plan.tried.len() < HUBS.len() && !plan.tried.iter().any(|tried| tried == hub)
    })?;
    plans.remove(place)
}
