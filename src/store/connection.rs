//! The two engines behind one connection type: every difference between them is in this file, in
//! `migrate`, and in `rows` where a lock or an insert is written for each (`AnyConnection::Sqlite`).

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::r2d2::ManageConnection;

use super::Error;

/// A connection to either engine. All queries are written once, for both.
#[derive(diesel::MultiConnection)]
pub(super) enum AnyConnection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// A database engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Embedded, one process.
    Sqlite,
    /// A server, many processes.
    Postgres,
}

/// The engine named by a database URL: `sqlite:PATH`, `postgres://…` or `postgresql://…`.
///
/// # Errors
/// [`Error::Unavailable`] for any other scheme; the URL itself is not repeated, it may hold a
/// password.
pub fn engine_of(url: &str) -> Result<Engine, Error> {
    match url.split_once(':') {
        Some(("sqlite", path)) if !path.is_empty() => Ok(Engine::Sqlite),
        Some(("postgres" | "postgresql", _)) => Ok(Engine::Postgres),
        _ => Err(Error::Unavailable(
            "the database URL must begin with sqlite: or postgres://".to_owned(),
        )),
    }
}

/// Opens connections; diesel's own would guess the engine.
#[derive(Debug, Clone)]
pub(super) struct Opener {
    engine: Engine,
    url: String,
}

impl Opener {
    pub(super) fn new(url: &str) -> Result<Self, Error> {
        let engine = engine_of(url)?;
        let url = match engine {
            Engine::Sqlite => url.trim_start_matches("sqlite:").to_owned(),
            Engine::Postgres => url.to_owned(),
        };
        Ok(Self { engine, url })
    }

    pub(super) const fn engine(&self) -> Engine {
        self.engine
    }

    /// A fresh connection with durable settings.
    pub(super) fn open(&self) -> Result<AnyConnection, Error> {
        match self.engine {
            Engine::Sqlite => {
                if let Some(folder) = std::path::Path::new(&self.url).parent() {
                    std::fs::create_dir_all(folder)?;
                }
                let mut sqlite = SqliteConnection::establish(&self.url).map_err(away)?;
                prepare_sqlite(&mut sqlite)?;
                Ok(AnyConnection::Sqlite(sqlite))
            }
            Engine::Postgres => {
                let mut postgres = PgConnection::establish(&self.url).map_err(away)?;
                check_postgres(&mut postgres)?;
                Ok(AnyConnection::Postgres(postgres))
            }
        }
    }
}

fn away(fault: ConnectionError) -> Error {
    Error::Unavailable(fault.to_string())
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = diesel::sql_types::Text)]
    setting: String,
}

/// WAL with `synchronous = FULL`: a commit is on the disk when it returns (rule R1).
fn prepare_sqlite(sqlite: &mut SqliteConnection) -> Result<(), Error> {
    sqlite.batch_execute(
        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
         PRAGMA foreign_keys = ON;",
    )?;
    let asked = [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("foreign_keys", "1"),
    ];
    for (name, expected) in asked {
        let query = format!("SELECT CAST({name} AS TEXT) AS setting FROM pragma_{name}");
        check(
            name,
            expected,
            diesel::sql_query(query)
                .get_result::<Setting>(sqlite)?
                .setting,
        )?;
    }
    Ok(())
}

fn check_postgres(postgres: &mut PgConnection) -> Result<(), Error> {
    for (name, expected) in [
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
    ] {
        let query = "SELECT setting FROM pg_settings WHERE name = $1";
        let found = diesel::sql_query(query)
            .bind::<diesel::sql_types::Text, _>(name)
            .get_result::<Setting>(postgres)?;
        check(name, expected, found.setting)?;
    }
    Ok(())
}

fn check(name: &'static str, expected: &'static str, found: String) -> Result<(), Error> {
    if found == expected {
        return Ok(());
    }
    Err(Error::Settings {
        name,
        expected,
        found,
    })
}

impl ManageConnection for Opener {
    type Connection = AnyConnection;
    type Error = Error;

    fn connect(&self) -> Result<AnyConnection, Error> {
        self.open()
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<(), Error> {
        Ok(connection.batch_execute("SELECT 1")?)
    }

    fn has_broken(&self, _connection: &mut AnyConnection) -> bool {
        std::thread::panicking()
    }
}
