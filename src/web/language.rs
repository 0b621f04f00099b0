//! The language of a request: what the address asks for, else what was chosen before, else what the
//! browser prefers, else Vietnamese.

use actix_web::HttpRequest;
use actix_web::http::header;

use crate::domain::language::Language;

/// The cookie that remembers the choice.
pub(super) const COOKIE: &str = "lienthong-lang";

/// The language to answer in.
pub(super) fn of(request: &HttpRequest) -> Language {
    asked(request)
        .or_else(|| cookie(request, COOKIE).and_then(|word| exact(&word)))
        .or_else(|| preferred(request))
        .unwrap_or_default()
}

/// The language the address asks for (`?lang=en`).
pub(super) fn asked(request: &HttpRequest) -> Option<Language> {
    let pairs = request.query_string().split('&');
    let mut words = pairs.filter_map(|pair| pair.strip_prefix("lang="));
    words.find_map(exact)
}

fn exact(word: &str) -> Option<Language> {
    match word {
        "vi" => Some(Language::Vietnamese),
        "en" => Some(Language::English),
        _ => None,
    }
}

/// The first of the browser's languages that we speak; weights are written in falling order by
/// every browser.
fn preferred(request: &HttpRequest) -> Option<Language> {
    let line = request.headers().get(header::ACCEPT_LANGUAGE)?;
    let mut words = line.to_str().ok()?.split(',');
    words.find_map(|word| {
        let tag = word.split(';').next().unwrap_or_default().trim();
        exact(tag.split('-').next().unwrap_or_default())
    })
}

/// The value of the cookie `name`.
pub(super) fn cookie(request: &HttpRequest, name: &str) -> Option<String> {
    let lines = request.headers().get_all(header::COOKIE);
    let pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'));
    pairs.into_iter().find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then(|| value.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn language(uri: &str, cookie: &str, accept: &str) -> Language {
        let request = TestRequest::with_uri(uri)
            .insert_header((header::COOKIE, cookie))
            .insert_header((header::ACCEPT_LANGUAGE, accept));
        of(&request.to_http_request())
    }

    #[test]
    fn the_address_beats_the_cookie_and_the_cookie_beats_the_browser() {
        let (vi, en) = (Language::Vietnamese, Language::English);
        assert_eq!(language("/?a=1&lang=en", "lienthong-lang=vi", "vi"), en);
        assert_eq!(language("/", "x=1; lienthong-lang=en", "vi"), en);
        assert_eq!(language("/", "", "fr-FR,en-GB;q=0.8,vi;q=0.5"), en);
        assert_eq!(language("/?lang=fr", "lienthong-lang=de", "fr"), vi);
    }
}
