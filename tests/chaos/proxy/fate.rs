//! What can happen to a line, and to a message on it.

use crate::chance::Chance;

/// The state of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weather {
    /// Messages pass, each with its own fate.
    Clear,
    /// Connections are reset.
    Refusing,
    /// Connections are taken, and nothing ever comes back.
    Silent,
    /// Everything takes long.
    Slow,
}

/// The fate of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It passes.
    Pass,
    /// It passes late.
    Delay,
    /// It passes in small pieces.
    Throttle,
    /// It never reaches the hub.
    Lose,
    /// Half of it reaches the hub.
    CutRequest,
    /// The hub acts; half of its answer comes back.
    CutAnswer,
    /// The hub acts; nothing comes back.
    LoseAnswer,
    /// It reaches the hub twice, one after the other.
    Twice,
    /// It reaches the hub twice at the same moment.
    TwiceAtOnce,
    /// It seems lost, and reaches the hub later, after others.
    Late,
    /// It passes, and somebody sends it again later.
    Replayed,
}

impl Fate {
    const ALL: [Self; 10] = [
        Self::Delay,
        Self::Throttle,
        Self::Lose,
        Self::CutRequest,
        Self::CutAnswer,
        Self::LoseAnswer,
        Self::Twice,
        Self::TwiceAtOnce,
        Self::Late,
        Self::Replayed,
    ];

    /// The fate of the next message when `percent` of them have trouble.
    pub(crate) fn draw(chance: &mut Chance, percent: u64) -> Self {
        if chance.below(100) < percent {
            chance.one(&Self::ALL)
        } else {
            Self::Pass
        }
    }
}

#[test]
fn a_calm_line_lets_everything_pass_and_a_troubled_one_shows_every_fate() {
    let mut chance = Chance::of(1, "line");
    assert!((0..100).all(|_| Fate::draw(&mut chance, 0) == Fate::Pass));
    let seen: Vec<Fate> = (0..500).map(|_| Fate::draw(&mut chance, 100)).collect();
    assert!(Fate::ALL.iter().all(|fate| seen.contains(fate)));
}
