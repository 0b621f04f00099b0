//! Station 7: are the signatures of what arrived genuine? The engine judges on the frozen evidence
//! of this hub; a document that fails is refused at reception with the reason, one that cannot be
//! decided waits for the clerk, who can refuse it but not accept it.
//!
//! Durable on return: the full report, its digest in the delivery, and for a refusal the signed
//! receipt on its way to the sender.

use super::acknowledge::{self, Decision};
use super::hub::Inner;
use super::people::Person;
use super::receipts::{self, Issued};
use super::source::BlobSource;
use super::{Error, Hub, intake, relay};
use crate::domain::actor::Actor;
use crate::domain::clock::{Timestamp, vietnam_date};
use crate::domain::delivery::{HandlingState, Role};
use crate::domain::digest::Sha256;
use crate::domain::directory::{Directory, HolderKind};
use crate::domain::document::Content;
use crate::domain::ids::DeliveryId;
use crate::domain::language::Language;
use crate::domain::receipt::{Event, VerdictNote};
use crate::domain::refusal::{Reason, ReasonCode};
use crate::pades::{
    self, ByteSource, Expectation, FileVerdict, OwnerKind, Policy, Report, SignerOwner,
    SignerRegistry,
};
use crate::pki::verdict::{Indication, Params, RowResult};
use crate::store::rows::acts;
use crate::store::rows::deliveries::{self, Delivery};
use crate::store::rows::documents::{self, Document};
use crate::store::rows::jobs::{self, Job};
use crate::store::rows::mails::Notice;

/// The registry as the engine asks it.
struct Owners<'a>(&'a Directory);

impl SignerRegistry for Owners<'_> {
    fn owner(&self, certificate_sha256: &Sha256, at: Timestamp) -> Option<SignerOwner> {
        let row = self.0.certificate(certificate_sha256, vietnam_date(at))?;
        let agency = self.0.agency(&row.agency)?;
        Some(SignerOwner {
            agency_code: agency.code.to_string(),
            agency_name: agency.name.clone(),
            kind: match row.kind {
                HolderKind::Agency => OwnerKind::Agency,
                HolderKind::Person => OwnerKind::Person,
            },
        })
    }
}

fn judge(hub: &Inner, source: &dyn ByteSource, name: &str, policy: &Policy) -> Report {
    let owners = Owners(&hub.parts.directory);
    pades::verify(source, name, &hub.trust(), policy, Some(&owners), hub.now())
}

fn original_of(document: &Document) -> Policy {
    Policy::agency(Some(Expectation {
        agency_code: document.header.sender.to_string(),
    }))
}

impl Hub {
    /// Judges bytes handed in for checking; gives the JSON (`lienthong.verification/1`) with
    /// messages in `language`. Nothing is recorded.
    ///
    /// # Errors
    /// A fault of the disk.
    pub async fn judge(
        &self,
        _person: &Person,
        content: Content,
        name: String,
        language: Language,
    ) -> Result<String, Error> {
        self.run(move |hub| {
            let blob = hub.store().blobs().get(&content.sha256)?;
            let source = BlobSource::new(blob.ok_or(Error::NotFound("uploaded file"))?);
            Ok(judge(hub, &source, &name, &Policy::standard()).to_json(language))
        })
        .await
    }
}

/// Verifies the delivery the job names and decides what follows.
///
/// # Errors
/// A fault; then nothing is recorded.
pub(super) fn verify(hub: &Inner, job: &Job, id: DeliveryId) -> Result<(), Error> {
    let loaded = hub.store().read(|tx| {
        let delivery = deliveries::find(tx, id, Role::Destination)?;
        let delivery = delivery.ok_or(Error::NotFound("delivery"))?;
        let document = documents::find(tx, delivery.document)?;
        Ok::<_, Error>((delivery, document.ok_or(Error::NotFound("document"))?))
    })?;
    let (mut delivery, document) = loaded;
    if !is_open(&delivery) {
        return Ok(hub.store().write(|tx| jobs::finish(tx, job))?);
    }
    let content = document.sealed.ok_or(Error::NotFound("bytes"))?;
    let blob = hub
        .store()
        .blobs()
        .get(&content.sha256)?
        .ok_or(Error::NotFound("bytes"))?;
    let name = &document.header.file_name;
    let report = judge(hub, &BlobSource::new(blob), name, &original_of(&document));
    if is_as_before(&delivery, &report) {
        return Ok(hub.store().write(|tx| jobs::finish(tx, job))?);
    }
    let json = report.to_json(Language::Vietnamese);
    delivery.verdict = Some(VerdictNote {
        verdict: report.verdict.to_string(),
        sub_indication: report.sub_indication.map(|sub| sub.as_str().to_owned()),
        report_sha256: Sha256::of(json.as_bytes()),
    });
    record(hub, job, &mut delivery, &report, &json)
}

/// Whether a judgement may still change anything: there is none yet, or it left the question open
/// and nobody has decided since.
fn is_open(delivery: &Delivery) -> bool {
    delivery.verdict.as_ref().is_none_or(|note| {
        note.verdict == Indication::Indeterminate.to_string()
            && delivery.handling == HandlingState::Arrived
    })
}

/// Whether a second judgement came to what the first one said.
fn is_as_before(delivery: &Delivery, report: &Report) -> bool {
    delivery.verdict.as_ref().is_some_and(|note| {
        let sub_indication = report.sub_indication.map(|sub| sub.as_str());
        note.verdict == report.verdict.to_string()
            && note.sub_indication.as_deref() == sub_indication
    })
}

