//! Station 5: handing something to a neighbour and recording its answer. Sent bytes are the
//! recorded ones, so a repeat is the same request; a neighbour that is away is tried again until
//! the time limit, then the sender gets a negative receipt.

use futures_util::stream;

use super::hub::Inner;
use super::receipts;
use super::{Error, Hub};
use crate::domain::delivery::Role;
use crate::domain::digest::Sha256;
use crate::domain::ids::TransferId;
use crate::domain::receipt::{Event, SignedStatement, Statement};
use crate::domain::refusal::{Reason, ReasonCode};
use crate::peer::envelope::Envelope;
use crate::peer::{PeerClient, Unanswered};
use crate::store::Tx;
use crate::store::blobs::Blob;
use crate::store::rows::deliveries::{self, Delivery};
use crate::store::rows::jobs::{self, Job, Why};
use crate::store::rows::transfers::{self, Kind, Transfer};

/// Bytes read from a blob at once while they are sent.
const PIECE: u64 = 256 * 1024;

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
    let Some(peer) = hub.inner().parts.peers.get(&transfer.to) else {
        return Ok(Attempt::Later(format!("no line to hub {}", transfer.to)));
    };
    match hand(hub, peer, &transfer).await {
        Ok(answer) => {
            fail::fail_point!("deliver-before-record");
            let job = job.clone();
            hub.run(move |hub| acknowledged(hub, &job, &transfer, answer.as_ref()))
                .await
        }
        Err(Unanswered::Later(reason)) => Ok(Attempt::Away(reason)),
        Err(refused @ Unanswered::Refused { .. }) => {
            let (job, reason) = (job.clone(), refused.to_string());
            hub.run(move |hub| give_up(hub, &job, &transfer, &reason))
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
    if let Some(name) = transfer.blob
        && !peer.has_blob(&name).await?
    {
        send_bytes(hub, peer, &name).await?;
    }
    Ok(Some(peer.hand_over(transfer.body.clone()).await?))
}

async fn send_bytes(hub: &Hub, peer: &PeerClient, name: &Sha256) -> Result<(), Unanswered> {
    let wanted = *name;
    let opened = hub
        .run(move |hub| Ok(hub.store().blobs().get(&wanted)?))
        .await;
    let blob = match opened {
        Ok(Some(blob)) => blob,
        Ok(None) => return Err(Unanswered::Later(format!("bytes {name} are missing here"))),
        Err(fault) => return Err(Unanswered::Later(fault.to_string())),
    };
    let size_bytes = blob.size_bytes();
    peer.put_blob(name, size_bytes, pieces(blob)).await
}

/// The blob in pieces, each read away from the threads that serve connections.
fn pieces(blob: Blob) -> impl futures_util::Stream<Item = std::io::Result<Vec<u8>>> + Send {
    stream::unfold((blob, 0_u64), |(blob, offset)| async move {
        let left = blob
            .size_bytes()
            .checked_sub(offset)
            .filter(|left| *left > 0)?;
        let count = left.min(PIECE);
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; usize::try_from(count).unwrap_or(0)];
            let done = blob.read_at(offset, &mut piece).map(|()| piece);
            (blob, done)
        })
        .await;
        let (blob, piece) = read.ok()?;
        Some((piece, (blob, offset + count)))
    })
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
fn own_part(tx: &mut Tx<'_>, transfer: &Transfer) -> Result<Delivery, Error> {
    for role in [Role::Origin, Role::Relay] {
        if let Some(delivery) = deliveries::find(tx, transfer.delivery, role)? {
            return Ok(delivery);
        }
    }
    Err(Error::NotFound("delivery"))
}

/// Ends a transfer that cannot succeed: the sender gets a signed negative receipt, the job is
/// parked where operators see it.
///
/// # Errors
/// A fault of the record.
pub(super) fn give_up(
    hub: &Inner,
    job: &Job,
    transfer: &Transfer,
    reason: &str,
) -> Result<(), Error> {
    if transfer.kind == Kind::Receipt {
        let (why, now) = ((Why::Expired, reason), hub.now());
        return Ok(hub
            .store()
            .write(|tx| jobs::park(tx, job, why, now, None))?);
    }
    let delivery = hub.store().read(|tx| own_part(tx, transfer))?;
    let envelope = Envelope::from_bytes(&delivery.envelope)?;
    let path = delivery.path.clone();
    let mut stated = receipts::about(hub, Event::Failure, &envelope, &delivery.envelope, path);
    stated.transfer = Some(transfer.id);
    let words: String = format!("{} → {}: {reason}", hub.parts.id, transfer.to);
    stated.reason = Some(Reason {
        code: ReasonCode::Other,
        text: words.chars().take(1000).collect(),
    });
    let issued = receipts::issue(hub, stated)?;
    receipts::recording(hub, &[&issued], |tx| {
        let now = hub.now();
        receipts::keep(tx, &issued, now)?;
        let mut delivery = own_part(tx, transfer)?;
        receipts::advance(tx, hub, &mut delivery, &issued.statement, now)?;
        if delivery.role == Role::Relay {
            receipts::report(tx, hub, &delivery, &issued, now)?;
        }
        Ok(jobs::park(tx, job, (Why::Expired, reason), now, None)?)
    })
}

/// Gives up the transfer a job names once it has waited too long.
///
/// # Errors
/// A fault of the record.
pub(super) fn expire(hub: &Inner, job: &Job, id: TransferId, reason: &str) -> Result<(), Error> {
    let transfer = hub.store().read(|tx| transfers::find(tx, id))?;
    let transfer = transfer.ok_or(Error::NotFound("transfer"))?;
    give_up(hub, job, &transfer, reason)
}
