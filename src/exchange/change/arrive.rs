//! A request at a hub on the road, or at the recipient's. The hub that holds the document decides:
//! it stops what it has not begun to hand on, gives back what nobody has opened, and leaves the rest
//! to the next hub or to the clerk.
//!
//! Durable on return: the request, its end if it ended here with the signed answer on its way back,
//! or the job that carries it on; and the answer to the neighbour.

use super::super::hub::Inner;
use super::super::intake::{self, Answer};
use super::super::receipts::{self, Issued};
use super::super::{Error, relay};
use super::{SAME_MOMENT, open_request, outcome, record_request, requested, state_end, unbegun};
use crate::domain::actor::Actor;
use crate::domain::change::{Basis, Outcome, Standing, State};
use crate::domain::clock::Timestamp;
use crate::domain::delivery::Role;
use crate::domain::digest::Sha256;
use crate::domain::ids::EvidenceId;
use crate::domain::receipt::{SignedStatement, Statement};
use crate::domain::routing::HubId;
use crate::peer::protocol::{self, ReceiptTransfer};
use crate::store::Tx;
use crate::store::rows::changes::Change;
use crate::store::rows::deliveries::{self, Delivery};
use crate::store::rows::jobs::Kind;
use crate::store::rows::mails::Notice;
use crate::store::rows::{acts, evidence, transfers, untouched};

/// What a hub is about to record for a request, and what it decided it on.
pub(super) struct Plan {
    pub(super) outcome: Outcome,
    /// The signed end, if it ends here.
    end: Option<Issued>,
    /// An earlier request that this one puts an end to, with the signed closure.
    older: Option<(EvidenceId, Issued)>,
}

impl Plan {
    /// Decides and signs for a request about `delivery`.
    pub(super) fn make(hub: &Inner, delivery: &Delivery, change: &Change) -> Result<Self, Error> {
        let (outcome, older) = hub.store().read(|tx| Self::decide(tx, delivery, change))?;
        let sign = |change: &Change, state, basis| {
            let by = (Actor::System.to_string(), None);
            state_end(hub, delivery, change, (state, Some(basis)), (&by.0, by.1))
        };
        let end = match outcome {
            Outcome::End(state, basis) => Some(sign(change, state, basis)?),
            Outcome::Wait => None,
        };
        let closed = older.map(|older| {
            let issued = sign(&older, State::Closed, Basis::AskedAgain);
            issued.map(|issued| (older.id, issued))
        });
        match closed.transpose() {
            Ok(older) => Ok(Self {
                outcome,
                end,
                older,
            }),
            Err(fault) => {
                receipts::close_unused(hub, end.iter().map(Issued::signing), &fault);
                Err(fault)
            }
        }
    }

    fn decide(
        tx: &mut Tx<'_>,
        delivery: &Delivery,
        change: &Change,
    ) -> Result<(Outcome, Option<Change>), Error> {
        let older = match delivery.role {
            Role::Destination => open_request(tx, delivery)?.filter(|one| one.id != change.id),
            Role::Origin | Role::Relay => None,
        };
        Ok((outcome(tx, delivery, change.kind)?, older))
    }

    /// Whether the same would be decided now.
    pub(super) fn holds(
        &self,
        tx: &mut Tx<'_>,
        delivery: &Delivery,
        change: &Change,
    ) -> Result<bool, Error> {
        let (outcome, older) = Self::decide(tx, delivery, change)?;
        let planned = self.older.as_ref().map(|(id, _)| *id);
        Ok(outcome == self.outcome && older.map(|one| one.id) == planned)
    }

    /// Everything signed for it.
    pub(super) fn issued(&self) -> impl Iterator<Item = &Issued> {
        self.older.iter().map(|(_, issued)| issued).chain(&self.end)
    }

    /// Records what was decided for a request that was recorded just before, at the hub that decides.
    pub(super) fn record(
        &self,
        tx: &mut Tx<'_>,
        hub: &Inner,
        delivery: &mut Delivery,
        now: Timestamp,
    ) -> Result<(), Error> {
        for issued in self.issued() {
            receipts::keep(tx, issued, now)?;
            receipts::advance(tx, hub, delivery, &issued.statement, now)?;
            receipts::report(tx, hub, delivery, issued, now)?;
        }
        if self.outcome == Outcome::End(State::Agreed, Basis::NotHandedOver)
            && let Some(transfer) = unbegun(tx, delivery)?
        {
            untouched::withdraw(tx, Kind::Transfer, &transfer.to_string())?;
        }
        if self.outcome == Outcome::Wait && delivery.role == Role::Destination {
            let to = delivery.recipient.clone();
            relay::enqueue(tx, hub, delivery, Notice::ChangeAsked, &to, now)?;
        }
        Ok(())
    }
}

