//! What every answer gets: a reference, a line in the log, and headers that forbid whatever our
//! pages do not need.

use std::fmt;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, HttpRequest, web};
use tracing::info;

use super::{Site, language};
use crate::domain::ids::{IdSource as _, RandomIds};

/// What a page may load, run and be part of: our own styles, images, fonts and forms; no script at
/// all.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
     font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The name of one request, shown with every problem and written with every log line.
#[derive(Debug, Clone)]
pub(super) struct Reference(String);

impl Reference {
    /// The reference of a request that passed this file.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let known = request.extensions().get::<Self>().cloned();
        known.unwrap_or_else(|| Self("-".to_owned()))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Answers for programs and neighbours.
pub(super) async fn plain(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut answer = watched(request, next).await?;
    let headers = answer.headers_mut();
    unless_set(headers, header::CACHE_CONTROL, "no-store");
    unless_set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    unless_set(
        headers,
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    );
    Ok(answer)
}

/// Answers for browsers. Nothing is kept by a browser or on the way unless the answer says so.
pub(super) async fn page(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut answer = watched(request, next).await?;
    let chosen = language::asked(answer.request());
    let is_encrypted = answer
        .request()
        .app_data::<web::Data<Site>>()
        .is_some_and(|site| site.is_encrypted);
    let headers = answer.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ] {
        unless_set(headers, name, value);
    }
    if is_encrypted {
        unless_set(
            headers,
            header::STRICT_TRANSPORT_SECURITY,
            "max-age=31536000",
        );
    }
    if let Some(language) = chosen {
        let line = format!(
            "{}={language}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax",
            language::COOKIE
        );
        if let Ok(line) = HeaderValue::from_str(&line) {
            headers.append(header::SET_COOKIE, line);
        }
    }
    Ok(answer)
}

fn unless_set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Names the request, answers it, and writes its line. The line holds the route, never the address:
/// addresses hold one-time tokens.
async fn watched<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let site = request.app_data::<web::Data<Site>>().cloned();
    let begun = site.as_ref().map(|site| site.hub.now());
    let reference = begun.map_or_else(|| "-".to_owned(), |at| RandomIds.fresh(at).to_string());
    request
        .extensions_mut()
        .insert(Reference(reference.clone()));
    let mut answer = next.call(request).await?;
    let took = site.zip(begun).map_or(0, |(site, begun)| {
        site.hub.now().duration_since(begun).as_millis()
    });
    info!(
        request.id = %reference,
        method = %answer.request().method(),
        route = answer.request().match_pattern().unwrap_or_default(),
        status = answer.status().as_u16(),
        duration_ms = i64::try_from(took).unwrap_or(i64::MAX),
        "answered"
    );
    if let Ok(reference) = HeaderValue::from_str(&reference) {
        let name = HeaderName::from_static("x-request-id");
        answer.headers_mut().insert(name, reference);
    }
    Ok(answer)
}
