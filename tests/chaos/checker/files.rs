//! Laws about files: each is named by its bytes, each that a row names is there, none was left in
//! the middle.

use super::seen::{digest, is_null, text};
use super::{Findings, Harm, World};

/// Columns that name stored bytes.
const NAMING: [(&str, &str); 4] = [
    ("blobs", "sha256"),
    ("documents", "sha256"),
    ("documents", "original_sha256"),
    ("transfers", "blob_sha256"),
];

/// Checks the files of every hub.
pub(super) fn check(world: &World, findings: &mut Findings) {
    for (hub, seen) in &world.hubs {
        for (name, bytes) in &seen.blobs {
            if digest(&bytes.read()) != *name {
                let found = format!("{hub} {name}");
                findings.add(Harm::Lost, "files are their names", found);
            }
        }
        for (table, column) in NAMING {
            for row in seen.rows(table) {
                let name = text(row, column);
                if !is_null(row, column) && !seen.blobs.contains_key(name) {
                    let found = format!("{hub}: {table} names {name}");
                    findings.add(Harm::Lost, "no row without its file", found);
                }
            }
        }
        for name in &seen.unfinished {
            let found = format!("{hub} {name}");
            findings.add(Harm::Broken, "nothing left in the middle", found);
        }
    }
}
