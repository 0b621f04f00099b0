//! A document sent, with the road of each delivery.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::frame::{Frame, Section};
use super::show::{self, Badge};
use super::timeline::{self, Timeline, Waits};
use super::{html, id, outgoing, to};
use crate::domain::document::{Content, Header};
use crate::domain::ids::{DeliveryId, DocumentId};
use crate::exchange::Error;
use crate::exchange::inquiry::DocumentPage;
use crate::exchange::queue::Act;
use crate::web::Site;
use crate::web::gate::{Clerk, Reader};
use crate::web::problem::{self, Fault};

/// The facts of a document as pages show them.
pub(super) struct Facts {
    pub(super) number: String,
    pub(super) issued_on: String,
    pub(super) type_name: String,
    pub(super) subject: String,
    pub(super) urgency: Option<String>,
    pub(super) file_name: String,
    /// Address of the bytes, once there are any.
    pub(super) file: Option<String>,
    pub(super) size: String,
    pub(super) sha256: String,
}

#[derive(Template)]
#[template(path = "pages/document.html")]
struct Page {
    frame: Frame,
    facts: Facts,
    stage: Badge,
    failure: Option<String>,
    is_underway: bool,
    waiting: Option<Waits>,
    signer: Option<String>,
    created_at: String,
    deliveries: Vec<Timeline>,
    may_decide: bool,
    complaint: Complaint,
    /// Where the clerk may ask for a change, if somebody can be asked.
    change: Option<String>,
}

/// The subject, or that it is sealed.
pub(super) fn subject(frame: &Frame, header: &Header) -> String {
    if header.subject.is_empty() {
        frame.say("pages-change-subject-sealed")
    } else {
        header.subject.clone()
    }
}

/// The facts of a header and its bytes.
pub(super) fn facts(frame: &Frame, header: &Header, content: Option<Content>) -> Facts {
    Facts {
        number: header.number.to_string(),
        issued_on: show::day(header.issued_on),
        type_name: header.type_name.clone(),
        subject: subject(frame, header),
        urgency: outgoing::urgency(frame, header.urgency),
        file_name: header.file_name.clone(),
        file: content
            .filter(|_| !header.file_name.is_empty())
            .map(|_| format!("/documents/{}/file", header.id)),
        size: content.map_or_else(String::new, |content| show::size(content.size_bytes)),
        sha256: content.map_or_else(String::new, |content| content.sha256.to_string()),
    }
}

pub(super) async fn show(
    Reader(person): Reader,
    site: web::Data<Site>,
    request: HttpRequest,
    name: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let document = site.hub.sent_document(&person, id(&name)?).await?;
    let frame = Frame::new(&request, &site, Some(&person), Section::Outgoing);
    let may_decide = person.is_clerk;
    let page = page(frame, &document, (may_decide, Complaint::default()));
    html(StatusCode::OK, &page)
}

/// What a clerk decides about a delivery that waits.
#[derive(Deserialize)]
pub(super) struct Decision {
    act: String,
    #[serde(default)]
    reason: String,
}

/// What was wrong with the decision about one delivery.
#[derive(Default)]
struct Complaint {
    anchor: String,
    words: String,
}

pub(super) async fn decide(
    Clerk(person): Clerk,
    site: web::Data<Site>,
    request: HttpRequest,
    names: web::Path<(String, String)>,
    form: web::Form<Decision>,
) -> Result<HttpResponse, Fault> {
    let (document, delivery): (DocumentId, DeliveryId) = (id(&names.0)?, id(&names.1)?);
    let form = form.into_inner();
    let act = match form.act.as_str() {
        "retry" => Act::Retry,
        "reroute" => Act::Reroute(None),
        "abandon" => Act::Abandon,
        _ => return Err(Fault::NoSuchPage),
    };
    let decided = site
        .hub
        .decide_delivery(&person, delivery, act, form.reason);
    let here = format!("/outgoing/{document}");
    let refusal = match decided.await {
        Ok(()) => return Ok(to(&here)),
        Err(Error::Refused(refusal)) => refusal,
        Err(other) => return Err(other.into()),
    };
    let found = site.hub.sent_document(&person, document).await?;
    let mut frame = Frame::new(&request, &site, Some(&person), Section::Outgoing);
    frame.here = here;
    let complaint = Complaint {
        anchor: format!("delivery-{delivery}"),
        words: problem::refused(&refusal, frame.language),
    };
    let page = page(frame, &found, (true, complaint));
    html(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

fn page(frame: Frame, document: &DocumentPage, (may_decide, complaint): (bool, Complaint)) -> Page {
    let deliveries = document.deliveries.iter();
    Page {
        may_decide,
        complaint,
        facts: facts(&frame, &document.header, document.content),
        stage: show::stage(frame.language, document.stage),
        failure: document.failure.clone(),
        is_underway: document.deliveries.is_empty() && document.failure.is_none(),
        waiting: document
            .waiting
            .as_ref()
            .map(|waiting| timeline::waits(&frame, "pages-waiting-seal", waiting)),
        signer: document.signer.clone(),
        created_at: show::when(document.created_at),
        change: may_change(&frame, document)
            .then(|| format!("/outgoing/{}/change", document.header.id)),
        deliveries: deliveries.map(|one| timeline::of(&frame, one)).collect(),
        frame,
    }
}

/// Whether a clerk can ask anybody to give the document back, or to take another in its place.
fn may_change(frame: &Frame, document: &DocumentPage) -> bool {
    let is_clerk = frame.who.as_ref().is_some_and(|who| who.is_clerk);
    is_clerk && document.deliveries.iter().any(|one| one.may_ask)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::agency::AgencyCode;
    use crate::domain::document::Urgency;
    use crate::domain::ids::RandomIds;
    use crate::domain::language::Language;
    use crate::domain::number::DocumentNumber;

    fn rendered(text: &str) -> String {
        let at = "2025-06-30T01:00:00Z".parse().unwrap();
        let header = Header {
            id: DocumentId::fresh(&RandomIds, at),
            sender: AgencyCode::parse("H21").unwrap(),
            number: DocumentNumber::parse("12/QĐ-UBND").unwrap(),
            issued_on: "2025-06-30".parse().unwrap(),
            type_name: text.to_owned(),
            subject: text.to_owned(),
            urgency: Urgency::Flash,
            file_name: text.to_owned(),
        };
        let document = DocumentPage {
            header,
            stage: "stage-failed",
            failure: Some(text.to_owned()),
            waiting: None,
            signer: Some(text.to_owned()),
            content: None,
            deliveries: Vec::new(),
            created_at: at,
        };
        let frame = Frame::bare(Language::Vietnamese);
        let page = page(frame, &document, (true, Complaint::default()));
        page.render().unwrap()
    }

    #[test]
    fn no_subject_file_name_or_signer_becomes_html() {
        let tags = |html: &str| html.matches('<').count();
        for text in [
            "<script>alert(1)</script>",
            "\"><img src=x onerror=alert(1)>",
            "'-alert(1)-'",
            "</title><svg/onload=alert(1)>",
            "&lt;b&gt; {{ frame }} \u{202e}fdp.exe",
            "＜script＞ 会议 🎉 e\u{0323}\u{0302}",
        ] {
            let html = rendered(text);
            assert_eq!(tags(&html), tags(&rendered("a")), "{text}");
            assert!(!html.contains("\"><img"), "{text}");
        }
    }

    #[test]
    fn a_document_that_failed_says_what_was_kept_and_what_to_do() {
        let html = rendered("a");
        assert!(html.contains("Không nơi nào nhận được văn bản này"));
    }
}
