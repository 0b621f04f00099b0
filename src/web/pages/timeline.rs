//! What happened to one delivery: receipts in their order, what is expected next, mails.

use super::frame::Frame;
use super::show::{self, Badge, Icon};
use crate::domain::change::{self, Opening, Part, Standing};
use crate::domain::clock::rfc3339;
use crate::domain::deadline_clock::DeadlineClock;
use crate::domain::delivery::{HandlingState, TransportState};
use crate::domain::receipt::Event;
use crate::domain::refusal::Reason;
use crate::exchange::change::pending::Change;
use crate::exchange::inquiry::{DeliveryPage, MailRow, ReceiptRow, Waiting};
use crate::phrases;

/// One delivery with all that happened to it.
pub(super) struct Timeline {
    /// Anchor on the page.
    pub(super) anchor: String,
    /// The recipient.
    pub(super) recipient: String,
    /// The delivery.
    pub(super) id: String,
    /// The recipient's code.
    pub(super) code: String,
    /// How far the bytes are.
    pub(super) transport: Badge,
    /// What the recipient did.
    pub(super) handling: Badge,
    /// Number in the recipient's register.
    pub(super) arrival_number: Option<String>,
    /// Why refused or failed.
    pub(super) reason: Option<Told>,
    /// Receipts, oldest first.
    pub(super) steps: Vec<Step>,
    /// What is expected next.
    pub(super) expected: Option<String>,
    /// Why it is not further.
    pub(super) waiting: Option<Waits>,
    /// Deadlines, the earliest first.
    pub(super) clocks: Vec<Deadline>,
    /// Mails about it.
    pub(super) mails: Vec<Letter>,
    /// That it no longer counts.
    pub(super) standing: Option<Badge>,
    /// What took its place.
    pub(super) superseded_by: Option<String>,
    /// Change requests that wait for an answer.
    pub(super) asked: Vec<String>,
}

/// One deadline.
pub(super) struct Deadline {
    /// What is owed.
    pub(super) rule: String,
    /// Until when, for eyes.
    pub(super) at: String,
    /// Until when, for programs.
    pub(super) exact: String,
    /// How far its clock is.
    pub(super) state: Badge,
    /// When it was done, or given up.
    pub(super) ended: Option<String>,
    /// Whether the calendar knew all holidays.
    pub(super) is_certain: bool,
}

/// A reason: catalogue and words.
pub(super) struct Told {
    /// Code and catalogue entry.
    pub(super) title: String,
    /// Words; may be empty.
    pub(super) text: String,
}

/// One receipt.
pub(super) struct Step {
    /// Class of the colour.
    pub(super) tone: &'static str,
    /// Drawing.
    pub(super) icon: Icon,
    /// What happened.
    pub(super) event: String,
    /// Name of the hub that states it.
    pub(super) issuer: String,
    /// When, for eyes.
    pub(super) at: String,
    /// When, for programs.
    pub(super) exact: String,
    /// How long after the step before.
    pub(super) after: Option<String>,
    /// Who acted.
    pub(super) actor: Option<String>,
    /// Why.
    pub(super) reason: Option<Told>,
    /// Number in the recipient's register.
    pub(super) arrival_number: Option<String>,
    /// What it says of a change request, in sentences.
    pub(super) notes: Vec<String>,
    /// Address of the signed statement; `/signature` stands beside it.
    pub(super) link: String,
}

/// What a delivery waits for.
pub(super) struct Waits {
    /// Sentence with the hub and the attempts.
    pub(super) sentence: String,
    /// What comes next, and when.
    pub(super) next: String,
    /// Why the last attempt failed, as the machine put it.
    pub(super) reason: Option<String>,
}

/// One mail.
pub(super) struct Letter {
    /// What it tells.
    pub(super) notice: String,
    /// Where to.
    pub(super) address: String,
    /// How far it is.
    pub(super) state: Badge,
    /// Why it is not out yet, in the words of the mail server.
    pub(super) answer: Option<String>,
}

