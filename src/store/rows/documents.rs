//! Documents, their numbers, addressees, and the keys that make a repeated request harmless.

use diesel::prelude::*;

use super::{corrupt, micros, one, parse, time};
use crate::domain::agency::AgencyCode;
use crate::domain::clock::Timestamp;
use crate::domain::digest::Sha256;
use crate::domain::document::{Content, Header, Urgency};
use crate::domain::ids::DocumentId;
use crate::domain::number::DocumentNumber;
use crate::domain::routing::HubId;
use crate::store::connection::AnyConnection;
use crate::store::schema::{
    arrival_registers, blobs, documents, issued_numbers, recipients, submissions,
};
use crate::store::{Error, Tx};

const TABLE: &str = "documents";

/// How far this hub has brought a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Number given, original stored.
    Registered,
    /// Signed and sealed.
    Sealed,
    /// Deliveries exist.
    Dispatched,
    /// Sealing or dispatching failed for good, with the reason.
    Failed(String),
    /// Came from another hub.
    Received,
}

impl Stage {
    const fn word(&self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Sealed => "sealed",
            Self::Dispatched => "dispatched",
            Self::Failed(_) => "failed",
            Self::Received => "received",
        }
    }

    /// The phrase that names it.
    #[must_use]
    pub const fn phrase(&self) -> &'static str {
        match self {
            Self::Registered => "stage-registered",
            Self::Sealed => "stage-sealed",
            Self::Dispatched => "stage-dispatched",
            Self::Failed(_) => "stage-failed",
            Self::Received => "stage-received",
        }
    }
}

/// A document as recorded on this hub.
#[derive(Debug, Clone)]
pub struct Document {
    /// What is told about it.
    pub header: Header,
    /// Person whose key signs it.
    pub signer: Option<String>,
    /// Bytes handed in; absent for received documents.
    pub original: Option<Content>,
    /// Sealed bytes; absent until sealed.
    pub sealed: Option<Content>,
    /// How far it is.
    pub stage: Stage,
    /// Hub of the sender.
    pub origin: HubId,
    /// Who handed it in.
    pub created_by: String,
    /// When this hub had it.
    pub created_at: Timestamp,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = documents)]
struct Row {
    id: String,
    sender: String,
    number: String,
    notation: String,
    year: i16,
    issued_on: String,
    type_name: String,
    subject: String,
    urgency: i16,
    file_name: String,
    signer: Option<String>,
    original_sha256: Option<String>,
    original_size_bytes: Option<i64>,
    sha256: Option<String>,
    size_bytes: Option<i64>,
    stage: String,
    stage_reason: Option<String>,
    origin_hub: String,
    created_by: String,
    created_at: i64,
}

/// Records a document. Its blobs must be stored.
///
/// # Errors
/// [`Error::Conflict`] when the id is taken.
pub fn insert(tx: &mut Tx<'_>, document: &Document) -> Result<(), Error> {
    let row = to_row(document)?;
    let done = diesel::insert_into(documents::table)
        .values(&row)
        .execute(tx.connection)?;
    one("insert document", done)
}

/// Takes the number of an outgoing document in its series.
///
/// # Errors
/// [`Error::Conflict`] when the number is taken.
pub fn take_number(tx: &mut Tx<'_>, header: &Header) -> Result<(), Error> {
    let done = diesel::insert_into(issued_numbers::table)
        .values((
            issued_numbers::sender.eq(header.sender.as_str()),
            issued_numbers::year.eq(header.issued_on.year()),
            issued_numbers::number.eq(header.number.number()),
            issued_numbers::notation.eq(header.number.notation()),
            issued_numbers::document_id.eq(header.id.to_string()),
        ))
        .execute(tx.connection)?;
    one("take number", done)
}

/// The document named `id`.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn find(tx: &mut Tx<'_>, id: DocumentId) -> Result<Option<Document>, Error> {
    let row: Option<Row> = documents::table
        .find(id.to_string())
        .first(tx.connection)
        .optional()?;
    row.map(from_row).transpose()
}

/// The documents named, in no order.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn find_each(tx: &mut Tx<'_>, ids: &[DocumentId]) -> Result<Vec<Document>, Error> {
    let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let rows: Vec<Row> = documents::table
        .filter(documents::id.eq_any(names))
        .load(tx.connection)?;
    rows.into_iter().map(from_row).collect()
}

/// The newest `most` documents that `sender` handed in at this hub, the newest first.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn newest_from(tx: &mut Tx<'_>, sender: &str, most: i64) -> Result<Vec<Document>, Error> {
    let rows: Vec<Row> = documents::table
        .filter(documents::sender.eq(sender))
        .filter(documents::stage.ne("received"))
        .order((documents::created_at.desc(), documents::id.desc()))
        .limit(most)
        .load(tx.connection)?;
    rows.into_iter().map(from_row).collect()
}

