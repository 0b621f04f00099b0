//! The weighted pick: 8 urgent to 3 normal to 1 bulk where all have work, spread evenly, and nobody
//! left out.

use super::{Lane, PerLane};

/// Whose turn it is. A lane that has work gathers its weight at every pick; the richest goes and pays
/// what all gathered. So one that always has work waits at most twice as many picks as all weights make,
/// however the work of the others comes and goes.
#[derive(Debug, Clone, Default)]
pub struct Turns {
    credit: PerLane<i32>,
}

impl Turns {
    /// The lane that goes next among those that `have` work; `None` if none has.
    ///
    /// A lane without work gathers nothing and keeps only its debt.
    pub fn pick(&mut self, have: impl Fn(Lane) -> bool) -> Option<Lane> {
        let mut gathered = 0;
        let mut best: Option<(i32, Lane)> = None;
        for lane in Lane::ALL {
            let credit = self.credit.of_mut(lane);
            if !have(lane) {
                *credit = (*credit).min(0);
                continue;
            }
            *credit = credit.saturating_add(lane.weight());
            gathered += lane.weight();
            if best.is_none_or(|(most, _)| *credit > most) {
                best = Some((*credit, lane));
            }
        }
        let (_, lane) = best?;
        let credit = self.credit.of_mut(lane);
        *credit = credit.saturating_sub(gathered);
        Some(lane)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn twelve_picks_are_eight_three_and_one() {
        let mut turns = Turns::default();
        let picked: Vec<Lane> = (0..12).filter_map(|_| turns.pick(|_| true)).collect();
        let count = |lane| picked.iter().filter(|one| **one == lane).count();
        assert_eq!(Lane::ALL.map(count), [8, 3, 1]);
    }

    #[test]
    fn nothing_is_picked_where_there_is_no_work() {
        assert_eq!(Turns::default().pick(|_| false), None);
    }

    proptest! {
        #[test]
        fn a_lane_that_always_has_work_is_never_left_out(
            others in prop::collection::vec((any::<bool>(), any::<bool>()), 1..400),
            steady in 0_i16..3,
        ) {
            let steady = Lane::from_code(steady).unwrap();
            let mut turns = Turns::default();
            let mut waited = 0;
            for (one, other) in others {
                let mut rest = [one, other].into_iter();
                let has = Lane::ALL.map(|lane| lane == steady || rest.next().unwrap_or(false));
                let picked = turns.pick(|lane| has[usize::try_from(lane.code()).unwrap()]).unwrap();
                waited = if picked == steady { 0 } else { waited + 1 };
                prop_assert!(waited < 24, "{steady:?} waited {waited} picks");
            }
        }

        #[test]
        fn an_urgent_piece_that_comes_is_next_or_after_one_other(
            before in prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>()), 0..60)
        ) {
            let mut turns = Turns::default();
            for (urgent, normal, bulk) in before {
                turns.pick(|lane| match lane {
                    Lane::Urgent => urgent,
                    Lane::Normal => normal,
                    Lane::Bulk => bulk,
                });
            }
            let picked = [turns.pick(|_| true), turns.pick(|_| true)];
            prop_assert!(picked.contains(&Some(Lane::Urgent)), "{picked:?}");
        }
    }
}
