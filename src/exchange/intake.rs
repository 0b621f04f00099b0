//! Station 6: a neighbour hands something over. Bytes first, then the transfer; the answer is a
//! signed receipt, stored with the effect and repeated byte for byte.
//!
//! Durable on return: document, delivery, both receipts, the answer and the next job, in one
//! transaction; the bytes before it.

use super::hub::{Inner, party};
use super::{Error, Hub, admission, change, clocks, mismatch, outbox, receipts, secrecy};
use crate::domain::actor::Actor;
use crate::domain::change::Standing;
use crate::domain::clock::{Timestamp, vietnam_date};
use crate::domain::delivery::{HandlingState, Role};
use crate::domain::digest::Sha256;
use crate::domain::document::Content;
use crate::domain::ids::{DeliveryId, DocumentId, TransferId};
use crate::domain::lane::{Lane, Target};
use crate::domain::receipt::{Event, Statement};
use crate::domain::routing::{Hop, HubId};
use crate::peer::envelope::Envelope;
use crate::peer::protocol::{self, ReceiptTransfer, Transfer};
use crate::store::blobs::BlobWriter;
use crate::store::rows::deliveries::{self, Delivery};
use crate::store::rows::documents::{self, Document, Stage};
use crate::store::rows::jobs::Kind;
use crate::store::rows::{acts, evidence, transfers};
use crate::store::{self, Tx};

/// The addresses and the limit of the protocol, for the half that listens.
pub use crate::peer::protocol::{
    BLOBS, HELD, LARGEST_BODY, OFFERS, Offered, Piece, RECEIPTS, TRANSFERS, WHOLE, evidence,
};

/// What is answered to a neighbour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The body.
    pub body: Vec<u8>,
    /// Whether it was stored before and is only repeated.
    pub repeated: bool,
}

/// Bytes on their way in. Dropped before [`Incoming::finish`], they leave nothing.
pub struct Incoming {
    writer: BlobWriter,
    hub: Hub,
}

impl Incoming {
    /// Takes the next piece.
    ///
    /// # Errors
    /// Too many bytes, or a fault of the disk.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), Error> {
        Ok(self.writer.push(piece)?)
    }

    /// Makes the bytes durable, if they are those named `expected` (when a name is given).
    ///
    /// # Errors
    /// [`Error::Unacceptable`] when they are others; then nothing is kept.
    pub async fn finish(self, expected: Option<Sha256>) -> Result<Content, Error> {
        let Self { writer, hub } = self;
        hub.run(move |hub| {
            let content = match expected {
                Some(name) => writer.finish_as(name)?,
                None => writer.finish()?,
            };
            let now = hub.now();
            fail::fail_point!("bytes-before-record");
            match hub
                .store()
                .write(|tx| documents::remember_blob(tx, content, now))
            {
                // Somebody else brought the same bytes at the same moment.
                Ok(()) | Err(store::Error::Conflict { .. }) => {}
                Err(fault) => return Err(fault.into()),
            }
            fail::fail_point!("bytes-after-record");
            Ok(content)
        })
        .await
    }
}

impl Hub {
    /// Whether the bytes named `name` are here.
    ///
    /// # Errors
    /// A fault of the disk.
    pub async fn has_blob(&self, name: Sha256) -> Result<bool, Error> {
        self.run(move |hub| Ok(hub.store().blobs().get(&name)?.is_some()))
            .await
    }

    /// Begins to take bytes in, at most as many as a document may have.
    ///
    /// # Errors
    /// A fault of the disk, or too little free space on it.
    pub fn begin_bytes(&self) -> Result<Incoming, Error> {
        admission::must_have_free_space(self.inner())?;
        let writer = self.inner().store().blobs().write(self.largest_bytes())?;
        Ok(Incoming {
            writer,
            hub: self.clone(),
        })
    }

    /// Takes a document over from the neighbour `from`, whose clock shows `clock`, where it tells.
    ///
    /// # Errors
    /// [`Error::Unacceptable`] or [`Error::Refused`]: it is not taken over and nothing is kept but
    /// the journal; [`Error::Mismatch`]: the id was used for something else, which is stated and
    /// kept; [`Error::Conflict`]: delivery or document are known with other content.
    pub async fn take_over(
        &self,
        from: HubId,
        body: Vec<u8>,
        clock: Option<Timestamp>,
    ) -> Result<Answer, Error> {
        let handed = move |hub: &Inner| take_over(hub, (&from, clock), &body);
        let answer = self.run(handed).await?;
        self.inner().work.notify_one();
        Ok(answer)
    }

