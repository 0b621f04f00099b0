//! What is done with a document before it is signed: a look for traps, and the first half of a
//! signature, which reads all of the document and needs no key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::document::Outside;
use super::error::Error;
use super::parent::Jail;
use super::request::{Answer, Operation, wrong};
use crate::domain::clock::{SignedDuration, Timestamp};
use crate::domain::language::Language;
use crate::pades::{self, Act, ByteSource, Image, LintReport, Session, SignRequest, marks};
use crate::pki::algorithm::SignatureAlgorithm;
use crate::pki::certificate::Certificate;

/// How long a prepared signature may wait for the key.
const PATIENCE: SignedDuration = SignedDuration::from_hours(1);

/// What was noticed about a file before its first signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linted {
    /// Whether the file could be read as a PDF.
    pub readable: bool,
    /// One sentence for each finding.
    pub sentences: Vec<String>,
    /// The report as one line of JSON, schema `lienthong.lint/1`.
    pub json: String,
}

impl Linted {
    /// `report` about the file `name`, in the language of the data and that of the sentences.
    #[must_use]
    pub fn of(report: &LintReport, name: &str, size_bytes: u64, languages: [Language; 2]) -> Self {
        let [data, words] = languages;
        Self {
            readable: report.readable,
            sentences: report.sentences(words),
            json: report.to_json(name, size_bytes, data),
        }
    }
}

/// A signature to be prepared; the mark, if there is an image, goes where it belongs by the rules.
#[derive(Debug, Clone)]
pub struct Order<'a> {
    /// A person who approves, the agency that issues, or the agency that copies.
    pub act: Act,
    /// The lines of a copy's mark, the signing time left out.
    pub lines: &'a [String],
    /// The handwritten signature or the seal (PNG).
    pub image: Option<&'a [u8]>,
    /// The algorithm the key will use.
    pub algorithm: SignatureAlgorithm,
    /// The certificate of the key.
    pub signer: &'a Certificate,
    /// The certificates above it.
    pub chain: &'a [Certificate],
    /// The signing time claimed.
    pub claimed_time: Timestamp,
    /// The name of the signer, if it is to be stated.
    pub name: Option<&'a str>,
    /// Bytes to keep for the signature; 0 estimates them.
    pub contents_bytes: usize,
}

/// Why nothing was prepared: the document forbids it or cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The stable code.
    pub code: String,
    /// The reason in Vietnamese and English.
    pub words: [String; 2],
}

/// Wire shape.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Lint {
    name: String,
    languages: [String; 2],
}

/// Wire shape.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Shape {
    Approve,
    Issue,
    Copy,
}

/// Wire shape; bytes in Base64.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Prepare {
    act: Shape,
    lines: Vec<String>,
    image: Option<String>,
    algorithm: String,
    signer: String,
    chain: Vec<String>,
    claimed_time: String,
    name: Option<String>,
    contents_bytes: usize,
}

impl Jail {
    /// Looks for what could later be used against the first signature of a document.
    ///
    /// # Errors
    /// [`Error`]: there is no answer, and it may be tried again.
    pub fn lint(
        &self,
        document: &Outside<'_>,
        name: &str,
        languages: [Language; 2],
    ) -> Result<Linted, Error> {
        let here = || {
            let look = |source: &dyn ByteSource| {
                Linted::of(&pades::lint(source), name, source.size(), languages)
            };
            document.read(look).map_err(Error::Line)
        };
        self.or_here(here, || {
            let lint = Lint {
                name: name.to_owned(),
                languages: languages.map(|language| language.to_string()),
            };
            match self.child(document, Operation::Lint(lint), None)? {
                Answer::Linted(linted) => Ok(linted),
                other => Err(wrong("a look", format!("{other:?}"))),
            }
        })
    }

    /// Prepares a signature. What comes back speaks of exactly this document with the update that
    /// was prepared: that was counted again in this process, without reading the document as a PDF.
    ///
    /// # Errors
    /// [`Error`]: nothing was prepared, and it may be tried again.
    pub fn prepare(
        &self,
        document: &Outside<'_>,
        order: &Order<'_>,
    ) -> Result<Result<Session, Refused>, Error> {
        let wire = Prepare::new(order)?;
        let here = || {
            let prepared = document.read(|source| wire.perform(source));
            prepared.map_err(Error::Line)?
        };
        let answer = self.or_here(here, || {
            self.child(document, Operation::Prepare(Box::new(wire.clone())), None)
        })?;
        let session = match answer {
            Answer::Prepared { session } => Session::from_json(&session),
            Answer::NotPrepared(refused) => return Ok(Err(refused)),
            other => return Err(wrong("a session", format!("{other:?}"))),
        };
        let session = session.map_err(|fault| wrong("a session", fault))?;
        let ours = session.signer() == order.signer && *session.algorithm() == order.algorithm;
        let checked = document.read(|source| session.check_document(source));
        checked
            .map_err(Error::Line)?
            .map_err(|fault| wrong("a session over the document", fault))?;
        if !ours {
            return Err(wrong("a session for the key", "another key"));
        }
        Ok(Ok(session))
    }
}

