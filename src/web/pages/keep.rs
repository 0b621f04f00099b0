//! Files to keep: the sealed document, the two halves of a receipt.

use actix_web::{HttpResponse, web};

use super::id;
use crate::domain::ids::EvidenceId;
use crate::web::gate::Reader;
use crate::web::problem::Fault;
use crate::web::{Site, download};

pub(super) async fn document(
    Reader(person): Reader,
    site: web::Data<Site>,
    name: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    download::document(&site.hub, &person, id(&name)?).await
}

pub(super) async fn statement(
    Reader(person): Reader,
    site: web::Data<Site>,
    name: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let receipt: EvidenceId = id(&name)?;
    let signed = site.hub.receipt(&person, receipt).await?;
    let file = format!("{receipt}.json");
    Ok(download::bytes(&file, "application/json", signed.statement))
}

pub(super) async fn signature(
    Reader(person): Reader,
    site: web::Data<Site>,
    name: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let receipt: EvidenceId = id(&name)?;
    let signed = site.hub.receipt(&person, receipt).await?;
    let file = format!("{receipt}.json.p7s");
    Ok(download::bytes(
        &file,
        "application/pkcs7-signature",
        signed.signature,
    ))
}
