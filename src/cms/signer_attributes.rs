//! The signed attributes of a received signature. Each type stands at most once; those that bind
//! the signature have exactly one value. Source: RFC 5652, 5.3 and 11; RFC 5035; RFC 6211.

use super::{Error, oids};
use crate::domain::clock::Timestamp;
use crate::pki::algorithm::{DigestAlgorithm, SignatureAlgorithm};
use crate::pki::certificate::Certificate;
use crate::pki::der::{self, Element, Reader};

/// The most attributes of one kind (signed, unsigned) and the most values of one.
const MAX_ATTRIBUTES: usize = 64;

/// What the signed attributes say.
#[derive(Debug, Clone)]
pub(super) struct SignerAttributes {
    pub(super) content_type: Vec<u8>,
    pub(super) message_digest: Vec<u8>,
    pub(super) signing_time: Option<Timestamp>,
    pub(super) signing_time_present: bool,
    /// The first entry of signing-certificate-v2, then that of signing-certificate, if present.
    pub(super) certificate_ids: Vec<CertificateId>,
    pub(super) legacy_certificate_id: bool,
    pub(super) protection: Option<Vec<u8>>,
    /// The elements stand in the order DER demands.
    pub(super) sorted: bool,
}

/// An `ESSCertID` or `ESSCertIDv2`.
#[derive(Debug, Clone)]
pub(super) struct CertificateId {
    hash: CertificateHash,
    /// Issuer name and serial number.
    issuer_serial: Option<(Vec<u8>, Vec<u8>)>,
}

#[derive(Debug, Clone)]
enum CertificateHash {
    Sha1(Vec<u8>),
    Of(DigestAlgorithm, Vec<u8>),
}

impl CertificateId {
    /// Whether `certificate` is the one meant.
    pub(super) fn names(&self, certificate: &Certificate) -> bool {
        let hash = match &self.hash {
            CertificateHash::Sha1(hash) => hash == openssl::sha::sha1(certificate.der()).as_slice(),
            CertificateHash::Of(digest, hash) => *hash == digest.of(certificate.der()),
        };
        hash && self.issuer_serial.as_ref().is_none_or(|(issuer, serial)| {
            issuer == certificate.issuer_der() && serial == certificate.serial()
        })
    }
}

/// One attribute: type and values as received.
pub(super) struct Attribute<'a> {
    pub(super) oid: &'a [u8],
    pub(super) raw: &'a [u8],
    pub(super) values: Vec<Element<'a>>,
}

/// The elements of a `SET OF Attribute`.
pub(super) fn list(set: &[u8]) -> Result<Vec<Attribute<'_>>, Error> {
    let mut reader = Reader::new("attributes", set);
    let mut found = Vec::new();
    while !reader.is_empty() {
        check_count("attributes", found.len() + 1)?;
        let raw = reader.rest();
        let mut fields = reader.enter(der::SEQUENCE)?;
        let raw = raw
            .get(..raw.len() - reader.rest().len())
            .unwrap_or_default();
        let oid = fields.required(der::OID)?.value;
        let mut set = fields.enter(der::SET)?;
        fields.finish()?;
        let mut values = Vec::new();
        while !set.is_empty() {
            check_count("values of an attribute", values.len() + 1)?;
            values.push(set.element()?);
        }
        found.push(Attribute { oid, raw, values });
    }
    Ok(found)
}

/// Reads the signed attributes: `set` is the contents of the set.
pub(super) fn read(set: &[u8]) -> Result<SignerAttributes, Error> {
    let list = list(set)?;
    for (position, attribute) in list.iter().enumerate() {
        if list
            .iter()
            .take(position)
            .any(|earlier| earlier.oid == attribute.oid)
        {
            return Err(Error::AttributeTwice {
                oid: der::dotted(attribute.oid),
            });
        }
    }
    let sorted = list
        .iter()
        .zip(list.iter().skip(1))
        .all(|(one, next)| one.raw <= next.raw);
    let content_type = required(&list, oids::CONTENT_TYPE, "contentType")?;
    let message_digest = required(&list, oids::MESSAGE_DIGEST, "messageDigest")?;
    let signing_time = single(&list, oids::SIGNING_TIME, "signingTime")?;
    let protection = single(&list, oids::ALGORITHM_PROTECTION, "CMSAlgorithmProtection")?;
    let newer = named_certificate(&list, oids::SIGNING_CERTIFICATE_V2)?;
    let newer = newer
        .map(|value| certificate_id(value, id_v2))
        .transpose()?;
    let older = named_certificate(&list, oids::SIGNING_CERTIFICATE)?;
    let older = older
        .map(|value| certificate_id(value, id_v1))
        .transpose()?;
    let wrong = Error::AttributeMalformed {
        name: "signingTime",
    };
    let read_time = signing_time.map(|value| der::time(&value).ok_or(wrong));
    let read_time = read_time.transpose()?;
    Ok(SignerAttributes {
        content_type: typed(content_type, der::OID, "contentType")?.to_vec(),
        message_digest: typed(message_digest, der::OCTET_STRING, "messageDigest")?.to_vec(),
        signing_time: read_time,
        signing_time_present: signing_time.is_some(),
        legacy_certificate_id: newer.is_none() && older.is_some(),
        certificate_ids: newer.into_iter().chain(older).collect(),
        protection: protection.map(|value| value.raw.to_vec()),
        sorted,
    })
}

