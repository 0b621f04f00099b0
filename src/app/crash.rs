//! Crashes and seeded bugs on demand, for proving that the first harm nothing and that the second are
//! noticed (`docs/decisions/0025-proof.md`). Not part of what is shipped: built with the feature
//! `failpoints` only.

use std::sync::atomic::{AtomicU32, Ordering};

/// Arms the points that the environment names, until the value given ends: `FAILPOINTS` as the crate
/// `fail` reads it, and `LIENTHONG_CRASH=point=3`, which ends this process without another word when
/// it passes `point` for the third time.
#[must_use]
pub fn arm() -> fail::FailScenario<'static> {
    let armed = fail::FailScenario::setup();
    #[expect(
        clippy::disallowed_methods,
        reason = "a test of the built program has no other way to name a point"
    )]
    let plan = std::env::var("LIENTHONG_CRASH").unwrap_or_default();
    let parsed = plan
        .split_once('=')
        .and_then(|(point, pass)| Some((point.to_owned(), pass.parse::<u32>().ok()?)));
    if let Some((point, pass)) = parsed {
        let passed = AtomicU32::new(0);
        let name = point.clone();
        let reached = move || {
            if passed.fetch_add(1, Ordering::SeqCst).saturating_add(1) == pass {
                tracing::error!(point = %name, pass, "crash, as wanted");
                std::process::abort();
            }
        };
        if let Err(fault) = fail::cfg_callback(point, reached) {
            tracing::error!(fault = %fault, "no crash points are built in");
        }
    }
    armed
}
