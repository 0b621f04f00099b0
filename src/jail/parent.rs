//! The parent's half: starts a child, hands it one document and one question, answers what it asks
//! about the register, and ends it, whatever happens. A child that dies harms nobody else.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::child::{CONFUSED, REFUSED, WORD, most_bytes};
use super::document::Outside;
use super::error::{Death, Error};
use super::frame::{self, Kind};
use super::judged::Judged;
use super::lock;
use super::request::{Answer, Operation, Owner, Question, Request, Verify, WhoIs, parts_of, wrong};
use super::terms::Terms;
use nix::libc;

use crate::domain::language::Language;
use crate::domain::secrecy;
use crate::pades::{self, Inspected, Outline, SignerRegistry};
use crate::pki::trust::TrustEvidence;

/// How long a child may take beside the processor time it may use.
const PATIENCE: Duration = Duration::from_secs(5);
/// What a child may say about its end.
const LAST_WORDS_BYTES: u64 = 4 << 10;
/// Certificates a child may ask about: more than a file may have signatures, several times each.
const QUESTIONS: usize = 4_000;

/// Where documents from outside are read.
#[derive(Debug, Clone)]
pub struct Jail {
    program: PathBuf,
    wall: Wall,
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
        }
    }

    /// The same, with children that run `program`.
    #[must_use]
    pub fn of_program(program: &Path) -> Self {
        Self {
            program: program.to_owned(),
            wall: Wall::Required,
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
        let ready = self.child(&Outside::file(&nothing()?), Operation::Ready, None)?;
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
        let seconds = Duration::from_secs(lock::processor_seconds(size));
        let mut ward = Ward::start(&self.program, document.file, PATIENCE + seconds)?;
        let talked = ward.talk(document.tail, operation, question);
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

/// A child and the line to it. Dropped, it ends.
struct Ward {
    child: Child,
    line: UnixStream,
    until: Instant,
}

impl Drop for Ward {
    fn drop(&mut self) {
        // Gone already, usually.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Ward {
    fn start(program: &Path, document: &File, patience: Duration) -> Result<Self, Error> {
        let (line, theirs) = UnixStream::pair().map_err(Error::NotStarted)?;
        let document = document.try_clone().map_err(Error::NotStarted)?;
        let child = Command::new(program)
            .arg(WORD)
            .env_clear()
            .stdin(document)
            .stdout(OwnedFd::from(theirs))
            .stderr(Stdio::piped())
            .spawn()
            .map_err(Error::NotStarted)?;
        let until = Instant::now() + patience;
        Ok(Self { child, line, until })
    }

    /// Hands over the request and answers questions until there is an answer and the child is gone.
    fn talk(
        &mut self,
        tail: &[u8],
        operation: Operation,
        question: Option<&Question<'_>>,
    ) -> io::Result<Answer> {
        let none = TrustEvidence::default();
        let most = most_bytes(&operation);
        let evidence = question.map_or(&none, |question| question.evidence);
        self.request(tail, operation, evidence)?;
        let registry = question.and_then(|question| question.registry);
        for _ in 0..QUESTIONS {
            match frame::read(&mut self.timed()?, most)? {
                (Kind::Answer, bytes) => {
                    let answer = told(&bytes)?;
                    // The line ends when the child does.
                    let more = self.timed()?.read(&mut [0])?;
                    return (more == 0).then_some(answer).ok_or(garbled());
                }
                (Kind::WhoIs, bytes) => {
                    let owner = owner(&bytes, registry)?;
                    let owner = serde_json::to_vec(&owner)?;
                    frame::write(&mut self.timed()?, Kind::Owner, &[&owner])?;
                }
                (Kind::Request | Kind::Owner, _) => return Err(garbled()),
            }
        }
        Err(garbled())
    }

    fn request(
        &mut self,
        tail: &[u8],
        operation: Operation,
        evidence: &TrustEvidence,
    ) -> io::Result<()> {
        let terms = Terms::of(evidence);
        let (evidence, counts) = parts_of(evidence);
        let parts: Vec<&[u8]> = std::iter::once(tail).chain(evidence).collect();
        let head = Request {
            operation,
            parts: parts.iter().map(|part| part.len()).collect(),
            evidence: counts,
            terms,
        };
        let head = serde_json::to_vec(&head)?;
        let length = u32::try_from(head.len()).or(Err(garbled()))?.to_le_bytes();
        let parts: Vec<&[u8]> = [&length, head.as_slice()]
            .into_iter()
            .chain(parts)
            .collect();
        frame::write(&mut self.timed()?, Kind::Request, &parts)
    }

    /// The line, with what is left of the time as its patience.
    fn timed(&self) -> io::Result<Timed<'_>> {
        Ok(Timed {
            line: &self.line,
            until: self.until,
        })
    }

    /// Ends the child; gives how it ended and what it said about that.
    fn end(mut self) -> Result<(ExitStatus, Vec<u8>), Error> {
        // A child that ended by itself keeps its exit status.
        drop(self.child.kill());
        let status = self.child.wait().map_err(Error::Line)?;
        let mut words = Vec::new();
        if let Some(said) = self.child.stderr.take() {
            let read = said.take(LAST_WORDS_BYTES).read_to_end(&mut words);
            read.map_err(Error::Line)?;
        }
        Ok((status, words))
    }
}

/// The line while there is time.
struct Timed<'a> {
    line: &'a UnixStream,
    until: Instant,
}

impl Timed<'_> {
    fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.until.saturating_duration_since(Instant::now());
        (!left.is_zero())
            .then_some(Some(left))
            .ok_or(io::ErrorKind::TimedOut.into())
    }
}

impl io::Read for Timed<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.line.set_read_timeout(self.left()?)?;
        self.line.read(into)
    }
}

impl io::Write for Timed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.set_write_timeout(self.left()?)?;
        (&mut &*self.line).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn told<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> io::Result<T> {
    serde_json::from_slice(bytes).or(Err(garbled()))
}

fn garbled() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

fn owner(question: &[u8], registry: Option<&dyn SignerRegistry>) -> io::Result<Option<Owner>> {
    let question: WhoIs = told(question)?;
    let sha256 = question.sha256.parse().or(Err(garbled()))?;
    let at = question.at.parse().or(Err(garbled()))?;
    let registry = registry.ok_or(garbled())?;
    Ok(registry.owner(&sha256, at).map(Owner::from))
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
