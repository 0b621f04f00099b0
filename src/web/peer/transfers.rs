//! `POST /peer/v1/transfers` and `/peer/v1/receipts`: taking over a document, taking back a receipt.
//! The answer to a repeated request is the stored one, byte for byte.

use actix_web::web::{self, Bytes};
use actix_web::{HttpResponse, http::StatusCode};

use crate::exchange::intake::Answer;
use crate::web::Site;
use crate::web::gate::Neighbour;
use crate::web::problem::Fault;

pub(super) async fn take_over(
    Neighbour(from): Neighbour,
    site: web::Data<Site>,
    body: Bytes,
) -> Result<HttpResponse, Fault> {
    Ok(told(site.hub.take_over(from, body.to_vec()).await?))
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
