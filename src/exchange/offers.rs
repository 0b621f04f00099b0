//! Before station 6: a neighbour offers a transfer, hears what is missing, and brings the bytes piece
//! by piece. What can be refused from the offer is refused before a byte is sent.
//!
//! Durable on return: the offer; every byte that was told to be held.

use std::time::Duration;

use tokio::sync::watch;
use tracing::{debug, error, info};

use super::hub::Inner;
use super::{Error, Hub, admission, intake};
use crate::domain::clock::SignedDuration;
use crate::domain::digest::Sha256;
use crate::domain::document::Content;
use crate::domain::routing::HubId;
use crate::peer::protocol::{Missing, Offered, Piece, Transfer};
use crate::store;
use crate::store::partials::Partial;
use crate::store::rows::documents;
use crate::store::rows::offers::{self, Offer};

/// How often forgotten uploads are looked for.
const SWEEP: Duration = Duration::from_secs(10 * 60);

/// Bytes of a blob that are here, all of them durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// How many.
    pub bytes: u64,
    /// Whether that is the whole blob.
    pub is_whole: bool,
}

/// A piece of a blob on its way in. Dropped, it keeps what was pushed.
pub struct Continuation {
    hub: Hub,
    offer: Offer,
    partial: Partial,
    begin: u64,
    end: u64,
}

impl Hub {
    /// What is missing of a transfer that `from` offers.
    ///
    /// # Errors
    /// As [`Hub::take_over`], as far as it can be told without the bytes.
    pub async fn offered(&self, from: HubId, body: Vec<u8>) -> Result<Offered, Error> {
        self.run(move |hub| offered(hub, &from, &body)).await
    }

    /// What is held of the blob `name`: the whole, or what `from` brought so far of what it offered.
    ///
    /// # Errors
    /// A fault of the record or the disk.
    pub async fn held(&self, from: HubId, name: Sha256) -> Result<Option<Held>, Error> {
        self.run(move |hub| held(hub, &from, &name)).await
    }

    /// Begins to take in a piece of the blob `name`, which `from` must have offered.
    ///
    /// # Errors
    /// [`Error::Unacceptable`] when the piece does not fit the offer or what is held;
    /// [`store::Error::Busy`] when another piece of it is on its way.
    pub async fn piece(
        &self,
        from: HubId,
        name: Sha256,
        piece: Piece,
    ) -> Result<Continuation, Error> {
        let hub = self.clone();
        self.run(move |inner| {
            let (offer, partial) = begin(inner, &from, &name, piece)?;
            Ok(Continuation {
                hub,
                offer,
                partial,
                begin: piece.begin,
                end: piece.end,
            })
        })
        .await
    }

    /// Removes what neighbours began to upload and did not come back for; gives how many files.
    ///
    /// # Errors
    /// A fault of the record or the disk.
    pub async fn sweep_partials(&self) -> Result<usize, Error> {
        self.run(sweep).await
    }
}

impl Continuation {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`Error::Unacceptable`] past the end that was told: nothing of the piece is kept. A fault of
    /// the disk.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let more = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if self.partial.held().saturating_add(more) > self.end {
            self.partial.back_to(self.begin)?;
            return Err(Error::unacceptable(
                "piece-too-long",
                format!("more than the {} bytes told", self.end - self.begin),
            ));
        }
        Ok(self.partial.push(bytes)?)
    }

    /// Ends the piece: what came is durable, and the whole, once nothing is missing, has its name.
    ///
    /// # Errors
    /// [`Error::Record`] with other bytes than offered: nothing is kept. A fault of the record or
    /// the disk.
    pub async fn finish(self) -> Result<Held, Error> {
        let Self {
            hub,
            offer,
            partial,
            ..
        } = self;
        hub.run(move |hub| finish(hub, &offer, partial)).await
    }
}

fn offered(hub: &Inner, from: &HubId, body: &[u8]) -> Result<Offered, Error> {
    admission::must_not_be_too_large(body)?;
    let transfer = Transfer::from_bytes(body)?;
    if intake::known(hub, from, transfer.id, body)?.is_some() {
        return Ok(Offered::default());
    }
    let (envelope, ..) = admission::acceptable(hub, from, &transfer)?;
    let content = envelope.content;
    if let Some(blob) = hub.store().blobs().get(&content.sha256)? {
        return match blob.size_bytes() == content.size_bytes {
            true => Ok(Offered::default()),
            false => Err(admission::size_differs(content, blob.size_bytes())),
        };
    }
    must_have_room(hub, from, content)?;
    let offer = Offer {
        from: from.clone(),
        content,
    };
    hub.store()
        .write(|tx| offers::remember(tx, &offer, hub.now()))?;
    let mut held = hub.store().blobs().held(from, &content.sha256)?;
    if held > content.size_bytes {
        // A former offer told another size for the same digest: one of them lied.
        hub.store().blobs().abandon(from, &content.sha256)?;
        held = 0;
    }
    if held == content.size_bytes {
        held = named(hub, &offer)?;
        if hub.store().blobs().get(&content.sha256)?.is_some() {
            return Ok(Offered::default());
        }
    }
    let missing = Missing {
        content,
        offset: held,
    };
    Ok(Offered {
        missing: Some(missing),
    })
}

