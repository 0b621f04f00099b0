//! The life of a child: open what it was given, lock in, read the request, answer, end. It ends
//! with [`REFUSED`] when it could not lock itself in and with [`CONFUSED`] when it did not
//! understand its parent.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::process::ExitCode;

use super::Error;
use super::document::Sized;
use super::frame::{self, Kind};
use super::judged::Judged;
use super::lock::{self, Open};
use super::request::{Answer, Operation, Owner, Request, Verify, WhoIs, evidence_of, wrong};
use crate::domain::clock::Timestamp;
use crate::domain::digest::Sha256;
use crate::pades::{self, ByteSource, Extended, SignerOwner, SignerRegistry};
use crate::pki::trust::TrustEvidence;

/// The word on the command line that makes the program a child.
pub const WORD: &str = "read-in-jail";
/// Exit code of a child that could not lock itself in.
pub(super) const REFUSED: u8 = 70;
/// Exit code of a child that did not understand what it was asked, or could not be heard.
pub(super) const CONFUSED: u8 = 71;
/// The longest request.
const REQUEST_BYTES: usize = 256 << 20;
/// The longest answer, and the longest prepared signature, which holds images.
const ANSWER_BYTES: usize = 4 << 20;
const SESSION_BYTES: usize = 64 << 20;

/// The longest answer to an operation.
pub(super) const fn most_bytes(operation: &Operation) -> usize {
    match operation {
        Operation::Prepare(_) => SESSION_BYTES,
        _ => ANSWER_BYTES,
    }
}

/// Lives as a child: standard input is the document, standard output the line to the parent.
#[must_use]
pub fn main() -> ExitCode {
    match live() {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            let (code, said) = match fault {
                Error::NotBuilt { detail } => (REFUSED, detail),
                other => (CONFUSED, other.to_string()),
            };
            // Nobody may be listening any more.
            drop(writeln!(io::stderr(), "{said}"));
            ExitCode::from(code)
        }
    }
}

fn live() -> Result<(), Error> {
    lock::close_inherited()?;
    let document = io::stdin().as_fd().try_clone_to_owned();
    let line = io::stdout().as_fd().try_clone_to_owned();
    let document = File::from(document.map_err(Error::Line)?);
    let line = File::from(line.map_err(Error::Line)?);
    let size = document.metadata().map_err(Error::Line)?.len();
    crate::pki::warm_up();
    let open = Open {
        document: document.as_fd(),
        line: line.as_fd(),
    };
    lock::lock_in(&open, size)?;
    let file = Sized {
        file: &document,
        size,
    };
    if size == 0 {
        // Started ahead: there is time to get ready.
        pades::warm_up();
    }
    let (answer, most) = answer(&line, &file)?;
    let mut bytes = serde_json::to_vec(&answer).map_err(|fault| wrong("an answer", fault))?;
    if bytes.len() > most {
        let short = serde_json::to_vec(&Answer::TooLong);
        bytes = short.map_err(|fault| wrong("an answer", fault))?;
    }
    frame::write(&mut &line, Kind::Answer, &[&bytes]).map_err(Error::Line)
}

