//! The nemesis: for each hub a thread that kills and pauses it, and one that harms the lines.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::chance::Chance;
use crate::process::HubProcess;
use crate::proxy::{Lines, Weather};

/// Kills a hub so many times at random moments; it runs when this ends.
pub(crate) fn strike(mut hub: HubProcess, seed: u64, kills: u64) -> JoinHandle<HubProcess> {
    std::thread::spawn(move || {
        let mut chance = Chance::of(seed, &hub.id);
        for _ in 0..kills {
            // Now and then before it listens, else in the middle of its work.
            if chance.below(8) > 0 {
                assert!(hub.is_ready(), "{} did not start: {}", hub.id, hub.log());
                wait(chance.pause(50, 3500));
                if chance.below(12) == 0 {
                    hub.pause();
                    // The lease of a job is five seconds.
                    wait(chance.pause(500, 7000));
                    hub.resume();
                    wait(chance.pause(10, 500));
                }
            } else {
                wait(chance.pause(0, 400));
            }
            hub.kill();
            wait(chance.pause(0, 300));
            hub.spawn();
        }
        assert!(hub.is_ready(), "{} did not start: {}", hub.id, hub.log());
        hub
    })
}

/// Harms the lines until `over`.
pub(crate) fn storm(lines: &Arc<Lines>, seed: u64, over: &Arc<AtomicBool>) -> JoinHandle<()> {
    let (lines, over) = (Arc::clone(lines), Arc::clone(over));
    std::thread::spawn(move || {
        let mut chance = Chance::of(seed, "storm");
        lines.trouble(15);
        while !over.load(Ordering::SeqCst) {
            let all = u64::try_from(lines.edges.len()).unwrap();
            let edge = &lines.edges[usize::try_from(chance.below(all)).unwrap()];
            edge.set(chance.one(&[Weather::Refusing, Weather::Silent, Weather::Slow]));
            wait(chance.pause(300, 2500));
            edge.set(Weather::Clear);
            wait(chance.pause(100, 1500));
        }
        lines.heal();
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the nemesis strikes at moments of its own choice"
)]
pub(crate) fn wait(pause: Duration) {
    std::thread::sleep(pause);
}
