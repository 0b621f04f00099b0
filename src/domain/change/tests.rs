//! The table of change requests, step by step, and that a recall and an opening have one winner.

use proptest::prelude::*;

use super::*;
use crate::domain::ids::RandomIds;

const UNTOUCHED: Held = Held {
    standing: Standing::InForce,
    handling: HandlingState::Arrived,
    is_opened: false,
};

#[test]
fn what_nobody_opened_is_given_back_without_asking() {
    for kind in [Kind::TakeBack, Kind::Recall] {
        assert_eq!(
            on_arrival(kind, UNTOUCHED),
            Outcome::End(State::Agreed, Basis::NotOpened)
        );
    }
}

#[test]
fn what_was_opened_or_accepted_waits_for_the_clerk() {
    let opened = Held {
        is_opened: true,
        ..UNTOUCHED
    };
    let accepted = Held {
        handling: HandlingState::Accepted,
        ..UNTOUCHED
    };
    for held in [opened, accepted] {
        assert_eq!(on_arrival(Kind::TakeBack, held), Outcome::Wait);
    }
}

#[test]
fn another_document_never_takes_a_place_without_the_clerk() {
    for kind in [Kind::Update, Kind::Replace] {
        assert_eq!(on_arrival(kind, UNTOUCHED), Outcome::Wait);
    }
}

#[test]
fn a_refused_document_leaves_nothing_to_take_back() {
    let refused = Held {
        handling: HandlingState::Refused,
        ..UNTOUCHED
    };
    for kind in Kind::ALL {
        assert_eq!(
            on_arrival(kind, refused),
            Outcome::End(State::Closed, Basis::DocumentRefused)
        );
    }
}

#[test]
fn a_document_is_given_back_only_once() {
    let recalled = Held {
        standing: Standing::Recalled,
        ..UNTOUCHED
    };
    assert_eq!(
        on_arrival(Kind::TakeBack, recalled),
        Outcome::End(State::Closed, Basis::NoLongerInForce)
    );
}

#[test]
fn status_13_asks_before_acceptance_and_a_formal_recall_after_it() {
    assert_eq!(Kind::of_recall(HandlingState::Arrived), Kind::TakeBack);
    assert_eq!(Kind::of_recall(HandlingState::Accepted), Kind::Recall);
}

#[test]
fn one_may_ask_again_after_a_refusal_and_after_silence_but_not_meanwhile() {
    let ask = |last| may_ask(Standing::InForce, HandlingState::Accepted, last).is_ok();
    assert_eq!(
        [
            ask(None),
            ask(Some(State::Requested)),
            ask(Some(State::Overdue)),
            ask(Some(State::Refused)),
        ],
        [true, false, true, true]
    );
    assert!(may_ask(Standing::Recalled, HandlingState::Accepted, None).is_err());
    assert!(may_ask(Standing::InForce, HandlingState::Refused, None).is_err());
}

#[test]
fn refused_and_overdue_leave_the_earlier_document_in_force() {
    let at = "2025-06-30T02:00:00Z".parse().unwrap();
    let successor = Successor {
        document: DocumentId::fresh(&RandomIds, at),
        number: "16/UBND-VP".to_owned(),
        delivery: DeliveryId::fresh(&RandomIds, at),
    };
    let after = |state| standing_after(state, Kind::Replace, Some(&successor));
    for state in [
        State::Requested,
        State::Overdue,
        State::Refused,
        State::Closed,
    ] {
        assert_eq!(after(state), Standing::InForce);
    }
    assert_eq!(
        after(State::Agreed),
        Standing::Superseded(successor.document)
    );
}

#[test]
fn every_word_reads_back() {
    for kind in Kind::ALL {
        assert_eq!(Kind::parse(kind.as_str()), Some(kind));
    }
    for state in State::ALL {
        assert_eq!(State::parse(state.as_str()), Some(state));
    }
    for basis in Basis::ALL {
        assert_eq!(Basis::parse(basis.as_str()), Some(basis));
    }
}

/// Something that happens at one of the two hubs, or on the road between them.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// Somebody of the recipient opens the document.
    Open,
    /// The request reaches the recipient's hub.
    Arrive,
    /// The clerk answers.
    Answer(bool),
    /// The deadline passes at the recipient's hub.
    ExpireThere,
    /// The deadline passes at the sender's hub.
    ExpireHere,
    /// The answer number n (of those given) reaches the sender's hub, perhaps again.
    Report(usize),
}

