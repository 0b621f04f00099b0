//! What a letter says, and what no fact can make it say.

use base64::Engine;

use super::*;
use crate::domain::ids::{DeliveryId, DocumentId};
use crate::domain::number::DocumentNumber;
use crate::domain::refusal::{Reason, ReasonCode};
use crate::notify::notice::{Explanation, Facts};

const DOCUMENT: &str = "0197c0de-0000-7000-8000-000000000001";
const DELIVERY: &str = "0197c0de-0000-7000-8000-000000000002";

fn facts() -> Facts {
    Facts {
        document: DOCUMENT.parse::<DocumentId>().unwrap(),
        delivery: DELIVERY.parse::<DeliveryId>().unwrap(),
        number: DocumentNumber::parse("123/QĐ-UBND").unwrap(),
        short_subject: Some("Phê duyệt kế hoạch chuyển đổi số".to_owned()),
        sender: "UBND xã Ia Dom".to_owned(),
        receiver: "Sở Nội vụ tỉnh Gia Lai".to_owned(),
        happened_at: instant("2025-06-30T17:30:05Z"),
        link: "https://lienthong.gialai.gov.vn/deliveries/1"
            .parse()
            .unwrap(),
    }
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn refused(facts: Facts) -> Notice {
    Notice::Refused {
        facts,
        reason: Reason::new(ReasonCode::SignatureMissing, "thiếu con dấu").unwrap(),
    }
}

fn from() -> Mailbox {
    "Trục liên thông Gia Lai <lienthong@gialai.gov.vn>"
        .parse()
        .unwrap()
}

fn to() -> Recipients {
    Recipients::one("Văn thư <vanthu@iadom.gov.vn>".parse::<Mailbox>().unwrap())
}

fn written(notice: &Notice) -> String {
    let letter = compose(notice, &from(), &to(), instant("2025-07-01T01:02:03Z"));
    String::from_utf8(letter.bytes().to_vec()).unwrap()
}

/// The header lines of a letter, folded lines joined.
fn headers(written: &str) -> Vec<String> {
    let head = written.split("\r\n\r\n").next().unwrap();
    head.replace("\r\n ", " ")
        .split("\r\n")
        .map(ToOwned::to_owned)
        .collect()
}

/// A header with its encoded words decoded (RFC 2047, base64 form only).
fn header(written: &str, name: &str) -> String {
    let start = format!("{name}: ");
    let line = headers(written)
        .into_iter()
        .find(|line| line.starts_with(&start))
        .unwrap();
    let joined = line
        .trim_start_matches(&start)
        .replace("?= =?utf-8?b?", "?==?utf-8?b?");
    let mut text = String::new();
    for piece in joined.split("=?utf-8?b?") {
        match piece.split_once("?=") {
            Some((word, rest)) => text += &(decoded(word) + rest),
            None => text += piece,
        }
    }
    text
}

fn decoded(base64_text: &str) -> String {
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(base64_text)
        .unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn the_headers_say_who_what_and_when() {
    let written = written(&refused(facts()));
    let subject = "[Liên thông] Từ chối: 123/QĐ-UBND – Phê duyệt kế hoạch chuyển đổi số";
    assert_eq!(header(&written, "Subject"), subject);
    assert_eq!(
        header(&written, "From"),
        "Trục liên thông Gia Lai <lienthong@gialai.gov.vn>"
    );
    assert_eq!(header(&written, "To"), "Văn thư <vanthu@iadom.gov.vn>");
    assert_eq!(header(&written, "Date"), "Tue, 01 Jul 2025 08:02:03 +0700");
    assert_eq!(header(&written, "Auto-Submitted"), "auto-generated");
    let thread = format!("<lienthong.document.{DOCUMENT}@gialai.gov.vn>");
    assert_eq!(header(&written, "References"), thread);
    assert!(header(&written, "Content-Type").starts_with("multipart/alternative;"));
}

#[test]
fn a_letter_is_ascii_with_short_lines_and_no_bare_line_end() {
    let mut long = facts();
    long.short_subject = Some("Ấ".repeat(3000));
    long.sender = "x".repeat(3000);
    for notice in [Notice::Arrived { facts: facts() }, refused(long)] {
        let written = written(&notice);
        assert!(written.is_ascii());
        assert!(!written.replace("\r\n", "").contains(['\r', '\n']));
        assert!(written.split("\r\n").all(|line| line.len() <= 998));
    }
}

#[test]
fn the_same_notice_gives_the_same_bytes() {
    assert_eq!(written(&refused(facts())), written(&refused(facts())));
}

#[test]
fn the_message_id_follows_delivery_recipients_and_kind_only() {
    let id = |notice: &Notice, to: &Recipients, at: &str| {
        compose(notice, &from(), to, instant(at))
            .message_id()
            .to_owned()
    };
    let one = id(&refused(facts()), &to(), "2025-07-01T01:02:03Z");
    let told_later = Facts {
        short_subject: None,
        ..facts()
    };
    assert_eq!(one, id(&refused(told_later), &to(), "2025-07-02T00:00:00Z"));
    assert!(
        one.starts_with("lienthong.refused.") && one.ends_with("@gialai.gov.vn"),
        "{one}"
    );

    let at = "2025-07-01T01:02:03Z";
    assert_ne!(one, id(&Notice::Arrived { facts: facts() }, &to(), at));
    let elsewhere = Facts {
        delivery: DOCUMENT.parse().unwrap(),
        ..facts()
    };
    assert_ne!(one, id(&refused(elsewhere), &to(), at));
    let address = |text: &str| text.parse::<EmailAddress>().unwrap();
    let (a, b) = (address("a@iadom.gov.vn"), address("B@iadom.gov.vn"));
    let forth = id(
        &refused(facts()),
        &Recipients::one(a.clone()).and(b.clone()),
        at,
    );
    let back = id(&refused(facts()), &Recipients::one(b).and(a), at);
    assert_eq!(forth, back);
    assert_ne!(one, forth);
}

#[test]
fn line_ends_in_facts_cannot_add_a_header() {
    let evil = "x\r\nBcc: thief@evil.vn\r\n\r\n<script>";
    let facts = Facts {
        short_subject: Some(evil.to_owned()),
        sender: evil.to_owned(),
        receiver: evil.to_owned(),
        ..facts()
    };
    let from = Mailbox::named(evil, "a@b.vn".parse().unwrap());
    let to = Recipients::one(Mailbox::named(evil, "c@d.vn".parse().unwrap()));
    let letter = compose(&refused(facts), &from, &to, instant("2025-07-01T01:02:03Z"));
    let written = String::from_utf8(letter.bytes().to_vec()).unwrap();
    let headers = headers(&written);
    let mut names: Vec<&str> = headers
        .iter()
        .map(|line| line.split_once(": ").unwrap().0)
        .collect();
    names.sort_unstable();
    let expected = [
        "Auto-Submitted",
        "Content-Type",
        "Date",
        "From",
        "MIME-Version",
        "Message-ID",
        "References",
        "Subject",
        "To",
    ];
    assert_eq!(names, expected);
    assert!(letter.subject().contains("x Bcc: thief@evil.vn <script>"));
}

#[test]
fn the_subject_of_a_marked_document_is_left_out() {
    let notice = refused(Facts {
        short_subject: None,
        ..facts()
    });
    let letter = compose(&notice, &from(), &to(), instant("2025-07-01T01:02:03Z"));
    assert_eq!(letter.subject(), "[Liên thông] Từ chối: 123/QĐ-UBND");
}

#[test]
fn a_letter_narrowed_for_a_retry_stays_the_same_letter() {
    let address = |text: &str| text.parse::<EmailAddress>().unwrap();
    let two = Recipients::one(address("a@b.vn")).and(address("c@b.vn"));
    let letter = compose(
        &refused(facts()),
        &from(),
        &two,
        instant("2025-07-01T01:02:03Z"),
    );
    let narrowed = letter
        .only_to(&[address("c@b.vn"), address("z@b.vn")])
        .unwrap();
    assert_eq!(narrowed.recipients(), [address("c@b.vn")]);
    assert_eq!(
        (narrowed.message_id(), narrowed.bytes()),
        (letter.message_id(), letter.bytes())
    );
    assert_eq!(letter.only_to(&[address("z@b.vn")]), None);
}

#[test]
fn the_words_are_said_in_both_languages_with_vietnam_time() {
    let words = [Language::Vietnamese, Language::English];
    let words = words.map(|language| wording(&refused(facts()), language));
    let text = plain_text(&words, "https://x.vn/1");
    let first = text.find("Văn bản bị từ chối tiếp nhận").unwrap();
    assert!(first < text.find("The document has been refused").unwrap());
    for expected in [
        "Số, ký hiệu: 123/QĐ-UBND",
        "Lý do: RF03 Thiếu chữ ký bắt buộc (người có thẩm quyền hoặc cơ quan): thiếu con dấu",
        "https://x.vn/1",
        "Thời điểm: 01/07/2025 00:30:05 (UTC+07:00)",
        "Sending agency: UBND xã Ia Dom",
        DELIVERY,
    ] {
        assert!(text.contains(expected), "{expected} is missing in\n{text}");
    }
    assert!(!text.contains("mail-"), "a phrase is missing:\n{text}");
}

#[test]
fn the_page_escapes_every_fact_and_loads_nothing() {
    let evil = "<img src=x onerror=alert(1)>\"'&";
    let facts = Facts {
        sender: evil.to_owned(),
        ..facts()
    };
    let notice = Notice::DeliveryFailed {
        facts,
        reason: Explanation::said(evil),
    };
    let words = [Language::Vietnamese].map(|language| wording(&notice, language));
    let page = html::page(&notice, evil, &words, "https://x.vn/?a=1&b=2").unwrap();
    assert!(
        !page.contains("<img") && !page.contains("<script"),
        "{page}"
    );
    assert!(!page.contains("<link") && !page.contains("url("), "{page}");
    assert!(
        page.contains("&#60;img") || page.contains("&lt;img"),
        "{page}"
    );
    assert!(
        page.contains("a=1&#38;b=2") || page.contains("a=1&amp;b=2"),
        "{page}"
    );
}
