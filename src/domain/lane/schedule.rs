//! What to take next: lanes by their weights, within a lane every target in its turn, and never more
//! under way than each may have. Knows nothing of how work is stored.

use std::collections::{BTreeMap, VecDeque};

use super::link::{Link, Passage, passage};
use super::pace::Pace;
use super::turns::Turns;
use super::{Lane, PerLane, Target};
use crate::domain::clock::Timestamp;

/// How much may be under way.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Taken at once.
    pub batch: u16,
    /// Taken of one target before the next has its turn.
    pub slice: u16,
    /// Under way that needs nobody but this hub.
    pub here: u16,
    /// Under way with all others.
    pub away: u16,
    /// Under way with one of them.
    pub each: u16,
    /// Failures in a row that interrupt a line.
    pub break_after: u32,
}

/// What should be taken: up to `most` pieces of one lane of one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// Whom they need.
    pub target: Target,
    /// Their lane.
    pub lane: Lane,
    /// How many.
    pub most: u16,
    /// Whether it is the one piece that shows whether an interrupted line works again.
    pub is_probe: bool,
}

/// What is under way with one target.
#[derive(Debug)]
struct Hand {
    count: u16,
    pace: Pace,
}

/// The order of work of one process.
#[derive(Debug)]
pub struct Schedule {
    limits: Limits,
    turns: Turns,
    due: BTreeMap<Target, PerLane<bool>>,
    links: BTreeMap<Target, Link>,
    hands: BTreeMap<Target, Hand>,
    here: PerLane<u16>,
    away: PerLane<u16>,
    last: PerLane<Option<Target>>,
}

