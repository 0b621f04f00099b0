//! A PostgreSQL server seen from outside: throw-away databases for measurements, and what it counted.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::Error;
use super::connection::Engine;
use super::engine_of;

/// A database made for one measurement.
#[derive(Debug)]
pub struct ThrowawayDatabase {
    server: String,
    name: String,
    url: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl ThrowawayDatabase {
    /// Makes the database `name` (`a-z`, `0-9`, `_`) on the server that `server`
    /// (`postgres://…/DATABASE`) leads to.
    ///
    /// # Errors
    /// [`Error::Unavailable`] for another engine, name or a server that is away; [`Error::Database`]
    /// where it may not be made.
    pub fn create(server: &str, name: &str) -> Result<Self, Error> {
        let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let base = server.rsplit_once('/').map(|(base, _)| base);
        let base = base.filter(|_| name.bytes().all(known) && !name.is_empty());
        let (Some(base), Engine::Postgres) = (base, engine_of(server)?) else {
            return Err(Error::Unavailable(
                "a throw-away database needs postgres://…/DATABASE and a plain name".to_owned(),
            ));
        };
        let made = Self {
            server: server.to_owned(),
            name: name.to_owned(),
            url: format!("{base}/{name}"),
        };
        let statement = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
        diesel::sql_query(statement).execute(&mut connect(server)?)?;
        Ok(made)
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How many transactions its server has ended well in it.
    ///
    /// # Errors
    /// A fault of the database.
    pub fn commits(&self) -> Result<i64, Error> {
        let question = "SELECT xact_commit AS count FROM pg_stat_database WHERE datname = $1";
        let asked = diesel::sql_query(question).bind::<diesel::sql_types::Text, _>(&self.name);
        let rows: Vec<Count> = asked.load(&mut connect(&self.server)?)?;
        Ok(rows.first().map_or(0, |row| row.count))
    }

    /// How many transactions of one row a single connection makes durable in a second, measured for
    /// about `time`.
    ///
    /// # Errors
    /// A fault of the database.
    pub fn durable_commits_per_second(&self, time: Duration) -> Result<f64, Error> {
        let mut connection = connect(&self.url)?;
        diesel::sql_query("CREATE TABLE raw (n BIGINT)").execute(&mut connection)?;
        let (start, mut count) = (Instant::now(), 0_u32);
        while start.elapsed() < time {
            diesel::sql_query("INSERT INTO raw VALUES (1)").execute(&mut connection)?;
            count = count.saturating_add(1);
        }
        let seconds = start.elapsed().as_secs_f64();
        diesel::sql_query("DROP TABLE raw").execute(&mut connection)?;
        Ok(f64::from(count) / seconds.max(1e-9))
    }
}

impl Drop for ThrowawayDatabase {
    /// Gone with the measurement; a server that is away keeps it.
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        if let Ok(mut connection) = connect(&self.server) {
            drop(diesel::sql_query(statement).execute(&mut connection));
        }
    }
}

fn connect(url: &str) -> Result<PgConnection, Error> {
    PgConnection::establish(url).map_err(|fault| Error::Unavailable(fault.to_string()))
}
