//! How long a failure waits before the next attempt.

/// How long to wait after so many `failures` in a row, in milliseconds: up to the wait the list holds
/// for that failure (its last entry for all later ones), by `chance` evenly between nothing and all of it ("full jitter"), so
/// that what failed together does not come back together.
#[must_use]
pub fn wait_ms(waits_ms: &[u32], failures: u32, chance: u16) -> u64 {
    let longest = u64::from(longest_ms(waits_ms, failures));
    let parts = u64::from(chance) + 1;
    (longest * parts / 65_536).max(1)
}

/// The longest a failure may wait, in milliseconds.
#[must_use]
pub fn longest_ms(waits_ms: &[u32], failures: u32) -> u32 {
    let at = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
    let wait = waits_ms.get(at).or(waits_ms.last());
    wait.copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn expected(waits: &[u32], failures: u32) -> u64 {
        let chances = (0..64_u16).map(|step| step * 1024 + 512);
        chances
            .map(|chance| wait_ms(waits, failures, chance))
            .sum::<u64>()
            / 64
    }

    proptest! {
        #[test]
        fn a_wait_is_bounded_and_never_nothing(
            mut waits in prop::collection::vec(1_u32..4_000_000, 1..12),
            failures in 0_u32..1_000_000,
            chance in any::<u16>(),
        ) {
            waits.sort_unstable();
            let wait = wait_ms(&waits, failures, chance);
            prop_assert!((1..=u64::from(*waits.last().unwrap())).contains(&wait), "{wait}");
        }

        #[test]
        fn in_expectation_a_later_failure_waits_no_less(
            mut waits in prop::collection::vec(1_000_u32..4_000_000, 1..12),
            failures in 1_u32..14,
        ) {
            waits.sort_unstable();
            prop_assert!(expected(&waits, failures) <= expected(&waits, failures + 1));
        }
    }

    #[test]
    fn after_the_last_entry_the_wait_stays_the_same() {
        assert_eq!(longest_ms(&[5, 15, 45], 3), 45);
        assert_eq!(longest_ms(&[5, 15, 45], 300), 45);
    }
}
