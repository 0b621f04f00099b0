//! A frozen bundle of evidence: every certificate, list and response under the name of its digest,
//! and a manifest whose own digest names the whole. The same evidence gives the same bytes.

use serde::{Deserialize, Serialize};

use crate::domain::digest::Sha256;
use crate::pki::trust::TrustEvidence;

/// The manifest's schema.
pub const SCHEMA: &str = "lienthong.evidence-bundle/1";

/// Name of the manifest in its folder.
pub const MANIFEST: &str = "manifest.json";

/// A file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleFile {
    /// Path in the folder, such as `crls/3f….crl`.
    pub path: String,
    /// Its bytes (DER).
    pub bytes: Vec<u8>,
}

/// A bundle: its files sorted by path, and its manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The files.
    pub files: Vec<BundleFile>,
    /// The manifest's bytes.
    pub manifest: Vec<u8>,
}

/// Wire shape of the manifest.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    schema: String,
    files: Vec<Line>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    path: String,
    sha256: String,
    size_bytes: u64,
}

/// Why a bundle is not the one its manifest says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Spoiled {
    /// The manifest cannot be read.
    #[error("the manifest cannot be read: {0}")]
    Manifest(String),
    /// A path that leads out of the folder or is none a bundle has.
    #[error("{0:?} is no path of a bundle")]
    Path(String),
    /// A file that is not the one listed.
    #[error("{path} is not the file that was frozen")]
    File {
        /// Its path.
        path: String,
    },
}

/// The kinds of files, their folders and endings.
const KINDS: [(&str, &str); 4] = [
    ("anchors", "crt"),
    ("certificates", "crt"),
    ("crls", "crl"),
    ("ocsp", "ors"),
];

/// Most files of a bundle.
const MAX_FILES: usize = 10_000;

impl Bundle {
    /// The bundle of `evidence`.
    #[must_use]
    pub fn of(evidence: &TrustEvidence) -> Self {
        let anchors = evidence
            .anchors
            .iter()
            .map(|one| (0, one.sha256(), one.der()));
        let others = evidence
            .intermediates
            .iter()
            .map(|one| (1, one.sha256(), one.der()));
        let crls = evidence.crls.iter().map(|one| (2, one.sha256(), one.der()));
        let ocsp = evidence.ocsp.iter().map(|one| (3, one.sha256(), one.der()));
        let file = |(kind, sha256, der): (usize, Sha256, &[u8])| {
            let (folder, ending) = KINDS.get(kind).copied().unwrap_or_default();
            BundleFile {
                path: format!("{folder}/{sha256}.{ending}"),
                bytes: der.to_vec(),
            }
        };
        let mut files: Vec<_> = anchors
            .chain(others)
            .chain(crls)
            .chain(ocsp)
            .map(file)
            .collect();
        files.sort_by(|one, two| one.path.cmp(&two.path));
        files.dedup();
        let lines = files.iter().map(|file| Line {
            path: file.path.clone(),
            sha256: Sha256::of(&file.bytes).to_string(),
            size_bytes: u64::try_from(file.bytes.len()).unwrap_or(u64::MAX),
        });
        let manifest = Manifest {
            schema: SCHEMA.to_owned(),
            files: lines.collect(),
        };
        let mut manifest = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
        manifest.push(b'\n');
        Self { files, manifest }
    }

    /// The digest that names the bundle: that of its manifest.
    #[must_use]
    pub fn sha256(&self) -> Sha256 {
        Sha256::of(&self.manifest)
    }
}

/// The paths a manifest lists, each checked to stay inside the folder.
///
/// # Errors
/// [`Spoiled`].
pub fn listed(manifest: &[u8]) -> Result<Vec<String>, Spoiled> {
    Ok(lines(manifest)?.into_iter().map(|line| line.path).collect())
}

fn lines(manifest: &[u8]) -> Result<Vec<Line>, Spoiled> {
    let read: Manifest =
        serde_json::from_slice(manifest).map_err(|fault| Spoiled::Manifest(fault.to_string()))?;
    if read.schema != SCHEMA {
        return Err(Spoiled::Manifest(format!("schema {}", read.schema)));
    }
    if read.files.len() > MAX_FILES {
        return Err(Spoiled::Manifest(format!("more than {MAX_FILES} files")));
    }
    for line in &read.files {
        let named = KINDS
            .iter()
            .any(|(folder, ending)| line.path == format!("{folder}/{}.{ending}", line.sha256));
        if !named || line.sha256.parse::<Sha256>().is_err() {
            return Err(Spoiled::Path(line.path.chars().take(200).collect()));
        }
    }
    Ok(read.files)
}

/// The evidence of a bundle, once every file is shown to be the one the manifest lists. `read` gives
/// the bytes of a path.
///
/// # Errors
/// [`Spoiled`]; `read`'s own error as `E`.
pub fn open<E: From<Spoiled>>(
    manifest: &[u8],
    read: &dyn Fn(&str) -> Result<Vec<u8>, E>,
) -> Result<TrustEvidence, E> {
    let mut evidence = TrustEvidence::default();
    for line in lines(manifest)? {
        let bytes = read(&line.path)?;
        let spoiled = || Spoiled::File {
            path: line.path.clone(),
        };
        if Sha256::of(&bytes).to_string() != line.sha256 {
            return Err(spoiled().into());
        }
        let added = match line.path.split('/').next() {
            Some("anchors" | "certificates") => add_certificate(&mut evidence, &line.path, &bytes),
            _ => evidence.add_revocation(&bytes),
        };
        added.or(Err(spoiled()))?;
    }
    Ok(evidence)
}

/// Only what was trusted by decision when the bundle was frozen is trusted now.
fn add_certificate(
    evidence: &mut TrustEvidence,
    path: &str,
    der: &[u8],
) -> Result<(), crate::pki::Error> {
    let certificate = crate::pki::certificate::Certificate::from_der(der)?;
    match path.starts_with("anchors/") {
        true => evidence.anchors.push(certificate),
        false => evidence.intermediates.push(certificate),
    }
    Ok(())
}