/// Takes a request over from the neighbour `from`; `request` is the digest of its message.
///
/// # Errors
/// As for a receipt; [`Error::NotYet`] while the document itself has not come.
pub(in super::super) fn arrive(
    hub: &Inner,
    from: &HubId,
    handed: &ReceiptTransfer,
    stated: &Statement,
    request: Sha256,
) -> Result<Answer, Error> {
    let change = requested(stated)?;
    for _ in 0..SAME_MOMENT {
        let delivery = hub.store().read(|tx| came_from(tx, from, stated))?;
        let plan = Plan::make(hub, &delivery, &change)?;
        let all: Vec<&Issued> = plan.issued().collect();
        let done = receipts::recording(hub, &all, |tx| {
            if let Some(before) = intake::answered(tx, from, handed.id, request)? {
                discard(tx, hub, &plan)?;
                return Ok(Some(before));
            }
            let arrival = (from, handed, stated, request);
            record(tx, hub, arrival, &change, &plan)
        })?;
        if let Some(answer) = done {
            return Ok(answer);
        }
    }
    Err(Error::Interrupted)
}

fn discard(tx: &mut Tx<'_>, hub: &Inner, plan: &Plan) -> Result<(), Error> {
    for issued in plan.issued() {
        receipts::discard(tx, issued, hub.now())?;
    }
    Ok(())
}

/// Message of a neighbour: from whom, what, read, and its digest.
type Arrival<'a> = (&'a HubId, &'a ReceiptTransfer, &'a Statement, Sha256);

/// `None`: something else was recorded at the same moment, and it must be decided anew.
fn record(
    tx: &mut Tx<'_>,
    hub: &Inner,
    (from, handed, stated, request): Arrival<'_>,
    change: &Change,
    plan: &Plan,
) -> Result<Option<Answer>, Error> {
    let now = hub.now();
    let body = protocol::answer_to_bytes(None)?;
    let answer = Answer {
        body: body.clone(),
        repeated: false,
    };
    let mut delivery = came_from(tx, from, stated)?;
    if is_known(tx, change.id, &handed.receipt)? {
        discard(tx, hub, plan)?;
        transfers::remember_answer(tx, from, handed.id, request, &body, now)?;
        return Ok(Some(answer));
    }
    if !plan.holds(tx, &delivery, change)? {
        discard(tx, hub, plan)?;
        return Ok(None);
    }
    evidence::insert(tx, stated, &handed.receipt, now)?;
    let (actor, about) = (Actor::Hub(from.clone()), intake::about(&delivery));
    acts::insert(
        tx,
        &actor,
        stated.event.as_str(),
        about,
        change.kind.as_str(),
        now,
    )?;
    if delivery.role == Role::Destination {
        record_request(tx, hub, change)?;
    }
    plan.record(tx, hub, &mut delivery, now)?;
    let goes_on = plan.outcome == Outcome::Wait && delivery.standing == Standing::InForce;
    if let (Role::Relay, true, Some(next)) = (delivery.role, goes_on, &delivery.next) {
        receipts::hand_to(tx, hub, (&delivery, next), &handed.receipt, now)?;
    }
    transfers::remember_answer(tx, from, handed.id, request, &body, now)?;
    Ok(Some(answer))
}

/// Whether this very request is kept already, byte for byte.
fn is_known(tx: &mut Tx<'_>, id: EvidenceId, signed: &SignedStatement) -> Result<bool, Error> {
    match evidence::find(tx, id)? {
        None => Ok(false),
        Some(kept) if kept.signed.statement == signed.statement => Ok(true),
        Some(_) => Err(Error::Conflict(format!(
            "request {id} was made before with other content"
        ))),
    }
}

/// This hub's part of the delivery the request is about: it must have come from `from`, and the
/// request must speak of the same envelope.
fn came_from(tx: &mut Tx<'_>, from: &HubId, stated: &Statement) -> Result<Delivery, Error> {
    let mut is_here = false;
    for role in [Role::Destination, Role::Relay] {
        let Some(delivery) = deliveries::find(tx, stated.delivery, role)? else {
            continue;
        };
        is_here = true;
        if delivery.previous.as_ref() == Some(from) && receipts::is_about(stated, &delivery) {
            return Ok(delivery);
        }
    }
    if is_here {
        let detail = format!("delivery {} did not come from there", stated.delivery);
        return Err(Error::unacceptable("unknown-delivery", detail));
    }
    Err(Error::NotYet("the document of this request"))
}
