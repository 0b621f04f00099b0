//! The outbox: work that follows from an act, written in the transaction of the act. A job is
//! claimed with a lease; the number of the attempt is the fencing token, so a worker that woke up
//! late can no longer change anything.

use diesel::prelude::*;

use super::{corrupt, micros, one, parse};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{IdSource, JobId};
use crate::domain::routing::HubId;
use crate::store::connection::AnyConnection;
use crate::store::schema::jobs;
use crate::store::{Error, Tx};

const TABLE: &str = "jobs";

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Sign and seal a document; subject: document.
    Seal,
    /// Make its deliveries; subject: document.
    Dispatch,
    /// Hand something to a neighbour; subject: transfer.
    Transfer,
    /// Verify what arrived; subject: delivery.
    Verify,
    /// Send a notification; subject: mail.
    Mail,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::Seal,
        Self::Dispatch,
        Self::Transfer,
        Self::Verify,
        Self::Mail,
    ];

    /// The word in the record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Seal => "seal",
            Self::Dispatch => "dispatch",
            Self::Transfer => "transfer",
            Self::Verify => "verify",
            Self::Mail => "mail",
        }
    }
}

/// A job in the hands of a worker.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its name.
    pub id: JobId,
    /// What to do.
    pub kind: Kind,
    /// What it is about (see [`Kind`]).
    pub subject: String,
    /// The neighbour it needs.
    pub peer: Option<HubId>,
    /// Number of this attempt, from 1: the fencing token.
    pub attempt: i32,
    /// When the work was caused.
    pub created_at: Timestamp,
}

type Columns = (String, String, String, Option<String>, i32, i64);

/// Adds a job, due at once.
///
/// # Errors
/// A fault of the database.
pub fn insert(
    tx: &mut Tx<'_>,
    ids: &dyn IdSource,
    kind: Kind,
    subject: &str,
    peer: Option<&HubId>,
    at: Timestamp,
) -> Result<(), Error> {
    let done = diesel::insert_into(jobs::table)
        .values((
            jobs::id.eq(JobId::fresh(ids, at).to_string()),
            jobs::kind.eq(kind.as_str()),
            jobs::subject.eq(subject),
            jobs::peer.eq(peer.map(HubId::as_str)),
            jobs::due_at.eq(micros(at)),
            jobs::attempts.eq(0),
            jobs::state.eq("ready"),
            jobs::created_at.eq(micros(at)),
        ))
        .execute(tx.connection)?;
    one("insert job", done)
}

/// Takes up to `most` due jobs whose lease is free until `lease_until`, oldest due first.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn claim(
    tx: &mut Tx<'_>,
    most: i64,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Vec<Job>, Error> {
    let due = jobs::table
        .filter(jobs::state.eq("ready"))
        .filter(jobs::due_at.le(micros(now)))
        .filter(
            jobs::lease_until
                .is_null()
                .or(jobs::lease_until.lt(micros(now))),
        )
        .order((jobs::due_at, jobs::id))
        .limit(most)
        .select(jobs::id);
    let names: Vec<String> = match tx.connection {
        AnyConnection::Sqlite(sqlite) => due.load(sqlite)?,
        AnyConnection::Postgres(postgres) => due.for_update().skip_locked().load(postgres)?,
    };
    let claimed = diesel::update(jobs::table.filter(jobs::id.eq_any(&names)))
        .set((
            jobs::attempts.eq(jobs::attempts + 1),
            jobs::lease_until.eq(micros(lease_until)),
        ))
        .execute(tx.connection)?;
    if claimed != names.len() {
        return Err(Error::RowCount {
            what: "claim jobs",
            expected: names.len(),
            found: claimed,
        });
    }
    let rows: Vec<Columns> = jobs::table
        .filter(jobs::id.eq_any(&names))
        .order((jobs::due_at, jobs::id))
        .select((
            jobs::id,
            jobs::kind,
            jobs::subject,
            jobs::peer,
            jobs::attempts,
            jobs::created_at,
        ))
        .load(tx.connection)?;
    rows.into_iter().map(from_row).collect()
}

/// Removes a finished job. Called in the transaction that records what the job brought about.
///
/// # Errors
/// [`Error::RowCount`] when the job was taken over by another worker: nothing of this attempt may
/// be recorded.
pub fn finish(tx: &mut Tx<'_>, job: &Job) -> Result<(), Error> {
    let target = jobs::table
        .filter(jobs::id.eq(job.id.to_string()))
        .filter(jobs::attempts.eq(job.attempt));
    one("finish job", diesel::delete(target).execute(tx.connection)?)
}

