//! Station 5: handing something to a neighbour and recording its answer. Sent bytes are the
//! recorded ones, so a repeat is the same request; a neighbour that is away is tried again until
//! the time limit, then the sender gets a negative receipt.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;

use super::hub::Inner;
use super::receipts::{self, Issued};
use super::{Error, Hub, intake, mismatch, queue, succession};
use crate::domain::actor::Actor;
use crate::domain::delivery::{Role, TransportState};
use crate::domain::digest::Sha256;
use crate::domain::ids::TransferId;
use crate::domain::receipt::{Event, SignedStatement, Statement};
use crate::domain::refusal::{Reason, ReasonCode};
use crate::peer::envelope::Envelope;
use crate::peer::protocol::{Missing, Piece};
use crate::peer::{PeerClient, Progress, Unanswered};
use crate::store::Tx;
use crate::store::blobs::Blob;
use crate::store::rows::acts;
use crate::store::rows::deliveries::{self, Delivery};
use crate::store::rows::jobs::{self, Job, Why};
use crate::store::rows::transfers::{self, Kind, Transfer};

/// Bytes read from a blob at once while they are sent.
const READ: u64 = 256 * 1024;
/// A piece is a thousandth of the whole, so that a cut costs no more than that, within these limits.
const PIECES: u64 = 1_024;
const SMALLEST_PIECE: u64 = 1 << 20;
const LARGEST_PIECE: u64 = 16 << 20;
/// Attempts in a row that brought no byte across before the line counts as broken.
const STALLS: u32 = 3;
/// Wait before a broken piece is asked about.
const BREATH: Duration = Duration::from_millis(200);

/// What became of an attempt.
pub(super) enum Attempt {
    /// Done and recorded.
    Done,
    /// To be repeated later, for this reason.
    Later(String),
    /// The same, and the reason is that whom it needs did not answer as it should.
    Away(String),
}

/// Makes the transfer the job names.
///
/// # Errors
/// A fault of the record; faults of the neighbour are an [`Attempt`].
pub(super) async fn transfer(hub: &Hub, job: &Job, id: TransferId) -> Result<Attempt, Error> {
    let found = hub
        .run(move |hub| Ok(hub.store().read(|tx| transfers::find(tx, id))?))
        .await?;
    let transfer = found.ok_or(Error::NotFound("transfer"))?;
    if transfer.acknowledged {
        let job = job.clone();
        hub.run(move |hub| Ok(hub.store().write(|tx| jobs::finish(tx, &job))?))
            .await?;
        return Ok(Attempt::Done);
    }
    let (own, old) = (job.clone(), transfer.clone());
    let rerouted = hub.run(move |hub| succession::reroute(hub, &own, &old));
    if let Some(attempt) = rerouted.await? {
        return Ok(attempt);
    }
    let Some(peer) = hub.inner().in_force().line(&transfer.to) else {
        return Ok(Attempt::Later(format!("no line to hub {}", transfer.to)));
    };
    fail::fail_point!("deliver-before-send");
    #[cfg(feature = "failpoints")]
    let transfer = super::seeded::before_send(hub, job, transfer).await?;
    match hand(hub, &peer, &transfer).await {
        Ok(answer) => {
            fail::fail_point!("deliver-before-record");
            let job = job.clone();
            hub.run(move |hub| acknowledged(hub, &job, &transfer, answer.as_ref()))
                .await
        }
        Err(Unanswered::Later(reason)) => Ok(Attempt::Away(reason)),
        Err(refused) => {
            let job = job.clone();
            hub.run(move |hub| refuse(hub, &job, &transfer, &refused))
                .await?;
            Ok(Attempt::Done)
        }
    }
}

async fn hand(
    hub: &Hub,
    peer: &PeerClient,
    transfer: &Transfer,
) -> Result<Option<SignedStatement>, Unanswered> {
    if transfer.kind == Kind::Receipt {
        peer.hand_back(transfer.body.clone()).await?;
        return Ok(None);
    }
    if let Some(missing) = peer.offer(transfer.body.clone()).await?.missing {
        fail::fail_point!("deliver-before-bytes");
        send_bytes(hub, peer, &missing).await?;
        fail::fail_point!("deliver-after-bytes");
    }
    let (body, now) = (transfer.body.clone(), hub.now());
    Ok(Some(peer.hand_over(body, now).await?))
}

