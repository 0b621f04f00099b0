//! Station 3: the authorised person signs, then the agency seals (Decree 30/2020/NĐ-CP, articles
//! 13, 17(2) and 32(2)(d)). The result is verified by our own engine before anything travels.
//!
//! Durable before a key acts: the intent with the digest of what is signed. Durable on return: the
//! sealed bytes, the closed log of the keys, and the job to send it.

use std::cell::RefCell;

use super::hub::{AgencyKey, Inner};
use super::source::BlobSource;
use super::{Error, outbox, receipts, verify};
use crate::config::KeyKind;
use crate::domain::actor::Actor;
use crate::domain::clock::Timestamp;
use crate::domain::digest::Sha256;
use crate::domain::document::{Content, CopyForm};
use crate::domain::ids::{DocumentId, SigningId};
use crate::domain::lane::{Lane, Target};
use crate::jail::{self, Order, Outside};
use crate::keystore::Signer as _;
use crate::pades::{self, Act, Answer, Extended, Session};
use crate::pki::algorithm::DigestAlgorithm;
use crate::store::blobs::BlobWriter;
use crate::store::rows::acts;
use crate::store::rows::documents::{self, Document, Stage};
use crate::store::rows::jobs::{self, Job, Kind};
use crate::store::rows::signings::{self, Signing};

/// Seals the document the job names.
///
/// # Errors
/// A fault; then the document is as it was.
pub(super) fn seal(hub: &Inner, job: &Job, id: DocumentId) -> Result<(), Error> {
    let document = hub.store().read(|tx| documents::find(tx, id))?;
    let document = document.ok_or(Error::NotFound("document"))?;
    let (Stage::Registered, Some(original)) = (&document.stage, document.original) else {
        return Ok(hub.store().write(|tx| jobs::finish(tx, job))?);
    };
    let blob = hub
        .store()
        .blobs()
        .get(&original.sha256)?
        .ok_or(Error::NotFound("bytes"))?;
    let logged = RefCell::new(Vec::new());
    let source = BlobSource::new(blob);
    let done = sign_both(hub, &document, &source, &logged)
        .and_then(|sealed| record(hub, job, &document, sealed, &logged.borrow()));
    if let Err(fault) = &done {
        receipts::close_unused(hub, logged.into_inner(), fault);
    }
    done
}

/// Records the sealed bytes, once our own verifier has passed them.
fn record(
    hub: &Inner,
    job: &Job,
    document: &Document,
    sealed: Content,
    logged: &[SigningId],
) -> Result<(), Error> {
    verify::must_be_original(hub, document, sealed)?;
    fail::fail_point!("seal-before-record");
    let recorded = hub.store().write(|tx| {
        let (id, now) = (document.header.id, hub.now());
        documents::remember_blob(tx, sealed, now)?;
        documents::advance(tx, id, &Stage::Registered, &Stage::Sealed, Some(sealed))?;
        for signing in logged {
            signings::close(tx, *signing, "done", now)?;
        }
        let detail = sealed.sha256.to_string();
        acts::insert(tx, &Actor::System, "sealed", (id, None), &detail, now)?;
        let recipients = documents::recipients_of(tx, id)?.len();
        let lane = Lane::of(document.header.urgency, recipients);
        let work = (Kind::Dispatch, &*id.to_string());
        outbox::enqueue(tx, hub, work, (&Target::Here, lane), now)?;
        fail::fail_point!("seal-in-record");
        Ok::<_, Error>(jobs::finish(tx, job)?)
    });
    fail::fail_point!("seal-after-record");
    recorded
}

/// Notes on the document why it cannot be sealed or sent: the end of its job.
///
/// # Errors
/// A fault of the record.
pub(super) fn fail(hub: &Inner, job: &Job, reason: &str) -> Result<(), Error> {
    hub.store().write(|tx| {
        let id: DocumentId = job.subject.parse().or(Err(Error::NotFound("document")))?;
        let present = documents::find(tx, id)?
            .ok_or(Error::NotFound("document"))?
            .stage;
        let failed = Stage::Failed(reason.to_owned());
        documents::advance(tx, id, &present, &failed, None)?;
        acts::insert(tx, &Actor::System, "failed", (id, None), reason, hub.now())?;
        Ok(jobs::finish(tx, job)?)
    })
}

/// Person first, unless the file came with a signature; then the agency. Gives the stored result;
/// the open log entries of the keys go into `logged`.
fn sign_both(
    hub: &Inner,
    document: &Document,
    original: &BlobSource,
    logged: &RefCell<Vec<SigningId>>,
) -> Result<Content, Error> {
    if document.header.copy_form().is_some() {
        return sign_copy(hub, document, original, logged);
    }
    let person = if verify::must_be_signable(hub, original)? > 0 {
        Vec::new()
    } else {
        let key = own_key(hub, document, KeyKind::Person)?;
        sign_one(hub, document, (original, &[]), key, logged)?
    };
    let key = own_key(hub, document, KeyKind::Agency)?;
    let agency = sign_one(hub, document, (original, &person), key, logged)?;
    finished(hub, original, &[&person, &agency])
}

