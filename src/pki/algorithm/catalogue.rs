//! Until when each algorithm is relied on: a table with dates, as data. The built-in one is
//! `assets/algorithms.json`; an operator may load another of the same schema:
//!
//! `schema` is `lienthong-algorithms/1` and `name` says whose table it is. `digests` and `curves` are
//! lists of `{name, until?}`. `schemes` is a list of `{name, keys}` with `keys` a list of
//! `{from_bits, until?}`: a row is about keys of at least so many bits, up to the next row. `until` is
//! the first day (UTC) on which the algorithm is no longer relied on; left out: no end is known. What
//! is not listed is not relied on. Source: ETSI TS 119 312 v1.5.1, tables of clauses 5 to 9.

use std::sync::OnceLock;

use serde::Deserialize;

use super::{DigestAlgorithm, SignatureAlgorithm, SignatureScheme};
use crate::domain::clock::Timestamp;
use crate::domain::digest::Sha256;
use crate::pki::Error;
use crate::pki::certificate::KeyFacts;

const SCHEMA: &str = "lienthong-algorithms/1";
const BUILT_IN: &[u8] = include_bytes!("../../../assets/algorithms.json");

/// The largest table read, in bytes.
pub const MAX_CATALOGUE_BYTES: usize = 64 * 1024;

/// How a signature was made: everything the table has a date for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// How the digest became a signature.
    pub scheme: SignatureScheme,
    /// The digest.
    pub digest: DigestAlgorithm,
    /// Bits of the RSA modulus or of the curve.
    pub key_bits: u32,
    /// The curve, as the table names it, such as `P-256`; `None` for RSA.
    pub curve: Option<&'static str>,
}

impl Used {
    /// A signature with `algorithm` by a key with `facts`.
    #[must_use]
    pub const fn of(algorithm: &SignatureAlgorithm, facts: KeyFacts) -> Self {
        Self {
            scheme: algorithm.scheme(),
            digest: algorithm.digest(),
            key_bits: facts.bits,
            curve: facts.algorithm.curve(),
        }
    }

    /// For people: `RSA-PKCS1 2048, SHA-256`.
    #[must_use]
    pub fn describe(&self) -> String {
        format!("{} {}, {}", self.scheme.name(), self.key_bits, self.digest)
    }
}

/// What the table says about an algorithm at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Relied on; no end is known.
    Open,
    /// Relied on until this instant, which lies ahead.
    GoodUntil(Timestamp),
    /// No longer relied on since this instant.
    EndedAt(Timestamp),
    /// Not in the table: not relied on.
    Unknown,
}

impl Standing {
    /// Whether the algorithm may be relied on.
    #[must_use]
    pub const fn is_good(self) -> bool {
        matches!(self, Self::Open | Self::GoodUntil(_))
    }

    /// The end, past or ahead.
    #[must_use]
    pub const fn end(self) -> Option<Timestamp> {
        match self {
            Self::GoodUntil(end) | Self::EndedAt(end) => Some(end),
            Self::Open | Self::Unknown => None,
        }
    }
}

/// A dated table of algorithms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    table: Table,
    sha256: Sha256,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    schema: String,
    name: String,
    digests: Vec<Named>,
    schemes: Vec<Scheme>,
    curves: Vec<Named>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
    #[serde(default, deserialize_with = "day")]
    until: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scheme {
    name: String,
    keys: Vec<Keys>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    from_bits: u32,
    #[serde(default, deserialize_with = "day")]
    until: Option<Timestamp>,
}