async fn send_bytes(hub: &Hub, peer: &PeerClient, missing: &Missing) -> Result<(), Unanswered> {
    let name = missing.content.sha256;
    let opened = hub
        .run(move |hub| Ok(hub.store().blobs().get(&name)?))
        .await;
    let blob = match opened {
        Ok(Some(blob)) => Arc::new(blob),
        Ok(None) => return Err(Unanswered::Later(format!("bytes {name} are missing here"))),
        Err(fault) => return Err(Unanswered::Later(fault.to_string())),
    };
    let _turn = peer.turn(&name).await;
    let (mut held, mut stalls) = (ask(peer, &name).await?, 0);
    while let Progress::At(offset) = held {
        let piece = next_piece(offset, blob.size_bytes());
        let sent = peer.append(&name, piece, bytes_of(Arc::clone(&blob), piece));
        let reason = match sent.await {
            Ok(progress) => {
                (held, stalls) = (progress, 0);
                continue;
            }
            Err(Unanswered::Later(reason)) => reason,
            Err(Unanswered::Refused { code, detail, .. }) if is_about_progress(&code) => detail,
            Err(refused) => return Err(refused),
        };
        tokio::time::sleep(BREATH.saturating_mul(stalls)).await;
        held = ask(peer, &name).await?;
        stalls = if held == Progress::At(offset) {
            stalls + 1
        } else {
            0
        };
        if stalls >= STALLS {
            return Err(Unanswered::Later(reason));
        }
        tracing::info!(blob.sha256 = %name, offset, reason, "a broken upload goes on");
    }
    Ok(())
}

/// Whether a piece was refused because of what is held by now: another request of ours may have been
/// faster, or bytes that were damaged on a disk were thrown away and are brought again.
fn is_about_progress(code: &str) -> bool {
    ["wrong-offset", "not-offered", "other-bytes"].contains(&code)
}

/// What the neighbour holds; asked again when the line breaks once more.
async fn ask(peer: &PeerClient, name: &Sha256) -> Result<Progress, Unanswered> {
    let mut attempt = 1;
    loop {
        match peer.held(name).await {
            Ok(Some(held)) => return Ok(held),
            Ok(None) => {
                let text = format!("the neighbour forgot the offer of {name}");
                return Err(Unanswered::Later(text));
            }
            Err(Unanswered::Later(_)) if attempt < STALLS => {
                tokio::time::sleep(BREATH.saturating_mul(attempt)).await;
                attempt += 1;
            }
            Err(fault) => return Err(fault),
        }
    }
}

/// The piece that begins at `offset` of a blob of `whole` bytes.
fn next_piece(offset: u64, whole: u64) -> Piece {
    let most = (whole / PIECES).clamp(SMALLEST_PIECE, LARGEST_PIECE);
    Piece {
        begin: offset,
        end: offset.saturating_add(most).min(whole),
        whole,
    }
}

/// The bytes of a piece, each part read away from the threads that serve connections.
fn bytes_of(
    blob: Arc<Blob>,
    piece: Piece,
) -> impl futures_util::Stream<Item = std::io::Result<Vec<u8>>> + Send {
    stream::unfold(piece.begin, move |offset| {
        let blob = Arc::clone(&blob);
        async move {
            let left = piece.end.checked_sub(offset).filter(|left| *left > 0)?;
            let count = left.min(READ);
            let read = tokio::task::spawn_blocking(move || {
                let mut bytes = vec![0; usize::try_from(count).unwrap_or(0)];
                blob.read_at(offset, &mut bytes).map(|()| bytes)
            })
            .await;
            fail::fail_point!("deliver-amid-bytes");
            Some((read.ok()?, offset + count))
        }
    })
}

/// Ends a transfer that the neighbour refused; what it stated about it is kept first.
fn refuse(hub: &Inner, job: &Job, transfer: &Transfer, refused: &Unanswered) -> Result<(), Error> {
    if let Unanswered::Mismatch { signed, .. } = refused {
        match mismatch::keep(hub, transfer, signed) {
            Err(fault) if fault.is_temporary() => return Err(fault),
            Err(fault) => tracing::warn!(transfer.id = %transfer.id, fault = %fault,
                "a neighbour's statement about a transfer does not hold"),
            Ok(()) => {}
        }
    }
    set_aside(hub, job, transfer, &refused.to_string())
}

/// Records the neighbour's answer: its receipt verified and applied, the transfer closed, the job
/// finished, in one transaction. An answer that is no genuine receipt is as good as none.
fn acknowledged(
    hub: &Inner,
    job: &Job,
    transfer: &Transfer,
    answer: Option<&SignedStatement>,
) -> Result<Attempt, Error> {
    let stated = match answer
        .map(|signed| answers(hub, transfer, signed))
        .transpose()
    {
        Ok(stated) => stated,
        Err(Error::Record(fault)) => return Err(fault.into()),
        Err(fault) => return Ok(Attempt::Later(fault.to_string())),
    };
    hub.store().write(|tx| {
        let now = hub.now();
        if let (Some(stated), Some(signed)) = (&stated, answer) {
            let mut delivery = own_part(tx, transfer)?;
            receipts::apply(tx, hub, &mut delivery, stated, signed)?;
        }
        transfers::acknowledge(tx, transfer.id, now)?;
        fail::fail_point!("deliver-in-record");
        Ok::<_, Error>(jobs::finish(tx, job)?)
    })?;
    fail::fail_point!("deliver-after-record");
    Ok(Attempt::Done)
}

