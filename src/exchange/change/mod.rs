//! Change requests: the sender asks to have a document back, or puts another in its place. What is
//! decided stands in `domain::change`; here it is signed, recorded and sent on. A request is a signed
//! statement and travels like a receipt, in the other direction.
//!
//! Files in reading order: `ask` (the sender's clerk), `arrive` (a request at a hub on the road or at
//! the recipient's), `answer` (the recipient's clerk), `overdue` (the clock), `open` (who of the
//! recipient opened what), `pending` (what is shown of it). This file: what all of them share, and what an answer does to a delivery.

use super::hub::Inner;
use super::receipts::{self, Issued};
use super::{Error, outbox, relay};
use crate::domain::change::{self, Basis, Held, Outcome, State, Step};
use crate::domain::clock::Timestamp;
use crate::domain::delivery::{Role, TransportState};
use crate::domain::ids::{EvidenceId, TransferId};
use crate::domain::lane::{Lane, Target};
use crate::domain::receipt::{ChangeNote, Event, MOST_OPENINGS, Statement};
use crate::domain::refusal::{Reason, ReasonCode};
use crate::peer::envelope::Envelope;
use crate::store::Tx;
use crate::store::rows::changes::{self, Answer, Change};
use crate::store::rows::deliveries::{self, Delivery};
use crate::store::rows::jobs::Kind as Job;
use crate::store::rows::mails::Notice;
use crate::store::rows::{transfers, untouched};

mod answer;
mod arrive;
pub mod ask;
mod open;
mod overdue;
pub mod pending;

pub(super) use arrive::arrive;
pub(super) use open::record_opening;
pub(super) use overdue::look;

/// How often an act is decided anew because something else was recorded at the same moment.
const SAME_MOMENT: usize = 5;

/// What every statement about a request says of it.
fn note_of(change: &Change) -> ChangeNote {
    ChangeNote {
        request: change.id,
        kind: change.kind,
        deadline: change.deadline,
        successor: change.successor.clone(),
        basis: None,
        opened: Vec::new(),
    }
}

/// Signs that the request `change` about `delivery` ended, or is overdue, in this state.
fn state_end(
    hub: &Inner,
    delivery: &Delivery,
    change: &Change,
    (state, basis): (State, Option<Basis>),
    (by, reason): (&str, Option<&Reason>),
) -> Result<Issued, Error> {
    let opened = hub.store().read(|tx| openings(tx, delivery))?;
    let envelope = Envelope::from_bytes(&delivery.envelope)?;
    let event = Event::of_change(state);
    let path = delivery.path.clone();
    let stated = receipts::about(hub, event, &envelope, &delivery.envelope, path);
    receipts::issue(
        hub,
        Statement {
            actor: Some(by.to_owned()),
            reason: reason.cloned(),
            change: Some(ChangeNote {
                basis,
                opened,
                ..note_of(change)
            }),
            ..stated
        },
    )
}

/// Who had opened what, as far as this hub knows: that is, where it hosts the recipient.
fn openings(tx: &mut Tx<'_>, delivery: &Delivery) -> Result<Vec<change::Opening>, Error> {
    let most = i64::try_from(MOST_OPENINGS).unwrap_or(i64::MAX);
    Ok(changes::openings_of(tx, delivery.id, most)?)
}

/// What `domain::change` needs to know of a delivery in the recipient's mailbox.
fn held(tx: &mut Tx<'_>, delivery: &Delivery) -> Result<Held, Error> {
    let is_opened = !changes::openings_of(tx, delivery.id, 1)?.is_empty();
    Ok(Held {
        standing: delivery.standing,
        handling: delivery.handling,
        is_opened: is_opened || delivery.transport == TransportState::Accessed,
    })
}

/// The transfer that hands the document on, if this hub has not begun with it: then nothing of it
/// can be anywhere else.
fn unbegun(tx: &mut Tx<'_>, delivery: &Delivery) -> Result<Option<TransferId>, Error> {
    for transfer in transfers::of_delivery(tx, delivery.id)? {
        let is_the_document = transfer.kind == transfers::Kind::Document && !transfer.acknowledged;
        if is_the_document && untouched::is_untouched(tx, Job::Transfer, &transfer.id.to_string())?
        {
            return Ok(Some(transfer.id));
        }
    }
    Ok(None)
}

/// What becomes of a request for `delivery` at this hub.
fn outcome(tx: &mut Tx<'_>, delivery: &Delivery, kind: change::Kind) -> Result<Outcome, Error> {
    if delivery.role == Role::Destination {
        return Ok(change::on_arrival(kind, held(tx, delivery)?));
    }
    let may_stop = !kind.has_successor() && delivery.standing == change::Standing::InForce;
    if may_stop && unbegun(tx, delivery)?.is_some() {
        return Ok(Outcome::End(State::Agreed, Basis::NotHandedOver));
    }
    Ok(Outcome::Wait)
}

/// The request about a delivery that still waits for its answer.
fn open_request(tx: &mut Tx<'_>, delivery: &Delivery) -> Result<Option<Change>, Error> {
    let all = changes::of_delivery(tx, delivery.id)?;
    Ok(all.into_iter().rev().find(|one| one.state.is_open()))
}

