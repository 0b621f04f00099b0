//! What neighbours offered and have not yet brought.

use diesel::prelude::*;

use super::{corrupt, micros, parse};
use crate::domain::clock::Timestamp;
use crate::domain::digest::Sha256;
use crate::domain::document::Content;
use crate::domain::routing::HubId;
use crate::store::connection::AnyConnection;
use crate::store::schema::offers;
use crate::store::{Error, Tx};

const TABLE: &str = "offers";

/// Bytes on offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The neighbour.
    pub from: HubId,
    /// What it offered.
    pub content: Content,
}

fn bytes(size_bytes: u64) -> Result<i64, Error> {
    let wrong = || corrupt(TABLE, "size_bytes", &size_bytes.to_string());
    i64::try_from(size_bytes).or(Err(wrong()))
}

/// Records an offer, or that it was made again at `at`.
///
/// # Errors
/// A fault of the database.
pub fn remember(tx: &mut Tx<'_>, offer: &Offer, at: Timestamp) -> Result<(), Error> {
    let size_bytes = bytes(offer.content.size_bytes)?;
    let again = (
        offers::size_bytes.eq(size_bytes),
        offers::offered_at.eq(micros(at)),
    );
    let row = diesel::insert_into(offers::table).values((
        offers::from_hub.eq(offer.from.as_str()),
        offers::sha256.eq(offer.content.sha256.to_string()),
        again,
    ));
    let key = (offers::from_hub, offers::sha256);
    // Many deliveries of one document offer the same bytes at once.
    match tx.connection {
        AnyConnection::Sqlite(sqlite) => {
            row.on_conflict(key).do_update().set(again).execute(sqlite)
        }
        AnyConnection::Postgres(postgres) => row
            .on_conflict(key)
            .do_update()
            .set(again)
            .execute(postgres),
    }?;
    Ok(())
}

/// What `from` offered under the name `name`.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn find(tx: &mut Tx<'_>, from: &HubId, name: &Sha256) -> Result<Option<Offer>, Error> {
    let row: Option<i64> = offers::table
        .find((from.as_str(), name.to_string()))
        .select(offers::size_bytes)
        .first(tx.connection)
        .optional()?;
    row.map(|size_bytes| offer(from.clone(), *name, size_bytes))
        .transpose()
}

/// Forgets an offer; an unknown one is fine.
///
/// # Errors
/// A fault of the database.
pub fn forget(tx: &mut Tx<'_>, offer: &Offer) -> Result<(), Error> {
    let name = offer.content.sha256.to_string();
    diesel::delete(offers::table.find((offer.from.as_str(), name))).execute(tx.connection)?;
    Ok(())
}

/// Bytes that `from` has on offer, but for those named `name`.
///
/// # Errors
/// A fault of the database.
pub fn bytes_beside(tx: &mut Tx<'_>, from: &HubId, name: &Sha256) -> Result<u64, Error> {
    let sizes: Vec<i64> = offers::table
        .filter(offers::from_hub.eq(from.as_str()))
        .filter(offers::sha256.ne(name.to_string()))
        .select(offers::size_bytes)
        .load(tx.connection)?;
    let sizes = sizes
        .into_iter()
        .filter_map(|size| u64::try_from(size).ok());
    Ok(sizes.fold(0, u64::saturating_add))
}

/// Offers last made before `before`, the oldest first.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn older_than(tx: &mut Tx<'_>, before: Timestamp) -> Result<Vec<Offer>, Error> {
    let rows: Vec<(String, String, i64)> = offers::table
        .filter(offers::offered_at.lt(micros(before)))
        .order(offers::offered_at)
        .select((offers::from_hub, offers::sha256, offers::size_bytes))
        .load(tx.connection)?;
    let offers = rows.into_iter().map(|(from, sha256, size_bytes)| {
        let from = HubId::parse(&from).or(Err(corrupt(TABLE, "from_hub", &from)))?;
        offer(from, parse(TABLE, "sha256", &sha256)?, size_bytes)
    });
    offers.collect()
}

fn offer(from: HubId, sha256: Sha256, size_bytes: i64) -> Result<Offer, Error> {
    let wrong = || corrupt(TABLE, "size_bytes", &size_bytes.to_string());
    let size_bytes = u64::try_from(size_bytes).or(Err(wrong()))?;
    Ok(Offer {
        from,
        content: Content { sha256, size_bytes },
    })
}
