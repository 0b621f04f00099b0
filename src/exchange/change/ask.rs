//! The sender's clerk asks: to have a document back, or to put another one in its place. What this
//! hub has not begun to hand on is taken back at once; everything else becomes a signed request that
//! follows the document.
//!
//! Durable on return: each request with its signed statement, its end where it ended here, and the
//! job that carries it; all of one act in one transaction.

use super::super::hub::Inner;
use super::super::people::Person;
use super::super::receipts::{self, Issued};
use super::super::{Error, Hub, intake};
use super::arrive::Plan;
use super::{SAME_MOMENT, note_of, record_request, words};
use crate::domain::agency::AgencyCode;
use crate::domain::change::{self, Kind, State, Successor};
use crate::domain::clock::Timestamp;
use crate::domain::deadline::{self, Rule, Start};
use crate::domain::delivery::Role;
use crate::domain::digest::Sha256;
use crate::domain::document::Urgency;
use crate::domain::ids::DocumentId;
use crate::domain::receipt::{Event, Statement};
use crate::domain::refusal::{Reason, Refusal};
use crate::peer::envelope::Envelope;
use crate::store::Tx;
use crate::store::rows::acts;
use crate::store::rows::changes::{self, Change};
use crate::store::rows::deliveries::{self, Delivery};
use crate::store::rows::documents::{self, Stage};

/// What a clerk asks about a sent document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Key of the request: the same key is the same act.
    pub key: String,
    /// What is asked.
    pub what: What,
    /// Why, 1 to 1,000 characters.
    pub reason: String,
    /// Codes of the recipients who are asked; everybody who can be asked, if empty.
    pub recipients: Vec<String>,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Give it back.
    Recall,
    /// This document is a new version of it; who did not get it gives the old one back.
    Update(DocumentId),
    /// This document takes its place, for those who got both.
    Replace(DocumentId),
}

impl Hub {
    /// Asks the recipients of a document of the person's agency. The same act again changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a document, or a successor, that the agency has not sent;
    /// [`Error::Refused`] when words are missing or nobody can be asked: nothing was recorded;
    /// [`Error::Conflict`] when the key was used for something else.
    pub async fn ask_change(
        &self,
        person: &Person,
        document: DocumentId,
        ask: Ask,
    ) -> Result<(), Error> {
        person.must_be_clerk()?;
        let person = person.clone();
        self.run(move |hub| act(hub, &person, document, &ask))
            .await?;
        self.inner().work.notify_one();
        Ok(())
    }
}

/// A request about one delivery, signed, not recorded.
struct Prepared {
    delivery: Delivery,
    change: Change,
    request: Issued,
    /// What this hub decides about it: as the origin, or at once as the recipient's hub.
    plan: Plan,
}

fn act(hub: &Inner, person: &Person, document: DocumentId, ask: &Ask) -> Result<(), Error> {
    let reason = words(&ask.reason)?;
    let key = format!("change {}", ask.key);
    if ask.key.is_empty() || key.len() > 255 {
        let problem = "1 to 248 characters".to_owned();
        let field = "Idempotency-Key";
        return Err(Refusal::Field { field, problem }.into());
    }
    let fingerprint = Sha256::of(
        format!(
            "{document} {:?}",
            (&ask.what, &reason.text, &ask.recipients)
        )
        .as_bytes(),
    );
    for _ in 0..SAME_MOMENT {
        if hub
            .store()
            .read(|tx| is_done(tx, person, &key, fingerprint))?
        {
            return Ok(());
        }
        let concerned = hub
            .store()
            .read(|tx| concerned(tx, person, document, ask))?;
        let prepared = prepare(hub, person, concerned, &reason)?;
        let all: Vec<&Issued> = prepared.iter().flat_map(Prepared::issued).collect();
        let done = receipts::recording(hub, &all, |tx| {
            if is_done(tx, person, &key, fingerprint)? || !hold(tx, &prepared)? {
                for issued in &all {
                    receipts::discard(tx, issued, hub.now())?;
                }
                return Ok(false);
            }
            for one in &prepared {
                one.record(tx, hub, person)?;
            }
            documents::remember_submission(tx, &person.login, &key, fingerprint, document)?;
            Ok::<_, Error>(true)
        })?;
        if done {
            return Ok(());
        }
    }
    Err(Error::Interrupted)
}