impl Lint {
    pub(super) fn perform(&self, source: &dyn ByteSource) -> Result<Answer, Error> {
        let [data, words] = &self.languages;
        let language = |text: &str| text.parse().or(Err(wrong("a language", text)));
        let languages = [language(data)?, language(words)?];
        let report = pades::lint(source);
        let linted = Linted::of(&report, &self.name, source.size(), languages);
        Ok(Answer::Linted(linted))
    }
}

impl Prepare {
    fn new(order: &Order<'_>) -> Result<Self, Error> {
        let act = match order.act {
            Act::Approve => Shape::Approve,
            Act::Issue => Shape::Issue,
            Act::Copy => Shape::Copy,
            other => return Err(wrong("approval, issue or copy", format!("{other:?}"))),
        };
        Ok(Self {
            act,
            lines: order.lines.to_vec(),
            image: order.image.map(|image| STANDARD.encode(image)),
            algorithm: STANDARD.encode(order.algorithm.to_der()),
            signer: STANDARD.encode(order.signer.der()),
            chain: order
                .chain
                .iter()
                .map(|one| STANDARD.encode(one.der()))
                .collect(),
            claimed_time: order.claimed_time.to_string(),
            name: order.name.map(str::to_owned),
            contents_bytes: order.contents_bytes,
        })
    }

    pub(super) fn perform(&self, source: &dyn ByteSource) -> Result<Answer, Error> {
        let (algorithm, signer, chain) = self.key()?;
        let at = self.claimed_time.parse();
        let at: Timestamp = at.or(Err(wrong("an instant", &self.claimed_time)))?;
        let act = match self.act {
            Shape::Approve => Act::Approve,
            Shape::Issue => Act::Issue,
            Shape::Copy => Act::Copy,
        };
        let image = self.image.as_deref().map(decoded).transpose()?;
        let mark = match act {
            Act::Copy => corner(source, &self.lines, at),
            _ => mark(source, act, image.as_deref()),
        };
        let prepared = mark.and_then(|mark| {
            let request = SignRequest {
                mark,
                name: self.name.clone(),
                contents_bytes: self.contents_bytes,
                ..SignRequest::new(act, algorithm, signer, chain, at)
            };
            let expires = at.saturating_add(PATIENCE).unwrap_or(at);
            Session::open("jail".to_owned(), source, &request, expires)
        });
        Ok(match prepared {
            Ok(session) => Answer::Prepared {
                session: session.to_json(),
            },
            Err(fault) => Answer::NotPrepared(refused(&fault)),
        })
    }

    fn key(&self) -> Result<(SignatureAlgorithm, Certificate, Vec<Certificate>), Error> {
        let algorithm = SignatureAlgorithm::read(&decoded(&self.algorithm)?);
        let algorithm = algorithm.map_err(|fault| wrong("an algorithm", fault))?;
        let certificate = |text: &String| {
            let read = Certificate::from_der(&decoded(text)?);
            read.map_err(|fault| wrong("a certificate", fault))
        };
        let chain = self.chain.iter().map(certificate);
        Ok((
            algorithm,
            certificate(&self.signer)?,
            chain.collect::<Result<_, _>>()?,
        ))
    }
}

fn mark(
    source: &dyn ByteSource,
    act: Act,
    image: Option<&[u8]>,
) -> Result<Option<pades::Mark>, pades::Error> {
    let Some(image) = image else { return Ok(None) };
    let image = Image::from_png(image)?;
    Ok(Some(match act {
        Act::Issue => marks::issue(source, image)?,
        _ => marks::approve(source, image)?,
    }))
}

/// The mark of a copy: text at the top right corner of the first page.
fn corner(
    source: &dyn ByteSource,
    lines: &[String],
    at: Timestamp,
) -> Result<Option<pades::Mark>, pades::Error> {
    let text = marks::corner_lines(lines.to_vec(), at)?;
    marks::corner(source, text).map(Some)
}

fn refused(fault: &pades::Error) -> Refused {
    let (code, params) = (fault.code(), fault.params());
    Refused {
        code: code.to_owned(),
        words: [Language::Vietnamese, Language::English]
            .map(|language| pades::message(language, code, &params)),
    }
}

pub(super) fn decoded(text: &str) -> Result<Vec<u8>, Error> {
    STANDARD.decode(text).or(Err(wrong("Base64", "other text")))
}
