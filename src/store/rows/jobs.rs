//! The outbox: work that follows from an act, written in the transaction of the act. A job is
//! claimed with a lease; the number of the attempt is the fencing token, so a worker that woke up
//! late can no longer change anything.
//!
//! While a job is in hand it is due again at the end of its lease. So one index, by target, lane and
//! time, finds what is new, what waits for its next attempt and what a dead worker left behind.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, SmallInt, Text};

use super::{corrupt, links, micros, one, parse, time};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{IdSource, JobId};
use crate::domain::lane::schedule::Want;
use crate::domain::lane::{Lane, Target};
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
    /// Look whether a change request is overdue or has lost its object; subject: its name.
    Change,
}

impl Kind {
    const ALL: [Self; 6] = [
        Self::Seal,
        Self::Dispatch,
        Self::Transfer,
        Self::Verify,
        Self::Mail,
        Self::Change,
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
            Self::Change => "change",
        }
    }

    /// The kind named `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
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
    /// Whom it needs.
    pub target: Target,
    /// How soon it is wanted.
    pub lane: Lane,
    /// Number of this attempt, from 1: the fencing token.
    pub attempt: i32,
    /// Failures in a row before this attempt.
    pub failures: i32,
    /// Attempts whose worker died or was too late.
    pub lost: i32,
    /// Whether the attempt before this one was such.
    pub was_lost: bool,
    /// When it ends without success; `None`: never.
    pub give_up_at: Option<Timestamp>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When the work was caused.
    pub created_at: Timestamp,
}

/// A job to be added.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// What to do.
    pub kind: Kind,
    /// What it is about (see [`Kind`]).
    pub subject: &'a str,
    /// Whom it needs.
    pub target: &'a Target,
    /// How soon it is wanted.
    pub lane: Lane,
    /// When it ends without success; `None`: never.
    pub give_up_at: Option<Timestamp>,
}

/// Why a job is set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// A neighbour refused it.
    Refused,
    /// It was tried for as long as it may be.
    Expired,
    /// A permanent fault of this hub.
    Fault,
}

impl Why {
    const ALL: [Self; 3] = [Self::Refused, Self::Expired, Self::Fault];

    /// The word in the record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Fault => "fault",
        }
    }

    /// The class named `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.as_str() == text)
    }
}

/// The column `peer` of a target.
pub(super) fn peer_of(target: &Target) -> Option<&str> {
    match target {
        Target::Here => None,
        other => Some(other.as_str()),
    }
}

/// The target a column `peer` names.
pub(super) fn target_of(peer: Option<&str>) -> Result<Target, Error> {
    let parse = |text: &str| Target::parse(text).ok_or_else(|| corrupt(TABLE, "peer", text));
    peer.map_or(Ok(Target::Here), parse)
}

/// The lane a column `lane` names.
pub(super) fn lane_of(code: i16) -> Result<Lane, Error> {
    Lane::from_code(code).ok_or_else(|| corrupt(TABLE, "lane", &code.to_string()))
}

/// Adds a job, due at once.
///
/// # Errors
/// A fault of the database.
pub fn insert(
    tx: &mut Tx<'_>,
    ids: &dyn IdSource,
    new: New<'_>,
    at: Timestamp,
) -> Result<JobId, Error> {
    let id = JobId::fresh(ids, at);
    let done = diesel::insert_into(jobs::table)
        .values((
            jobs::id.eq(id.to_string()),
            jobs::kind.eq(new.kind.as_str()),
            jobs::subject.eq(new.subject),
            jobs::peer.eq(peer_of(new.target)),
            jobs::due_at.eq(micros(at)),
            jobs::attempts.eq(0),
            jobs::state.eq("ready"),
            jobs::created_at.eq(micros(at)),
            jobs::lane.eq(new.lane.code()),
            jobs::give_up_at.eq(new.give_up_at.map(micros)),
        ))
        .execute(tx.connection)?;
    one("insert job", done)?;
    Ok(id)
}

