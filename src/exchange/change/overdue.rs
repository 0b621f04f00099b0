//! The clock of a request: once its deadline has passed without an answer, each of the two hubs
//! states so and tells its clerk. A request whose document was refused is closed at once.
//!
//! Durable on return: the signed statement, the state, and the end of the job.

use super::super::hub::Inner;
use super::super::receipts;
use super::super::{Error, intake};
use super::{changes, state_end};
use crate::domain::actor::Actor;
use crate::domain::change::{Basis, State, Step};
use crate::domain::clock::Timestamp;
use crate::domain::delivery::{HandlingState, Role};
use crate::domain::ids::EvidenceId;
use crate::store::Tx;
use crate::store::rows::acts;
use crate::store::rows::changes::Change;
use crate::store::rows::deliveries::{self, Delivery};
use crate::store::rows::jobs::{self, Job};

/// Looks at the request the job names.
///
/// # Errors
/// A fault; then the request is as it was.
pub(in super::super) fn look(hub: &Inner, job: &Job, id: EvidenceId) -> Result<(), Error> {
    let found = hub.store().read(|tx| due(tx, id, hub.now()))?;
    let Some((delivery, change, end)) = found else {
        return Ok(hub.store().write(|tx| jobs::finish(tx, job))?);
    };
    let by = Actor::System.to_string();
    let issued = state_end(hub, &delivery, &change, end, (&by, None))?;
    receipts::recording(hub, &[&issued], |tx| {
        let now = hub.now();
        match due(tx, id, now)? {
            Some((mut delivery, _, present)) if present == end => {
                receipts::keep(tx, &issued, now)?;
                receipts::advance(tx, hub, &mut delivery, &issued.statement, now)?;
                let (event, about) = (issued.statement.event, intake::about(&delivery));
                let word = change.kind.as_str();
                acts::insert(tx, &Actor::System, event.as_str(), about, word, now)?;
                receipts::report(tx, hub, &delivery, &issued, now)?;
            }
            _ => receipts::discard(tx, &issued, now)?,
        }
        Ok(jobs::finish(tx, job)?)
    })
}

type End = (State, Option<Basis>);

/// What is to be stated of the request now, if anything: by the recipient's hub where it is this one.
fn due(
    tx: &mut Tx<'_>,
    id: EvidenceId,
    now: Timestamp,
) -> Result<Option<(Delivery, Change, End)>, Error> {
    let change = changes::find(tx, id)?.ok_or(Error::NotFound("request"))?;
    let here = deliveries::find(tx, change.delivery, Role::Destination)?;
    let delivery = match here {
        Some(here) => here,
        None => deliveries::find(tx, change.delivery, Role::Origin)?
            .ok_or(Error::NotFound("delivery"))?,
    };
    let is_refused =
        delivery.role == Role::Destination && delivery.handling == HandlingState::Refused;
    let end = if is_refused {
        (State::Closed, Some(Basis::DocumentRefused))
    } else if change.deadline <= now {
        (State::Overdue, None)
    } else {
        return Ok(None);
    };
    let moves = matches!(change.state.step(end.0), Step::Move(_));
    Ok(moves.then_some((delivery, change, end)))
}
