//! Station 8: the recipient's clerk accepts or refuses. The decision becomes a signed receipt that
//! travels back the way the document came.
//!
//! Durable on return: state, register number, receipt, and the job that passes it back.

use super::hub::Inner;
use super::people::Person;
use super::receipts::{self, Issued};
use super::{Error, Hub, change, inquiry, intake, succession};
use crate::domain::actor::Actor;
use crate::domain::change::Standing;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::{HandlingState, Role};
use crate::domain::ids::DeliveryId;
use crate::domain::receipt::{Event, Statement};
use crate::domain::refusal::{Reason, Refusal};
use crate::peer::envelope::Envelope;
use crate::store::rows::acts;
use crate::store::rows::deliveries::{self, Delivery};
use crate::store::rows::documents;
use crate::store::{self, Tx};

/// The verdict without which nothing is accepted.
pub(super) const GENUINE: &str = "TOTAL-PASSED";

/// What a clerk may do with a received document now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Permitted {
    pub(super) accept: bool,
    pub(super) refuse: bool,
}

/// What the person may do with the delivery.
pub(super) fn permitted(person: &Person, delivery: &Delivery) -> Permitted {
    let open = person.is_clerk
        && delivery.handling == HandlingState::Arrived
        && delivery.standing == Standing::InForce;
    let genuine = delivery
        .verdict
        .as_ref()
        .is_some_and(|note| note.verdict == GENUINE);
    Permitted {
        accept: open && genuine,
        refuse: open && delivery.verdict.is_some(),
    }
}

impl Hub {
    /// Accepts a document and enters it in the register; gives its arrival number. Accepting again
    /// changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Refused`] when it was refused, or its signatures are not proved
    /// genuine.
    pub async fn accept(&self, person: &Person, id: DeliveryId) -> Result<String, Error> {
        person.must_be_clerk()?;
        let person = person.clone();
        let number = self.run(move |hub| accept(hub, &person, id)).await?;
        self.inner().work.notify_one();
        Ok(number)
    }

    /// Refuses a document with a reason. Refusing again changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Refused`] when it was accepted before, or words are missing.
    pub async fn refuse(
        &self,
        person: &Person,
        id: DeliveryId,
        reason: Reason,
    ) -> Result<(), Error> {
        person.must_be_clerk()?;
        let person = person.clone();
        let reason = Reason::new(reason.code, &reason.text)?;
        self.run(move |hub| refuse(hub, &person, id, reason))
            .await?;
        self.inner().work.notify_one();
        Ok(())
    }
}

fn accept(hub: &Inner, person: &Person, id: DeliveryId) -> Result<String, Error> {
    match accept_once(hub, person, id) {
        // Somebody accepted it between our look and our act: the second look finds the number.
        Err(Error::Refused(Refusal::WrongState { state }))
            if state == HandlingState::Accepted.phrase() =>
        {
            accept_once(hub, person, id)
        }
        other => other,
    }
}

fn accept_once(hub: &Inner, person: &Person, id: DeliveryId) -> Result<String, Error> {
    let (_, delivery) = hub.store().read(|tx| inquiry::received(tx, person, id))?;
    if let (HandlingState::Accepted, Some(number)) = (delivery.handling, &delivery.arrival_number) {
        return Ok(number.clone());
    }
    must_be_open(&delivery)?;
    let verdict = delivery
        .verdict
        .as_ref()
        .map_or("", |note| note.verdict.as_str());
    if verdict != GENUINE {
        return Err(Refusal::NotGenuine {
            verdict: verdict.to_owned(),
        }
        .into());
    }
    fail::fail_point!("accept-before-number");
    let reserve = || hub.store().write(|tx| reserve(tx, person, id, hub.now()));
    let number = match reserve() {
        // Two clerks began the register of the year at the same moment.
        Err(Error::Record(store::Error::Conflict { .. })) => reserve()?,
        other => other?,
    };
    fail::fail_point!("accept-after-number");
    let decision = Decision {
        event: Event::Acceptance,
        reason: None,
        number: Some(number.clone()),
    };
    decide(hub, &person.actor(), &delivery, decision)?;
    Ok(number)
}

