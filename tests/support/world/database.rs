//! A database of its own for each test: a copy of one that was migrated once.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use lienthong::store::{Engine, Store, migrate};
use tempfile::TempDir;

static COUNT: AtomicU32 = AtomicU32::new(0);

/// The URL of the server for tests, without a default: PostgreSQL is half of the claim.
fn server() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests/run says where its server is"
    )]
    let url = std::env::var("LIENTHONG_TEST_POSTGRES");
    url.expect("LIENTHONG_TEST_POSTGRES is not set: run the tests with tests/run, which starts one")
}

/// The same server, another database.
fn beside(name: &str) -> String {
    let server = server();
    let (head, _) = server.rsplit_once('/').unwrap();
    format!("{head}/{name}")
}

fn at_server(command: &str) {
    let mut server = PgConnection::establish(&server()).unwrap();
    server.batch_execute(command).unwrap();
}

/// A migrated SQLite file, and the name of a migrated PostgreSQL database.
static SQLITE_TEMPLATE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("template.db");
    let url = format!("sqlite:{}", path.display());
    migrate::up(&url).unwrap();
    let mut sqlite = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    sqlite
        .batch_execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;")
        .unwrap();
    drop(sqlite);
    std::fs::read(path).unwrap()
});

static POSTGRES_TEMPLATE: LazyLock<Mutex<String>> = LazyLock::new(|| {
    let name = format!("template_{}", std::process::id());
    at_server(&format!("DROP DATABASE IF EXISTS {name}"));
    at_server(&format!("CREATE DATABASE {name}"));
    migrate::up(&beside(&name)).unwrap();
    Mutex::new(name)
});

/// A second line into the database, past the store.
enum Line {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// A database that ends with this value.
pub(crate) struct Database {
    engine: Engine,
    url: String,
    folder: TempDir,
    line: Mutex<Option<Line>>,
}

#[derive(QueryableByName)]
struct OneText {
    #[diesel(sql_type = Text)]
    value: String,
}

#[derive(QueryableByName)]
struct OneNumber {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

impl Database {
    /// A fresh, migrated database.
    pub(crate) fn fresh(engine: Engine) -> Self {
        let database = Self::named(engine);
        match engine {
            Engine::Sqlite => std::fs::write(database.file(), &*SQLITE_TEMPLATE).unwrap(),
            Engine::Postgres => {
                let template = POSTGRES_TEMPLATE.lock().unwrap();
                let name = database.name();
                at_server(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
            }
        }
        database
    }

    /// A fresh database without tables.
    pub(crate) fn empty(engine: Engine) -> Self {
        let database = Self::named(engine);
        if engine == Engine::Postgres {
            at_server(&format!("CREATE DATABASE {}", database.name()));
        }
        database
    }

    fn named(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let url = match engine {
            Engine::Sqlite => format!("sqlite:{}", folder.path().join("record.db").display()),
            Engine::Postgres => beside(&format!("test_{}_{number}", std::process::id())),
        };
        Self {
            engine,
            url,
            folder,
            line: Mutex::new(None),
        }
    }

    /// Which engine it is.
    pub(crate) const fn engine(&self) -> Engine {
        self.engine
    }

    /// Its URL, as an operator writes it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A folder that lives as long as the database; the blobs go below it.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// A store over it.
    pub(crate) fn store(&self) -> Store {
        Store::open(&self.url, &self.folder().join("blobs")).unwrap()
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("record.db")
    }

    fn name(&self) -> &str {
        self.url.rsplit_once('/').unwrap().1
    }

    fn line(&self) -> MutexGuard<'_, Option<Line>> {
        let mut line = self.line.lock().unwrap();
        line.get_or_insert_with(|| match self.engine {
            Engine::Sqlite => {
                let path = self.file();
                let mut sqlite = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
                sqlite.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
                Line::Sqlite(sqlite)
            }
            Engine::Postgres => Line::Postgres(PgConnection::establish(&self.url).unwrap()),
        });
        line
    }

    /// The texts of the one column `value` that `query` gives.
    pub(crate) fn texts(&self, query: &str) -> Vec<String> {
        let rows: Vec<OneText> = match self.line().as_mut().unwrap() {
            Line::Sqlite(line) => diesel::sql_query(query).load(line).unwrap(),
            Line::Postgres(line) => diesel::sql_query(query).load(line).unwrap(),
        };
        rows.into_iter().map(|row| row.value).collect()
    }

    /// Runs one statement past the store.
    pub(crate) fn execute(&self, statement: &str) {
        match self.line().as_mut().unwrap() {
            Line::Sqlite(line) => line.batch_execute(statement).unwrap(),
            Line::Postgres(line) => line.batch_execute(statement).unwrap(),
        }
    }

    /// How many rows `what` (a table, perhaps with WHERE) has.
    pub(crate) fn count(&self, what: &str) -> i64 {
        let query = format!("SELECT count(*) AS value FROM {what}");
        let row: OneNumber = match self.line().as_mut().unwrap() {
            Line::Sqlite(line) => diesel::sql_query(query).get_result(line).unwrap(),
            Line::Postgres(line) => diesel::sql_query(query).get_result(line).unwrap(),
        };
        row.value
    }

    /// How many rows each table has: equal before and after means nothing was recorded.
    pub(crate) fn census(&self) -> Vec<(&'static str, i64)> {
        const TABLES: [&str; 18] = [
            "documents",
            "issued_numbers",
            "recipients",
            "submissions",
            "arrival_registers",
            "deliveries",
            "evidence",
            "reports",
            "transfers",
            "inbox",
            "signings",
            "acts",
            "jobs",
            "links",
            "mails",
            "clocks",
            "changes",
            "openings",
        ];
        TABLES.map(|table| (table, self.count(table))).to_vec()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        *self
            .line
            .get_mut()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = None;
        if self.engine == Engine::Postgres {
            let mut server = PgConnection::establish(&server()).unwrap();
            let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name());
            server.batch_execute(&drop).unwrap();
        }
    }
}
