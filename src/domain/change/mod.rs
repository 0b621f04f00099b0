//! Change requests: the sender asks to have a document back, or puts another one in its place. One
//! request concerns one delivery and ends once, at the hub that holds the document.
//!
//! Source: Decision 28/2018/QĐ-TTg articles 8(2), 9(2); Decree 30/2020/NĐ-CP article 18(3)-(4) and
//! annex VI III.8; edXML business types 1 to 3, status codes 13, 15 and 16. Why it is so:
//! `docs/decisions/0022-change-requests.md`.

use crate::domain::clock::Timestamp;
use crate::domain::delivery::HandlingState;
use crate::domain::ids::{DeliveryId, DocumentId};
use crate::domain::refusal::Refusal;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Lấy lại (status 13): give it back, asked before the recipient accepted it.
    TakeBack,
    /// Thu hồi (business type 1): cancel it, asked after the recipient accepted it.
    Recall,
    /// Cập nhật (business type 2): another version takes its place.
    Update,
    /// Thay thế (business type 3): another document takes its place.
    Replace,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::TakeBack, Self::Recall, Self::Update, Self::Replace];

    /// The word on the wire and in the record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TakeBack => "take-back",
            Self::Recall => "recall",
            Self::Update => "update",
            Self::Replace => "replace",
        }
    }

    /// The kind named `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The phrase that names it.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::TakeBack => "change-take-back",
            Self::Recall => "change-recall",
            Self::Update => "change-update",
            Self::Replace => "change-replace",
        }
    }

    /// Whether another document takes the place of the one concerned.
    #[must_use]
    pub const fn has_successor(self) -> bool {
        matches!(self, Self::Update | Self::Replace)
    }

    /// How a document is asked back whose recipient has come as far as `handling`.
    #[must_use]
    pub const fn of_recall(handling: HandlingState) -> Self {
        match handling {
            HandlingState::Sent | HandlingState::Arrived => Self::TakeBack,
            _ => Self::Recall,
        }
    }
}

/// How far a request has come. The states climb: requested, overdue, then one of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Asked, not answered.
    Requested,
    /// Not answered in time. The document stays in force; an answer may still come.
    Overdue,
    /// 15: done as asked.
    Agreed,
    /// 16: refused with a reason. The sender may ask again.
    Refused,
    /// Nothing is left to change: refused by the recipient, given back or replaced before, or asked
    /// again.
    Closed,
}

/// What a report does to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The state moves.
    Move(State),
    /// The same report again: success, nothing changes.
    Duplicate,
    /// Too late to matter; kept as evidence.
    Keep,
    /// Contradicts the ending that stands; kept as evidence and noted.
    Contradiction,
}

impl State {
    /// Every state in the order of the road.
    pub const ALL: [Self; 5] = [
        Self::Requested,
        Self::Overdue,
        Self::Agreed,
        Self::Refused,
        Self::Closed,
    ];

    /// The word in the record and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Overdue => "overdue",
            Self::Agreed => "agreed",
            Self::Refused => "refused",
            Self::Closed => "closed",
        }
    }

    /// The state named `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// The phrase that names it.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Requested => "change-requested",
            Self::Overdue => "change-overdue",
            Self::Agreed => "change-agreed",
            Self::Refused => "change-refused",
            Self::Closed => "change-closed",
        }
    }

    /// Whether an answer may still come.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Requested | Self::Overdue)
    }

    /// What the report `reported` does. Whatever the order in which honest reports come, the last
    /// state is the same, because only one hub ends a request.
    #[must_use]
    pub fn step(self, reported: Self) -> Step {
        match (self, reported) {
            (own, reported) if own == reported => Step::Duplicate,
            (_, Self::Requested) | (Self::Agreed | Self::Refused | Self::Closed, Self::Overdue) => {
                Step::Keep
            }
            (Self::Requested | Self::Overdue, _) => Step::Move(reported),
            (Self::Agreed | Self::Refused | Self::Closed, _) => Step::Contradiction,
        }
    }
}

/// Why a request was agreed to, or by whom it was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// The hub that states it had not begun to hand the document on.
    NotHandedOver,
    /// The document was at the recipient's hub, and nobody of the recipient had opened it.
    NotOpened,
    /// The recipient's clerk decided.
    Clerk,
    /// The recipient had refused the document (02).
    DocumentRefused,
    /// The document was given back or replaced before.
    NoLongerInForce,
    /// The sender asked again.
    AskedAgain,
}

impl Basis {
    /// Every basis.
    pub const ALL: [Self; 6] = [
        Self::NotHandedOver,
        Self::NotOpened,
        Self::Clerk,
        Self::DocumentRefused,
        Self::NoLongerInForce,
        Self::AskedAgain,
    ];

