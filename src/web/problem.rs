//! Every answer that is a no: for programs and neighbours a problem document (RFC 9457), for people
//! a page that says what happened, what was kept and what to do. The only place that turns failures
//! into HTTP. What went wrong inside goes to the log with the reference the caller is shown.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use tracing::error;

use super::answers::Reference;
use super::{language, pages};
use crate::domain::language::Language;
use crate::domain::refusal::Refusal;
use crate::exchange::{self, Category};
use crate::phrases;

/// After how many seconds a temporary failure is worth a repetition.
const RETRY_SECONDS: &str = "30";

/// Why a request is not answered as asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The act was not done.
    #[error(transparent)]
    Exchange(#[from] exchange::Error),
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    SignedOut,
    /// A form of another origin.
    #[error("the request comes from another origin")]
    OtherOrigin,
    /// No pinned certificate was shown.
    #[error("no neighbour hub was recognised")]
    NotANeighbour,
    /// No such address.
    #[error("no such address")]
    NoSuchPage,
    /// The address takes another method.
    #[error("another method is needed")]
    OtherMethod,
    /// The length must be told beforehand.
    #[error("the request does not tell its length")]
    LengthMissing,
    /// The request is larger than allowed.
    #[error("more than {limit} bytes")]
    TooLarge {
        /// Largest size in bytes.
        limit: u64,
    },
    /// The request is not of the expected form.
    #[error("malformed request: {0}")]
    Malformed(String),
    /// The key that makes a request repeatable is missing.
    #[error("the header Idempotency-Key is missing")]
    KeyMissing,
    /// The sender fell silent.
    #[error("the sender fell silent")]
    Silence,
    /// A page could not be written.
    #[error("template: {0}")]
    Template(#[from] askama::Error),
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Exchange(refusal.into())
    }
}

impl ResponseError for Fault {
    fn status_code(&self) -> StatusCode {
        self.said(Language::English).status
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

/// A fault as it is shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// HTTP status.
    pub(super) status: StatusCode,
    /// The kind of problem.
    pub(super) kind: &'static str,
    /// Stable code, finer than the kind.
    pub(super) code: String,
    /// The kind in words.
    pub(super) title: String,
    /// What happened, what was kept, what to do.
    pub(super) detail: String,
    /// What the hub states about it under its signature.
    pub(super) evidence: Option<serde_json::Value>,
}

/// A problem document. Wire shape.
#[derive(Serialize)]
struct WireProblem<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    instance: String,
    code: &'a str,
    retry: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'a serde_json::Value>,
}

impl Fault {
    /// The fault in `language`.
    pub(super) fn said(&self, language: Language) -> Said {
        let (status, kind) = self.kind();
        let (code, detail) = self.code_and_detail(kind, language);
        Said {
            status,
            kind,
            code,
            evidence: self.evidence(),
            title: phrases::text(language, &format!("problem-{kind}"), &[]),
            detail,
        }
    }

    fn evidence(&self) -> Option<serde_json::Value> {
        match self {
            Self::Exchange(exchange::Error::Mismatch { signed, .. }) => {
                Some(exchange::intake::evidence(signed))
            }
            _ => None,
        }
    }

