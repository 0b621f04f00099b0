//! `/api/v1/documents`: handing a document in, following it.

use actix_multipart::Multipart;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::{id, json, read, wire};
use crate::domain::clock::Date;
use crate::domain::document::Urgency;
use crate::domain::refusal::Refusal;
use crate::exchange::compose::Draft;
use crate::web::gate::Program;
use crate::web::problem::Fault;
use crate::web::{Site, download, language, upload};

/// The part `metadata`. Wire shape.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireMetadata {
    number: String,
    issued_on: Option<String>,
    r#type: String,
    subject: String,
    urgency: Option<WireUrgency>,
    recipients: Vec<String>,
    signer: Option<String>,
}

/// How urgent. Wire shape.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum WireUrgency {
    Normal,
    Express,
    Urgent,
    Flash,
}

/// What is known right after handing in. Wire shape.
#[derive(Serialize)]
struct WireCreated {
    id: String,
    links: WireLinks,
    /// The findings of `lienthong.lint/1`.
    warnings: serde_json::Value,
}

/// Where to go on. Wire shape.
#[derive(Serialize)]
struct WireLinks {
    #[serde(rename = "self")]
    own: String,
}

/// The key of the request: 1 to 255 visible ASCII characters.
pub(super) fn key(request: &HttpRequest) -> Result<String, Fault> {
    let line = request.headers().get("idempotency-key");
    let key = line
        .and_then(|line| line.to_str().ok())
        .unwrap_or_default()
        .trim();
    if key.is_empty() {
        return Err(Fault::KeyMissing);
    }
    Ok(key.to_owned())
}

fn day(text: &str) -> Result<Date, Fault> {
    let day = text.parse().ok();
    day.ok_or_else(|| {
        let problem = format!("YYYY-MM-DD, found {text:?}");
        let field = "issued_on";
        Refusal::Field { field, problem }.into()
    })
}

pub(super) async fn create(
    Program(person): Program,
    site: web::Data<Site>,
    request: HttpRequest,
    parts: Multipart,
) -> Result<HttpResponse, Fault> {
    person.must_be_clerk()?;
    let key = key(&request)?;
    let form = upload::read(&site.hub, parts).await?;
    let told: WireMetadata = read(form.value("metadata").as_bytes())?;
    let (file_name, content) = upload::needed(form.file)?;
    let draft = Draft {
        key,
        number: told.number,
        issued_on: told.issued_on.as_deref().map(day).transpose()?,
        type_name: told.r#type,
        subject: told.subject,
        urgency: told.urgency.map_or(Urgency::Normal, urgency),
        file_name,
        content,
        recipients: told.recipients,
        signer: told.signer,
    };
    let (content, name) = (draft.content, draft.file_name.clone());
    let look = site
        .hub
        .look(&person, content, name, language::of(&request));
    let warnings = findings(&look.await?.json)?;
    let id = site.hub.compose(&person, draft).await?.to_string();
    let own = format!("/api/v1/documents/{id}");
    let created = WireCreated {
        id,
        links: WireLinks { own: own.clone() },
        warnings,
    };
    let mut answer = json(StatusCode::ACCEPTED, &created);
    if let Ok(place) = header::HeaderValue::from_str(&own) {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}

/// The findings of a look at a file.
fn findings(report: &str) -> Result<serde_json::Value, Fault> {
    let mut report: serde_json::Value = read(report.as_bytes())?;
    let findings = report.get_mut("findings").map(serde_json::Value::take);
    Ok(findings.unwrap_or_default())
}

const fn urgency(told: WireUrgency) -> Urgency {
    match told {
        WireUrgency::Normal => Urgency::Normal,
        WireUrgency::Express => Urgency::Express,
        WireUrgency::Urgent => Urgency::Urgent,
        WireUrgency::Flash => Urgency::Flash,
    }
}

pub(super) async fn show(
    Program(person): Program,
    site: web::Data<Site>,
    name: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let page = site.hub.sent_document(&person, id(&name)?).await?;
    Ok(json(StatusCode::OK, &wire::WireDocument::from(page)))
}

pub(super) async fn file(
    Program(person): Program,
    site: web::Data<Site>,
    name: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    download::document(&site.hub, &person, id(&name)?).await
}