/// Whether this very act was recorded before.
fn is_done(
    tx: &mut Tx<'_>,
    person: &Person,
    key: &str,
    fingerprint: Sha256,
) -> Result<bool, Error> {
    match documents::submitted(tx, &person.login, key)? {
        None => Ok(false),
        Some((before, _)) if before == fingerprint => Ok(true),
        Some(_) => Err(Error::Conflict(
            "the key was used for another request".to_owned(),
        )),
    }
}

/// A delivery to ask about, what to ask, and what takes its place.
type Concerned = (Delivery, Kind, Option<Successor>);

/// The deliveries the act concerns: those named, or all that can be asked about.
fn concerned(
    tx: &mut Tx<'_>,
    person: &Person,
    id: DocumentId,
    ask: &Ask,
) -> Result<Vec<Concerned>, Error> {
    let all = sent(tx, person, id)?;
    let successors = match ask.what {
        What::Recall => Vec::new(),
        What::Update(by) | What::Replace(by) if by == id => {
            return Err(Error::NotFound("another document"));
        }
        What::Update(by) | What::Replace(by) => sent(tx, person, by)?,
    };
    let named = |one: &Delivery| ask.recipients.contains(&one.recipient.code);
    let is_known = |code: &String| all.iter().any(|one| one.recipient.code == *code);
    if !ask.recipients.iter().all(is_known) {
        return Err(Error::NotFound("recipient of the document"));
    }
    let (mut found, mut refused) = (Vec::new(), None);
    for delivery in all
        .iter()
        .filter(|one| ask.recipients.is_empty() || named(one))
    {
        let Some((kind, successor)) = kind(ask.what, delivery, &successors)? else {
            continue;
        };
        let last = changes::of_delivery(tx, delivery.id)?.pop();
        let last = last.map(|one| one.state);
        match change::may_ask(delivery.standing, delivery.handling, last) {
            Ok(()) => found.push((delivery.clone(), kind, successor)),
            Err(no) if named(delivery) => return Err(no.into()),
            Err(no) => refused = Some(no),
        }
    }
    if found.is_empty() {
        return Err(refused.unwrap_or(Refusal::NoRecipient).into());
    }
    Ok(found)
}

/// The deliveries of a document the person's agency has sent.
fn sent(tx: &mut Tx<'_>, person: &Person, id: DocumentId) -> Result<Vec<Delivery>, Error> {
    let document = documents::find(tx, id)?;
    let is_own = |one: &documents::Document| {
        one.header.sender == person.agency && one.stage == Stage::Dispatched
    };
    document.filter(is_own).ok_or(Error::NotFound("document"))?;
    Ok(deliveries::of_document(tx, id, Role::Origin)?)
}

/// What is asked of one recipient; nothing where the new document does not concern it.
fn kind(
    what: What,
    delivery: &Delivery,
    successors: &[Delivery],
) -> Result<Option<(Kind, Option<Successor>)>, Error> {
    let recall = Some((Kind::of_recall(delivery.handling), None));
    let to_the_same = |one: &&Delivery| one.recipient.code == delivery.recipient.code;
    let successor = match successors.iter().find(to_the_same) {
        Some(one) => Some(Successor {
            document: one.document,
            number: Envelope::from_bytes(&one.envelope)?
                .header
                .number
                .to_string(),
            delivery: one.id,
        }),
        None => None,
    };
    Ok(match (what, successor) {
        (What::Recall, _) | (What::Update(_), None) => recall,
        (What::Update(_), successor) => Some((Kind::Update, successor)),
        (What::Replace(_), None) => None,
        (What::Replace(_), successor) => Some((Kind::Replace, successor)),
    })
}

/// Signs every request, and what this hub itself decides.
fn prepare(
    hub: &Inner,
    person: &Person,
    concerned: Vec<Concerned>,
    reason: &Reason,
) -> Result<Vec<Prepared>, Error> {
    let mut prepared: Vec<Prepared> = Vec::new();
    for one in concerned {
        match Prepared::make(hub, person, one, reason) {
            Ok(one) => prepared.push(one),
            Err(fault) => {
                let unused = prepared.iter().flat_map(Prepared::issued);
                receipts::close_unused(hub, unused.map(Issued::signing), &fault);
                return Err(fault);
            }
        }
    }
    Ok(prepared)
}

