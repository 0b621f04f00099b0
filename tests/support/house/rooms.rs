//! The import table: which room may name which, which room owns which crate, and where files and
//! sockets may be named. A change here is a change of the architecture and comes with a paper in
//! `docs/decisions/`.

use std::collections::BTreeMap;

use super::names::{self, Named};

/// Every room and the rooms it may import. Ordered so that each row names only rooms above it,
/// which keeps the whole free of circles.
const ROOMS: &[(&str, &[&str])] = &[
    // ground floor: meaning
    ("domain", &[]),
    ("config", &["domain"]),
    ("phrases", &["domain"]),
    // engine rooms: bytes in, values out
    ("evidence", &["domain"]),
    ("edxml", &["domain"]),
    ("pdf", &["domain"]),
    ("pki", &["domain"]),
    ("cms", &["domain", "pki"]),
    ("pades", &["domain", "phrases", "pdf", "cms", "pki"]),
    // service rooms: one foreign thing each
    ("jail", &["domain", "pki", "cms", "pades"]),
    ("net", &["domain", "config"]),
    ("keystore", &["domain", "config", "pki", "net"]),
    ("fetch", &["domain", "config", "pki", "net"]),
    ("store", &["domain", "config", "evidence"]),
    ("notify", &["domain", "config", "phrases"]),
    ("peer", &["domain", "config", "net"]),
    // the working hall
    (
        "exchange",
        &[
            "domain", "config", "phrases", "evidence", "edxml", "pki", "cms", "pades", "jail",
            "keystore", "fetch", "store", "notify", "peer",
        ],
    ),
    // entrances
    ("web", &["domain", "config", "exchange", "phrases"]),
    ("telemetry", &["config"]),
    (
        "app",
        &[
            "domain",
            "config",
            "phrases",
            "evidence",
            "edxml",
            "pdf",
            "pki",
            "cms",
            "pades",
            "jail",
            "net",
            "keystore",
            "fetch",
            "store",
            "notify",
            "peer",
            "exchange",
            "web",
            "telemetry",
        ],
    ),
    (
        "cli",
        &[
            "domain",
            "config",
            "evidence",
            "phrases",
            "pki",
            "cms",
            "pades",
            "jail",
            "net",
            "keystore",
            "fetch",
            "peer",
            "exchange",
            "web",
            "app",
            "telemetry",
        ],
    ),
];

/// Rooms that wait for something foreign, and everything above them.
const WAITING: &[&str] = &[
    "net", "fetch", "notify", "peer", "exchange", "web", "cli", "app",
];

/// Rooms that do something, and so may log and be made to fail.
const ACTING: &[&str] = &[
    "jail",
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
    "cli",
];

/// Every room but `domain`: the shapes of the wire and of the record are not its shapes.
const ALL_BUT_DOMAIN: &[&str] = &[
    "config",
    "phrases",
    "evidence",
    "edxml",
    "pdf",
    "pki",
    "cms",
    "pades",
    "jail",
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
    "cli",
];

const ANYWHERE: &[&str] = &["*"];
const ASN1: &[&str] = &["cms", "pki"];

