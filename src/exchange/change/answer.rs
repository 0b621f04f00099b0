//! The recipient's clerk answers a request: agrees (15), and it is done; or refuses with a reason
//! (16), and the document stays in force.
//!
//! Durable on return: the signed answer with who had opened what, the states, and the job that
//! carries the answer back.

use super::super::hub::Inner;
use super::super::people::Person;
use super::super::receipts;
use super::super::{Error, Hub, inquiry, intake};
use super::{changes, state_end, words};
use crate::domain::change::{Basis, State, Successor};
use crate::domain::delivery::Role;
use crate::domain::ids::{DeliveryId, EvidenceId};
use crate::domain::refusal::{Reason, Refusal};
use crate::store::Tx;
use crate::store::rows::acts;
use crate::store::rows::changes::Change;
use crate::store::rows::deliveries::{self, Delivery};

impl Hub {
    /// Agrees to the request `id` about a received document. Agreeing again changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Refused`] when it has ended otherwise, or the document that is to
    /// take the place has not come yet.
    pub async fn agree_change(
        &self,
        person: &Person,
        delivery: DeliveryId,
        id: EvidenceId,
    ) -> Result<(), Error> {
        self.answer(person, (delivery, id), State::Agreed, None)
            .await
    }

    /// Refuses the request `id` about a received document, for a reason in words. Refusing again
    /// changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Refused`] when it has ended otherwise, or words are missing.
    pub async fn refuse_change(
        &self,
        person: &Person,
        delivery: DeliveryId,
        id: EvidenceId,
        reason: &str,
    ) -> Result<(), Error> {
        person.must_be_clerk()?;
        let reason = words(reason)?;
        self.answer(person, (delivery, id), State::Refused, Some(reason))
            .await
    }

    async fn answer(
        &self,
        person: &Person,
        about: (DeliveryId, EvidenceId),
        state: State,
        reason: Option<Reason>,
    ) -> Result<(), Error> {
        person.must_be_clerk()?;
        let person = person.clone();
        self.run(move |hub| answer(hub, &person, about, state, reason.as_ref()))
            .await?;
        self.inner().work.notify_one();
        Ok(())
    }
}

fn answer(
    hub: &Inner,
    person: &Person,
    about: (DeliveryId, EvidenceId),
    state: State,
    reason: Option<&Reason>,
) -> Result<(), Error> {
    let found = hub.store().read(|tx| find(tx, person, about, state))?;
    let Some((delivery, change)) = found else {
        return Ok(());
    };
    let by = person.actor().to_string();
    let end = (state, Some(Basis::Clerk));
    let issued = state_end(hub, &delivery, &change, end, (&by, reason))?;
    receipts::recording(hub, &[&issued], |tx| {
        let now = hub.now();
        let Some((mut delivery, change)) = find(tx, person, about, state)? else {
            return receipts::discard(tx, &issued, now);
        };
        receipts::keep(tx, &issued, now)?;
        receipts::advance(tx, hub, &mut delivery, &issued.statement, now)?;
        let (event, about) = (issued.statement.event, intake::about(&delivery));
        let word = change.kind.as_str();
        acts::insert(tx, &person.actor(), event.as_str(), about, word, now)?;
        receipts::report(tx, hub, &delivery, &issued, now)
    })
}

/// The delivery and its open request; `None` when it was answered so before.
fn find(
    tx: &mut Tx<'_>,
    person: &Person,
    (delivery, id): (DeliveryId, EvidenceId),
    state: State,
) -> Result<Option<(Delivery, Change)>, Error> {
    let (_, delivery) = inquiry::received(tx, person, delivery)?;
    let change = changes::find(tx, id)?.filter(|change| change.delivery == delivery.id);
    let change = change.ok_or(Error::NotFound("request"))?;
    if change.state == state {
        return Ok(None);
    }
    if !change.state.is_open() {
        let state = change.state.phrase();
        return Err(Refusal::WrongState { state }.into());
    }
    if let (State::Agreed, Some(successor)) = (state, &change.successor)
        && !has_come(tx, &delivery, successor)?
    {
        let number = successor.number.clone();
        return Err(Refusal::SuccessorMissing { number }.into());
    }
    Ok(Some((delivery, change)))
}

/// Whether the document that is to take the place lies in the same mailbox, from the same sender.
pub(super) fn has_come(
    tx: &mut Tx<'_>,
    delivery: &Delivery,
    successor: &Successor,
) -> Result<bool, Error> {
    let found = deliveries::find(tx, successor.delivery, Role::Destination)?;
    Ok(found.is_some_and(|found| {
        found.document == successor.document
            && found.recipient.code == delivery.recipient.code
            && found.sender.code == delivery.sender.code
    }))
}
