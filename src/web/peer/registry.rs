//! `GET /peer/v1/registry` and `/peer/v1/registry/{number}`: which registry this hub works by, and the
//! snapshots themselves. Neighbours check the signature; they believe nothing we say.

use actix_web::{HttpResponse, web};

use crate::web::Site;
use crate::web::gate::Neighbour;
use crate::web::problem::Fault;

/// Number and digest of the newest snapshot; 404 where the registry is a file without a signature.
pub(super) async fn newest(_: Neighbour, site: web::Data<Site>) -> Result<HttpResponse, Fault> {
    let told = site.hub.registry_told()?.ok_or(Fault::NoSuchPage)?;
    Ok(json(told))
}

/// The snapshot with this number, with its signature.
pub(super) async fn snapshot(
    _: Neighbour,
    site: web::Data<Site>,
    number: web::Path<u64>,
) -> Result<HttpResponse, Fault> {
    Ok(json(site.hub.registry_answer(*number).await?))
}

fn json(body: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(body)
}
