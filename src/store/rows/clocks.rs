//! The clocks of deadlines: one row for each rule of each delivery in each role of this hub.

use diesel::prelude::*;

use super::{corrupt, micros, one, parse, time};
use crate::domain::clock::Timestamp;
use crate::domain::deadline::{Due, Rule};
use crate::domain::deadline_clock::{DeadlineClock, State};
use crate::domain::delivery::Role;
use crate::domain::ids::DeliveryId;
use crate::store::schema::clocks;
use crate::store::{Error, Tx};

const TABLE: &str = "clocks";
/// Deliveries named in one query; engines have a limit.
const MOST_NAMES: usize = 500;

#[derive(Queryable, Insertable)]
#[diesel(table_name = clocks)]
struct Row {
    delivery_id: String,
    role: String,
    rule: String,
    started_at: i64,
    warn_at: i64,
    due_at: i64,
    certain: i16,
    state: String,
    next_at: Option<i64>,
    warned_at: Option<i64>,
    breached_at: Option<i64>,
    ended_at: Option<i64>,
}

/// Which clock.
pub type Key = (DeliveryId, Role, Rule);

/// Records a clock that begins to run.
///
/// # Errors
/// [`Error::Conflict`] when this delivery has one for the rule in this role.
pub fn insert(
    tx: &mut Tx<'_>,
    id: DeliveryId,
    role: Role,
    clock: &DeadlineClock,
) -> Result<(), Error> {
    let row = Row {
        delivery_id: id.to_string(),
        role: role.as_str().to_owned(),
        rule: clock.rule.as_str().to_owned(),
        started_at: micros(clock.started_at),
        warn_at: micros(clock.due.warn),
        due_at: micros(clock.due.at),
        certain: i16::from(clock.due.is_certain),
        state: clock.state.as_str().to_owned(),
        next_at: clock.next().map(micros),
        warned_at: clock.warned_at.map(micros),
        breached_at: clock.breached_at.map(micros),
        ended_at: clock.ended_at.map(micros),
    };
    let done = diesel::insert_into(clocks::table)
        .values(row)
        .execute(tx.connection)?;
    one("insert clock", done)
}

/// Writes how far a clock is. The caller holds the lock of its delivery.
///
/// # Errors
/// [`Error::RowCount`] when it is unknown.
pub fn update(
    tx: &mut Tx<'_>,
    id: DeliveryId,
    role: Role,
    clock: &DeadlineClock,
) -> Result<(), Error> {
    let key = (id.to_string(), role.as_str(), clock.rule.as_str());
    let done = diesel::update(clocks::table.find(key))
        .set((
            clocks::state.eq(clock.state.as_str()),
            clocks::next_at.eq(clock.next().map(micros)),
            clocks::warned_at.eq(clock.warned_at.map(micros)),
            clocks::breached_at.eq(clock.breached_at.map(micros)),
            clocks::ended_at.eq(clock.ended_at.map(micros)),
        ))
        .execute(tx.connection)?;
    one("update clock", done)
}

/// Lets a clock that could not be served rest until `until`.
///
/// # Errors
/// A fault of the database.
pub fn rest(tx: &mut Tx<'_>, key: Key, until: Timestamp) -> Result<(), Error> {
    let (id, role, rule) = key;
    let target = clocks::table.find((id.to_string(), role.as_str(), rule.as_str()));
    diesel::update(target.filter(clocks::next_at.is_not_null()))
        .set(clocks::next_at.eq(micros(until)))
        .execute(tx.connection)?;
    Ok(())
}

/// Up to `most` clocks whose next instant lies before `now`, the longest waiting first.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn ringing(tx: &mut Tx<'_>, now: Timestamp, most: i64) -> Result<Vec<Key>, Error> {
    let rows: Vec<(String, String, String)> = clocks::table
        .filter(clocks::next_at.lt(micros(now)))
        .order((clocks::next_at, clocks::delivery_id, clocks::rule))
        .limit(most)
        .select((clocks::delivery_id, clocks::role, clocks::rule))
        .load(tx.connection)?;
    let key = |(id, role, rule): (String, String, String)| {
        Ok((
            parse(TABLE, "delivery_id", &id)?,
            of_role(&role)?,
            of_rule(&rule)?,
        ))
    };
    rows.into_iter().map(key).collect()
}

/// The clocks of the deliveries `ids` in a role, by delivery and deadline.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn of_deliveries(
    tx: &mut Tx<'_>,
    ids: &[DeliveryId],
    role: Role,
) -> Result<Vec<(DeliveryId, DeadlineClock)>, Error> {
    let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut found = Vec::new();
    for some in names.chunks(MOST_NAMES) {
        let rows: Vec<Row> = clocks::table
            .filter(clocks::delivery_id.eq_any(some))
            .filter(clocks::role.eq(role.as_str()))
            .order((clocks::delivery_id, clocks::due_at, clocks::rule))
            .load(tx.connection)?;
        for row in rows {
            found.push(from_row(row)?);
        }
    }
    Ok(found)
}

/// The clocks of one delivery in a role, by deadline.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn of_delivery(
    tx: &mut Tx<'_>,
    id: DeliveryId,
    role: Role,
) -> Result<Vec<DeadlineClock>, Error> {
    let rows = of_deliveries(tx, &[id], role)?;
    Ok(rows.into_iter().map(|(_, clock)| clock).collect())
}

fn of_role(text: &str) -> Result<Role, Error> {
    Role::parse(text).ok_or_else(|| corrupt(TABLE, "role", text))
}

fn of_rule(text: &str) -> Result<Rule, Error> {
    Rule::parse(text).ok_or_else(|| corrupt(TABLE, "rule", text))
}

fn from_row(row: Row) -> Result<(DeliveryId, DeadlineClock), Error> {
    let maybe = |column, at: Option<i64>| at.map(|at| time(TABLE, column, at)).transpose();
    let clock = DeadlineClock {
        rule: of_rule(&row.rule)?,
        started_at: time(TABLE, "started_at", row.started_at)?,
        due: Due {
            warn: time(TABLE, "warn_at", row.warn_at)?,
            at: time(TABLE, "due_at", row.due_at)?,
            is_certain: row.certain != 0,
        },
        state: State::parse(&row.state).ok_or_else(|| corrupt(TABLE, "state", &row.state))?,
        warned_at: maybe("warned_at", row.warned_at)?,
        breached_at: maybe("breached_at", row.breached_at)?,
        ended_at: maybe("ended_at", row.ended_at)?,
    };
    Ok((parse(TABLE, "delivery_id", &row.delivery_id)?, clock))
}
