//! Seeded chance: the same seed gives the same schedule of faults.

/// A small repeatable source of chance (`SplitMix64`).
#[derive(Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The chance of the part `name` in a run with this seed.
    pub(crate) fn of(seed: u64, name: &str) -> Self {
        let mixed = name
            .bytes()
            .fold(seed, |sum, byte| sum.rotate_left(7) ^ u64::from(byte));
        Self(mixed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `limit` - 1.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// One of `choices`.
    pub(crate) fn one<T: Copy>(&mut self, choices: &[T]) -> T {
        let limit = u64::try_from(choices.len()).unwrap();
        choices[usize::try_from(self.below(limit)).unwrap()]
    }

    /// A duration between `from` and `to` milliseconds.
    pub(crate) fn pause(&mut self, from: u64, to: u64) -> std::time::Duration {
        std::time::Duration::from_millis(from + self.below(to - from))
    }
}

#[test]
fn the_same_seed_gives_the_same_schedule() {
    let draw = |seed, name| {
        let mut chance = Chance::of(seed, name);
        [(); 8].map(|()| chance.below(1000))
    };
    assert_eq!(draw(7, "commune"), draw(7, "commune"));
    assert_ne!(draw(7, "commune"), draw(8, "commune"));
    assert_ne!(draw(7, "commune"), draw(7, "district"));
}
