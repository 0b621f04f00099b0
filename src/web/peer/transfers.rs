//! `POST /peer/v1/offers`, `/peer/v1/transfers` and `/peer/v1/receipts`: telling what is missing, taking over a document, taking back a receipt.
//! The answer to a repeated request is the stored one, byte for byte.

use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};

use crate::domain::clock::from_http_date;
use crate::exchange::Error;
use crate::exchange::intake::Answer;
use crate::web::Site;
use crate::web::gate::Neighbour;
use crate::web::problem::Fault;

pub(super) async fn take_over(
    Neighbour(from): Neighbour,
    site: web::Data<Site>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Fault> {
    let date = request.headers().get(header::DATE);
    let clock = date.and_then(|line| from_http_date(line.to_str().ok()?));
    Ok(told(site.hub.take_over(from, body.to_vec(), clock).await?))
}

/// 200 with what is missing.
pub(super) async fn offered(
    Neighbour(from): Neighbour,
    site: web::Data<Site>,
    body: Bytes,
) -> Result<HttpResponse, Fault> {
    let offered = site.hub.offered(from, body.to_vec()).await?;
    let body = offered.to_bytes().map_err(Error::from)?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .body(body))
}

pub(super) async fn take_back(
    Neighbour(from): Neighbour,
    site: web::Data<Site>,
    body: Bytes,
) -> Result<HttpResponse, Fault> {
    Ok(told(site.hub.take_back(from, body.to_vec()).await?))
}

/// 201 for what is new, 200 for what is repeated.
fn told(answer: Answer) -> HttpResponse {
    let status = if answer.repeated {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    HttpResponse::build(status)
        .content_type("application/json")
        .body(answer.body)
}