/// Where something is due: one row for each target and lane that has ready jobs, with the instant the
/// first is due. Jumps from one target to the next in the index; it reads no other jobs.
const SURVEY: &str = "WITH RECURSIVE targets(peer) AS (\
     SELECT min(peer) FROM jobs WHERE state = 'ready' \
     UNION ALL \
     SELECT (SELECT min(peer) FROM jobs WHERE state = 'ready' AND peer > targets.peer) \
     FROM targets WHERE targets.peer IS NOT NULL), \
     lanes(lane) AS (SELECT CAST(0 AS SMALLINT) UNION ALL SELECT CAST(1 AS SMALLINT) UNION ALL \
     SELECT CAST(2 AS SMALLINT)) \
     SELECT targets.peer AS peer, lanes.lane AS lane, (SELECT due_at FROM jobs WHERE \
     state = 'ready' AND jobs.peer = targets.peer AND jobs.lane = lanes.lane \
     ORDER BY jobs.peer, jobs.lane, due_at, id LIMIT 1) AS due_at \
     FROM targets CROSS JOIN lanes WHERE targets.peer IS NOT NULL \
     UNION ALL \
     SELECT NULL, lanes.lane, (SELECT due_at FROM jobs WHERE state = 'ready' AND jobs.peer IS NULL \
     AND jobs.lane = lanes.lane ORDER BY jobs.peer, jobs.lane, due_at, id LIMIT 1) FROM lanes";

#[derive(QueryableByName)]
struct Seen {
    #[diesel(sql_type = Nullable<Text>)]
    peer: Option<String>,
    #[diesel(sql_type = SmallInt)]
    lane: i16,
    #[diesel(sql_type = Nullable<BigInt>)]
    due_at: Option<i64>,
}

/// The targets and lanes in which a job is due at `now`.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn survey(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<(Target, Lane)>, Error> {
    let rows: Vec<Seen> = diesel::sql_query(SURVEY).load(tx.connection)?;
    let is_due = |row: &Seen| row.due_at.is_some_and(|due| due <= micros(now));
    let due = rows.into_iter().filter(is_due);
    due.map(|row| Ok((target_of(row.peer.as_deref())?, lane_of(row.lane)?)))
        .collect()
}

#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = Nullable<Text>)]
    peer: Option<String>,
    #[diesel(sql_type = SmallInt)]
    lane: i16,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Integer)]
    failures: i32,
    #[diesel(sql_type = Integer)]
    lost: i32,
    #[diesel(sql_type = Nullable<BigInt>)]
    lease_until: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    give_up_at: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    last_error: Option<String>,
    #[diesel(sql_type = BigInt)]
    created_at: i64,
}

const DUE: &str = "SELECT id, kind, subject, peer, lane, attempts, failures, lost, lease_until, \
     give_up_at, last_error, created_at FROM jobs WHERE";

/// The query for due jobs of one lane of one target: a range of the index `jobs_ready`, in its order.
/// The state is written out, because only so the partial index is known to fit.
fn due_query(engine: &AnyConnection, target: &Target, most: u16) -> String {
    let peer = match target {
        Target::Here => "peer IS NULL",
        _ => "peer = $3",
    };
    let lock = match engine {
        AnyConnection::Sqlite(_) => "",
        AnyConnection::Postgres(_) => " FOR UPDATE SKIP LOCKED",
    };
    format!(
        "{DUE} state = 'ready' AND lane = $1 AND due_at <= $2 AND (lease_until IS NULL OR \
         lease_until <= $2) AND {peer} ORDER BY peer, lane, due_at, id LIMIT {most}{lock}"
    )
}

