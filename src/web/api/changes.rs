//! `/api/v1/documents/{id}/changes` and `/api/v1/inbox/{id}/changes/{request}`: asking to have a
//! document back, or to put another in its place; and the recipient's two answers.

use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::documents::key;
use super::{id, json, read, wire};
use crate::domain::change::State;
use crate::domain::refusal::Refusal;
use crate::exchange::change::ask::{Ask, What};
use crate::web::Site;
use crate::web::gate::Program;
use crate::web::problem::Fault;

/// What is asked. Wire shape.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireAsk {
    kind: WireKind,
    /// The document that takes the place, for an update or a replacement.
    by: Option<String>,
    reason: String,
    #[serde(default)]
    recipients: Vec<String>,
}

/// What is asked. Wire shape.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum WireKind {
    Recall,
    Update,
    Replace,
}

/// The body of a refusal. Wire shape.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRefusal {
    reason: String,
}

/// The answer to an answer. Wire shape.
#[derive(Serialize)]
struct WireState {
    state: &'static str,
}

fn what(asked: &WireAsk) -> Result<What, Fault> {
    let by = || match &asked.by {
        Some(by) => id(by),
        None => Err(Refusal::Field {
            field: "by",
            problem: "the document that takes the place".to_owned(),
        }
        .into()),
    };
    Ok(match asked.kind {
        WireKind::Recall => What::Recall,
        WireKind::Update => What::Update(by()?),
        WireKind::Replace => What::Replace(by()?),
    })
}

pub(super) async fn ask(
    Program(person): Program,
    site: web::Data<Site>,
    request: HttpRequest,
    name: web::Path<String>,
    body: Bytes,
) -> Result<HttpResponse, Fault> {
    let key = key(&request)?;
    let asked: WireAsk = read(&body)?;
    let document = id(&name)?;
    let ask = Ask {
        key,
        what: what(&asked)?,
        reason: asked.reason,
        recipients: asked.recipients,
    };
    site.hub.ask_change(&person, document, ask).await?;
    let page = site.hub.sent_document(&person, document).await?;
    Ok(json(StatusCode::OK, &wire::WireDocument::from(page)))
}

pub(super) async fn agree(
    Program(person): Program,
    site: web::Data<Site>,
    names: web::Path<(String, String)>,
) -> Result<HttpResponse, Fault> {
    let (delivery, request) = (id(&names.0)?, id(&names.1)?);
    site.hub.agree_change(&person, delivery, request).await?;
    Ok(answered(State::Agreed))
}

pub(super) async fn refuse(
    Program(person): Program,
    site: web::Data<Site>,
    names: web::Path<(String, String)>,
    body: Bytes,
) -> Result<HttpResponse, Fault> {
    let told: WireRefusal = read(&body)?;
    let (delivery, request) = (id(&names.0)?, id(&names.1)?);
    site.hub
        .refuse_change(&person, delivery, request, &told.reason)
        .await?;
    Ok(answered(State::Refused))
}

fn answered(state: State) -> HttpResponse {
    let state = state.as_str();
    json(StatusCode::OK, &WireState { state })
}
