//! Section `[mail]`: by which way notification mails leave, and the secrets that way needs.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::secret;

/// Section `[mail]`. Without it no mail is sent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// Sender of every mail, `Name <address>` or a bare address.
    pub from: String,
    /// By which way mails leave.
    pub way: Way,
    /// Name or address of the relay; its certificate must carry this name.
    pub host: String,
    /// Port of the relay; without it the usual one of [`Mail::tls`] (465, 587 or 25).
    pub port: Option<u16>,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// PEM certificates trusted instead of the system's roots.
    pub ca_file: Option<PathBuf>,
    /// Account at the relay; needs [`Mail::password_file`].
    pub username: Option<String>,
    /// File holding the account's password; a line end after it is not part of it.
    pub password_file: Option<PathBuf>,
    /// Where letters are written by the way `folder`.
    pub folder: Option<PathBuf>,
    /// Seconds the relay may take for each of its answers, 1 to 600.
    pub timeout_seconds: u16,
}

/// By which way mails leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Through a mail relay.
    Smtp,
    /// As files into a folder, for demonstrations.
    Folder,
    /// Not at all.
    #[default]
    None,
}

/// How the connection to the relay is encrypted. Certificates are always verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// From the first byte (RFC 8314, 3.3).
    Required,
    /// After the command STARTTLS; a relay that does not offer it is not used (RFC 3207).
    #[default]
    Starttls,
    /// Plain text, to this machine only.
    NoneLoopbackOnly,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            from: String::new(),
            way: Way::default(),
            host: String::new(),
            port: None,
            tls: Tls::default(),
            ca_file: None,
            username: None,
            password_file: None,
            folder: None,
            timeout_seconds: 30,
        }
    }
}

/// A section `[mail]` that contradicts itself or names a file that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum NotUsable {
    /// A setting the chosen way needs is missing.
    #[error("[mail] {field} is missing; it is needed {because}")]
    Missing {
        /// The missing setting.
        field: &'static str,
        /// What needs it.
        because: &'static str,
    },
    /// Plain text to another machine.
    #[error(
        "[mail] tls = \"none-loopback-only\" is for localhost, 127.0.0.0/8 and ::1, not {host:?}"
    )]
    PlainTextBeyondLoopback {
        /// The configured relay.
        host: String,
    },
    /// A time-out that is none.
    #[error("[mail] timeout_seconds must be 1 to 600, found {found}")]
    Timeout {
        /// The configured value.
        found: u16,
    },
    /// A file that cannot be read.
    #[error("[mail] {field} = {path:?} cannot be read")]
    Unreadable {
        /// The setting that names the file.
        field: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

/// A password, never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// The password in clear, for the relay only.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(hidden)")
    }
}

impl Mail {
    /// Whether the section can be acted upon as it stands; reads no file.
    ///
    /// # Errors
    /// [`NotUsable`] names the first missing or contradictory setting.
    pub fn check(&self) -> Result<(), NotUsable> {
        if self.way == Way::None {
            return Ok(());
        }
        need(!self.from.trim().is_empty(), "from", "to send mail at all")?;
        if self.way == Way::Folder {
            return need(self.folder.is_some(), "folder", "by way = \"folder\"");
        }
        need(!self.host.trim().is_empty(), "host", "by way = \"smtp\"")?;
        need(
            self.username.is_none() || self.password_file.is_some(),
            "password_file",
            "by username",
        )?;
        need(
            self.password_file.is_none() || self.username.is_some(),
            "username",
            "by password_file",
        )?;
        if self.tls == Tls::NoneLoopbackOnly && !is_loopback(&self.host) {
            return Err(NotUsable::PlainTextBeyondLoopback {
                host: self.host.clone(),
            });
        }
        if !(1..=600).contains(&self.timeout_seconds) {
            return Err(NotUsable::Timeout {
                found: self.timeout_seconds,
            });
        }
        Ok(())
    }

