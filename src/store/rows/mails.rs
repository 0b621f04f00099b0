//! Notification mails and their state. A mail is a hint, never the delivery.

use diesel::prelude::*;

use super::{corrupt, micros, one, parse};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{DeliveryId, MailId};
use crate::store::schema::mails;
use crate::store::{Error, Tx};

const TABLE: &str = "mails";

/// What a mail tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// A document arrived.
    Arrived,
    /// The recipient accepted it.
    Accepted,
    /// The recipient refused it.
    Refused,
    /// It could not be delivered.
    Failed,
    /// A deadline is near.
    DueSoon,
    /// A deadline passed.
    Overdue,
    /// The sender asks for a change.
    ChangeAsked,
    /// The recipient agreed to it.
    ChangeAgreed,
    /// The recipient refused it.
    ChangeRefused,
    /// Nobody answered in time.
    ChangeOverdue,
}

impl Notice {
    /// Every notice.
    pub const ALL: [Self; 10] = [
        Self::Arrived,
        Self::Accepted,
        Self::Refused,
        Self::Failed,
        Self::DueSoon,
        Self::Overdue,
        Self::ChangeAsked,
        Self::ChangeAgreed,
        Self::ChangeRefused,
        Self::ChangeOverdue,
    ];

    /// The word in the record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Arrived => "arrived",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::DueSoon => "due-soon",
            Self::Overdue => "overdue",
            Self::ChangeAsked => "change-asked",
            Self::ChangeAgreed => "change-agreed",
            Self::ChangeRefused => "change-refused",
            Self::ChangeOverdue => "change-overdue",
        }
    }
}

/// A mail and what became of it.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Its name.
    pub id: MailId,
    /// The delivery it tells of.
    pub delivery: DeliveryId,
    /// What it tells.
    pub notice: Notice,
    /// Where to.
    pub address: String,
    /// `queued`, `sent` or `failed`.
    pub state: String,
    /// Last answer of the mail server.
    pub answer: Option<String>,
    /// Attempts made.
    pub attempts: i32,
}

type Columns = (
    String,
    String,
    String,
    String,
    String,
    Option<String>,
    i32,
    i64,
    i64,
);

/// Queues a mail unless the same notice of the same delivery was queued for this address before;
/// gives its name if it is new.
///
/// # Errors
/// A fault of the database.
pub fn insert(tx: &mut Tx<'_>, mail: &Mail, at: Timestamp) -> Result<bool, Error> {
    let known: i64 = mails::table
        .filter(mails::delivery_id.eq(mail.delivery.to_string()))
        .filter(mails::notice.eq(mail.notice.as_str()))
        .filter(mails::address.eq(&mail.address))
        .count()
        .get_result(tx.connection)?;
    if known > 0 {
        return Ok(false);
    }
    let done = diesel::insert_into(mails::table)
        .values((
            mails::id.eq(mail.id.to_string()),
            mails::delivery_id.eq(mail.delivery.to_string()),
            mails::notice.eq(mail.notice.as_str()),
            mails::address.eq(&mail.address),
            mails::state.eq("queued"),
            mails::attempts.eq(0),
            mails::created_at.eq(micros(at)),
            mails::updated_at.eq(micros(at)),
        ))
        .execute(tx.connection)?;
    one("insert mail", done)?;
    Ok(true)
}

/// The mail named `id`.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn find(tx: &mut Tx<'_>, id: MailId) -> Result<Option<Mail>, Error> {
    let row: Option<Columns> = mails::table
        .find(id.to_string())
        .first(tx.connection)
        .optional()?;
    row.map(from_row).transpose()
}

/// The mails about a delivery, the first first.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn of_delivery(tx: &mut Tx<'_>, delivery: DeliveryId) -> Result<Vec<Mail>, Error> {
    let rows: Vec<Columns> = mails::table
        .filter(mails::delivery_id.eq(delivery.to_string()))
        .order((mails::created_at, mails::id))
        .load(tx.connection)?;
    rows.into_iter().map(from_row).collect()
}

/// Notes an attempt: the new state and the server's answer.
///
/// # Errors
/// [`Error::RowCount`] when the mail is unknown.
pub fn note(
    tx: &mut Tx<'_>,
    id: MailId,
    state: &str,
    answer: &str,
    at: Timestamp,
) -> Result<(), Error> {
    let done = diesel::update(mails::table.find(id.to_string()))
        .set((
            mails::state.eq(state),
            mails::answer.eq(answer),
            mails::attempts.eq(mails::attempts + 1),
            mails::updated_at.eq(micros(at)),
        ))
        .execute(tx.connection)?;
    one("note mail", done)
}

fn from_row(row: Columns) -> Result<Mail, Error> {
    let (id, delivery, notice, address, state, answer, attempts, _created_at, _updated_at) = row;
    Ok(Mail {
        id: parse(TABLE, "id", &id)?,
        delivery: parse(TABLE, "delivery_id", &delivery)?,
        notice: Notice::ALL
            .into_iter()
            .find(|known| known.as_str() == notice)
            .ok_or_else(|| corrupt(TABLE, "notice", &notice))?,
        address,
        state,
        answer,
        attempts,
    })
}
