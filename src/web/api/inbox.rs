//! `/api/v1/inbox`: what came, and the clerk's two answers.

use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::{id, json, read, wire};
use crate::domain::refusal::{Reason, ReasonCode, Refusal};
use crate::web::Site;
use crate::web::gate::Program;
use crate::web::problem::Fault;

/// A list. Wire shape.
#[derive(Serialize)]
struct WireList {
    data: Vec<wire::WireIncoming>,
}

/// How much of the list is asked for. Wire shape.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireAsked {
    limit: Option<u16>,
}

/// The body of a refusal. Wire shape.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRefusal {
    code: String,
    #[serde(default)]
    text: String,
}

/// The answer to accepting. Wire shape.
#[derive(Serialize)]
struct WireAccepted {
    arrival_number: String,
}

/// The answer to refusing. Wire shape.
#[derive(Serialize)]
struct WireRefused {
    handling: &'static str,
}

pub(super) async fn list(
    Program(person): Program,
    site: web::Data<Site>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let asked = web::Query::<WireAsked>::from_query(request.query_string());
    let asked = asked.map_err(|fault| Fault::Malformed(fault.to_string()))?;
    let rows = site.hub.incoming(&person, asked.limit).await?;
    let data = rows.into_iter().map(Into::into).collect();
    Ok(json(StatusCode::OK, &WireList { data }))
}

pub(super) async fn show(
    Program(person): Program,
    site: web::Data<Site>,
    name: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let delivery = id(&name)?;
    site.hub.open_received(&person, delivery).await?;
    let page = site.hub.received_document(&person, delivery).await?;
    Ok(json(StatusCode::OK, &wire::WireIncoming::from(page)))
}

pub(super) async fn accept(
    Program(person): Program,
    site: web::Data<Site>,
    name: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let arrival_number = site.hub.accept(&person, id(&name)?).await?;
    Ok(json(StatusCode::OK, &WireAccepted { arrival_number }))
}

pub(super) async fn refuse(
    Program(person): Program,
    site: web::Data<Site>,
    name: web::Path<String>,
    body: Bytes,
) -> Result<HttpResponse, Fault> {
    let told: WireRefusal = read(&body)?;
    let code = ReasonCode::parse(&told.code).ok_or_else(|| Refusal::Field {
        field: "code",
        problem: format!("RF01 … RF99, found {:?}", told.code),
    })?;
    let reason = Reason::new(code, &told.text)?;
    site.hub.refuse(&person, id(&name)?, reason).await?;
    Ok(json(
        StatusCode::OK,
        &WireRefused {
            handling: "refused",
        },
    ))
}
