//! What a file holds that must be provable later: its signatures and time stamps, and whose
//! certificates they stand on.

use super::Error;
use crate::cms::timestamp::Token;
use crate::cms::{self, AttributeProfile};
use crate::domain::digest::sha1_name;
use crate::pdf::{self, Document, FieldValue, SignatureDictionary, SubFilter};
use crate::pki::certificate::Certificate;
use crate::pki::path::Purpose;

/// A certificate somebody signed with, and what came along with the signature.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The certificate.
    pub leaf: Certificate,
    /// Certificates that came with it; not trusted.
    pub bag: Vec<Certificate>,
    /// What it was used for.
    pub purpose: Purpose,
}

/// One signature or document time stamp.
pub(super) struct Held {
    pub(super) field: String,
    /// Its name in `/VRI`.
    pub(super) key: String,
    pub(super) revision: usize,
    pub(super) kind: Kind,
    /// Signature time stamps.
    pub(super) tokens: Vec<Token>,
    pub(super) subjects: Vec<Subject>,
}

pub(super) enum Kind {
    Signature,
    Stamp(Token),
}

impl Held {
    pub(super) const fn is_stamp(&self) -> bool {
        matches!(self.kind, Kind::Stamp(_))
    }
}

/// Everything held, oldest first.
pub(super) fn read(document: &Document<'_>) -> Result<Vec<Held>, Error> {
    let view = document.latest();
    let mut all = Vec::new();
    for field in pdf::fields(&view)?.signatures {
        let id = match field.value {
            FieldValue::Empty => continue,
            FieldValue::Irregular => return Err(Error::FieldIrregular { field: field.name }),
            FieldValue::Signature(id) => id,
        };
        let dictionary = pdf::signature(&view, id)?;
        all.push(of(field.name, &dictionary)?);
    }
    all.sort_by_key(|held| held.revision);
    Ok(all)
}

fn of(field: String, dictionary: &SignatureDictionary) -> Result<Held, Error> {
    let unreadable = |fault| Error::SignatureUnreadable {
        field: field.clone(),
        fault,
    };
    let key = sha1_name(&dictionary.contents);
    let revision = dictionary.revision;
    let profile = match dictionary.sub_filter {
        SubFilter::Cades => AttributeProfile::Cades,
        SubFilter::Pkcs7 => AttributeProfile::Pkcs7,
        SubFilter::Legacy => return Err(Error::FieldIrregular { field }),
        SubFilter::TimeStamp => {
            let token = Token::read(&dictionary.contents).map_err(unreadable)?;
            let subjects = vec![authority(&token).map_err(unreadable)?];
            return Ok(Held {
                field,
                key,
                revision,
                kind: Kind::Stamp(token),
                tokens: Vec::new(),
                subjects,
            });
        }
    };
    let signed = cms::parse(&dictionary.contents).map_err(unreadable)?;
    let mut subjects = vec![Subject {
        leaf: signed.signer(profile).map_err(unreadable)?,
        bag: signed.certificates().to_vec(),
        purpose: Purpose::DocumentSigning,
    }];
    let mut tokens = Vec::new();
    for der in signed.timestamps() {
        let token = Token::read(der).map_err(unreadable)?;
        if token.imprint() != token.imprint_digest().of(signed.signature()) {
            return Err(Error::ForeignToken { field });
        }
        subjects.push(authority(&token).map_err(unreadable)?);
        tokens.push(token);
    }
    Ok(Held {
        field,
        key,
        revision,
        kind: Kind::Signature,
        tokens,
        subjects,
    })
}

/// Who signed a token.
fn authority(token: &Token) -> Result<Subject, cms::Error> {
    let data = token.signed_data();
    Ok(Subject {
        leaf: data.signer(AttributeProfile::Cades)?,
        bag: data.certificates().to_vec(),
        purpose: Purpose::TimeStamping,
    })
}