fn ask<T>(tx: &mut Tx<'_>, query: String, want: &Want, now: Timestamp) -> Result<Vec<T>, Error>
where
    T: QueryableByName<<AnyConnection as Connection>::Backend> + 'static,
{
    let query = diesel::sql_query(query)
        .bind::<SmallInt, _>(want.lane.code())
        .bind::<BigInt, _>(micros(now));
    Ok(match peer_of(&want.target) {
        Some(peer) => query.bind::<Text, _>(peer).load(tx.connection)?,
        None => query.load(tx.connection)?,
    })
}

/// Takes what is wanted of the due jobs until `lease_until`, in each lane of each target the oldest
/// due first; gives them in the order of `wants`. Jobs that another worker is taking at this moment
/// are passed over. A probe is taken only if no other worker has taken one meanwhile.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn claim(
    tx: &mut Tx<'_>,
    wants: &[Want],
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Vec<Vec<Job>>, Error> {
    let mut claimed = Vec::new();
    for want in wants {
        if want.is_probe && !links::reserve(tx, &want.target, now, lease_until)? {
            claimed.push(Vec::new());
            continue;
        }
        let query = due_query(tx.connection, &want.target, want.most);
        claimed.push(ask(tx, query, want, now)?);
    }
    let all: Vec<&Due> = claimed.iter().flatten().collect();
    lease(tx, &all, lease_until)?;
    let jobs = |rows: Vec<Due>| rows.into_iter().map(from_row).collect();
    claimed.into_iter().map(jobs).collect()
}

/// Takes the one job `id` until `lease_until`, whatever its state, unless a worker has it; for acts
/// that end or move it.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn take(
    tx: &mut Tx<'_>,
    id: JobId,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<Job>, Error> {
    let lock = match tx.connection {
        AnyConnection::Sqlite(_) => "",
        AnyConnection::Postgres(_) => " FOR UPDATE SKIP LOCKED",
    };
    let query = format!("{DUE} id = $1 AND (lease_until IS NULL OR lease_until <= $2){lock}");
    let rows: Vec<Due> = diesel::sql_query(query)
        .bind::<Text, _>(id.to_string())
        .bind::<BigInt, _>(micros(now))
        .load(tx.connection)?;
    lease(tx, &rows.iter().collect::<Vec<_>>(), lease_until)?;
    rows.into_iter().next().map(from_row).transpose()
}

fn lease(tx: &mut Tx<'_>, rows: &[&Due], until: Timestamp) -> Result<(), Error> {
    let lost_before = |row: &&Due| row.lease_until.is_some();
    let (lost, fresh): (Vec<&Due>, Vec<&Due>) = rows.iter().copied().partition(lost_before);
    for (rows, more) in [(fresh, 0), (lost, 1)] {
        if rows.is_empty() {
            continue;
        }
        let names: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let done = diesel::update(jobs::table.filter(jobs::id.eq_any(&names)))
            .set((
                jobs::attempts.eq(jobs::attempts + 1),
                jobs::lost.eq(jobs::lost + more),
                jobs::lease_until.eq(micros(until)),
                jobs::due_at.eq(micros(until)),
            ))
            .execute(tx.connection)?;
        if done != names.len() {
            return Err(Error::RowCount {
                what: "claim jobs",
                expected: names.len(),
                found: done,
            });
        }
    }
    Ok(())
}

/// How the engine finds due work, line by line: for the claim of a neighbour's and of this hub's own
/// jobs, and for the survey. For checks that no table is read as a whole.
///
/// # Errors
/// A fault of the database.
pub fn plans(tx: &mut Tx<'_>, wants: &[Want], now: Timestamp) -> Result<Vec<String>, Error> {
    let explain = match tx.connection {
        AnyConnection::Sqlite(_) => "EXPLAIN QUERY PLAN",
        AnyConnection::Postgres(_) => "EXPLAIN",
    };
    let mut lines: Vec<Line> =
        diesel::sql_query(format!("{explain} {SURVEY}")).load(tx.connection)?;
    for want in wants {
        let query = due_query(tx.connection, &want.target, want.most);
        lines.extend(ask::<Line>(tx, format!("{explain} {query}"), want, now)?);
    }
    Ok(lines.into_iter().map(|line| line.0).collect())
}

/// One line of a plan: each engine has another name for the column.
struct Line(String);

impl<DB> QueryableByName<DB> for Line
where
    DB: diesel::backend::Backend,
    String: diesel::deserialize::FromSql<Text, DB>,
{
    #[expect(
        single_use_lifetimes,
        reason = "the trait names it, and a nameless one is not stable here"
    )]
    fn build<'a>(row: &impl diesel::row::NamedRow<'a, DB>) -> diesel::deserialize::Result<Self> {
        use diesel::row::NamedRow;
        let line = NamedRow::get::<Text, String>(row, "detail");
        let line = line.or_else(|_| NamedRow::get::<Text, String>(row, "QUERY PLAN"));
        line.map(Self)
    }
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
    fail::fail_point!("bug-lease-not-renewed", |_| Ok(()));
    let target = jobs::table
        .filter(jobs::id.eq(job.id.to_string()))
        .filter(jobs::attempts.eq(job.attempt));
    let done = diesel::update(target)
        .set((
            jobs::lease_until.eq(micros(lease_until)),
            jobs::due_at.eq(micros(lease_until)),
        ))
        .execute(tx.connection)?;
    one("renew lease", done)
}

/// Frees every lease; the attempts under way count as lost. For a database that only one process
/// uses, when that process starts: whoever held a lease is gone.
///
/// # Errors
/// A fault of the database.
pub fn free_leases(tx: &mut Tx<'_>, now: Timestamp) -> Result<usize, Error> {
    let held = jobs::table.filter(jobs::lease_until.is_not_null());
    // What is past is still a lease: the next worker sees that the one before it was lost.
    Ok(diesel::update(held)
        .set((
            jobs::lease_until.eq(micros(now)),
            jobs::due_at.eq(micros(now)),
        ))
        .execute(tx.connection)?)
}

