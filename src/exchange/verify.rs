//! Station 7: are the signatures of what arrived genuine? The engine judges on the frozen evidence
//! of this hub; a document that fails is refused at reception with the reason, one that cannot be
//! decided waits for the clerk, who can refuse it but not accept it.
//!
//! Durable on return: the full report, its digest in the delivery, and for a refusal the signed
//! receipt on its way to the sender.

use tracing::error;

use super::acknowledge::{self, Decision};
use super::hub::Inner;
use super::people::Person;
use super::receipts::{self, Issued};
use super::source::BlobSource;
use super::{Error, Hub, intake, relay, secrecy};
use crate::domain::actor::Actor;
use crate::domain::delivery::{HandlingState, Role};
use crate::domain::digest::Sha256;
use crate::domain::document::Content;
use crate::domain::ids::DeliveryId;
use crate::domain::language::Language;
use crate::domain::receipt::{Event, VerdictNote};
use crate::domain::refusal::{Reason, ReasonCode, Refusal};
use crate::domain::secrecy as marking;
use crate::jail::{self, Forms, Jail, Judged, Languages, Look, Question};
use crate::pades::{self, Expectation, FileVerdict, FiledSigners, Policy, Profile};
use crate::pki::verdict::{Indication, Params};
use crate::store::rows::acts;
use crate::store::rows::deliveries::{self, Delivery};
use crate::store::rows::documents::{self, Document};
use crate::store::rows::jobs::{self, Job};
use crate::store::rows::mails::Notice;

/// The act that notes the death of a document's reader.
const READER_DIED: &str = "reader died";
/// Deaths of readers after which a document is refused.
const DEATHS: i64 = 2;

