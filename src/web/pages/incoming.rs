//! The list of documents that came.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::frame::{Frame, Section};
use super::outgoing::{Shown, urgency};
use super::show::{self, Badge, Deadline};
use super::{document, html};
use crate::domain::change::Standing;
use crate::domain::delivery::HandlingState;
use crate::exchange::inquiry::{DeliveryRow, IncomingRow};
use crate::web::Site;
use crate::web::gate::Reader;
use crate::web::problem::Fault;

#[derive(Template)]
#[template(path = "pages/incoming.html")]
struct IncomingPage {
    frame: Frame,
    rows: Vec<Row>,
    open: usize,
    overdue: usize,
    is_filtered: bool,
}

struct Row {
    link: String,
    number: String,
    issued_on: String,
    type_name: String,
    subject: String,
    urgency: Option<String>,
    sender: String,
    arrival_number: Option<String>,
    arrived_at: String,
    verdict: Badge,
    handling: Badge,
    deadline: Option<Deadline>,
    remark: Option<Badge>,
    is_open: bool,
    is_overdue: bool,
}

pub(super) async fn list(
    Reader(person): Reader,
    site: web::Data<Site>,
    request: HttpRequest,
    shown: web::Query<Shown>,
) -> Result<HttpResponse, Fault> {
    let frame = Frame::new(&request, &site, Some(&person), Section::Incoming);
    let documents = site.hub.incoming(&person, None).await?;
    let mut rows: Vec<Row> = documents.iter().map(|one| row(&frame, one)).collect();
    let open = rows.iter().filter(|row| row.is_open).count();
    let overdue = rows.iter().filter(|row| row.is_overdue).count();
    let is_filtered = shown.is_overdue();
    rows.retain(|row| row.is_overdue || !is_filtered);
    let page = IncomingPage {
        frame,
        rows,
        open,
        overdue,
        is_filtered,
    };
    html(StatusCode::OK, &page)
}

fn row(frame: &Frame, document: &IncomingRow) -> Row {
    let (header, delivery) = (&document.header, &document.delivery);
    let note = delivery.verdict.as_ref();
    let verdict = note.map(|note| note.verdict.as_str());
    Row {
        link: format!("/incoming/{}", delivery.id),
        number: header.number.to_string(),
        issued_on: show::day(header.issued_on),
        type_name: header.type_name.clone(),
        subject: document::subject(frame, header),
        urgency: urgency(frame, header.urgency),
        sender: delivery.sender.name.clone(),
        arrival_number: delivery.arrival_number.clone(),
        arrived_at: show::when(document.arrived_at),
        verdict: show::verdict(frame.language, verdict),
        handling: show::handling(frame.language, delivery.handling),
        deadline: show::deadline(frame.language, &delivery.clocks),
        remark: show::remark(frame.language, delivery),
        is_open: needs_a_decision(delivery),
        is_overdue: show::is_overdue(&delivery.clocks),
    }
}

/// Whether somebody must accept or refuse the document, or answer a change request.
fn needs_a_decision(delivery: &DeliveryRow) -> bool {
    let is_asked = delivery
        .change
        .as_ref()
        .is_some_and(|one| one.state.is_open());
    let is_new = delivery.handling == HandlingState::Arrived;
    delivery.standing == Standing::InForce && (is_new || is_asked)
}