/// The timeline of a delivery.
pub(super) fn of(frame: &Frame, page: &DeliveryPage) -> Timeline {
    let row = &page.row;
    let language = frame.language;
    let receipts = in_order(&page.receipts);
    let before = std::iter::once(None).chain(receipts.iter().copied().map(Some));
    let told_above = row.reason.as_ref();
    let steps = receipts.iter().zip(before);
    Timeline {
        anchor: format!("delivery-{}", row.id),
        id: row.id.to_string(),
        recipient: row.recipient.name.clone(),
        code: row.recipient.code.clone(),
        transport: show::transport(language, row.transport),
        handling: show::handling(language, row.handling),
        arrival_number: row.arrival_number.clone(),
        reason: row.reason.as_ref().map(|reason| told(frame, reason)),
        steps: steps
            .map(|(one, before)| step(frame, one, before, told_above))
            .collect(),
        expected: expected(row.transport, row.handling).map(|key| frame.say(key)),
        waiting: page
            .waiting
            .as_ref()
            .map(|waiting| waits(frame, "pages-waiting-for", waiting)),
        clocks: row.clocks.iter().map(|one| deadline(frame, one)).collect(),
        mails: page.mails.iter().map(|mail| letter(frame, mail)).collect(),
        standing: match row.standing {
            Standing::InForce => None,
            other => Some(show::standing(language, other)),
        },
        superseded_by: page.superseded_by.clone(),
        asked: page
            .changes
            .iter()
            .filter_map(|one| waits_for_answer(frame, one))
            .collect(),
    }
}

/// That a request waits for its answer, and until when.
fn waits_for_answer(frame: &Frame, change: &Change) -> Option<String> {
    let key = match change.state {
        change::State::Requested => "pages-change-waits",
        change::State::Overdue => "pages-change-waits-overdue",
        _ => return None,
    };
    let (what, time) = (frame.say(change.kind.phrase()), show::when(change.deadline));
    let facts = [("what", what.as_str()), ("time", time.as_str())];
    Some(phrases::text(frame.language, key, &facts))
}

/// What a receipt says of a change request.
fn notes(frame: &Frame, receipt: &ReceiptRow) -> Vec<String> {
    let Some(note) = &receipt.change else {
        return Vec::new();
    };
    let mut notes = Vec::new();
    if receipt.event == Event::ChangeRequest {
        let what = frame.say(note.kind.phrase());
        notes.push(frame.tell("pages-change-step-kind", "what", what));
        if let Some(one) = &note.successor {
            notes.push(frame.tell("pages-change-step-place", "number", &one.number));
        }
        let time = show::when(note.deadline);
        notes.push(frame.tell("pages-change-step-deadline", "time", time));
    }
    notes.extend(note.basis.map(|basis| frame.say(&basis.phrase())));
    let who = note.opened.iter().map(|one| opening(frame, one));
    notes.extend(who.map(|who| frame.tell("pages-change-step-opened", "who", who)));
    notes
}

/// Who opened what, and when.
pub(super) fn opening(frame: &Frame, one: &Opening) -> String {
    let part = frame.say(match one.part {
        Part::Page => "pages-change-part-page",
        Part::File => "pages-change-part-file",
    });
    format!("{} – {part}, {}", actor(frame, &one.by), show::when(one.at))
}

/// A reason for eyes.
pub(super) fn told(frame: &Frame, reason: &Reason) -> Told {
    let entry = frame.say(&reason.code.phrase());
    Told {
        title: format!("{} · {entry}", reason.code.as_str()),
        text: reason.text.clone(),
    }
}

/// Receipts in the order of the road. Hubs have clocks of their own and state whole seconds, so the
/// kind of event comes before the time.
fn in_order(receipts: &[ReceiptRow]) -> Vec<&ReceiptRow> {
    let mut ordered: Vec<&ReceiptRow> = receipts.iter().collect();
    ordered.sort_by_key(|receipt| {
        let place = Event::ALL.iter().position(|event| *event == receipt.event);
        let is_decision = matches!(receipt.event, Event::Acceptance | Event::Rejection);
        let is_decision = is_decision || receipt.event.change().is_some();
        let road = if is_decision { None } else { place };
        (
            road.unwrap_or(Event::ALL.len()),
            receipt.at,
            place,
            receipt.id,
        )
    });
    ordered
}

/// Who acted, for eyes: people by their name.
pub(super) fn actor(frame: &Frame, written: &str) -> String {
    let person = written.strip_prefix("user:");
    match person.or_else(|| written.strip_prefix("operator:")) {
        Some(name) => name.to_owned(),
        None if written == "system" => frame.say("pages-actor-system"),
        None => written.to_owned(),
    }
}

fn step(
    frame: &Frame,
    receipt: &ReceiptRow,
    before: Option<&ReceiptRow>,
    told_above: Option<&Reason>,
) -> Step {
    let tone = show::event_tone(receipt.event);
    Step {
        tone,
        icon: Icon {
            name: show::icon_of(tone),
        },
        event: frame.say(receipt.event.phrase()),
        issuer: receipt.issuer_name.clone(),
        at: show::when(receipt.at),
        exact: rfc3339(receipt.at),
        after: before.map(|before| show::after(frame.language, before.at, receipt.at)),
        actor: receipt.actor.as_deref().map(|one| actor(frame, one)),
        notes: notes(frame, receipt),
        reason: receipt.reason.as_ref().map(|reason| Told {
            // Of a change request, the words are the reason.
            title: match receipt.change {
                Some(_) => reason.text.clone(),
                None => told(frame, reason).title,
            },
            // The words stand above the timeline already.
            text: if told_above == Some(reason) || receipt.change.is_some() {
                String::new()
            } else {
                reason.text.clone()
            },
        }),
        arrival_number: receipt.arrival_number.clone(),
        link: format!("/receipts/{}", receipt.id),
    }
}

