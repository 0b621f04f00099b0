//! Signing in by a one-time link, signing out.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::frame::{Frame, Section};
use super::{came_from_elsewhere, html, to};
use crate::web::problem::Fault;
use crate::web::{Site, gate};

/// How one signs in.
#[derive(Template)]
#[template(path = "pages/sign_in.html")]
struct SignInPage {
    frame: Frame,
    /// The link is not, or no longer, good.
    is_used_up: bool,
}

/// The button that uses a link up.
#[derive(Template)]
#[template(path = "pages/enter.html")]
struct EnterPage {
    frame: Frame,
}

/// Leads on to a page of ours with the cookie that a link from elsewhere held back.
#[derive(Template)]
#[template(path = "pages/onward.html")]
struct OnwardPage {
    frame: Frame,
    place: String,
}

pub(super) async fn explain(
    _: gate::Visitor,
    site: web::Data<Site>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let frame = Frame::new(&request, &site, None, Section::Outside);
    let page = SignInPage {
        frame,
        is_used_up: false,
    };
    html(StatusCode::OK, &page)
}

/// Opening a link uses nothing up: mail programs open links by themselves.
pub(super) async fn ask(
    _: gate::Visitor,
    site: web::Data<Site>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let frame = Frame::new(&request, &site, None, Section::Outside);
    html(StatusCode::OK, &EnterPage { frame })
}

pub(super) async fn enter(
    _: gate::Visitor,
    site: web::Data<Site>,
    request: HttpRequest,
    token: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let Some(session) = site.hub.sign_in(token.into_inner()).await? else {
        let mut frame = Frame::new(&request, &site, None, Section::Outside);
        frame.here = "/sign-in".to_owned();
        let page = SignInPage {
            frame,
            is_used_up: true,
        };
        return html(StatusCode::UNAUTHORIZED, &page);
    };
    Ok(with_session(
        to("/"),
        &gate::session_line(&site, session.reveal()),
    ))
}

pub(super) async fn leave(
    _: gate::Visitor,
    site: web::Data<Site>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    if let Some(token) = gate::session(&request, &site) {
        site.hub.sign_out(token).await?;
    }
    Ok(with_session(to("/sign-in"), &gate::session_line(&site, "")))
}

fn with_session(mut answer: HttpResponse, line: &str) -> HttpResponse {
    if let Ok(line) = header::HeaderValue::from_str(line) {
        answer.headers_mut().append(header::SET_COOKIE, line);
    }
    answer
}

/// The answer to somebody who is not signed in. Whoever follows a link in a mail comes without the
/// cookie, because it is `SameSite=Strict`: a page of ours that leads on brings it back.
pub(in crate::web) fn needed(request: &HttpRequest) -> HttpResponse {
    let site = request.app_data::<web::Data<Site>>();
    let place = request.uri().path_and_query().map(ToString::to_string);
    let place = place.filter(|place| place.starts_with('/') && !place.starts_with("//"));
    match (site, place) {
        (Some(site), Some(place)) if came_from_elsewhere(request) => {
            let frame = Frame::new(request, site, None, Section::Outside);
            let page = html(StatusCode::OK, &OnwardPage { frame, place });
            page.unwrap_or_else(|_| to("/sign-in"))
        }
        _ => to("/sign-in"),
    }
}
