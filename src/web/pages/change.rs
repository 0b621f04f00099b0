//! Asking to have a sent document back, or to put another one in its place.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::frame::{Frame, Section};
use super::show::{self, Badge};
use super::{compose, html, id, timeline, to};
use crate::domain::change::Standing;
use crate::domain::ids::DocumentId;
use crate::domain::receipt::Event;
use crate::domain::refusal::Refusal;
use crate::exchange::change::ask::{Ask, What};
use crate::exchange::inquiry::{DeliveryPage, DocumentPage, OutgoingRow};
use crate::exchange::people::Person;
use crate::exchange::{self, Category};
use crate::web::gate::Clerk;
use crate::web::problem::{self, Fault};
use crate::web::{Site, language};

/// Documents offered to take the place.
const MOST_SUCCESSORS: usize = 50;

#[derive(Template)]
#[template(path = "pages/change.html")]
struct Page {
    frame: Frame,
    number: String,
    subject: String,
    link: String,
    kinds: Vec<Choice>,
    successors: Vec<Choice>,
    recipients: Vec<Recipient>,
    entered: Entered,
}

/// One of several to choose from.
struct Choice {
    value: String,
    words: String,
    hint: String,
    is_chosen: bool,
}

/// A recipient, and what it has done with the document.
struct Recipient {
    code: String,
    name: String,
    state: Badge,
    opened: String,
    may_be_asked: bool,
    is_chosen: bool,
}

/// The form as the clerk left it.
#[derive(Default)]
pub(super) struct Entered {
    key: String,
    kind: String,
    by: String,
    reason: String,
    recipients: Vec<String>,
    /// What is wrong with it.
    error: Option<String>,
}

impl Entered {
    fn of(form: Vec<(String, String)>) -> Self {
        let mut entered = Self::default();
        for (name, value) in form {
            match name.as_str() {
                "key" => entered.key = value,
                "kind" => entered.kind = value,
                "by" => entered.by = value,
                "reason" => entered.reason = value,
                "recipient" => entered.recipients.push(value),
                _ => {}
            }
        }
        entered
    }

    fn what(&self) -> Option<What> {
        let by = || self.by.parse::<DocumentId>().ok();
        match self.kind.as_str() {
            "recall" => Some(What::Recall),
            "update" => by().map(What::Update),
            "replace" => by().map(What::Replace),
            _ => None,
        }
    }
}

pub(super) async fn form(
    Clerk(person): Clerk,
    site: web::Data<Site>,
    request: HttpRequest,
    name: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let entered = Entered {
        key: compose::fresh_key(&site),
        kind: "recall".to_owned(),
        ..Entered::default()
    };
    let page = page(&site, &person, &request, id(&name)?, entered).await?;
    html(StatusCode::OK, &page)
}

pub(super) async fn ask(
    Clerk(person): Clerk,
    site: web::Data<Site>,
    request: HttpRequest,
    name: web::Path<String>,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let document: DocumentId = id(&name)?;
    let mut entered = Entered::of(form.into_inner());
    let language = language::of(&request);
    match hand_in(&site, &person, document, &entered).await {
        Ok(()) => return Ok(to(&format!("/outgoing/{document}"))),
        Err(fault) => match fault.category() {
            Category::Refused(refusal) => {
                entered.error = Some(problem::refused(&refusal, language));
            }
            _ => return Err(fault.into()),
        },
    }
    let page = page(&site, &person, &request, document, entered).await?;
    html(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn hand_in(
    site: &Site,
    person: &Person,
    document: DocumentId,
    entered: &Entered,
) -> Result<(), exchange::Error> {
    let what = entered.what().ok_or(Refusal::SuccessorNotChosen)?;
    if entered.recipients.is_empty() {
        return Err(Refusal::NoRecipient.into());
    }
    let ask = Ask {
        key: entered.key.clone(),
        what,
        reason: entered.reason.clone(),
        recipients: entered.recipients.clone(),
    };
    site.hub.ask_change(person, document, ask).await
}

async fn page(
    site: &Site,
    person: &Person,
    request: &HttpRequest,
    document: DocumentId,
    entered: Entered,
) -> Result<Page, Fault> {
    let sent = site.hub.sent_document(person, document).await?;
    let others = site.hub.outgoing(person).await?;
    let mut frame = Frame::new(request, site, Some(person), Section::Outgoing);
    frame.here = format!("/outgoing/{document}/change");
    let kind = |value: &str| Choice {
        words: frame.say(&format!("change-{value}")),
        hint: frame.say(&format!("pages-change-{value}-hint")),
        is_chosen: entered.kind == value,
        value: value.to_owned(),
    };
    let successor = |row: &OutgoingRow| Choice {
        value: row.header.id.to_string(),
        words: format!("{} · {}", row.header.number, row.header.subject),
        hint: String::new(),
        is_chosen: row.header.id.to_string() == entered.by,
    };
    let may_follow = |row: &&OutgoingRow| follows(row, &sent);
    let deliveries = sent.deliveries.iter();
    Ok(Page {
        number: sent.header.number.to_string(),
        subject: sent.header.subject.clone(),
        link: format!("/outgoing/{document}"),
        kinds: ["recall", "update", "replace"]
            .map(kind)
            .into_iter()
            .collect(),
        successors: others
            .iter()
            .filter(may_follow)
            .take(MOST_SUCCESSORS)
            .map(successor)
            .collect(),
        recipients: deliveries
            .map(|one| recipient(&frame, one, &entered))
            .collect(),
        entered,
        frame,
    })
}

/// Whether a document can take the place: sent, later, and to one of the same recipients.
fn follows(row: &OutgoingRow, earlier: &DocumentPage) -> bool {
    let is_later = row.created_at > earlier.created_at && row.header.id != earlier.header.id;
    let is_common = |code: &str| {
        let mut deliveries = earlier.deliveries.iter();
        deliveries.any(|one| one.row.recipient.code == code)
    };
    is_later
        && row
            .deliveries
            .iter()
            .any(|one| is_common(&one.recipient.code))
}

fn recipient(frame: &Frame, page: &DeliveryPage, entered: &Entered) -> Recipient {
    let row = &page.row;
    let mut receipts = page.receipts.iter();
    let access = receipts.find(|receipt| receipt.event == Event::Access);
    let opened = match access {
        Some(access) => {
            let who = access.actor.as_deref().unwrap_or_default();
            let who = timeline::actor(frame, who);
            let at = show::when(access.at);
            frame.tell("pages-change-opened", "who", format!("{who}, {at}"))
        }
        None => frame.say("pages-change-not-opened"),
    };
    let is_chosen =
        entered.recipients.is_empty() || entered.recipients.contains(&row.recipient.code);
    Recipient {
        code: row.recipient.code.clone(),
        name: row.recipient.name.clone(),
        state: match row.standing {
            Standing::InForce => show::furthest(frame.language, row.transport, row.handling),
            other => show::standing(frame.language, other),
        },
        opened,
        may_be_asked: page.may_ask,
        is_chosen: is_chosen && page.may_ask,
    }
}