impl Catalogue {
    /// The table this program comes with.
    #[must_use]
    pub fn built_in() -> &'static Self {
        static TABLE: OnceLock<Catalogue> = OnceLock::new();
        // A test reads it; were it unreadable, an empty table would rely on nothing.
        TABLE.get_or_init(|| Self::from_json(BUILT_IN).unwrap_or_else(|_| Self::empty()))
    }

    /// A table in JSON, of the schema described at the head of this file.
    ///
    /// # Errors
    /// [`Error`] if the bytes are anything else, too many, or name something twice.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        let what = "table of algorithms";
        if bytes.len() > MAX_CATALOGUE_BYTES {
            let (limit, found) = (MAX_CATALOGUE_BYTES, bytes.len());
            return Err(Error::TooLarge { what, limit, found });
        }
        let malformed = |fault: String| Error::Malformed { what, fault };
        let table: Table =
            serde_json::from_slice(bytes).map_err(|fault| malformed(fault.to_string()))?;
        if table.schema != SCHEMA {
            return Err(malformed(format!("its schema is not {SCHEMA}")));
        }
        if let Some(name) = table.named_twice() {
            return Err(malformed(format!("{name} stands twice")));
        }
        let sha256 = Sha256::of(bytes);
        Ok(Self { table, sha256 })
    }

    /// Whose table it is.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.table.name
    }

    /// The digest of the bytes it was read from.
    #[must_use]
    pub const fn sha256(&self) -> Sha256 {
        self.sha256
    }

    /// What the table says about `used` at `at`: the worst of what it says about digest, scheme with
    /// key size, and curve.
    #[must_use]
    pub fn judge(&self, used: &Used, at: Timestamp) -> Standing {
        let digest = named(&self.table.digests, used.digest.name());
        let curve = match used.curve {
            Some(curve) => named(&self.table.curves, curve),
            None => Some(None),
        };
        let (Some(digest), Some(curve), Some(key)) = (digest, curve, self.key(used)) else {
            return Standing::Unknown;
        };
        match [digest, curve, key].into_iter().flatten().min() {
            None => Standing::Open,
            Some(end) if at < end => Standing::GoodUntil(end),
            Some(end) => Standing::EndedAt(end),
        }
    }

    /// The end of the row for the scheme and key size; `None` without a row.
    fn key(&self, used: &Used) -> Option<Option<Timestamp>> {
        let name = used.scheme.name();
        let scheme = self.table.schemes.iter().find(|row| row.name == name)?;
        let rows = scheme.keys.iter();
        let fitting = rows.filter(|row| row.from_bits <= used.key_bits);
        Some(fitting.max_by_key(|row| row.from_bits)?.until)
    }

    fn empty() -> Self {
        Self {
            table: Table {
                schema: SCHEMA.to_owned(),
                name: String::new(),
                digests: Vec::new(),
                schemes: Vec::new(),
                curves: Vec::new(),
            },
            sha256: Sha256::of(b""),
        }
    }
}

impl Table {
    fn named_twice(&self) -> Option<String> {
        let digests = self.digests.iter().map(|row| row.name.clone());
        let curves = self.curves.iter().map(|row| format!("curve {}", row.name));
        let schemes = self.schemes.iter().flat_map(|row| {
            let sizes = row.keys.iter();
            let sizes = sizes.map(|size| format!("{} from {} bits", row.name, size.from_bits));
            std::iter::once(row.name.clone()).chain(sizes)
        });
        let mut seen = std::collections::BTreeSet::new();
        digests
            .chain(curves)
            .chain(schemes)
            .find(|name| !seen.insert(name.clone()))
    }
}

fn named(rows: &[Named], name: &str) -> Option<Option<Timestamp>> {
    let row = rows.iter().find(|row| row.name == name)?;
    Some(row.until)
}

