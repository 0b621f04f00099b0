//! Station 2: a clerk hands in a document. Everything that can be known now is checked now, so that
//! a wrong recipient, a taken number or an unreadable file changes nothing.
//!
//! Durable on return: the bytes, the document with its number and addressees, the key of the
//! request, and the job to seal it.

use super::hub::Inner;
use super::people::Person;
use super::source::BlobSource;
use super::{Error, Hub, outbox, secrecy, verify};
use crate::config::KeyKind;
use crate::domain::agency::AgencyCode;
use crate::domain::clock::{Date, Timestamp};
use crate::domain::digest::Sha256;
use crate::domain::document::{Content, Header, Urgency};
use crate::domain::ids::DocumentId;
use crate::domain::lane::{Lane, Target};
use crate::domain::language::Language;
use crate::domain::number::DocumentNumber;
use crate::domain::refusal::Refusal;
use crate::jail;
use crate::store;
use crate::store::Tx;
use crate::store::rows::acts;
use crate::store::rows::documents::{self, Document, Stage};
use crate::store::rows::jobs::Kind;

/// What a clerk hands in. The bytes are stored before ([`Hub::begin_bytes`]).
#[derive(Debug, Clone)]
pub struct Draft {
    /// Key of the request: the same key is the same document.
    pub key: String,
    /// Number and notation, `15/UBND-VP`.
    pub number: String,
    /// Day of the document; today if absent.
    pub issued_on: Option<Date>,
    /// Name of the document type.
    pub type_name: String,
    /// Subject.
    pub subject: String,
    /// Urgency.
    pub urgency: Urgency,
    /// The file as the clerk calls it.
    pub file_name: String,
    /// Its bytes.
    pub content: Content,
    /// Codes of the addressees.
    pub recipients: Vec<String>,
    /// Who signs, by name as in [`Hub::signers`]; the first one if absent.
    pub signer: Option<String>,
}

impl Hub {
    /// Registers a document; sealing and sending follow by themselves. The same request again gives
    /// the same document.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Unreadable`], [`Error::NotAllowed`]: nothing was recorded.
    /// [`Error::Conflict`]: the key was used for another document.
    pub async fn compose(&self, person: &Person, draft: Draft) -> Result<DocumentId, Error> {
        person.must_be_clerk()?;
        let person = person.clone();
        let id = self.run(move |hub| compose(hub, &person, &draft)).await?;
        self.inner().work.notify_one();
        Ok(id)
    }
}

fn compose(hub: &Inner, person: &Person, draft: &Draft) -> Result<DocumentId, Error> {
    let fingerprint = fingerprint(draft);
    if draft.key.is_empty() || draft.key.len() > 255 {
        let problem = "1 to 255 characters".to_owned();
        return Err(Refusal::Field {
            field: "Idempotency-Key",
            problem,
        }
        .into());
    }
    if let Some(id) = hub
        .store()
        .read(|tx| known(tx, person, draft, fingerprint))?
    {
        return Ok(id);
    }
    hub.must_have_a_registry()?;
    must_exist(hub, person)?;
    let now = hub.now();
    let header = header(hub, person, draft, now)?;
    let recipients = recipients(hub, person, &draft.recipients)?;
    let signer = signer(hub, person, (draft, header.copy_form().is_some()))?;
    let by = (&person.actor(), header.id);
    secrecy::must_be_sendable(hub, by, draft.content)?;
    let document = Document {
        header,
        signer,
        original: Some(draft.content),
        sealed: None,
        stage: Stage::Registered,
        origin: hub.parts.id.clone(),
        created_by: person.actor().to_string(),
        created_at: now,
    };
    fail::fail_point!("compose-before-record");
    fail::fail_point!("bug-compose-answers-early", |_| Ok(document.header.id));
    let recorded = hub.store().write(|tx| {
        if let Some(id) = known(tx, person, draft, fingerprint)? {
            return Ok(id);
        }
        let id = document.header.id;
        documents::insert(tx, &document)?;
        documents::take_number(tx, &document.header).map_err(|f| taken(f, &document.header))?;
        documents::insert_recipients(tx, id, &recipients)?;
        documents::remember_submission(tx, &person.login, &draft.key, fingerprint, id)?;
        let lane = Lane::of(document.header.urgency, recipients.len());
        let work = (Kind::Seal, &*id.to_string());
        outbox::enqueue(tx, hub, work, (&Target::Here, lane), now)?;
        let number = document.header.number.to_string();
        acts::insert(tx, &person.actor(), "composed", (id, None), &number, now)?;
        fail::fail_point!("compose-in-record");
        Ok(id)
    });
    fail::fail_point!("compose-after-record");
    match recorded {
        // The same request may have been recorded at the same moment.
        Err(fault @ (Error::Refused(_) | Error::Record(_))) => {
            let before = hub
                .store()
                .read(|tx| known(tx, person, draft, fingerprint))?;
            before.ok_or(fault)
        }
        other => other,
    }
}

fn known(
    tx: &mut Tx<'_>,
    person: &Person,
    draft: &Draft,
    fingerprint: Sha256,
) -> Result<Option<DocumentId>, Error> {
    match documents::submitted(tx, &person.login, &draft.key)? {
        None => Ok(None),
        Some((before, id)) if before == fingerprint => Ok(Some(id)),
        Some(_) => Err(Error::Conflict(
            "the key was used for another document".to_owned(),
        )),
    }
}