/// The answer, and how long it may be.
fn answer(line: &File, file: &dyn ByteSource) -> Result<(Answer, usize), Error> {
    let (kind, bytes) = frame::read(&mut &*line, REQUEST_BYTES).map_err(Error::Line)?;
    if kind != Kind::Request {
        return Err(wrong("a request", "another message"));
    }
    let (request, parts) = split(&bytes)?;
    let (tail, evidence) = parts.split_first().ok_or(wrong("parts", "none"))?;
    let mut evidence = evidence_of(evidence, request.evidence)?;
    request.terms.put_on(&mut evidence)?;
    let document = Extended { head: file, tail };
    let most = most_bytes(&request.operation);
    let answer = match request.operation {
        Operation::Verify(asked) => verify(line, &document, &asked, &evidence),
        Operation::Inspect => Ok(match pades::inspect(&document) {
            Ok(seen) => Answer::Seen {
                pages: seen.pages,
                signatures: seen.signatures,
                marking: seen.marking.map(str::to_owned),
            },
            Err(fault) => Answer::Refused {
                code: fault.code().to_owned(),
            },
        }),
        Operation::Outline(language) => {
            let language = language.parse().or(Err(wrong("a language", &language)))?;
            let outline = pades::outline(&document);
            let outline = outline.map_err(|fault| fault.said(language));
            Ok(Answer::Outlined(outline.map(Box::new)))
        }
        Operation::Lint(lint) => lint.perform(&document),
        Operation::Prepare(prepare) => prepare.perform(&document),
        Operation::Detached(read) => read.perform_on(&document),
        Operation::Ready => Ok(Answer::Ready),
        #[cfg(feature = "failpoints")]
        Operation::Probe(attempt) => {
            super::probe::attempt(attempt, line);
            Ok(Answer::Ready)
        }
    };
    Ok((answer?, most))
}

/// The head of a request and its parts.
fn split(bytes: &[u8]) -> Result<(Request, Vec<&[u8]>), Error> {
    let short = || wrong("a whole request", bytes.len());
    let (length, rest) = bytes.split_first_chunk().ok_or_else(short)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
    let (head, mut rest) = rest.split_at_checked(length).ok_or_else(short)?;
    let request: Request =
        serde_json::from_slice(head).map_err(|fault| wrong("a request", fault))?;
    let mut parts = Vec::new();
    for length in &request.parts {
        let (part, behind) = rest.split_at_checked(*length).ok_or_else(short)?;
        parts.push(part);
        rest = behind;
    }
    Ok((request, parts))
}

fn verify(
    line: &File,
    document: &dyn ByteSource,
    asked: &Verify,
    evidence: &TrustEvidence,
) -> Result<Answer, Error> {
    let question = asked.read(evidence)?;
    let register = Register {
        line,
        fault: RefCell::new(None),
    };
    let registry: &dyn SignerRegistry = &register;
    let registry = asked.has_registry.then_some(registry);
    let (name, policy, at) = (&question.name, &question.policy, question.at);
    let report = pades::verify(document, name, evidence, policy, registry, at);
    match register.fault.into_inner() {
        Some(fault) => Err(fault),
        None => {
            let judged = Judged::of(&report, question.languages, question.forms);
            Ok(judged.marked(document, question.forms).into())
        }
    }
}

/// The register as the parent holds it, asked through the line.
struct Register<'a> {
    line: &'a File,
    /// The first question that got no answer: then the verdict is worth nothing.
    fault: RefCell<Option<Error>>,
}

impl SignerRegistry for Register<'_> {
    fn owner(&self, certificate_sha256: &Sha256, at: Timestamp) -> Option<SignerOwner> {
        self.ask(certificate_sha256, at).unwrap_or_else(|fault| {
            self.fault.borrow_mut().get_or_insert(fault);
            None
        })
    }
}

impl Register<'_> {
    fn ask(&self, sha256: &Sha256, at: Timestamp) -> Result<Option<SignerOwner>, Error> {
        let question = WhoIs {
            sha256: sha256.to_string(),
            at: at.to_string(),
        };
        let question = serde_json::to_vec(&question).map_err(|fault| wrong("text", fault))?;
        let mut line = self.line;
        frame::write(&mut line, Kind::WhoIs, &[&question]).map_err(Error::Line)?;
        let (kind, bytes) = frame::read(&mut line, 64 << 10).map_err(Error::Line)?;
        if kind != Kind::Owner {
            return Err(wrong("an owner", "another message"));
        }
        let owner: Option<Owner> =
            serde_json::from_slice(&bytes).map_err(|fault| wrong("an owner", fault))?;
        owner.map(Owner::read).transpose()
    }
}
