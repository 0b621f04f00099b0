//! Certificate revocation lists: read once, serial numbers indexed, so that asking is cheap however
//! long the list. Lists that say only what changed, or speak for other issuers or some reasons, are
//! read but never relied on to say that something is good. Source: RFC 5280, 5.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::Error;
use super::algorithm::{AlgorithmRefusal, SignatureAlgorithm};
use super::certificate::{Certificate, bits};
use super::der::{self, Reader};
use super::extensions::{GeneralName, point_names, same_name};
use super::name::{self, Canonical};
use crate::domain::clock::Timestamp;
use crate::domain::digest::Sha256;

/// The largest list read.
pub const MAX_CRL_BYTES: usize = 20 * 1024 * 1024;

/// A certificate revocation list.
#[derive(Clone)]
pub struct Crl(Arc<Inner>);

struct Inner {
    der: Vec<u8>,
    sha256: Sha256,
    tbs: Range<usize>,
    issuer: Range<usize>,
    issuer_canonical: Canonical,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
    algorithm: Result<SignatureAlgorithm, AlgorithmRefusal>,
    signature: Range<usize>,
    /// Sorted by serial number.
    entries: Vec<Entry>,
    unusable: Option<&'static str>,
    scope: Scope,
    /// Certificates that expired at or after this are kept in the list.
    keeps_expired_since: Option<Timestamp>,
    verified: OnceLock<(Sha256, bool)>,
}

/// What a list limits itself to.
#[derive(Default)]
struct Scope {
    /// Places of issue; empty: all of its issuer.
    points: Vec<GeneralName>,
    only_users: bool,
    only_authorities: bool,
}

/// What the extensions of a list say.
#[derive(Default)]
struct ListExtensions {
    unusable: Option<&'static str>,
    scope: Scope,
    keeps_expired_since: Option<Timestamp>,
}

/// Where an entry and its serial number stand in the list.
struct Entry {
    serial: Range<usize>,
    whole: Range<usize>,
}

/// Why a certificate is not good, as its issuer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revocation {
    /// Since when.
    pub at: Timestamp,
    /// The `CRLReason`, 0 if none is given. Source: RFC 5280, 5.3.1.
    pub reason: u8,
}

impl Revocation {
    /// certificateHold: it may become good again.
    #[must_use]
    pub const fn is_hold(&self) -> bool {
        self.reason == 6
    }

    /// removeFromCRL: a change list takes a hold back.
    #[must_use]
    pub const fn is_release(&self) -> bool {
        self.reason == 8
    }

    /// The name of the reason in the standard.
    #[must_use]
    pub const fn reason_name(&self) -> &'static str {
        match self.reason {
            1 => "keyCompromise",
            2 => "cACompromise",
            3 => "affiliationChanged",
            4 => "superseded",
            5 => "cessationOfOperation",
            6 => "certificateHold",
            8 => "removeFromCRL",
            9 => "privilegeWithdrawn",
            10 => "aACompromise",
            _ => "unspecified",
        }
    }
}

const CRL_NUMBER: &[u8] = &[0x55, 0x1d, 20];
const DELTA_INDICATOR: &[u8] = &[0x55, 0x1d, 27];
const ISSUING_DISTRIBUTION_POINT: &[u8] = &[0x55, 0x1d, 28];
const EXPIRED_CERTS: &[u8] = &[0x55, 0x1d, 60];
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 35];
const REASON: &[u8] = &[0x55, 0x1d, 21];
const CERTIFICATE_ISSUER: &[u8] = &[0x55, 0x1d, 29];
const INVALIDITY_DATE: &[u8] = &[0x55, 0x1d, 24];
const WHAT: &str = "CRL";

