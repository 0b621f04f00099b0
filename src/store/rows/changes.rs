//! Change requests, and who of the recipient had opened what.

use diesel::prelude::*;

use super::{corrupt, micros, one, parse, time};
use crate::domain::change::{Basis, Kind, Opening, Part, State, Successor};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{DeliveryId, EvidenceId};
use crate::store::connection::AnyConnection;
use crate::store::schema::{changes, openings};
use crate::store::{Error, Tx};

const TABLE: &str = "changes";

/// A request about a delivery of this hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Name of the signed request.
    pub id: EvidenceId,
    /// The delivery it concerns.
    pub delivery: DeliveryId,
    /// What is asked.
    pub kind: Kind,
    /// How far it has come.
    pub state: State,
    /// Who asked.
    pub asked_by: String,
    /// When.
    pub asked_at: Timestamp,
    /// Why.
    pub reason: String,
    /// When an answer is due.
    pub deadline: Timestamp,
    /// What takes the document's place.
    pub successor: Option<Successor>,
    /// How it ended.
    pub answer: Option<Answer>,
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Name of the signed statement.
    pub id: EvidenceId,
    /// Who ended it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why it ended so.
    pub basis: Basis,
    /// Why it was refused.
    pub reason: Option<String>,
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = changes)]
#[diesel(treat_none_as_null = true)]
struct Row {
    id: String,
    delivery_id: String,
    kind: String,
    state: String,
    asked_by: String,
    asked_at: i64,
    reason: String,
    deadline_at: i64,
    successor_document: Option<String>,
    successor_number: Option<String>,
    successor_delivery: Option<String>,
    answer_id: Option<String>,
    answered_by: Option<String>,
    answered_at: Option<i64>,
    basis: Option<String>,
    answer_reason: Option<String>,
}

/// Records a request.
///
/// # Errors
/// [`Error::Conflict`] when it is recorded already.
pub fn insert(tx: &mut Tx<'_>, change: &Change) -> Result<(), Error> {
    let done = diesel::insert_into(changes::table)
        .values(to_row(change))
        .execute(tx.connection)?;
    one("insert change", done)
}

/// Writes the state and the answer of a request. An ended request is never written again.
///
/// # Errors
/// [`Error::RowCount`] when it is unknown or has ended.
pub fn update(tx: &mut Tx<'_>, change: &Change) -> Result<(), Error> {
    let open = [State::Requested.as_str(), State::Overdue.as_str()];
    let target = changes::table
        .filter(changes::id.eq(change.id.to_string()))
        .filter(changes::state.eq_any(open));
    let done = diesel::update(target)
        .set(to_row(change))
        .execute(tx.connection)?;
    one("update change", done)
}

/// The request named `id`.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn find(tx: &mut Tx<'_>, id: EvidenceId) -> Result<Option<Change>, Error> {
    let row: Option<Row> = changes::table
        .find(id.to_string())
        .first(tx.connection)
        .optional()?;
    row.map(from_row).transpose()
}

/// The requests about a delivery, the first first.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn of_delivery(tx: &mut Tx<'_>, delivery: DeliveryId) -> Result<Vec<Change>, Error> {
    let rows: Vec<Row> = changes::table
        .filter(changes::delivery_id.eq(delivery.to_string()))
        .order((changes::asked_at, changes::id))
        .load(tx.connection)?;
    rows.into_iter().map(from_row).collect()
}

/// The last request about each of these deliveries that has one.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn last_of(tx: &mut Tx<'_>, deliveries: &[DeliveryId]) -> Result<Vec<Change>, Error> {
    let names: Vec<String> = deliveries.iter().map(ToString::to_string).collect();
    let rows: Vec<Row> = changes::table
        .filter(changes::delivery_id.eq_any(names))
        .order((changes::asked_at.desc(), changes::id.desc()))
        .load(tx.connection)?;
    let mut last: Vec<Change> = Vec::new();
    for row in rows {
        if last
            .iter()
            .all(|known| known.delivery.to_string() != row.delivery_id)
        {
            last.push(from_row(row)?);
        }
    }
    Ok(last)
}

