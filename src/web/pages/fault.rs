//! The page that says no: what happened, what was kept, what to do, and the reference to quote.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::frame::{Frame, Section};
use crate::web::answers::Reference;
use crate::web::problem::Said;
use crate::web::{Site, language};

#[derive(Template)]
#[template(path = "pages/fault.html")]
struct FaultPage<'a> {
    frame: Frame,
    said: &'a Said,
    reference: String,
}

/// The page of a fault.
pub(in crate::web) fn page(request: &HttpRequest, said: &Said) -> HttpResponse {
    let frame = match request.app_data::<web::Data<Site>>() {
        Some(site) => Frame::new(request, site, None, Section::Outside),
        None => Frame::bare(language::of(request)),
    };
    let page = FaultPage {
        frame,
        said,
        reference: Reference::of(request).to_string(),
    };
    let text = page.render().unwrap_or_else(|_| said.title.clone());
    HttpResponse::build(said.status)
        .content_type("text/html; charset=utf-8")
        .body(text)
}
