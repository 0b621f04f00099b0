//! The journal of acts: who did what, in the order this hub recorded it.

use diesel::prelude::*;

use super::{micros, one};
use crate::domain::actor::Actor;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{DeliveryId, DocumentId};
use crate::store::schema::acts;
use crate::store::{Error, Tx};

/// Adds an act. `detail` holds no document content.
///
/// # Errors
/// A fault of the database.
pub fn insert(
    tx: &mut Tx<'_>,
    actor: &Actor,
    act: &str,
    about: (DocumentId, Option<DeliveryId>),
    detail: &str,
    at: Timestamp,
) -> Result<(), Error> {
    let done = diesel::insert_into(acts::table)
        .values((
            acts::at.eq(micros(at)),
            acts::actor.eq(actor.to_string()),
            acts::act.eq(act),
            acts::document_id.eq(about.0.to_string()),
            acts::delivery_id.eq(about.1.map(|id| id.to_string())),
            acts::detail.eq(detail),
        ))
        .execute(tx.connection)?;
    one("insert act", done)
}

/// How often `act` was done about a delivery.
///
/// # Errors
/// A fault of the database.
pub fn count(tx: &mut Tx<'_>, act: &str, about: DeliveryId) -> Result<i64, Error> {
    Ok(acts::table
        .filter(acts::act.eq(act))
        .filter(acts::delivery_id.eq(about.to_string()))
        .count()
        .get_result(tx.connection)?)
}