fn events() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Open),
        Just(Event::Arrive),
        any::<bool>().prop_map(Event::Answer),
        Just(Event::ExpireThere),
        Just(Event::ExpireHere),
        (0_usize..4).prop_map(Event::Report),
    ]
}

/// Both hubs of one request to take a document back.
struct Both {
    held: Held,
    there: Option<State>,
    here: State,
    /// What the recipient's hub has signed, and whether the document was opened by then.
    answers: Vec<(State, bool)>,
    /// How often bytes were shown, and how often after they were given back.
    shown: u32,
    shown_after_recall: u32,
}

impl Both {
    fn new() -> Self {
        Self {
            held: UNTOUCHED,
            there: None,
            here: State::Requested,
            answers: Vec::new(),
            shown: 0,
            shown_after_recall: 0,
        }
    }

    /// A report at the recipient's hub, which signs what moved it.
    fn state(&mut self, reported: State) {
        let own = self.there.unwrap_or(State::Requested);
        if let Step::Move(next) = own.step(reported) {
            self.there = Some(next);
            self.answers.push((next, self.held.is_opened));
            self.held.standing = match next {
                State::Agreed => Standing::Recalled,
                _ => self.held.standing,
            };
        }
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Open if self.held.standing.must_be_readable().is_ok() => {
                self.held.is_opened = true;
                self.shown += 1;
                self.shown_after_recall += u32::from(self.held.standing == Standing::Recalled);
            }
            Event::Arrive if self.there.is_none() => {
                self.there = Some(State::Requested);
                if let Outcome::End(state, _) = on_arrival(Kind::TakeBack, self.held) {
                    self.state(state);
                }
            }
            Event::Answer(agrees) if self.there.is_some_and(State::is_open) => {
                self.state(if agrees {
                    State::Agreed
                } else {
                    State::Refused
                });
            }
            Event::ExpireThere if self.there.is_some() => self.state(State::Overdue),
            Event::ExpireHere => self.report(State::Overdue),
            Event::Report(number) => {
                if let Some((state, _)) = self.answers.get(number).copied() {
                    self.report(state);
                }
            }
            _ => {}
        }
    }

    fn report(&mut self, reported: State) {
        let step = self.here.step(reported);
        assert_ne!(step, Step::Contradiction, "{:?} + {reported:?}", self.here);
        if let Step::Move(next) = step {
            self.here = next;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// R13: whatever is interleaved with what, an opening and an unasked taking back never both
    /// happen, nothing is shown after it was given back, and once every answer has come both hubs
    /// say the same.
    #[test]
    fn a_recall_and_an_opening_have_one_winner_and_both_sides_agree(
        story in prop::collection::vec(events(), 0..16)
    ) {
        let mut both = Both::new();
        for event in story {
            both.happens(event);
        }
        prop_assert_eq!(both.shown_after_recall, 0);
        let ended: Vec<(State, bool)> =
            both.answers.iter().copied().filter(|(state, _)| !state.is_open()).collect();
        prop_assert!(ended.len() <= 1, "{:?}", ended);
        if both.there == Some(State::Agreed) && both.shown == 0 {
            prop_assert_eq!(ended.first().copied(), Some((State::Agreed, false)));
        }
        for number in (0..both.answers.len()).rev() {
            both.happens(Event::Report(number));
        }
        if let Some(there) = both.there.filter(|there| !there.is_open()) {
            prop_assert_eq!(both.here, there);
        }
    }

    #[test]
    fn reports_in_any_order_end_alike(
        end in prop_oneof![Just(State::Agreed), Just(State::Refused), Just(State::Closed)],
        order in prop::collection::vec(0_usize..3, 0..12)
    ) {
        let honest = [State::Requested, State::Overdue, end];
        let mut state = State::Requested;
        for number in order.into_iter().chain([0, 1, 2]) {
            match state.step(honest[number]) {
                Step::Move(next) => state = next,
                step => prop_assert_ne!(step, Step::Contradiction),
            }
        }
        prop_assert_eq!(state, end);
    }

    #[test]
    fn a_request_never_goes_back(reports in prop::collection::vec(0_usize..5, 0..12)) {
        let rank = |state: State| match state {
            State::Requested => 0,
            State::Overdue => 1,
            State::Agreed | State::Refused | State::Closed => 2,
        };
        let mut state = State::Requested;
        for number in reports {
            if let Step::Move(next) = state.step(State::ALL[number]) {
                prop_assert!(rank(next) > rank(state));
                state = next;
            }
        }
    }
}