impl Schedule {
    /// A schedule that knows of no work yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            turns: Turns::default(),
            due: BTreeMap::new(),
            links: BTreeMap::new(),
            hands: BTreeMap::new(),
            here: PerLane::default(),
            away: PerLane::default(),
            last: PerLane::default(),
        }
    }

    /// Learns where something is due, and which lines are in trouble; what was known before is
    /// forgotten.
    pub fn learn(
        &mut self,
        due: impl IntoIterator<Item = (Target, Lane)>,
        links: impl IntoIterator<Item = (Target, Link)>,
    ) {
        self.due.clear();
        for (target, lane) in due {
            *self.due.entry(target).or_default().of_mut(lane) = true;
        }
        self.links = links.into_iter().collect();
    }

    /// Whether the line to `target` is interrupted.
    #[must_use]
    pub fn is_open(&self, target: &Target) -> bool {
        let link = self.links.get(target);
        link.is_some_and(|link| link.failures >= self.limits.break_after)
    }

    /// What to take at `now`. It counts as under way until [`Schedule::taken`] says how much of it
    /// there was.
    pub fn plan(&mut self, now: Timestamp) -> Vec<Want> {
        let mut rings = self.rings();
        let mut wants: Vec<Want> = Vec::new();
        let mut left = self.limits.batch;
        while left > 0 {
            for lane in Lane::ALL {
                let ring = rings.of_mut(lane);
                while ring
                    .front()
                    .is_some_and(|target| self.room(target, lane, now) == 0)
                {
                    ring.pop_front();
                }
            }
            let picked = self.turns.pick(|lane| !rings.of(lane).is_empty());
            let Some((lane, target)) =
                picked.and_then(|lane| Some((lane, rings.of_mut(lane).pop_front()?)))
            else {
                break;
            };
            let room = self.room(&target, lane, now);
            let most = room.min(self.limits.slice).min(left);
            left = left.saturating_sub(most);
            self.count(&target, lane, |count| count.saturating_add(most));
            *self.last.of_mut(lane) = Some(target.clone());
            rings.of_mut(lane).push_back(target.clone());
            let is_same = |want: &&mut Want| want.target == target && want.lane == lane;
            match wants.iter_mut().find(is_same) {
                Some(want) => want.most = want.most.saturating_add(most),
                None => wants.push(Want {
                    is_probe: self.is_open(&target),
                    target,
                    lane,
                    most,
                }),
            }
        }
        wants
    }

    /// For each lane the targets that have something due, the one after the last served first.
    fn rings(&self) -> PerLane<VecDeque<Target>> {
        let mut rings = PerLane::<VecDeque<Target>>::default();
        for lane in Lane::ALL {
            let have = self.due.iter().filter(|(_, has)| *has.of(lane));
            let mut ring: VecDeque<Target> = have.map(|(target, _)| target.clone()).collect();
            if let Some(last) = self.last.of(lane) {
                let served = ring.partition_point(|target| target <= last);
                ring.rotate_left(served);
            }
            *rings.of_mut(lane) = ring;
        }
        rings
    }

    fn room(&self, target: &Target, lane: Lane, now: Timestamp) -> u16 {
        if *target == Target::Here {
            return lane_room(&self.here, self.limits.here, lane);
        }
        let hand = self.hands.get(target);
        let under_way = hand.map_or(0, |hand| hand.count);
        let own = match passage(self.links.get(target), self.limits.break_after, now) {
            Passage::Closed => 0,
            Passage::Probe => u16::from(under_way == 0),
            Passage::Free => {
                let window = hand.map_or(Pace::new(self.limits.each).window(), |hand| {
                    hand.pace.window()
                });
                // What is urgent never waits behind a slow transfer to the same neighbour.
                let window = window.saturating_add(u16::from(lane == Lane::Urgent));
                window.saturating_sub(under_way)
            }
        };
        own.min(lane_room(&self.away, self.limits.away, lane))
    }

    fn count(&mut self, target: &Target, lane: Lane, change: impl Fn(u16) -> u16) {
        let (each, total) = match target {
            Target::Here => (None, self.here.of_mut(lane)),
            _ => (Some(self.limits.each), self.away.of_mut(lane)),
        };
        *total = change(*total);
        if let Some(each) = each {
            let fresh = || Hand {
                count: 0,
                pace: Pace::new(each),
            };
            let hand = self.hands.entry(target.clone()).or_insert_with(fresh);
            hand.count = change(hand.count);
        }
    }

    /// A piece outside the plan is under way.
    pub fn begin(&mut self, target: &Target, lane: Lane) {
        self.count(target, lane, |count| count.saturating_add(1));
    }

    /// Of what was wanted, `got` pieces were there; if fewer than wanted, nothing more is due.
    pub fn taken(&mut self, want: &Want, got: u16) {
        let missing = want.most.saturating_sub(got);
        self.count(&want.target, want.lane, |count| {
            count.saturating_sub(missing)
        });
        if missing > 0
            && let Some(has) = self.due.get_mut(&want.target)
        {
            *has.of_mut(want.lane) = false;
        }
    }

    /// A piece is no longer under way.
    pub fn ended(&mut self, target: &Target, lane: Lane) {
        self.count(target, lane, |count| count.saturating_sub(1));
    }

    /// `target` answered; gives whether its line was in trouble before.
    pub fn answered(&mut self, target: &Target) -> bool {
        let before = self.is_open(target);
        let was_in_trouble = self.links.remove(target).is_some();
        if let Some(hand) = self.hands.get_mut(target) {
            if before {
                hand.pace = Pace::slow(self.limits.each);
            }
            hand.pace.well();
        }
        was_in_trouble
    }

    /// `target` did not answer; its line is now as the record says.
    pub fn silent(&mut self, target: &Target, link: Link) {
        self.links.insert(target.clone(), link);
        if let Some(hand) = self.hands.get_mut(target) {
            hand.pace.badly();
        }
    }
}

