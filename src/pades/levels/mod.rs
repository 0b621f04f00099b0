//! Signature levels without the signer's key: proofs of time, data for validation years later, and
//! their renewal, each appended as an own revision. Asking a time stamping authority and collecting
//! data are done by the caller's functions; nothing here waits or knows the time.
//! Source: ETSI EN 319 142-1, 5.4, 5.5 and 6.3; why a document time stamp serves as the proof of
//! time of a file already signed: `docs/decisions/0012-levels.md`.
//!
//! Enter by [`augment`] or [`timestamp`]. Files in reading order: `error`, `held`, `material`,
//! `stamp`.

mod error;
mod held;
mod material;
mod stamp;

pub use error::Error;
pub use held::Subject;
pub use material::{missing_revocation, without_path};

use super::report::{FileVerdict, Report};
use crate::domain::clock::Timestamp;
use crate::pdf::{self, ByteSource, Document, Extended, StoreEntry, StoredValues};
use crate::pki::algorithm::DigestAlgorithm;
use crate::pki::trust::TrustEvidence;
use crate::pki::verdict::{Indication, RowResult};
use held::{Held, Kind};
use stamp::PreparedStamp;

/// A level of PAdES baseline signatures. Source: ETSI EN 319 142-1, 6.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// B-B: the signature alone.
    Basic,
    /// B-T: with a proof of time.
    Timestamped,
    /// B-LT: with the data its validation needs.
    LongTerm,
    /// B-LTA: all of it under a document time stamp.
    Archived,
}

impl Level {
    /// The name in the standard, such as `B-LTA`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Basic => "B-B",
            Self::Timestamped => "B-T",
            Self::LongTerm => "B-LT",
            Self::Archived => "B-LTA",
        }
    }
}

impl std::str::FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = [
            Self::Basic,
            Self::Timestamped,
            Self::LongTerm,
            Self::Archived,
        ];
        let found = all.into_iter().find(|level| level.name() == text);
        found.ok_or_else(|| "expected B-B, B-T, B-LT or B-LTA".to_owned())
    }
}

/// Asks an authority for a token over a digest.
pub type Stamp<'s, E> = dyn Fn(DigestAlgorithm, &[u8]) -> Result<Vec<u8>, E> + 's;

/// Gives everything that is known for judging the subjects, and the instant as of which it counts.
pub type Gather<'g, E> = dyn Fn(&[Subject]) -> Result<(TrustEvidence, Timestamp), E> + 'g;

/// What reaching a level takes.
pub struct Means<'m, E> {
    /// The time stamping authority.
    pub stamp: &'m Stamp<'m, E>,
    /// Trusted roots and revocation data.
    pub gather: &'m Gather<'m, E>,
}

/// One revision appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A document time stamp.
    DocumentTimestamp,
    /// Validation data.
    ValidationData,
}

impl Step {
    /// The stable name, such as `document-timestamp`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DocumentTimestamp => "document-timestamp",
            Self::ValidationData => "validation-data",
        }
    }
}

/// What was appended to reach a level.
#[derive(Debug, Clone, Default)]
pub struct Augmented {
    /// The bytes that follow the unchanged file; empty when it had the level already.
    pub bytes: Vec<u8>,
    /// The revisions in them.
    pub steps: Vec<Step>,
}

/// What a level is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Scope<'s> {
    /// Every signature of the file.
    AllSignatures,
    /// The signature in the field of this name.
    Field(&'s str),
}

