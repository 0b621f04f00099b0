//! The registry in its two forms: the source people write (TOML, certificates of hubs in files beside
//! it) and the snapshot the centre signs (canonical JSON, `docs/decisions/0023-registry.md`). Both
//! have the same rows.
//!
//! Files in reading order: `rows` (the grammar), `snapshot` (the signed form).

use std::path::Path;

use super::{Error, bytes, malformed, text};
use crate::domain::directory::{Directory, Registry};
use rows::Rows;

mod rows;
pub mod snapshot;

/// What a certificate of a hub holds where it stands in the registry itself.
const PEM: &str = "-----BEGIN CERTIFICATE-----";

/// Reads and checks a registry in either form.
///
/// # Errors
/// [`Error`] that names the file and the fault, the first contradiction included.
pub fn read(path: &Path) -> Result<Directory, Error> {
    Directory::new(either(path)?).map_err(|fault| malformed(path, &fault))
}

/// Reads a registry in either form. The signature of a snapshot is not asked for: whoever names the
/// file vouches for it.
///
/// # Errors
/// [`Error`] that names the file and the fault; contradictions between rows are not looked for.
pub fn either(path: &Path) -> Result<Registry, Error> {
    let found = bytes(path)?;
    if !found.starts_with(b"{") {
        return source(path);
    }
    let snapshot = snapshot::from_bytes(&found).map_err(|fault| malformed(path, &fault))?;
    Ok(snapshot.registry)
}

/// Reads the source of a registry. Certificates of hubs are PEM files beside it, or stand in it.
///
/// # Errors
/// [`Error`] that names the file and the fault; contradictions between rows are not looked for.
pub fn source(path: &Path) -> Result<Registry, Error> {
    let rows: Rows = toml::from_str(&text(path)?).map_err(|fault| malformed(path, &fault))?;
    let base = path.parent().unwrap_or(Path::new(""));
    let pem = |written: String| match written.contains(PEM) {
        true => Ok(written),
        false => text(&base.join(written)).map_err(|fault| fault.to_string()),
    };
    rows.read(&pem).map_err(|fault| malformed(path, &fault))
}

/// The source of a registry, certificates of hubs in it: what is edited to make the next snapshot.
///
/// # Errors
/// In words, when a value cannot be written.
pub fn to_source(registry: &Registry) -> Result<String, String> {
    toml::to_string(&Rows::of(registry)).map_err(|fault| fault.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::tests::registry;

    #[test]
    fn a_source_reads_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry.toml");
        std::fs::write(&path, to_source(&registry()).unwrap()).unwrap();
        assert_eq!(source(&path).unwrap(), registry());
    }

    #[test]
    fn an_unknown_field_of_a_source_is_refused_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry.toml");
        let written = to_source(&registry()).unwrap().replace("rank", "rang");
        std::fs::write(&path, written).unwrap();
        let said = source(&path).unwrap_err().to_string();
        assert!(said.contains("rang") && said.contains("line"), "{said}");
    }
}
