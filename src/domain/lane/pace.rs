//! How much may be under way with one neighbour at once: more by one after each round that went well,
//! half after a failure.

/// The window of one neighbour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    window: u16,
    since: u16,
    most: u16,
}

impl Pace {
    /// A window that may grow to `most`; it begins at half of that.
    #[must_use]
    pub const fn new(most: u16) -> Self {
        let most = if most == 0 { 1 } else { most };
        Self {
            window: most.div_ceil(2),
            since: 0,
            most,
        }
    }

    /// The smallest window: for a neighbour that has just come back.
    #[must_use]
    pub const fn slow(most: u16) -> Self {
        Self {
            window: 1,
            ..Self::new(most)
        }
    }

    /// How much may be under way.
    #[must_use]
    pub const fn window(self) -> u16 {
        self.window
    }

    /// Something went well: after as many as the window holds, it grows by one.
    pub const fn well(&mut self) {
        self.since = self.since.saturating_add(1);
        if self.since >= self.window {
            self.since = 0;
            if self.window < self.most {
                self.window += 1;
            }
        }
    }

    /// Something failed: half the window, at least one.
    pub const fn badly(&mut self) {
        self.since = 0;
        self.window = if self.window < 2 { 1 } else { self.window / 2 };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_window_stays_between_one_and_the_most(
            most in 0_u16..64,
            went in prop::collection::vec(any::<bool>(), 0..300),
        ) {
            let mut pace = Pace::new(most);
            for well in went {
                if well { pace.well() } else { pace.badly() }
                prop_assert!((1..=most.max(1)).contains(&pace.window()));
            }
        }
    }

    #[test]
    fn a_window_doubles_no_faster_than_it_is_used() {
        let mut pace = Pace::slow(8);
        let windows: Vec<u16> = (0..6)
            .map(|_| {
                pace.well();
                pace.window()
            })
            .collect();
        assert_eq!(windows, [2, 2, 3, 3, 3, 4]);
    }
}