/// Raises the signatures of `source` to `goal`: every step that is missing is appended, none is
/// repeated. A file at B-LTA already is renewed: data about its last document time stamp, then a
/// further one over everything.
///
/// # Errors
/// [`Error`] when the file cannot be extended, carries no signature in scope, or what is needed is
/// missing; what the functions in `means` say. The level is reached or nothing is given back.
pub fn augment<E: From<Error>>(
    source: &dyn ByteSource,
    goal: Level,
    scope: Scope<'_>,
    means: &Means<'_, E>,
) -> Result<Augmented, E> {
    let mut grown = Augmented::default();
    if !has_time_proof(source, scope)? && goal >= Level::Timestamped {
        append_stamp(source, &mut grown, means.stamp)?;
    }
    if goal >= Level::LongTerm {
        append_material(source, &mut grown, scope, means.gather)?;
    }
    if goal == Level::Archived {
        append_stamp(source, &mut grown, means.stamp)?;
    }
    Ok(grown)
}

/// Appends one document time stamp over everything in `source`; the file need not be signed.
///
/// # Errors
/// [`Error`] when the file cannot be extended; what `stamp` says.
pub fn timestamp<E: From<Error>>(
    source: &dyn ByteSource,
    stamp: &Stamp<'_, E>,
) -> Result<Augmented, E> {
    let mut grown = Augmented::default();
    append_stamp(source, &mut grown, stamp)?;
    Ok(grown)
}

/// Everybody whose certificate the signatures and time stamps of `source` stand on.
///
/// # Errors
/// [`Error`] when the file or one of its signatures cannot be read, or there is none.
pub fn subjects(source: &dyn ByteSource) -> Result<Vec<Subject>, Error> {
    let held = held::read(&Document::open(source)?)?;
    if held.is_empty() {
        return Err(Error::NoSignature);
    }
    Ok(held.into_iter().flat_map(|one| one.subjects).collect())
}

/// Adds the certificates that came with signatures to `evidence`, never as trusted ones.
pub fn add_received(subjects: &[Subject], evidence: &mut TrustEvidence) {
    for subject in subjects {
        for one in subject.bag.iter().chain([&subject.leaf]) {
            let known = evidence.anchors.contains(one) || evidence.intermediates.contains(one);
            if !known {
                evidence.intermediates.push(one.clone());
            }
        }
    }
}

fn has_time_proof(source: &dyn ByteSource, scope: Scope<'_>) -> Result<bool, Error> {
    let document = Document::open(source)?;
    let held = held::read(&document)?;
    let mut found = false;
    for one in in_scope(&held, scope) {
        found = true;
        let stamped_later = |other: &Held| other.is_stamp() && other.revision > one.revision;
        if one.tokens.is_empty() && !one.is_stamp() && !held.iter().any(stamped_later) {
            return Ok(false);
        }
    }
    if found {
        Ok(true)
    } else {
        Err(Error::NoSignature)
    }
}

fn in_scope<'h>(held: &'h [Held], scope: Scope<'h>) -> impl Iterator<Item = &'h Held> {
    held.iter().filter(move |one| match scope {
        Scope::AllSignatures => true,
        Scope::Field(name) => one.field == name,
    })
}

/// Room for a token whose size is not known yet.
pub(super) const TOKEN_BYTES: usize = 12 * 1024;

fn append_stamp<E: From<Error>>(
    source: &dyn ByteSource,
    grown: &mut Augmented,
    stamp: &Stamp<'_, E>,
) -> Result<(), E> {
    let whole = Extended {
        head: source,
        tail: &grown.bytes,
    };
    let appended = stamped(&whole, TOKEN_BYTES, stamp)?;
    grown.bytes.extend_from_slice(&appended);
    grown.steps.push(Step::DocumentTimestamp);
    Ok(())
}

/// A token that does not fit gets a second try with the room it needs.
fn stamped<E: From<Error>>(
    whole: &dyn ByteSource,
    room: usize,
    stamp: &Stamp<'_, E>,
) -> Result<Vec<u8>, E> {
    let ask = |room| -> Result<Result<Vec<u8>, Error>, E> {
        let prepared = PreparedStamp::new(whole, DigestAlgorithm::Sha256, room)?;
        let token = stamp(DigestAlgorithm::Sha256, prepared.imprint())?;
        Ok(prepared.embed(&token))
    };
    match ask(room)? {
        Err(Error::RoomTooSmall { needed, .. }) => {
            let roomier = needed.saturating_add(needed / 8).next_multiple_of(512);
            Ok(ask(roomier)??)
        }
        other => Ok(other?),
    }
}