/// Whether everything would be decided now as it was when it was signed.
fn hold(tx: &mut Tx<'_>, prepared: &[Prepared]) -> Result<bool, Error> {
    for one in prepared {
        let last = changes::of_delivery(tx, one.delivery.id)?.pop();
        let present = deliveries::find(tx, one.delivery.id, Role::Origin)?;
        let present = present.ok_or(Error::NotFound("delivery"))?;
        let last = last.map(|last| last.state);
        change::may_ask(present.standing, present.handling, last)?;
        let decides = decides(tx, &present)?;
        if !one.plan.holds(tx, &decides, &one.change)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The part of a delivery at which this hub decides: the recipient's where it hosts both.
fn decides(tx: &mut Tx<'_>, origin: &Delivery) -> Result<Delivery, Error> {
    let here = deliveries::find(tx, origin.id, Role::Destination)?;
    Ok(here.unwrap_or_else(|| origin.clone()))
}

/// When an answer is due: after the working days of the recipient.
fn deadline_of_change_request(hub: &Inner, delivery: &Delivery, at: Timestamp) -> Timestamp {
    let code = AgencyCode::parse(&delivery.recipient.code).ok();
    let start = Start {
        at,
        urgency: Urgency::Normal,
        stated: None,
    };
    let calendar = hub.parts.calendars.of(code.as_ref());
    deadline::due(Rule::Change, start, calendar).at
}

impl Prepared {
    fn make(
        hub: &Inner,
        person: &Person,
        (delivery, kind, successor): Concerned,
        reason: &Reason,
    ) -> Result<Self, Error> {
        let envelope = Envelope::from_bytes(&delivery.envelope)?;
        let path = delivery.path.clone();
        let event = Event::ChangeRequest;
        let stated = receipts::about(hub, event, &envelope, &delivery.envelope, path);
        let change = Change {
            id: stated.id,
            delivery: delivery.id,
            kind,
            state: State::Requested,
            asked_by: person.actor().to_string(),
            asked_at: stated.at,
            reason: reason.text.clone(),
            deadline: deadline_of_change_request(hub, &delivery, stated.at),
            successor,
            answer: None,
        };
        let request = receipts::issue(
            hub,
            Statement {
                actor: Some(change.asked_by.clone()),
                reason: Some(reason.clone()),
                change: Some(note_of(&change)),
                ..stated
            },
        )?;
        let decides = hub.store().read(|tx| decides(tx, &delivery))?;
        match Plan::make(hub, &decides, &change) {
            Ok(plan) => Ok(Self {
                delivery,
                change,
                request,
                plan,
            }),
            Err(fault) => {
                receipts::close_unused(hub, [request.signing()], &fault);
                Err(fault)
            }
        }
    }

    fn issued(&self) -> impl Iterator<Item = &Issued> {
        std::iter::once(&self.request).chain(self.plan.issued())
    }

    fn record(&self, tx: &mut Tx<'_>, hub: &Inner, person: &Person) -> Result<(), Error> {
        let now: Timestamp = hub.now();
        let id = self.delivery.id;
        let origin = deliveries::find(tx, id, Role::Origin)?;
        let origin = origin.ok_or(Error::NotFound("delivery"))?;
        receipts::keep(tx, &self.request, now)?;
        record_request(tx, hub, &self.change)?;
        let (event, about) = (self.request.statement.event, intake::about(&origin));
        let word = self.change.kind.as_str();
        acts::insert(tx, &person.actor(), event.as_str(), about, word, now)?;
        let mut decides = decides(tx, &origin)?;
        self.plan.record(tx, hub, &mut decides, now)?;
        match &origin.next {
            Some(next) if self.plan.outcome == change::Outcome::Wait => {
                receipts::hand_to(tx, hub, (&origin, next), &self.request.signed, now)
            }
            _ => Ok(()),
        }
    }
}
