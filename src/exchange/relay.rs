//! Station 9: telling people by mail that something happened. A mail is a hint, never the
//! delivery; what became of it is recorded and shown.

use super::deliver::Attempt;
use super::hub::Inner;
use super::{Error, Hub, outbox};
use crate::domain::change::State;
use crate::domain::clock::{Timestamp, vietnam_time};
use crate::domain::deadline_clock::DeadlineClock;
use crate::domain::delivery::Role;
use crate::domain::ids::MailId;
use crate::domain::lane::Target;
use crate::domain::language::Language;
use crate::domain::receipt::Party;
use crate::domain::refusal::{Reason, ReasonCode};
use crate::notify::{
    Explanation, Facts, Letter, Link, Mailbox, NotSent, Recipients, Unreached, compose,
};
use crate::peer::envelope::Envelope;
use crate::phrases;
use crate::store::Tx;
use crate::store::rows::changes::{self, Change};
use crate::store::rows::clocks;
use crate::store::rows::deliveries::{self, Delivery};
use crate::store::rows::jobs::{self, Job, Kind};
use crate::store::rows::mails::{self, Mail, Notice};

/// Longest piece of a subject shown in a mail, in characters.
const SHORT_SUBJECT: usize = 80;

/// Queues a notice to the official mailbox of `to`, in the transaction of the act. An agency
/// without a mailbox, or a hub without mail, queues nothing; a notice queued before stays one.
pub(super) fn enqueue(
    tx: &mut Tx<'_>,
    hub: &Inner,
    delivery: &Delivery,
    notice: Notice,
    to: &Party,
    now: Timestamp,
) -> Result<(), Error> {
    let address = hub
        .directory()
        .find(&to.code)
        .ok()
        .and_then(|agency| agency.email.clone());
    let (Some(address), true) = (address, hub.parts.mail.is_some()) else {
        return Ok(());
    };
    let mail = Mail {
        id: MailId::fresh(hub.ids(), now),
        delivery: delivery.id,
        notice,
        address,
        state: "queued".to_owned(),
        answer: None,
        attempts: 0,
    };
    if mails::insert(tx, &mail, now)? {
        let work = (Kind::Mail, &*mail.id.to_string());
        let road = (&Target::Mail, outbox::lane_of(delivery));
        outbox::enqueue(tx, hub, work, road, now)?;
    }
    Ok(())
}

/// Sends the mail the job names and records the server's answer.
///
/// # Errors
/// A fault of the record; faults on the way are an [`Attempt`].
pub(super) async fn send(hub: &Hub, job: &Job, id: MailId) -> Result<Attempt, Error> {
    let letter = hub.run(move |hub| write(hub, id)).await;
    let (letter, transport) = match (letter, &hub.inner().parts.mail) {
        (Ok(letter), Some(transport)) => (letter, transport),
        (Ok(_), None) => return Ok(Attempt::Later("no way for mail is configured".to_owned())),
        (Err(fault), _) => return Err(fault),
    };
    fail::fail_point!("mail-before-send");
    let sent = transport.send(&letter).await;
    fail::fail_point!("mail-before-record");
    let own = job.clone();
    match sent {
        Ok(sent) => {
            let answer = sent
                .code
                .map_or(sent.text.clone(), |code| format!("{code} {}", sent.text));
            hub.run(move |hub| close(hub, &own, id, "sent", &answer))
                .await
        }
        Err(NotSent::GiveUp(unreached)) => {
            let answer = words(&unreached);
            hub.run(move |hub| close(hub, &own, id, "failed", &answer))
                .await
        }
        Err(NotSent::Retry(unreached)) => {
            let (answer, note) = (words(&unreached), words(&unreached));
            let keep = move |hub: &Inner| {
                let now = hub.now();
                Ok(hub
                    .store()
                    .write(|tx| mails::note(tx, id, "queued", &note, now))?)
            };
            hub.run(keep).await?;
            Ok(Attempt::Away(answer))
        }
    }
}

/// Marks a mail as failed that waited too long.
///
/// # Errors
/// A fault of the record.
pub(super) fn give_up(hub: &Inner, job: &Job, reason: &str) -> Result<(), Error> {
    let id = job.subject.parse().or(Err(Error::NotFound("mail")))?;
    close(hub, job, id, "failed", reason).map(|_| ())
}

/// Marks a mail as failed by a decision, in its transaction.
pub(super) fn fail(tx: &mut Tx<'_>, hub: &Inner, job: &Job, reason: &str) -> Result<(), Error> {
    let id = job.subject.parse().or(Err(Error::NotFound("mail")))?;
    mails::note(tx, id, "failed", reason, hub.now())?;
    Ok(jobs::finish(tx, job)?)
}

fn close(hub: &Inner, job: &Job, id: MailId, state: &str, answer: &str) -> Result<Attempt, Error> {
    hub.store().write(|tx| {
        mails::note(tx, id, state, answer, hub.now())?;
        fail::fail_point!("mail-in-record");
        jobs::finish(tx, job)
    })?;
    fail::fail_point!("mail-after-record");
    Ok(Attempt::Done)
}

