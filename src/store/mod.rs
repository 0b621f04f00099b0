//! The record: one database (SQLite or PostgreSQL) and one folder of blobs. Enter by [`Store`].
//! Never decides anything, never waits, knows no network.
//!
//! Only `exchange` opens transactions; the functions in `rows` and `views` take a [`Tx`], so that
//! state, receipt and jobs of one act share one. Bytes are durable in [`blobs`] before a row names
//! them.
//!
//! Files in reading order: `error`, `connection` (the two engines), `migrate`, `blobs`,
//! `partials` (blobs on their way in), `lists`, `schema`,
//! `rows` (one file per thing), `views` (what a page shows).

use std::path::Path;
use std::sync::Mutex;

use diesel::connection::Connection as _;
use diesel::r2d2::{Pool, PooledConnection};

pub mod blobs;
mod connection;
mod error;
mod lists;
pub mod migrate;
pub mod partials;
pub mod rows;
mod schema;
mod server;
pub mod views;

pub use blobs::Blob;
pub use connection::{Engine, engine_of};
pub use error::Error;
pub use lists::FetchedLists;
pub use server::ThrowawayDatabase;

use blobs::Blobs;
use connection::{AnyConnection, Opener};

/// The database and the blobs of one hub.
pub struct Store {
    readers: Pool<Opener>,
    writer: Writer,
    blobs: Blobs,
}

/// SQLite has one writer (competing ones starve); PostgreSQL writes through the pool.
enum Writer {
    Single {
        connection: Mutex<AnyConnection>,
        opener: Opener,
    },
    Pooled,
}

/// A transaction. Everything written through it becomes durable together, or not at all.
pub struct Tx<'a> {
    connection: &'a mut AnyConnection,
}

impl Store {
    /// Opens the database at `url` (`sqlite:PATH` or `postgres://…`) and the blob folder, refusing
    /// settings that would lose acknowledged writes.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Settings`], [`Error::Disk`].
    pub fn open(url: &str, blob_folder: &Path) -> Result<Self, Error> {
        let opener = Opener::new(url)?;
        // Opened here even where it is not kept: the pool would report unsafe settings as an absence.
        let first = opener.open()?;
        let writer = match opener.engine() {
            Engine::Sqlite => Writer::Single {
                connection: Mutex::new(first),
                opener: opener.clone(),
            },
            Engine::Postgres => Writer::Pooled,
        };
        let readers = Pool::builder()
            .max_size(8)
            // A spare connection would be opened behind our back whenever one is taken; a short
            // command would then end in the middle of it, and crash in the TLS library's own exit.
            .min_idle(Some(0))
            .connection_timeout(std::time::Duration::from_secs(5))
            .build(opener)
            .map_err(|fault| Error::Unavailable(fault.to_string()))?;
        Ok(Self {
            readers,
            writer,
            blobs: Blobs::open(blob_folder)?,
        })
    }

    /// The blobs.
    pub const fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// Runs `work` in one writing transaction. When this returns `Ok`, everything `work` wrote is
    /// durable. When it returns an error of the store, the outcome of the commit may be unknown:
    /// repeat the whole act, which finds its own trace.
    ///
    /// # Errors
    /// What `work` returns (everything is rolled back), or an error of the store.
    pub fn write<T, E: From<Error>>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        match &self.writer {
            Writer::Single { connection, opener } => {
                let mut writer = match connection.lock() {
                    Ok(writer) => writer,
                    Err(poisoned) => {
                        // Work that panicked left its transaction open; a later one would only be
                        // nested in it and never become durable. The old connection rolls back.
                        let mut writer = poisoned.into_inner();
                        *writer = opener.open()?;
                        connection.clear_poison();
                        writer
                    }
                };
                in_transaction(&mut writer, work)
            }
            Writer::Pooled => in_transaction(&mut *self.pooled()?, work),
        }
    }

    /// Runs `work` on a consistent view without writing.
    ///
    /// # Errors
    /// What `work` returns, or an error of the store.
    pub fn read<T, E: From<Error>>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        in_transaction(&mut *self.pooled()?, work)
    }

    fn pooled(&self) -> Result<PooledConnection<Opener>, Error> {
        self.readers
            .get()
            .map_err(|fault| Error::Unavailable(fault.to_string()))
    }
}

/// Carries either the caller's error or the store's through diesel's transaction.
enum Ended<E> {
    Caller(E),
    Store(Error),
}

impl<E> From<diesel::result::Error> for Ended<E> {
    fn from(fault: diesel::result::Error) -> Self {
        Self::Store(fault.into())
    }
}

fn in_transaction<T, E: From<Error>>(
    connection: &mut AnyConnection,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let ended = connection.transaction(|connection| {
        let value = work(&mut Tx { connection }).map_err(Ended::Caller)?;
        fail::fail_point!("store-before-commit");
        Ok(value)
    });
    fail::fail_point!("store-after-commit");
    ended.map_err(|ended| match ended {
        Ended::Caller(error) => error,
        Ended::Store(error) => error.into(),
    })
}