    fn kind(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Exchange(fault) => kind_of(&fault.category()),
            Self::SignedOut => (StatusCode::UNAUTHORIZED, "signed-out"),
            Self::OtherOrigin => (StatusCode::FORBIDDEN, "other-origin"),
            Self::NotANeighbour => (StatusCode::FORBIDDEN, "not-a-neighbour"),
            Self::NoSuchPage => (StatusCode::NOT_FOUND, "not-found"),
            Self::OtherMethod => (StatusCode::METHOD_NOT_ALLOWED, "other-method"),
            Self::LengthMissing => (StatusCode::LENGTH_REQUIRED, "length-missing"),
            Self::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
            Self::Malformed(_) => (StatusCode::BAD_REQUEST, "malformed"),
            Self::KeyMissing => (StatusCode::BAD_REQUEST, "key-missing"),
            Self::Silence => (StatusCode::REQUEST_TIMEOUT, "silence"),
            Self::Template(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }

    fn code_and_detail(&self, kind: &'static str, language: Language) -> (String, String) {
        let says = |code: &str, arguments: &[(&str, &str)]| {
            let detail = phrases::text(language, &format!("problem-{kind}-detail"), arguments);
            (code.to_owned(), detail)
        };
        let found = self.to_string();
        match self {
            Self::TooLarge { limit } => says(kind, &[("limit", &megabytes(*limit))]),
            Self::Malformed(found) => says(kind, &[("found", found)]),
            Self::Exchange(fault) => match fault.category() {
                Category::Refused(refusal) => {
                    let code = refusal.phrase().trim_start_matches("refusal-");
                    (code.to_owned(), refused(&refusal, language))
                }
                Category::Unacceptable(code) => says(code, &[("found", &found)]),
                Category::Unreadable(reason, detail) => says(&reason, &[("found", &detail)]),
                Category::TooLarge { limit } => says(kind, &[("limit", &megabytes(limit))]),
                _ => says(kind, &[("found", &found)]),
            },
            _ => says(kind, &[]),
        }
    }
}

const fn kind_of(category: &Category) -> (StatusCode, &'static str) {
    match category {
        Category::Refused(_) => (StatusCode::UNPROCESSABLE_ENTITY, "refused"),
        Category::NotFound => (StatusCode::NOT_FOUND, "not-found"),
        Category::NotAllowed => (StatusCode::FORBIDDEN, "not-allowed"),
        Category::Conflict => (StatusCode::CONFLICT, "conflict"),
        Category::Malformed => (StatusCode::BAD_REQUEST, "malformed"),
        Category::Unacceptable(_) => (StatusCode::UNPROCESSABLE_ENTITY, "unacceptable"),
        Category::Unreadable(..) => (StatusCode::UNPROCESSABLE_ENTITY, "unreadable"),
        Category::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
        Category::OtherBytes => (StatusCode::UNPROCESSABLE_ENTITY, "other-bytes"),
        Category::DiskFull => (StatusCode::INSUFFICIENT_STORAGE, "disk-full"),
        Category::Later => (StatusCode::SERVICE_UNAVAILABLE, "later"),
        Category::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    }
}

/// A refusal in words; states named in it are said in the same language.
pub(super) fn refused(refusal: &Refusal, language: Language) -> String {
    let arguments: Vec<(&str, String)> = refusal
        .arguments()
        .into_iter()
        .map(|(name, value)| match name {
            "state" => (name, phrases::text(language, &value, &[])),
            _ => (name, value),
        })
        .collect();
    let arguments: Vec<(&str, &str)> = arguments.iter().map(|(n, v)| (*n, v.as_str())).collect();
    phrases::text(language, refusal.phrase(), &arguments)
}

/// A size for people: megabytes with one digit.
pub(super) fn megabytes(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10) / (1024 * 1024);
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} MB"),
        (whole, part) => format!("{whole},{part} MB"),
    }
}

