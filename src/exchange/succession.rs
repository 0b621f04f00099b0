//! Documents that were on the road to an agency when it closed: to whom they go instead, and what
//! happens to those that wait for a hub they no longer belong to. Nothing new is ever re-routed.

use super::deliver::{Attempt, own_part};
use super::hub::{Inner, party};
use super::intake::{self, Arrival};
use super::{Error, outbox, receipts};
use crate::domain::actor::Actor;
use crate::domain::agency::AgencyCode;
use crate::domain::clock::{Date, vietnam_date};
use crate::domain::delivery::Role;
use crate::domain::directory::Directory;
use crate::domain::ids::TransferId;
use crate::domain::lane::Target;
use crate::domain::receipt::{Event, SuccessionNote};
use crate::domain::refusal::Refusal;
use crate::domain::routing::{Hop, HubId, next_hop};
use crate::evidence::statement;
use crate::peer::envelope::Envelope;
use crate::peer::protocol::{ReceiptTransfer, Transfer};
use crate::store::rows::deliveries::{self, Delivery};
use crate::store::rows::jobs::{self, Job, Kind};
use crate::store::rows::{acts, transfers};

/// Where a document is handed over.
pub(super) struct Resolved<'a> {
    pub(super) hub: &'a HubId,
    /// To whom, where that is not the agency addressed.
    pub(super) note: Option<SuccessionNote>,
}

/// Who is handed on `day` what was sent to `code` on `sent_on`: the agency itself, or the heir the
/// registry names, if it closed meanwhile.
///
/// # Errors
/// As [`Directory::addressee`].
pub(super) fn resolve<'a>(
    directory: &'a Directory,
    code: &str,
    (sent_on, day): (Date, Date),
) -> Result<Resolved<'a>, Refusal> {
    let closed = match directory.addressee(code, day) {
        Ok((_, hub)) => {
            return Ok(Resolved { hub, note: None });
        }
        Err(refusal) => refusal,
    };
    let Refusal::AgencyClosed { closed_on, .. } = &closed else {
        return Err(closed);
    };
    if *closed_on < sent_on {
        return Err(closed);
    }
    let code = &directory.find(code)?.code;
    let heir = directory.heir(code, day);
    let hosted = heir.and_then(|(heir, row)| Some((heir, row, heir.hub_on(day)?)));
    let (agency, row, hub) = hosted.ok_or(closed)?;
    let note = SuccessionNote {
        to: party(agency),
        effective: row.effective,
        legal_basis: row.legal_basis.clone(),
    };
    Ok(Resolved {
        hub,
        note: Some(note),
    })
}

/// What receipts about `delivery` say where its recipient is not the one addressed.
pub(super) fn note(
    hub: &Inner,
    envelope: &Envelope,
    delivery: &Delivery,
) -> Option<SuccessionNote> {
    let directory = hub.directory();
    let addressed = AgencyCode::parse(&envelope.recipient.code).ok()?;
    let addressed = directory.agency(&addressed)?;
    if addressed.code.as_str() == delivery.recipient.code {
        return None;
    }
    let heirs = directory.heirs(&addressed.code, hub.today());
    let heir = heirs
        .into_iter()
        .find(|heir| heir.code == delivery.recipient.code)?;
    Some(SuccessionNote {
        to: delivery.recipient.clone(),
        effective: heir.effective,
        legal_basis: heir.legal_basis,
    })
}

/// Sends a transfer that waits another way, if the registry in force knows a better one: its neighbour
/// is withdrawn, or the agency it goes to has closed or moved. `None`: it goes as it was.
///
/// Durable on return: the new transfer (or the arrival here), and the end of the old one.
///
/// # Errors
/// A fault of the record or of a key.
pub(super) fn reroute(
    hub: &Inner,
    job: &Job,
    old: &transfers::Transfer,
) -> Result<Option<Attempt>, Error> {
    if old.kind != transfers::Kind::Document {
        return reroute_receipt(hub, job, old);
    }
    let transfer = Transfer::from_bytes(&old.body)?;
    let envelope = Envelope::from_bytes(&transfer.envelope)?;
    let sent_on = vietnam_date(statement::from_bytes(&transfer.submission.statement)?.at);
    let directory = hub.directory();
    let days = (sent_on, hub.today());
    let Ok(resolved) = resolve(&directory, &envelope.recipient.code, days) else {
        // The hub it was meant for says no, with its reason.
        return Ok(None);
    };
    match next_hop(&directory, &hub.parts.id, resolved.hub, &transfer.path) {
        Ok(Hop::To(next)) if next != old.to => {
            let onward = Transfer {
                id: TransferId::fresh(hub.ids(), hub.now()),
                ..transfer
            };
            redirect(hub, job, old, (&onward, &envelope, &next)).map(Some)
        }
        Ok(Hop::Here) => take_in(hub, job, old, (&transfer, &envelope, &resolved)).map(Some),
        Ok(Hop::To(_)) | Err(_) => Ok(None),
    }
}

