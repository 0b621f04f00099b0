//! `HEAD` and `PUT /peer/v1/blobs/{sha256}`: the bytes of documents by their name.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::domain::digest::Sha256;
use crate::web::gate::Neighbour;
use crate::web::problem::Fault;
use crate::web::{Site, upload};

fn named(name: &str) -> Result<Sha256, Fault> {
    name.parse()
        .map_err(|fault| Fault::Malformed(format!("{fault}")))
}

/// 200 if the bytes are here, 404 if not.
pub(super) async fn has(
    _: Neighbour,
    site: web::Data<Site>,
    name: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    if site.hub.has_blob(named(&name)?).await? {
        Ok(HttpResponse::Ok().finish())
    } else {
        Err(Fault::NoSuchPage)
    }
}

/// 201 once the bytes are durable under their name.
pub(super) async fn take(
    _: Neighbour,
    site: web::Data<Site>,
    name: web::Path<String>,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, Fault> {
    let name = named(&name)?;
    let told = request.headers().get(header::CONTENT_LENGTH);
    let told = told.and_then(|line| line.to_str().ok()?.parse::<u64>().ok());
    let told = told.ok_or(Fault::LengthMissing)?;
    let limit = site.hub.largest_bytes();
    if told > limit {
        return Err(Fault::TooLarge { limit });
    }
    upload::store(&site.hub, body, name).await?;
    Ok(HttpResponse::Created().finish())
}