    /// Takes a receipt back from the neighbour `from`.
    ///
    /// # Errors
    /// As [`Hub::take_over`].
    pub async fn take_back(&self, from: HubId, body: Vec<u8>) -> Result<Answer, Error> {
        let answer = self.run(move |hub| take_back(hub, &from, &body)).await?;
        self.inner().work.notify_one();
        Ok(answer)
    }
}

/// The stored answer, if the neighbour did this before. The same id with another body is stated and
/// kept.
///
/// # Errors
/// [`Error::Mismatch`], or a fault.
pub(super) fn known(
    hub: &Inner,
    from: &HubId,
    id: TransferId,
    body: &[u8],
) -> Result<Option<Answer>, Error> {
    match hub.store().read(|tx| transfers::answered(tx, from, id))? {
        None => Ok(None),
        Some((known, answer)) if known == Sha256::of(body) => Ok(Some(Answer {
            body: answer,
            repeated: true,
        })),
        Some((known, _)) => Err(mismatch::state(hub, from, id, (known, body))?),
    }
}

/// As [`known`], in the transaction of the act: whoever was faster has recorded the answer.
pub(super) fn answered(
    tx: &mut Tx<'_>,
    from: &HubId,
    id: TransferId,
    request: Sha256,
) -> Result<Option<Answer>, Error> {
    match transfers::answered(tx, from, id)? {
        None => Ok(None),
        Some((known, body)) if known == request => Ok(Some(Answer {
            body,
            repeated: true,
        })),
        Some(_) => Err(Error::Conflict(format!(
            "transfer {id} was made before with other content"
        ))),
    }
}

/// A constraint that speaks every time: something else has taken the place.
fn taken_over(fault: Error) -> Error {
    match fault {
        Error::Record(store::Error::Conflict { constraint }) => {
            Error::Conflict(format!("taken over before ({constraint})"))
        }
        other => other,
    }
}

fn take_over(
    hub: &Inner,
    (from, clock): (&HubId, Option<Timestamp>),
    body: &[u8],
) -> Result<Answer, Error> {
    admission::must_not_be_too_large(body)?;
    let request = Sha256::of(body);
    let transfer = Transfer::from_bytes(body)?;
    if let Some(answer) = known(hub, from, transfer.id, body)? {
        return Ok(answer);
    }
    let (envelope, next, note) = admission::acceptable(hub, from, &transfer)?;
    let submission = admission::check_submission(hub, &transfer, &envelope)?;
    admission::check_bytes(hub, &envelope)?;
    let by = (&Actor::Hub(from.clone()), Some(envelope.header.id));
    let on_its_way = (envelope.content, next == Hop::Here);
    secrecy::must_not_be_secret(hub, by, on_its_way)?;
    let mut path = transfer.path.clone();
    path.push(hub.parts.id.clone());
    let event = match next {
        Hop::Here => Event::Consignment,
        Hop::To(_) => Event::Relay,
    };
    let mut stated = receipts::about(hub, event, &envelope, &transfer.envelope, path);
    stated.transfer = Some(transfer.id);
    stated.clock_offset_seconds = admission::clock_offset(hub, from, clock);
    stated.succession = note.filter(|_| next == Hop::Here);
    let issued = receipts::issue(hub, stated)?;
    let answer = protocol::answer_to_bytes(Some(&issued.signed))?;
    fail::fail_point!("intake-before-record");
    fail::fail_point!("bug-intake-answers-early", |_| Ok(Answer {
        body: answer.clone(),
        repeated: false,
    }));
    let recorded = receipts::recording(hub, &[&issued], |tx| {
        if let Some(before) = answered(tx, from, transfer.id, request)? {
            receipts::discard(tx, &issued, hub.now())?;
            return Ok(before);
        }
        fail::fail_point!("intake-in-record");
        let now = hub.now();
        if came_by_another_road(tx, (role_at(&next), from), &transfer, &envelope)? {
            receipts::keep(tx, &issued, now)?;
            transfers::remember_answer(tx, from, transfer.id, request, &answer, now)?;
            return Ok(Answer {
                body: answer.clone(),
                repeated: false,
            });
        }
        record_document(tx, hub, &envelope, now)?;
        let arrival = Arrival {
            envelope: &envelope,
            bytes: &transfer.envelope,
            from: Some(from),
        };
        arrive(tx, hub, &arrival, &issued.statement, &next, now)?;
        keep_submission(tx, &submission, &transfer, now)?;
        receipts::keep(tx, &issued, now)?;
        transfers::remember_answer(tx, from, transfer.id, request, &answer, now)?;
        if let Hop::To(neighbour) = &next {
            let next = (neighbour, Lane::of(envelope.header.urgency, 1));
            forward(tx, hub, &transfer, &issued.statement, next, now)?;
        }
        fail::fail_point!("intake-before-commit");
        Ok(Answer {
            body: answer.clone(),
            repeated: false,
        })
    });
    fail::fail_point!("intake-after-record");
    recorded.map_err(taken_over)
}

