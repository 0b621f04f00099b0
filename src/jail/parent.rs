//! The parent's half: hands a child one document and one question, and says what its answer or its end
//! means. A child that dies harms nobody else.

use std::fs::File;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use super::ahead::Ahead;
use super::child::{CONFUSED, REFUSED};
use super::document::Outside;
use super::error::{Death, Error};
use super::frames::Frames;
use super::judged::Judged;
use super::lock;
use super::request::{Answer, Operation, Question, Verify, wrong};
use super::ward::Ward;
use nix::libc;

use crate::domain::language::Language;
use crate::domain::secrecy;
use crate::pades::{self, Inspected, Outline};

/// How long a child may take beside the processor time it may use.
const PATIENCE: Duration = Duration::from_secs(5);
/// Documents up to this size are carried over the line to the child that waits; larger ones are an
/// open file to a child of their own, and take long enough not to notice.
const CARRIED_BYTES: u64 = 4 << 20;

/// Where documents from outside are read.
#[derive(Debug, Clone)]
pub struct Jail {
    program: PathBuf,
    wall: Wall,
    /// Shared by all clones; the last one ends the child that waits.
    ahead: Option<Arc<Ahead>>,
    /// Shared by all clones.
    frames: Arc<Frames>,
}

/// What happens where the jail cannot be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wall {
    /// Nothing is read.
    Required,
    /// It is read in this process.
    IfPossible,
    /// There is no jail.
    None,
}

/// What a look at a document showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// It can be read.
    Seen(Inspected),
    /// It cannot be signed; the stable code of the reason.
    Refused(String),
}

impl Default for Jail {
    fn default() -> Self {
        Self::required()
    }
}

impl Jail {
    /// Reads nothing outside a jail. Children run the program this process runs.
    #[must_use]
    pub fn required() -> Self {
        Self {
            program: PathBuf::from("/proc/self/exe"),
            wall: Wall::Required,
            ahead: None,
            frames: Arc::default(),
        }
    }

    /// The same, with children that run `program`.
    #[must_use]
    pub fn of_program(program: &Path) -> Self {
        Self {
            program: program.to_owned(),
            ..Self::required()
        }
    }

    /// Starts, from the first document on, the next child while one reads: it locks itself in and waits
    /// for the one document it will read. For processes that read many documents.
    #[must_use]
    pub fn starting_ahead(self) -> Self {
        Self {
            ahead: Some(Arc::default()),
            ..self
        }
    }

    /// Removes the child that waits if it ended, killed from outside: its place is taken with the next
    /// document. For processes that may idle for long.
    pub fn bury(&self) {
        if let Some(ahead) = &self.ahead {
            ahead.bury();
        }
    }

    /// Reads in this process where a jail cannot be built: the operator said so.
    #[must_use]
    pub fn trust_blindly_if_it_cannot_be_built(self) -> Self {
        Self {
            wall: Wall::IfPossible,
            ..self
        }
    }

    /// Reads everything in this process: the operator said so.
    #[must_use]
    pub fn trust_blindly() -> Self {
        Self {
            wall: Wall::None,
            ..Self::required()
        }
    }

