//! What a hub left: rows as maps of text, files as bytes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use openssl::sha::sha256;
use serde_json::Value;

/// A row by the names of its columns; bytes stand in hexadecimal digits.
pub(crate) type Row = serde_json::Map<String, Value>;

/// A file's bytes.
#[derive(Clone)]
pub(crate) enum Bytes {
    /// On the disk.
    Disk(PathBuf),
    /// Made up for a test of the laws.
    Held(Vec<u8>),
}

impl Bytes {
    /// The bytes; none when they cannot be read.
    pub(crate) fn read(&self) -> Vec<u8> {
        match self {
            Self::Disk(path) => std::fs::read(path).unwrap_or_default(),
            Self::Held(bytes) => bytes.clone(),
        }
    }
}

/// What one hub left.
#[derive(Clone, Default)]
pub(crate) struct HubSeen {
    /// Rows by table.
    pub(crate) tables: BTreeMap<String, Vec<Row>>,
    /// Stored documents by the name they have on the disk.
    pub(crate) blobs: BTreeMap<String, Bytes>,
    /// Files that were begun and never named.
    pub(crate) unfinished: Vec<String>,
    /// Seconds its clock is ahead of the machine's.
    pub(crate) offset_seconds: i64,
}

impl HubSeen {
    /// The rows of a table; a table that is not there is a fault of the test.
    pub(crate) fn rows(&self, table: &str) -> &[Row] {
        let rows = self.tables.get(table);
        rows.unwrap_or_else(|| panic!("no table {table} was read"))
    }
}

/// A column as text; empty when it is absent.
pub(crate) fn text<'a>(row: &'a Row, column: &str) -> &'a str {
    row.get(column).and_then(Value::as_str).unwrap_or_default()
}

/// A column as a number.
pub(crate) fn number(row: &Row, column: &str) -> i64 {
    row.get(column).and_then(Value::as_i64).unwrap_or_default()
}

/// Whether a column is empty.
pub(crate) fn is_null(row: &Row, column: &str) -> bool {
    row.get(column).is_none_or(Value::is_null)
}

/// A column of bytes.
pub(crate) fn bytes(row: &Row, column: &str) -> Vec<u8> {
    hex::decode(text(row, column)).unwrap_or_default()
}

/// SHA-256 as it is written everywhere.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex::encode(sha256(bytes))
}
