//! One document on its way to one addressee. Two independent states: transport (made by machines,
//! its rank never falls) and handling (made by people, edXML status codes).
//!
//! Source: QCVN 102:2016/BTTTT status messages; Decision 28/2018/QĐ-TTg article 10(2)(h).

/// How far the bytes have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransportState {
    /// Handed in at the sender's hub.
    Submitted,
    /// Waiting in the outbox of the sender's hub.
    Queued,
    /// Taken over by the hub that is number `hop` after the first one.
    Relayed {
        /// 1 for the first hub after the sender's.
        hop: u8,
    },
    /// In the recipient's mailbox, bytes hashed again.
    Consigned,
    /// Opened by a named clerk of the recipient.
    Accessed,
    /// Given up, with a reason: nothing more will happen by itself.
    Failed,
}

impl TransportState {
    /// The rank, the form in the record: a later state has a higher one.
    #[must_use]
    pub fn rank(self) -> i16 {
        match self {
            Self::Submitted => 100,
            Self::Queued => 200,
            Self::Relayed { hop } => 300 + i16::from(hop.min(99)),
            Self::Consigned => 400,
            Self::Accessed => 550,
            Self::Failed => 900,
        }
    }

    /// The state with this rank.
    #[must_use]
    pub fn from_rank(rank: i16) -> Option<Self> {
        match rank {
            100 => Some(Self::Submitted),
            200 => Some(Self::Queued),
            300..400 => u8::try_from(rank - 300)
                .ok()
                .map(|hop| Self::Relayed { hop }),
            400 => Some(Self::Consigned),
            550 => Some(Self::Accessed),
            900 => Some(Self::Failed),
            _ => None,
        }
    }

    /// The state after a report of `reported`: the higher rank of the two. A late report of a lower
    /// rank is kept as evidence, never applied.
    #[must_use]
    pub fn after(self, reported: Self) -> Self {
        if reported.rank() > self.rank() {
            reported
        } else {
            self
        }
    }

    /// The phrase that names it.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Submitted => "transport-submitted",
            Self::Queued => "transport-queued",
            Self::Relayed { .. } => "transport-relayed",
            Self::Consigned => "transport-consigned",
            Self::Accessed => "transport-accessed",
            Self::Failed => "transport-failed",
        }
    }
}

/// What the recipient has done with the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HandlingState {
    /// Nothing reported yet.
    Sent,
    /// 01: in the recipient's system, the clerk has not decided.
    Arrived,
    /// 02: refused, with a reason.
    Refused,
    /// 03: accepted and entered in the register.
    Accepted,
    /// 04: assigned by the leader.
    Assigned,
    /// 05: being worked on; may repeat.
    Processing,
    /// 06: finished.
    Completed,
}

/// What a report does to the handling state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The state moves.
    Move(HandlingState),
    /// The same report again: success, nothing changes.
    Duplicate,
    /// Said once more, as 04 and 05 may be: kept in the history, the state stays.
    Repeat,
    /// Kept in the history only.
    Keep,
    /// A refusal after acceptance (Decree 30/2020/NĐ-CP article 21(2)(b)): applied and flagged.
    LateRefusal,
    /// An acceptance after a refusal: applied and flagged.
    AfterRefusal,
    /// The report contradicts the state; kept and flagged.
    Contradiction,
}

impl HandlingState {
    /// Every state in the order of its code.
    pub const ALL: [Self; 7] = [
        Self::Sent,
        Self::Arrived,
        Self::Refused,
        Self::Accepted,
        Self::Assigned,
        Self::Processing,
        Self::Completed,
    ];

