//! The list of documents sent.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::frame::{Frame, Section};
use super::html;
use super::show::{self, Badge, Deadline};
use crate::domain::document::Urgency;
use crate::domain::language::Language;
use crate::exchange::inquiry::{DeliveryRow, OutgoingRow};
use crate::web::Site;
use crate::web::gate::Reader;
use crate::web::problem::Fault;

/// Recipients named in a row before the rest is only counted.
const MOST_NAMES: usize = 4;

#[derive(Template)]
#[template(path = "pages/outgoing.html")]
struct OutgoingPage {
    frame: Frame,
    rows: Vec<Row>,
    overdue: usize,
    is_filtered: bool,
}

/// What of a list is shown.
#[derive(Deserialize)]
pub(super) struct Shown {
    #[serde(default)]
    show: String,
}

impl Shown {
    /// Whether only what is overdue is asked for.
    pub(super) fn is_overdue(&self) -> bool {
        self.show == "overdue"
    }
}

struct Row {
    link: String,
    number: String,
    issued_on: String,
    type_name: String,
    subject: String,
    urgency: Option<String>,
    stage: Option<Badge>,
    recipients: Vec<Recipient>,
    more: usize,
    created_at: String,
    is_overdue: bool,
}

struct Recipient {
    name: String,
    state: Badge,
    deadline: Option<Deadline>,
    remark: Option<Badge>,
}

pub(super) async fn list(
    Reader(person): Reader,
    site: web::Data<Site>,
    request: HttpRequest,
    shown: web::Query<Shown>,
) -> Result<HttpResponse, Fault> {
    let frame = Frame::new(&request, &site, Some(&person), Section::Outgoing);
    let documents = site.hub.outgoing(&person).await?;
    let language = frame.language;
    let rows = documents.iter().map(|one| row(language, &frame, one));
    let mut rows: Vec<Row> = rows.collect();
    let overdue = rows.iter().filter(|row| row.is_overdue).count();
    let is_filtered = shown.is_overdue();
    rows.retain(|row| row.is_overdue || !is_filtered);
    let page = OutgoingPage {
        frame,
        rows,
        overdue,
        is_filtered,
    };
    html(StatusCode::OK, &page)
}

/// The urgency, unless there is none.
pub(super) fn urgency(frame: &Frame, urgency: Urgency) -> Option<String> {
    (urgency != Urgency::Normal).then(|| frame.say(urgency.phrase()))
}

fn row(language: Language, frame: &Frame, document: &OutgoingRow) -> Row {
    let header = &document.header;
    let is_underway = document.deliveries.is_empty() || document.failure.is_some();
    let shown = document.deliveries.iter().take(MOST_NAMES);
    Row {
        link: format!("/outgoing/{}", header.id),
        number: header.number.to_string(),
        issued_on: show::day(header.issued_on),
        type_name: header.type_name.clone(),
        subject: header.subject.clone(),
        urgency: urgency(frame, header.urgency),
        stage: is_underway.then(|| show::stage(language, document.stage)),
        recipients: shown.map(|one| recipient(language, one)).collect(),
        more: document.deliveries.len().saturating_sub(MOST_NAMES),
        created_at: show::when(document.created_at),
        is_overdue: document
            .deliveries
            .iter()
            .any(|one| show::is_overdue(&one.clocks)),
    }
}

fn recipient(language: Language, delivery: &DeliveryRow) -> Recipient {
    Recipient {
        name: delivery.recipient.name.clone(),
        state: show::furthest(language, delivery.transport, delivery.handling),
        deadline: show::deadline(language, &delivery.clocks),
        remark: show::remark(language, delivery),
    }
}
