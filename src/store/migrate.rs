//! Brings the schema up to date, or back. One folder of migrations per engine, embedded in the
//! program; rules in `migrations/README.md`.

use diesel::migration::MigrationSource;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::Error;
use super::connection::{AnyConnection, Opener};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Applies what is missing and gives the names of what was applied. Each migration is one
/// transaction: an interrupted run is continued by the next.
///
/// # Errors
/// [`Error::Migration`], [`Error::Unavailable`].
pub fn up(url: &str) -> Result<Vec<String>, Error> {
    let names = match &mut Opener::new(url)?.open()? {
        AnyConnection::Sqlite(sqlite) => run(sqlite, SQLITE),
        AnyConnection::Postgres(postgres) => run(postgres, POSTGRES),
    };
    names.map_err(|fault| Error::Migration(fault.to_string()))
}

/// Undoes every migration, the last first: all rows are lost. For tests of `down.sql`.
///
/// # Errors
/// [`Error::Migration`], [`Error::Unavailable`].
pub fn down_to_nothing(url: &str) -> Result<(), Error> {
    let undone = match &mut Opener::new(url)?.open()? {
        AnyConnection::Sqlite(sqlite) => sqlite.revert_all_migrations(SQLITE).map(|_| ()),
        AnyConnection::Postgres(postgres) => postgres.revert_all_migrations(POSTGRES).map(|_| ()),
    };
    undone.map_err(|fault| Error::Migration(fault.to_string()))
}

/// How many migrations the database lacks.
///
/// # Errors
/// [`Error::Migration`], [`Error::Unavailable`].
pub fn pending(url: &str) -> Result<usize, Error> {
    let missing = match &mut Opener::new(url)?.open()? {
        AnyConnection::Sqlite(sqlite) => sqlite.pending_migrations(SQLITE).map(|all| all.len()),
        AnyConnection::Postgres(postgres) => {
            postgres.pending_migrations(POSTGRES).map(|all| all.len())
        }
    };
    missing.map_err(|fault| Error::Migration(fault.to_string()))
}

fn run<C, D>(
    connection: &mut C,
    source: impl MigrationSource<D>,
) -> Result<Vec<String>, Box<dyn std::error::Error + Send + Sync>>
where
    D: diesel::backend::Backend,
    C: MigrationHarness<D> + diesel::Connection<Backend = D>,
{
    Ok(connection
        .run_pending_migrations(source)?
        .iter()
        .map(ToString::to_string)
        .collect())
}