fn day<'de, D: serde::Deserializer<'de>>(source: D) -> Result<Option<Timestamp>, D::Error> {
    let text = String::deserialize(source)?;
    let instant: Result<Timestamp, _> = format!("{text}T00:00:00Z").parse();
    let refuse = |_| serde::de::Error::custom(format!("{text} is not a day as 2029-01-01"));
    instant.map(Some).map_err(refuse)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: &str) -> Timestamp {
        format!("{day}T00:00:00Z").parse().unwrap()
    }

    fn judge(scheme: SignatureScheme, key_bits: u32, curve: Option<&'static str>) -> Standing {
        let used = Used {
            scheme,
            digest: DigestAlgorithm::Sha256,
            key_bits,
            curve,
        };
        Catalogue::built_in().judge(&used, at("2026-01-01"))
    }

    #[test]
    fn the_built_in_table_is_read() {
        assert_eq!(Catalogue::built_in().name(), "ETSI TS 119 312 v1.5.1");
    }

    #[test]
    fn rsa_with_the_old_padding_ends_in_2029_whatever_the_size() {
        let end = Standing::GoodUntil(at("2029-01-01"));
        for bits in [2048, 3072, 4096] {
            assert_eq!(judge(SignatureScheme::RsaPkcs1, bits, None), end);
        }
    }

    #[test]
    fn the_size_of_the_key_decides_for_pss() {
        let ahead = Standing::GoodUntil(at("2029-01-01"));
        let past = Standing::EndedAt(at("2019-10-01"));
        let judged = [512, 1024, 2048, 3072].map(|bits| judge(SignatureScheme::RsaPss, bits, None));
        assert_eq!(judged, [Standing::Unknown, past, ahead, Standing::Open]);
    }

    #[test]
    fn curves_count_by_name() {
        let judged = ["P-256", "brainpoolP256r1", "secp256k1"]
            .map(|curve| judge(SignatureScheme::Ecdsa, 256, Some(curve)));
        assert_eq!(judged, [Standing::Open, Standing::Open, Standing::Unknown]);
        let edwards = judge(SignatureScheme::Ed25519, 256, Some("Ed25519"));
        assert_eq!(edwards, Standing::Open);
    }

    #[test]
    fn an_end_counts_from_its_first_instant() {
        let used = Used {
            scheme: SignatureScheme::RsaPkcs1,
            digest: DigestAlgorithm::Sha256,
            key_bits: 2048,
            curve: None,
        };
        let end = at("2029-01-01");
        assert_eq!(
            Catalogue::built_in().judge(&used, end),
            Standing::EndedAt(end)
        );
    }

    #[test]
    fn an_operator_may_end_an_algorithm_earlier() {
        let own = br#"{"schema":"lienthong-algorithms/1","name":"own","curves":[],
            "digests":[{"name":"SHA-256","until":"2025-07-01"}],
            "schemes":[{"name":"RSA-PSS","keys":[{"from_bits":3072}]}]}"#;
        let own = Catalogue::from_json(own).unwrap();
        let used = Used {
            scheme: SignatureScheme::RsaPss,
            digest: DigestAlgorithm::Sha256,
            key_bits: 3072,
            curve: None,
        };
        let ended = Standing::EndedAt(at("2025-07-01"));
        assert_eq!(own.judge(&used, at("2026-01-01")), ended);
    }

    #[test]
    fn a_table_of_another_shape_is_refused() {
        let whole = r#"{"schema":"lienthong-algorithms/1","name":"n","digests":[],"schemes":[],"curves":[]}"#;
        assert!(Catalogue::from_json(whole.as_bytes()).is_ok());
        let changes = [
            ("algorithms/1", "algorithms/2"),
            ("\"curves\":[]", "\"curves\":[],\"more\":1"),
            (
                "\"digests\":[]",
                "\"digests\":[{\"name\":\"A\"},{\"name\":\"A\"}]",
            ),
            (
                "\"digests\":[]",
                "\"digests\":[{\"name\":\"A\",\"until\":\"soon\"}]",
            ),
        ];
        for (old, new) in changes {
            let changed = whole.replace(old, new);
            assert!(
                Catalogue::from_json(changed.as_bytes()).is_err(),
                "{changed}"
            );
        }
        let long = vec![b' '; MAX_CATALOGUE_BYTES + 1];
        assert!(Catalogue::from_json(&long).is_err());
    }
}