impl Crl {
    /// Reads one list: strict DER, nothing after it.
    ///
    /// # Errors
    /// [`Error`] if the bytes are anything else, or more than [`MAX_CRL_BYTES`].
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        if der.len() > MAX_CRL_BYTES {
            let found = der.len();
            return Err(Error::TooLarge {
                what: "bytes of a CRL",
                limit: MAX_CRL_BYTES,
                found,
            });
        }
        let mut outer = der::only(WHAT, der, der::SEQUENCE)?;
        let tbs = outer.required(der::SEQUENCE)?;
        let algorithm = outer.required(der::SEQUENCE)?;
        let signature = bits(&outer.required(der::BIT_STRING)?)?;
        outer.finish()?;
        let position = Position(der);
        let mut fields = Reader::new(WHAT, tbs.value);
        let version = fields.optional(der::INTEGER)?;
        let inner_algorithm = fields.required(der::SEQUENCE)?;
        let issuer = fields.required(der::SEQUENCE)?;
        let this_update = instant(&mut fields)?;
        let next_update = match fields.peek() {
            Some(der::UTC_TIME | der::GENERALIZED_TIME) => Some(instant(&mut fields)?),
            _ => None,
        };
        let mut unusable = None;
        let mut said = ListExtensions::default();
        let revoked = fields.optional(der::SEQUENCE)?;
        let entries = revoked.map(|list| entries(list.value, &position, &mut unusable));
        let extensions = fields.optional(der::context(0))?;
        fields.finish()?;
        if let Some(extensions) = extensions {
            said = list_extensions(extensions.value)?;
            unusable = unusable.or(said.unusable);
            check_version(version.map(|element| element.value), &mut unusable);
        }
        if inner_algorithm.raw != algorithm.raw {
            unusable = Some("ALGORITHM_MISMATCH");
        }
        Ok(Self(Arc::new(Inner {
            sha256: Sha256::of(der),
            tbs: position.of(tbs.raw),
            issuer: position.of(issuer.raw),
            issuer_canonical: name::canonical(issuer.raw)?,
            this_update,
            next_update,
            algorithm: SignatureAlgorithm::read(algorithm.raw),
            signature: position.of(signature),
            entries: entries.transpose()?.unwrap_or_default(),
            unusable,
            scope: said.scope,
            keeps_expired_since: said.keeps_expired_since,
            verified: OnceLock::new(),
            der: der.to_vec(),
        })))
    }

    /// The bytes it was read from.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// The SHA-256 of [`Self::der`].
    #[must_use]
    pub fn sha256(&self) -> Sha256 {
        self.0.sha256
    }

    /// The issuer `Name` as received.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        self.slice(&self.0.issuer)
    }

    /// The issuer as names are compared.
    pub(super) fn issuer_canonical(&self) -> &Canonical {
        &self.0.issuer_canonical
    }

    /// When it was issued.
    #[must_use]
    pub fn this_update(&self) -> Timestamp {
        self.0.this_update
    }

    /// By when the next one is issued.
    #[must_use]
    pub fn next_update(&self) -> Option<Timestamp> {
        self.0.next_update
    }

    /// How many certificates it names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.entries.len()
    }

    /// Whether it names none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.entries.is_empty()
    }

    /// How it was signed; `None` if that is refused.
    pub(super) fn algorithm(&self) -> Option<SignatureAlgorithm> {
        self.0.algorithm.as_ref().ok().copied()
    }

    /// Why this list is never relied on, whoever issued it; a stable code.
    #[must_use]
    pub fn unusable(&self) -> Option<&'static str> {
        match &self.0.algorithm {
            Ok(_) => self.0.unusable,
            Err(AlgorithmRefusal::Weak(_)) => Some("WEAK_ALGORITHM"),
            Err(_) => Some("UNSUPPORTED_ALGORITHM"),
        }
    }

    /// Whether the list speaks about `certificate` at all: it limits itself to nothing, or to the kind
    /// of certificate and a place of issue the certificate names too (RFC 5280, 6.3.3 b).
    #[must_use]
    pub fn covers(&self, certificate: &Certificate) -> bool {
        let scope = &self.0.scope;
        let kind = match certificate.is_ca() {
            true => !scope.only_users,
            false => !scope.only_authorities,
        };
        let names = &certificate.extensions().crl_point_names;
        let named = |point: &GeneralName| names.iter().any(|name| same_name(name, point));
        kind && (scope.points.is_empty() || scope.points.iter().any(named))
    }

    /// Since when the list keeps certificates that expired; `None`: it may leave them out.
    pub(super) fn keeps_expired_since(&self) -> Option<Timestamp> {
        self.0.keeps_expired_since
    }

    /// What the list says about `serial` (the value of a DER `INTEGER`); `None` if it is not named.
    /// Named twice, the entry that is no hold counts.
    #[must_use]
    pub fn revocation(&self, serial: &[u8]) -> Option<Revocation> {
        let entries = &self.0.entries;
        let first = entries.partition_point(|entry| self.slice(&entry.serial) < serial);
        let named = entries.iter().skip(first);
        let named = named.take_while(|entry| self.slice(&entry.serial) == serial);
        let said = named.map(|entry| read_entry(self.slice(&entry.whole)));
        // Entries were read once while indexing, so they read again.
        said.filter_map(|entry| entry.ok().map(|read| read.revocation))
            .min_by_key(Revocation::is_hold)
    }

    /// Whether `issuer`'s key signed this list. The answer for the first issuer asked about is kept.
    #[must_use]
    pub fn is_signed_by(&self, issuer: &Certificate) -> bool {
        let check = || {
            self.0.algorithm.as_ref().is_ok_and(|algorithm| {
                let (tbs, signature) = (self.slice(&self.0.tbs), self.slice(&self.0.signature));
                issuer
                    .verify_signature(algorithm, tbs, signature)
                    .unwrap_or(false)
            })
        };
        let (asked, answer) = self.0.verified.get_or_init(|| (issuer.sha256(), check()));
        if *asked == issuer.sha256() {
            *answer
        } else {
            check()
        }
    }

    fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.0.der.get(range.clone()).unwrap_or_default()
    }
}

