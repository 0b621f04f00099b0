//! Who is signed in. Tokens are 256 random bits, of which only the digest is recorded.

use super::hub::Inner;
use super::{Error, Hub};
use crate::domain::agency::AgencyCode;
use crate::domain::clock::{SignedDuration, Timestamp};
use crate::domain::digest::Sha256;
use crate::domain::ids::{UserId, unguessable};
use crate::store;
use crate::store::rows::people::{self, Role, TokenKind, User};

/// How long a browser session lasts, in hours.
const SESSION_HOURS: i64 = 10;
/// How long a one-time link may be used, in hours.
const LINK_HOURS: i64 = 24;
/// How long an access key lasts, in hours.
const KEY_HOURS: i64 = 365 * 24;

/// A person whose right to be here has been checked.
#[derive(Debug, Clone)]
pub struct Person {
    /// Name for signing in.
    pub login: String,
    /// Name for people.
    pub name: String,
    /// The agency the person works for.
    pub agency: AgencyCode,
    /// Whether the person may send and receive, or only read receipts.
    pub is_clerk: bool,
}

impl Person {
    /// Refuses acts of people who may only read.
    ///
    /// # Errors
    /// [`Error::NotAllowed`].
    pub fn must_be_clerk(&self) -> Result<(), Error> {
        if self.is_clerk {
            Ok(())
        } else {
            Err(Error::NotAllowed("clerks only"))
        }
    }

    pub(super) fn actor(&self) -> crate::domain::actor::Actor {
        crate::domain::actor::Actor::User(self.name.clone())
    }
}

/// A secret to hand out once: 64 hex digits.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A fresh token from the random source behind identifiers and the operating system.
    fn fresh(hub: &Inner) -> Self {
        Self(unguessable(hub.ids(), hub.now()))
    }

    /// The secret.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn digest(text: &str) -> Sha256 {
        Sha256::of(text.as_bytes())
    }
}

impl Hub {
    /// Opens an account.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the login is taken; a refusal for an unknown agency.
    pub async fn open_account(
        &self,
        login: String,
        name: String,
        agency: String,
        is_clerk: bool,
    ) -> Result<(), Error> {
        self.run(move |hub| {
            let agency = hub.directory().find(&agency)?.code.to_string();
            let now = hub.now();
            let role = if is_clerk { Role::Clerk } else { Role::Auditor };
            let user = User {
                id: UserId::fresh(hub.ids(), now),
                login,
                name,
                agency,
                role,
                password_hash: None,
                disabled_at: None,
            };
            match hub.store().write(|tx| people::insert(tx, &user, now)) {
                Err(store::Error::Conflict { .. }) => {
                    Err(Error::Conflict(format!("login {} is taken", user.login)))
                }
                other => Ok(other?),
            }
        })
        .await
    }

    /// A one-time link's token for `login`, usable once within a day.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such account.
    pub async fn one_time_token(&self, login: String) -> Result<Token, Error> {
        self.run(move |hub| {
            let (now, token) = (hub.now(), Token::fresh(hub));
            hub.store().write(|tx| {
                let user = account(people::by_login(tx, &login)?)?;
                people::insert_link(tx, Token::digest(&token.0), user.id, hours(now, LINK_HOURS))?;
                Ok::<_, Error>(())
            })?;
            Ok(token)
        })
        .await
    }

    /// The address at which a one-time token signs in.
    #[must_use]
    pub fn sign_in_link(&self, token: &Token) -> String {
        format!(
            "{}/sign-in/{}",
            self.inner().parts.public_url,
            token.reveal()
        )
    }

    /// An access key for programs that act as `login`, valid for a year.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such account.
    pub async fn access_key(&self, login: String) -> Result<Token, Error> {
        self.run(move |hub| {
            let (now, token) = (hub.now(), Token::fresh(hub));
            hub.store().write(|tx| {
                let user = account(people::by_login(tx, &login)?)?;
                let (digest, until) = (Token::digest(&token.0), hours(now, KEY_HOURS));
                people::insert_token(tx, digest, user.id, TokenKind::Key, now, until)?;
                Ok::<_, Error>(())
            })?;
            Ok(token)
        })
        .await
    }

    /// Uses up a one-time token and opens a session; `None` when it is unknown, used or expired.
    ///
    /// # Errors
    /// A fault of the record.
    pub async fn sign_in(&self, one_time: String) -> Result<Option<Token>, Error> {
        self.run(move |hub| {
            let (now, token) = (hub.now(), Token::fresh(hub));
            let opened = hub.store().write(|tx| {
                let Some(user) = people::use_link(tx, Token::digest(&one_time), now)? else {
                    return Ok::<_, Error>(false);
                };
                let (digest, until) = (Token::digest(&token.0), hours(now, SESSION_HOURS));
                people::insert_token(tx, digest, user.id, TokenKind::Session, now, until)?;
                Ok(true)
            })?;
            Ok(opened.then_some(token))
        })
        .await
    }

    /// The person behind a session's token.
    ///
    /// # Errors
    /// A fault of the record.
    pub async fn by_session(&self, token: String) -> Result<Option<Person>, Error> {
        self.by_token(token, TokenKind::Session).await
    }

    /// The person behind an access key.
    ///
    /// # Errors
    /// A fault of the record.
    pub async fn by_key(&self, token: String) -> Result<Option<Person>, Error> {
        self.by_token(token, TokenKind::Key).await
    }

    async fn by_token(&self, token: String, kind: TokenKind) -> Result<Option<Person>, Error> {
        self.run(move |hub| {
            let (digest, now) = (Token::digest(&token), hub.now());
            let user = hub
                .store()
                .read(|tx| people::by_token(tx, digest, kind, now))?;
            Ok(user.and_then(person))
        })
        .await
    }

    /// Ends a session.
    ///
    /// # Errors
    /// A fault of the record.
    pub async fn sign_out(&self, token: String) -> Result<(), Error> {
        let end = move |hub: &Inner| {
            Ok(hub
                .store()
                .write(|tx| people::end_session(tx, Token::digest(&token)))?)
        };
        self.run(end).await
    }
}

fn account(found: Option<User>) -> Result<User, Error> {
    found
        .filter(|user| user.disabled_at.is_none())
        .ok_or(Error::NotFound("account"))
}

fn person(user: User) -> Option<Person> {
    Some(Person {
        agency: AgencyCode::parse(&user.agency).ok()?,
        login: user.login,
        name: user.name,
        is_clerk: user.role == Role::Clerk,
    })
}

fn hours(from: Timestamp, hours: i64) -> Timestamp {
    from.saturating_add(SignedDuration::from_hours(hours))
        .unwrap_or(from)
}