/// Every crate and who may name it: rooms, single files, or `*` for all.
const CRATES: &[(&str, &[&str])] = &[
    ("thiserror", ANYWHERE),
    ("hex", ANYWHERE),
    ("base64", ANYWHERE),
    ("serde", ALL_BUT_DOMAIN),
    ("serde_json", ALL_BUT_DOMAIN),
    ("tracing", ACTING),
    ("fail", ACTING),
    ("tokio", WAITING),
    ("futures_util", WAITING),
    ("uuid", &["domain"]),
    ("jiff", &["domain"]),
    ("unicode_normalization", &["domain"]),
    ("unicode_script", &["domain"]),
    ("toml", &["config"]),
    ("fluent_bundle", &["phrases"]),
    ("unic_langid", &["phrases"]),
    ("serde_json_canonicalizer", &["config", "evidence"]),
    ("quick_xml", &["edxml"]),
    (
        "openssl",
        &["domain/digest.rs", "pki", "cms", "keystore", "net", "web"],
    ),
    ("x509_parser", &["pki"]),
    ("cms", ASN1),
    ("der", ASN1),
    ("spki", ASN1),
    ("x509_cert", ASN1),
    ("x509_ocsp", ASN1),
    ("const_oid", ASN1),
    ("lopdf", &["pdf"]),
    ("subsetter", &["pdf"]),
    ("ttf_parser", &["pdf"]),
    ("png", &["pdf"]),
    ("flate2", &["pdf"]),
    ("cryptoki", &["keystore"]),
    ("diesel", &["store"]),
    ("diesel_migrations", &["store"]),
    ("libsqlite3_sys", &["store"]),
    ("pq_sys", &["store"]),
    ("tempfile", &["store", "cli"]),
    ("landlock", &["jail"]),
    ("seccompiler", &["jail"]),
    (
        "nix",
        &["jail", "keystore", "store/blobs.rs", "cli/password.rs"],
    ),
    ("reqwest", &["net"]),
    ("lettre", &["notify"]),
    ("tokio_native_tls", &["notify"]),
    ("actix_web", &["web"]),
    ("actix_tls", &["web"]),
    ("actix_multipart", &["web"]),
    ("askama", &["web", "notify"]),
    ("argon2", &["web"]),
    ("tracing_subscriber", &["telemetry"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("indicatif", &["cli"]),
    ("anyhow", &["cli"]),
];

/// Rooms, and single files of other rooms, that may open files.
const DISK: &[&str] = &[
    "config",
    "jail",
    "keystore",
    "store",
    "cli",
    "notify/folder.rs",
];

/// Network addresses are values; configuration holds them without opening anything.
const ADDRESSES: &[&str] = &[
    "IpAddr",
    "Ipv4Addr",
    "Ipv6Addr",
    "SocketAddr",
    "SocketAddrV4",
    "SocketAddrV6",
];

/// The crates `Cargo.toml` lists, by the names code uses for them.
pub(crate) fn dependency_names(manifest: &str) -> Vec<String> {
    let manifest: toml::Table = manifest.parse().unwrap();
    let listed = manifest
        .get("dependencies")
        .and_then(toml::Value::as_table)
        .unwrap();
    listed.keys().map(|name| name.replace('-', "_")).collect()
}

/// The crates that nobody owns.
pub(crate) fn unowned(crates: &[String]) -> Vec<String> {
    let known = |name: &&String| CRATES.iter().all(|(owned, _)| owned != name);
    let say = |name| format!("Cargo.toml: {name} has no owner in tests/support/house/rooms.rs");
    crates.iter().filter(known).map(say).collect()
}

/// Rows of the table that name a room which does not stand above them.
pub(crate) fn cycles() -> Vec<String> {
    let mut above: Vec<&str> = Vec::new();
    let mut faults = Vec::new();
    for (room, allowed) in ROOMS {
        let astray = allowed.iter().filter(|one| !above.contains(one));
        faults.extend(astray.map(|one| format!("the row of {room} names {one}, not above it")));
        above.push(room);
    }
    faults
}

/// What is wrong with the imports of the file at `path` (from the top, `src/…`).
pub(crate) fn faults(path: &str, source: &str, crates: &[String]) -> Vec<String> {
    let place = match Place::of(path) {
        Ok(place) => place,
        Err(fault) => return vec![fault],
    };
    let names = match names::read(source) {
        Ok(names) => names,
        Err(fault) => return vec![format!("{path}: cannot be read: {fault}")],
    };
    let foreign: Vec<&str> = crates
        .iter()
        .map(String::as_str)
        .filter(|name| !names.bound.contains(*name))
        .collect();
    let mut found = BTreeMap::new();
    for named in &names.named {
        if let Some(why) = place.refuses(named, &foreign) {
            let written = named.parts.join("::");
            found.insert(
                (named.line, written.clone()),
                why_line(path, named, &written, &why),
            );
        }
    }
    found.into_values().collect()
}

fn why_line(path: &str, named: &Named, written: &str, why: &str) -> String {
    format!("{path}:{}: {written}: {why}", named.line)
}

/// Where a file stands.
struct Place<'a> {
    /// Its path below `src/`.
    file: &'a str,
    /// Its room; none for `lib.rs` and `main.rs`.
    room: Option<&'a str>,
    /// What its room may import.
    allowed: &'static [&'static str],
    /// Its module path from the crate's root.
    module: Vec<&'a str>,
    /// Whether the whole file is test code.
    is_test: bool,
}

impl<'a> Place<'a> {
    fn of(path: &'a str) -> Result<Self, String> {
        let file = path.strip_prefix("src/").unwrap_or(path);
        let stem = file.strip_suffix(".rs").unwrap_or(file);
        let mut module: Vec<&str> = stem.split('/').collect();
        if module.last() == Some(&"mod") {
            module.pop();
        }
        let is_test = matches!(module.last(), Some(&"tests" | &"testing"));
        if matches!(file, "lib.rs" | "main.rs") {
            return Ok(Self {
                file,
                room: None,
                allowed: &[],
                module: Vec::new(),
                is_test,
            });
        }
        let room = module.first().copied().unwrap_or_default();
        let row = ROOMS.iter().find(|(name, _)| *name == room);
        let (_, allowed) = row.ok_or(format!("{path}: {room} is not a room of the house"))?;
        Ok(Self {
            file,
            room: Some(room),
            allowed,
            module,
            is_test,
        })
    }