impl fmt::Debug for Crl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crl({} entries, {})", self.len(), self.sha256())
    }
}

/// Turns a part of the list into where it stands.
struct Position<'a>(&'a [u8]);

impl Position<'_> {
    fn of(&self, part: &[u8]) -> Range<usize> {
        let start = part.as_ptr().addr().saturating_sub(self.0.as_ptr().addr());
        start..start + part.len()
    }
}

fn instant(fields: &mut Reader<'_>) -> Result<Timestamp, Error> {
    let element = fields.element()?;
    der::time(&element).ok_or_else(|| fields.fault("not a time as RFC 5280 writes it"))
}

fn check_version(version: Option<&[u8]>, unusable: &mut Option<&'static str>) {
    if version != Some(&[1]) {
        unusable.get_or_insert("VERSION");
    }
}

fn entries(
    list: &[u8],
    position: &Position<'_>,
    unusable: &mut Option<&'static str>,
) -> Result<Vec<Entry>, Error> {
    let mut reader = Reader::new(WHAT, list);
    let mut entries = Vec::new();
    let mut sorted = true;
    let mut last: &[u8] = &[];
    while !reader.is_empty() {
        let whole = reader.required(der::SEQUENCE)?.raw;
        let read = read_entry(whole)?;
        if let Some(fault) = read.unusable {
            unusable.get_or_insert(fault);
        }
        sorted &= last <= read.serial;
        last = read.serial;
        entries.push(Entry {
            serial: position.of(read.serial),
            whole: position.of(whole),
        });
    }
    if !sorted {
        let serial = |entry: &Entry| position.0.get(entry.serial.clone()).unwrap_or_default();
        entries.sort_unstable_by(|a, b| serial(a).cmp(serial(b)));
    }
    entries.shrink_to_fit();
    Ok(entries)
}

struct ReadEntry<'a> {
    serial: &'a [u8],
    revocation: Revocation,
    unusable: Option<&'static str>,
}

fn read_entry(whole: &[u8]) -> Result<ReadEntry<'_>, Error> {
    let mut fields = der::only(WHAT, whole, der::SEQUENCE)?;
    let serial = fields.required(der::INTEGER)?.value;
    let at = instant(&mut fields)?;
    let extensions = fields.optional(der::SEQUENCE)?;
    fields.finish()?;
    let mut revocation = Revocation { at, reason: 0 };
    let mut unusable = None;
    if let Some(extensions) = extensions {
        each_extension(extensions.value, &mut |oid, critical, value| match oid {
            REASON => {
                let reason = Reader::new(WHAT, value).required(der::ENUMERATED);
                revocation.reason = reason
                    .ok()
                    .and_then(|e| e.value.first().copied())
                    .unwrap_or(0);
            }
            INVALIDITY_DATE => {}
            // This entry and those after it are another issuer's, whatever their serial numbers.
            CERTIFICATE_ISSUER => unusable = Some("ENTRY_OF_ANOTHER_ISSUER"),
            _ if critical => unusable = Some("UNKNOWN_CRITICAL_ENTRY_EXTENSION"),
            _ => {}
        })?;
    }
    Ok(ReadEntry {
        serial,
        revocation,
        unusable,
    })
}

