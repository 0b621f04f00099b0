//! Whom this installation may ask for revocation data: a list of hosts the operator wrote, and names
//! of closed networks with what they are called here. Without a list nobody is asked.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::{Error, malformed, text};

/// `[fetch]`, or a file of its own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fetch {
    /// Hosts that may be asked.
    pub hosts: Vec<Host>,
    /// Names found in certificates and what to ask instead: `HOST` or `HOST:PORT`.
    pub rewrite: BTreeMap<String, String>,
    /// Longest wait for a connection, in seconds.
    pub connect_seconds: u16,
    /// Longest wait for one answer, in seconds.
    pub answer_seconds: u16,
    /// Largest answer, in bytes.
    pub answer_bytes: usize,
    /// Most questions of one run.
    pub questions: usize,
}

/// A host that may be asked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Its name, or an IP address.
    pub name: String,
    /// Whether it may have an address of this machine or of a private network.
    #[serde(default)]
    pub private: bool,
}

impl Default for Fetch {
    fn default() -> Self {
        // The responder of the Government Cipher Committee, under its name in the closed network.
        let rewrite = [("ocsp.ca.ptc".to_owned(), "ocsp.ca.gov.vn".to_owned())];
        Self {
            hosts: Vec::new(),
            rewrite: BTreeMap::from(rewrite),
            connect_seconds: 5,
            answer_seconds: 30,
            answer_bytes: 20 * 1024 * 1024,
            questions: 64,
        }
    }
}

impl Fetch {
    /// Reads a file that holds just these settings.
    ///
    /// # Errors
    /// [`Error`] that names the file and the fault.
    pub fn read(path: &Path) -> Result<Self, Error> {
        toml::from_str(&text(path)?).map_err(|fault| malformed(path, &fault))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_may_be_asked_until_the_operator_says_so() {
        assert!(Fetch::default().hosts.is_empty());
    }

    #[test]
    fn hosts_are_public_unless_said_otherwise_and_unknown_settings_are_refused() {
        let read: Fetch = toml::from_str("hosts = [{ name = \"ocsp.ca.gov.vn\" }]").unwrap();
        assert!(!read.hosts[0].private);
        assert_eq!(read.rewrite["ocsp.ca.ptc"], "ocsp.ca.gov.vn");
        assert!(toml::from_str::<Fetch>("host = []").is_err());
    }
}
