//! What tests of the record and of the working hall share: a fresh database of either engine, a
//! clock moved by hand, hubs without a network, documents to send, neighbours that lie.
//!
//! Files in reading order: `database`, `clock`, `registry` (the sample network), `paper` (documents
//! and forgeries), `snapshots` (registries as the centre signs them), `hub` (a hub in this process), `parcel` (what a neighbour hands over), `crash`
//! (a hub that dies at a named point), `judge` (other programs as judges), `town` (four hubs as
//! processes).

pub(crate) mod clock;
#[cfg(feature = "failpoints")]
pub(crate) mod crash;
pub(crate) mod database;
pub(crate) mod hub;
pub(crate) mod judge;
pub(crate) mod paper;
pub(crate) mod parcel;
pub(crate) mod registry;
pub(crate) mod snapshots;
pub(crate) mod town;

/// Makes of each named claim one test on SQLite and one on PostgreSQL.
macro_rules! on_both_databases {
    ($($claim:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[test] fn $claim() { super::$claim(lienthong::store::Engine::Sqlite) })*
        }
        mod on_postgres {
            $(#[test] fn $claim() { super::$claim(lienthong::store::Engine::Postgres) })*
        }
    };
}
pub(crate) use on_both_databases;
