//! SHA-256 as a type. Blobs, receipts and certificates are named by it.

use std::fmt;
use std::str::FromStr;

/// The SHA-256 of some bytes; shown and parsed as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256([u8; 32]);

/// The upper-case hexadecimal SHA-1 of `bytes`. Only a name that formats of others prescribe (such
/// as `/VRI` of PDF): it proves nothing.
#[must_use]
pub fn sha1_name(bytes: &[u8]) -> String {
    hex::encode_upper(openssl::sha::sha1(bytes))
}

/// Text that is not 64 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected 64 hex digits of a SHA-256, found {found:?}")]
pub struct NotADigest {
    /// What was found instead.
    pub found: String,
}

impl Sha256 {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut stream = Sha256Stream::default();
        stream.update(bytes);
        stream.finish()
    }

    /// A digest computed elsewhere.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256({self})")
    }
}

impl FromStr for Sha256 {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let mut bytes = [0; 32];
        let wrong = || NotADigest {
            found: text.chars().take(80).collect(),
        };
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(wrong());
        }
        hex::decode_to_slice(text, &mut bytes).or(Err(wrong()))?;
        Ok(Self(bytes))
    }
}

/// Hashes bytes as they pass by.
#[derive(Default, Clone)]
pub struct Sha256Stream(openssl::sha::Sha256);

impl Sha256Stream {
    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The digest of all pieces in order.
    #[must_use]
    pub fn finish(self) -> Sha256 {
        Sha256(self.0.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_is_lower_case_hex_and_parses_back() {
        let digest = Sha256::of(b"abc");
        let text = digest.to_string();
        assert_eq!(
            text,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(text.parse::<Sha256>().unwrap(), digest);
        assert!(text.to_uppercase().parse::<Sha256>().is_err());
        assert!("../../etc/passwd".parse::<Sha256>().is_err());
    }

    #[test]
    fn streaming_gives_the_same_digest() {
        let mut stream = Sha256Stream::default();
        stream.update(b"a");
        stream.update(b"bc");
        assert_eq!(stream.finish(), Sha256::of(b"abc"));
    }
}