/// Other documents of the same sender, year, number and notation that this hub has received or sent
/// (Decree 30/2020, annex VI III.1(h)).
///
/// # Errors
/// A fault of the database.
pub fn count_twins(tx: &mut Tx<'_>, header: &Header) -> Result<i64, Error> {
    Ok(documents::table
        .filter(documents::sender.eq(header.sender.as_str()))
        .filter(documents::year.eq(header.issued_on.year()))
        .filter(documents::number.eq(header.number.number()))
        .filter(documents::notation.eq(header.number.notation()))
        .filter(documents::id.ne(header.id.to_string()))
        .count()
        .get_result(tx.connection)?)
}

/// Moves the document from the stage `from` to its new one; with `sealed`, names the sealed bytes.
///
/// # Errors
/// [`Error::RowCount`] when the document is not at the stage `from`.
pub fn advance(
    tx: &mut Tx<'_>,
    id: DocumentId,
    from: &Stage,
    to: &Stage,
    sealed: Option<Content>,
) -> Result<(), Error> {
    let reason = match to {
        Stage::Failed(reason) => Some(reason.as_str()),
        _ => None,
    };
    let target = documents::table
        .filter(documents::id.eq(id.to_string()))
        .filter(documents::stage.eq(from.word()));
    let moved = diesel::update(target)
        .set((
            documents::stage.eq(to.word()),
            documents::stage_reason.eq(reason),
        ))
        .execute(tx.connection)?;
    one("advance document", moved)?;
    let Some(sealed) = sealed else { return Ok(()) };
    let named = diesel::update(documents::table.find(id.to_string()))
        .set((
            documents::sha256.eq(sealed.sha256.to_string()),
            documents::size_bytes.eq(size(sealed.size_bytes)?),
        ))
        .execute(tx.connection)?;
    one("name sealed bytes", named)
}

/// Records the addressees of an outgoing document.
///
/// # Errors
/// [`Error::Conflict`] when one stands twice.
pub fn insert_recipients(
    tx: &mut Tx<'_>,
    id: DocumentId,
    codes: &[AgencyCode],
) -> Result<(), Error> {
    for code in codes {
        let done = diesel::insert_into(recipients::table)
            .values((
                recipients::document_id.eq(id.to_string()),
                recipients::recipient.eq(code.as_str()),
            ))
            .execute(tx.connection)?;
        one("insert recipient", done)?;
    }
    Ok(())
}

/// The codes of the addressees, sorted.
///
/// # Errors
/// A fault of the database.
pub fn recipients_of(tx: &mut Tx<'_>, id: DocumentId) -> Result<Vec<String>, Error> {
    Ok(recipients::table
        .filter(recipients::document_id.eq(id.to_string()))
        .select(recipients::recipient)
        .order(recipients::recipient)
        .load(tx.connection)?)
}

/// What the request `key` of `owner` made before: fingerprint and document.
///
/// # Errors
/// A fault of the database.
pub fn submitted(
    tx: &mut Tx<'_>,
    owner: &str,
    key: &str,
) -> Result<Option<(Sha256, DocumentId)>, Error> {
    let row: Option<(String, String)> = submissions::table
        .find((owner, key))
        .select((submissions::fingerprint, submissions::document_id))
        .first(tx.connection)
        .optional()?;
    row.map(|(fingerprint, id)| {
        Ok((
            parse("submissions", "fingerprint", &fingerprint)?,
            parse("submissions", "document_id", &id)?,
        ))
    })
    .transpose()
}

/// Remembers that the request `key` of `owner` made `document`.
///
/// # Errors
/// [`Error::Conflict`] when the key was used before.
pub fn remember_submission(
    tx: &mut Tx<'_>,
    owner: &str,
    key: &str,
    fingerprint: Sha256,
    document: DocumentId,
) -> Result<(), Error> {
    let done = diesel::insert_into(submissions::table)
        .values((
            submissions::owner.eq(owner),
            submissions::key.eq(key),
            submissions::fingerprint.eq(fingerprint.to_string()),
            submissions::document_id.eq(document.to_string()),
        ))
        .execute(tx.connection)?;
    one("remember submission", done)
}

/// Records that the bytes of `content` are stored. Repeating it changes nothing.
///
/// # Errors
/// A fault of the database.
pub fn remember_blob(tx: &mut Tx<'_>, content: Content, at: Timestamp) -> Result<(), Error> {
    let row = diesel::insert_into(blobs::table).values((
        blobs::sha256.eq(content.sha256.to_string()),
        blobs::size_bytes.eq(size(content.size_bytes)?),
        blobs::first_seen.eq(micros(at)),
    ));
    // Two doors may take the same bytes in at once; asking before inserting would let one fail.
    match tx.connection {
        AnyConnection::Sqlite(sqlite) => row.on_conflict_do_nothing().execute(sqlite)?,
        AnyConnection::Postgres(postgres) => row.on_conflict_do_nothing().execute(postgres)?,
    };
    Ok(())
}