/// Places left for a lane of `total`: an eighth is kept for what is urgent, and what is bulk has at
/// most half.
fn lane_room(under_way: &PerLane<u16>, total: u16, lane: Lane) -> u16 {
    let [urgent, normal, bulk] = Lane::ALL.map(|lane| *under_way.of(lane));
    let patient = normal.saturating_add(bulk);
    let all = total.saturating_sub(patient.saturating_add(urgent));
    let for_patient = total.saturating_sub(total / 8).saturating_sub(patient);
    let for_bulk = total.div_ceil(2).saturating_sub(bulk);
    match lane {
        Lane::Urgent => all,
        Lane::Normal => all.min(for_patient),
        Lane::Bulk => all.min(for_patient).min(for_bulk),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::routing::HubId;

    const LIMITS: Limits = Limits {
        batch: 25,
        slice: 5,
        here: 16,
        away: 48,
        each: 8,
        break_after: 5,
    };

    fn now() -> Timestamp {
        "2025-06-30T02:00:00Z".parse().unwrap()
    }

    fn peer(name: &str) -> Target {
        Target::Peer(HubId::parse(name).unwrap())
    }

    fn schedule(due: &[(&Target, Lane)]) -> Schedule {
        let mut schedule = Schedule::new(LIMITS);
        schedule.learn(
            due.iter().map(|(target, lane)| ((*target).clone(), *lane)),
            [],
        );
        schedule
    }

    #[test]
    fn one_target_with_a_backlog_has_no_more_than_its_window() {
        let (slow, other) = (peer("slow"), peer("other"));
        let mut schedule = schedule(&[(&slow, Lane::Normal), (&other, Lane::Normal)]);
        let wants = schedule.plan(now());
        let most = |target: &Target| -> u16 {
            let own = wants.iter().filter(|want| want.target == *target);
            own.map(|want| want.most).sum()
        };
        assert_eq!((most(&slow), most(&other)), (4, 4));
        assert_eq!(schedule.plan(now()), []);
    }

    #[test]
    fn every_target_has_its_turn_although_one_batch_is_not_enough() {
        let targets: Vec<Target> = (0..40)
            .map(|number| peer(&format!("hub-{number}")))
            .collect();
        let due: Vec<_> = targets.iter().map(|one| (one, Lane::Bulk)).collect();
        let mut schedule = schedule(&due);
        let mut served = std::collections::BTreeSet::new();
        for _ in 0..40 {
            for want in schedule.plan(now()) {
                served.insert(want.target.clone());
                for _ in 0..want.most {
                    schedule.ended(&want.target, want.lane);
                }
            }
        }
        assert_eq!(served.len(), targets.len());
    }

    #[test]
    fn urgent_work_finds_a_place_although_everything_else_is_full() {
        let targets: Vec<Target> = (0..40)
            .map(|number| peer(&format!("hub-{number}")))
            .collect();
        let due: Vec<_> = targets.iter().map(|one| (one, Lane::Normal)).collect();
        let mut schedule = schedule(&due);
        while !schedule.plan(now()).is_empty() {}
        let urgent = (targets[39].clone(), Lane::Urgent);
        schedule.learn([urgent], []);
        let wants = schedule.plan(now());
        assert!(
            wants.iter().any(|want| want.lane == Lane::Urgent),
            "{wants:?}"
        );
    }

    #[test]
    fn an_interrupted_line_gets_one_probe_at_a_time() {
        let away = peer("away");
        let link = Link {
            failures: 5,
            retry_at: now(),
        };
        let mut schedule = Schedule::new(LIMITS);
        schedule.learn([(away.clone(), Lane::Normal)], [(away.clone(), link)]);
        let wants = schedule.plan(now());
        assert_eq!(
            wants,
            [Want {
                target: away.clone(),
                lane: Lane::Normal,
                most: 1,
                is_probe: true
            }]
        );
        assert_eq!(schedule.plan(now()), []);
        schedule.ended(&away, Lane::Normal);
        assert!(schedule.answered(&away));
        let wants = schedule.plan(now());
        assert_eq!((wants[0].most, wants[0].is_probe), (2, false));
    }

    #[test]
    fn what_was_not_there_leaves_its_place_to_others() {
        let one = peer("one");
        let mut schedule = schedule(&[(&one, Lane::Normal)]);
        let wants = schedule.plan(now());
        schedule.taken(&wants[0], 0);
        assert_eq!(schedule.plan(now()), []);
        schedule.learn([(one, Lane::Normal)], []);
        assert_eq!(schedule.plan(now()), wants);
    }
}