    fn refuses(&self, named: &Named, foreign: &[&str]) -> Option<String> {
        let in_test = named.in_test || self.is_test;
        let parts: Vec<&str> = named.parts.iter().map(String::as_str).collect();
        let (first, rest) = parts.split_first()?;
        match *first {
            "crate" => self.refuses_room(rest.first().copied()),
            "super" => self.refuses_above(named, &parts),
            "lienthong" => self.refuses_own_name(rest),
            "std" | "core" => (!in_test || rest.starts_with(&["time", "SystemTime"]))
                .then(|| self.refuses_std(rest))
                .flatten(),
            "tokio" if !in_test && matches!(rest, ["fs" | "net", ..]) => {
                self.refuses_std(rest).or_else(|| self.refuses_crate(first))
            }
            name if !in_test && foreign.contains(&name) => self.refuses_crate(name),
            _ => None,
        }
    }

    fn refuses_room(&self, target: Option<&str>) -> Option<String> {
        let Some(target) = target.filter(|one| *one != "*") else {
            return Some("names the whole crate, name a room".to_owned());
        };
        if self.room == Some(target) || self.allowed.contains(&target) {
            return None;
        }
        Some(
            match (self.room, ROOMS.iter().any(|(name, _)| *name == target)) {
                (_, false) => format!("{target} is not a room of the house"),
                (Some(room), true) => format!("{room} may not import {target}"),
                (None, true) => format!("{} imports nothing", self.file),
            },
        )
    }

    /// `super` climbs; climbing out of the room is an import like any other.
    fn refuses_above(&self, named: &Named, parts: &[&str]) -> Option<String> {
        let climbs = parts.iter().take_while(|part| **part == "super").count();
        let depth = self.module.len() + named.inside.len();
        if climbs < depth {
            None
        } else {
            self.refuses_room(parts.get(climbs).copied())
        }
    }

    fn refuses_own_name(&self, rest: &[&str]) -> Option<String> {
        match (self.file, rest) {
            ("main.rs", ["cli", ..]) => None,
            ("main.rs", _) => Some("main.rs enters by lienthong::cli only".to_owned()),
            _ => Some("inside the library say crate::".to_owned()),
        }
    }

    fn refuses_std(&self, rest: &[&str]) -> Option<String> {
        let room = self.room.unwrap_or("the root");
        match rest {
            ["fs", ..] if !DISK.contains(&room) && !DISK.contains(&self.file) => {
                Some(format!("{room} may not open files"))
            }
            ["net", address] if room == "config" && ADDRESSES.contains(address) => None,
            ["net", ..] if !ACTING.contains(&room) => Some(format!("{room} may not open sockets")),
            ["time", "SystemTime", ..] => Some("time is given: take a Timestamp".to_owned()),
            _ => None,
        }
    }

