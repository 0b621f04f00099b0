//! How stations add work, in the transaction of the act that causes it.

use super::super::Error;
use super::super::hub::Inner;
use crate::domain::clock::{SignedDuration, Timestamp};
use crate::domain::lane::{Lane, Target};
use crate::peer::envelope::Envelope;
use crate::store::Tx;
use crate::store::rows::deliveries::Delivery;
use crate::store::rows::jobs::{self, Kind, New};

/// Adds work about `subject`, due at once, to the lane of the one it needs.
pub(in crate::exchange) fn enqueue(
    tx: &mut Tx<'_>,
    hub: &Inner,
    (kind, subject): (Kind, &str),
    (target, lane): (&Target, Lane),
    now: Timestamp,
) -> Result<(), Error> {
    let new = New {
        kind,
        subject,
        target,
        lane,
        give_up_at: give_up_at(hub, kind, lane, now),
    };
    jobs::insert(tx, hub.ids(), new, now)?;
    Ok(())
}

/// When work begun at `from` ends without success. What only this hub can do never ends by itself:
/// nobody else would.
pub(in crate::exchange) fn give_up_at(
    hub: &Inner,
    kind: Kind,
    lane: Lane,
    from: Timestamp,
) -> Option<Timestamp> {
    let retry = &hub.parts.retry;
    let seconds = match (kind, lane) {
        (Kind::Transfer | Kind::Mail, Lane::Urgent) => retry.give_up_urgent_seconds,
        (Kind::Transfer | Kind::Mail, _) => retry.give_up_seconds,
        _ => return None,
    };
    let wait = SignedDuration::from_secs(i64::from(seconds));
    from.saturating_add(wait).ok()
}

/// The lane of what concerns a delivery: its document's. How many others get the document only the
/// hub of the sender knows.
pub(in crate::exchange) fn lane_of(delivery: &Delivery) -> Lane {
    let envelope = Envelope::from_bytes(&delivery.envelope);
    envelope.map_or(Lane::Normal, |envelope| {
        Lane::of(envelope.header.urgency, 1)
    })
}