/// Forgets bytes that no document has; gives whether they are gone.
///
/// # Errors
/// A fault of the database.
pub fn forget_blob(tx: &mut Tx<'_>, sha256: &Sha256) -> Result<bool, Error> {
    let name = sha256.to_string();
    let handed_in = documents::original_sha256.eq(&name);
    let used: i64 = documents::table
        .filter(handed_in.or(documents::sha256.eq(&name)))
        .count()
        .get_result(tx.connection)?;
    if used > 0 {
        return Ok(false);
    }
    diesel::delete(blobs::table.find(&name)).execute(tx.connection)?;
    Ok(true)
}

/// The next number in the agency's register of incoming documents of `year`.
///
/// # Errors
/// [`Error::Conflict`] when two clerks begin the year's register at once: repeat the act.
pub fn next_arrival_number(tx: &mut Tx<'_>, agency: &str, year: i16) -> Result<i32, Error> {
    let target = arrival_registers::table.find((agency, year));
    let raised = diesel::update(target)
        .set(arrival_registers::last_number.eq(arrival_registers::last_number + 1))
        .execute(tx.connection)?;
    if raised == 0 {
        let begun = diesel::insert_into(arrival_registers::table)
            .values((
                arrival_registers::agency.eq(agency),
                arrival_registers::year.eq(year),
                arrival_registers::last_number.eq(1),
            ))
            .execute(tx.connection)?;
        one("begin register", begun)?;
    }
    Ok(target
        .select(arrival_registers::last_number)
        .first(tx.connection)?)
}

fn size(bytes: u64) -> Result<i64, Error> {
    i64::try_from(bytes).or(Err(Error::TooLarge {
        limit: i64::MAX.unsigned_abs(),
    }))
}

fn to_row(document: &Document) -> Result<Row, Error> {
    let header = &document.header;
    let split = |content: &Option<Content>| match content {
        Some(c) => Ok((Some(c.sha256.to_string()), Some(size(c.size_bytes)?))),
        None => Ok::<_, Error>((None, None)),
    };
    let (original_sha256, original_size_bytes) = split(&document.original)?;
    let (sha256, size_bytes) = split(&document.sealed)?;
    Ok(Row {
        id: header.id.to_string(),
        sender: header.sender.as_str().to_owned(),
        number: header.number.number().to_owned(),
        notation: header.number.notation().to_owned(),
        year: header.issued_on.year(),
        issued_on: header.issued_on.to_string(),
        type_name: header.type_name.clone(),
        subject: header.subject.clone(),
        urgency: header.urgency.code(),
        file_name: header.file_name.clone(),
        signer: document.signer.clone(),
        original_sha256,
        original_size_bytes,
        sha256,
        size_bytes,
        stage: document.stage.word().to_owned(),
        stage_reason: match &document.stage {
            Stage::Failed(reason) => Some(reason.clone()),
            _ => None,
        },
        origin_hub: document.origin.to_string(),
        created_by: document.created_by.clone(),
        created_at: micros(document.created_at),
    })
}

fn content(sha256: Option<&str>, size_bytes: Option<i64>) -> Result<Option<Content>, Error> {
    let (Some(sha256), Some(size_bytes)) = (sha256, size_bytes) else {
        return Ok(None);
    };
    let size_bytes =
        u64::try_from(size_bytes).or(Err(corrupt(TABLE, "size_bytes", &size_bytes.to_string())))?;
    Ok(Some(Content {
        sha256: parse(TABLE, "sha256", sha256)?,
        size_bytes,
    }))
}

fn from_row(row: Row) -> Result<Document, Error> {
    let number = DocumentNumber::new(&row.number, &row.notation);
    let stage = match row.stage.as_str() {
        "registered" => Stage::Registered,
        "sealed" => Stage::Sealed,
        "dispatched" => Stage::Dispatched,
        "received" => Stage::Received,
        "failed" => Stage::Failed(row.stage_reason.unwrap_or_default()),
        other => return Err(corrupt(TABLE, "stage", other)),
    };
    Ok(Document {
        header: Header {
            id: parse(TABLE, "id", &row.id)?,
            sender: AgencyCode::parse(&row.sender).or(Err(corrupt(
                TABLE,
                "sender",
                &row.sender,
            )))?,
            number: number.or(Err(corrupt(TABLE, "number", &row.number)))?,
            issued_on: parse(TABLE, "issued_on", &row.issued_on)?,
            type_name: row.type_name,
            subject: row.subject,
            urgency: Urgency::from_code(row.urgency)
                .ok_or_else(|| corrupt(TABLE, "urgency", &row.urgency.to_string()))?,
            file_name: row.file_name,
        },
        signer: row.signer,
        original: content(row.original_sha256.as_deref(), row.original_size_bytes)?,
        sealed: content(row.sha256.as_deref(), row.size_bytes)?,
        stage,
        origin: HubId::parse(&row.origin_hub).or(Err(corrupt(
            TABLE,
            "origin_hub",
            &row.origin_hub,
        )))?,
        created_by: row.created_by,
        created_at: time(TABLE, "created_at", row.created_at)?,
    })
}
