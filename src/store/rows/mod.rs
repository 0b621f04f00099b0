//! Reading and writing single things, one file a thing. Rows become domain types here; a value that
//! cannot be right is [`Error::Corrupt`], never guessed.

use std::str::FromStr;

use crate::domain::clock::Timestamp;
use crate::store::Error;

pub mod acts;
pub mod changes;
pub mod clocks;
pub mod deliveries;
pub mod documents;
pub mod evidence;
pub mod jobs;
pub mod links;
pub mod mails;
pub mod mismatches;
pub mod offers;
pub mod people;
pub mod queue;
pub mod registry;
pub mod signings;
pub mod transfers;
pub mod untouched;

pub(super) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

pub(super) fn corrupt(table: &'static str, column: &'static str, value: &str) -> Error {
    Error::Corrupt {
        table,
        column,
        value: value.chars().take(80).collect(),
    }
}

pub(super) fn parse<T: FromStr>(
    table: &'static str,
    column: &'static str,
    text: &str,
) -> Result<T, Error> {
    text.parse().or(Err(corrupt(table, column, text)))
}

pub(super) fn time(table: &'static str, column: &'static str, at: i64) -> Result<Timestamp, Error> {
    Timestamp::from_microsecond(at).or(Err(corrupt(table, column, &at.to_string())))
}

/// A change that must touch exactly one row.
pub(super) fn one(what: &'static str, found: usize) -> Result<(), Error> {
    fail::fail_point!("bug-rows-not-counted", |_| Ok(()));
    if found == 1 {
        Ok(())
    } else {
        Err(Error::RowCount {
            what,
            expected: 1,
            found,
        })
    }
}