/// The number the document will have in the register. It stays reserved for this document: an
/// interrupted act continued later takes the same one, so the register has no gaps.
fn reserve(
    tx: &mut Tx<'_>,
    person: &Person,
    id: DeliveryId,
    now: Timestamp,
) -> Result<String, Error> {
    let (_, mut delivery) = inquiry::received(tx, person, id)?;
    must_be_open(&delivery)?;
    if let Some(number) = delivery.arrival_number {
        return Ok(number);
    }
    let year = intake::register_year(now);
    let next = documents::next_arrival_number(tx, person.agency.as_str(), year)?;
    let number = inquiry::arrival_number(next, now);
    delivery.arrival_number = Some(number.clone());
    deliveries::update(tx, &delivery)?;
    Ok(number)
}

fn refuse(hub: &Inner, person: &Person, id: DeliveryId, reason: Reason) -> Result<(), Error> {
    let (_, delivery) = hub.store().read(|tx| inquiry::received(tx, person, id))?;
    if delivery.handling == HandlingState::Refused {
        return Ok(());
    }
    must_be_open(&delivery)?;
    let decision = Decision {
        event: Event::Rejection,
        reason: Some(reason),
        number: None,
    };
    decide(hub, &person.actor(), &delivery, decision)
}

fn must_be_open(delivery: &Delivery) -> Result<(), Error> {
    delivery.standing.must_be_in_force()?;
    if delivery.handling == HandlingState::Arrived {
        return Ok(());
    }
    Err(Refusal::WrongState {
        state: delivery.handling.phrase(),
    }
    .into())
}

/// A decision about a received document.
pub(super) struct Decision {
    pub(super) event: Event,
    pub(super) reason: Option<Reason>,
    pub(super) number: Option<String>,
}

/// Signs and records a decision, unless another one was recorded in the meantime.
fn decide(
    hub: &Inner,
    actor: &Actor,
    delivery: &Delivery,
    decision: Decision,
) -> Result<(), Error> {
    let issued = issue(hub, actor, delivery, decision)?;
    fail::fail_point!("acknowledge-before-record");
    let recorded = receipts::recording(hub, &[&issued], |tx| {
        let now = hub.now();
        let mut present = deliveries::find(tx, delivery.id, Role::Destination)?
            .ok_or(Error::NotFound("document"))?;
        if Some(present.handling) == issued.statement.event.handling() {
            return receipts::discard(tx, &issued, now);
        }
        must_be_open(&present)?;
        record(tx, hub, actor, &mut present, &issued, now)?;
        fail::fail_point!("acknowledge-in-record");
        Ok(())
    });
    fail::fail_point!("acknowledge-after-record");
    recorded
}

/// The signed receipt of a decision.
pub(super) fn issue(
    hub: &Inner,
    actor: &Actor,
    delivery: &Delivery,
    decision: Decision,
) -> Result<Issued, Error> {
    let envelope = Envelope::from_bytes(&delivery.envelope)?;
    let path = delivery.path.clone();
    let mut stated = receipts::about(hub, decision.event, &envelope, &delivery.envelope, path);
    stated.succession = succession::note(hub, &envelope, delivery);
    receipts::issue(
        hub,
        Statement {
            actor: Some(actor.to_string()),
            reason: decision.reason,
            arrival_number: decision.number,
            verdict: delivery.verdict.clone(),
            ..stated
        },
    )
}

/// Records a decision: states, receipt, journal, and the way back to the sender.
pub(super) fn record(
    tx: &mut Tx<'_>,
    hub: &Inner,
    actor: &Actor,
    delivery: &mut Delivery,
    issued: &Issued,
    now: Timestamp,
) -> Result<(), Error> {
    receipts::keep(tx, issued, now)?;
    receipts::advance(tx, hub, delivery, &issued.statement, now)?;
    let detail = match (&issued.statement.reason, &issued.statement.arrival_number) {
        (Some(reason), _) => reason.code.as_str().to_owned(),
        (None, number) => number.clone().unwrap_or_default(),
    };
    let about = intake::about(delivery);
    acts::insert(
        tx,
        actor,
        issued.statement.event.as_str(),
        about,
        &detail,
        now,
    )?;
    if issued.statement.event == Event::Rejection {
        change::after_refusal(tx, hub, delivery, now)?;
    }
    receipts::report(tx, hub, delivery, issued, now)
}