/// Whether a delivery that came before, by another road, comes again: its registry changed while it
/// was under way, and nobody could know whether the first road led anywhere.
fn came_by_another_road(
    tx: &mut Tx<'_>,
    (role, from): (Role, &HubId),
    transfer: &Transfer,
    envelope: &Envelope,
) -> Result<bool, Error> {
    let before = deliveries::find(tx, envelope.delivery, role)?;
    Ok(before.is_some_and(|before| {
        before.envelope == transfer.envelope && before.previous.as_ref() != Some(from)
    }))
}

fn record_document(
    tx: &mut Tx<'_>,
    hub: &Inner,
    envelope: &Envelope,
    now: Timestamp,
) -> Result<(), Error> {
    if let Some(known) = documents::find(tx, envelope.header.id)? {
        let is_same = known.sealed == Some(envelope.content) && known.header == envelope.header;
        return if is_same {
            Ok(())
        } else {
            Err(Error::Conflict(format!(
                "document {} is known with other content",
                known.header.id
            )))
        };
    }
    let document = Document {
        header: envelope.header.clone(),
        signer: None,
        original: None,
        sealed: Some(envelope.content),
        stage: Stage::Received,
        origin: envelope.origin.clone(),
        created_by: Actor::Hub(hub.parts.id.clone()).to_string(),
        created_at: now,
    };
    Ok(documents::insert(tx, &document)?)
}

/// What arrives, and from where (`None`: the sender is on this hub).
pub(super) struct Arrival<'a> {
    pub(super) envelope: &'a Envelope,
    pub(super) bytes: &'a [u8],
    pub(super) from: Option<&'a HubId>,
}

/// The part a hub plays for a delivery it takes in.
const fn role_at(next: &Hop) -> Role {
    match next {
        Hop::Here => Role::Destination,
        Hop::To(_) => Role::Relay,
    }
}

/// Records the delivery as relay or destination row, with the job that follows.
pub(super) fn arrive(
    tx: &mut Tx<'_>,
    hub: &Inner,
    arrival: &Arrival<'_>,
    stated: &Statement,
    next: &Hop,
    now: Timestamp,
) -> Result<(), Error> {
    let envelope = arrival.envelope;
    let role = role_at(next);
    let neighbour = match next {
        Hop::Here => None,
        Hop::To(neighbour) => Some(neighbour.clone()),
    };
    // Names come from the registry: an envelope could borrow the name of another agency.
    let directory = hub.directory();
    let sender = directory.find(&envelope.sender.code)?;
    let recipient = match &stated.succession {
        Some(note) => directory.find(&note.to.code)?,
        None => directory.find(&envelope.recipient.code)?,
    };
    let delivery = Delivery {
        id: envelope.delivery,
        role,
        document: envelope.header.id,
        sender: party(sender),
        recipient: party(recipient),
        envelope: arrival.bytes.to_vec(),
        path: stated.path.clone(),
        previous: arrival.from.cloned(),
        next: neighbour,
        transport: stated.event.transport(stated.hop()),
        handling: stated.event.handling().unwrap_or(HandlingState::Sent),
        reason: None,
        arrival_number: None,
        verdict: None,
        created_at: now,
        updated_at: now,
        standing: Standing::InForce,
    };
    deliveries::insert(tx, &delivery)?;
    clocks::start(tx, hub, &delivery, envelope.header.urgency, now)?;
    if role == Role::Destination {
        let work = (Kind::Verify, &*delivery.id.to_string());
        let road = (&Target::Here, Lane::of(envelope.header.urgency, 1));
        outbox::enqueue(tx, hub, work, road, now)?;
    }
    let actor = arrival.from.cloned().map_or(Actor::System, Actor::Hub);
    let about = (delivery.document, Some(delivery.id));
    acts::insert(
        tx,
        &actor,
        stated.event.as_str(),
        about,
        &delivery.recipient.code,
        now,
    )?;
    Ok(())
}

