//! Reads what a hub left: every table by plain SQL, every file. The hub is not running.

use std::collections::BTreeMap;
use std::path::Path;

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::seen::{Bytes, HubSeen, Row};
use crate::network::Node;

/// What the hub of `node` left on the disk and in its database.
pub(crate) fn observe(node: &Node) -> HubSeen {
    let config = std::fs::read_to_string(&node.config).unwrap();
    let folder = node.config.parent().unwrap();
    let url = setting(&config, "[database]", "url");
    let tables = match url.strip_prefix("sqlite:") {
        Some(file) => Line::sqlite(&folder.join(file)).tables(),
        None => Line::postgres(&url).tables(),
    };
    let blobs = folder.join(setting(&config, "[blobs]", "folder"));
    let offset = setting(&config, "[clock]", "simulated_offset_seconds");
    HubSeen {
        tables,
        blobs: stored(&blobs),
        unfinished: names(&blobs.join("unfinished")),
        offset_seconds: offset.parse().unwrap(),
    }
}

/// Takes away every key and unique constraint of a table; for proving that they are missed.
#[cfg(feature = "failpoints")]
pub(crate) fn drop_keys(node: &Node, table: &str) {
    use diesel::connection::SimpleConnection as _;
    let config = std::fs::read_to_string(&node.config).unwrap();
    let url = setting(&config, "[database]", "url");
    let mut line = PgConnection::establish(&url).unwrap();
    let query = format!(
        "SELECT conname::text AS value FROM pg_constraint \
         WHERE conrelid = '{table}'::regclass AND contype IN ('p', 'u')"
    );
    let keys: Vec<One> = diesel::sql_query(query).load(&mut line).unwrap();
    assert!(!keys.is_empty(), "{table} has no keys");
    for key in keys {
        let drop = format!("ALTER TABLE {table} DROP CONSTRAINT {} CASCADE", key.value);
        line.batch_execute(&drop).unwrap();
    }
}

/// A line of a configuration file.
fn setting(config: &str, section: &str, name: &str) -> String {
    let (_, after) = config.split_once(section).unwrap();
    let prefix = format!("{name} = ");
    let line = after.lines().find_map(|line| line.strip_prefix(&prefix));
    line.unwrap().trim_matches('"').to_owned()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// Files two folders deep, named by both names together.
fn stored(folder: &Path) -> BTreeMap<String, Bytes> {
    let mut found = BTreeMap::new();
    for first in names(folder).into_iter().filter(|name| name.len() == 2) {
        for rest in names(&folder.join(&first)) {
            let path = folder.join(&first).join(&rest);
            found.insert(format!("{first}{rest}"), Bytes::Disk(path));
        }
    }
    found
}

enum Line {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

#[derive(QueryableByName)]
struct One {
    #[diesel(sql_type = Text)]
    value: String,
}

impl Line {
    fn sqlite(file: &Path) -> Self {
        Self::Sqlite(SqliteConnection::establish(file.to_str().unwrap()).unwrap())
    }

    fn postgres(url: &str) -> Self {
        Self::Postgres(PgConnection::establish(url).unwrap())
    }

    fn ask(&mut self, query: &str) -> Vec<String> {
        let query = diesel::sql_query(query);
        let rows: Vec<One> = match self {
            Self::Sqlite(line) => query.load(line).unwrap(),
            Self::Postgres(line) => query.load(line).unwrap(),
        };
        rows.into_iter().map(|row| row.value).collect()
    }

    fn tables(&mut self) -> BTreeMap<String, Vec<Row>> {
        let names = self.ask(match self {
            Self::Sqlite(_) => {
                "SELECT name AS value FROM sqlite_schema WHERE type = 'table' \
                 AND name NOT LIKE 'sqlite_%'"
            }
            Self::Postgres(_) => {
                "SELECT table_name::text AS value FROM information_schema.tables \
                 WHERE table_schema = 'public'"
            }
        });
        let own = names.into_iter().filter(|name| !name.starts_with("__"));
        own.map(|name| (name.clone(), self.rows(&name))).collect()
    }

    /// Every row as one JSON object, bytes in hexadecimal digits.
    fn rows(&mut self, table: &str) -> Vec<Row> {
        let query = match self {
            Self::Postgres(_) => format!("SELECT row_to_json(t)::text AS value FROM {table} t"),
            Self::Sqlite(_) => {
                let columns = self.ask(&format!(
                    "SELECT name AS value FROM pragma_table_info('{table}')"
                ));
                let pairs = columns.iter().map(|name| {
                    format!(
                        "'{name}', CASE typeof({name}) WHEN 'blob' THEN '\\x' || lower(hex({name})) \
                         ELSE {name} END"
                    )
                });
                let pairs: Vec<String> = pairs.collect();
                format!(
                    "SELECT json_object({}) AS value FROM {table}",
                    pairs.join(", ")
                )
            }
        };
        let rows = self.ask(&query);
        rows.iter().map(|row| plain(row)).collect()
    }
}

/// A row from its JSON; `\x` in front of bytes is taken away.
fn plain(row: &str) -> Row {
    let mut row: Row = serde_json::from_str(row).unwrap();
    for value in row.values_mut() {
        if let Some(digits) = value.as_str().and_then(|text| text.strip_prefix("\\x")) {
            *value = digits.into();
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection as _;

    use super::*;

    #[test]
    fn bytes_and_numbers_are_read_from_a_table() {
        let mut line = SqliteConnection::establish(":memory:").unwrap();
        let made =
            "CREATE TABLE a (b BLOB, c INTEGER, d TEXT); INSERT INTO a VALUES (x'00ff', 7, NULL)";
        line.batch_execute(made).unwrap();
        let tables = Line::Sqlite(line).tables();
        let row = &tables["a"][0];
        assert_eq!((&row["b"], &row["c"]), (&"00ff".into(), &7.into()));
        assert!(row["d"].is_null());
    }

    #[test]
    fn a_setting_is_found_in_its_section() {
        let config = "[a]\nurl = \"x\"\n[b]\nurl = \"y\"\nn = -5\n";
        assert_eq!(setting(config, "[b]", "url"), "y");
        assert_eq!(setting(config, "[b]", "n"), "-5");
    }
}
