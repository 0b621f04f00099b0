//! Where bodies from outside are read. The server and the child in the jail are one program, so
//! what the server may link is not the question; what its rooms may call is. They reach the rooms
//! that read PDF, CMS and XML through `jail` only, and the crates that read them belong to this
//! program alone. A change here is a change of `docs/decisions/0015-jail.md`.

use toml::{Table, Value};

use super::names;

/// The rooms that read bodies.
const READERS: &[&str] = &["pdf", "cms", "pades", "edxml"];

/// The rooms a server consists of, apart from the jail.
const SERVER: &[&str] = &[
    "evidence",
    "net",
    "keystore",
    "fetch",
    "store",
    "notify",
    "peer",
    "exchange",
    "web",
    "telemetry",
    "app",
];

/// What rooms of the server may name of a reading room: it makes or compares and reads no body.
const WITHOUT_READING: &[(&str, &str)] = &[
    ("exchange", "cms::detached::sign"),
    ("exchange", "pades::Act"),
    ("exchange", "pades::Answer"),
    ("exchange", "pades::ByteSource"),
    ("exchange", "pades::Error"),
    ("exchange", "pades::Expectation"),
    ("exchange", "pades::Extended"),
    ("exchange", "pades::FileVerdict"),
    ("exchange", "pades::FiledSigners"),
    ("exchange", "pades::Policy"),
    ("exchange", "pades::Profile"),
    ("exchange", "pades::RevocationAge"),
    ("exchange", "pades::Session"),
    ("exchange", "pades::message"),
    ("app", "pades::RevocationAge"),
];

/// What reads although its first name does not.
const READING: &[&str] = &["Session::open"];

/// Parts of crates that read bodies, forbidden to every room: the program has its own readers.
const FOREIGN: &[&str] = &["openssl::pkcs7", "openssl::cms", "openssl::ocsp"];

/// Crates that read bodies. Another crate that brought one along could read in the server.
const CRATES: &[&str] = &[
    "cms",
    "lopdf",
    "pdf",
    "quick-xml",
    "roxmltree",
    "xml-rs",
    "xmlparser",
    "zip",
];

/// Calls in the file at `path` (`src/…`) that read a body where none may be read.
pub(crate) fn faults(path: &str, source: &str) -> Vec<String> {
    let below = path.strip_prefix("src/").unwrap_or(path);
    let room = below.split(['/', '.']).next().unwrap_or_default();
    let names = match names::read(source) {
        Ok(names) => names,
        Err(fault) => return vec![format!("{path}: cannot be read: {fault}")],
    };
    let brought: Vec<Vec<&str>> = names
        .named
        .iter()
        .filter_map(brought_from_a_reader)
        .collect();
    let is_test = matches!(below.rsplit('/').next(), Some("tests.rs" | "testing.rs"));
    let mut faults = Vec::new();
    for named in names.named.iter().filter(|one| !is_test && !one.in_test) {
        let parts: Vec<&str> = named.parts.iter().map(String::as_str).collect();
        let written = parts.join("::");
        let mut say = |why: &str| faults.push(format!("{path}:{}: {written}: {why}", named.line));
        if FOREIGN.iter().any(|one| is_below(&written, one)) {
            say("is read by the program's own rooms only");
        }
        if !SERVER.contains(&room) {
            continue;
        }
        if READING.iter().any(|one| written.ends_with(one)) {
            say("reads a body outside the jail");
        }
        let whole: Vec<&str> = match parts.as_slice() {
            ["crate", rest @ ..] => rest.to_vec(),
            ["super", ..] => skip_super(&parts).to_vec(),
            [first, rest @ ..] => match brought.iter().find(|way| way.last() == Some(first)) {
                Some(way) => way.iter().chain(rest).copied().collect(),
                None => continue,
            },
            [] => continue,
        };
        let inside = whole.as_slice();
        match inside {
            [reader] if READERS.contains(reader) && names.bound.contains(*reader) => {}
            [reader] if READERS.contains(reader) => {
                say("is renamed, so that its use cannot be followed");
            }
            [reader, ..] if READERS.contains(reader) => {
                let whole = inside.join("::");
                let mut allowed = WITHOUT_READING.iter().filter(|(owner, _)| *owner == room);
                let mut ways = allowed.clone();
                let is_way = ways.any(|(_, one)| one.starts_with(&format!("{whole}::")));
                if !is_way && !allowed.any(|(_, one)| is_below(&whole, one)) {
                    say("reads a body outside the jail");
                }
            }
            _ => {}
        }
    }
    faults
}

