//! Station 4: a sealed document becomes one delivery per addressee.
//!
//! Durable on return: deliveries, receipts of submission and the transfers, in one transaction.

use super::hub::{Inner, party};
use super::intake::{Arrival, arrive, send};
use super::receipts::{self, Issued};
use super::{Error, clocks};
use crate::domain::actor::Actor;
use crate::domain::change::Standing;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::{HandlingState, Role, TransportState};
use crate::domain::document::Content;
use crate::domain::ids::{DeliveryId, DocumentId, TransferId};
use crate::domain::lane::Lane;
use crate::domain::receipt::Event;
use crate::domain::routing::{Hop, next_hop};
use crate::peer::envelope::Envelope;
use crate::peer::protocol::Transfer;
use crate::store::Tx;
use crate::store::rows::acts;
use crate::store::rows::deliveries::{self, Delivery};
use crate::store::rows::documents::{self, Document, Stage};
use crate::store::rows::jobs::{self, Job};

/// One delivery, decided and its receipt signed, not yet recorded.
struct Decided {
    envelope: Envelope,
    bytes: Vec<u8>,
    next: Hop,
    submission: Issued,
    /// The consignment, where the recipient is on this hub too.
    consignment: Option<Issued>,
}

impl Decided {
    fn issued(&self) -> impl Iterator<Item = &Issued> {
        std::iter::once(&self.submission).chain(&self.consignment)
    }
}

/// Makes the deliveries of the document the job names.
///
/// # Errors
/// A fault; a refusal (an addressee closed in the meantime) is final for the job.
pub(super) fn dispatch(hub: &Inner, job: &Job, id: DocumentId) -> Result<(), Error> {
    let loaded = hub.store().read(|tx| load(tx, id))?;
    let Some((document, content, recipients)) = loaded else {
        return Ok(hub.store().write(|tx| jobs::finish(tx, job))?);
    };
    let mut decided = Vec::new();
    for code in &recipients {
        match decide(hub, &document, content, code) {
            Ok(one) => decided.push(one),
            Err(fault) => {
                let unused = decided.iter().flat_map(Decided::issued);
                receipts::close_unused(hub, unused.map(Issued::signing), &fault);
                return Err(fault);
            }
        }
    }
    fail::fail_point!("dispatch-before-record");
    let issued: Vec<&Issued> = decided.iter().flat_map(Decided::issued).collect();
    let lane = Lane::of(document.header.urgency, decided.len());
    let recorded = receipts::recording(hub, &issued, |tx| {
        let now = hub.now();
        for one in &decided {
            record(tx, hub, (&document, lane), one, now)?;
        }
        documents::advance(tx, id, &Stage::Sealed, &Stage::Dispatched, None)?;
        let detail = format!("{} recipient(s)", decided.len());
        acts::insert(tx, &Actor::System, "dispatched", (id, None), &detail, now)?;
        fail::fail_point!("dispatch-in-record");
        Ok(jobs::finish(tx, job)?)
    });
    fail::fail_point!("dispatch-after-record");
    recorded
}

type Loaded = (Document, Content, Vec<String>);

/// `None` when the document was dispatched before.
fn load(tx: &mut Tx<'_>, id: DocumentId) -> Result<Option<Loaded>, Error> {
    let document = documents::find(tx, id)?.ok_or(Error::NotFound("document"))?;
    let (Stage::Sealed, Some(content)) = (&document.stage, document.sealed) else {
        return Ok(None);
    };
    let recipients = documents::recipients_of(tx, id)?;
    Ok(Some((document, content, recipients)))
}

fn decide(
    hub: &Inner,
    document: &Document,
    content: Content,
    code: &str,
) -> Result<Decided, Error> {
    let (directory, own) = (hub.directory(), &hub.parts.id);
    let now = hub.now();
    let (recipient, at) = directory.addressee(code, hub.today())?;
    let sender = directory.find(document.header.sender.as_str())?;
    let next = next_hop(&directory, own, at, std::slice::from_ref(own))?;
    let envelope = Envelope {
        delivery: DeliveryId::fresh(hub.ids(), now),
        header: document.header.clone(),
        content,
        sender: party(sender),
        recipient: party(recipient),
        origin: own.clone(),
        sent_at: now,
        sent_by: document.created_by.clone(),
    };
    let bytes = envelope.to_bytes()?;
    let state = |event| {
        let mut stated = receipts::about(hub, event, &envelope, &bytes, vec![own.clone()]);
        stated.actor = Some(document.created_by.clone());
        receipts::issue(hub, stated)
    };
    let submission = state(Event::Submission)?;
    let consignment = match next {
        Hop::Here => Some(state(Event::Consignment)?),
        Hop::To(_) => None,
    };
    Ok(Decided {
        envelope,
        bytes,
        next,
        submission,
        consignment,
    })
}

fn record(
    tx: &mut Tx<'_>,
    hub: &Inner,
    (document, lane): (&Document, Lane),
    decided: &Decided,
    now: Timestamp,
) -> Result<(), Error> {
    let envelope = &decided.envelope;
    let neighbour = match &decided.next {
        Hop::To(neighbour) => Some(neighbour),
        Hop::Here => None,
    };
    let mut origin = Delivery {
        id: envelope.delivery,
        role: Role::Origin,
        document: document.header.id,
        sender: envelope.sender.clone(),
        recipient: envelope.recipient.clone(),
        envelope: decided.bytes.clone(),
        path: vec![hub.parts.id.clone()],
        previous: None,
        next: neighbour.cloned(),
        transport: TransportState::Queued,
        handling: HandlingState::Sent,
        reason: None,
        arrival_number: None,
        verdict: None,
        created_at: now,
        updated_at: now,
        standing: Standing::InForce,
    };
    deliveries::insert(tx, &origin)?;
    clocks::start(tx, hub, &origin, envelope.header.urgency, now)?;
    receipts::keep(tx, &decided.submission, now)?;
    if let Some(neighbour) = neighbour {
        let transfer = Transfer {
            id: TransferId::fresh(hub.ids(), now),
            path: origin.path.clone(),
            envelope: decided.bytes.clone(),
            submission: decided.submission.signed.clone(),
        };
        return send(
            tx,
            hub,
            &transfer,
            (origin.id, envelope.content),
            (neighbour, lane),
            now,
        );
    }
    let Some(consignment) = &decided.consignment else {
        return Ok(());
    };
    let arrival = Arrival {
        envelope,
        bytes: &decided.bytes,
        from: None,
    };
    arrive(tx, hub, &arrival, &consignment.statement, &Hop::Here, now)?;
    receipts::keep(tx, consignment, now)?;
    receipts::advance(tx, hub, &mut origin, &consignment.statement, now)
}
