//! Accounts, one-time sign-in links, sessions and access keys. Of every token only the digest is
//! kept.

use diesel::prelude::*;

use super::{corrupt, micros, one, parse, time};
use crate::domain::clock::Timestamp;
use crate::domain::digest::Sha256;
use crate::domain::ids::UserId;
use crate::store::schema::{sessions, sign_in_links, users};
use crate::store::{Error, Tx};

const TABLE: &str = "users";

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Sends and receives for the agency (văn thư).
    Clerk,
    /// Reads receipts of the agency.
    Auditor,
}

/// A person with an account.
#[derive(Debug, Clone)]
pub struct User {
    /// Its name in the record.
    pub id: UserId,
    /// Name for signing in.
    pub login: String,
    /// Name for people.
    pub name: String,
    /// Code of the agency.
    pub agency: String,
    /// What the person may do.
    pub role: Role,
    /// Argon2id in PHC form; absent: one-time links only.
    pub password_hash: Option<String>,
    /// When the account was closed.
    pub disabled_at: Option<Timestamp>,
}

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A browser session.
    Session,
    /// A key for programs.
    Key,
}

impl TokenKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Key => "key",
        }
    }
}

type Columns = (
    String,
    String,
    String,
    String,
    String,
    Option<String>,
    i64,
    Option<i64>,
);

/// Opens an account.
///
/// # Errors
/// [`Error::Conflict`] when the login is taken.
pub fn insert(tx: &mut Tx<'_>, user: &User, at: Timestamp) -> Result<(), Error> {
    let role = match user.role {
        Role::Clerk => "clerk",
        Role::Auditor => "auditor",
    };
    let done = diesel::insert_into(users::table)
        .values((
            users::id.eq(user.id.to_string()),
            users::login.eq(&user.login),
            users::name.eq(&user.name),
            users::agency.eq(&user.agency),
            users::role.eq(role),
            users::password_hash.eq(&user.password_hash),
            users::created_at.eq(micros(at)),
        ))
        .execute(tx.connection)?;
    one("insert user", done)
}

/// The account with this login.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn by_login(tx: &mut Tx<'_>, login: &str) -> Result<Option<User>, Error> {
    let row: Option<Columns> = users::table
        .filter(users::login.eq(login))
        .first(tx.connection)
        .optional()?;
    row.map(from_row).transpose()
}

fn by_id(tx: &mut Tx<'_>, id: &str) -> Result<Option<User>, Error> {
    let row: Option<Columns> = users::table.find(id).first(tx.connection).optional()?;
    row.map(from_row).transpose()
}

/// Records a one-time link.
///
/// # Errors
/// A fault of the database.
pub fn insert_link(
    tx: &mut Tx<'_>,
    token: Sha256,
    user: UserId,
    expires_at: Timestamp,
) -> Result<(), Error> {
    let done = diesel::insert_into(sign_in_links::table)
        .values((
            sign_in_links::token_sha256.eq(token.to_string()),
            sign_in_links::user_id.eq(user.to_string()),
            sign_in_links::expires_at.eq(micros(expires_at)),
        ))
        .execute(tx.connection)?;
    one("insert sign-in link", done)
}

/// Uses up a one-time link and gives its account; `None` when unknown, used or expired.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn use_link(tx: &mut Tx<'_>, token: Sha256, now: Timestamp) -> Result<Option<User>, Error> {
    let target = sign_in_links::table
        .filter(sign_in_links::token_sha256.eq(token.to_string()))
        .filter(sign_in_links::used_at.is_null())
        .filter(sign_in_links::expires_at.gt(micros(now)));
    let used = diesel::update(target)
        .set(sign_in_links::used_at.eq(micros(now)))
        .execute(tx.connection)?;
    if used == 0 {
        return Ok(None);
    }
    let id: String = sign_in_links::table
        .find(token.to_string())
        .select(sign_in_links::user_id)
        .first(tx.connection)?;
    Ok(by_id(tx, &id)?.filter(|user| user.disabled_at.is_none()))
}

/// Records a session or key.
///
/// # Errors
/// A fault of the database.
pub fn insert_token(
    tx: &mut Tx<'_>,
    token: Sha256,
    user: UserId,
    kind: TokenKind,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), Error> {
    let done = diesel::insert_into(sessions::table)
        .values((
            sessions::token_sha256.eq(token.to_string()),
            sessions::user_id.eq(user.to_string()),
            sessions::kind.eq(kind.as_str()),
            sessions::created_at.eq(micros(now)),
            sessions::last_seen_at.eq(micros(now)),
            sessions::expires_at.eq(micros(expires_at)),
        ))
        .execute(tx.connection)?;
    one("insert token", done)
}

/// The open account behind a valid token of this kind.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn by_token(
    tx: &mut Tx<'_>,
    token: Sha256,
    kind: TokenKind,
    now: Timestamp,
) -> Result<Option<User>, Error> {
    let id: Option<String> = sessions::table
        .filter(sessions::token_sha256.eq(token.to_string()))
        .filter(sessions::kind.eq(kind.as_str()))
        .filter(sessions::expires_at.gt(micros(now)))
        .select(sessions::user_id)
        .first(tx.connection)
        .optional()?;
    let Some(id) = id else { return Ok(None) };
    Ok(by_id(tx, &id)?.filter(|user| user.disabled_at.is_none()))
}

/// Ends a session; ending it twice changes nothing.
///
/// # Errors
/// A fault of the database.
pub fn end_session(tx: &mut Tx<'_>, token: Sha256) -> Result<(), Error> {
    diesel::delete(sessions::table.find(token.to_string())).execute(tx.connection)?;
    Ok(())
}

fn from_row(row: Columns) -> Result<User, Error> {
    let (id, login, name, agency, role, password_hash, _created_at, disabled_at) = row;
    Ok(User {
        id: parse(TABLE, "id", &id)?,
        login,
        name,
        agency,
        role: match role.as_str() {
            "clerk" => Role::Clerk,
            "auditor" => Role::Auditor,
            other => return Err(corrupt(TABLE, "role", other)),
        },
        password_hash,
        disabled_at: disabled_at
            .map(|at| time(TABLE, "disabled_at", at))
            .transpose()?,
    })
}