/// Notes that a person opened a part of a delivery; a later time changes nothing. Gives whether it
/// was the first.
///
/// # Errors
/// A fault of the database.
pub fn open(tx: &mut Tx<'_>, delivery: DeliveryId, opening: &Opening) -> Result<bool, Error> {
    let row = (
        openings::delivery_id.eq(delivery.to_string()),
        openings::person.eq(&opening.by),
        openings::part.eq(opening.part.as_str()),
        openings::opened_at.eq(micros(opening.at)),
    );
    let row = diesel::insert_into(openings::table).values(row);
    let done = match tx.connection {
        AnyConnection::Sqlite(sqlite) => row.on_conflict_do_nothing().execute(sqlite)?,
        AnyConnection::Postgres(postgres) => row.on_conflict_do_nothing().execute(postgres)?,
    };
    Ok(done > 0)
}

/// Who had opened what of a delivery, the first first.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn openings_of(
    tx: &mut Tx<'_>,
    delivery: DeliveryId,
    most: i64,
) -> Result<Vec<Opening>, Error> {
    let rows: Vec<(String, String, i64)> = openings::table
        .filter(openings::delivery_id.eq(delivery.to_string()))
        .order((openings::opened_at, openings::person, openings::part))
        .limit(most)
        .select((openings::person, openings::part, openings::opened_at))
        .load(tx.connection)?;
    let read = |(by, part, at): (String, String, i64)| {
        Ok(Opening {
            by,
            part: Part::parse(&part).ok_or_else(|| corrupt("openings", "part", &part))?,
            at: time("openings", "opened_at", at)?,
        })
    };
    rows.into_iter().map(read).collect()
}

fn to_row(c: &Change) -> Row {
    let (successor, answer) = (c.successor.as_ref(), c.answer.as_ref());
    Row {
        id: c.id.to_string(),
        delivery_id: c.delivery.to_string(),
        kind: c.kind.as_str().to_owned(),
        state: c.state.as_str().to_owned(),
        asked_by: c.asked_by.clone(),
        asked_at: micros(c.asked_at),
        reason: c.reason.clone(),
        deadline_at: micros(c.deadline),
        successor_document: successor.map(|one| one.document.to_string()),
        successor_number: successor.map(|one| one.number.clone()),
        successor_delivery: successor.map(|one| one.delivery.to_string()),
        answer_id: answer.map(|answer| answer.id.to_string()),
        answered_by: answer.map(|answer| answer.by.clone()),
        answered_at: answer.map(|answer| micros(answer.at)),
        basis: answer.map(|answer| answer.basis.as_str().to_owned()),
        answer_reason: answer.and_then(|answer| answer.reason.clone()),
    }
}

fn from_row(row: Row) -> Result<Change, Error> {
    let successor = match (
        row.successor_document,
        row.successor_number,
        row.successor_delivery,
    ) {
        (Some(document), Some(number), Some(delivery)) => Some(Successor {
            document: parse(TABLE, "successor_document", &document)?,
            number,
            delivery: parse(TABLE, "successor_delivery", &delivery)?,
        }),
        _ => None,
    };
    let answer = match (row.answer_id, row.answered_by, row.answered_at, row.basis) {
        (Some(id), Some(by), Some(at), Some(basis)) => Some(Answer {
            id: parse(TABLE, "answer_id", &id)?,
            by,
            at: time(TABLE, "answered_at", at)?,
            basis: Basis::parse(&basis).ok_or_else(|| corrupt(TABLE, "basis", &basis))?,
            reason: row.answer_reason,
        }),
        _ => None,
    };
    Ok(Change {
        id: parse(TABLE, "id", &row.id)?,
        delivery: parse(TABLE, "delivery_id", &row.delivery_id)?,
        kind: Kind::parse(&row.kind).ok_or_else(|| corrupt(TABLE, "kind", &row.kind))?,
        state: State::parse(&row.state).ok_or_else(|| corrupt(TABLE, "state", &row.state))?,
        asked_by: row.asked_by,
        asked_at: time(TABLE, "asked_at", row.asked_at)?,
        reason: row.reason,
        deadline: time(TABLE, "deadline_at", row.deadline_at)?,
        successor,
        answer,
    })
}