/// The origin's receipt of submission, unless this hub has it from another role.
fn keep_submission(
    tx: &mut Tx<'_>,
    submission: &Statement,
    transfer: &Transfer,
    now: Timestamp,
) -> Result<(), store::Error> {
    if evidence::find(tx, submission.id)?.is_some() {
        return Ok(());
    }
    evidence::insert(tx, submission, &transfer.submission, now)
}

/// Enqueues the handing over to the next hub: same envelope, same submission, longer road.
fn forward(
    tx: &mut Tx<'_>,
    hub: &Inner,
    transfer: &Transfer,
    stated: &Statement,
    next: (&HubId, Lane),
    now: Timestamp,
) -> Result<(), Error> {
    let onward = Transfer {
        id: TransferId::fresh(hub.ids(), now),
        path: stated.path.clone(),
        envelope: transfer.envelope.clone(),
        submission: transfer.submission.clone(),
    };
    send(
        tx,
        hub,
        &onward,
        (stated.delivery, stated.content),
        next,
        now,
    )
}

/// Records a transfer of a document and the job that makes it.
pub(super) fn send(
    tx: &mut Tx<'_>,
    hub: &Inner,
    transfer: &Transfer,
    about: (DeliveryId, Content),
    (neighbour, lane): (&HubId, Lane),
    now: Timestamp,
) -> Result<(), Error> {
    let row = transfers::Transfer {
        id: transfer.id,
        kind: transfers::Kind::Document,
        delivery: about.0,
        to: neighbour.clone(),
        body: transfer.to_bytes()?,
        blob: Some(about.1.sha256),
        acknowledged: false,
    };
    transfers::insert(tx, &row, now)?;
    let work = (Kind::Transfer, &*row.id.to_string());
    let road = (&Target::Peer(neighbour.clone()), lane);
    outbox::enqueue(tx, hub, work, road, now)
}

fn take_back(hub: &Inner, from: &HubId, body: &[u8]) -> Result<Answer, Error> {
    let request = Sha256::of(body);
    let handed = ReceiptTransfer::from_bytes(body)?;
    if let Some(answer) = known(hub, from, handed.id, body)? {
        return Ok(answer);
    }
    let stated = receipts::check(hub, &handed.receipt)?;
    if stated.event == Event::ChangeRequest {
        return change::arrive(hub, from, &handed, &stated, request).map_err(taken_over);
    }
    let answer = protocol::answer_to_bytes(None)?;
    fail::fail_point!("take-back-before-record");
    let recorded = receipts::recording(hub, &[], |tx| {
        if let Some(before) = answered(tx, from, handed.id, request)? {
            return Ok(before);
        }
        let mut delivery = sent_to(tx, hub, from, &stated)?;
        receipts::apply(tx, hub, &mut delivery, &stated, &handed.receipt)?;
        transfers::remember_answer(tx, from, handed.id, request, &answer, hub.now())?;
        fail::fail_point!("take-back-in-record");
        Ok(Answer {
            body: answer.clone(),
            repeated: false,
        })
    });
    fail::fail_point!("take-back-after-record");
    recorded.map_err(taken_over)
}

/// This hub's part of the delivery the receipt speaks of: it must have gone to `from`, and the
/// receipt must speak of the same envelope.
fn sent_to(
    tx: &mut Tx<'_>,
    hub: &Inner,
    from: &HubId,
    stated: &Statement,
) -> Result<Delivery, Error> {
    let in_force = hub.in_force();
    for role in [Role::Origin, Role::Relay] {
        let Some(delivery) = deliveries::find(tx, stated.delivery, role)? else {
            continue;
        };
        // What a withdrawn neighbour would have brought back comes by whoever took its place.
        let next = delivery.next.as_ref();
        let is_there = next == Some(from) || next.is_some_and(|next| !in_force.is_neighbour(next));
        if is_there && receipts::is_about(stated, &delivery) {
            return Ok(delivery);
        }
    }
    Err(Error::unacceptable(
        "unknown-delivery",
        format!("no delivery {} went there", stated.delivery),
    ))
}

/// The year of an agency's registers at `at`.
pub(super) fn register_year(at: Timestamp) -> i16 {
    vietnam_date(at).year()
}

/// Names what a journal entry is about.
pub(super) fn about(delivery: &Delivery) -> (DocumentId, Option<DeliveryId>) {
    (delivery.document, Some(delivery.id))
}
