//! What the operator decides: one plain struct per section of the configuration file, with safe
//! defaults. Enter by [`Config::read`] and [`registry::read`]; refuses unknown fields and
//! contradictions. Knows nothing of how a setting is used.
//!
//! Files in reading order: `mod` (the file as a whole), `registry` (agencies and hubs), `calendar`
//! (office hours and holidays), `mail`, `fetch`, `intake`, `outbox`, `secret` (files with keys and
//! passwords).

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub mod calendar;
pub mod fetch;
pub mod intake;
pub mod mail;
mod outbox;
pub mod registry;
pub mod secret;

pub use outbox::{Outbox, Retry};

/// The configuration of one hub. Relative paths are relative to the file's folder.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Who this hub is.
    pub hub: Hub,
    /// How it keeps its registry current.
    #[serde(default)]
    pub registry: Registry,
    /// Where it listens.
    pub server: Server,
    /// Where it records.
    pub database: Database,
    /// Where it keeps bytes.
    pub blobs: Blobs,
    /// What it believes about certificates.
    pub trust: Trust,
    /// Revocation lists it keeps current by itself.
    pub lists: Option<Lists>,
    /// How it asks foreign services.
    #[serde(default)]
    pub fetch: fetch::Fetch,
    /// Keys it may use for its agencies and their signers.
    #[serde(default)]
    pub keys: Vec<Key>,
    /// Where it reads documents.
    #[serde(default)]
    pub jail: Jail,
    /// What it takes in while there is room.
    #[serde(default)]
    pub intake: intake::Intake,
    /// How it repeats what failed.
    #[serde(default)]
    pub retry: Retry,
    /// How much it does at once.
    #[serde(default)]
    pub outbox: Outbox,
    /// Its clock.
    #[serde(default)]
    pub clock: Clock,
    /// When its agencies work.
    #[serde(default)]
    pub calendar: calendar::Calendar,
    /// Its mail.
    #[serde(default)]
    pub mail: mail::Mail,
}

/// `[hub]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hub {
    /// Name in the registry.
    pub id: String,
    /// The registry: with `registry_certificate` the first snapshot (its signature beside it, `.p7s`),
    /// else a source without a signature.
    pub registry: PathBuf,
    /// Certificates (PEM) of the key that signs the registry, the present one and perhaps the next.
    pub registry_certificate: Option<PathBuf>,
    /// Certificate (PEM) of the key that signs receipts.
    pub signing_certificate: PathBuf,
    /// That key (PEM).
    pub signing_key: PathBuf,
    /// Certificate (PEM) shown to neighbours; pinned in their registry.
    pub tls_certificate: PathBuf,
    /// Its key (PEM).
    pub tls_key: PathBuf,
}

/// `[registry]`
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Registry {
    /// Hours for which work goes on after the registry's end.
    pub grace_hours: u16,
    /// Seconds between two looks at the record for a newer one, 1 to 3.
    pub look_every_seconds: u16,
    /// Seconds between two questions to the neighbours.
    pub ask_every_seconds: u16,
}

impl Default for Registry {
    fn default() -> Self {
        Self {
            grace_hours: 7 * 24,
            look_every_seconds: 2,
            ask_every_seconds: 60,
        }
    }
}

/// `[server]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address of pages and API, such as `127.0.0.1:8080`.
    pub pages: std::net::SocketAddr,
    /// Address for neighbours (mutual TLS), such as `0.0.0.0:7443`.
    pub peers: std::net::SocketAddr,
    /// Certificate (PEM) for pages; without one, pages are served to this machine only.
    pub pages_certificate: Option<PathBuf>,
    /// Its key (PEM).
    pub pages_key: Option<PathBuf>,
    /// Address of the pages as people write it, for links in mails.
    pub public_url: String,
}

/// `[database]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
}

/// `[blobs]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blobs {
    /// Folder.
    pub folder: PathBuf,
    /// Largest document in bytes.
    #[serde(default = "largest_bytes")]
    pub largest_bytes: u64,
}

/// No document is larger, whatever is configured: 2 GiB.
const LARGEST_DOCUMENT: u64 = 2 << 30;

const fn largest_bytes() -> u64 {
    100 * 1024 * 1024
}