/// The way below the crate of something a reading room gives.
fn brought_from_a_reader(named: &names::Named) -> Option<Vec<&str>> {
    let parts: Vec<&str> = named.parts.iter().map(String::as_str).collect();
    let way = parts.strip_prefix(&["crate"])?;
    READERS.contains(way.first()?).then(|| way.to_vec())
}

fn skip_super<'p>(parts: &'p [&'p str]) -> &'p [&'p str] {
    let climbs = parts.iter().take_while(|part| **part == "super").count();
    &parts[climbs..]
}

fn is_below(path: &str, top: &str) -> bool {
    path == top || path.starts_with(&format!("{top}::"))
}

/// Crates of `lock` that bring a reader of bodies along.
pub(crate) fn lock_faults(lock: &str) -> Vec<String> {
    let lock: Table = lock.parse().unwrap();
    let packages = lock.get("package").and_then(Value::as_array).unwrap();
    let text = |package: &Value, key| package.get(key)?.as_str().map(str::to_owned);
    let mut faults = Vec::new();
    for package in packages {
        let name = text(package, "name").unwrap_or_default();
        let needed = package.get("dependencies").and_then(Value::as_array);
        let needed = needed.into_iter().flatten().filter_map(Value::as_str);
        let needed = needed.map(|one| one.split(' ').next().unwrap_or_default());
        let readers = needed.filter(|one| CRATES.contains(one) && name != "lienthong");
        faults.extend(readers.map(|one| format!("{name} brings {one} along")));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_room_that_reads_is_caught_however_it_is_written() {
        for source in [
            "use crate::cms; fn f() { cms::parse(&[]); }",
            "use crate::{cms::detached, store}; fn f() { detached::verify(); }",
            "use crate::cms::parse as read;",
            "use crate::cms as other;",
            "use crate::pades::*;",
            "use crate::pades::{self, Policy}; fn f() { pades::verify(); }",
            "use crate::pades::marks;",
            "fn f() { crate::pades::levels::augment(); }",
            "use crate::pades::Session; fn f() { Session::open(); }",
            "use super::super::pdf::Document;",
            "use openssl::pkcs7::Pkcs7;",
        ] {
            assert!(
                !faults("src/exchange/relay.rs", source).is_empty(),
                "{source}"
            );
        }
    }

    #[test]
    fn what_makes_or_compares_is_allowed_to_its_room_only() {
        let source = "use crate::cms; fn f() { cms::detached::sign(); }";
        assert!(faults("src/exchange/receipts.rs", source).is_empty());
        assert!(!faults("src/web/upload.rs", source).is_empty());
        let source = "use crate::pades::{self, Policy}; fn f() { pades::message(); }";
        assert!(faults("src/exchange/verify.rs", source).is_empty());
    }

    #[test]
    fn the_jail_and_the_command_line_may_read() {
        let source = "use crate::cms; fn f() { cms::parse(&[]); }";
        assert!(faults("src/jail/detached.rs", source).is_empty());
        assert!(faults("src/cli/sign.rs", source).is_empty());
    }

    #[test]
    fn a_crate_that_brings_a_reader_along_is_named() {
        let package = |name: &str, needs: &str| {
            format!("[[package]]\nname = \"{name}\"\ndependencies = [\"{needs}\"]\n")
        };
        let lock = package("lienthong", "lopdf") + &package("mailer", "quick-xml 0.38.0");
        assert_eq!(lock_faults(&lock), ["mailer brings quick-xml along"]);
    }
}