/// Extends the lease of a job in hand.
///
/// # Errors
/// [`Error::RowCount`] when the job was taken over by another worker.
pub fn renew(tx: &mut Tx<'_>, job: &Job, lease_until: Timestamp) -> Result<(), Error> {
    let target = jobs::table
        .filter(jobs::id.eq(job.id.to_string()))
        .filter(jobs::attempts.eq(job.attempt));
    let done = diesel::update(target)
        .set(jobs::lease_until.eq(micros(lease_until)))
        .execute(tx.connection)?;
    one("renew lease", done)
}

/// Frees every lease. For a database that only one process uses, when that process starts: whoever
/// held a lease is gone.
///
/// # Errors
/// A fault of the database.
pub fn free_leases(tx: &mut Tx<'_>) -> Result<usize, Error> {
    Ok(
        diesel::update(jobs::table.filter(jobs::lease_until.is_not_null()))
            .set(jobs::lease_until.eq(None::<i64>))
            .execute(tx.connection)?,
    )
}

/// Puts a job back until `due`, with the reason.
///
/// # Errors
/// [`Error::RowCount`] when the job was taken over by another worker.
pub fn postpone(tx: &mut Tx<'_>, job: &Job, due: Timestamp, reason: &str) -> Result<(), Error> {
    let target = jobs::table
        .filter(jobs::id.eq(job.id.to_string()))
        .filter(jobs::attempts.eq(job.attempt));
    let done = diesel::update(target)
        .set((
            jobs::due_at.eq(micros(due)),
            jobs::lease_until.eq(None::<i64>),
            jobs::last_error.eq(reason),
        ))
        .execute(tx.connection)?;
    one("postpone job", done)
}

/// Parks a job after a permanent error; it stays visible and is not tried again by itself.
///
/// # Errors
/// [`Error::RowCount`] when the job was taken over by another worker.
pub fn park(tx: &mut Tx<'_>, job: &Job, reason: &str) -> Result<(), Error> {
    let target = jobs::table
        .filter(jobs::id.eq(job.id.to_string()))
        .filter(jobs::attempts.eq(job.attempt));
    let done = diesel::update(target)
        .set((
            jobs::state.eq("parked"),
            jobs::lease_until.eq(None::<i64>),
            jobs::last_error.eq(reason),
        ))
        .execute(tx.connection)?;
    one("park job", done)
}

/// Why the work on `subject` waits: attempts made, next attempt, last error; `None` when no job
/// about it is open.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn waiting(
    tx: &mut Tx<'_>,
    subject: &str,
) -> Result<Option<(i32, Timestamp, Option<String>)>, Error> {
    let row: Option<(i32, i64, Option<String>)> = jobs::table
        .filter(jobs::subject.eq(subject))
        .select((jobs::attempts, jobs::due_at, jobs::last_error))
        .first(tx.connection)
        .optional()?;
    row.map(|(attempts, due, error)| Ok((attempts, super::time(TABLE, "due_at", due)?, error)))
        .transpose()
}

/// How many jobs are open: ready, and parked.
///
/// # Errors
/// A fault of the database.
pub fn count(tx: &mut Tx<'_>) -> Result<(i64, i64), Error> {
    let ready = jobs::table
        .filter(jobs::state.eq("ready"))
        .count()
        .get_result(tx.connection)?;
    let parked = jobs::table
        .filter(jobs::state.eq("parked"))
        .count()
        .get_result(tx.connection)?;
    Ok((ready, parked))
}

fn from_row(row: Columns) -> Result<Job, Error> {
    let (id, kind, subject, peer, attempt, created_at) = row;
    let peer = peer.map(|name| HubId::parse(&name).or(Err(corrupt(TABLE, "peer", &name))));
    Ok(Job {
        id: parse(TABLE, "id", &id)?,
        kind: Kind::ALL
            .into_iter()
            .find(|known| known.as_str() == kind)
            .ok_or_else(|| corrupt(TABLE, "kind", &kind))?,
        subject,
        peer: peer.transpose()?,
        attempt,
        created_at: super::time(TABLE, "created_at", created_at)?,
    })
}