/// `[trust]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// Files or folders with certificates (PEM or DER): self-signed ones are anchors.
    pub anchors: Vec<PathBuf>,
    /// Files or folders with revocation lists and OCSP responses.
    #[serde(default)]
    pub revocation: Vec<PathBuf>,
    /// Seconds between two looks at these files while a hub runs.
    #[serde(default = "a_minute")]
    pub look_every_seconds: u32,
    /// Data about the revocation of a signer must be issued after the signature is proven to have
    /// existed, or at most so many hours before it is judged; 0: until its nextUpdate.
    #[serde(default = "a_day")]
    pub fresh_within_hours: u16,
}

const fn a_day() -> u16 {
    24
}

const fn a_minute() -> u32 {
    60
}

/// `[lists]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lists {
    /// Where the lists are (HTTP or HTTPS); these addresses may be in a private network.
    pub addresses: Vec<String>,
    /// Folder they are kept in.
    pub folder: PathBuf,
    /// Minutes between two questions; after a failure at most five.
    #[serde(default = "an_hour")]
    pub every_minutes: u32,
}

const fn an_hour() -> u32 {
    60
}

/// `[jail]`
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Jail {
    /// Whether documents are only read by a process that is locked in. Without, a hub on a machine
    /// that cannot build the jail reads them in its own process, beside its keys.
    pub required: bool,
}

impl Default for Jail {
    fn default() -> Self {
        Self { required: true }
    }
}

/// `[[keys]]`: a PKCS#12 file this hub may sign with.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Code of the agency it signs for.
    pub agency: String,
    /// `person` or `agency`.
    pub kind: KeyKind,
    /// Name of the person, shown when choosing.
    pub holder: Option<String>,
    /// The PKCS#12 file.
    pub p12: PathBuf,
    /// File with its password.
    pub password_file: PathBuf,
    /// Image of the handwritten signature or the seal (PNG).
    pub image: Option<PathBuf>,
}

/// Whose key it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    /// An authorised person's.
    Person,
    /// The agency's, its seal.
    Agency,
}

/// `[clock]`
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Seconds added to the machine's clock. For demonstrations only: it makes receipts of another
    /// day.
    #[serde(default)]
    pub simulated_offset_seconds: i64,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error("cannot read {path}: {fault}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        fault: std::io::Error,
    },
    /// A file is not of the expected form; the text names line and field.
    #[error("{path}: {fault}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: String,
    },
}

impl Config {
    /// Reads a configuration file and makes its paths absolute.
    ///
    /// # Errors
    /// [`Error`] that names the file and the fault.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = text(path)?;
        let mut config: Self = toml::from_str(&text).map_err(|fault| malformed(path, &fault))?;
        config.resolve(path.parent().unwrap_or(Path::new("")));
        config.check().map_err(|fault| malformed(path, &fault))?;
        Ok(config)
    }

    fn resolve(&mut self, base: &Path) {
        let hub = &mut self.hub;
        let mut paths = vec![
            &mut hub.registry,
            &mut hub.signing_certificate,
            &mut hub.signing_key,
            &mut hub.tls_certificate,
            &mut hub.tls_key,
            &mut self.blobs.folder,
        ];
        paths.extend(hub.registry_certificate.as_mut());
        paths.extend(self.server.pages_certificate.as_mut());
        paths.extend(self.server.pages_key.as_mut());
        paths.extend(
            self.trust
                .anchors
                .iter_mut()
                .chain(&mut self.trust.revocation),
        );
        paths.extend(self.lists.as_mut().map(|lists| &mut lists.folder));
        paths.extend(self.calendar.file.as_mut());
        paths.extend(self.mail.ca_file.as_mut());
        paths.extend(self.mail.password_file.as_mut());
        paths.extend(self.mail.folder.as_mut());
        for key in &mut self.keys {
            paths.push(&mut key.p12);
            paths.push(&mut key.password_file);
            paths.extend(key.image.as_mut());
        }
        for path in paths {
            *path = base.join(&*path);
        }
        if let Some(file) = self.database.url.strip_prefix("sqlite:") {
            self.database.url = format!("sqlite:{}", base.join(file).display());
        }
    }

    fn check(&self) -> Result<(), String> {
        let server = &self.server;
        if server.pages_certificate.is_some() != server.pages_key.is_some() {
            return Err("[server] pages_certificate and pages_key belong together".to_owned());
        }
        if server.pages_certificate.is_none() && !server.pages.ip().is_loopback() {
            return Err(format!(
                "[server] pages = {} is reachable from outside: give pages_certificate and \
                 pages_key, or listen on 127.0.0.1",
                server.pages
            ));
        }
        if self.blobs.largest_bytes > LARGEST_DOCUMENT {
            return Err(format!(
                "[blobs] largest_bytes must be at most {LARGEST_DOCUMENT} (2 GiB)"
            ));
        }
        self.retry.check()?;
        self.outbox.check()?;
        self.intake.check()?;
        let registry = self.registry;
        if !(1..=3).contains(&registry.look_every_seconds) || registry.ask_every_seconds == 0 {
            // A withdrawn neighbour must be gone within five seconds.
            return Err(
                "[registry] needs look_every_seconds 1 to 3, ask_every_seconds 1 or more"
                    .to_owned(),
            );
        }
        self.mail.check().map_err(|fault| fault.to_string())
    }
}