/// Puts a job back until `due`, with the reason; one failure more.
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
            jobs::failures.eq(job.failures.saturating_add(1)),
            jobs::last_error.eq(reason),
        ))
        .execute(tx.connection)?;
    one("postpone job", done)
}

/// Sets a job aside; it stays visible and is not tried again by itself. At `give_up_at`, if any, it
/// ends.
///
/// # Errors
/// [`Error::RowCount`] when the job was taken over by another worker.
pub fn park(
    tx: &mut Tx<'_>,
    job: &Job,
    (why, reason): (Why, &str),
    now: Timestamp,
    give_up_at: Option<Timestamp>,
) -> Result<(), Error> {
    let target = jobs::table
        .filter(jobs::id.eq(job.id.to_string()))
        .filter(jobs::attempts.eq(job.attempt));
    let done = diesel::update(target)
        .set((
            jobs::state.eq("parked"),
            jobs::lease_until.eq(None::<i64>),
            jobs::last_error.eq(reason),
            jobs::parked_at.eq(micros(now)),
            jobs::parked_why.eq(why.as_str()),
            jobs::give_up_at.eq(give_up_at.map(micros)),
        ))
        .execute(tx.connection)?;
    one("park job", done)
}

/// Gives a job in hand back, due at once and as if it had never failed; it may be tried until
/// `give_up_at`.
///
/// # Errors
/// [`Error::RowCount`] when the job was taken over by another worker.
pub fn revive(
    tx: &mut Tx<'_>,
    job: &Job,
    now: Timestamp,
    give_up_at: Option<Timestamp>,
) -> Result<(), Error> {
    let target = jobs::table
        .filter(jobs::id.eq(job.id.to_string()))
        .filter(jobs::attempts.eq(job.attempt));
    let done = diesel::update(target)
        .set((
            jobs::state.eq("ready"),
            jobs::lease_until.eq(None::<i64>),
            jobs::due_at.eq(micros(now)),
            jobs::failures.eq(0),
            jobs::lost.eq(0),
            jobs::parked_at.eq(None::<i64>),
            jobs::parked_why.eq(None::<&str>),
            jobs::give_up_at.eq(give_up_at.map(micros)),
        ))
        .execute(tx.connection)?;
    one("revive job", done)
}

/// Makes what waits for `target` after a failure due at once; gives how many jobs that are.
///
/// # Errors
/// A fault of the database.
pub fn hasten(tx: &mut Tx<'_>, target: &Target, now: Timestamp) -> Result<usize, Error> {
    let waiting = jobs::table
        .filter(jobs::state.eq("ready"))
        .filter(jobs::peer.eq(peer_of(target)))
        .filter(jobs::due_at.gt(micros(now)))
        .filter(jobs::lease_until.is_null());
    Ok(diesel::update(waiting)
        .set(jobs::due_at.eq(micros(now)))
        .execute(tx.connection)?)
}

/// Jobs in nobody's hand that should have ended before `now`, the longest overdue first: name,
/// target, and whether it is set aside.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn overdue(
    tx: &mut Tx<'_>,
    now: Timestamp,
    most: i64,
) -> Result<Vec<(JobId, Target, bool)>, Error> {
    let rows: Vec<(String, Option<String>, String)> = jobs::table
        .filter(jobs::give_up_at.le(micros(now)))
        .filter(
            jobs::lease_until
                .is_null()
                .or(jobs::lease_until.le(micros(now))),
        )
        .order((jobs::give_up_at, jobs::id))
        .limit(most)
        .select((jobs::id, jobs::peer, jobs::state))
        .load(tx.connection)?;
    let row = |(id, peer, state): (String, Option<String>, String)| {
        let target = target_of(peer.as_deref())?;
        Ok((parse(TABLE, "id", &id)?, target, state == "parked"))
    };
    rows.into_iter().map(row).collect()
}

fn from_row(row: Due) -> Result<Job, Error> {
    let was_lost = row.lease_until.is_some();
    Ok(Job {
        id: parse(TABLE, "id", &row.id)?,
        kind: Kind::parse(&row.kind).ok_or_else(|| corrupt(TABLE, "kind", &row.kind))?,
        subject: row.subject,
        target: target_of(row.peer.as_deref())?,
        lane: lane_of(row.lane)?,
        attempt: row.attempts.saturating_add(1),
        failures: row.failures,
        lost: row.lost.saturating_add(i32::from(was_lost)),
        was_lost,
        give_up_at: row
            .give_up_at
            .map(|at| time(TABLE, "give_up_at", at))
            .transpose()?,
        last_error: row.last_error,
        created_at: time(TABLE, "created_at", row.created_at)?,
    })
}
