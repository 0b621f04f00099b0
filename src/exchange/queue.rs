//! Beside the road: what people see of the outbox, and what they may do with what stays in it: try it
//! again, send it another way, or end it. Each act is journalled with its actor and reason in the
//! transaction that does it.

use super::hub::Inner;
use super::people::Person;
use super::receipts::{self, Issued};
use super::{Error, Hub, deliver, outbox, relay};
use crate::domain::actor::Actor;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::Role;
use crate::domain::ids::{DeliveryId, DocumentId, JobId, TransferId};
use crate::domain::lane::Target;
use crate::domain::refusal::Refusal;
use crate::domain::routing::{Hop, HubId, next_hop};
use crate::peer::envelope::Envelope;
use crate::peer::protocol;
use crate::store::Tx;
use crate::store::rows::deliveries::{self, Delivery};
use crate::store::rows::documents;
use crate::store::rows::jobs::{self, Job, Kind};
use crate::store::rows::transfers::{self, Transfer};
use crate::store::rows::{acts, changes, links, mails, queue};

pub use crate::store::rows::links::Trouble;
pub use crate::store::rows::queue::{Depth, Open};

/// Most jobs told in one answer, and decided in one act.
const MOST: i64 = 1000;
/// Longest reason, in characters.
const LONGEST_REASON: usize = 1000;

/// The outbox as an operator sees it.
#[derive(Debug, Clone)]
pub struct Overview {
    /// How much there is, by target and lane.
    pub depths: Vec<Depth>,
    /// Lines in trouble.
    pub troubles: Vec<Trouble>,
    /// Failures in a row from which on a line is only probed.
    pub break_after: u32,
    /// What is set aside, the longest first; at most 1,000.
    pub parked: Vec<Open>,
    /// What waits after a failure, the oldest first; at most 1,000.
    pub failing: Vec<Open>,
}

/// One job with what it is about.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The job.
    pub job: Open,
    /// The document, where it can be told.
    pub document: Option<DocumentId>,
    /// The delivery, where there is one.
    pub delivery: Option<DeliveryId>,
}

/// What is decided about a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Try it again at once, and for as long as a new one.
    Retry,
    /// Send it along the road the registry shows now; to this hub, if one is named.
    Reroute(Option<HubId>),
    /// End it: the sender gets a signed negative receipt with the reason.
    Abandon,
}

impl Act {
    /// The word in the journal.
    const fn as_str(&self) -> &'static str {
        match self {
            Self::Retry => "retried",
            Self::Reroute(_) => "rerouted",
            Self::Abandon => "abandoned",
        }
    }
}

impl Hub {
    /// The outbox as a whole, or what concerns one target.
    ///
    /// # Errors
    /// A fault of the record.
    pub async fn queue(&self, target: Option<Target>) -> Result<Overview, Error> {
        self.run(move |hub| {
            let target = target.as_ref();
            let fits = |other: &Target| target.is_none_or(|target| target == other);
            hub.store().read(|tx| {
                let mut depths = queue::depths(tx)?;
                depths.retain(|depth| fits(&depth.target));
                let mut troubles = links::all(tx)?;
                troubles.retain(|trouble| fits(&trouble.target));
                Ok(Overview {
                    depths,
                    troubles,
                    break_after: u32::from(hub.parts.outbox.break_after),
                    parked: queue::parked(tx, target, MOST)?,
                    failing: queue::failing(tx, target, MOST)?,
                })
            })
        })
        .await
    }

    /// One job.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is done, or never was.
    pub async fn queued(&self, id: JobId) -> Result<Shown, Error> {
        self.run(move |hub| {
            hub.store().read(|tx| {
                let job = queue::find(tx, id)?.ok_or(Error::NotFound("job"))?;
                let about = about(tx, &job)?;
                Ok(Shown {
                    document: about.map(|(document, _)| document),
                    delivery: about.and_then(|(_, delivery)| delivery),
                    job,
                })
            })
        })
        .await
    }

    /// An operator decides about one job.
    ///
    /// Durable on return: the act in the journal and all that follows from it.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] while a worker has it; [`Error::Refused`] when the act
    /// does not fit it, or the reason is missing.
    pub async fn decide(
        &self,
        operator: &str,
        id: JobId,
        act: Act,
        reason: String,
    ) -> Result<(), Error> {
        let actor = Actor::Operator(operator.to_owned());
        self.run(move |hub| decide(hub, &actor, id, &act, &reason))
            .await?;
        self.inner().work.notify_one();
        Ok(())
    }

    /// The jobs of a target that are set aside, the longest first; at most 1,000.
    ///
    /// # Errors
    /// A fault of the record.
    pub async fn set_aside(&self, target: Target) -> Result<Vec<JobId>, Error> {
        self.run(move |hub| {
            let parked = hub
                .store()
                .read(|tx| queue::parked(tx, Some(&target), MOST))?;
            Ok(parked.into_iter().map(|open| open.id).collect())
        })
        .await
    }