/// The phrase of what is still to come; nothing once it has ended.
const fn expected(carried: TransportState, handled: HandlingState) -> Option<&'static str> {
    match (carried, handled) {
        (TransportState::Failed, _) => None,
        (_, HandlingState::Sent) => Some("pages-expected-arrival"),
        (_, HandlingState::Arrived) => Some("pages-expected-decision"),
        _ => None,
    }
}

/// Why something is not further, told by the phrase `key` with its `hub` and `count` of attempts.
pub(super) fn waits(frame: &Frame, key: &str, waiting: &Waiting) -> Waits {
    let attempts = waiting.attempts.to_string();
    let since = waiting.set_aside.map(show::when);
    let facts = [
        ("hub", waiting.hub.as_str()),
        ("count", attempts.as_str()),
        ("since", since.as_deref().unwrap_or_default()),
    ];
    let key = if since.is_some() {
        "pages-set-aside"
    } else {
        key
    };
    let next = match (since.is_some(), waiting.ends) {
        (true, Some(ends)) => frame.tell("pages-set-aside-ends", "time", show::when(ends)),
        (true, None) => String::new(),
        (false, _) => frame.tell("pages-waiting-next", "time", show::when(waiting.next)),
    };
    Waits {
        sentence: phrases::text(frame.language, key, &facts),
        next,
        reason: waiting.reason.clone(),
    }
}

fn deadline(frame: &Frame, clock: &DeadlineClock) -> Deadline {
    Deadline {
        rule: frame.say(clock.rule.phrase()),
        at: show::when(clock.due.at),
        exact: rfc3339(clock.due.at),
        state: show::clock(frame.language, clock.state),
        ended: clock.ended_at.map(show::when),
        is_certain: clock.due.is_certain,
    }
}

fn letter(frame: &Frame, mail: &MailRow) -> Letter {
    let (tone, key) = match mail.state.as_str() {
        "sent" => ("good", "pages-mail-sent"),
        "failed" => ("bad", "pages-mail-failed"),
        _ => ("wait", "pages-mail-queued"),
    };
    Letter {
        notice: frame.say(&format!("pages-notice-{}", mail.notice)),
        address: mail.address.clone(),
        state: show::badge(frame.language, tone, key),
        answer: mail.answer.clone().filter(|_| mail.state != "sent"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{EvidenceId, RandomIds};
    use crate::domain::language::Language;
    use crate::domain::routing::HubId;

    fn receipt(event: Event, at: &str) -> ReceiptRow {
        let at = at.parse().unwrap();
        ReceiptRow {
            id: EvidenceId::fresh(&RandomIds, at),
            event,
            issuer: HubId::parse("hub").unwrap(),
            issuer_name: "Hub".to_owned(),
            at,
            actor: None,
            reason: None,
            arrival_number: None,
            change: None,
        }
    }

    #[test]
    fn the_road_is_shown_in_order_although_clocks_differ() {
        let late = "2025-06-30T01:00:09Z";
        let early = "2025-06-30T01:00:00Z";
        let receipts = [
            receipt(Event::Consignment, early),
            receipt(Event::Acceptance, late),
            receipt(Event::Relay, early),
            receipt(Event::Submission, late),
        ];
        let order: Vec<Event> = in_order(&receipts).iter().map(|one| one.event).collect();
        assert_eq!(
            order,
            [
                Event::Submission,
                Event::Relay,
                Event::Consignment,
                Event::Acceptance
            ]
        );
    }

    #[test]
    fn a_refusal_after_an_acceptance_stands_after_it() {
        let receipts = [
            receipt(Event::Rejection, "2025-06-30T02:00:00Z"),
            receipt(Event::Acceptance, "2025-06-30T01:00:00Z"),
        ];
        let order: Vec<Event> = in_order(&receipts).iter().map(|one| one.event).collect();
        assert_eq!(order, [Event::Acceptance, Event::Rejection]);
    }

    #[test]
    fn people_are_named_without_the_mark_of_the_record() {
        let frame = Frame::bare(Language::Vietnamese);
        assert_eq!(actor(&frame, "user:Nguyễn Văn A"), "Nguyễn Văn A");
        assert!(!actor(&frame, "system").contains("system"));
    }
}
