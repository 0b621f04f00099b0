//! Pages for people: HTML made on the server, no script, both languages. Every value is escaped by
//! its template; every sentence comes from `phrases`.
//!
//! Files in reading order: `frame` (what surrounds every page), `show` (times, sizes, states for
//! eyes), then one file per page: `sign_in`, `outgoing`, `compose` (with `entered`: the form as the
//! clerk left it), `document`, `change` (taking back, updating, replacing), `incoming`, `received`, `report` (a verdict in rows), `verify`,
//! `fault`; `keep` sends files.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::problem::Fault;

mod change;
mod compose;
mod document;
mod entered;
pub(super) mod fault;
mod frame;
mod incoming;
mod keep;
mod outgoing;
mod received;
mod report;
mod show;
pub(super) mod sign_in;
mod timeline;
mod verify;

#[cfg(test)]
mod tests;

pub(super) fn routes(app: &mut web::ServiceConfig) {
    let get = web::get;
    let post = web::post;
    app.route("/", get().to(async || to("/incoming")))
        .service(web::resource("/sign-in").route(get().to(sign_in::explain)))
        .service(
            web::resource("/sign-in/{token}")
                .route(get().to(sign_in::ask))
                .route(post().to(sign_in::enter)),
        )
        .service(web::resource("/sign-out").route(post().to(sign_in::leave)))
        .service(web::resource("/outgoing").route(get().to(outgoing::list)))
        .service(
            web::resource("/outgoing/new")
                .route(get().to(compose::blank))
                .route(post().to(compose::send)),
        )
        .service(web::resource("/outgoing/{id}").route(get().to(document::show)))
        .service(
            web::resource("/outgoing/{id}/deliveries/{delivery}/decide")
                .route(post().to(document::decide)),
        )
        .service(
            web::resource("/outgoing/{id}/change")
                .route(get().to(change::form))
                .route(post().to(change::ask)),
        )
        .service(web::resource("/incoming").route(get().to(incoming::list)))
        .service(web::resource("/incoming/{id}").route(get().to(received::show)))
        .service(web::resource("/incoming/{id}/accept").route(post().to(received::accept)))
        .service(web::resource("/incoming/{id}/refuse").route(post().to(received::refuse)))
        .service(
            web::resource("/incoming/{id}/changes/{request}/agree")
                .route(post().to(received::agree_change)),
        )
        .service(
            web::resource("/incoming/{id}/changes/{request}/refuse")
                .route(post().to(received::refuse_change)),
        )
        .service(
            web::resource("/verify")
                .route(get().to(verify::ask))
                .route(post().to(verify::judge)),
        )
        .service(web::resource("/documents/{id}/file").route(get().to(keep::document)))
        .service(web::resource("/receipts/{id}/statement").route(get().to(keep::statement)))
        .service(web::resource("/receipts/{id}/signature").route(get().to(keep::signature)))
        .default_service(web::to(async || Err::<HttpResponse, _>(Fault::NoSuchPage)));
}

/// A page as an answer.
fn html(status: StatusCode, page: &impl Template) -> Result<HttpResponse, Fault> {
    let text = page.render()?;
    Ok(HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .body(text))
}

/// On to another of our pages.
fn to(place: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, place))
        .finish()
}

/// An id from the address; one that is none names nothing.
fn id<T: std::str::FromStr>(text: &str) -> Result<T, Fault> {
    text.parse().or(Err(Fault::NoSuchPage))
}

/// Whether the browser followed a link on another site. Then it kept the session's cookie back.
fn came_from_elsewhere(request: &HttpRequest) -> bool {
    let line = request.headers().get("sec-fetch-site");
    line.is_some_and(|site| site.as_bytes() == b"cross-site")
}
