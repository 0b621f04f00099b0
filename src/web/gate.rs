//! Who are you, and may you? A [`Person`] or a neighbour's name can only be had from the types made
//! here, so a route that needs one cannot forget to ask.
//!
//! Browsers prove themselves by a session cookie (`HttpOnly`, `SameSite=Strict`, `__Host-` and
//! `Secure` over TLS), programs by an access key (`Authorization: Bearer`), neighbour hubs by their
//! pinned certificate. A cookie never opens the API and a key never opens a page.
//!
//! Forged requests: every request of a browser that may change something must say that it comes
//! from our own pages, by `Sec-Fetch-Site: same-origin` or, without it, by an `Origin` equal to the
//! address asked for. A request that says neither is refused. Browsers set both headers themselves
//! and no page can change them, so no token per form is needed.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::{FromRequest, HttpRequest, web};

use super::problem::Fault;
use super::tls::Shown;
use super::{Site, language};
use crate::domain::routing::HubId;
use crate::exchange::people::Person;

/// How long a browser keeps the session's cookie, in seconds; the hub may end it earlier.
const COOKIE_SECONDS: u32 = 10 * 3600;

type Answer<T> = Pin<Box<dyn Future<Output = Result<T, Fault>>>>;

/// Somebody on a page, signed in or not, whose request comes from our own pages if it may change
/// something.
pub(super) struct Visitor;

/// A signed-in person on a page.
pub(super) struct Reader(pub(super) Person);

/// A signed-in clerk on a page.
pub(super) struct Clerk(pub(super) Person);

/// A program with an access key, acting as the person the key belongs to.
pub(super) struct Program(pub(super) Person);

/// A neighbour hub.
pub(super) struct Neighbour(pub(super) HubId);

impl FromRequest for Visitor {
    type Error = Fault;
    type Future = std::future::Ready<Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(own_origin(request).map(|()| Self))
    }
}

impl FromRequest for Reader {
    type Error = Fault;
    type Future = Answer<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            own_origin(&request)?;
            let site = site(&request)?;
            let token = session(&request, site).ok_or(Fault::SignedOut)?;
            let person = site.hub.by_session(token).await?;
            Ok(Self(person.ok_or(Fault::SignedOut)?))
        })
    }
}

impl FromRequest for Clerk {
    type Error = Fault;
    type Future = Answer<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let reader = Reader::from_request(request, payload);
        Box::pin(async move {
            let Reader(person) = reader.await?;
            person.must_be_clerk()?;
            Ok(Self(person))
        })
    }
}

impl FromRequest for Program {
    type Error = Fault;
    type Future = Answer<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let line = request.headers().get(header::AUTHORIZATION);
            let words = line.and_then(|line| line.to_str().ok()).unwrap_or_default();
            let (scheme, key) = words.split_once(' ').ok_or(Fault::SignedOut)?;
            if !scheme.eq_ignore_ascii_case("bearer") {
                return Err(Fault::SignedOut);
            }
            let person = site(&request)?.hub.by_key(key.trim().to_owned()).await?;
            Ok(Self(person.ok_or(Fault::SignedOut)?))
        })
    }
}

impl FromRequest for Neighbour {
    type Error = Fault;
    type Future = std::future::Ready<Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let shown = request.conn_data::<Shown>();
        let whose = |Shown(sha256): &Shown| site(request).ok()?.hub.neighbour_showing(sha256);
        let hub = shown.and_then(whose).map(Self);
        std::future::ready(hub.ok_or(Fault::NotANeighbour))
    }
}

fn site(request: &HttpRequest) -> Result<&Site, Fault> {
    let site = request.app_data::<web::Data<Site>>();
    site.map(web::Data::get_ref).ok_or(Fault::NoSuchPage)
}

/// The session's secret, if the browser sent one.
pub(super) fn session(request: &HttpRequest, site: &Site) -> Option<String> {
    language::cookie(request, &site.session_cookie)
}

/// The line that gives a browser its session; an empty `token` takes it away.
pub(super) fn session_line(site: &Site, token: &str) -> String {
    let secure = if site.is_encrypted { "; Secure" } else { "" };
    let seconds = if token.is_empty() { 0 } else { COOKIE_SECONDS };
    format!(
        "{}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}",
        site.session_cookie
    )
}

/// Refuses what may change something unless one of our own pages sent it.
fn own_origin(request: &HttpRequest) -> Result<(), Fault> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(());
    }
    let said = |name: &str| {
        let line = request.headers().get(name)?;
        line.to_str().ok()
    };
    let host = said("host").unwrap_or_default();
    let same_host = |origin: &str| {
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        !host.is_empty() && authority == Some(host)
    };
    let is_own = match (said("sec-fetch-site"), said("origin")) {
        (Some(site), None) => site == "same-origin",
        (Some(site), Some(origin)) => site == "same-origin" && same_host(origin),
        (None, Some(origin)) => same_host(origin),
        (None, None) => false,
    };
    if is_own {
        Ok(())
    } else {
        Err(Fault::OtherOrigin)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn posted(lines: &[(&'static str, &str)]) -> bool {
        let mut request = TestRequest::post().uri("/incoming");
        for line in lines {
            request = request.append_header(*line);
        }
        own_origin(&request.to_http_request()).is_ok()
    }

    const HOST: (&str, &str) = ("host", "hub.gialai.vn:8080");

    #[test]
    fn a_form_of_our_own_pages_is_let_in() {
        let origin = ("origin", "https://hub.gialai.vn:8080");
        assert!(posted(&[HOST, origin]));
        assert!(posted(&[HOST, ("sec-fetch-site", "same-origin"), origin]));
        assert!(posted(&[HOST, ("sec-fetch-site", "same-origin")]));
    }

    #[test]
    fn a_form_of_another_origin_is_refused() {
        for origin in [
            "https://evil.vn",
            "https://hub.gialai.vn:9090",
            "https://hub.gialai.vn:8080.evil.vn",
            "null",
        ] {
            assert!(!posted(&[HOST, ("origin", origin)]), "{origin}");
        }
        for site in ["cross-site", "same-site", "none"] {
            assert!(!posted(&[HOST, ("sec-fetch-site", site)]), "{site}");
        }
    }

    #[test]
    fn a_form_that_hides_where_it_comes_from_is_refused() {
        assert!(!posted(&[HOST]));
        assert!(!posted(&[("origin", "https://hub.gialai.vn:8080")]));
    }

    #[test]
    fn an_own_origin_does_not_excuse_a_foreign_site() {
        let origin = ("origin", "https://hub.gialai.vn:8080");
        assert!(!posted(&[HOST, ("sec-fetch-site", "cross-site"), origin]));
    }
}
