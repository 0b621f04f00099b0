//! What a file is made of: its revisions, its signatures and what each of them covers, and the
//! validation data it carries. A description, never a verdict: nothing is checked but the form.

use serde::{Deserialize, Serialize};

use super::Error;
use crate::domain::digest::Sha256Stream;
use crate::pdf::{
    self, ByteSource, Document, Entry, FieldValue, Kind, Object, SignatureField, SubFilter, View,
};

/// Revisions, signatures and object numbers that are listed; all are counted.
const LISTED: usize = 500;
const NUMBERS: usize = 50;

/// The outline of one file; written as JSON it has the schema `lienthong.outline/1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// `lienthong.outline/1`
    pub schema: String,
    /// SHA-256 of the whole file, in hexadecimal.
    pub sha256: String,
    /// Its size.
    pub size_bytes: u64,
    /// Its pages.
    pub pages: usize,
    /// How many revisions it has.
    pub revisions_count: usize,
    /// The first 500 of them, oldest first.
    pub revisions: Vec<RevisionOutline>,
    /// How many signature fields hold a value, as the newest revision shows it.
    pub signatures_count: usize,
    /// The first 500 of them, in the order of the form.
    pub signatures: Vec<SignatureOutline>,
    /// Names of the signature fields that wait for a signature.
    pub empty_fields: Vec<String>,
    /// The validation data the file carries.
    pub security_store: Option<StoreOutline>,
    /// Bytes after the last revision that are not white space.
    pub trailing_bytes: u64,
}

/// One revision: what one act appended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionOutline {
    /// Counted from 1.
    pub number: usize,
    /// First byte.
    pub start: u64,
    /// The byte after its last.
    pub end: u64,
    /// Where its cross-reference section begins.
    pub xref_offset: u64,
    /// `table` or `stream`.
    pub xref: String,
    /// Objects it wrote.
    pub written: usize,
    /// Objects it gave up.
    pub freed: usize,
    /// The first 50 object numbers it wrote.
    pub objects: Vec<u32>,
}

/// One signature or document time stamp.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureOutline {
    /// Full name of its field.
    pub field: String,
    /// Object number of its field.
    pub object: u32,
    /// `signature` or `timestamp`; `null` when it cannot be read.
    pub kind: Option<String>,
    /// Its `/SubFilter`.
    pub sub_filter: Option<String>,
    /// The revision it covers to the end, counted from 1.
    pub revision: Option<usize>,
    /// The two stretches it covers: first byte and length of each.
    pub byte_range: Option<[u64; 4]>,
    /// Whether it covers the file to its last byte.
    pub covers_whole_document: bool,
    /// Bytes reserved for the signature.
    pub contents_bytes: Option<usize>,
    /// `/M`, `/Name`, `/Reason`, `/Location` as they stand: claims, proved by nothing.
    pub claims: Vec<(String, String)>,
    /// The stable code of what is wrong with its form, if anything is.
    pub fault: Option<String>,
}

/// What the document security store holds, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreOutline {
    /// Certificates.
    pub certificates: usize,
    /// Revocation lists.
    pub crls: usize,
    /// OCSP responses.
    pub ocsp_responses: usize,
    /// Signatures with an entry of their own (`/VRI`).
    pub entries: usize,
}

/// Describes a file.
///
/// # Errors
/// [`Error::Pdf`] when it is not a PDF, damaged or encrypted.
pub fn outline(source: &dyn ByteSource) -> Result<Outline, Error> {
    let document = Document::open(source)?;
    let view = document.latest();
    let fields = pdf::fields(&view)?;
    let (empty, held): (Vec<_>, Vec<_>) = fields
        .signatures
        .iter()
        .partition(|field| field.value == FieldValue::Empty);
    let mut digest = Sha256Stream::default();
    pdf::stream(source, 0, source.size(), &mut |piece| digest.update(piece))?;
    let revisions = document.revisions();
    Ok(Outline {
        schema: "lienthong.outline/1".to_owned(),
        sha256: digest.finish().to_string(),
        size_bytes: source.size(),
        pages: pdf::page_ids(&view)?.len(),
        revisions_count: revisions.len(),
        revisions: revisions
            .iter()
            .enumerate()
            .take(LISTED)
            .map(revision)
            .collect(),
        signatures_count: held.len(),
        signatures: held
            .into_iter()
            .take(LISTED)
            .map(|field| signature(&view, field))
            .collect(),
        empty_fields: empty
            .into_iter()
            .take(LISTED)
            .map(|field| field.name.clone())
            .collect(),
        security_store: security_store(&view)?,
        trailing_bytes: document.trailing_bytes(),
    })
}