    /// Whether every document is read by a child: then no document can end this process.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.wall == Wall::Required
    }

    /// Builds a jail and leaves it, to know before the first document that it can be done.
    ///
    /// # Errors
    /// [`Error`] of the first wall that does not stand, whatever was said about going without.
    pub fn probe(&self) -> Result<(), Error> {
        let alone = Self {
            ahead: None,
            ..self.clone()
        };
        let ready = alone.child(&Outside::file(&nothing()?), Operation::Ready, None)?;
        match ready {
            Answer::Ready => Ok(()),
            other => Err(wrong("readiness", format!("{other:?}"))),
        }
    }

    /// Judges a document.
    ///
    /// # Errors
    /// [`Error`]: there is no verdict, and it may be tried again.
    pub fn verify(&self, document: &Outside<'_>, question: &Question<'_>) -> Result<Judged, Error> {
        let inside = || {
            let judged = document.read(|source| judge_here(source, question));
            judged.map_err(Error::Line)
        };
        self.or_here(inside, || {
            let operation = Operation::Verify(Box::new(Verify::new(question)));
            self.child(document, operation, Some(question))?.judged()
        })
    }

    /// The judgement of a document whose reader died: `UNREADABLE`, for that reason. Nothing of the
    /// document is read but its size and digest.
    ///
    /// # Errors
    /// [`Error::Line`] when its size cannot be told.
    pub fn verdict_of_death(
        document: &Outside<'_>,
        question: &Question<'_>,
        death: Death,
    ) -> Result<Judged, Error> {
        let Question { name, at, .. } = *question;
        let (evidence, policy, code) = (question.evidence, question.policy, death.code());
        let report =
            document.read(|source| pades::unread(source, name, evidence, policy, at, code));
        Ok(Judged::of(
            &report.map_err(Error::Line)?,
            question.languages,
            question.forms,
        ))
    }

    /// Judges a document; a reader that died of it gives its verdict by that.
    ///
    /// # Errors
    /// [`Error`]: there is no verdict, and it may be tried again.
    pub fn verify_at_once(
        &self,
        document: &Outside<'_>,
        question: &Question<'_>,
    ) -> Result<Judged, Error> {
        match self.verify(document, question) {
            Err(Error::Died(death)) if death.is_by_document() => {
                Self::verdict_of_death(document, question, death)
            }
            other => other,
        }
    }

    /// Looks at a document: whether it can be read, and what it has.
    ///
    /// # Errors
    /// [`Error`]: there is no answer, and it may be tried again.
    pub fn inspect(&self, document: &Outside<'_>) -> Result<Look, Error> {
        let here = || {
            let look = document.read(|source| match pades::inspect(source) {
                Ok(seen) => Look::Seen(seen),
                Err(fault) => Look::Refused(fault.code().to_owned()),
            });
            look.map_err(Error::Line)
        };
        self.or_here(here, || {
            match self.child(document, Operation::Inspect, None)? {
                Answer::Seen {
                    pages,
                    signatures,
                    marking,
                } => {
                    let known = |name: String| {
                        secrecy::known(&name).ok_or_else(|| wrong("a marking", name))
                    };
                    Ok(Look::Seen(Inspected {
                        pages,
                        signatures,
                        marking: marking.map(known).transpose()?,
                    }))
                }
                Answer::Refused { code } => Ok(Look::Refused(code)),
                other => Err(wrong("a look", format!("{other:?}"))),
            }
        })
    }

    /// Describes a document; inside, the words in `language` for why it cannot be described.
    ///
    /// # Errors
    /// [`Error`]: there is no answer, and it may be tried again.
    pub fn outline(
        &self,
        document: &Outside<'_>,
        language: Language,
    ) -> Result<Result<Outline, String>, Error> {
        let here = || {
            let outline = document
                .read(|source| pades::outline(source).map_err(|fault| fault.said(language)));
            outline.map_err(Error::Line)
        };
        self.or_here(here, || {
            let operation = Operation::Outline(language.to_string());
            match self.child(document, operation, None)? {
                Answer::Outlined(outline) => Ok(outline.map(|outline| *outline)),
                other => Err(wrong("an outline", format!("{other:?}"))),
            }
        })
    }

    /// Makes a child try `attempt`; for tests of the walls.
    ///
    /// # Errors
    /// [`Error::Died`] when the walls hold.
    #[cfg(feature = "failpoints")]
    pub fn probe_wall(&self, attempt: super::probe::Attempt) -> Result<(), Error> {
        let nothing = nothing()?;
        let document = Outside::file(&nothing);
        self.child(&document, Operation::Probe(attempt), None)
            .map(drop)
    }

    /// Signatures that were read before.
    pub(super) fn frames(&self) -> &Frames {
        &self.frames
    }

    pub(super) fn or_here<T>(
        &self,
        here: impl FnOnce() -> Result<T, Error>,
        jailed: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.wall == Wall::None {
            return here();
        }
        match jailed() {
            Err(Error::NotBuilt { .. } | Error::NotStarted(_)) if self.wall == Wall::IfPossible => {
                here()
            }
            other => other,
        }
    }

    pub(super) fn child(
        &self,
        document: &Outside<'_>,
        operation: Operation,
        question: Option<&Question<'_>>,
    ) -> Result<Answer, Error> {
        let size = document.file.metadata().map_err(Error::Line)?.len();
        let patience = PATIENCE + Duration::from_secs(lock::processor_seconds(size));
        let ahead = self.ahead.as_deref();
        let waiting = ahead.filter(|_| size <= CARRIED_BYTES);
        let carried;
        let (mut ward, bytes) = match waiting.and_then(Ahead::take) {
            Some(ward) => {
                carried = document.whole().map_err(Error::Line)?;
                (ward, carried.as_slice())
            }
            None => (Ward::start(&self.program, document.file)?, document.tail),
        };
        let asked = ward.ask(bytes, (operation, question), patience);
        // The next child starts while this one reads.
        if let Some(ahead) = ahead {
            ahead.start(&self.program);
        }
        let talked = asked.and_then(|most| ward.hear(question, most));
        let (status, words) = ward.end()?;
        conclude(talked, status, &words)
    }
}