    /// Tries what waits for a target at once, and its line. Gives how many jobs that are.
    ///
    /// # Errors
    /// A fault of the record.
    pub async fn hasten(&self, target: Target) -> Result<usize, Error> {
        let hastened = self
            .run(move |hub| {
                let now = hub.now();
                Ok(hub.store().write(|tx| {
                    links::retry_at(tx, &target, now)?;
                    jobs::hasten(tx, &target, now)
                })?)
            })
            .await?;
        self.inner().work.notify_one();
        Ok(hastened)
    }

    /// A clerk of the sender decides about a delivery that waits or is set aside.
    ///
    /// Durable on return: the act in the journal and all that follows from it.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a delivery of another agency, or one that does not wait; else as
    /// [`Hub::decide`].
    pub async fn decide_delivery(
        &self,
        person: &Person,
        id: DeliveryId,
        act: Act,
        reason: String,
    ) -> Result<(), Error> {
        person.must_be_clerk()?;
        let person = person.clone();
        self.run(move |hub| {
            let job = hub.store().read(|tx| open_transfer(tx, &person, id))?;
            decide(hub, &person.actor(), job, &act, &reason)
        })
        .await?;
        self.inner().work.notify_one();
        Ok(())
    }
}

/// The job that carries a delivery of the person's agency onward.
fn open_transfer(tx: &mut Tx<'_>, person: &Person, id: DeliveryId) -> Result<JobId, Error> {
    let origin = deliveries::find(tx, id, Role::Origin)?;
    let own = origin.filter(|delivery| delivery.sender.code == person.agency.as_str());
    own.ok_or(Error::NotFound("delivery"))?;
    for transfer in transfers::of_delivery(tx, id)? {
        let is_document = transfer.kind == transfers::Kind::Document && !transfer.acknowledged;
        let open = is_document.then(|| queue::about(tx, &transfer.id.to_string()));
        if let Some(open) = open.transpose()?.flatten() {
            return Ok(open.id);
        }
    }
    Err(Error::NotFound("open transfer"))
}

type About = Option<(DocumentId, Option<DeliveryId>)>;

/// What a job is about, for the journal.
fn about(tx: &mut Tx<'_>, job: &Open) -> Result<About, Error> {
    let delivery = match job.kind {
        Kind::Seal | Kind::Dispatch => {
            let document = job.subject.parse().ok();
            return Ok(document.map(|document| (document, None)));
        }
        Kind::Transfer => match job.subject.parse() {
            Ok(id) => transfers::find(tx, id)?.map(|transfer| transfer.delivery),
            Err(_) => None,
        },
        Kind::Mail => match job.subject.parse() {
            Ok(id) => mails::find(tx, id)?.map(|mail| mail.delivery),
            Err(_) => None,
        },
        Kind::Verify => job.subject.parse().ok(),
        Kind::Change => match job.subject.parse() {
            Ok(id) => changes::find(tx, id)?.map(|change| change.delivery),
            Err(_) => None,
        },
    };
    let Some(delivery) = delivery else {
        return Ok(None);
    };
    let known = deliveries::find_all(tx, delivery)?;
    Ok(known.first().map(|one| (one.document, Some(delivery))))
}

fn decide(hub: &Inner, actor: &Actor, id: JobId, act: &Act, reason: &str) -> Result<(), Error> {
    let reason = reason.trim();
    let length = reason.chars().count();
    if length > LONGEST_REASON {
        let problem = format!("at most {LONGEST_REASON} characters, found {length}");
        let field = "reason";
        return Err(Refusal::Field { field, problem }.into());
    }
    if reason.is_empty() {
        return Err(Refusal::ReasonMissing.into());
    }
    let (open, about) = hub.store().read(|tx| {
        let open = queue::find(tx, id)?.ok_or(Error::NotFound("job"))?;
        let about = about(tx, &open)?.ok_or(Error::NotFound("subject of the job"))?;
        Ok::<_, Error>((open, about))
    })?;
    let noted = |tx: &mut Tx<'_>, detail: &str| -> Result<(), Error> {
        let detail = format!("{detail}{reason}");
        Ok(acts::insert(
            tx,
            actor,
            act.as_str(),
            about,
            &detail,
            hub.now(),
        )?)
    };
    match (act, open.kind) {
        (Act::Retry, _) => hub.store().write(|tx| {
            let job = take(tx, hub, id)?;
            let now = hub.now();
            let until = outbox::give_up_at(hub, job.kind, job.lane, now);
            jobs::revive(tx, &job, now, until)?;
            links::retry_at(tx, &job.target, now)?;
            noted(tx, "")
        }),
        (Act::Reroute(to), Kind::Transfer) => reroute(hub, &open, to.as_ref(), &noted),
        (Act::Abandon, Kind::Transfer) => abandon(hub, actor, (&open, reason), &noted),
        (Act::Abandon, Kind::Mail) => hub.store().write(|tx| {
            let job = take(tx, hub, id)?;
            relay::fail(tx, hub, &job, reason)?;
            noted(tx, "")
        }),
        (Act::Reroute(_) | Act::Abandon, _) => Err(Refusal::OnlyRetry.into()),
    }
}

