//! Asking an authority for a time stamp: the request, and what in its answer may be believed before
//! the token is judged. Source: RFC 3161, 2.4.

use super::timestamp::Token;
use super::{Error, oids};
use crate::pki;
use crate::pki::algorithm::DigestAlgorithm;
use crate::pki::der::{self, Reader, encode};

/// The largest answer read, in bytes; a token with a long chain has about ten thousand.
pub const MAX_TIMESTAMP_ANSWER_BYTES: usize = 64 * 1024;

const WHAT: &str = "time-stamp response";

/// A request for a time stamp over a digest. The authority's certificate is always asked for.
#[derive(Debug, Clone)]
pub struct TimestampRequest {
    digest: DigestAlgorithm,
    imprint: Vec<u8>,
    /// The value of a positive `INTEGER`.
    nonce: Vec<u8>,
    der: Vec<u8>,
}

/// Why an answer holds no token for the request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unstamped {
    /// The authority did not stamp.
    #[error("the time stamping authority refused with status {status}: {text}")]
    Refused {
        /// `PKIStatus`, 2 to 5.
        status: u32,
        /// What it says: its own words, then the names of the failures.
        text: String,
    },
    /// The answer is not one, or is too large.
    #[error("the answer is no time-stamp response: {0}")]
    Malformed(#[from] pki::Error),
    /// The token in the answer cannot be read.
    #[error("the token cannot be read: {0}")]
    Token(#[from] Error),
    /// The token is over something else.
    #[error("the token is over another digest than the one sent")]
    OtherImprint,
    /// The token answers another request.
    #[error("the token does not answer this request: its nonce is another one or missing")]
    OtherNonce,
    /// The token came without the certificate asked for, so nobody could judge it later.
    #[error("the token does not carry the certificate of the authority")]
    NoCertificate,
}

impl Unstamped {
    /// A stable code for messages.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "TSA_REFUSED",
            Self::Malformed(_) => "TSA_ANSWER_MALFORMED",
            Self::Token(_) => "TSA_TOKEN_UNREADABLE",
            Self::OtherImprint => "TSA_OTHER_IMPRINT",
            Self::OtherNonce => "TSA_OTHER_NONCE",
            Self::NoCertificate => "TSA_WITHOUT_CERTIFICATE",
        }
    }
}

impl TimestampRequest {
    /// A request over `imprint`, a digest with `digest`. `nonce` must be fresh random bytes, at
    /// least eight.
    #[must_use]
    pub fn new(digest: DigestAlgorithm, imprint: &[u8], nonce: &[u8]) -> Self {
        let nonce = positive(nonce);
        let imprint_der = encode(
            der::SEQUENCE,
            &[&digest.to_der(), &encode(der::OCTET_STRING, &[imprint])],
        );
        let der = encode(
            der::SEQUENCE,
            &[
                &encode(der::INTEGER, &[&[1]]),
                &imprint_der,
                &encode(der::INTEGER, &[&nonce]),
                &encode(der::BOOLEAN, &[&[0xff]]),
            ],
        );
        Self {
            digest,
            imprint: imprint.to_vec(),
            nonce,
            der,
        }
    }

    /// The `TimeStampReq` in DER: the body of the question.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The token in `answer`, a `TimeStampResp` in DER, once it is shown to answer this request.
    /// Who signed it and whether that one is believed is not asked here.
    ///
    /// # Errors
    /// [`Unstamped`].
    pub fn accept(&self, answer: &[u8]) -> Result<Vec<u8>, Unstamped> {
        let token = token_of(answer)?;
        let read = Token::read(token)?;
        if read.imprint_digest() != self.digest || read.imprint() != self.imprint {
            return Err(Unstamped::OtherImprint);
        }
        if nonce(read.signed_data().content())?.as_deref() != Some(&self.nonce) {
            return Err(Unstamped::OtherNonce);
        }
        let signer = read.signed_data().signer(super::AttributeProfile::Cades);
        if signer == Err(Error::SignerNotFound) {
            return Err(Unstamped::NoCertificate);
        }
        signer?;
        Ok(token.to_vec())
    }
}

/// The bytes as the value of a positive `INTEGER` in its shortest form.
fn positive(bytes: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = bytes
        .iter()
        .copied()
        .skip_while(|byte| *byte == 0)
        .collect();
    match digits.first() {
        None => vec![1],
        Some(first) if first & 0x80 != 0 => [&[0], digits.as_slice()].concat(),
        Some(_) => digits,
    }
}

/// The `TimeStampToken` of a granted response.
fn token_of(answer: &[u8]) -> Result<&[u8], Unstamped> {
    if answer.len() > MAX_TIMESTAMP_ANSWER_BYTES {
        return Err(Unstamped::Malformed(pki::Error::TooLarge {
            what: "bytes of a time-stamp response",
            limit: MAX_TIMESTAMP_ANSWER_BYTES,
            found: answer.len(),
        }));
    }
    let mut response = der::only(WHAT, answer, der::SEQUENCE)?;
    let mut fields = response.enter(der::SEQUENCE)?;
    let status = fields.required(der::INTEGER)?.value;
    let status = der::small_integer(status).unwrap_or(u32::MAX);
    // granted, grantedWithMods
    if status > 1 {
        return Err(Unstamped::Refused {
            status,
            text: reason(fields),
        });
    }
    let token = response.required(der::SEQUENCE)?.raw;
    response.finish()?;
    Ok(token)
}

