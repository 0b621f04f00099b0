//! `/api/v1/receipts/{id}`: the signed bytes of a receipt, for whoever wants to check them alone.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;

use super::{id, json};
use crate::web::Site;
use crate::web::gate::Program;
use crate::web::problem::Fault;

/// Statement (RFC 8785) and detached CMS signature (DER), each in base64. Wire shape.
#[derive(Serialize)]
struct WireSigned {
    statement: String,
    signature: String,
}

pub(super) async fn show(
    Program(person): Program,
    site: web::Data<Site>,
    name: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let signed = site.hub.receipt(&person, id(&name)?).await?;
    let wire = WireSigned {
        statement: BASE64.encode(&signed.statement),
        signature: BASE64.encode(&signed.signature),
    };
    Ok(json(StatusCode::OK, &wire))
}
