//! Claims about every address, answered by the real routes without a hub behind them: what the gate
//! and the headers promise holds before any hub is asked.

use actix_web::dev::ServiceResponse;
use actix_web::http::{Method, StatusCode, header};
use actix_web::{App, test};

use super::answers::POLICY;
use super::serve::{neighbours_only, pages_and_api};

const PAGES: [&str; 11] = [
    "/",
    "/sign-in",
    "/sign-in/00ff",
    "/outgoing",
    "/outgoing/new",
    "/outgoing/0197be59-2126-7e03-b212-067124331283",
    "/incoming",
    "/incoming/0197be59-2126-7e03-b212-067124331283",
    "/verify",
    "/receipts/0197be59-2126-7e03-b212-067124331283/statement",
    "/no/such/page",
];

const FORMS: [&str; 6] = [
    "/sign-in/00ff",
    "/sign-out",
    "/outgoing/new",
    "/incoming/0197be59-2126-7e03-b212-067124331283/accept",
    "/incoming/0197be59-2126-7e03-b212-067124331283/refuse",
    "/verify",
];

const API: [(&str, &str); 9] = [
    ("POST", "/api/v1/documents"),
    ("GET", "/api/v1/documents/x"),
    ("GET", "/api/v1/documents/x/file"),
    ("GET", "/api/v1/inbox"),
    ("GET", "/api/v1/inbox/x"),
    ("POST", "/api/v1/inbox/x/accept"),
    ("POST", "/api/v1/inbox/x/refuse"),
    ("POST", "/api/v1/verifications"),
    ("GET", "/api/v1/receipts/x"),
];

const PEER: [(&str, &str); 6] = [
    ("HEAD", "/peer/v1/blobs/00"),
    ("PATCH", "/peer/v1/blobs/00"),
    ("POST", "/peer/v1/offers"),
    ("POST", "/peer/v1/transfers"),
    ("POST", "/peer/v1/receipts"),
    ("GET", "/anything"),
];

async fn answered(request: test::TestRequest) -> ServiceResponse {
    let app = test::init_service(App::new().configure(pages_and_api)).await;
    let answer = test::call_service(&app, request.to_request()).await;
    answer.map_into_boxed_body()
}

fn line(answer: &ServiceResponse, name: header::HeaderName) -> String {
    let line = answer.headers().get(name);
    line.map_or("", |line| line.to_str().unwrap()).to_owned()
}

fn request(method: &str, address: &str) -> test::TestRequest {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    test::TestRequest::default().method(method).uri(address)
}

#[actix_web::test]
async fn every_page_forbids_scripts_frames_and_foreign_hosts() {
    assert!(POLICY.starts_with("default-src 'none'") && !POLICY.contains("script"));
    assert!(!POLICY.contains("unsafe") && POLICY.contains("frame-ancestors 'none'"));
    for page in PAGES {
        let answer = answered(request("GET", page)).await;
        assert_eq!(
            line(&answer, header::CONTENT_SECURITY_POLICY),
            POLICY,
            "{page}"
        );
        assert_eq!(
            line(&answer, header::X_CONTENT_TYPE_OPTIONS),
            "nosniff",
            "{page}"
        );
        assert_eq!(
            line(&answer, header::REFERRER_POLICY),
            "same-origin",
            "{page}"
        );
        assert_eq!(line(&answer, header::CACHE_CONTROL), "no-store", "{page}");
    }
}

#[actix_web::test]
async fn every_form_sent_from_another_origin_is_refused() {
    for form in FORMS {
        let foreign = request("POST", form)
            .insert_header((header::HOST, "hub.vn"))
            .insert_header((header::ORIGIN, "https://evil.vn"));
        let answer = answered(foreign).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{form}");
        let silent = request("POST", form).insert_header((header::HOST, "hub.vn"));
        assert_eq!(
            answered(silent).await.status(),
            StatusCode::FORBIDDEN,
            "{form}"
        );
    }
}

#[actix_web::test]
async fn the_api_asks_everybody_for_a_key() {
    for (method, address) in API {
        let with_cookie =
            request(method, address).insert_header((header::COOKIE, "lienthong-hub=00"));
        let answer = answered(with_cookie).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{address}");
        assert_eq!(line(&answer, header::WWW_AUTHENTICATE), "Bearer");
        assert_eq!(
            line(&answer, header::CONTENT_TYPE),
            "application/problem+json"
        );
        let body = test::read_body(answer).await;
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem["code"], "signed-out");
        assert_eq!(problem["status"], 401);
        assert_eq!(problem["retry"], "no");
    }
}

#[actix_web::test]
async fn the_neighbours_door_is_not_on_the_address_of_the_pages() {
    for (method, address) in PEER {
        let answer = answered(request(method, address)).await;
        assert!(answer.status().is_client_error(), "{address}");
        assert_ne!(
            answer.status(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "{address}"
        );
    }
}

#[actix_web::test]
async fn nobody_without_a_pinned_certificate_passes_the_neighbours_door() {
    let app = test::init_service(App::new().configure(neighbours_only)).await;
    for (method, address) in PEER {
        let answer = test::call_service(&app, request(method, address).to_request()).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{method} {address}");
        let kind = answer.headers().get(header::CONTENT_TYPE).unwrap();
        assert_eq!(kind, "application/problem+json", "{address}");
    }
}

#[actix_web::test]
async fn styles_are_kept_for_ever_and_unknown_ones_are_not_found() {
    let answer = answered(request("GET", &super::assets::style())).await;
    assert!(line(&answer, header::CACHE_CONTROL).contains("immutable"));
    let unknown = answered(request("GET", "/assets/lienthong-000000000000.css")).await;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    assert_eq!(line(&unknown, header::CACHE_CONTROL), "no-store");
}

#[actix_web::test]
async fn problems_are_told_in_the_language_asked_for() {
    for (language, title) in [("vi-VN,vi;q=0.9", "Cần đăng nhập"), ("en", "Sign in first")] {
        let asked =
            request("GET", "/api/v1/inbox").insert_header((header::ACCEPT_LANGUAGE, language));
        let body = test::read_body(answered(asked).await).await;
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem["title"], title);
    }
}

#[actix_web::test]
async fn choosing_a_language_is_remembered() {
    let answer = answered(request("GET", "/no/such/page?lang=en")).await;
    assert!(line(&answer, header::SET_COOKIE).starts_with("lienthong-lang=en;"));
    let page = test::read_body(answer).await;
    assert!(String::from_utf8_lossy(&page).contains("<html lang=\"en\">"));
}