fn words(unreached: &[Unreached]) -> String {
    let one = |row: &Unreached| match row.setback.code {
        Some(code) => format!("{code} {}", row.setback.text),
        None => row.setback.text.clone(),
    };
    unreached.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn write(hub: &Inner, id: MailId) -> Result<Letter, Error> {
    let (mail, delivery, deadline, change) = hub.store().read(|tx| {
        let mail = mails::find(tx, id)?.ok_or(Error::NotFound("mail"))?;
        let delivery = concerned(tx, hub, &mail)?;
        let deadline = told_of(tx, &delivery, mail.notice)?;
        let change = changes::of_delivery(tx, mail.delivery)?.pop();
        Ok::<_, Error>((mail, delivery, deadline, change))
    })?;
    let envelope = Envelope::from_bytes(&delivery.envelope)?;
    let wrong = |fault: &dyn std::fmt::Display| Error::unacceptable("mail", fault.to_string());
    let from: Mailbox = hub.parts.mail_from.parse().map_err(|fault| wrong(&fault))?;
    let to: Mailbox = mail.address.parse().map_err(|fault| wrong(&fault))?;
    let mut facts = facts(hub, &delivery, &envelope)?;
    if let Some((_, at)) = deadline {
        facts.happened_at = at;
    }
    let happened_at = facts.happened_at;
    let deadline = deadline.map(|(rule, _)| rule);
    let why = (delivery.reason.clone(), deadline, change);
    let notice = notice(mail.notice, facts, why);
    Ok(compose(&notice, &from, &Recipients::one(to), happened_at))
}

/// The part of the delivery of the one who is told.
fn concerned(tx: &mut Tx<'_>, hub: &Inner, mail: &Mail) -> Result<Delivery, Error> {
    let here = deliveries::find(tx, mail.delivery, Role::Destination)?;
    let is_recipients = |here: &Delivery| {
        let directory = hub.directory();
        let recipient = directory.find(&here.recipient.code);
        recipient.is_ok_and(|agency| agency.email.as_ref() == Some(&mail.address))
    };
    let found = match mail.notice {
        Notice::Arrived | Notice::ChangeAsked => here,
        Notice::DueSoon | Notice::Overdue | Notice::ChangeOverdue
            if here.as_ref().is_some_and(is_recipients) =>
        {
            here
        }
        _ => deliveries::find(tx, mail.delivery, Role::Origin)?,
    };
    found.ok_or(Error::NotFound("delivery"))
}

/// What a notice about a deadline tells: the first clock that rang so, and when it rang.
fn told_of(
    tx: &mut Tx<'_>,
    delivery: &Delivery,
    notice: Notice,
) -> Result<Option<(DeadlineClock, Timestamp)>, Error> {
    let rang = |clock: DeadlineClock| match notice {
        Notice::DueSoon => Some((clock, clock.warned_at?)),
        Notice::Overdue => Some((clock, clock.breached_at?)),
        _ => None,
    };
    let clocks = clocks::of_delivery(tx, delivery.id, delivery.role)?;
    Ok(clocks.into_iter().find_map(rang))
}

/// The deadline in words; without a clock of ours it is the other hub that states it.
fn explained(clock: Option<DeadlineClock>) -> Explanation {
    let say = |language| match clock {
        None => phrases::text(language, "mail-deadline-missed", &[]),
        Some(clock) => {
            let rule = phrases::text(language, clock.rule.phrase(), &[]);
            let due = vietnam_time(clock.due.at);
            let facts = [("rule", rule.as_str()), ("due", due.as_str())];
            phrases::text(language, "mail-deadline", &facts)
        }
    };
    Explanation {
        vietnamese: say(Language::Vietnamese),
        english: say(Language::English),
    }
}

/// The notice about a change request, with the words of the one who asked or refused.
fn changed(state: State, facts: Facts, change: Option<Change>) -> crate::notify::Notice {
    let reason = change.map(|change| match change.answer {
        Some(answer) => answer.reason.unwrap_or_default(),
        None => change.reason,
    });
    let reason = Explanation::said(&reason.unwrap_or_default());
    crate::notify::Notice::Change {
        facts,
        state,
        reason,
    }
}

fn facts(hub: &Inner, delivery: &Delivery, envelope: &Envelope) -> Result<Facts, Error> {
    let page = match delivery.role {
        Role::Destination => format!("/incoming/{}", delivery.id),
        Role::Origin | Role::Relay => format!("/outgoing/{}", delivery.document),
    };
    let link: Link = format!("{}{page}", hub.parts.public_url)
        .parse()
        .map_err(|fault| Error::unacceptable("mail", format!("public_url: {fault}")))?;
    let subject = &envelope.header.subject;
    let is_long = subject.chars().count() > SHORT_SUBJECT;
    let mut short: String = subject.chars().take(SHORT_SUBJECT).collect();
    if is_long {
        short.push('…');
    }
    Ok(Facts {
        document: delivery.document,
        delivery: delivery.id,
        number: envelope.header.number.clone(),
        short_subject: Some(short),
        sender: delivery.sender.name.clone(),
        receiver: delivery.recipient.name.clone(),
        happened_at: delivery.updated_at,
        link,
    })
}

fn notice(
    kind: Notice,
    facts: Facts,
    (reason, deadline, change): (Option<Reason>, Option<DeadlineClock>, Option<Change>),
) -> crate::notify::Notice {
    let deadline = explained(deadline);
    let reason = reason.unwrap_or_else(|| Reason {
        code: ReasonCode::Other,
        text: String::new(),
    });
    match kind {
        Notice::ChangeAsked => changed(State::Requested, facts, change),
        Notice::ChangeAgreed => changed(State::Agreed, facts, change),
        Notice::ChangeRefused => changed(State::Refused, facts, change),
        Notice::ChangeOverdue => changed(State::Overdue, facts, change),
        Notice::Arrived => crate::notify::Notice::Arrived { facts },
        Notice::Accepted => crate::notify::Notice::Accepted { facts },
        Notice::Refused => crate::notify::Notice::Refused { facts, reason },
        Notice::Failed => {
            let reason = Explanation::said(&reason.text);
            crate::notify::Notice::DeliveryFailed { facts, reason }
        }
        Notice::DueSoon => crate::notify::Notice::DueSoon { facts, deadline },
        Notice::Overdue => crate::notify::Notice::Overdue { facts, deadline },
    }
}