fn append_material<E: From<Error>>(
    source: &dyn ByteSource,
    grown: &mut Augmented,
    scope: Scope<'_>,
    gather: &Gather<'_, E>,
) -> Result<(), E> {
    let whole = Extended {
        head: source,
        tail: &grown.bytes,
    };
    let document = Document::open(&whole).map_err(Error::from)?;
    let held = held::read(&document)?;
    let wanted: Vec<&Held> = held
        .iter()
        .filter(|one| one.is_stamp() || in_scope(&held, scope).any(|own| own.field == one.field))
        .collect();
    let all: Vec<Subject> = wanted.iter().flat_map(|one| one.subjects.clone()).collect();
    let (evidence, at) = gather(&all)?;
    let seals = Seal::all(&document, &held, &evidence)?;
    let mut entries = Vec::new();
    for one in wanted {
        if seals.iter().any(|seal| seal.holds(one)) {
            continue;
        }
        let values = material::of_all(&one.subjects, &evidence, at)?;
        let key = one.key.clone();
        entries.push(StoreEntry { key, values });
    }
    let appended = pdf::extend_security_store(&document, &entries).map_err(Error::from)?;
    if let Some(appended) = appended {
        grown.bytes.extend_from_slice(&appended);
        grown.steps.push(Step::ValidationData);
    }
    Ok(())
}

/// What one document time stamp seals: everything before it, as it was known then.
struct Seal {
    revision: usize,
    at: Timestamp,
    evidence: TrustEvidence,
}

impl Seal {
    /// The seals of a file. Each is itself among what must be provable, so one that nothing younger
    /// seals gets data of today.
    fn all(
        document: &Document<'_>,
        held: &[Held],
        evidence: &TrustEvidence,
    ) -> Result<Vec<Self>, Error> {
        let stamps = held.iter().filter_map(|one| match &one.kind {
            Kind::Stamp(token) => Some((one.revision, token.time())),
            Kind::Signature => None,
        });
        let seal = |(revision, at)| {
            let values: StoredValues = pdf::stored_values(&document.as_of(revision))?;
            let evidence = material::evidence_of(&values, evidence);
            Ok(Self {
                revision,
                at,
                evidence,
            })
        };
        stamps.map(seal).collect()
    }

    /// Whether everything `one` needs is under this seal, judged as of its time.
    fn holds(&self, one: &Held) -> bool {
        one.revision < self.revision
            && material::of_all(&one.subjects, &self.evidence, self.at).is_ok()
    }
}

/// The program's own judgement of the finished file `whole` at the instant `at`: every signature and
/// time stamp must be intact, what was appended must be nothing the file forbids, and the newest
/// revision must be covered as its level asks.
///
/// # Errors
/// [`Error::Rejected`]; the result must be thrown away.
pub fn check_augmented(
    whole: &dyn ByteSource,
    evidence: &TrustEvidence,
    at: Timestamp,
) -> Result<Report, Error> {
    let policy = super::Policy::standard();
    let report = super::verify(whole, "", evidence, &policy, None, at);
    let structure = || {
        report
            .findings
            .first()
            .map_or("UNREADABLE", |finding| finding.check)
    };
    match report.verdict {
        FileVerdict::NoSignature | FileVerdict::Unreadable => {
            return Err(Error::Rejected { code: structure() });
        }
        FileVerdict::Judged(_) => {}
    }
    let broken = |one: &&super::SignatureReport| {
        one.indication == Indication::TotalFailed || one.rows.integrity.result == RowResult::Failed
    };
    match report.signatures.iter().find(broken) {
        Some(one) => Err(Error::Rejected { code: one.reason() }),
        None => Ok(report),
    }
}
