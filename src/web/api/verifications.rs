//! `/api/v1/verifications`: is this PDF genuine? The answer is `lienthong.verification/1`, with its
//! messages in the language of `Accept-Language`. And before anything is signed: is it safe to sign?

use actix_multipart::Multipart;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::web::gate::Program;
use crate::web::problem::Fault;
use crate::web::{Site, language, upload};

/// `/api/v1/looks`: what in this PDF could later be used against its first signature? The answer is
/// `lienthong.lint/1`.
pub(super) async fn look(
    Program(person): Program,
    site: web::Data<Site>,
    request: HttpRequest,
    parts: Multipart,
) -> Result<HttpResponse, Fault> {
    let form = upload::read(&site.hub, parts).await?;
    let (name, content) = upload::needed(form.file)?;
    let language = language::of(&request);
    let noticed = site.hub.look(&person, content, name, language).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .body(noticed.json))
}

/// Judges the signatures of a PDF.
pub(super) async fn judge(
    Program(person): Program,
    site: web::Data<Site>,
    request: HttpRequest,
    parts: Multipart,
) -> Result<HttpResponse, Fault> {
    let form = upload::read(&site.hub, parts).await?;
    let (name, content) = upload::needed(form.file)?;
    let language = language::of(&request);
    let report = site.hub.judge(&person, content, name, language).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .body(report))
}
