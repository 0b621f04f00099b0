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
use crate::domain::delivery::HandlingState;
use crate::domain::ids::DeliveryId;
use crate::domain::refusal::{Reason, ReasonCode, Refusal};
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
    let entered = Entered::default();
    let page = page(&site, &person, &request, id(&name)?, entered).await?;
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
        is_open: row.handling == HandlingState::Arrived,
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
