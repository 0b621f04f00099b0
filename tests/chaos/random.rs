//! Hubs are killed at random moments, on each mix of databases, while lines are harmed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::nemesis;
use crate::run::{Run, assert_sound, say, variable};
use crate::town::{HUBS, Mix};

/// Kills of hubs in all three mixes together, unless `LIENTHONG_CHAOS_KILLS` says otherwise.
const KILLS: u64 = 60;

#[test]
fn nothing_is_lost_or_doubled_when_hubs_are_killed_at_random() {
    let all = variable("LIENTHONG_CHAOS_KILLS").unwrap_or(KILLS);
    let mixes = [Mix::Sqlite, Mix::Postgres, Mix::Mixed];
    let hubs = u64::try_from(HUBS.len() * mixes.len()).unwrap();
    let mut total = crate::checker::Figures::default();
    for mix in mixes {
        let run = Run::prepare(&format!("random kills, {mix:?}"), mix);
        total = total.and(kill_at_random(run, all.div_ceil(hubs)));
    }
    say(&format!("random kills, total: {total}"));
    assert!(total.kills >= usize::try_from(all).unwrap());
    assert!(total.acknowledged > 60, "{total}");
}

fn kill_at_random(run: Run, kills: u64) -> crate::checker::Figures {
    let over = Arc::new(AtomicBool::new(false));
    let mut hubs = run.hubs();
    hubs.iter_mut().for_each(crate::process::HubProcess::spawn);
    let work = run.work();
    let storm = nemesis::storm(&run.lines, run.seed, &over);
    let struck: Vec<_> = hubs
        .into_iter()
        .map(|hub| nemesis::strike(hub, run.seed, kills))
        .collect();
    let hubs: Vec<_> = struck.into_iter().map(|one| one.join().unwrap()).collect();
    over.store(true, Ordering::SeqCst);
    storm.join().unwrap();
    run.settle(work);
    let name = run.name.clone();
    let (figures, found) = run.judge(hubs);
    assert_sound(&name, &found);
    figures
}