/// Whether the protected algorithms (a `CMSAlgorithmProtection` element) are those in use.
pub(super) fn protects(
    protection: &[u8],
    digest: DigestAlgorithm,
    algorithm: &SignatureAlgorithm,
) -> Result<bool, Error> {
    let mut fields = der::only("CMSAlgorithmProtection", protection, der::SEQUENCE)?;
    let protected_digest = DigestAlgorithm::read(fields.required(der::SEQUENCE)?.raw)?;
    let protected = fields.required(der::context(1))?;
    fields.finish()?;
    let identifier = der::encode(der::SEQUENCE, &[protected.value]);
    let protected = SignatureAlgorithm::read_in_cms(&identifier, protected_digest)?;
    Ok(protected_digest == digest && protected == *algorithm)
}

const fn check_count(what: &'static str, found: usize) -> Result<(), Error> {
    if found <= MAX_ATTRIBUTES {
        return Ok(());
    }
    Err(Error::Der(crate::pki::Error::TooLarge {
        what,
        limit: MAX_ATTRIBUTES,
        found,
    }))
}

fn single<'a>(
    list: &[Attribute<'a>],
    oid: &[u8],
    name: &'static str,
) -> Result<Option<Element<'a>>, Error> {
    match list
        .iter()
        .find(|attribute| attribute.oid == oid)
        .map(|found| found.values.as_slice())
    {
        None => Ok(None),
        Some([value]) => Ok(Some(*value)),
        Some(values) => Err(Error::AttributeValues {
            name: name.to_owned(),
            found: values.len(),
        }),
    }
}

fn required<'a>(
    list: &[Attribute<'a>],
    oid: &[u8],
    name: &'static str,
) -> Result<Element<'a>, Error> {
    single(list, oid, name)?.ok_or(Error::AttributeMissing { name })
}

fn typed<'a>(element: Element<'a>, tag: u8, name: &'static str) -> Result<&'a [u8], Error> {
    if element.tag == tag {
        Ok(element.value)
    } else {
        Err(Error::AttributeMalformed { name })
    }
}

fn named_certificate<'a>(list: &[Attribute<'a>], oid: &[u8]) -> Result<Option<Element<'a>>, Error> {
    single(list, oid, "signing-certificate").map_err(|fault| match fault {
        Error::AttributeValues { found, .. } => Error::SigningCertificateValues { found },
        other => other,
    })
}

type ReadHash = fn(&mut Reader<'_>) -> Result<CertificateHash, Error>;

/// The first entry; further ones say nothing about the signer (RFC 5035, 3).
fn certificate_id(value: Element<'_>, read_hash: ReadHash) -> Result<CertificateId, Error> {
    let mut list = der::only("signing-certificate", value.raw, der::SEQUENCE)?;
    let mut id = list.enter(der::SEQUENCE)?.enter(der::SEQUENCE)?;
    let hash = read_hash(&mut id)?;
    let issuer_serial = match id.is_empty() {
        true => None,
        false => Some(issuer_serial(id.enter(der::SEQUENCE)?)?),
    };
    id.finish()?;
    Ok(CertificateId {
        hash,
        issuer_serial,
    })
}

fn id_v1(id: &mut Reader<'_>) -> Result<CertificateHash, Error> {
    Ok(CertificateHash::Sha1(
        id.required(der::OCTET_STRING)?.value.to_vec(),
    ))
}

fn id_v2(id: &mut Reader<'_>) -> Result<CertificateHash, Error> {
    let digest = match id.optional(der::SEQUENCE)? {
        Some(algorithm) => DigestAlgorithm::read(algorithm.raw)?,
        None => DigestAlgorithm::Sha256,
    };
    Ok(CertificateHash::Of(
        digest,
        id.required(der::OCTET_STRING)?.value.to_vec(),
    ))
}

fn issuer_serial(mut fields: Reader<'_>) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let mut names = fields.enter(der::SEQUENCE)?;
    let issuer = names.required(der::context(4))?.value.to_vec();
    names.finish()?;
    let serial = fields.required(der::INTEGER)?.value.to_vec();
    fields.finish()?;
    Ok((issuer, serial))
}
