//! A document that came: read on the left, decide on the right.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::document::{self, Facts};
use super::frame::{Frame, Section};
use super::report::{self, Verdict};
use super::show::{self, Deadline};
use super::timeline::{self, Timeline};
use super::{html, id, to};
use crate::domain::change::{Standing, State};
use crate::domain::delivery::HandlingState;
use crate::domain::ids::DeliveryId;
use crate::domain::refusal::{Reason, ReasonCode, Refusal};
use crate::exchange::Category;
use crate::exchange::change::pending::Asked;
use crate::exchange::inquiry::IncomingPage;
use crate::exchange::people::Person;
use crate::web::Site;
use crate::web::gate::{Clerk, Reader};
use crate::web::problem::{self, Fault};

#[derive(Template)]
#[template(path = "pages/received.html")]
struct Page {
    frame: Frame,
    link: String,
    facts: Facts,
    sender: String,
    sender_code: String,
    twins: i64,
    verdict: Option<Verdict>,
    timeline: Timeline,
    deadline: Option<Deadline>,
    may_accept: bool,
    may_refuse: bool,
    is_open: bool,
    blocked: Option<String>,
    reasons: Vec<Choice>,
    entered: Entered,
    is_sealed: bool,
    asked: Option<AskedFor>,
}

/// A change request that waits for the clerk.
struct AskedFor {
    link: String,
    title: String,
    reason: String,
    by: String,
    at: String,
    deadline: String,
    is_overdue: bool,
    /// Number of the document that takes the place.
    place: Option<String>,
    /// Where that document is, once it has come.
    place_link: Option<String>,
    opened: Vec<String>,
    may_answer: bool,
    may_agree: bool,
    /// What is wrong with the refusal.
    error: Option<String>,
}

/// The refusal of a change request.
#[derive(Deserialize)]
pub(super) struct Declined {
    #[serde(default)]
    reason: String,
}

/// A reason to choose.
struct Choice {
    code: &'static str,
    words: String,
    is_chosen: bool,
}

/// The refusal as the clerk left it.
#[derive(Default, Deserialize)]
pub(super) struct Entered {
    #[serde(default)]
    code: String,
    #[serde(default)]
    text: String,
    /// What is wrong with it.
    #[serde(skip)]
    error: Option<String>,
}

pub(super) async fn show(
    Reader(person): Reader,
    site: web::Data<Site>,
    request: HttpRequest,
    name: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let (entered, delivery) = (Entered::default(), id(&name)?);
    site.hub.open_received(&person, delivery).await?;
    let page = page(&site, &person, &request, delivery, entered).await?;
    html(StatusCode::OK, &page)
}

pub(super) async fn accept(
    Clerk(person): Clerk,
    site: web::Data<Site>,
    name: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let delivery: DeliveryId = id(&name)?;
    site.hub.accept(&person, delivery).await?;
    Ok(to(&format!("/incoming/{delivery}")))
}

