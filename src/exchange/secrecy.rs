//! The gate for state secrets: a document whose first page bears a secrecy marking is neither sent
//! nor taken over, at whatever hub it shows. Its bytes are not kept, unless another document of this
//! hub has the same; what is kept is who brought which digest, when and why it was refused.
//! Source: Decision 28/2018/QĐ-TTg, article 1(2).

use tracing::warn;

use super::hub::Inner;
use super::source::BlobSource;
use super::{Error, verify};
use crate::domain::actor::Actor;
use crate::domain::document::Content;
use crate::domain::ids::DocumentId;
use crate::domain::refusal::Refusal;
use crate::jail::{self, Look};
use crate::store::rows::{acts, documents};

/// The act that notes a document turned away.
const TURNED_AWAY: &str = "refused as secret";

/// A document handed in: it must be a PDF that can be signed, and bear no marking.
///
/// # Errors
/// [`Error::Unreadable`], [`Error::Refused`]; [`Error::Jail`] when it may be tried again.
pub(super) fn must_be_sendable(
    hub: &Inner,
    (actor, id): (&Actor, DocumentId),
    content: Content,
) -> Result<(), Error> {
    let blob = hub.store().blobs().get(&content.sha256)?;
    let blob = blob.ok_or(Error::NotFound("uploaded file"))?;
    match verify::must_be_signable(hub, &BlobSource::new(blob)) {
        Err(Error::Refused(Refusal::Secret { marking })) => {
            Err(turn_away(hub, (actor, Some(id)), content, marking)?)
        }
        other => other.map(drop),
    }
}

/// A document on its way: it must bear no marking. One that cannot be read is left to the judgement
/// at its destination, which asks again and which nobody gets past; so is, at the destination
/// (`is_here`), one that cannot be read now.
///
/// # Errors
/// [`Error::Refused`]; [`Error::Jail`] when it may be tried again.
pub(super) fn must_not_be_secret(
    hub: &Inner,
    (actor, id): (&Actor, Option<DocumentId>),
    (content, is_here): (Content, bool),
) -> Result<(), Error> {
    let blob = hub.store().blobs().get(&content.sha256)?;
    let source = BlobSource::new(blob.ok_or(Error::NotFound("bytes"))?);
    match hub.parts.jail.inspect(&source.outside()) {
        Ok(Look::Seen(seen)) => match seen.marking {
            Some(marking) => Err(turn_away(hub, (actor, id), content, marking)?),
            None => Ok(()),
        },
        Ok(Look::Refused(_)) => Ok(()),
        Err(jail::Error::Died(death)) if death.is_by_document() => Ok(()),
        Err(_) if is_here => Ok(()),
        Err(fault) => Err(fault.into()),
    }
}

/// Notes who brought what, lets go of the bytes, and gives the refusal.
///
/// # Errors
/// A fault of the record or the disk.
pub(super) fn turn_away(
    hub: &Inner,
    (actor, id): (&Actor, Option<DocumentId>),
    content: Content,
    marking: &'static str,
) -> Result<Error, Error> {
    let sha256 = content.sha256;
    warn!(%actor, document.sha256 = %sha256, marking, "a document marked secret was turned away");
    let unused = hub.store().write(|tx| {
        if let Some(id) = id {
            let detail = format!("{marking}, SHA-256 {sha256}");
            acts::insert(tx, actor, TURNED_AWAY, (id, None), &detail, hub.now())?;
        }
        documents::forget_blob(tx, &sha256)
    })?;
    if unused {
        hub.store().blobs().remove(&sha256)?;
    }
    Ok(Refusal::Secret { marking }.into())
}
