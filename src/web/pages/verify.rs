//! Is this PDF genuine? Anybody signed in may ask.

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::frame::{Frame, Section};
use super::html;
use super::report::{self, Verdict};
use crate::web::gate::Reader;
use crate::web::problem::{Fault, megabytes};
use crate::web::upload::{self, File};
use crate::web::{Site, language};

#[derive(Template)]
#[template(path = "pages/verify.html")]
struct VerifyPage {
    frame: Frame,
    error: Option<String>,
    verdict: Option<Verdict>,
    limit: String,
}

pub(super) async fn ask(
    Reader(person): Reader,
    site: web::Data<Site>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let frame = Frame::new(&request, &site, Some(&person), Section::Verify);
    let page = VerifyPage {
        frame,
        error: None,
        verdict: None,
        limit: megabytes(site.hub.largest_bytes()),
    };
    html(StatusCode::OK, &page)
}

pub(super) async fn judge(
    Reader(person): Reader,
    site: web::Data<Site>,
    request: HttpRequest,
    parts: Multipart,
) -> Result<HttpResponse, Fault> {
    let form = upload::read(&site.hub, parts).await?;
    let frame = Frame::new(&request, &site, Some(&person), Section::Verify);
    let limit = megabytes(site.hub.largest_bytes());
    let (verdict, error) = match form.file {
        File::Stored(name, content) => {
            let language = language::of(&request);
            let json = site.hub.judge(&person, content, name, language).await?;
            (Some(report::read(&frame, &json)), None)
        }
        File::Absent => (None, Some(frame.say("pages-file-missing"))),
        File::TooLarge(_) => {
            let told = frame.tell("pages-file-too-large", "limit", &limit);
            (None, Some(told))
        }
    };
    let status = if error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let page = VerifyPage {
        frame,
        error,
        verdict,
        limit,
    };
    html(status, &page)
}
