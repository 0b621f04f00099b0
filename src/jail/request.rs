//! What a child is asked and what it answers. Wire shapes: both ends are the same program.

use serde::{Deserialize, Serialize};

use super::Error;
use super::detached::{Found, ReadDetached};
use super::judged::{Decisive, Judged};
use super::looks::{Lint, Linted, Prepare, Refused};
use super::terms::Terms;
use crate::domain::clock::{Date, Timestamp};
use crate::domain::language::Language;
use crate::domain::period::Period;
use crate::pades::{FileVerdict, Outline, OwnerKind, Policy, SignerOwner, SignerRegistry};
use crate::pki::certificate::Certificate;
use crate::pki::crl::Crl;
use crate::pki::ocsp::OcspResponse;
use crate::pki::trust::TrustEvidence;
use crate::pki::verdict::Indication;

/// The languages of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Languages {
    /// Of the messages in the JSON.
    pub data: Language,
    /// Of the text for people.
    pub words: Language,
}

/// What is wanted beside the report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forms {
    /// The ETSI validation report.
    pub etsi: bool,
    /// The page for people.
    pub sheet: bool,
    /// No look at the first page for a secrecy marking: whoever asks acts on the report alone.
    pub unchecked_marking: bool,
}

/// What is asked about a document.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// Its name, shown and never trusted.
    pub name: &'a str,
    /// All that the verdict may rely on.
    pub evidence: &'a TrustEvidence,
    /// What is demanded.
    pub policy: &'a Policy,
    /// Who certificates belong to; asked through the line, one certificate at a time.
    pub registry: Option<&'a dyn SignerRegistry>,
    /// The instant of the judgement.
    pub at: Timestamp,
    /// The languages of the answer.
    pub languages: Languages,
    /// Further forms of the answer.
    pub forms: Forms,
}

/// Wire shape: the first thing a child reads. The parts follow it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) operation: Operation,
    /// Bytes of each part: first what follows the document, then the evidence in the order of its
    /// kinds.
    pub(super) parts: Vec<usize>,
    /// How many anchors, intermediates, revocation lists and OCSP responses are among the parts.
    pub(super) evidence: [usize; 4],
    /// How the evidence is trusted.
    pub(super) terms: Terms,
}

/// Wire shape.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Operation {
    /// Judge the document.
    Verify(Box<Verify>),
    /// Only look at it.
    Inspect,
    /// Describe it, or say in this language why that cannot be done.
    Outline(String),
    /// Look for traps before the first signature.
    Lint(Lint),
    /// Prepare a signature.
    Prepare(Box<Prepare>),
    /// Read the signature beside the content that follows the document.
    Detached(ReadDetached),
    /// Lock in and answer.
    Ready,
    /// Try something forbidden.
    #[cfg(feature = "failpoints")]
    Probe(super::probe::Attempt),
}

/// Wire shape.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Verify {
    name: String,
    /// In its own JSON.
    policy: String,
    /// Both ends must mean the same evidence.
    evidence_sha256: String,
    pub(super) has_registry: bool,
    at: String,
    data_language: String,
    words_language: String,
    forms: Forms,
}

/// What [`Verify`] says, read again.
pub(super) struct Asked {
    pub(super) name: String,
    pub(super) policy: Policy,
    pub(super) at: Timestamp,
    pub(super) languages: Languages,
    pub(super) forms: Forms,
}

impl Verify {
    pub(super) fn new(question: &Question<'_>) -> Self {
        Self {
            name: question.name.to_owned(),
            policy: question.policy.to_json(),
            evidence_sha256: question.evidence.sha256().to_string(),
            has_registry: question.registry.is_some(),
            at: question.at.to_string(),
            data_language: question.languages.data.to_string(),
            words_language: question.languages.words.to_string(),
            forms: question.forms,
        }
    }

    /// Reads it again, and refuses a policy or evidence that did not survive the way.
    pub(super) fn read(&self, evidence: &TrustEvidence) -> Result<Asked, Error> {
        let policy = Policy::from_json(&self.policy);
        let policy = policy.map_err(|fault| wrong("a policy", fault))?;
        same(
            "the same evidence",
            &evidence.sha256(),
            &self.evidence_sha256,
        )?;
        let language = |text: &String| text.parse().or(Err(wrong("a language", text)));
        Ok(Asked {
            name: self.name.clone(),
            policy,
            at: self.at.parse().or(Err(wrong("an instant", &self.at)))?,
            languages: Languages {
                data: language(&self.data_language)?,
                words: language(&self.words_language)?,
            },
            forms: self.forms,
        })
    }
}

fn same(
    expected: &'static str,
    found: &crate::domain::digest::Sha256,
    told: &str,
) -> Result<(), Error> {
    let found = found.to_string();
    (found == told).then_some(()).ok_or(wrong(expected, &found))
}

pub(super) fn wrong(expected: &'static str, found: impl ToString) -> Error {
    let found = found.to_string();
    Error::Misunderstood { expected, found }
}

/// The exact bytes of all evidence, kind by kind, and how many each kind has.
pub(super) fn parts_of(evidence: &TrustEvidence) -> (Vec<&[u8]>, [usize; 4]) {
    // A kind of evidence added later must be added here: this stops compiling without it.
    let TrustEvidence {
        anchors,
        intermediates,
        crls,
        ocsp,
        // These travel as terms.
        windows: _,
        policies: _,
    } = evidence;
    let counts = [anchors.len(), intermediates.len(), crls.len(), ocsp.len()];
    let certificates = anchors.iter().chain(intermediates).map(Certificate::der);
    let lists = crls.iter().map(Crl::der);
    let answers = ocsp.iter().map(OcspResponse::der);
    (certificates.chain(lists).chain(answers).collect(), counts)
}

