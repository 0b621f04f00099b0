//! The outbox as people see it: what waits, for whom, since when and why.

use diesel::prelude::*;

use super::jobs::{Kind, Why, lane_of, peer_of, target_of};
use super::{corrupt, parse, time};
use crate::domain::clock::Timestamp;
use crate::domain::ids::JobId;
use crate::domain::lane::{Lane, Target};
use crate::store::schema::jobs;
use crate::store::{Error, Tx};

const TABLE: &str = "jobs";

/// A job that is not done.
#[derive(Debug, Clone)]
pub struct Open {
    /// Its name.
    pub id: JobId,
    /// What to do.
    pub kind: Kind,
    /// What it is about.
    pub subject: String,
    /// Whom it needs.
    pub target: Target,
    /// How soon it is wanted.
    pub lane: Lane,
    /// Attempts begun.
    pub attempts: i32,
    /// Next attempt; while in hand, the end of the lease.
    pub due_at: Timestamp,
    /// Whether a worker has it until then.
    pub in_hand: bool,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// Set aside since when, and why.
    pub parked: Option<(Timestamp, Why)>,
    /// When it ends without success; `None`: never.
    pub give_up_at: Option<Timestamp>,
    /// When the work was caused.
    pub created_at: Timestamp,
}

type Columns = (
    (
        String,
        String,
        String,
        Option<String>,
        i64,
        i32,
        Option<i64>,
    ),
    (
        Option<String>,
        i64,
        i16,
        Option<i64>,
        Option<i64>,
        Option<String>,
    ),
);

macro_rules! columns {
    () => {
        (
            (
                jobs::id,
                jobs::kind,
                jobs::subject,
                jobs::peer,
                jobs::due_at,
                jobs::attempts,
                jobs::lease_until,
            ),
            (
                jobs::last_error,
                jobs::created_at,
                jobs::lane,
                jobs::give_up_at,
                jobs::parked_at,
                jobs::parked_why,
            ),
        )
    };
}

/// The job `id`.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn find(tx: &mut Tx<'_>, id: JobId) -> Result<Option<Open>, Error> {
    let row: Option<Columns> = jobs::table
        .filter(jobs::id.eq(id.to_string()))
        .select(columns!())
        .first(tx.connection)
        .optional()?;
    row.map(from_row).transpose()
}

/// The open work on `subject`; `None` when there is none.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn about(tx: &mut Tx<'_>, subject: &str) -> Result<Option<Open>, Error> {
    let row: Option<Columns> = jobs::table
        .filter(jobs::subject.eq(subject))
        .order(jobs::id)
        .select(columns!())
        .first(tx.connection)
        .optional()?;
    row.map(from_row).transpose()
}

/// What is set aside, the longest first; of one target, if one is named.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn parked(tx: &mut Tx<'_>, target: Option<&Target>, most: i64) -> Result<Vec<Open>, Error> {
    let all = jobs::table
        .filter(jobs::state.eq("parked"))
        .order((jobs::parked_at, jobs::id))
        .limit(most)
        .select(columns!());
    let rows: Vec<Columns> = match target.map(peer_of) {
        None => all.load(tx.connection)?,
        Some(None) => all.filter(jobs::peer.is_null()).load(tx.connection)?,
        Some(Some(peer)) => all.filter(jobs::peer.eq(peer)).load(tx.connection)?,
    };
    rows.into_iter().map(from_row).collect()
}

/// What waits for its next attempt after a failure, the longest open first; of one target, if one is
/// named.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn failing(tx: &mut Tx<'_>, target: Option<&Target>, most: i64) -> Result<Vec<Open>, Error> {
    let all = jobs::table
        .filter(jobs::state.eq("ready"))
        .filter(jobs::failures.gt(0))
        .order((jobs::created_at, jobs::id))
        .limit(most)
        .select(columns!());
    let rows: Vec<Columns> = match target.map(peer_of) {
        None => all.load(tx.connection)?,
        Some(None) => all.filter(jobs::peer.is_null()).load(tx.connection)?,
        Some(Some(peer)) => all.filter(jobs::peer.eq(peer)).load(tx.connection)?,
    };
    rows.into_iter().map(from_row).collect()
}

/// How much there is in one lane of one target.
#[derive(Debug, Clone)]
pub struct Depth {
    /// Whom it needs.
    pub target: Target,
    /// Its lane.
    pub lane: Lane,
    /// Whether it is set aside.
    pub is_parked: bool,
    /// How many jobs.
    pub count: i64,
    /// When the oldest was caused.
    pub oldest: Timestamp,
}

/// How much there is in each lane of each target. Counts every job: for people, not for every
/// request.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn depths(tx: &mut Tx<'_>) -> Result<Vec<Depth>, Error> {
    type Row = (Option<String>, i16, String, i64, Option<i64>);
    let rows: Vec<Row> = jobs::table
        .group_by((jobs::peer, jobs::lane, jobs::state))
        .select((
            jobs::peer,
            jobs::lane,
            jobs::state,
            diesel::dsl::count_star(),
            diesel::dsl::min(jobs::created_at),
        ))
        .load(tx.connection)?;
    let depth = |(peer, lane, state, count, oldest): Row| {
        Ok(Depth {
            target: target_of(peer.as_deref())?,
            lane: lane_of(lane)?,
            is_parked: state == "parked",
            count,
            oldest: time(TABLE, "created_at", oldest.unwrap_or_default())?,
        })
    };
    let depths: Result<Vec<Depth>, Error> = rows.into_iter().map(depth).collect();
    let mut depths = depths?;
    depths.sort_by(|one, other| (&one.target, one.lane).cmp(&(&other.target, other.lane)));
    Ok(depths)
}

/// Looks at the outbox without counting: for probes that only ask whether the record answers.
///
/// # Errors
/// A fault of the database.
pub fn answers(tx: &mut Tx<'_>) -> Result<(), Error> {
    let _: Option<String> = jobs::table
        .select(jobs::id)
        .limit(1)
        .first(tx.connection)
        .optional()?;
    Ok(())
}

fn from_row((job, state): Columns) -> Result<Open, Error> {
    let (id, kind, subject, peer, due_at, attempts, lease_until) = job;
    let (last_error, created_at, lane, give_up_at, parked_at, parked_why) = state;
    let why = |text: String| Why::parse(&text).ok_or_else(|| corrupt(TABLE, "parked_why", &text));
    let parked_at = parked_at
        .map(|at| time(TABLE, "parked_at", at))
        .transpose()?;
    Ok(Open {
        id: parse(TABLE, "id", &id)?,
        kind: Kind::parse(&kind).ok_or_else(|| corrupt(TABLE, "kind", &kind))?,
        subject,
        target: target_of(peer.as_deref())?,
        lane: lane_of(lane)?,
        attempts,
        due_at: time(TABLE, "due_at", due_at)?,
        in_hand: lease_until.is_some(),
        last_error,
        parked: parked_at.zip(parked_why.map(why).transpose()?),
        give_up_at: give_up_at
            .map(|at| time(TABLE, "give_up_at", at))
            .transpose()?,
        created_at: time(TABLE, "created_at", created_at)?,
    })
}
