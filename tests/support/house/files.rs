//! What every file keeps to: a length a reader can hold, an opening sentence, no leftovers, no
//! trace of the machine it was written on, and migrations that go both ways.

use std::collections::{BTreeMap, BTreeSet};

/// More lines than this are refused, tests included.
const MOST_LINES: usize = 600;

/// Generated from the database: as long as the database is wide.
const GENERATED: &[&str] = &["src/store/schema.rs"];

/// What is wrong with a Rust file's length and opening.
pub(crate) fn source_faults(path: &str, source: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let lines = source.lines().count();
    if lines > MOST_LINES && !GENERATED.contains(&path) {
        faults.push(format!(
            "{path}: {lines} lines, at most {MOST_LINES}: split it"
        ));
    }
    if !source.trim_start().starts_with("//! ") {
        faults.push(format!(
            "{path}: opens without a //! sentence that says what it is for"
        ));
    }
    faults
}

/// What any text file must not hold.
pub(crate) fn text_faults(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let mut say = |what: String| faults.push(format!("{path}:{number}: {what}"));
        if is_code(path) && leaves_work(line) {
            say("work left without a number, write it as to-do(#n)".to_owned());
        }
        if let Some(folder) = machine_path(line) {
            say(format!("names {folder}, a folder of one machine"));
        }
        if let Some(host) = registry_trace(path, line) {
            say(format!("names {host}, a package source of one machine"));
        }
    }
    faults
}

/// Migration folders that cannot be run or cannot be taken back.
pub(crate) fn migration_faults(paths: &[&str]) -> Vec<String> {
    let mut folders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for path in paths.iter().filter(|path| path.starts_with("migrations/")) {
        if let Some((folder, file)) = path.rsplit_once('/') {
            folders.entry(folder).or_default().insert(file);
        }
    }
    let one_way = |held: &BTreeSet<&str>| !(held.contains("up.sql") && held.contains("down.sql"));
    let steps = folders
        .into_iter()
        .filter(|(folder, _)| names_a_step(folder));
    steps
        .filter(|(_, held)| one_way(held))
        .map(|(folder, _)| format!("{folder}: needs both up.sql and down.sql"))
        .collect()
}

/// A migration's folder starts with its date; others hold rules or group migrations.
fn names_a_step(folder: &str) -> bool {
    folder
        .rsplit('/')
        .next()
        .is_some_and(|name| name.starts_with(|c: char| c.is_ascii_digit()))
}

fn is_code(path: &str) -> bool {
    let kind = path.rsplit('.').next().unwrap_or_default();
    let known = [
        "rs", "sh", "toml", "sql", "ftl", "html", "css", "js", "py", "yml", "yaml",
    ];
    path == "tests/run" || (known.contains(&kind) && !path.starts_with("assets/"))
}

fn leaves_work(line: &str) -> bool {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME")];
    let unnumbered = |before: &str, after: &str| stands_alone(before, after) && !numbered(after);
    marks.iter().any(|mark| {
        let pieces: Vec<&str> = line.split(mark).collect();
        pieces
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if unnumbered(a, b)))
    })
}

fn stands_alone(before: &str, after: &str) -> bool {
    let wordy = |c: char| c.is_alphanumeric() || c == '_';
    !before.ends_with(wordy) && !after.starts_with(wordy)
}

fn numbered(after: &str) -> bool {
    let rest = after.strip_prefix("(#").unwrap_or_default();
    rest.split_once(')')
        .is_some_and(|(number, _)| number.parse::<u32>().is_ok())
}

/// A folder that exists on a developer's machine only. A path inside an address does not count.
fn machine_path(line: &str) -> Option<&'static str> {
    let folders = [
        concat!("/ho", "me/"),
        concat!("/ro", "ot/"),
        concat!("/wo", "rk/"),
        concat!("/tmp/", "wt"),
    ];
    let in_address =
        |before: &str| before.ends_with(|c: char| c.is_alphanumeric() || "-_.}".contains(c));
    folders.into_iter().find(|folder| {
        let mut pieces: Vec<&str> = line.split(folder).collect();
        pieces.pop();
        pieces.into_iter().any(|before| !in_address(before))
    })
}

/// Where packages came from when somebody built this. The lock file names the public index only.
fn registry_trace(path: &str, line: &str) -> Option<&'static str> {
    let public = "\"registry+https://github.com/rust-lang/crates.io-index\"";
    if path == "Cargo.lock" && line.starts_with("source = ") && !line.ends_with(public) {
        return Some("another index");
    }
    let traces = [
        concat!("index.crates", ".io"),
        concat!("static.crates", ".io"),
        concat!("pypi.org", "/simple"),
        concat!("python", "hosted.org"),
        concat!("registry.", "npmjs"),
        concat!("proxy.", "golang"),
        concat!("deb.debian", ".org"),
        concat!("security.debian", ".org"),
        concat!("--index", "-url"),
        concat!("extra-index", "-url"),
        concat!("replace", "-with"),
    ];
    traces.into_iter().find(|trace| line.contains(trace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_files_and_files_without_a_purpose_are_caught() {
        let long = format!("//! Long.\n{}", "\n".repeat(MOST_LINES));
        assert_eq!(source_faults("src/pdf/a.rs", &long).len(), 1);
        assert!(source_faults("src/store/schema.rs", &long).is_empty());
        assert_eq!(source_faults("src/pdf/a.rs", "use std::io;\n").len(), 1);
        assert!(source_faults("src/pdf/a.rs", "//! Reads.\n").is_empty());
    }

    #[test]
    fn work_left_needs_a_number() {
        let mark = concat!("TO", "DO");
        assert_eq!(
            text_faults("src/a.rs", &format!("// {mark}: later")).len(),
            1
        );
        assert_eq!(
            text_faults("tests/run", &format!("# {mark}(soon)")).len(),
            1
        );
        assert!(text_faults("src/a.rs", &format!("// {mark}(#12): later")).is_empty());
        assert!(text_faults("src/a.rs", &format!("const {mark}S: u8 = 1;")).is_empty());
    }

    #[test]
    fn folders_of_one_machine_are_caught_anywhere() {
        for (path, line) in [
            ("README.md", concat!("cd /ho", "me/an/lienthong")),
            ("src/a.rs", concat!("\"/ro", "ot/x\"")),
            ("docs/a.md", concat!("`/wo", "rk/x`")),
            ("a.toml", concat!("x=/tmp/", "wt-a")),
        ] {
            assert_eq!(text_faults(path, line).len(), 1, "{line}");
        }
        assert!(text_faults("a.md", concat!("https://example.vn/ho", "me/")).is_empty());
    }

    #[test]
    fn package_sources_of_one_machine_are_caught() {
        let mirror = "source = \"registry+https://mirror.example/index\"";
        assert_eq!(text_faults("Cargo.lock", mirror).len(), 1);
        let option = concat!("pip install --index", "-url x");
        assert_eq!(text_faults("tests/run", option).len(), 1);
    }

    #[test]
    fn a_migration_without_a_way_back_is_caught() {
        let paths = [
            "migrations/README.md",
            "migrations/sqlite/2026-01-01-000000_create_log/up.sql",
            "migrations/sqlite/2026-01-01-000000_create_log/down.sql",
            "migrations/postgres/2026-01-01-000000_create_log/up.sql",
        ];
        let faults = migration_faults(&paths);
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].contains("postgres"));
    }
}