/// The receipt must be genuine, come from the neighbour, and answer this very transfer.
fn answers(hub: &Inner, transfer: &Transfer, signed: &SignedStatement) -> Result<Statement, Error> {
    let stated = receipts::check(hub, signed)?;
    let delivery = hub.store().read(|tx| own_part(tx, transfer))?;
    let fits = stated.issuer == transfer.to
        && stated.transfer == Some(transfer.id)
        && receipts::is_about(&stated, &delivery)
        && matches!(stated.event, Event::Relay | Event::Consignment);
    if fits {
        Ok(stated)
    } else {
        Err(Error::unacceptable(
            "wrong-receipt",
            "receipt of another act",
        ))
    }
}

/// This hub's row of the delivery a transfer moves on.
pub(super) fn own_part(tx: &mut Tx<'_>, transfer: &Transfer) -> Result<Delivery, Error> {
    for role in [Role::Origin, Role::Relay] {
        if let Some(delivery) = deliveries::find(tx, transfer.delivery, role)? {
            return Ok(delivery);
        }
    }
    Err(Error::NotFound("delivery"))
}

/// What a neighbour refused: it waits for a decision of people, if there is time for one; else it ends.
/// A receipt only waits: there is nobody to be told of it.
fn set_aside(hub: &Inner, job: &Job, transfer: &Transfer, reason: &str) -> Result<(), Error> {
    let ends = match transfer.kind {
        Kind::Receipt => None,
        Kind::Document if hub.parts.retry.decide_seconds == 0 => {
            return give_up(hub, job, transfer, reason);
        }
        Kind::Document => queue::decided_by(hub, hub.now()),
    };
    hub.store().write(|tx| {
        let now = hub.now();
        if let Some(delivery) = deliveries::find_all(tx, transfer.delivery)?.first() {
            let about = intake::about(delivery);
            acts::insert(tx, &Actor::System, "set aside", about, reason, now)?;
        }
        Ok(jobs::park(tx, job, (Why::Refused, reason), now, ends)?)
    })
}

/// Ends a transfer that cannot succeed: the sender gets a signed negative receipt.
///
/// # Errors
/// A fault of the record.
fn give_up(hub: &Inner, job: &Job, transfer: &Transfer, reason: &str) -> Result<(), Error> {
    let issued = failure(hub, transfer, (&Actor::System, reason))?;
    let recorded: Vec<&Issued> = issued.iter().collect();
    receipts::recording(hub, &recorded, |tx| {
        if let Some(issued) = &issued {
            record_failure(tx, hub, transfer, issued)?;
        }
        Ok(jobs::finish(tx, job)?)
    })
}

/// The negative receipt about a transfer that ends here; `None` when receipts prove that the document
/// went further, or it has ended before.
pub(super) fn failure(
    hub: &Inner,
    transfer: &Transfer,
    (actor, reason): (&Actor, &str),
) -> Result<Option<Issued>, Error> {
    let delivery = hub.store().read(|tx| own_part(tx, transfer))?;
    if !is_here(&delivery) {
        return Ok(None);
    }
    let envelope = Envelope::from_bytes(&delivery.envelope)?;
    let path = delivery.path.clone();
    let mut stated = receipts::about(hub, Event::Failure, &envelope, &delivery.envelope, path);
    stated.transfer = Some(transfer.id);
    stated.actor = (*actor != Actor::System).then(|| actor.to_string());
    let words: String = format!("{} → {}: {reason}", hub.parts.id, transfer.to);
    stated.reason = Some(Reason {
        code: ReasonCode::Other,
        text: words.chars().take(1000).collect(),
    });
    receipts::issue(hub, stated).map(Some)
}

/// Whether, as far as receipts tell, this hub is the last that has the delivery.
fn is_here(delivery: &Delivery) -> bool {
    let hop = u8::try_from(delivery.path.len().saturating_sub(1)).unwrap_or(u8::MAX);
    delivery.transport.rank() <= TransportState::Relayed { hop }.rank()
}

/// Records the negative receipt, unless the document went further meanwhile.
pub(super) fn record_failure(
    tx: &mut Tx<'_>,
    hub: &Inner,
    transfer: &Transfer,
    issued: &Issued,
) -> Result<(), Error> {
    let now = hub.now();
    let mut delivery = own_part(tx, transfer)?;
    if !is_here(&delivery) {
        return receipts::discard(tx, issued, now);
    }
    receipts::keep(tx, issued, now)?;
    receipts::advance(tx, hub, &mut delivery, &issued.statement, now)?;
    if delivery.role == Role::Relay {
        receipts::report(tx, hub, &delivery, issued, now)?;
    }
    Ok(())
}

/// Ends the transfer a job names once it has waited too long. A receipt that nobody takes is set
/// aside, where operators see it.
///
/// # Errors
/// A fault of the record.
pub(super) fn expire(hub: &Inner, job: &Job, id: TransferId, reason: &str) -> Result<(), Error> {
    let transfer = hub.store().read(|tx| transfers::find(tx, id))?;
    let transfer = transfer.ok_or(Error::NotFound("transfer"))?;
    if transfer.kind == Kind::Document {
        return give_up(hub, job, &transfer, reason);
    }
    let why = (Why::Expired, reason);
    Ok(hub
        .store()
        .write(|tx| jobs::park(tx, job, why, hub.now(), None))?)
}