/// What a refusal says, at most 500 characters, nothing unprintable.
fn reason(mut fields: Reader<'_>) -> String {
    const FAILURES: [(usize, &str); 8] = [
        (0, "badAlg"),
        (2, "badRequest"),
        (5, "badDataFormat"),
        (14, "timeNotAvailable"),
        (15, "unacceptedPolicy"),
        (16, "unacceptedExtension"),
        (17, "addInfoNotAvailable"),
        (25, "systemFailure"),
    ];
    let mut said = Vec::new();
    if let Ok(Some(texts)) = fields.optional(der::SEQUENCE) {
        let mut texts = Reader::new(WHAT, texts.value);
        while let Ok(text) = texts.element() {
            said.push(String::from_utf8_lossy(text.value).into_owned());
        }
    }
    if let Ok(Some(bits)) = fields.optional(der::BIT_STRING) {
        let bits = bits.value.get(1..).unwrap_or_default();
        let is_set = |at: usize| {
            bits.get(at / 8)
                .is_some_and(|byte| byte & (0x80 >> (at % 8)) != 0)
        };
        let set = FAILURES.iter().filter(|(at, _)| is_set(*at));
        said.extend(set.map(|(_, name)| (*name).to_owned()));
    }
    let shown = |c: char| if c.is_control() { ' ' } else { c };
    said.join("; ").chars().map(shown).take(500).collect()
}

/// The nonce of a `TSTInfo` that was read before.
fn nonce(info: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    let mut fields = der::only(WHAT, info, der::SEQUENCE)?;
    for _ in 0..5 {
        fields.element()?;
    }
    fields.optional(der::SEQUENCE)?;
    fields.optional(der::BOOLEAN)?;
    let nonce = fields.optional(der::INTEGER)?;
    Ok(nonce.map(|nonce| nonce.value.to_vec()))
}

/// An unsigned attribute that holds `token`, as it stands in a `SignerInfo`.
pub(super) fn token_attribute(token: &[u8]) -> Vec<u8> {
    encode(
        der::SEQUENCE,
        &[
            &encode(der::OID, &[oids::TIME_STAMP_TOKEN]),
            &encode(der::SET, &[token]),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> TimestampRequest {
        TimestampRequest::new(
            DigestAlgorithm::Sha256,
            &[7; 32],
            &[0, 0x80, 1, 2, 3, 4, 5, 6],
        )
    }

    fn refusal(status: u8, text: &str, bits: &[u8]) -> Vec<u8> {
        let text = encode(der::SEQUENCE, &[&encode(0x0c, &[text.as_bytes()])]);
        let status = encode(der::INTEGER, &[&[status]]);
        let bits = encode(der::BIT_STRING, &[bits]);
        encode(
            der::SEQUENCE,
            &[&encode(der::SEQUENCE, &[&status, &text, &bits])],
        )
    }

    #[test]
    fn a_request_has_version_imprint_positive_nonce_and_asks_for_the_certificate() {
        let request = request();
        let mut fields = der::only(WHAT, request.der(), der::SEQUENCE).unwrap();
        assert_eq!(fields.required(der::INTEGER).unwrap().value, [1]);
        let mut imprint = fields.enter(der::SEQUENCE).unwrap();
        imprint.required(der::SEQUENCE).unwrap();
        assert_eq!(imprint.required(der::OCTET_STRING).unwrap().value, [7; 32]);
        let nonce = fields.required(der::INTEGER).unwrap().value;
        assert_eq!(nonce, [0, 0x80, 1, 2, 3, 4, 5, 6]);
        assert_eq!(fields.required(der::BOOLEAN).unwrap().value, [0xff]);
        fields.finish().unwrap();
    }

    #[test]
    fn a_nonce_never_becomes_negative_padded_or_empty() {
        assert_eq!(positive(&[0, 0, 1]), [1]);
        assert_eq!(positive(&[0xff]), [0, 0xff]);
        assert_eq!(positive(&[0, 0]), [1]);
    }

    #[test]
    fn a_refusal_is_told_in_the_words_of_the_authority() {
        let answer = refusal(2, "no\u{7}clock", &[1, 0, 2]);
        let Err(Unstamped::Refused { status, text }) = request().accept(&answer) else {
            panic!("accepted");
        };
        assert_eq!((status, text.as_str()), (2, "no clock; timeNotAvailable"));
    }

    #[test]
    fn an_answer_that_is_none_or_too_large_is_refused() {
        for answer in [&b"<html>"[..], &[], &[0x30, 0]] {
            assert_eq!(
                request().accept(answer).unwrap_err().code(),
                "TSA_ANSWER_MALFORMED"
            );
        }
        let large = vec![0x30; MAX_TIMESTAMP_ANSWER_BYTES + 1];
        assert_eq!(
            request().accept(&large).unwrap_err().code(),
            "TSA_ANSWER_MALFORMED"
        );
    }

    #[test]
    fn a_granted_status_without_a_readable_token_is_refused() {
        let status = encode(der::SEQUENCE, &[&encode(der::INTEGER, &[&[0]])]);
        let bare = encode(der::SEQUENCE, &[&status]);
        assert_eq!(
            request().accept(&bare).unwrap_err().code(),
            "TSA_ANSWER_MALFORMED"
        );
        let other = encode(der::SEQUENCE, &[&encode(der::NULL, &[])]);
        let odd = encode(der::SEQUENCE, &[&status, &other]);
        assert_eq!(
            request().accept(&odd).unwrap_err().code(),
            "TSA_TOKEN_UNREADABLE"
        );
    }
}