    /// The status code of edXML; 0 where nothing was reported.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Sent => 0,
            Self::Arrived => 1,
            Self::Refused => 2,
            Self::Accepted => 3,
            Self::Assigned => 4,
            Self::Processing => 5,
            Self::Completed => 6,
        }
    }

    /// The state with this code.
    #[must_use]
    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// What the report `reported` does. Steps may be missing or come out of order: a jump forward
    /// is accepted.
    #[must_use]
    pub fn step(self, reported: Self) -> Step {
        match (self, reported) {
            (_, Self::Sent) => Step::Keep,
            (Self::Sent, _) => Step::Move(reported),
            (Self::Refused, Self::Refused)
            | (Self::Arrived, Self::Arrived)
            | (Self::Accepted, Self::Accepted)
            | (Self::Completed, Self::Completed) => Step::Duplicate,
            (Self::Assigned, Self::Assigned) | (Self::Processing, Self::Processing) => Step::Repeat,
            (Self::Refused, Self::Accepted) => Step::AfterRefusal,
            (Self::Refused, Self::Arrived) => Step::Keep,
            (Self::Refused, _) | (Self::Completed, Self::Refused) => Step::Contradiction,
            (Self::Completed, _) => Step::Keep,
            (Self::Arrived, _) => Step::Move(reported),
            (_, Self::Refused) => Step::LateRefusal,
            (_, Self::Arrived | Self::Accepted) => Step::Keep,
            (_, _) => Step::Move(reported),
        }
    }

    /// The states a document has passed that has come to this one.
    #[must_use]
    pub const fn passed(self) -> &'static [Self] {
        match self {
            Self::Sent | Self::Arrived => &[],
            Self::Refused | Self::Accepted => &[Self::Arrived],
            Self::Assigned => &[Self::Arrived, Self::Accepted],
            Self::Processing => &[Self::Arrived, Self::Accepted, Self::Assigned],
            Self::Completed => &[
                Self::Arrived,
                Self::Accepted,
                Self::Assigned,
                Self::Processing,
            ],
        }
    }

    /// The phrase that names it.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Sent => "handling-sent",
            Self::Arrived => "handling-arrived",
            Self::Refused => "handling-refused",
            Self::Accepted => "handling-accepted",
            Self::Assigned => "handling-assigned",
            Self::Processing => "handling-processing",
            Self::Completed => "handling-completed",
        }
    }
}

/// The part this hub plays for a delivery. Sender and recipient may live on one hub, which then
/// plays two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Hosts the sender.
    Origin,
    /// Passes it on.
    Relay,
    /// Hosts the recipient.
    Destination,
}

impl Role {
    /// The word in the record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::Relay => "relay",
            Self::Destination => "destination",
        }
    }

    /// The role named `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Origin, Self::Relay, Self::Destination]
            .into_iter()
            .find(|r| r.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::HandlingState as H;
    use super::*;

    /// The table of the rules, row by row: what is, and what each of the reports 01 to 06 does.
    const TABLE: [(H, [Step; 6]); 7] = [
        (H::Sent, [A, R, C, G, P, D]),
        (H::Arrived, [Step::Duplicate, R, C, G, P, D]),
        (
            H::Accepted,
            [Step::Keep, Step::LateRefusal, Step::Duplicate, G, P, D],
        ),
        (
            H::Assigned,
            [
                Step::Keep,
                Step::LateRefusal,
                Step::Keep,
                Step::Repeat,
                P,
                D,
            ],
        ),
        (
            H::Processing,
            [
                Step::Keep,
                Step::LateRefusal,
                Step::Keep,
                G,
                Step::Repeat,
                D,
            ],
        ),
        (
            H::Completed,
            [
                Step::Keep,
                Step::Contradiction,
                Step::Keep,
                Step::Keep,
                Step::Keep,
                Step::Duplicate,
            ],
        ),
        (
            H::Refused,
            [
                Step::Keep,
                Step::Duplicate,
                Step::AfterRefusal,
                Step::Contradiction,
                Step::Contradiction,
                Step::Contradiction,
            ],
        ),
    ];
    const A: Step = Step::Move(H::Arrived);
    const R: Step = Step::Move(H::Refused);
    const C: Step = Step::Move(H::Accepted);
    const G: Step = Step::Move(H::Assigned);
    const P: Step = Step::Move(H::Processing);
    const D: Step = Step::Move(H::Completed);

    #[test]
    fn the_table_of_handling_is_followed() {
        for (from, steps) in TABLE {
            for (report, step) in H::ALL.into_iter().skip(1).zip(steps) {
                assert_eq!(from.step(report), step, "{from:?} + {report:?}");
            }
        }
    }

    fn states() -> impl Strategy<Value = TransportState> {
        prop_oneof![
            Just(TransportState::Submitted),
            Just(TransportState::Queued),
            (1_u8..8).prop_map(|hop| TransportState::Relayed { hop }),
            Just(TransportState::Consigned),
            Just(TransportState::Accessed),
            Just(TransportState::Failed),
        ]
    }

    proptest! {
        #[test]
        fn the_rank_never_falls_whatever_the_order_of_reports(
            reports in prop::collection::vec(states(), 0..20)
        ) {
            let mut state = TransportState::Submitted;
            for report in reports {
                let next = state.after(report);
                prop_assert!(next.rank() >= state.rank());
                state = next;
            }
        }

        #[test]
        fn ranks_and_codes_parse_back(state in states()) {
            prop_assert_eq!(TransportState::from_rank(state.rank()), Some(state));
        }
    }
}
