//! The words of a mail, from the catalogue, in one language at a time.

use std::fmt::Write;

use crate::domain::clock::vietnam_time;
use crate::domain::language::Language;
use crate::notify::notice::Notice;
use crate::phrases;

/// The longest fact shown, in characters.
const LONGEST_FACT: usize = 1200;
/// The longest short subject in a `Subject` header, in characters.
const LONGEST_SUBJECT: usize = 100;

/// Everything a mail says in one language, ready to be laid out.
pub(super) struct Wording {
    /// `vi` or `en`.
    pub(super) language: String,
    /// What happened, as a title.
    pub(super) heading: String,
    /// What happened and what to do, as a sentence or two.
    pub(super) lead: String,
    /// Label and fact.
    pub(super) rows: Vec<(String, String)>,
    /// The words on the button.
    pub(super) open: String,
    /// What this mail is not.
    pub(super) hint: String,
    /// The name of the product.
    pub(super) product: String,
}

/// The words of `notice` in `language`.
pub(super) fn wording(notice: &Notice, language: Language) -> Wording {
    let say = |key: &str| phrases::text(language, key, &[]);
    let facts = notice.facts();
    let fact = |text: &str| one_line(text, LONGEST_FACT);
    let (number, sender, receiver) = (
        facts.number.to_string(),
        fact(&facts.sender),
        fact(&facts.receiver),
    );
    let names = [
        ("number", number.as_str()),
        ("sender", &sender),
        ("receiver", &receiver),
    ];
    let lead = phrases::text(language, &format!("mail-lead-{}", notice.kind()), &names);
    Wording {
        language: language.to_string(),
        heading: say(&format!("mail-heading-{}", notice.kind())),
        lead,
        rows: rows(notice, language),
        open: say("mail-open"),
        hint: say("mail-hint"),
        product: say("mail-product"),
    }
}

/// The `Subject` of the mail, in Vietnamese.
pub(super) fn subject(notice: &Notice) -> String {
    let language = Language::Vietnamese;
    let event = phrases::text(language, &format!("mail-event-{}", notice.kind()), &[]);
    let number = notice.facts().number.to_string();
    let short = notice
        .facts()
        .short_subject
        .as_deref()
        .map(|text| one_line(text, LONGEST_SUBJECT));
    let mut arguments = vec![("event", event.as_str()), ("number", number.as_str())];
    let key = match short.as_deref() {
        Some(short) if !short.is_empty() => {
            arguments.push(("subject", short));
            "mail-subject"
        }
        _ => "mail-subject-bare",
    };
    phrases::text(language, key, &arguments)
}

/// The plain text of a mail: one wording after the other.
pub(super) fn plain_text(wordings: &[Wording], link: &str) -> String {
    let parts: Vec<String> = wordings
        .iter()
        .map(|wording| plain_part(wording, link))
        .collect();
    parts.join("\n----------------------------------------\n\n")
}

/// `text` on one line of at most `limit` characters: line ends, tabs and other control characters
/// become spaces, marks that reverse the reading direction vanish, `=?` cannot open an encoded word
/// (RFC 2047), and what is too long ends in `…`.
pub(super) fn one_line(text: &str, limit: usize) -> String {
    let visible = text.chars().filter(|c| !reverses(*c));
    let spaced: String = visible.map(|c| if breaks(c) { ' ' } else { c }).collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    shorten(&words.join(" ").replace("=?", "= ?"), limit)
}

fn rows(notice: &Notice, language: Language) -> Vec<(String, String)> {
    let say = |key: &str| phrases::text(language, key, &[]);
    let facts = notice.facts();
    let time = vietnam_time(facts.happened_at);
    let subject = facts
        .short_subject
        .clone()
        .unwrap_or_else(|| say("mail-subject-withheld"));
    let mut rows = vec![
        ("number", facts.number.to_string()),
        ("subject", subject),
        ("sender", facts.sender.clone()),
        ("receiver", facts.receiver.clone()),
        (
            "time",
            phrases::text(language, "mail-time", &[("time", &time)]),
        ),
    ];
    rows.extend(
        notice
            .explanation(language)
            .map(|why| (notice.explained(), why)),
    );
    rows.push(("delivery", facts.delivery.to_string()));
    let label = |name: &str| say(&format!("mail-label-{name}"));
    rows.into_iter()
        .map(|(name, fact)| (label(name), one_line(&fact, LONGEST_FACT)))
        .collect()
}

fn plain_part(wording: &Wording, link: &str) -> String {
    let mut text = format!("{}\n\n{}\n\n", wording.heading, wording.lead);
    for (label, fact) in &wording.rows {
        let _infallible = writeln!(text, "{label}: {fact}");
    }
    let _infallible = writeln!(text, "\n{}:\n{link}\n\n{}", wording.open, wording.hint);
    text
}

fn breaks(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Marks that change the direction of the text after them, the byte-order mark and isolates.
fn reverses(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Accents that follow their letter in decomposed text; Vietnamese uses no others.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}')
}

fn shorten(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().take(limit).collect();
    // A letter is not parted from its accents, and the sign of omission takes one place.
    while kept.pop().is_some_and(is_accent) {}
    let kept: String = kept.into_iter().collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_is_one_line() {
        assert_eq!(
            one_line("a\r\nBcc: b\tc\u{2028}d\0e\u{85}f", 100),
            "a Bcc: b c d e f"
        );
        assert_eq!(one_line("\u{202E}gnp.exe\u{202C}", 100), "gnp.exe");
        assert_eq!(one_line("=?utf-8?q?=0D=0A?=", 100), "= ?utf-8?q?=0D=0A?=");
        assert_eq!(one_line("=\u{200F}?utf-8?q?x?=", 100), "= ?utf-8?q?x?=");
        assert_eq!(one_line("  Đà   Nẵng ", 100), "Đà Nẵng");
    }

    #[test]
    fn cutting_never_parts_a_letter_from_its_accents() {
        assert_eq!(one_line("abcdef", 4), "abc…");
        assert_eq!(one_line("ab cdef", 4), "ab…");
        let decomposed = "abe\u{302}\u{301}f";
        assert_eq!(one_line(decomposed, 4), "ab…");
        assert_eq!(one_line(decomposed, 6), decomposed);
        assert_eq!(one_line("𝒜𝒜𝒜", 2), "𝒜…");
    }
}