/// Takes the job out of every worker's reach, in the transaction that decides about it.
fn take(tx: &mut Tx<'_>, hub: &Inner, id: JobId) -> Result<Job, Error> {
    let (now, until) = outbox::lease(hub);
    jobs::take(tx, id, now, until)?
        .ok_or_else(|| Error::Conflict("a worker has it at this moment: try again".to_owned()))
}

fn transfer_of(tx: &mut Tx<'_>, open: &Open) -> Result<Transfer, Error> {
    let missing = || Error::NotFound("transfer");
    let id: TransferId = open.subject.parse().or(Err(missing()))?;
    transfers::find(tx, id)?.ok_or_else(missing)
}

type Noted<'a> = &'a dyn Fn(&mut Tx<'_>, &str) -> Result<(), Error>;

/// Ends a transfer by a decision. A receipt that cannot be handed back ends without another receipt
/// about it; it stays here as evidence.
fn abandon(
    hub: &Inner,
    actor: &Actor,
    (open, reason): (&Open, &str),
    noted: Noted<'_>,
) -> Result<(), Error> {
    let transfer = hub.store().read(|tx| transfer_of(tx, open))?;
    let issued: Option<Issued> = match transfer.kind {
        transfers::Kind::Document => deliver::failure(hub, &transfer, (actor, reason))?,
        transfers::Kind::Receipt => None,
    };
    let recorded: Vec<&Issued> = issued.iter().collect();
    receipts::recording(hub, &recorded, |tx| {
        let job = take(tx, hub, open.id)?;
        if let Some(issued) = &issued {
            deliver::record_failure(tx, hub, &transfer, issued)?;
        }
        noted(tx, "")?;
        Ok(jobs::finish(tx, &job)?)
    })
}

/// Sends a document that waits here along the road the registry shows now: as a new act with a new
/// id, the same envelope and the same road behind it. If the hub it waited for took it over after
/// all, the recipient's hub sees the same delivery twice and keeps one.
fn reroute(hub: &Inner, open: &Open, to: Option<&HubId>, noted: Noted<'_>) -> Result<(), Error> {
    hub.store().write(|tx| {
        let before = transfer_of(tx, open)?;
        if before.kind == transfers::Kind::Receipt {
            return Err(Refusal::OnlyRetry.into());
        }
        let mut delivery = deliver::own_part(tx, &before)?;
        let next = other_road(hub, &delivery, &before.to, to)?;
        let job = take(tx, hub, open.id)?;
        let now = hub.now();
        let sent = protocol::Transfer::from_bytes(&before.body)?;
        let again = protocol::Transfer {
            id: TransferId::fresh(hub.ids(), now),
            ..sent
        };
        let document = documents::find(tx, delivery.document)?;
        let content = document.and_then(|document| document.sealed);
        let content = content.ok_or(Error::NotFound("bytes"))?;
        let about = (delivery.id, content);
        super::intake::send(tx, hub, &again, about, (&next, job.lane), now)?;
        delivery.next = Some(next.clone());
        delivery.updated_at = now;
        deliveries::update(tx, &delivery)?;
        noted(tx, &format!("{} → {next}: ", before.to))?;
        Ok(jobs::finish(tx, &job)?)
    })
}

/// The hub the registry sends the delivery to now, if that is another than `before` and the one that
/// was asked for.
fn other_road(
    hub: &Inner,
    delivery: &Delivery,
    before: &HubId,
    asked: Option<&HubId>,
) -> Result<HubId, Error> {
    let (directory, own) = (hub.directory(), &hub.parts.id);
    let envelope = Envelope::from_bytes(&delivery.envelope)?;
    let (_, at) = directory.addressee(&envelope.recipient.code, hub.today())?;
    let found = match next_hop(&directory, own, at, &delivery.path)? {
        Hop::To(next) => Some(next),
        Hop::Here => None,
    };
    let fits = |next: &HubId| next != before && asked.is_none_or(|asked| asked == next);
    found.filter(fits).ok_or_else(|| {
        let from = own.clone();
        let to = asked.unwrap_or(at).clone();
        Refusal::NoOtherRoute { from, to }.into()
    })
}

/// When something set aside at `now` ends by itself.
pub(super) fn decided_by(hub: &Inner, now: Timestamp) -> Option<Timestamp> {
    let seconds = i64::from(hub.parts.retry.decide_seconds);
    now.saturating_add(crate::domain::clock::SignedDuration::from_secs(seconds))
        .ok()
}