fn taken(fault: store::Error, header: &Header) -> Error {
    match fault {
        store::Error::Conflict { .. } => Refusal::DuplicateNumber {
            number: header.number.to_string(),
            year: header.issued_on.year(),
        }
        .into(),
        other => other.into(),
    }
}

fn fingerprint(draft: &Draft) -> Sha256 {
    let told = format!(
        "{:?}",
        (
            &draft.number,
            draft.issued_on,
            &draft.type_name,
            &draft.subject,
            draft.urgency.code(),
            &draft.file_name,
            draft.content,
            &draft.recipients,
            &draft.signer,
        )
    );
    Sha256::of(told.as_bytes())
}

fn header(hub: &Inner, person: &Person, draft: &Draft, now: Timestamp) -> Result<Header, Error> {
    let today = hub.today();
    let issued_on = draft.issued_on.unwrap_or(today);
    if issued_on > today {
        let problem = format!("{issued_on} > {today}");
        return Err(Refusal::Field {
            field: "date",
            problem,
        }
        .into());
    }
    let header = Header {
        id: DocumentId::fresh(hub.ids(), now),
        sender: person.agency.clone(),
        number: DocumentNumber::parse(&draft.number)?,
        issued_on,
        type_name: draft.type_name.clone(),
        subject: draft.subject.clone(),
        urgency: draft.urgency,
        file_name: draft.file_name.clone(),
    };
    Ok(header.checked()?)
}

/// An agency that has closed sends nothing new.
fn must_exist(hub: &Inner, person: &Person) -> Result<(), Refusal> {
    let directory = hub.directory();
    let sender = directory.agency(&person.agency);
    let closed_on = sender.and_then(|agency| agency.valid.to);
    match (sender, closed_on.filter(|day| *day < hub.today())) {
        (Some(agency), Some(closed_on)) => Err(Refusal::SenderClosed {
            name: agency.name.clone(),
            closed_on,
        }),
        _ => Ok(()),
    }
}

/// The addressees: known, open, connected, named once, not the sender.
fn recipients(hub: &Inner, person: &Person, codes: &[String]) -> Result<Vec<AgencyCode>, Error> {
    let mut found: Vec<AgencyCode> = Vec::new();
    let directory = hub.directory();
    for code in codes {
        let (agency, _) = directory.addressee(code, hub.today())?;
        if agency.code == person.agency {
            return Err(Refusal::SameAgency.into());
        }
        if found.contains(&agency.code) {
            return Err(Refusal::DuplicateRecipient {
                code: agency.code.to_string(),
            }
            .into());
        }
        found.push(agency.code.clone());
    }
    if found.is_empty() {
        return Err(Refusal::NoRecipient.into());
    }
    Ok(found)
}

/// The person whose key will sign, nobody for a copy; the agency's key must be here too.
fn signer(
    hub: &Inner,
    person: &Person,
    (draft, is_copy): (&Draft, bool),
) -> Result<Option<String>, Error> {
    let missing = |problem: &str| Refusal::Field {
        field: "signer",
        problem: problem.to_owned(),
    };
    let wanted = draft.signer.as_deref().filter(|name| !name.is_empty());
    hub.key(&person.agency, KeyKind::Agency, None)
        .ok_or_else(|| missing("no key of the agency on this hub"))?;
    if is_copy {
        return Ok(None);
    }
    let key = hub.key(&person.agency, KeyKind::Person, wanted);
    let key = key.ok_or_else(|| missing("no key of this person on this hub"))?;
    Ok(key.holder.clone())
}

/// What is worth looking at before a file is signed for the first time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Noticed {
    /// One sentence for each thing; none for a clean file.
    pub sentences: Vec<String>,
    /// The report as one line of JSON, schema `lienthong.lint/1`.
    pub json: String,
}

impl Hub {
    /// Looks for what in a stored file could later be used against its first signature, such as
    /// layers, active content or a second page tree. Nothing is recorded.
    ///
    /// # Errors
    /// [`Error::NotAllowed`]; [`Error::Unreadable`] when the reader died of the file;
    /// [`Error::Jail`] when it may be tried again.
    pub async fn look(
        &self,
        person: &Person,
        content: Content,
        name: String,
        language: Language,
    ) -> Result<Noticed, Error> {
        person.must_be_clerk()?;
        self.run(move |hub| {
            let blob = hub.store().blobs().get(&content.sha256)?;
            let source = BlobSource::new(blob.ok_or(Error::NotFound("uploaded file"))?);
            let linted = hub
                .parts
                .jail
                .lint(&source.outside(), &name, [language; 2])
                .map_err(|fault| match fault {
                    jail::Error::Died(death) if death.is_by_document() => {
                        verify::reader_died(death)
                    }
                    fault => fault.into(),
                })?;
            // What cannot be read is refused when it is handed in, with the better reason.
            let sentences = Some(linted.sentences).filter(|_| linted.readable);
            Ok(Noticed {
                sentences: sentences.unwrap_or_default(),
                json: linted.json,
            })
        })
        .await
    }
}