fn record(
    hub: &Inner,
    job: &Job,
    delivery: &mut Delivery,
    report: &Report,
    json: &str,
) -> Result<(), Error> {
    let refusal = refusal(report)
        .map(|reason| Decision {
            event: Event::Rejection,
            reason: Some(reason),
            number: None,
        })
        .map(|decision| acknowledge::issue(hub, &Actor::System, delivery, decision))
        .transpose()?;
    fail::fail_point!("verify-before-record");
    let issued: Vec<&Issued> = refusal.iter().collect();
    receipts::recording(hub, &issued, |tx| {
        let now = hub.now();
        let verdict = delivery.verdict.clone();
        let mut present = deliveries::find(tx, delivery.id, Role::Destination)?
            .ok_or(Error::NotFound("delivery"))?;
        if !is_open(&present) {
            if let Some(unused) = &refusal {
                receipts::discard(tx, unused, now)?;
            }
            return Ok(jobs::finish(tx, job)?);
        }
        let is_first = present.verdict.is_none();
        present.verdict = verdict;
        present.updated_at = now;
        deliveries::update(tx, &present)?;
        deliveries::insert_report(tx, present.id, json, now)?;
        let detail = report.verdict.to_string();
        acts::insert(
            tx,
            &Actor::System,
            "verified",
            intake::about(&present),
            &detail,
            now,
        )?;
        let is_undecided = present.handling == HandlingState::Arrived;
        match &refusal {
            Some(issued) if is_undecided => {
                acknowledge::record(tx, hub, &Actor::System, &mut present, issued, now)?;
            }
            Some(unused) => receipts::discard(tx, unused, now)?,
            None if is_first => {
                let to = present.recipient.clone();
                relay::enqueue(tx, hub, &present, Notice::Arrived, &to, now)?;
            }
            None => {}
        }
        Ok(jobs::finish(tx, job)?)
    })
}

/// The reason for refusing at reception: the verdict failed, nothing is signed, the file cannot be
/// read, or a question was answered with no. What is merely undecided waits for a clerk.
fn refusal(report: &Report) -> Option<Reason> {
    let words = |code: ReasonCode, detail: String| {
        let text = detail.chars().take(1000).collect();
        Some(Reason { code, text })
    };
    match report.verdict {
        FileVerdict::Judged(Indication::TotalPassed) => return None,
        FileVerdict::NoSignature => {
            return words(
                ReasonCode::SignatureMissing,
                explain("NO_SIGNATURE", &Params::new()),
            );
        }
        FileVerdict::Unreadable => {
            return words(
                ReasonCode::SignatureInvalid,
                explain("UNREADABLE", &Params::new()),
            );
        }
        FileVerdict::Judged(_) => {}
    }
    let failed = report.signatures.iter().flat_map(|signature| {
        let rows = signature.rows.named().into_iter();
        rows.filter(|(_, row)| row.result == RowResult::Failed)
    });
    let (name, row) = failed.into_iter().next().or_else(|| {
        // A verdict that failed without a failed row still fails.
        let first = report.signatures.first()?;
        matches!(report.verdict, FileVerdict::Judged(Indication::TotalFailed))
            .then_some(("integrity", &first.rows.integrity))
    })?;
    let code = match (name, row.reason) {
        ("authority", "PERSON_SIGNATURE_MISSING" | "AGENCY_SIGNATURE_MISSING") => {
            ReasonCode::SignatureMissing
        }
        ("authority" | "trust" | "revocation" | "time", _) => ReasonCode::Certificate,
        _ => ReasonCode::SignatureInvalid,
    };
    words(code, explain(row.reason, &row.params))
}

/// A reason code with its explanation in both languages.
fn explain(code: &str, params: &Params) -> String {
    let say = |language| pades::message(language, code, params);
    format!(
        "{code}: {} / {}",
        say(Language::Vietnamese),
        say(Language::English)
    )
}

/// Refuses files that cannot be signed: not a PDF, damaged, encrypted.
///
/// # Errors
/// [`Error::Unreadable`].
pub(super) fn must_be_signable(source: &BlobSource) -> Result<(), Error> {
    pades::inspect(source)
        .map(|_| ())
        .map_err(|fault| Error::Unreadable {
            reason: fault.code().to_owned(),
            detail: explain(fault.code(), &Params::new()),
        })
}

/// Whether the file carries a signature already.
///
/// # Errors
/// [`Error::Unreadable`].
pub(super) fn has_signature(source: &BlobSource) -> Result<bool, Error> {
    Ok(pades::inspect(source).map_err(Error::Signature)?.signatures > 0)
}

/// What we sealed must be an original in the eyes of our own engine.
///
/// # Errors
/// [`Error::Undecided`] when that cannot be told now, [`Error::Unreadable`] with the verdict when it
/// is not one.
pub(super) fn must_be_original(
    hub: &Inner,
    document: &Document,
    sealed: Content,
) -> Result<(), Error> {
    let blob = hub
        .store()
        .blobs()
        .get(&sealed.sha256)?
        .ok_or(Error::NotFound("sealed bytes"))?;
    let name = &document.header.file_name;
    let report = judge(hub, &BlobSource::new(blob), name, &original_of(document));
    let detail = || pades::explain(&report, Language::Vietnamese);
    match report.verdict {
        FileVerdict::Judged(Indication::TotalPassed) => Ok(()),
        FileVerdict::Judged(Indication::Indeterminate) => Err(Error::Undecided(detail())),
        verdict => Err(Error::Unreadable {
            reason: verdict.to_string(),
            detail: detail(),
        }),
    }
}