    fn refuses_crate(&self, name: &str) -> Option<String> {
        let (_, owners) = CRATES.iter().find(|(owned, _)| *owned == name)?;
        let owned =
            |owner: &&str| *owner == "*" || Some(*owner) == self.room || *owner == self.file;
        let say = || format!("the crate {name} belongs to {}", owners.join(", "));
        (!owners.iter().any(owned)).then(say)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The faults of `source` standing at `path`, without their place.
    fn found(path: &str, source: &str) -> Vec<String> {
        let crates = ["lopdf", "cms", "openssl", "diesel", "tokio", "png", "serde"];
        let crates: Vec<String> = crates.iter().map(|name| (*name).to_owned()).collect();
        let short = |fault: String| fault.rsplit(": ").next().unwrap().to_owned();
        faults(path, source, &crates)
            .into_iter()
            .map(short)
            .collect()
    }

    #[test]
    fn a_grouped_import_does_not_hide_a_forbidden_room() {
        let source = "use crate::{domain::ids, store::{Tx, rows}};";
        assert_eq!(
            found("src/pdf/fields.rs", source),
            ["pdf may not import store"; 2]
        );
    }

    #[test]
    fn climbing_out_of_the_room_is_an_import() {
        let source = "use super::super::web::gate; use super::limits;";
        assert_eq!(
            found("src/pdf/fields.rs", source),
            ["pdf may not import web"]
        );
        assert_eq!(
            found("src/pdf/mod.rs", "use super::pki;"),
            ["pdf may not import pki"]
        );
        assert!(found("src/pdf/objects/read.rs", "use super::super::limits;").is_empty());
        let nested = "mod inner { use super::super::super::store; use super::super::limits; }";
        assert_eq!(
            found("src/pdf/fields.rs", nested),
            ["pdf may not import store"]
        );
    }

    #[test]
    fn inline_paths_count_also_inside_macros_and_tests() {
        let source = "fn f() { assert!(crate::exchange::seal()); }";
        assert_eq!(
            found("src/pki/chain.rs", source),
            ["pki may not import exchange"]
        );
        let source = "#[cfg(test)] mod tests { use crate::exchange::seal; }";
        assert_eq!(
            found("src/pki/chain.rs", source),
            ["pki may not import exchange"]
        );
    }

    #[test]
    fn the_library_does_not_call_itself_by_name() {
        let source = "use lienthong::domain::ids;";
        assert_eq!(
            found("src/pdf/fields.rs", source),
            ["inside the library say crate::"]
        );
        assert!(found("src/main.rs", "fn main() { lienthong::cli::main() }").is_empty());
        let around = "fn main() { lienthong::store::open() }";
        assert_eq!(found("src/main.rs", around).len(), 1);
    }

    #[test]
    fn a_crate_is_named_by_its_owner_only() {
        let source = "fn f(x: &lopdf::Document) {}";
        assert_eq!(
            found("src/pades/judge.rs", source),
            ["the crate lopdf belongs to pdf"]
        );
        assert!(found("src/pdf/fields.rs", source).is_empty());
        assert!(found("src/domain/digest.rs", "use openssl::sha::Sha256;").is_empty());
        assert_eq!(
            found("src/domain/ids.rs", "use openssl::sha::Sha256;").len(),
            1
        );
        assert_eq!(
            found(
                "src/domain/tier.rs",
                "#[derive(serde::Serialize)] struct A;"
            )
            .len(),
            1
        );
    }

    #[test]
    fn a_room_and_a_crate_may_share_a_name() {
        let room = "use crate::cms; fn f() { cms::build() }";
        assert!(found("src/pades/embed.rs", room).is_empty());
        let foreign = "fn f() { cms::build() }";
        assert_eq!(
            found("src/pades/embed.rs", foreign),
            ["the crate cms belongs to cms, pki"]
        );
        assert!(found("src/pdf/mod.rs", "pub mod png; use png::Image;").is_empty());
    }

    #[test]
    fn files_sockets_and_the_clock_have_their_rooms() {
        assert_eq!(
            found("src/pki/crl.rs", "use std::fs;"),
            ["pki may not open files"]
        );
        assert_eq!(
            found("src/web/gate.rs", "use tokio::fs::File;"),
            ["web may not open files"]
        );
        assert!(found("src/store/blobs.rs", "use std::{fs, io};").is_empty());
        assert!(found("src/notify/folder.rs", "use std::fs;").is_empty());
        assert_eq!(
            found("src/notify/smtp.rs", "use std::fs;"),
            ["notify may not open files"]
        );
        let sockets = "use std::net::{IpAddr, TcpStream};";
        assert_eq!(
            found("src/config/peers.rs", sockets),
            ["config may not open sockets"]
        );
        assert!(found("src/net/guard.rs", sockets).is_empty());
        let clock = "fn f() { std::time::SystemTime::now(); }";
        assert_eq!(found("src/cli/serve.rs", clock).len(), 1);
        assert!(found("src/cli/serve.rs", "use std::time::Duration;").is_empty());
    }

    #[test]
    fn test_code_may_read_files_and_make_keys() {
        let source = "#[cfg(test)] mod tests { use std::fs; use openssl::pkey; }";
        assert!(found("src/pades/judge.rs", source).is_empty());
        assert!(found("src/pades/judge/tests.rs", "use std::fs;").is_empty());
        let clock = "#[cfg(test)] mod tests { use std::time::SystemTime; }";
        assert_eq!(found("src/pades/judge.rs", clock).len(), 1);
    }

    #[test]
    fn unknown_rooms_are_refused_on_both_ends() {
        assert_eq!(
            found("src/common/mod.rs", ""),
            ["common is not a room of the house"]
        );
        let source = "use crate::common::x;";
        assert_eq!(
            found("src/cli/mod.rs", source),
            ["common is not a room of the house"]
        );
        assert_eq!(found("src/cli/mod.rs", "use crate::*;").len(), 1);
    }

    #[test]
    fn a_crate_without_an_owner_is_reported() {
        let manifest = "[dependencies]\nleft-pad = \"1\"\nserde = \"1\"\n";
        assert_eq!(unowned(&dependency_names(manifest)).len(), 1);
    }
}
