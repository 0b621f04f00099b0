//! Reading of small inputs: passwords, keys, trusted certificates, revocation data.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::exit::Exit;
use super::fault::Fault;
use crate::keystore::SoftKey;
use crate::pki::trust::TrustEvidence;

/// No key, password, certificate or CRL file is larger.
const LARGEST: u64 = 16 << 20;

/// No revocation list is larger.
const LARGEST_LIST: u64 = 20 << 20;

/// A small file as bytes.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, Fault> {
    limited(path, LARGEST)
}

/// A file of revocation data as bytes; lists may be long.
pub(super) fn large_bytes(path: &Path) -> Result<Vec<u8>, Fault> {
    limited(path, LARGEST_LIST)
}

fn limited(path: &Path, limit: u64) -> Result<Vec<u8>, Fault> {
    let file = fs::File::open(path).map_err(|fault| Fault::reading(path, &fault))?;
    let mut bytes = Vec::new();
    let read = file.take(limit + 1).read_to_end(&mut bytes);
    let read = read.map_err(|fault| Fault::reading(path, &fault))?;
    if u64::try_from(read).unwrap_or(u64::MAX) > limit {
        return Err(Fault::new(Exit::Usage, "INPUT_TOO_LARGE")
            .with("limit", limit)
            .at(path));
    }
    Ok(bytes)
}

/// A password: the file's first line.
pub(super) fn password(path: &Path) -> Result<String, Fault> {
    let text = String::from_utf8(bytes(path)?);
    let text = text.or(Err(Fault::new(Exit::Usage, "PASSWORD_NOT_TEXT").at(path)))?;
    Ok(text.lines().next().unwrap_or("").to_owned())
}

/// A key from a PKCS#12 file with this password.
pub(super) fn key(p12: &Path, secret: &str) -> Result<SoftKey, Fault> {
    SoftKey::from_pkcs12(&bytes(p12)?, secret).map_err(|fault| Fault::key(p12, &fault))
}

/// Everything a verdict may rely on.
pub(super) fn evidence(trust: &[PathBuf], revocation: &[PathBuf]) -> Result<TrustEvidence, Fault> {
    let mut evidence = TrustEvidence::default();
    for path in files(trust)? {
        evidence
            .add_trust(&bytes(&path)?)
            .map_err(|fault| Fault::evidence(&path, &fault))?;
    }
    for path in files(revocation)? {
        evidence
            .add_revocation(&bytes(&path)?)
            .map_err(|fault| Fault::evidence(&path, &fault))?;
    }
    Ok(evidence)
}

/// Files as given; of a folder its certificate, CRL and OCSP files in order of name.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Fault> {
    const KINDS: [&str; 8] = ["crt", "cer", "pem", "der", "crl", "ocsp", "ors", "p7c"];
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            found.append(&mut inside(path, &KINDS)?);
        } else {
            found.push(path.clone());
        }
    }
    Ok(found)
}

/// The files of a folder whose names end in one of `kinds` (lower case), in order of name.
pub(super) fn inside(folder: &Path, kinds: &[&str]) -> Result<Vec<PathBuf>, Fault> {
    let reading = |fault: io::Error| Fault::reading(folder, &fault);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(reading)? {
        let entry = entry.map_err(reading)?.path();
        let kind = entry.extension().and_then(|kind| kind.to_str());
        let kind = kind.unwrap_or("").to_ascii_lowercase();
        if entry.is_file() && kinds.contains(&kind.as_str()) {
            found.push(entry);
        }
    }
    found.sort();
    Ok(found)
}