    /// The port of the relay: the configured one, or the usual one of the encryption.
    #[must_use]
    pub fn relay_port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            Tls::Required => 465,
            Tls::Starttls => 587,
            Tls::NoneLoopbackOnly => 25,
        })
    }

    /// The account and its password, read from [`Mail::password_file`]; `None` without an account.
    ///
    /// # Errors
    /// [`NotUsable::Missing`] or [`NotUsable::Unreadable`].
    pub fn login(&self) -> Result<Option<(&str, Password)>, NotUsable> {
        let Some(name) = self.username.as_deref() else {
            return Ok(None);
        };
        let path = self.password_file.as_deref();
        let path = path.ok_or(NotUsable::Missing {
            field: "password_file",
            because: "by username",
        })?;
        let text = secret::read_text(path).map_err(unreadable("password_file", path))?;
        Ok(Some((name, Password(text))))
    }

    /// The PEM text of [`Mail::ca_file`]; `None` when the system's roots are trusted.
    ///
    /// # Errors
    /// [`NotUsable::Unreadable`].
    pub fn trusted_pem(&self) -> Result<Option<Vec<u8>>, NotUsable> {
        let Some(path) = self.ca_file.as_deref() else {
            return Ok(None);
        };
        std::fs::read(path)
            .map(Some)
            .map_err(unreadable("ca_file", path))
    }
}

fn need(given: bool, field: &'static str, because: &'static str) -> Result<(), NotUsable> {
    if given {
        Ok(())
    } else {
        Err(NotUsable::Missing { field, because })
    }
}

fn unreadable(field: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> NotUsable {
    move |source| NotUsable::Unreadable {
        field,
        path: path.to_owned(),
        source,
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Mail, toml::de::Error> {
        toml::from_str(text)
    }

    #[test]
    fn an_empty_section_sends_nothing_and_would_encrypt() {
        let mail = read("").unwrap();
        assert_eq!((mail.way, mail.tls), (Way::None, Tls::Starttls));
        assert_eq!(mail.relay_port(), 587);
        mail.check().unwrap();
    }

    #[test]
    fn refuses_unknown_fields_and_words() {
        assert!(
            read("hots = \"x\"")
                .unwrap_err()
                .to_string()
                .contains("hots")
        );
        assert!(read("tls = \"none\"").is_err());
        assert!(read("way = \"pigeon\"").is_err());
    }

    #[test]
    fn plain_text_goes_to_this_machine_only() {
        let to = |host: &str| {
            let text = "from = \"a@b.vn\"\nway = \"smtp\"\ntls = \"none-loopback-only\"";
            Mail {
                host: host.to_owned(),
                ..read(text).unwrap()
            }
            .check()
        };
        for host in ["localhost", "127.0.0.1", "127.9.9.9", "::1"] {
            to(host).unwrap();
        }
        for host in [
            "mail.gov.vn",
            "10.0.0.1",
            "127.0.0.1.evil.vn",
            "0.0.0.0",
            "localhost.evil.vn",
        ] {
            assert!(
                matches!(to(host), Err(NotUsable::PlainTextBeyondLoopback { .. })),
                "{host}"
            );
        }
    }

    #[test]
    fn names_what_is_missing() {
        let missing = |text: &str| match read(text).unwrap().check() {
            Err(NotUsable::Missing { field, .. }) => field,
            other => panic!("{other:?}"),
        };
        assert_eq!(missing("way = \"smtp\""), "from");
        assert_eq!(missing("way = \"smtp\"\nfrom = \"a@b.vn\""), "host");
        assert_eq!(missing("way = \"folder\"\nfrom = \"a@b.vn\""), "folder");
        let relay = "way = \"smtp\"\nfrom = \"a@b.vn\"\nhost = \"mail.vn\"\n";
        assert_eq!(
            missing(&format!("{relay}username = \"u\"")),
            "password_file"
        );
        assert_eq!(
            missing(&format!("{relay}password_file = \"p\"")),
            "username"
        );
        let timeout = read(&format!("{relay}timeout_seconds = 0"))
            .unwrap()
            .check();
        assert!(matches!(timeout, Err(NotUsable::Timeout { found: 0 })));
    }

    #[test]
    fn a_password_is_read_without_its_line_end_and_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        std::fs::write(&path, "mật khẩu \r\n").unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o400);
        std::fs::set_permissions(&path, mode).unwrap();
        let mut mail = Mail {
            username: Some("u".to_owned()),
            ..Mail::default()
        };
        mail.password_file = Some(path);
        let (name, password) = mail.login().unwrap().unwrap();
        assert_eq!((name, password.reveal()), ("u", "mật khẩu "));
        assert!(!format!("{password:?}").contains("mật"));
        mail.password_file = Some(folder.path().join("absent"));
        assert!(mail.login().unwrap_err().to_string().contains("absent"));
    }
}