fn revision((index, revision): (usize, &pdf::Revision)) -> RevisionOutline {
    let written = || {
        let entries = revision.entries();
        entries.filter(|(_, entry)| !matches!(entry, Entry::Free))
    };
    let kind = match revision.kind {
        Kind::Table => "table",
        Kind::Stream { .. } => "stream",
    };
    let count = written().count();
    RevisionOutline {
        number: index.saturating_add(1),
        start: revision.start,
        end: revision.end,
        xref_offset: revision.xref_offset,
        xref: kind.to_owned(),
        written: count,
        freed: revision.entries().count().saturating_sub(count),
        objects: written().map(|(number, _)| number).take(NUMBERS).collect(),
    }
}

fn signature(view: &View<'_, '_>, field: &SignatureField) -> SignatureOutline {
    let mut outline = SignatureOutline {
        field: field.name.clone(),
        object: field.id.number,
        kind: None,
        sub_filter: None,
        revision: None,
        byte_range: None,
        covers_whole_document: false,
        contents_bytes: None,
        claims: Vec::new(),
        fault: None,
    };
    let FieldValue::Signature(id) = field.value else {
        outline.fault = Some("SIGNATURE_DICTIONARY".to_owned());
        return outline;
    };
    match pdf::signature(view, id) {
        Ok(found) => {
            let (kind, sub_filter) = named(found.sub_filter);
            let second = found.end.saturating_sub(found.hole_end);
            outline.kind = Some(kind.to_owned());
            outline.sub_filter = Some(sub_filter.to_owned());
            outline.revision = Some(found.revision.saturating_add(1));
            outline.byte_range = Some([0, found.hole_start, found.hole_end, second]);
            outline.covers_whole_document = found.end == view.document().source().size();
            outline.contents_bytes = Some(found.contents.len());
            outline.claims = claims(&found);
        }
        Err(fault) => outline.fault = Some(fault.code().to_owned()),
    }
    outline
}

const fn named(sub_filter: SubFilter) -> (&'static str, &'static str) {
    match sub_filter {
        SubFilter::Cades => ("signature", "ETSI.CAdES.detached"),
        SubFilter::Pkcs7 => ("signature", "adbe.pkcs7.detached"),
        SubFilter::TimeStamp => ("timestamp", "ETSI.RFC3161"),
        SubFilter::Legacy => ("signature", "adbe.pkcs7.sha1, adbe.x509.rsa_sha1"),
    }
}

fn claims(found: &pdf::SignatureDictionary) -> Vec<(String, String)> {
    let Ok(dictionary) = found.dictionary() else {
        return Vec::new();
    };
    let claim = |key: &str| {
        let value = dictionary.get(key.as_bytes()).and_then(Object::as_string);
        value.map(|value| (key.to_owned(), pdf::text(value).chars().take(500).collect()))
    };
    ["M", "Name", "Reason", "Location"]
        .into_iter()
        .filter_map(claim)
        .collect()
}

fn security_store(view: &View<'_, '_>) -> Result<Option<StoreOutline>, Error> {
    let catalog = view.catalog()?;
    let Object::Dictionary(store) = view.value(catalog.dictionary()?, b"DSS")? else {
        return Ok(None);
    };
    let count = |key: &[u8]| -> Result<usize, Error> {
        let value = view.value(&store, key)?;
        Ok(value.as_array().map_or(0, <[_]>::len))
    };
    let entries = match view.value(&store, b"VRI")? {
        Object::Dictionary(entries) => entries.iter().count(),
        _ => 0,
    };
    Ok(Some(StoreOutline {
        certificates: count(b"Certs")?,
        crls: count(b"CRLs")?,
        ocsp_responses: count(b"OCSPs")?,
        entries,
    }))
}