fn list_extensions(value: &[u8]) -> Result<ListExtensions, Error> {
    let mut said = ListExtensions::default();
    let list = der::only(WHAT, value, der::SEQUENCE)?;
    let mut seen: Vec<&[u8]> = Vec::new();
    each_extension(list.rest(), &mut |oid, critical, value| {
        if seen.contains(&oid) {
            said.unusable = Some("EXTENSION_TWICE");
        }
        seen.push(oid);
        match oid {
            CRL_NUMBER | AUTHORITY_KEY_ID => {}
            DELTA_INDICATOR => said.unusable = Some("DELTA_CRL"),
            EXPIRED_CERTS => said.keeps_expired_since = generalized(value),
            ISSUING_DISTRIBUTION_POINT => match scope(value) {
                Ok(found) => said.scope = found,
                Err(_) => said.unusable = said.unusable.or(Some(part(value))),
            },
            _ if critical => said.unusable = Some("UNKNOWN_CRITICAL_EXTENSION"),
            _ => {}
        }
    })?;
    Ok(said)
}

/// The instant of an extension that holds nothing but a `GeneralizedTime`.
pub(super) fn generalized(value: &[u8]) -> Option<Timestamp> {
    let mut outer = Reader::new(WHAT, value);
    let element = outer.required(der::GENERALIZED_TIME).ok()?;
    outer.finish().ok()?;
    der::time(&element)
}

/// What an issuingDistributionPoint limits a list to. Lists of some reasons, of other issuers or of
/// attribute certificates, and points named relative to an issuer are not read.
fn scope(value: &[u8]) -> Result<Scope, Error> {
    let mut fields = der::only(WHAT, value, der::SEQUENCE)?;
    let refused = fields.fault("the list covers a part that is not processed");
    let mut found = Scope::default();
    if let Some(name) = fields.optional(der::context(0))? {
        found.points = point_names(name.value)?.ok_or_else(|| refused.clone())?;
    }
    let mut is_set = |tag| -> Result<bool, Error> {
        let flag = fields.optional(der::context_primitive(tag))?;
        Ok(flag.is_some_and(|flag| flag.value != [0]))
    };
    found.only_users = is_set(1)?;
    found.only_authorities = is_set(2)?;
    fields.finish()?;
    Ok(found)
}

/// Why the part an issuingDistributionPoint limits a list to is not processed.
fn part(value: &[u8]) -> &'static str {
    let flagged = |number| {
        let mut fields = der::only(WHAT, value, der::SEQUENCE).ok()?;
        while !fields.is_empty() {
            let field = fields.element().ok()?;
            if field.tag == der::context_primitive(number) {
                return Some(field.value != [0]);
            }
        }
        None
    };
    match (flagged(4), flagged(3)) {
        (Some(true), _) => "INDIRECT_CRL",
        (_, Some(_)) => "SOME_REASONS_CRL",
        _ => "SCOPED_CRL",
    }
}

/// Calls `take` with object identifier, criticality and content of every `Extension`.
pub(super) fn each_extension<'a>(
    extensions: &'a [u8],
    take: &mut dyn FnMut(&'a [u8], bool, &'a [u8]),
) -> Result<(), Error> {
    let mut reader = Reader::new("extensions", extensions);
    while !reader.is_empty() {
        let mut fields = reader.enter(der::SEQUENCE)?;
        let oid = fields.required(der::OID)?.value;
        let critical = fields
            .optional(der::BOOLEAN)?
            .is_some_and(|flag| flag.value != [0]);
        let value = fields.required(der::OCTET_STRING)?.value;
        fields.finish()?;
        take(oid, critical, value);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
