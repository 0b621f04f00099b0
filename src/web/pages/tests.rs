//! Claims about all pages: whatever a document is called, it stays text; every sentence exists in
//! both languages.

use std::collections::BTreeSet;

use askama::Template as _;
use proptest::prelude::*;

use super::frame::Frame;
use super::show::{self, Badge};
use crate::domain::deadline::Rule;
use crate::domain::deadline_clock::State;
use crate::domain::delivery::{HandlingState, TransportState};
use crate::domain::document::Urgency;
use crate::domain::language::Language;
use crate::domain::receipt::Event;
use crate::domain::refusal::ReasonCode;
use crate::phrases;

const LANGUAGES: [Language; 2] = [Language::Vietnamese, Language::English];

/// Every template and page source, for looking up the keys they use.
const SOURCES: &[&str] = &[
    include_str!("../../../templates/pages/compose.html"),
    include_str!("../../../templates/pages/document.html"),
    include_str!("../../../templates/pages/enter.html"),
    include_str!("../../../templates/pages/fault.html"),
    include_str!("../../../templates/pages/frame.html"),
    include_str!("../../../templates/pages/incoming.html"),
    include_str!("../../../templates/pages/onward.html"),
    include_str!("../../../templates/pages/outgoing.html"),
    include_str!("../../../templates/pages/received.html"),
    include_str!("../../../templates/pages/sign_in.html"),
    include_str!("../../../templates/pages/timeline.html"),
    include_str!("../../../templates/pages/verdict.html"),
    include_str!("../../../templates/pages/verify.html"),
    include_str!("../../../templates/pages/waiting.html"),
    include_str!("compose.rs"),
    include_str!("document.rs"),
    include_str!("entered.rs"),
    include_str!("frame.rs"),
    include_str!("received.rs"),
    include_str!("report.rs"),
    include_str!("show.rs"),
    include_str!("timeline.rs"),
    include_str!("verify.rs"),
    include_str!("../problem.rs"),
];

/// Keys put together from a word: not found by looking for them.
const BUILT: &[&str] = &["pages-notice-", "pages-row-", "problem-"];

fn used() -> BTreeSet<String> {
    let quoted = SOURCES.iter().flat_map(|source| source.split('"'));
    let is_key = |text: &&str| {
        let known = text.starts_with("pages-") || text.starts_with("refusal-");
        known && !text.ends_with('-') && !text.contains(['{', '/', ' ', '.'])
    };
    quoted.filter(is_key).map(str::to_owned).collect()
}

#[test]
fn every_sentence_of_the_pages_exists_in_both_languages() {
    for key in used() {
        for language in LANGUAGES {
            assert!(phrases::has(language, &key), "{language}: {key}");
        }
    }
}

#[test]
fn no_sentence_of_the_pages_is_left_over() {
    let used = used();
    let catalogue = include_str!("../../../assets/phrases/vi/pages.ftl");
    let keys = catalogue.lines().filter_map(|line| line.split_once(" = "));
    for (key, _) in keys {
        let is_built = BUILT.iter().any(|start| key.starts_with(start));
        assert!(is_built || used.contains(key), "{key} is said nowhere");
    }
}

#[test]
fn every_state_event_and_reason_has_its_words_in_both_languages() {
    let mut keys: Vec<String> = Vec::new();
    let carried = [
        TransportState::Submitted,
        TransportState::Queued,
        TransportState::Relayed { hop: 1 },
        TransportState::Consigned,
        TransportState::Accessed,
        TransportState::Failed,
    ];
    keys.extend(carried.map(|state| state.phrase().to_owned()));
    keys.extend(HandlingState::ALL.map(|state| state.phrase().to_owned()));
    keys.extend(Event::ALL.map(|event| event.phrase().to_owned()));
    keys.extend(Urgency::ALL.map(|level| level.phrase().to_owned()));
    keys.extend(ReasonCode::ALL.map(ReasonCode::phrase));
    keys.extend(State::ALL.map(|state| state.phrase().to_owned()));
    keys.extend(Rule::ALL.map(|rule| rule.phrase().to_owned()));
    for stage in ["registered", "sealed", "dispatched", "failed", "received"] {
        keys.push(format!("stage-{stage}"));
    }
    for notice in [
        "arrived", "accepted", "refused", "failed", "due-soon", "overdue",
    ] {
        keys.push(format!("pages-notice-{notice}"));
    }
    for row in [
        "integrity",
        "trust",
        "revocation",
        "time",
        "coverage",
        "changes",
        "authority",
    ] {
        keys.push(format!("pages-row-{row}"));
    }
    for key in keys {
        for language in LANGUAGES {
            assert!(phrases::has(language, &key), "{language}: {key}");
        }
    }
}

fn templates() -> impl Iterator<Item = &'static str> {
    SOURCES
        .iter()
        .copied()
        .filter(|source| !source.starts_with("//!"))
}

#[test]
fn no_template_turns_escaping_off_or_leaves_an_attribute_unquoted() {
    for template in templates() {
        let plain = template.replace(' ', "").replace("0;url={{", "");
        for hole in ["|safe", "autoescape", "={{", "|unsafe"] {
            assert!(!plain.contains(hole), "{hole} in {template}");
        }
    }
}

#[test]
fn no_template_holds_what_the_policy_forbids() {
    for template in templates() {
        let lower = template.to_lowercase();
        for forbidden in [
            "<script",
            " style=",
            " onclick=",
            " onload=",
            "javascript:",
            "http://",
        ] {
            assert!(!lower.contains(forbidden), "{forbidden} in {template}");
        }
    }
}

fn badge(word: &str) -> String {
    let badge = Badge {
        word: word.to_owned(),
        ..show::badge(Language::English, "good", "handling-accepted")
    };
    badge.render().unwrap()
}

#[test]
fn a_badge_escapes_its_word() {
    let html = badge("<script>alert(1)</script>");
    assert!(!html.contains("<script"), "{html}");
}

proptest! {
    #[test]
    fn no_text_whatever_makes_a_tag_of_its_own(word in "\\PC*") {
        let count = |html: &str| html.matches('<').count();
        prop_assert_eq!(count(&badge(&word)), count(&badge("")));
    }
}

#[test]
fn a_frame_without_a_hub_still_names_style_and_icon() {
    let frame = Frame::bare(Language::Vietnamese);
    assert!(frame.style.starts_with("/assets/lienthong-") && frame.style.ends_with(".css"));
    assert!(frame.icon.ends_with(".svg"));
}