/// A receipt goes toward the hub of the sender; where the neighbour it waits for is withdrawn, the
/// tree knows another.
fn reroute_receipt(
    hub: &Inner,
    job: &Job,
    old: &transfers::Transfer,
) -> Result<Option<Attempt>, Error> {
    let in_force = hub.in_force();
    if in_force.is_neighbour(&old.to) {
        return Ok(None);
    }
    let delivery = deliveries_of(hub, old)?;
    let Some(delivery) = delivery else {
        return Ok(None);
    };
    let envelope = Envelope::from_bytes(&delivery.envelope)?;
    let (directory, own) = (hub.directory(), &hub.parts.id);
    let road = std::slice::from_ref(own);
    let Ok(Hop::To(next)) = next_hop(&directory, own, &envelope.origin, road) else {
        return Ok(None);
    };
    if next == old.to {
        return Ok(None);
    }
    let handed = ReceiptTransfer::from_bytes(&old.body)?;
    let now = hub.now();
    let onward = ReceiptTransfer {
        id: TransferId::fresh(hub.ids(), now),
        ..handed
    };
    let row = transfers::Transfer {
        id: onward.id,
        to: next.clone(),
        body: onward.to_bytes()?,
        ..old.clone()
    };
    hub.store().write(|tx| {
        transfers::insert(tx, &row, now)?;
        let work = (Kind::Transfer, &*row.id.to_string());
        let road = (&Target::Peer(next.clone()), outbox::lane_of(&delivery));
        outbox::enqueue(tx, hub, work, road, now)?;
        transfers::acknowledge(tx, old.id, now)?;
        Ok::<_, Error>(jobs::finish(tx, job)?)
    })?;
    Ok(Some(Attempt::Done))
}

fn deliveries_of(hub: &Inner, transfer: &transfers::Transfer) -> Result<Option<Delivery>, Error> {
    let all = hub
        .store()
        .read(|tx| Ok::<_, Error>(deliveries::find_all(tx, transfer.delivery)?))?;
    Ok(all.into_iter().next())
}

fn redirect(
    hub: &Inner,
    job: &Job,
    old: &transfers::Transfer,
    (onward, envelope, next): (&Transfer, &Envelope, &HubId),
) -> Result<Attempt, Error> {
    hub.store().write(|tx| {
        let now = hub.now();
        let delivery = own_part(tx, old)?;
        deliveries::redirect(tx, &delivery, next)?;
        let about = (delivery.id, envelope.content);
        let road = (next, outbox::lane_of(&delivery));
        intake::send(tx, hub, onward, about, road, now)?;
        transfers::acknowledge(tx, old.id, now)?;
        let detail = format!("{} → {next}, before {}", hub.parts.id, old.to);
        let act = intake::about(&delivery);
        acts::insert(tx, &Actor::System, "rerouted", act, &detail, now)?;
        Ok::<_, Error>(jobs::finish(tx, job)?)
    })?;
    Ok(Attempt::Done)
}

/// The heir is hosted here: what waited for another hub arrives.
fn take_in(
    hub: &Inner,
    job: &Job,
    old: &transfers::Transfer,
    (transfer, envelope, resolved): (&Transfer, &Envelope, &Resolved<'_>),
) -> Result<Attempt, Error> {
    let path = transfer.path.clone();
    let mut stated = receipts::about(hub, Event::Consignment, envelope, &transfer.envelope, path);
    stated.succession.clone_from(&resolved.note);
    let issued = receipts::issue(hub, stated)?;
    receipts::recording(hub, &[&issued], |tx| {
        let now = hub.now();
        let mut delivery = own_part(tx, old)?;
        let arrival = Arrival {
            envelope,
            bytes: &transfer.envelope,
            from: delivery.previous.as_ref(),
        };
        intake::arrive(tx, hub, &arrival, &issued.statement, &Hop::Here, now)?;
        receipts::keep(tx, &issued, now)?;
        if delivery.role == Role::Relay {
            receipts::advance(tx, hub, &mut delivery, &issued.statement, now)?;
        }
        receipts::report(tx, hub, &delivery, &issued, now)?;
        transfers::acknowledge(tx, old.id, now)?;
        Ok(jobs::finish(tx, job)?)
    })?;
    Ok(Attempt::Done)
}
