//! What must hold before a neighbour's transfer is taken over. The first part can be told from its
//! offer, before the bytes come; the second needs the signature and the bytes.

use super::hub::Inner;
use super::{Error, receipts, succession};
use crate::domain::clock::{Date, Timestamp, vietnam_date};
use crate::domain::digest::Sha256;
use crate::domain::document::Content;
use crate::domain::receipt::{Event, Statement, SuccessionNote};
use crate::domain::refusal::Refusal;
use crate::domain::routing::{Hop, HubId, next_hop};
use crate::domain::snapshot::Freshness;
use crate::evidence::statement;
use crate::peer::envelope::Envelope;
use crate::peer::protocol::{LARGEST_BODY, Transfer};
use crate::store;

/// Seconds by which the clock of a neighbour may differ without a word in the receipt.
const LARGEST_CLOCK_OFFSET: i64 = 60;

/// # Errors
/// [`Error::Unacceptable`] for a body larger than any honest one.
pub(super) fn must_not_be_too_large(body: &[u8]) -> Result<(), Error> {
    if body.len() > LARGEST_BODY {
        let text = format!("{} bytes", body.len());
        return Err(Error::unacceptable("too-large", text));
    }
    Ok(())
}

/// Nothing new is taken in while too little of the disk is free; reading and receipts go on.
///
/// # Errors
/// [`store::Error::DiskFull`], or a fault of the disk.
pub(super) fn must_have_free_space(hub: &Inner) -> Result<(), Error> {
    let (free, kept) = (
        hub.store().blobs().free_percent()?,
        u64::from(hub.parts.intake.keep_free_percent),
    );
    if free >= kept {
        return Ok(());
    }
    let text = format!("{free} % of the disk are free, {kept} % stay free");
    Err(store::Error::DiskFull(text).into())
}

/// What can be told of a transfer without its bytes: the road it came and the road it takes, the
/// size, and whether there is room.
///
/// # Errors
/// [`Error::Unacceptable`], [`Error::Refused`], or a fault.
pub(super) fn acceptable(
    hub: &Inner,
    from: &HubId,
    transfer: &Transfer,
) -> Result<(Envelope, Hop, Option<SuccessionNote>), Error> {
    if hub.freshness() == Freshness::Expired {
        return Err(Error::RegistryExpired);
    }
    let envelope = Envelope::from_bytes(&transfer.envelope)?;
    // What the origin stated of its registry and its day. Its signature is checked once the bytes are
    // here; one that does not hold is refused then, whatever was made of its word before.
    let told = statement::from_bytes(&transfer.submission.statement).ok();
    hub.must_know_registry(told.as_ref().and_then(|told| told.registry))?;
    let sent_on = told.map_or_else(|| hub.today(), |told| vietnam_date(told.at));
    check_road(hub, from, transfer, &envelope)?;
    let limit = hub.parts.largest_bytes;
    if envelope.content.size_bytes > limit {
        return Err(store::Error::TooLarge { limit }.into());
    }
    let (next, note) = destination(hub, transfer, &envelope, sent_on)?;
    receipts::hosted_at(hub, &envelope.sender, &envelope.origin, sent_on)?;
    must_have_free_space(hub)?;
    Ok((envelope, next, note))
}

/// The neighbour must be next to us in the tree, be the last hub of the road, and we not on it.
fn check_road(
    hub: &Inner,
    from: &HubId,
    transfer: &Transfer,
    envelope: &Envelope,
) -> Result<(), Error> {
    let own = &hub.parts.id;
    let directory = hub.directory();
    let near = directory.neighbours(own);
    let is_near = near.iter().any(|near| near.id == *from);
    let wrong = |detail: &str| Err(Error::unacceptable("wrong-road", detail));
    if !is_near {
        return wrong("the sending hub is not a neighbour");
    }
    if transfer.path.last() != Some(from) {
        return wrong("the road does not end at the sending hub");
    }
    if transfer.path.contains(own) {
        return Err(Refusal::Loop { hub: own.clone() }.into());
    }
    if transfer.path.first() != Some(&envelope.origin) {
        return wrong("the road does not begin at the hub of the sender");
    }
    Ok(())
}

/// Where the document goes from here, and who is handed it in place of an agency that closed while
/// it was on the road.
fn destination(
    hub: &Inner,
    transfer: &Transfer,
    envelope: &Envelope,
    sent_on: Date,
) -> Result<(Hop, Option<SuccessionNote>), Error> {
    let directory = hub.directory();
    let days = (sent_on, hub.today());
    let resolved = succession::resolve(&directory, &envelope.recipient.code, days)?;
    let mut path = transfer.path.clone();
    path.push(hub.parts.id.clone());
    let next = next_hop(&directory, &hub.parts.id, resolved.hub, &path)?;
    Ok((next, resolved.note))
}

/// The origin's own receipt must be genuine and speak of exactly this envelope.
pub(super) fn check_submission(
    hub: &Inner,
    transfer: &Transfer,
    envelope: &Envelope,
) -> Result<Statement, Error> {
    let stated = receipts::check(hub, &transfer.submission)?;
    let fits = stated.event == Event::Submission
        && stated.issuer == envelope.origin
        && stated.delivery == envelope.delivery
        && stated.document == envelope.header.id
        && stated.content == envelope.content
        && stated.envelope_sha256 == Sha256::of(&transfer.envelope);
    if !fits {
        return Err(Error::unacceptable(
            "envelope-not-submitted",
            "the origin's receipt speaks of another envelope",
        ));
    }
    Ok(stated)
}

/// The bytes must be here, hash to their name and have the size told.
pub(super) fn check_bytes(hub: &Inner, envelope: &Envelope) -> Result<(), Error> {
    match hub.store().blobs().check(&envelope.content.sha256)? {
        Some(found) if found == envelope.content => Ok(()),
        Some(found) => Err(size_differs(envelope.content, found.size_bytes)),
        None => Err(Error::unacceptable(
            "bytes-missing",
            "hand over the bytes first",
        )),
    }
}

/// The bytes are not as many as was told.
pub(super) fn size_differs(told: Content, found: u64) -> Error {
    let text = format!("told {} bytes, found {found}", told.size_bytes);
    Error::unacceptable("size-differs", text)
}

/// By how many seconds the clock of a neighbour differs, where that is worth a word.
pub(super) fn clock_offset(hub: &Inner, from: &HubId, clock: Option<Timestamp>) -> Option<i64> {
    let offset = clock?.as_second() - hub.now().as_second();
    if offset.abs() <= LARGEST_CLOCK_OFFSET {
        return None;
    }
    tracing::warn!(neighbour = %from, offset_seconds = offset, "a neighbour's clock differs");
    Some(offset)
}