/// A copy: the agency alone signs it, with the form of copy and its name at the top of the first
/// page. Source: Decree 30/2020/NĐ-CP, article 25(1)(c) and Annex I.
fn sign_copy(
    hub: &Inner,
    document: &Document,
    original: &BlobSource,
    logged: &RefCell<Vec<SigningId>>,
) -> Result<Content, Error> {
    verify::must_be_signable(hub, original)?;
    let key = own_key(hub, document, KeyKind::Agency)?;
    let agency = sign_one(hub, document, (original, &[]), key, logged)?;
    finished(hub, original, &[&agency])
}

/// The original with what follows it, stored.
fn finished(hub: &Inner, original: &BlobSource, tails: &[&[u8]]) -> Result<Content, Error> {
    let mut writer = hub.store().blobs().write(u64::MAX)?;
    original.blob().pieces(|piece| writer.push(piece))?;
    append(&mut writer, tails)?;
    Ok(writer.finish()?)
}

fn append(writer: &mut BlobWriter, tails: &[&[u8]]) -> Result<(), Error> {
    for tail in tails {
        writer.push(tail)?;
    }
    Ok(())
}

fn own_key<'a>(hub: &'a Inner, document: &Document, kind: KeyKind) -> Result<&'a AgencyKey, Error> {
    let holder = document
        .signer
        .as_deref()
        .filter(|_| kind == KeyKind::Person);
    hub.key(&document.header.sender, kind, holder)
        .ok_or(Error::NotFound("key"))
}

/// One signature with its mark over the original and what follows it: prepared in the jail, its
/// intent logged, signed by the key, embedded. Once more with more room if it did not fit.
fn sign_one(
    hub: &Inner,
    document: &Document,
    (original, tail): (&BlobSource, &[u8]),
    key: &AgencyKey,
    logged: &RefCell<Vec<SigningId>>,
) -> Result<Vec<u8>, Error> {
    let now = hub.now();
    let (outside, head) = (original.followed_by(tail), original);
    let whole = Extended { head, tail };
    let mut room = 0;
    loop {
        let session = prepare(hub, (document, &outside), key, (now, room))?;
        logged
            .borrow_mut()
            .push(intend(hub, document, key, session.to_be_signed())?);
        fail::fail_point!("seal-before-key");
        let signature = key.key.sign(session.algorithm(), session.to_be_signed())?;
        fail::fail_point!("seal-after-key");
        match session.complete(&whole, Answer::Signature(&signature), now) {
            Err(pades::Error::HoleTooSmall { needed, .. }) if room == 0 => {
                room = needed.saturating_add(64).next_multiple_of(512);
            }
            other => return Ok(other?.bytes),
        }
    }
}

/// The intent of a signature, recorded before its key acts.
fn intend(
    hub: &Inner,
    document: &Document,
    key: &AgencyKey,
    to_be_signed: &[u8],
) -> Result<SigningId, Error> {
    let now = hub.now();
    let signing = Signing {
        id: SigningId::fresh(hub.ids(), now),
        purpose: match key.kind {
            KeyKind::Person => "person",
            KeyKind::Agency => "agency",
        },
        subject: document.header.id.to_string(),
        key_sha256: key.key.certificate().sha256(),
        signed_sha256: Sha256::of(to_be_signed),
        actor: document.created_by.clone(),
    };
    hub.store()
        .write(|tx| signings::intend(tx, &signing, now))?;
    Ok(signing.id)
}

/// The name of the agency that sends `document`.
fn sender_name(hub: &Inner, document: &Document) -> Result<String, Error> {
    let directory = hub.directory();
    let sender = directory.agency(&document.header.sender);
    Ok(sender.ok_or(Error::NotFound("agency"))?.name.clone())
}

/// The first half of a signature, `room` bytes kept for it (0: as many as seem to be needed).
fn prepare(
    hub: &Inner,
    (document, outside): (&Document, &Outside<'_>),
    key: &AgencyKey,
    (now, room): (Timestamp, usize),
) -> Result<Session, Error> {
    let form = document.header.copy_form().map(CopyForm::name);
    let lines = match form {
        Some(form) => vec![form.to_owned(), sender_name(hub, document)?],
        None => Vec::new(),
    };
    let order = Order {
        act: match (key.kind, form) {
            (KeyKind::Person, _) => Act::Approve,
            (KeyKind::Agency, None) => Act::Issue,
            (KeyKind::Agency, Some(_)) => Act::Copy,
        },
        lines: &lines,
        image: key.image.as_deref().filter(|_| form.is_none()),
        algorithm: key.key.algorithm(DigestAlgorithm::Sha256, false)?,
        signer: key.key.certificate(),
        chain: key.key.chain(),
        claimed_time: now,
        name: key.holder.as_deref(),
        contents_bytes: room,
    };
    let unreadable = |code: String, [vietnamese, english]: [String; 2]| Error::Unreadable {
        detail: format!("{code}: {vietnamese} / {english}"),
        reason: code,
    };
    match hub.parts.jail.prepare(outside, &order) {
        Ok(Ok(session)) => Ok(session),
        Ok(Err(refused)) => Err(unreadable(refused.code, refused.words)),
        Err(jail::Error::Died(death)) if death.is_by_document() => Err(verify::reader_died(death)),
        Err(fault) => Err(fault.into()),
    }
}
