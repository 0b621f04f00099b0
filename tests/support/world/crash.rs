//! Crashes at named points of the code, in one hub only. The points of crate `fail` are shared by
//! the whole process, so each looks at the name of the thread it is reached on.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use super::hub::TestHub;

/// Armed points with the hub they are armed for, and at which of their passes it crashes.
static ARMED: LazyLock<Mutex<HashMap<(&'static str, String), Plan>>> =
    LazyLock::new(Mutex::default);

#[derive(Clone, Copy)]
struct Plan {
    passed: u32,
    first: u32,
    last: u32,
}

/// A point at which a hub crashes, until this value ends.
pub(crate) struct Crash {
    point: &'static str,
    place: String,
}

impl Crash {
    /// `hub` crashes each time it reaches `point`.
    pub(crate) fn at(point: &'static str, hub: &TestHub) -> Self {
        Self::arm(point, hub, 0, u32::MAX)
    }

    /// `hub` crashes the first time it reaches `point`.
    pub(crate) fn once(point: &'static str, hub: &TestHub) -> Self {
        Self::once_after(point, hub, 0)
    }

    /// `hub` passes `point` so many times, then crashes once.
    pub(crate) fn once_after(point: &'static str, hub: &TestHub, passes: u32) -> Self {
        Self::arm(point, hub, passes, passes)
    }

    fn arm(point: &'static str, hub: &TestHub, first: u32, last: u32) -> Self {
        let place = hub.place.clone();
        let plan = Plan {
            passed: 0,
            first,
            last,
        };
        ARMED.lock().unwrap().insert((point, place.clone()), plan);
        fail::cfg_callback(point, move || reached(point)).unwrap();
        Self { point, place }
    }

    /// Whether the hub has crashed here.
    pub(crate) fn happened(&self) -> bool {
        let armed = ARMED.lock().unwrap();
        let plan = armed[&(self.point, self.place.clone())];
        plan.passed > plan.first
    }
}

impl Drop for Crash {
    fn drop(&mut self) {
        let key = (self.point, self.place.clone());
        ARMED.lock().unwrap().remove(&key);
    }
}

/// The one callback of a point, whichever hub armed it.
fn reached(point: &'static str) {
    let place = std::thread::current().name().unwrap_or_default().to_owned();
    let mut armed = ARMED.lock().unwrap();
    let Some(plan) = armed.get_mut(&(point, place)) else {
        return;
    };
    let crashes = (plan.first..=plan.last).contains(&plan.passed);
    plan.passed += 1;
    drop(armed);
    assert!(!crashes, "crash at {point}, as the test wants");
}