/// The evidence again.
pub(super) fn evidence_of(parts: &[&[u8]], counts: [usize; 4]) -> Result<TrustEvidence, Error> {
    let mut left = parts.iter();
    let [anchors, intermediates, crls, ocsp] = counts;
    let said = |fault: crate::pki::Error| wrong("evidence", fault);
    let mut certificates = |count: usize| {
        let taken = left.by_ref().take(count);
        taken
            .map(|der| Certificate::from_der(der))
            .collect::<Result<Vec<_>, _>>()
    };
    let (anchors, intermediates) = (
        certificates(anchors).map_err(said)?,
        certificates(intermediates).map_err(said)?,
    );
    let crls = left.by_ref().take(crls).map(|der| Crl::from_der(der));
    let crls = crls.collect::<Result<_, _>>().map_err(said)?;
    let ocsp = left
        .by_ref()
        .take(ocsp)
        .map(|der| OcspResponse::from_der(der));
    let ocsp = ocsp.collect::<Result<_, _>>().map_err(said)?;
    Ok(TrustEvidence {
        anchors,
        intermediates,
        crls,
        ocsp,
        ..TrustEvidence::default()
    })
}

/// Wire shape: who is this certificate registered for?
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WhoIs {
    pub(super) sha256: String,
    pub(super) at: String,
}

/// Wire shape of the answer to it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Owner {
    agency_code: String,
    agency_name: String,
    is_agency: bool,
    from: Option<String>,
    to: Option<String>,
    successors: Vec<String>,
    renamed_to: Option<String>,
}

impl From<SignerOwner> for Owner {
    fn from(owner: SignerOwner) -> Self {
        let text = |day: Option<Date>| day.map(|day| day.to_string());
        Self {
            agency_code: owner.agency_code,
            agency_name: owner.agency_name,
            is_agency: owner.kind == OwnerKind::Agency,
            from: text(owner.agency_days.from),
            to: text(owner.agency_days.to),
            successors: owner.successors,
            renamed_to: owner.renamed_to,
        }
    }
}

impl Owner {
    pub(super) fn read(self) -> Result<SignerOwner, Error> {
        let day = |text: Option<String>| {
            let read = |text: String| text.parse().or(Err(wrong("a day", &text)));
            text.map(read).transpose()
        };
        Ok(SignerOwner {
            agency_code: self.agency_code,
            agency_name: self.agency_name,
            kind: match self.is_agency {
                true => OwnerKind::Agency,
                false => OwnerKind::Person,
            },
            agency_days: Period {
                from: day(self.from)?,
                to: day(self.to)?,
            },
            successors: self.successors,
            renamed_to: self.renamed_to,
        })
    }
}

/// Wire shape of a judgement.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Verdict {
    verdict: String,
    sub_indication: Option<String>,
    json: String,
    text: String,
    decisive: Option<Decisive>,
    marking: Option<String>,
    etsi: Option<String>,
    /// In hexadecimal digits.
    sheet: Option<String>,
}

/// Wire shape: the last thing a child writes.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    /// Judged.
    Verdict(Box<Verdict>),
    /// Looked at.
    Seen {
        pages: usize,
        signatures: usize,
        marking: Option<String>,
    },
    /// Described.
    Outlined(Result<Box<Outline>, String>),
    /// It cannot be signed, for this reason.
    Refused { code: String },
    /// Looked at before the first signature.
    Linted(Linted),
    /// A signature that waits for its key.
    Prepared { session: String },
    /// No signature can be prepared.
    NotPrepared(Refused),
    /// What a detached signature says of itself.
    Detached(Box<Found>),
    /// It does not hold, for this reason.
    NotDetached { reason: String },
    /// Locked in.
    Ready,
    /// The answer is longer than an answer may be.
    TooLong,
}

impl From<Judged> for Answer {
    fn from(judged: Judged) -> Self {
        Self::Verdict(Box::new(Verdict {
            verdict: judged.verdict.to_string(),
            sub_indication: judged.sub_indication,
            json: judged.json,
            text: judged.text,
            decisive: judged.decisive,
            marking: judged.marking,
            etsi: judged.etsi,
            sheet: judged.sheet.map(hex::encode),
        }))
    }
}

impl Answer {
    pub(super) fn judged(self) -> Result<Judged, Error> {
        let Self::Verdict(judged) = self else {
            return Err(wrong("a verdict", "another answer"));
        };
        let Verdict {
            verdict,
            sub_indication,
            json,
            text,
            decisive,
            marking,
            etsi,
            sheet,
        } = *judged;
        const VERDICTS: [FileVerdict; 5] = [
            FileVerdict::Judged(Indication::TotalPassed),
            FileVerdict::Judged(Indication::Indeterminate),
            FileVerdict::Judged(Indication::TotalFailed),
            FileVerdict::NoSignature,
            FileVerdict::Unreadable,
        ];
        let known = VERDICTS.into_iter().find(|one| one.to_string() == verdict);
        Ok(Judged {
            verdict: known.ok_or(wrong("a verdict", verdict))?,
            sub_indication,
            json,
            text,
            decisive,
            marking,
            etsi,
            sheet: sheet
                .map(|digits| hex::decode(digits).map_err(|fault| wrong("a page", fault)))
                .transpose()?,
        })
    }
}