/// Puts a question about a document, answered in `language`.
fn ask<T>(
    hub: &Inner,
    (name, policy): (&str, &Policy),
    language: Language,
    put: impl FnOnce(&Question<'_>) -> Result<T, jail::Error>,
) -> Result<T, Error> {
    let at = hub.now();
    let directory = hub.directory();
    let owners = FiledSigners::new(&directory, at);
    let question = Question {
        name,
        evidence: &hub.trust(),
        policy,
        registry: Some(&owners),
        at,
        languages: Languages {
            data: language,
            words: language,
        },
        forms: Forms::default(),
    };
    Ok(put(&question)?)
}

/// The judgement of a document that nobody waits for twice: a reader that dies of it is its verdict.
fn judge_at_once(
    hub: &Inner,
    source: &BlobSource,
    about: (&str, &Policy),
    language: Language,
) -> Result<Judged, Error> {
    let jail = &hub.parts.jail;
    ask(hub, about, language, |question| {
        jail.verify_at_once(&source.outside(), question)
    })
}

/// The judgement of a document that arrived. The first time its reader dies, nothing is decided and
/// the document waits; the second time, that is the verdict. Only deaths of the reader count: a hub
/// that is stopped or killed meanwhile says nothing about the document.
fn judge_arrived(
    hub: &Inner,
    delivery: &Delivery,
    source: &BlobSource,
    about: (&str, &Policy),
) -> Result<Judged, Error> {
    let jail = &hub.parts.jail;
    let language = Language::Vietnamese;
    let died = match ask(hub, about, language, |question| {
        jail.verify(&source.outside(), question)
    }) {
        Err(Error::Jail(jail::Error::Died(death))) => death,
        other => return other,
    };
    error!(delivery.id = %delivery.id, jail.death = died.code(), "a document's reader died");
    let deaths = hub.store().write(|tx| {
        let (about, now) = (intake::about(delivery), hub.now());
        acts::insert(tx, &Actor::System, READER_DIED, about, died.code(), now)?;
        acts::count(tx, READER_DIED, delivery.id)
    })?;
    if deaths < DEATHS {
        return Err(Error::Jail(jail::Error::Died(died)));
    }
    ask(hub, about, language, |question| {
        Jail::verdict_of_death(&source.outside(), question, died)
    })
}

/// What a document is to be, as its type and notation say: an original or a copy of its sender.
fn policy_of(hub: &Inner, document: &Document) -> Policy {
    let agency_code = document.header.sender.to_string();
    let profile = match document.header.copy_form() {
        Some(_) => Profile::Copy,
        None => Profile::Original,
    };
    Policy::of_profile(profile, Some(Expectation { agency_code }))
        .with_revocation(hub.parts.revocation)
}

impl Hub {
    /// Judges bytes handed in for checking; gives the JSON (`lienthong.verification/1`) with
    /// messages in `language`. Nothing is recorded.
    ///
    /// # Errors
    /// [`Error::Refused`] for a secrecy marking; a fault of the disk.
    pub async fn judge(
        &self,
        person: &Person,
        content: Content,
        name: String,
        language: Language,
    ) -> Result<String, Error> {
        let actor = person.actor();
        self.run(move |hub| {
            let blob = hub.store().blobs().get(&content.sha256)?;
            let source = BlobSource::new(blob.ok_or(Error::NotFound("uploaded file"))?);
            let about = (name.as_str(), &Policy::standard());
            let judged = judge_at_once(hub, &source, about, language)?;
            match judged.marking.as_deref().and_then(marking::known) {
                Some(found) => Err(secrecy::turn_away(hub, (&actor, None), content, found)?),
                None => Ok(judged.json),
            }
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
    let policy = policy_of(hub, &document);
    let about = (document.header.file_name.as_str(), &policy);
    fail::fail_point!("verify-before-judgement");
    let judged = judge_arrived(hub, &delivery, &BlobSource::new(blob), about)?;
    fail::fail_point!("verify-after-judgement");
    if is_as_before(&delivery, &judged) {
        return Ok(hub.store().write(|tx| jobs::finish(tx, job))?);
    }
    delivery.verdict = Some(VerdictNote {
        verdict: judged.verdict.to_string(),
        sub_indication: judged.sub_indication.clone(),
        report_sha256: Sha256::of(judged.json.as_bytes()),
    });
    record(hub, job, &mut delivery, &judged)
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
fn is_as_before(delivery: &Delivery, judged: &Judged) -> bool {
    delivery.verdict.as_ref().is_some_and(|note| {
        note.verdict == judged.verdict.to_string() && note.sub_indication == judged.sub_indication
    })
}

fn record(hub: &Inner, job: &Job, delivery: &mut Delivery, judged: &Judged) -> Result<(), Error> {
    let refusal = refusal(judged)
        .map(|reason| Decision {
            event: Event::Rejection,
            reason: Some(reason),
            number: None,
        })
        .map(|decision| acknowledge::issue(hub, &Actor::System, delivery, decision))
        .transpose()?;
    fail::fail_point!("verify-before-record");
    let issued: Vec<&Issued> = refusal.iter().collect();
    let recorded = receipts::recording(hub, &issued, |tx| {
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
        deliveries::insert_report(tx, present.id, &judged.json, now)?;
        let detail = judged.verdict.to_string();
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
        fail::fail_point!("verify-in-record");
        Ok(jobs::finish(tx, job)?)
    });
    fail::fail_point!("verify-after-record");
    recorded
}

/// The reason for refusing at reception: it bears a secrecy marking, the verdict failed, nothing is signed, the file cannot be
/// read, or a question was answered with no. What is merely undecided waits for a clerk.
fn refusal(judged: &Judged) -> Option<Reason> {
    if let Some(marking) = &judged.marking {
        return Some(Reason {
            code: ReasonCode::Secret,
            text: marking.clone(),
        });
    }
    let decisive = judged.decisive.as_ref()?;
    let code = match (decisive.row.as_str(), decisive.reason.as_str()) {
        ("file", "NO_SIGNATURE")
        | (
            "authority",
            "PERSON_SIGNATURE_MISSING" | "AGENCY_SIGNATURE_MISSING" | "COPY_AGENCY_MISSING",
        ) => ReasonCode::SignatureMissing,
        ("authority", "COPY_MARK_MISSING" | "COPY_SIGNED_BY_OTHERS") => ReasonCode::Layout,
        ("authority" | "trust" | "revocation" | "time", _) => ReasonCode::Certificate,
        _ => ReasonCode::SignatureInvalid,
    };
    let [vietnamese, english] = &decisive.words;
    let text = format!("{}: {vietnamese} / {english}", decisive.reason);
    let text = text.chars().take(1000).collect();
    Some(Reason { code, text })
}

/// A reason code with its explanation in both languages.
fn explain(code: &str) -> String {
    let say = |language| pades::message(language, code, &Params::new());
    format!(
        "{code}: {} / {}",
        say(Language::Vietnamese),
        say(Language::English)
    )
}

/// A look at a file that is to be signed, how many signatures it carries: refuses what bears a
/// secrecy marking, and what cannot be signed because it is not a PDF, damaged or encrypted, or
/// because its reader died of it.
///
/// # Errors
/// [`Error::Unreadable`]; [`Error::Refused`]; [`Error::Jail`] when it may be tried again.
pub(super) fn must_be_signable(hub: &Inner, source: &BlobSource) -> Result<usize, Error> {
    match hub.parts.jail.inspect(&source.outside()) {
        Ok(Look::Seen(seen)) => match seen.marking {
            Some(marking) => Err(Refusal::Secret { marking }.into()),
            None => Ok(seen.signatures),
        },
        Ok(Look::Refused(reason)) => Err(Error::Unreadable {
            detail: explain(&reason),
            reason,
        }),
        Err(jail::Error::Died(death)) if death.is_by_document() => Err(reader_died(death)),
        Err(fault) => Err(fault.into()),
    }
}

/// A document that cannot be used because its reader died of it.
pub(super) fn reader_died(death: jail::Death) -> Error {
    Error::Unreadable {
        reason: death.code().to_owned(),
        detail: explain(death.code()),
    }
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
    let policy = policy_of(hub, document);
    let about = (document.header.file_name.as_str(), &policy);
    let judged = judge_at_once(hub, &BlobSource::new(blob), about, Language::Vietnamese)?;
    match judged.verdict {
        FileVerdict::Judged(Indication::TotalPassed) => Ok(()),
        FileVerdict::Judged(Indication::Indeterminate) => Err(Error::Undecided(judged.text)),
        verdict => Err(Error::Unreadable {
            reason: verdict.to_string(),
            detail: judged.text,
        }),
    }
}