/// Turns faults into problem documents.
pub(super) async fn as_document(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, actix_web::Error> {
    let answer = next.call(request).await?;
    let said = said(&answer);
    let Some(said) = said else {
        return Ok(answer.map_into_boxed_body());
    };
    let instance = Reference::of(answer.request());
    let is_temporary = retry_after(said.status).is_some();
    let wire = WireProblem {
        r#type: format!("urn:lienthong:problem:{}", said.kind),
        title: &said.title,
        status: said.status.as_u16(),
        detail: &said.detail,
        instance: format!("urn:uuid:{instance}"),
        code: &said.code,
        retry: if is_temporary { "after" } else { "no" },
        evidence: said.evidence.as_ref(),
    };
    let mut document = HttpResponse::build(said.status);
    document.content_type("application/problem+json");
    document.insert_header((header::CONTENT_LANGUAGE, spoken(&answer).to_string()));
    if let Some(seconds) = retry_after(said.status) {
        document.insert_header((header::RETRY_AFTER, seconds));
    }
    if said.status == StatusCode::UNAUTHORIZED {
        document.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
    }
    // Strings and a number always serialise.
    let body = serde_json::to_vec(&wire).unwrap_or_default();
    let is_head = *answer.request().method() == Method::HEAD;
    let document = document.body(if is_head { Vec::new() } else { body });
    Ok(answer.into_response(document).map_into_boxed_body())
}

/// Turns faults into pages; whoever is not signed in is sent to sign in.
pub(super) async fn as_page(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, actix_web::Error> {
    let answer = next.call(request).await?;
    let Some(said) = said(&answer) else {
        return Ok(answer.map_into_boxed_body());
    };
    let page = if said.kind == "signed-out" {
        pages::sign_in::needed(answer.request())
    } else {
        let mut page = pages::fault::page(answer.request(), &said);
        if let Some(seconds) = retry_after(said.status) {
            let seconds = header::HeaderValue::from_static(seconds);
            page.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        page
    };
    Ok(answer.into_response(page).map_into_boxed_body())
}

fn retry_after(status: StatusCode) -> Option<&'static str> {
    let is_temporary = matches!(
        status,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::INSUFFICIENT_STORAGE
    );
    is_temporary.then_some(RETRY_SECONDS)
}

fn spoken<B>(answer: &ServiceResponse<B>) -> Language {
    language::of(answer.request())
}

/// What to say about an answer that is a fault of ours or of the framework.
fn said<B>(answer: &ServiceResponse<B>) -> Option<Said> {
    let language = spoken(answer);
    let Some(fault) = answer.response().error() else {
        let is_method = answer.status() == StatusCode::METHOD_NOT_ALLOWED;
        return is_method.then(|| Fault::OtherMethod.said(language));
    };
    let said = match (fault.as_error::<Fault>(), fault.as_error::<PayloadError>()) {
        (Some(fault), _) => fault.said(language),
        (None, Some(PayloadError::Incomplete(_) | PayloadError::Io(_))) => {
            // A line that broke says nothing about the request: the sender repeats it.
            Fault::Silence.said(language)
        }
        (None, _) => foreign(answer.status(), &fault.to_string()).said(language),
    };
    if said.status.is_server_error() {
        let reference = Reference::of(answer.request());
        error!(request.id = %reference, fault = %fault, "request failed");
    }
    Some(said)
}

/// The framework's own faults: bodies too large, addresses that do not parse.
fn foreign(status: StatusCode, found: &str) -> Fault {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Fault::TooLarge {
            limit: super::upload::LARGEST_FORM,
        },
        StatusCode::NOT_FOUND => Fault::NoSuchPage,
        _ => Fault::Malformed(found.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(fault: impl Into<Fault>) -> (u16, String) {
        let said = fault.into().said(Language::English);
        (said.status.as_u16(), said.code)
    }

    #[test]
    fn every_category_has_its_status() {
        let taken = Refusal::DuplicateNumber {
            number: "07/UBND".to_owned(),
            year: 2025,
        };
        for (category, status) in [
            (Category::Refused(taken), 422),
            (Category::NotFound, 404),
            (Category::NotAllowed, 403),
            (Category::Conflict, 409),
            (Category::Malformed, 400),
            (Category::Unacceptable("wrong-road"), 422),
            (Category::Unreadable("ENCRYPTED".into(), String::new()), 422),
            (Category::TooLarge { limit: 1 }, 413),
            (Category::OtherBytes, 422),
            (Category::DiskFull, 507),
            (Category::Later, 503),
            (Category::Internal, 500),
        ] {
            let (found, kind) = kind_of(&category);
            assert_eq!(found.as_u16(), status, "{category:?}");
            for language in [Language::Vietnamese, Language::English] {
                assert!(phrases::has(language, &format!("problem-{kind}")), "{kind}");
                let detail = format!("problem-{kind}-detail");
                assert!(
                    kind == "refused" || phrases::has(language, &detail),
                    "{kind}"
                );
            }
        }
    }

    #[test]
    fn a_refusal_is_said_in_its_own_words_and_with_its_own_code() {
        let fault = Fault::from(Refusal::NoRecipient);
        let vietnamese = fault.said(Language::Vietnamese);
        assert_eq!(vietnamese.code, "no-recipient");
        assert_eq!(vietnamese.detail, "Chưa có cơ quan nhận.");
        assert_eq!(said(Refusal::SameAgency), (422, "same-agency".to_owned()));
    }

    #[test]
    fn a_state_inside_a_refusal_is_said_in_words() {
        let refusal = Refusal::WrongState {
            state: "handling-refused",
        };
        let text = refused(&refusal, Language::English);
        assert!(!text.contains("handling-"), "{text}");
    }

    #[test]
    fn what_broke_inside_is_not_told() {
        let inner = Fault::Exchange(exchange::Error::ReceiptSignature("hsm-slot-7".to_owned()));
        let said = inner.said(Language::English);
        assert_eq!(said.status.as_u16(), 500);
        assert!(!said.detail.contains("hsm-slot-7"), "{}", said.detail);
    }

    #[test]
    fn sizes_are_told_in_megabytes() {
        assert_eq!(megabytes(100 * 1024 * 1024), "100 MB");
        assert_eq!(megabytes(1024 * 1024 * 3 / 2), "1,5 MB");
    }
}