/// The bytes of every file named by `paths`, folders one level deep, in the order of their names.
///
/// # Errors
/// [`Error::Unreadable`].
pub fn files_in(paths: &[PathBuf]) -> Result<Vec<(PathBuf, Vec<u8>)>, Error> {
    let mut files = Vec::new();
    for path in paths {
        let unreadable = |fault| Error::Unreadable {
            path: path.clone(),
            fault,
        };
        if path.is_dir() {
            let entries = fs::read_dir(path).map_err(unreadable)?;
            let inside = entries.map(|entry| entry.map(|entry| entry.path()));
            let mut inside: Vec<PathBuf> = inside.collect::<Result<_, _>>().map_err(unreadable)?;
            inside.retain(|path| path.is_file() && !is_hidden(path));
            inside.sort();
            files.extend(inside);
        } else {
            files.push(path.clone());
        }
    }
    files
        .into_iter()
        .map(|path| match fs::read(&path) {
            Ok(bytes) => Ok((path, bytes)),
            Err(fault) => Err(Error::Unreadable { path, fault }),
        })
        .collect()
}

/// Whether the name begins with a point: a file that is being written, or an editor's.
fn is_hidden(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.as_encoded_bytes().starts_with(b".")
}

/// The bytes of one file.
///
/// # Errors
/// [`Error::Unreadable`].
pub fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|fault| Error::Unreadable {
        path: path.to_owned(),
        fault,
    })
}

/// The text of one file.
///
/// # Errors
/// [`Error::Unreadable`].
pub fn text(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|fault| Error::Unreadable {
        path: path.to_owned(),
        fault,
    })
}

fn malformed(path: &Path, fault: &dyn std::fmt::Display) -> Error {
    Error::Malformed {
        path: path.to_owned(),
        fault: fault.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hub.toml");
        fs::write(&path, text).unwrap();
        Config::read(&path)
    }

    fn example() -> String {
        fs::read_to_string(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/docs/hub.example.toml"
        ))
        .unwrap()
    }

    #[test]
    fn the_example_in_the_papers_is_a_configuration() {
        let config = read(&example()).unwrap();
        assert_eq!(config.keys.len(), 2);
        assert!(
            config.hub.signing_key.is_absolute() && config.database.url.starts_with("sqlite:/")
        );
    }

    #[test]
    fn an_unknown_setting_is_named_with_its_line() {
        let fault = read(&example().replace("largest_bytes", "larges_bytes")).unwrap_err();
        let said = fault.to_string();
        assert!(
            said.contains("larges_bytes") && said.contains("line"),
            "{said}"
        );
    }

    #[test]
    fn pages_without_tls_are_for_this_machine_only() {
        let open = example()
            .replace("pages_certificate", "# ")
            .replace("pages_key", "# ");
        let said = read(&open).unwrap_err().to_string();
        assert!(said.contains("reachable from outside"), "{said}");
        assert!(read(&open.replace("0.0.0.0:443", "127.0.0.1:8080")).is_ok());
    }

    #[test]
    fn a_missing_file_is_named() {
        let said = Config::read(Path::new("missing.toml"))
            .unwrap_err()
            .to_string();
        assert!(said.contains("missing.toml"), "{said}");
    }
}