pub(super) async fn refuse(
    Clerk(person): Clerk,
    site: web::Data<Site>,
    request: HttpRequest,
    name: web::Path<String>,
    form: web::Form<Entered>,
) -> Result<HttpResponse, Fault> {
    let delivery: DeliveryId = id(&name)?;
    let mut entered = form.into_inner();
    let code = ReasonCode::parse(&entered.code).ok_or(Refusal::ReasonMissing);
    match code.and_then(|code| Reason::new(code, &entered.text)) {
        Ok(reason) => {
            site.hub.refuse(&person, delivery, reason).await?;
            Ok(to(&format!("/incoming/{delivery}")))
        }
        Err(refusal) => {
            let language = crate::web::language::of(&request);
            entered.error = Some(problem::refused(&refusal, language));
            let page = page(&site, &person, &request, delivery, entered).await?;
            html(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

pub(super) async fn agree_change(
    Clerk(person): Clerk,
    site: web::Data<Site>,
    names: web::Path<(String, String)>,
) -> Result<HttpResponse, Fault> {
    let delivery: DeliveryId = id(&names.0)?;
    site.hub
        .agree_change(&person, delivery, id(&names.1)?)
        .await?;
    Ok(to(&format!("/incoming/{delivery}")))
}

pub(super) async fn refuse_change(
    Clerk(person): Clerk,
    site: web::Data<Site>,
    request: HttpRequest,
    names: web::Path<(String, String)>,
    form: web::Form<Declined>,
) -> Result<HttpResponse, Fault> {
    let delivery: DeliveryId = id(&names.0)?;
    let reason = form.into_inner().reason;
    let done = site
        .hub
        .refuse_change(&person, delivery, id(&names.1)?, &reason);
    let fault = match done.await {
        Ok(()) => return Ok(to(&format!("/incoming/{delivery}"))),
        Err(fault) => fault,
    };
    let Category::Refused(refusal @ Refusal::ReasonMissing) = fault.category() else {
        return Err(fault.into());
    };
    let mut page = page(&site, &person, &request, delivery, Entered::default()).await?;
    if let Some(asked) = &mut page.asked {
        let language = crate::web::language::of(&request);
        asked.error = Some(problem::refused(&refusal, language));
    }
    html(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// The request for eyes.
fn asked_for(frame: &Frame, asked: &Asked) -> AskedFor {
    let change = &asked.change;
    let what = frame.say(change.kind.phrase());
    let opened = asked.opened.iter().map(|one| timeline::opening(frame, one));
    AskedFor {
        link: format!("{}/changes/{}", frame.here, change.id),
        title: frame.tell("pages-change-asks", "what", what),
        reason: change.reason.clone(),
        by: timeline::actor(frame, &change.asked_by),
        at: show::when(change.asked_at),
        deadline: show::when(change.deadline),
        is_overdue: change.state == State::Overdue,
        place: change.successor.as_ref().map(|one| one.number.clone()),
        place_link: asked.successor.map(|one| format!("/incoming/{one}")),
        opened: opened.collect(),
        may_answer: frame.who.as_ref().is_some_and(|who| who.is_clerk),
        may_agree: asked.may_agree,
        error: None,
    }
}

async fn page(
    site: &Site,
    person: &Person,
    request: &HttpRequest,
    delivery: DeliveryId,
    entered: Entered,
) -> Result<Page, Fault> {
    let document = site.hub.received_document(person, delivery).await?;
    let mut frame = Frame::new(request, site, Some(person), Section::Incoming);
    frame.here = format!("/incoming/{delivery}");
    let row = &document.delivery.row;
    let choice = |code: ReasonCode| Choice {
        code: code.as_str(),
        words: frame.say(&code.phrase()),
        is_chosen: code.as_str() == entered.code,
    };
    let report = document.report.as_deref();
    Ok(Page {
        link: frame.here.clone(),
        facts: document::facts(&frame, &document.header, Some(document.content)),
        sender: row.sender.name.clone(),
        sender_code: row.sender.code.clone(),
        twins: document.twins,
        verdict: report.map(|json| report::read(&frame, json)),
        timeline: timeline::of(&frame, &document.delivery),
        deadline: show::deadline(frame.language, &row.clocks),
        may_accept: document.may_accept,
        may_refuse: document.may_refuse,
        is_open: row.handling == HandlingState::Arrived && row.standing == Standing::InForce,
        is_sealed: row.standing == Standing::Recalled,
        asked: document.asked.as_ref().map(|one| asked_for(&frame, one)),
        blocked: blocked(&frame, person, &document),
        reasons: ReasonCode::ALL.into_iter().map(choice).collect(),
        entered,
        frame,
    })
}

/// Why the clerk cannot accept an open document.
fn blocked(frame: &Frame, person: &Person, document: &IncomingPage) -> Option<String> {
    let row = &document.delivery.row;
    if document.may_accept || row.handling != HandlingState::Arrived {
        return None;
    }
    let Some(note) = &row.verdict else {
        return Some(frame.say("pages-blocked-verifying"));
    };
    if !person.is_clerk {
        return Some(frame.say("pages-blocked-not-clerk"));
    }
    Some(frame.tell("refusal-signature-not-genuine", "verdict", &note.verdict))
}
