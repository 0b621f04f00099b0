//! Beside the road: the clocks of deadlines. They are started and stopped in the transactions of the
//! acts themselves; here they ring. A breach on the side of the recipient is stated and signed, and
//! the statement travels back to the sender like every receipt.
//!
//! Durable on return of a ring: how far the clock is, the journal entry, the mail, and for a breach
//! of the recipient the signed statement with the job that passes it back, in one transaction.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::watch;
use tracing::{error, info};

use super::hub::Inner;
use super::receipts::{self, Issued};
use super::{Error, Hub, relay};
use crate::domain::actor::Actor;
use crate::domain::agency::AgencyCode;
use crate::domain::clock::{SignedDuration, Timestamp, rfc3339};
use crate::domain::deadline::{self, Rule, Start};
use crate::domain::deadline_clock::{Alarm, DeadlineClock};
use crate::domain::delivery::{Role, TransportState};
use crate::domain::document::Urgency;
use crate::domain::ids::DeliveryId;
use crate::domain::receipt::{Event, Party, Statement};
use crate::domain::refusal::{Reason, ReasonCode};
use crate::peer::envelope::Envelope;
use crate::store::Tx;
use crate::store::rows::acts;
use crate::store::rows::clocks::{self, Key};
use crate::store::rows::deliveries::{self, Delivery};
use crate::store::rows::mails::Notice;

/// How often the clocks are looked at.
const LOOK: Duration = Duration::from_secs(5);
/// Clocks that ring in one look.
const AT_ONCE: i64 = 200;
/// How long a clock rests that could not be served, in minutes.
const REST: i64 = 5;