    /// The word on the wire and in the record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotHandedOver => "not-handed-over",
            Self::NotOpened => "not-opened",
            Self::Clerk => "clerk",
            Self::DocumentRefused => "document-refused",
            Self::NoLongerInForce => "no-longer-in-force",
            Self::AskedAgain => "asked-again",
        }
    }

    /// The basis named `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.as_str() == text)
    }

    /// The phrase that says it.
    #[must_use]
    pub fn phrase(self) -> String {
        format!("change-basis-{}", self.as_str())
    }
}

/// Whether a delivered document is still the one that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It counts.
    InForce,
    /// Given back: sealed for the recipient, frozen for the sender.
    Recalled,
    /// Kept, and marked: this document has taken its place.
    Superseded(DocumentId),
}

impl Standing {
    /// The phrase that names it.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::InForce => "standing-in-force",
            Self::Recalled => "standing-recalled",
            Self::Superseded(_) => "standing-superseded",
        }
    }

    /// Refuses what needs a document that counts.
    ///
    /// # Errors
    /// [`Refusal::WrongState`] that names the standing.
    pub fn must_be_in_force(self) -> Result<(), Refusal> {
        match self {
            Self::InForce => Ok(()),
            other => Err(Refusal::WrongState {
                state: other.phrase(),
            }),
        }
    }

    /// Refuses to show what was given back; what was superseded can still be read.
    ///
    /// # Errors
    /// [`Refusal::WrongState`].
    pub fn must_be_readable(self) -> Result<(), Refusal> {
        match self {
            Self::Recalled => self.must_be_in_force(),
            Self::InForce | Self::Superseded(_) => Ok(()),
        }
    }
}

/// The document that takes the place of another, and its delivery to the same recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Successor {
    /// The document.
    pub document: DocumentId,
    /// Its number and notation.
    pub number: String,
    /// Its delivery to the same recipient.
    pub delivery: DeliveryId,
}

/// What somebody opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// The page: facts, verdict, receipts.
    Page,
    /// The file.
    File,
}

impl Part {
    /// The word on the wire and in the record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::File => "file",
        }
    }

    /// The part named `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Page, Self::File]
            .into_iter()
            .find(|part| part.as_str() == text)
    }
}

/// The first time a person of the recipient opened something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Who, as an actor is written.
    pub by: String,
    /// What.
    pub part: Part,
    /// When.
    pub at: Timestamp,
}

/// What the recipient's hub knows of a delivery when a request comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Whether it still counts.
    pub standing: Standing,
    /// What the recipient did.
    pub handling: HandlingState,
    /// Whether anybody of the recipient has opened it.
    pub is_opened: bool,
}

/// What the recipient's hub does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It ends now, in this state and for this reason.
    End(State, Basis),
    /// It waits for the clerk.
    Wait,
}

/// What becomes of a request of this kind at the recipient's hub. The only place where a take-back
/// wins or loses against an opening: both are decided under the lock of the delivery.
#[must_use]
pub const fn on_arrival(kind: Kind, held: Held) -> Outcome {
    let is_untouched =
        matches!(held.handling, HandlingState::Sent | HandlingState::Arrived) && !held.is_opened;
    match held.standing {
        Standing::Recalled | Standing::Superseded(_) => {
            Outcome::End(State::Closed, Basis::NoLongerInForce)
        }
        Standing::InForce if matches!(held.handling, HandlingState::Refused) => {
            Outcome::End(State::Closed, Basis::DocumentRefused)
        }
        Standing::InForce if is_untouched && !kind.has_successor() => {
            Outcome::End(State::Agreed, Basis::NotOpened)
        }
        Standing::InForce => Outcome::Wait,
    }
}

/// The standing of a delivery after its request ended in `state`.
#[must_use]
pub fn standing_after(state: State, kind: Kind, successor: Option<&Successor>) -> Standing {
    match (state, kind.has_successor(), successor) {
        (State::Agreed, true, Some(successor)) => Standing::Superseded(successor.document),
        (State::Agreed, false, _) => Standing::Recalled,
        _ => Standing::InForce,
    }
}

/// Whether the sender may ask about a delivery whose last request is in the state `last`.
///
/// # Errors
/// [`Refusal::WrongState`] while one waits for its answer, after one was granted, and when the
/// recipient has refused the document.
pub fn may_ask(
    standing: Standing,
    handling: HandlingState,
    last: Option<State>,
) -> Result<(), Refusal> {
    standing.must_be_in_force()?;
    if handling == HandlingState::Refused {
        let state = handling.phrase();
        return Err(Refusal::WrongState { state });
    }
    match last {
        Some(state @ State::Requested) => Err(Refusal::WrongState {
            state: state.phrase(),
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
