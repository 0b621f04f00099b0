//! The address of a service, read so strictly that no two readers could take it for different hosts.
//! Source: RFC 3986, of which only the plainest form is accepted.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A place that can be asked over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Whether over TLS.
    tls: bool,
    /// Name or IP address, lower case; an IPv6 address without brackets.
    host: String,
    port: u16,
    /// Path and query, beginning with a slash.
    path: String,
}

/// Why an address is no place that could be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAPlace {
    /// Another scheme than `http` and `https`: files, directories, anything.
    #[error("only http and https are asked")]
    Scheme,
    /// A user name or password stands in it.
    #[error("a user name or password stands in it")]
    Login,
    /// The host is no plain name and no plain IP address.
    #[error("the host is no plain name or IP address")]
    Host,
    /// The port is no number from 1 to 65535.
    #[error("the port is no port")]
    Port,
    /// Characters that do not belong into a path.
    #[error("the path has characters that do not belong there")]
    Path,
}

/// Longest address read.
const MAX_BYTES: usize = 2_048;

impl Place {
    /// Reads an address.
    ///
    /// # Errors
    /// [`NotAPlace`].
    pub fn read(text: &str) -> Result<Self, NotAPlace> {
        if text.len() > MAX_BYTES {
            return Err(NotAPlace::Path);
        }
        let (scheme, rest) = text.split_once("://").ok_or(NotAPlace::Scheme)?;
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err(NotAPlace::Scheme),
        };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end).ok_or(NotAPlace::Host)?;
        if authority.contains('@') {
            return Err(NotAPlace::Login);
        }
        let (host, port) = host_and_port(authority)?;
        let default = if tls { 443 } else { 80 };
        Ok(Self {
            tls,
            host: plain_host(host)?,
            port: port.map_or(Ok(default), plain_port)?,
            path: plain_path(path)?,
        })
    }

    /// Name or IP address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The IP address, if the host is one.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// The same place under another name, and another port if `to` names one.
    ///
    /// # Errors
    /// [`NotAPlace`] when `to` is no plain name with a plain port.
    pub fn renamed(&self, to: &str) -> Result<Self, NotAPlace> {
        let (host, port) = host_and_port(to)?;
        Ok(Self {
            host: plain_host(host)?,
            port: port.map_or(Ok(self.port), plain_port)?,
            ..self.clone()
        })
    }

    /// The address in its plain form.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        let host = match self.address() {
            Some(IpAddr::V6(address)) => format!("[{address}]"),
            _ => self.host.clone(),
        };
        format!("{scheme}://{host}:{}{}", self.port, self.path)
    }
}

/// The host and what stands after its colon; an IPv6 address stands in brackets.
fn host_and_port(authority: &str) -> Result<(&str, Option<&str>), NotAPlace> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, after) = rest.split_once(']').ok_or(NotAPlace::Host)?;
        host.parse::<Ipv6Addr>().or(Err(NotAPlace::Host))?;
        return match after.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if after.is_empty() => Ok((host, None)),
            None => Err(NotAPlace::Host),
        };
    }
    match authority.split_once(':') {
        Some((host, port)) if !port.contains(':') => Ok((host, Some(port))),
        Some(_) => Err(NotAPlace::Host),
        None => Ok((authority, None)),
    }
}

/// A name of letters, digits, hyphens and points, or an IP address in its only common form. A last
/// part that some readers would take for a number (`127.1`, `2130706433`, `0x7f.1`) is refused.
pub(super) fn plain_host(host: &str) -> Result<String, NotAPlace> {
    let host = host.to_ascii_lowercase();
    if host.parse::<Ipv6Addr>().is_ok() || host.parse::<Ipv4Addr>().is_ok() {
        return Ok(host);
    }
    let name = host.strip_suffix('.').unwrap_or(&host);
    let plain = |label: &str| {
        let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(letters)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = name.rsplit('.').next().unwrap_or("");
    let numeric = last.starts_with(|c: char| c.is_ascii_digit());
    if name.len() > 253 || numeric || !name.split('.').all(plain) {
        return Err(NotAPlace::Host);
    }
    Ok(name.to_owned())
}

fn plain_port(port: &str) -> Result<u16, NotAPlace> {
    let digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    let port = digits.then(|| port.parse().ok()).flatten();
    port.filter(|port| *port > 0).ok_or(NotAPlace::Port)
}

fn plain_path(path: &str) -> Result<String, NotAPlace> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&b);
    if !path.bytes().all(plain) {
        return Err(NotAPlace::Path);
    }
    Ok(match path.starts_with('/') {
        true => path.to_owned(),
        false => format!("/{path}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_addresses_are_read() {
        let place = Place::read("HTTP://Crl.CA.gov.vn/a%20b.crl?x=1").unwrap();
        assert_eq!((place.host(), place.port()), ("crl.ca.gov.vn", 80));
        assert_eq!(place.url(), "http://crl.ca.gov.vn:80/a%20b.crl?x=1");
        assert_eq!(
            Place::read("https://[2001:4860::8888]:8443").unwrap().url(),
            "https://[2001:4860::8888]:8443/"
        );
    }

    #[test]
    fn other_schemes_are_refused() {
        for text in [
            "file:///etc/passwd",
            "ldap://ca.gov.vn/cn=x",
            "gopher://ca.gov.vn:70/",
            "ftp://a.b/c",
            "javascript:alert(1)",
            "//ca.gov.vn/x",
            "/etc/passwd",
            "",
        ] {
            assert_eq!(Place::read(text), Err(NotAPlace::Scheme), "{text}");
        }
    }

    #[test]
    fn a_host_that_could_be_read_as_another_is_refused() {
        for host in [
            "2130706433",
            "127.1",
            "0x7f.0.0.1",
            "0177.0.0.1",
            "127.0.0.0x1",
            "a_b.vn",
            "a..b",
            "",
            "ca.gov.vn%00.evil",
            "ca.gov.vn\\@evil",
            "cá.vn",
            "-a.vn",
            "::1",
            "[::1",
            "[127.0.0.1]",
            "a b",
        ] {
            let read = Place::read(&format!("http://{host}/"));
            assert!(
                matches!(read, Err(NotAPlace::Host | NotAPlace::Login)),
                "{host}: {read:?}"
            );
        }
        assert_eq!(
            Place::read("http://user:pw@ca.gov.vn/"),
            Err(NotAPlace::Login)
        );
    }

    #[test]
    fn ports_and_paths_are_plain() {
        for port in ["", "0", "65536", "-1", "+80", "8 0"] {
            assert_eq!(
                Place::read(&format!("http://a.vn:{port}/")),
                Err(NotAPlace::Port),
                "{port}"
            );
        }
        for path in ["/a b", "/a\r\nHost: b", "/a#b", "/<", "/\\"] {
            assert_eq!(
                Place::read(&format!("http://a.vn{path}")),
                Err(NotAPlace::Path),
                "{path}"
            );
        }
    }
}
