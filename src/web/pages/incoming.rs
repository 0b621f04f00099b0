//! The list of documents that came.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::frame::{Frame, Section};
use super::html;
use super::outgoing::urgency;
use super::show::{self, Badge};
use crate::domain::delivery::HandlingState;
use crate::exchange::inquiry::IncomingRow;
use crate::web::Site;
use crate::web::gate::Reader;
use crate::web::problem::Fault;

#[derive(Template)]
#[template(path = "pages/incoming.html")]
struct IncomingPage {
    frame: Frame,
    rows: Vec<Row>,
    open: usize,
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
    is_open: bool,
}

pub(super) async fn list(
    Reader(person): Reader,
    site: web::Data<Site>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let frame = Frame::new(&request, &site, Some(&person), Section::Incoming);
    let documents = site.hub.incoming(&person, None).await?;
    let rows: Vec<Row> = documents.iter().map(|one| row(&frame, one)).collect();
    let open = rows.iter().filter(|row| row.is_open).count();
    html(StatusCode::OK, &IncomingPage { frame, rows, open })
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
        subject: header.subject.clone(),
        urgency: urgency(frame, header.urgency),
        sender: delivery.sender.name.clone(),
        arrival_number: delivery.arrival_number.clone(),
        arrived_at: show::when(document.arrived_at),
        verdict: show::verdict(frame.language, verdict),
        handling: show::handling(frame.language, delivery.handling),
        is_open: delivery.handling == HandlingState::Arrived,
    }
}