/// The request as recorded, from the signed statement.
fn requested(stated: &Statement) -> Result<Change, Error> {
    let wrong = || Error::unacceptable("not-a-request", "no reason or no change is stated");
    let note = stated.change.as_ref().ok_or_else(wrong)?;
    if note.request != stated.id || note.basis.is_some() {
        return Err(wrong());
    }
    Ok(Change {
        id: stated.id,
        delivery: stated.delivery,
        kind: note.kind,
        state: State::Requested,
        asked_by: stated.actor.clone().ok_or_else(wrong)?,
        asked_at: stated.at,
        reason: stated.reason.as_ref().ok_or_else(wrong)?.text.clone(),
        deadline: note.deadline,
        successor: note.successor.clone(),
        answer: None,
    })
}

/// Why something is asked or refused: words are required.
fn words(text: &str) -> Result<Reason, Error> {
    Ok(Reason::new(ReasonCode::Other, text)?)
}

/// Applies what a statement says of a request to this hub's part of the delivery: the state climbs,
/// the standing follows, the sender is told. A statement that came before changes nothing.
///
/// # Errors
/// A fault of the record.
pub(super) fn apply(
    tx: &mut Tx<'_>,
    hub: &Inner,
    delivery: &mut Delivery,
    stated: &Statement,
    now: Timestamp,
) -> Result<(), Error> {
    let (Some(note), Some(reported)) = (&stated.change, stated.event.change()) else {
        return Ok(());
    };
    let known = changes::find(tx, note.request)?.filter(|known| known.delivery == delivery.id);
    let Some(mut known) = known else {
        return stand(tx, delivery, reported, note, now);
    };
    if contradicts(delivery, &known, note) {
        return receipts::note(tx, delivery, "contradiction", stated, now);
    }
    match known.state.step(reported) {
        Step::Move(next) => {
            known.state = next;
            known.answer = ended(stated, note);
            changes::update(tx, &known)?;
            untouched::withdraw(tx, Job::Change, &known.id.to_string())?;
            tell(tx, hub, delivery, next, now)?;
        }
        Step::Contradiction => {
            return receipts::note(tx, delivery, "contradiction", stated, now);
        }
        // The row of the other part this hub plays has moved already; its side is told too.
        Step::Duplicate => tell(tx, hub, delivery, reported, now)?,
        Step::Keep => {}
    }
    stand(tx, delivery, known.state, note, now)
}

/// Whether the statement cannot be about this request, or cannot be true: a hub that says it stopped
/// a document the recipient's hub has confirmed.
fn contradicts(delivery: &Delivery, known: &Change, note: &ChangeNote) -> bool {
    let is_other = (known.kind, &known.successor, known.deadline.as_second())
        != (note.kind, &note.successor, note.deadline.as_second());
    let is_late = delivery.role == Role::Origin
        && delivery.transport.rank() >= TransportState::Consigned.rank();
    let is_stopped = note.basis == Some(Basis::NotHandedOver);
    is_other || (is_stopped && (is_late || note.kind.has_successor()))
}

fn ended(stated: &Statement, note: &ChangeNote) -> Option<Answer> {
    let basis = note.basis?;
    let reason = stated.reason.as_ref().map(|reason| reason.text.clone());
    Some(Answer {
        id: stated.id,
        by: stated.actor.clone().unwrap_or_else(|| "system".to_owned()),
        at: stated.at,
        basis,
        reason,
    })
}

/// Marks the delivery as an agreement leaves it.
fn stand(
    tx: &mut Tx<'_>,
    delivery: &mut Delivery,
    state: State,
    note: &ChangeNote,
    now: Timestamp,
) -> Result<(), Error> {
    let standing = change::standing_after(state, note.kind, note.successor.as_ref());
    if state != State::Agreed || standing == delivery.standing {
        return Ok(());
    }
    delivery.standing = standing;
    delivery.updated_at = now;
    Ok(deliveries::update(tx, delivery)?)
}

/// Tells the sender where this hub is the origin; of a missing answer both sides are told.
fn tell(
    tx: &mut Tx<'_>,
    hub: &Inner,
    delivery: &Delivery,
    state: State,
    now: Timestamp,
) -> Result<(), Error> {
    let notice = match state {
        State::Agreed => Notice::ChangeAgreed,
        State::Refused => Notice::ChangeRefused,
        State::Overdue => Notice::ChangeOverdue,
        State::Requested | State::Closed => return Ok(()),
    };
    let to = match (delivery.role, state) {
        (Role::Origin, _) => &delivery.sender,
        (Role::Destination, State::Overdue) => &delivery.recipient,
        _ => return Ok(()),
    };
    relay::enqueue(tx, hub, delivery, notice, &to.clone(), now)
}

/// Records a request at a hub that plays a part in it, with the job that looks after its deadline.
fn record_request(tx: &mut Tx<'_>, hub: &Inner, change: &Change) -> Result<(), Error> {
    changes::insert(tx, change)?;
    look_at(tx, hub, change.id, change.deadline)
}

fn look_at(tx: &mut Tx<'_>, hub: &Inner, id: EvidenceId, due: Timestamp) -> Result<(), Error> {
    let work = (Job::Change, &*id.to_string());
    outbox::enqueue(tx, hub, work, (&Target::Here, Lane::Normal), due)
}

/// Looks at the open request of a delivery whose document was refused: nothing is left to change.
pub(super) fn after_refusal(
    tx: &mut Tx<'_>,
    hub: &Inner,
    delivery: &Delivery,
    now: Timestamp,
) -> Result<(), Error> {
    match open_request(tx, delivery)? {
        Some(open) => look_at(tx, hub, open.id, now),
        None => Ok(()),
    }
}
