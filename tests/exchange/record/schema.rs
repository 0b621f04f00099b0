//! Both engines hold the same tables, in the same order as the program sees them.

use lienthong::store::{Engine, Error, Store, migrate};

use crate::world::database::Database;
use crate::world::on_both_databases;

/// The tables and columns diesel sees, `table.column`, in order.
fn as_the_program_sees_them() -> Vec<String> {
    let source = include_str!("../../../src/store/schema.rs");
    let (mut table, mut found) = (String::new(), Vec::new());
    for line in source.lines().map(str::trim) {
        if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with('{')) {
            name.clone_into(&mut table);
        } else if let Some((column, _)) = line.split_once(" -> ") {
            found.push(format!("{table}.{column}"));
        }
    }
    found.sort_by(|one, other| table_of(one).cmp(table_of(other)));
    found
}

fn table_of(column: &str) -> &str {
    column.split_once('.').unwrap().0
}

/// The tables and columns of a database, `table.column`, in the order of tables and columns.
fn as_the_database_has_them(database: &Database) -> Vec<String> {
    let query = match database.engine() {
        Engine::Sqlite => {
            "SELECT m.name || '.' || c.name AS value FROM sqlite_master m, pragma_table_info(m.name) \
             c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '\\_\\_%' \
             ESCAPE '\\' ORDER BY m.name, c.cid"
        }
        Engine::Postgres => {
            "SELECT (table_name || '.' || column_name)::text AS value FROM \
             information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE \
             '\\_\\_%' ORDER BY table_name COLLATE \"C\", ordinal_position"
        }
    };
    database.texts(query)
}

fn the_columns_are_those_the_program_knows_in_the_same_order(engine: Engine) {
    let columns = as_the_database_has_them(&Database::fresh(engine));
    assert!(columns.len() > 80, "{columns:?}");
    assert_eq!(columns, as_the_program_sees_them());
}

fn the_migrations_go_up_down_and_up_again(engine: Engine) {
    let database = Database::empty(engine);
    let applied = migrate::up(database.url()).unwrap();
    let full = as_the_database_has_them(&database);
    migrate::down_to_nothing(database.url()).unwrap();
    let none = as_the_database_has_them(&database);
    assert_eq!(migrate::pending(database.url()).unwrap(), applied.len());
    assert_eq!(migrate::up(database.url()).unwrap(), applied);
    assert_eq!(
        (none, as_the_database_has_them(&database)),
        (Vec::new(), full)
    );
}

fn a_second_migration_applies_nothing(engine: Engine) {
    let database = Database::fresh(engine);
    assert_eq!(migrate::up(database.url()).unwrap(), Vec::<String>::new());
    assert_eq!(migrate::pending(database.url()).unwrap(), 0);
}

fn an_empty_database_lacks_every_migration(engine: Engine) {
    let database = Database::empty(engine);
    let folder = match engine {
        Engine::Sqlite => "migrations/sqlite",
        Engine::Postgres => "migrations/postgres",
    };
    let top = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let written = std::fs::read_dir(top.join(folder)).unwrap().count();
    assert_eq!(migrate::pending(database.url()).unwrap(), written);
}

#[test]
fn every_column_of_postgresql_says_what_it_holds() {
    let database = Database::fresh(Engine::Postgres);
    let silent = database.texts(
        "SELECT (c.relname || '.' || a.attname)::text AS value FROM pg_attribute a JOIN pg_class c ON \
         c.oid = a.attrelid WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND \
         c.relname NOT LIKE '\\_\\_%' AND a.attnum > 0 AND NOT a.attisdropped AND \
         col_description(c.oid, a.attnum) IS NULL",
    );
    assert_eq!(silent, Vec::<String>::new());
}

#[test]
fn every_table_of_postgresql_says_what_it_holds() {
    let database = Database::fresh(Engine::Postgres);
    let silent = database.texts(
        "SELECT relname::text AS value FROM pg_class WHERE relkind = 'r' AND relnamespace = \
         'public'::regnamespace AND relname NOT LIKE '\\_\\_%' AND obj_description(oid) IS NULL",
    );
    assert_eq!(silent, Vec::<String>::new());
}

#[test]
fn a_postgresql_that_acknowledges_before_the_disk_is_refused_by_name() {
    let database = Database::fresh(Engine::Postgres);
    let url = format!("{}?options=-c%20synchronous_commit%3Doff", database.url());
    let refused = Store::open(&url, &database.folder()).err();
    let Some(Error::Settings {
        name,
        expected,
        found,
    }) = refused
    else {
        panic!("{refused:?}")
    };
    assert_eq!(
        (name, expected, found.as_str()),
        ("synchronous_commit", "on", "off")
    );
}

#[test]
fn the_error_about_unsafe_settings_names_the_setting() {
    let database = Database::fresh(Engine::Postgres);
    let url = format!("{}?options=-c%20synchronous_commit%3Doff", database.url());
    let said = migrate::pending(&url).unwrap_err().to_string();
    assert!(
        said.contains("synchronous_commit = off, must be on"),
        "{said}"
    );
}

#[test]
fn no_connection_is_opened_that_nobody_asked_for() {
    let database = Database::fresh(Engine::Postgres);
    let store = database.store();
    let open = "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    for _ in 0..20 {
        let seen: Result<i64, Error> = store.read(|_| Ok(database.count(open)));
        assert_eq!(seen.unwrap(), 1);
    }
}

#[test]
fn a_sqlite_file_is_kept_in_the_durable_mode() {
    let database = Database::fresh(Engine::Sqlite);
    drop(database.store());
    assert_eq!(
        database.texts("SELECT journal_mode AS value FROM pragma_journal_mode"),
        ["wal"]
    );
}

#[test]
fn a_url_of_another_kind_is_refused_without_repeating_it() {
    let folder = tempfile::tempdir().unwrap();
    let refused = Store::open("mysql://root:hunter2@localhost/x", folder.path()).err();
    let said = refused.unwrap().to_string();
    assert!(
        said.contains("sqlite:") && !said.contains("hunter2"),
        "{said}"
    );
}

on_both_databases![
    the_columns_are_those_the_program_knows_in_the_same_order,
    the_migrations_go_up_down_and_up_again,
    a_second_migration_applies_nothing,
    an_empty_database_lacks_every_migration,
];
