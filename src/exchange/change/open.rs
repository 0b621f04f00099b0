//! Opening what came. The first opening by each person is recorded before anything is shown, the
//! very first one signed and sent back to the sender: it may be what a recall loses against.
//!
//! Durable on return: who opened what, and with the first opening the receipt on its way back.

use super::super::hub::Inner;
use super::super::people::Person;
use super::super::receipts::{self, Issued};
use super::super::{Error, Hub, inquiry, intake};
use crate::domain::change::{Opening, Part, Standing};
use crate::domain::delivery::TransportState;
use crate::domain::ids::DeliveryId;
use crate::domain::receipt::{Event, Statement};
use crate::peer::envelope::Envelope;
use crate::store::Tx;
use crate::store::rows::deliveries::Delivery;
use crate::store::rows::{acts, changes};

impl Hub {
    /// Records that the person opens the page of a received document. To be called before it is
    /// shown. Opening again changes nothing; of what was given back nothing is recorded, because
    /// its content is not shown.
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of the record: then nothing may be shown.
    pub async fn open_received(&self, person: &Person, id: DeliveryId) -> Result<(), Error> {
        let person = person.clone();
        self.run(move |hub| record_opening(hub, &person, id, Part::Page).map(|_| ()))
            .await?;
        self.inner().work.notify_one();
        Ok(())
    }
}

/// Records an opening; gives the standing of the delivery at that moment, which alone says whether
/// content may be shown.
pub(in super::super) fn record_opening(
    hub: &Inner,
    person: &Person,
    id: DeliveryId,
    part: Part,
) -> Result<Standing, Error> {
    let opening = Opening {
        by: person.actor().to_string(),
        part,
        at: hub.now(),
    };
    let (delivery, is_known) = hub.store().read(|tx| {
        let (_, delivery) = inquiry::received(tx, person, id)?;
        let known = changes::openings_of(tx, id, i64::MAX)?;
        let is_known = known
            .iter()
            .any(|one| one.by == opening.by && one.part == part);
        Ok::<_, Error>((delivery, is_known))
    })?;
    if is_known || delivery.standing == Standing::Recalled {
        return Ok(delivery.standing);
    }
    let issued = match delivery.transport {
        TransportState::Accessed => None,
        _ => Some(issue(hub, &delivery, &opening)?),
    };
    fail::fail_point!("open-before-record");
    let all: Vec<&Issued> = issued.iter().collect();
    receipts::recording(hub, &all, |tx| {
        record(tx, hub, (person, id), &opening, issued.as_ref())
    })
}

fn issue(hub: &Inner, delivery: &Delivery, opening: &Opening) -> Result<Issued, Error> {
    let envelope = Envelope::from_bytes(&delivery.envelope)?;
    let path = delivery.path.clone();
    let stated = receipts::about(hub, Event::Access, &envelope, &delivery.envelope, path);
    let actor = Some(opening.by.clone());
    receipts::issue(hub, Statement { actor, ..stated })
}

/// Under the lock of the delivery: a recall that was recorded first wins.
fn record(
    tx: &mut Tx<'_>,
    hub: &Inner,
    (person, id): (&Person, DeliveryId),
    opening: &Opening,
    issued: Option<&Issued>,
) -> Result<Standing, Error> {
    let now = hub.now();
    let (_, mut delivery) = inquiry::received(tx, person, id)?;
    let is_sealed = delivery.standing == Standing::Recalled;
    let is_first = delivery.transport != TransportState::Accessed;
    match issued {
        Some(issued) if is_sealed || !is_first => receipts::discard(tx, issued, now)?,
        Some(issued) => {
            receipts::keep(tx, issued, now)?;
            receipts::advance(tx, hub, &mut delivery, &issued.statement, now)?;
            receipts::report(tx, hub, &delivery, issued, now)?;
        }
        None => {}
    }
    if !is_sealed && changes::open(tx, id, opening)? {
        let about = intake::about(&delivery);
        acts::insert(
            tx,
            &person.actor(),
            "opened",
            about,
            opening.part.as_str(),
            now,
        )?;
    }
    Ok(delivery.standing)
}
