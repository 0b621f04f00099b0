//! The content of a token. Source: RFC 3161, 2.4.2, `TSTInfo`.

use crate::cms::Error;
use crate::domain::clock::{SignedDuration, Timestamp};
use crate::pki::algorithm::DigestAlgorithm;
use crate::pki::der::{self, Element, Reader};

const WHAT: &str = "TSTInfo";

/// What the authority states.
#[derive(Debug, Clone)]
pub(super) struct TstInfo {
    /// Dotted.
    pub(super) policy: String,
    pub(super) imprint_digest: DigestAlgorithm,
    pub(super) imprint: Vec<u8>,
    pub(super) serial_hex: String,
    pub(super) time: Timestamp,
    pub(super) accuracy: SignedDuration,
    pub(super) ordering: bool,
    /// The `GeneralName` of the authority as received.
    pub(super) authority: Option<Vec<u8>>,
}

/// Reads a `TSTInfo`: strict DER, nothing after it.
pub(super) fn read(bytes: &[u8]) -> Result<TstInfo, Error> {
    der::check(WHAT, bytes)?;
    let mut fields = der::only(WHAT, bytes, der::SEQUENCE)?;
    let version = fields.required(der::INTEGER)?.value;
    if version != [1] {
        let found = hex::encode(version);
        return Err(Error::Version { found });
    }
    let policy = der::dotted(fields.required(der::OID)?.value);
    let (imprint_digest, imprint) = imprint(fields.enter(der::SEQUENCE)?)?;
    let serial_hex = hex::encode(fields.required(der::INTEGER)?.value);
    let time = time(&fields.required(der::GENERALIZED_TIME)?).ok_or(malformed("genTime"))?;
    let accuracy = match fields.optional(der::SEQUENCE)? {
        Some(element) => accuracy(element.value)?,
        None => SignedDuration::ZERO,
    };
    let ordering = match fields.optional(der::BOOLEAN)?.map(|flag| flag.value) {
        None => false,
        Some([0xff]) => true,
        Some(_) => return Err(malformed("ordering")),
    };
    // The nonce answers a request; whoever judges a token made none.
    fields.optional(der::INTEGER)?;
    let authority = fields.optional(der::context(0))?;
    let authority = authority.map(|name| name.value.to_vec());
    if let Some(extensions) = fields.optional(der::context(1))? {
        refuse_critical(extensions.value)?;
    }
    fields.finish()?;
    Ok(TstInfo {
        policy,
        imprint_digest,
        imprint,
        serial_hex,
        time,
        accuracy,
        ordering,
        authority,
    })
}

const fn malformed(name: &'static str) -> Error {
    Error::TokenMalformed { name }
}

fn imprint(mut fields: Reader<'_>) -> Result<(DigestAlgorithm, Vec<u8>), Error> {
    let digest = DigestAlgorithm::read(fields.required(der::SEQUENCE)?.raw)?;
    let imprint = fields.required(der::OCTET_STRING)?.value.to_vec();
    fields.finish()?;
    if imprint.len() != usize::from(digest.size_bytes()) {
        return Err(malformed("messageImprint"));
    }
    Ok((digest, imprint))
}

/// `YYYYMMDDhhmmss[.f…]Z`, at most nanoseconds.
fn time(element: &Element<'_>) -> Option<Timestamp> {
    let text = std::str::from_utf8(element.value).ok()?;
    let (whole, fraction) = match text.split_once('.') {
        None => (text.to_owned(), ""),
        Some((whole, fraction)) => (format!("{whole}Z"), fraction.strip_suffix('Z')?),
    };
    let whole = Element {
        value: whole.as_bytes(),
        ..*element
    };
    let instant = der::time(&whole)?;
    if fraction.is_empty() {
        return (!text.contains('.')).then_some(instant);
    }
    let digits = fraction.len() <= 9 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let nanoseconds: i64 = digits.then(|| format!("{fraction:0<9}").parse().ok())??;
    let part = SignedDuration::from_nanos(nanoseconds);
    instant.checked_add(part).ok()
}

/// The contents of `Accuracy`: seconds, milliseconds, microseconds.
fn accuracy(contents: &[u8]) -> Result<SignedDuration, Error> {
    let mut fields = Reader::new(WHAT, contents);
    let mut part = |tag, limit: u32| -> Result<i64, Error> {
        match fields.optional(tag)? {
            None => Ok(0),
            Some(element) => der::small_integer(element.value)
                .filter(|number| *number <= limit)
                .map(i64::from)
                .ok_or(malformed("accuracy")),
        }
    };
    let seconds = part(der::INTEGER, u32::MAX)?;
    let millis = part(der::context_primitive(0), 999)?;
    let micros = part(der::context_primitive(1), 999)?;
    fields.finish()?;
    let rest = SignedDuration::from_micros(millis.saturating_mul(1000).saturating_add(micros));
    Ok(SignedDuration::from_secs(seconds).saturating_add(rest))
}

/// No extension is processed here, so none may be critical.
fn refuse_critical(contents: &[u8]) -> Result<(), Error> {
    let mut list = Reader::new(WHAT, contents);
    while !list.is_empty() {
        let mut extension = list.enter(der::SEQUENCE)?;
        extension.required(der::OID)?;
        if extension.optional(der::BOOLEAN)?.is_some() {
            return Err(malformed("extensions"));
        }
        extension.required(der::OCTET_STRING)?;
        extension.finish()?;
    }
    Ok(())
}
