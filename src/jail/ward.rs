//! A child and the line to it: starts it, speaks with it, answers what it asks about the register, and
//! ends it, whatever happens.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::child::{WORD, most_bytes};
use super::error::Error;
use super::frame::{self, Kind};
use super::request::{Answer, Operation, Owner, Question, Request, WhoIs, parts_of};
use super::terms::Terms;
use crate::pades::SignerRegistry;
use crate::pki::trust::TrustEvidence;

/// What a child may say about its end.
const LAST_WORDS_BYTES: u64 = 4 << 10;
/// Certificates a child may ask about: more than a file may have signatures, several times each.
const QUESTIONS: usize = 4_000;

/// A child and the line to it. Dropped, it ends.
#[derive(Debug)]
pub(super) struct Ward {
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
    /// Starts a child that runs `program` and has nothing but `document`.
    ///
    /// # Errors
    /// [`Error::NotStarted`].
    pub(super) fn start(program: &Path, document: &File) -> Result<Self, Error> {
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
        let until = Instant::now();
        Ok(Self { child, line, until })
    }

    /// Whether the child is gone; then nothing of it is left in the system either.
    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Hands over the request, to be answered within `patience`; gives how long the answer may be.
    ///
    /// # Errors
    /// Of the line.
    pub(super) fn ask(
        &mut self,
        tail: &[u8],
        (operation, question): (Operation, Option<&Question<'_>>),
        patience: Duration,
    ) -> io::Result<usize> {
        self.until = Instant::now() + patience;
        let none = TrustEvidence::default();
        let most = most_bytes(&operation);
        let evidence = question.map_or(&none, |question| question.evidence);
        self.request(tail, operation, evidence)?;
        Ok(most)
    }

    /// Answers what the child asks until there is an answer of at most `most` bytes and the child is gone.
    ///
    /// # Errors
    /// Of the line; [`io::ErrorKind::InvalidData`] for what is no answer.
    pub(super) fn hear(
        &mut self,
        question: Option<&Question<'_>>,
        most: usize,
    ) -> io::Result<Answer> {
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
    ///
    /// # Errors
    /// [`Error::Line`] when that cannot be told.
    pub(super) fn end(mut self) -> Result<(ExitStatus, Vec<u8>), Error> {
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
        loop {
            self.line.set_read_timeout(self.left()?)?;
            match self.line.read(into) {
                // A socket with a time limit is interrupted by every signal, even one that other calls
                // survive (signal(7)): the end of some other child is none of this document's.
                Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
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