/// A document of no bytes.
pub(super) fn nothing() -> Result<File, Error> {
    File::open("/dev/null").map_err(Error::NotStarted)
}

fn judge_here(source: &dyn pades::ByteSource, question: &Question<'_>) -> Judged {
    let Question { name, at, .. } = *question;
    let (evidence, policy) = (question.evidence, question.policy);
    let report = pades::verify(source, name, evidence, policy, question.registry, at);
    let judged = Judged::of(&report, question.languages, question.forms);
    judged.marked(source, question.forms)
}

/// What came of it. Only an answer of a child that ended well counts.
fn conclude(talked: io::Result<Answer>, status: ExitStatus, words: &[u8]) -> Result<Answer, Error> {
    let said = || String::from_utf8_lossy(words).trim().to_owned();
    match (talked, status.code()) {
        (Ok(Answer::TooLong), Some(0)) => Err(Error::Died(Death::Limit)),
        (Ok(answer), Some(0)) => Ok(answer),
        (_, Some(code)) if code == i32::from(REFUSED) => {
            let detail = said();
            Err(Error::NotBuilt { detail })
        }
        (_, Some(code)) if code == i32::from(CONFUSED) => {
            Err(wrong("a child that listens", said()))
        }
        (Err(fault), _) if is_late(&fault) => Err(Error::Died(Death::Timeout)),
        (talked, _) => Err(Error::Died(death(&talked, status, words))),
    }
}

fn is_late(fault: &io::Error) -> bool {
    matches!(
        fault.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}

fn death(talked: &io::Result<Answer>, status: ExitStatus, words: &[u8]) -> Death {
    const OUT_OF_MEMORY: &[u8] = b"memory allocation of";
    let is_garbled = matches!(talked, Err(fault) if fault.kind() == io::ErrorKind::InvalidData);
    match status.signal() {
        Some(libc::SIGSYS) => Death::Violation,
        Some(libc::SIGXCPU | libc::SIGXFSZ) => Death::Limit,
        Some(libc::SIGABRT) if words.starts_with(OUT_OF_MEMORY) => Death::Limit,
        // We end a child that talks nonsense or floods the line.
        Some(libc::SIGKILL) if is_garbled => Death::Violation,
        Some(libc::SIGKILL) => Death::Killed,
        _ => Death::Crashed,
    }
}