/// Lets the clocks ring until `stop` turns true.
pub async fn watch_clocks(hub: Hub, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(fault) = hub.ring_clocks().await {
            error!(fault = %fault, "the clocks of deadlines cannot be read; trying again");
        }
        tokio::select! {
            _ = stop.changed() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

impl Hub {
    /// Lets every clock ring whose time has come; gives how many rang. Any number of processes may
    /// do so at once, each warning and each breach is recorded once.
    ///
    /// # Errors
    /// A fault of the record. A single clock that cannot be served rests and holds up no other.
    pub async fn ring_clocks(&self) -> Result<usize, Error> {
        let rang = self.run(ring_all).await?;
        if rang > 0 {
            self.inner().work.notify_one();
        }
        Ok(rang)
    }
}

fn ring_all(hub: &Inner) -> Result<usize, Error> {
    let mut rang: usize = 0;
    loop {
        let now = hub.now();
        let found = hub.store().read(|tx| clocks::ringing(tx, now, AT_ONCE))?;
        let before = rang;
        for key in &found {
            match ring(hub, *key) {
                Ok(true) => rang = rang.saturating_add(1),
                Ok(false) => {}
                Err(fault) => rest(hub, *key, &fault, now)?,
            }
        }
        let is_last = i64::try_from(found.len()).unwrap_or(i64::MAX) < AT_ONCE;
        if is_last || rang == before {
            return Ok(rang);
        }
    }
}

/// Lets a clock that cannot be served rest, so that it holds up no other.
fn rest(hub: &Inner, key: Key, fault: &Error, now: Timestamp) -> Result<(), Error> {
    let (id, _, rule) = key;
    error!(delivery.id = %id, rule = rule.as_str(), fault = %fault, "a clock cannot be served");
    let until = now.saturating_add(SignedDuration::from_mins(REST));
    let until = until.unwrap_or(now);
    Ok(hub.store().write(|tx| clocks::rest(tx, key, until))?)
}

/// The clock and its delivery, locked, if it has something to say now.
fn due_now(
    tx: &mut Tx<'_>,
    (id, role, rule): Key,
    now: Timestamp,
) -> Result<Option<(Delivery, DeadlineClock, Alarm)>, Error> {
    let Some(delivery) = deliveries::find(tx, id, role)? else {
        return Ok(None);
    };
    let mut own = clocks::of_delivery(tx, id, role)?.into_iter();
    let Some(mut clock) = own.find(|clock| clock.rule == rule) else {
        return Ok(None);
    };
    let alarm = clock.ring(now);
    Ok(alarm.map(|alarm| (delivery, clock, alarm)))
}

/// Lets one clock ring: sign what is to be signed, then record everything, unless the clock was
/// stopped or served by somebody else meanwhile.
fn ring(hub: &Inner, key: Key) -> Result<bool, Error> {
    let now = hub.now();
    let Some((delivery, clock, alarm)) = hub.store().read(|tx| due_now(tx, key, now))? else {
        return Ok(false);
    };
    let issued = match (alarm, evidence_of(delivery.role, clock.rule)) {
        (Alarm::Breach, Some(event)) => Some(issue(hub, &delivery, &clock, event)?),
        _ => None,
    };
    fail::fail_point!("clock-before-record");
    let all: Vec<&Issued> = issued.iter().collect();
    receipts::recording(hub, &all, |tx| match due_now(tx, key, now)? {
        Some((present, clock, same)) if same == alarm => {
            record(tx, hub, (present, clock, alarm), issued.as_ref(), now)?;
            Ok(true)
        }
        _ => {
            if let Some(unused) = &issued {
                receipts::discard(tx, unused, now)?;
            }
            Ok(false)
        }
    })
}

/// What the recipient's hub states about a deadline its agency let pass.
const fn evidence_of(role: Role, rule: Rule) -> Option<Event> {
    match (role, rule) {
        (Role::Destination, Rule::Open) => Some(Event::OpenExpiry),
        (Role::Destination, Rule::Answer) => Some(Event::AnswerExpiry),
        _ => None,
    }
}

fn issue(
    hub: &Inner,
    delivery: &Delivery,
    clock: &DeadlineClock,
    event: Event,
) -> Result<Issued, Error> {
    let envelope = Envelope::from_bytes(&delivery.envelope)?;
    let path = delivery.path.clone();
    let stated = receipts::about(hub, event, &envelope, &delivery.envelope, path);
    let text = format!("{}; {}", rfc3339(clock.due.at), clock.rule.source());
    let code = ReasonCode::Other;
    receipts::issue(
        hub,
        Statement {
            reason: Some(Reason { code, text }),
            ..stated
        },
    )
}

fn record(
    tx: &mut Tx<'_>,
    hub: &Inner,
    (delivery, clock, alarm): (Delivery, DeadlineClock, Alarm),
    issued: Option<&Issued>,
    now: Timestamp,
) -> Result<(), Error> {
    clocks::update(tx, delivery.id, delivery.role, &clock)?;
    let (act, notice) = match alarm {
        Alarm::Warning => ("deadline near", Notice::DueSoon),
        Alarm::Breach => ("deadline missed", Notice::Overdue),
    };
    let about = (delivery.document, Some(delivery.id));
    acts::insert(tx, &Actor::System, act, about, clock.rule.as_str(), now)?;
    // Only who owes is warned; that others are late is told when they are.
    if alarm == Alarm::Breach || is_owing(delivery.role, clock.rule) {
        let to = concerned(&delivery).clone();
        relay::enqueue(tx, hub, &delivery, notice, &to, now)?;
    }
    if let Some(issued) = issued {
        receipts::keep(tx, issued, now)?;
        receipts::report(tx, hub, &delivery, issued, now)?;
    }
    info!(delivery.id = %delivery.id, rule = clock.rule.as_str(), act, "a clock rang");
    Ok(())
}

/// Whether the agency of this role is the one that owes.
const fn is_owing(role: Role, rule: Rule) -> bool {
    matches!((role, rule), (Role::Destination, _) | (_, Rule::Send))
}

/// Whose business a clock of the delivery is.
const fn concerned(delivery: &Delivery) -> &Party {
    match delivery.role {
        Role::Destination => &delivery.recipient,
        Role::Origin | Role::Relay => &delivery.sender,
    }
}

/// Starts the clocks of a delivery in its role, in the transaction that records it.
///
/// # Errors
/// A fault of the record.
pub(super) fn start(
    tx: &mut Tx<'_>,
    hub: &Inner,
    delivery: &Delivery,
    urgency: Urgency,
    now: Timestamp,
) -> Result<(), Error> {
    for rule in Rule::of(delivery.role) {
        run(tx, hub, delivery, (*rule, urgency), now)?;
    }
    Ok(())
}

/// Starts one clock at `at`, after the calendar of whoever owes.
fn run(
    tx: &mut Tx<'_>,
    hub: &Inner,
    delivery: &Delivery,
    (rule, urgency): (Rule, Urgency),
    at: Timestamp,
) -> Result<(), Error> {
    let owing = match rule {
        Rule::Send => &delivery.sender,
        Rule::Arrival | Rule::Open | Rule::Answer | Rule::Change => &delivery.recipient,
    };
    let code = AgencyCode::parse(&owing.code).ok();
    let start = Start {
        at,
        urgency,
        stated: None,
    };
    let due = deadline::due(rule, start, hub.parts.calendars.of(code.as_ref()));
    let clock = DeadlineClock::start(rule, at, due);
    Ok(clocks::insert(tx, delivery.id, delivery.role, &clock)?)
}

/// Follows what a receipt changed: stops the clocks it settles, and at the sender's hub starts the one
/// for the recipient's answer once the document has arrived.
///
/// # Errors
/// A fault of the record.
pub(super) fn follow(
    tx: &mut Tx<'_>,
    hub: &Inner,
    delivery: &Delivery,
    stated: &Statement,
    now: Timestamp,
) -> Result<(), Error> {
    // A time stated by another hub counts, unless it lies ahead of ours.
    let at = stated.at.min(now);
    let running = clocks::of_delivery(tx, delivery.id, delivery.role)?;
    let is_awaited = running.iter().any(|clock| clock.rule == Rule::Answer);
    settle(tx, delivery, running, at)?;
    let has_arrived = stated.event == Event::Consignment && delivery.role == Role::Origin;
    if !has_arrived || is_awaited || Rule::Answer.is_settled(delivery.transport, delivery.handling)
    {
        return Ok(());
    }
    let urgency = Envelope::from_bytes(&delivery.envelope)?.header.urgency;
    run(tx, hub, delivery, (Rule::Answer, urgency), at)
}

fn settle(
    tx: &mut Tx<'_>,
    delivery: &Delivery,
    running: Vec<DeadlineClock>,
    at: Timestamp,
) -> Result<(), Error> {
    let has_failed = delivery.transport == TransportState::Failed;
    for mut clock in running {
        let is_settled = clock.rule.is_settled(delivery.transport, delivery.handling);
        if is_settled && clock.stop(at, has_failed) {
            clocks::update(tx, delivery.id, delivery.role, &clock)?;
        }
    }
    Ok(())
}

/// The clocks of many deliveries, by delivery.
pub(super) struct Clocks(HashMap<DeliveryId, Vec<DeadlineClock>>);

impl Clocks {
    pub(super) fn of(tx: &mut Tx<'_>, ids: &[DeliveryId], role: Role) -> Result<Self, Error> {
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        for (id, clock) in clocks::of_deliveries(tx, ids, role)? {
            found.entry(id).or_default().push(clock);
        }
        Ok(Self(found))
    }

    pub(super) fn about(&self, id: DeliveryId) -> Vec<DeadlineClock> {
        self.0.get(&id).cloned().unwrap_or_default()
    }
}