/// Gives bytes that are all here their name: a crash came between the last of them and that. Gives how
/// many are held: none where they turn out to be others, which are thrown away.
fn named(hub: &Inner, offer: &Offer) -> Result<u64, Error> {
    let partial = hub.store().blobs().resume(&offer.from, offer.content)?;
    match finish(hub, offer, partial) {
        Ok(held) => Ok(held.bytes),
        Err(Error::Record(store::Error::OtherBytes { .. })) => Ok(0),
        Err(fault) => Err(fault),
    }
}

/// A neighbour may not fill the disk with bytes nobody asked for.
fn must_have_room(hub: &Inner, from: &HubId, content: Content) -> Result<(), Error> {
    let beside = hub
        .store()
        .read(|tx| offers::bytes_beside(tx, from, &content.sha256))?;
    let most = hub.parts.intake.most_offered_bytes;
    if beside > 0 && beside.saturating_add(content.size_bytes) > most {
        let text = format!("{beside} bytes are on offer by {from} already, {most} may be");
        return Err(store::Error::DiskFull(text).into());
    }
    Ok(())
}

fn held(hub: &Inner, from: &HubId, name: &Sha256) -> Result<Option<Held>, Error> {
    if let Some(blob) = hub.store().blobs().get(name)? {
        return Ok(Some(Held {
            bytes: blob.size_bytes(),
            is_whole: true,
        }));
    }
    let Some(offer) = hub.store().read(|tx| offers::find(tx, from, name))? else {
        return Ok(None);
    };
    let mut bytes = hub.store().blobs().held(from, name)?;
    if bytes == offer.content.size_bytes {
        bytes = named(hub, &offer)?;
    }
    Ok(Some(Held {
        bytes,
        is_whole: bytes == offer.content.size_bytes,
    }))
}

fn begin(
    hub: &Inner,
    from: &HubId,
    name: &Sha256,
    piece: Piece,
) -> Result<(Offer, Partial), Error> {
    admission::must_have_free_space(hub)?;
    let offer = hub.store().read(|tx| offers::find(tx, from, name))?;
    let offer = offer.ok_or_else(|| {
        Error::unacceptable("not-offered", format!("bytes {name} were not offered"))
    })?;
    if piece.whole != offer.content.size_bytes {
        return Err(Error::unacceptable(
            "size-differs",
            format!(
                "offered {} bytes, now {}",
                offer.content.size_bytes, piece.whole
            ),
        ));
    }
    let partial = hub.store().blobs().resume(from, offer.content)?;
    if partial.held() != piece.begin {
        return Err(Error::unacceptable(
            "wrong-offset",
            format!(
                "the piece begins at {}, {} bytes are held",
                piece.begin,
                partial.held()
            ),
        ));
    }
    Ok((offer, partial))
}

fn finish(hub: &Inner, offer: &Offer, partial: Partial) -> Result<Held, Error> {
    if !partial.is_whole() {
        let bytes = partial.keep()?;
        // On a slow line an honest upload takes longer than a forgotten one is kept.
        hub.store()
            .write(|tx| offers::remember(tx, offer, hub.now()))?;
        return Ok(Held {
            bytes,
            is_whole: false,
        });
    }
    let content = partial.finish(hub.store().blobs())?;
    hub.store().write(|tx| {
        documents::remember_blob(tx, content, hub.now())?;
        offers::forget(tx, offer)
    })?;
    Ok(Held {
        bytes: content.size_bytes,
        is_whole: true,
    })
}

fn sweep(hub: &Inner) -> Result<usize, Error> {
    let (blobs, now) = (hub.store().blobs(), hub.now());
    let hours = i64::from(hub.parts.intake.partial_hours);
    let before = now.saturating_sub(SignedDuration::from_hours(hours));
    let old = hub
        .store()
        .read(|tx| offers::older_than(tx, before.unwrap_or(now)))?;
    let mut gone = 0;
    for offer in old {
        if blobs.abandon(&offer.from, &offer.content.sha256)? {
            hub.store().write(|tx| offers::forget(tx, &offer))?;
            gone += 1;
        }
    }
    for (from, name) in blobs.partials()? {
        let known = hub.store().read(|tx| offers::find(tx, &from, &name))?;
        if known.is_none() && blobs.abandon(&from, &name)? {
            gone += 1;
        }
    }
    Ok(gone)
}

/// Removes forgotten uploads from time to time until `stop` turns true.
pub async fn sweep_regularly(hub: Hub, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match hub.sweep_partials().await {
            Ok(0) => debug!("no upload was forgotten"),
            Ok(gone) => info!(gone, "forgotten uploads removed"),
            Err(fault) => error!(fault = %fault, "forgotten uploads cannot be looked for"),
        }
        tokio::select! {
            _ = stop.changed() => {}
            () = tokio::time::sleep(SWEEP) => {}
        }
    }
}
