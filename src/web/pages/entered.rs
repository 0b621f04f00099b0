//! The form for a new document as the clerk left it, and what is wrong with it.

use crate::domain::clock::Date;
use crate::domain::document::{Content, DOCUMENT_TYPES, Urgency};
use crate::domain::language::Language;
use crate::domain::number::DocumentNumber;
use crate::domain::refusal::Refusal;
use crate::exchange::Category;
use crate::exchange::compose::Draft;
use crate::phrases;
use crate::web::problem;
use crate::web::upload::{File, Form};

/// Longest subject in characters.
const LONGEST_SUBJECT: usize = 500;
/// Longest name of a type in characters.
const LONGEST_TYPE: usize = 100;

/// What the clerk entered, exactly as it was.
#[derive(Debug, Default, Clone)]
pub(super) struct Entered {
    pub(super) key: String,
    pub(super) number: String,
    pub(super) issued_on: String,
    pub(super) type_name: String,
    pub(super) subject: String,
    pub(super) urgency: i16,
    pub(super) recipients: Vec<String>,
    pub(super) quick: [String; 3],
    pub(super) signer: String,
    /// Digest of the file whose warnings the clerk has seen and accepts.
    pub(super) noticed: String,
}

/// A sentence beside a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint {
    /// The field's name in the form.
    pub(super) field: &'static str,
    /// What is wrong and how to mend it.
    pub(super) text: String,
}

impl Entered {
    /// The entries of a form.
    pub(super) fn of(form: &Form) -> Self {
        let one = |name: &str| form.value(name).to_owned();
        let mut quick = form.values("recipient_quick").map(str::to_owned);
        Self {
            key: one("key"),
            number: one("number"),
            issued_on: one("issued_on"),
            type_name: one("type"),
            subject: one("subject"),
            urgency: form.value("urgency").parse().unwrap_or_default(),
            recipients: form.values("recipient").map(str::to_owned).collect(),
            quick: std::array::from_fn(|_| quick.next().unwrap_or_default()),
            signer: one("signer"),
            noticed: one("noticed"),
        }
    }

    /// Every code chosen or typed, each once. Of what was typed, the code is the first word: the
    /// suggestions are written that way.
    pub(super) fn codes(&self) -> Vec<String> {
        let typed = self
            .quick
            .iter()
            .flat_map(|line| line.split([';', ',', '\n']));
        let typed = typed.filter_map(|entry| entry.split_whitespace().next());
        let mut codes: Vec<String> = self.recipients.clone();
        for code in typed {
            if !codes.iter().any(|known| known == code) {
                codes.push(code.to_owned());
            }
        }
        codes
    }

    /// The day as browsers send it, `2025-06-30`, or as people write it, `30/06/2025`.
    fn day(&self) -> Option<Date> {
        let written = self.issued_on.trim();
        let parts: Vec<&str> = written.split('/').collect();
        match parts.as_slice() {
            [day, month, year] => format!("{year}-{month:0>2}-{day:0>2}").parse().ok(),
            _ => written.parse().ok(),
        }
    }

    /// Everything that can be said about the entries without asking the hub, all at once.
    pub(super) fn complaints(&self, file: &File, language: Language) -> Vec<Complaint> {
        let mut found = Vec::new();
        let mut say = |field, key: &str, arguments: &[(&str, &str)]| {
            let text = phrases::text(language, key, arguments);
            found.push(Complaint { field, text });
        };
        if DocumentNumber::parse(&self.number).is_err() {
            say("number", "pages-number-wrong", &[]);
        }
        if self.day().is_none() {
            say("issued_on", "pages-date-wrong", &[]);
        }
        let mut measure = |field, text: &str, longest: usize, missing: &str, long: &str| {
            let length = text.trim().chars().count();
            let (limit, count) = (longest.to_string(), length.to_string());
            if length == 0 {
                say(field, missing, &[]);
            } else if length > longest {
                say(field, long, &[("limit", &limit), ("count", &count)]);
            }
        };
        let (missing, long) = ("pages-type-missing", "pages-type-too-long");
        measure("type", &self.type_name, LONGEST_TYPE, missing, long);
        let (missing, long) = ("pages-subject-missing", "pages-subject-too-long");
        measure("subject", &self.subject, LONGEST_SUBJECT, missing, long);
        if self.codes().is_empty() {
            say("recipients", "refusal-no-recipient", &[]);
        }
        match file {
            File::Stored(..) => {}
            File::Absent => say("file", "pages-file-missing", &[]),
            File::TooLarge(limit) => {
                let limit = problem::megabytes(*limit);
                say("file", "pages-file-too-large", &[("limit", &limit)]);
            }
        }
        found
    }

    /// The entries as `exchange` takes them.
    pub(super) fn draft(&self, file_name: String, content: Content) -> Draft {
        Draft {
            key: self.key.clone(),
            number: self.number.clone(),
            issued_on: self.day(),
            type_name: self.type_name.clone(),
            subject: self.subject.clone(),
            urgency: Urgency::from_code(self.urgency).unwrap_or_default(),
            file_name,
            content,
            recipients: self.codes(),
            signer: Some(self.signer.clone()).filter(|name| !name.is_empty()),
        }
    }
}

/// The field a no of the hub belongs to; none where it is not about the form.
pub(super) fn complaint(category: &Category, language: Language) -> Option<Complaint> {
    match category {
        Category::Refused(refusal) => {
            let text = problem::refused(refusal, language);
            let field = field_of(refusal)?;
            Some(Complaint { field, text })
        }
        Category::Unreadable(_, detail) => {
            let text = phrases::text(language, "pages-file-unusable", &[("found", detail)]);
            Some(Complaint {
                field: "file",
                text,
            })
        }
        Category::Conflict => {
            let text = phrases::text(language, "problem-conflict-detail", &[("found", "")]);
            Some(Complaint {
                field: "number",
                text,
            })
        }
        _ => None,
    }
}

fn field_of(refusal: &Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::DuplicateNumber { .. } => Some("number"),
        Refusal::Secret { .. } => Some("subject"),
        Refusal::UnknownAgency { .. }
        | Refusal::AgencyClosed { .. }
        | Refusal::AgencyNotHosted { .. }
        | Refusal::NoRecipient
        | Refusal::DuplicateRecipient { .. }
        | Refusal::SameAgency => Some("recipients"),
        Refusal::Field { field, .. } => Some(match *field {
            "date" => "issued_on",
            "type" => "type",
            "subject" => "subject",
            "signer" => "signer",
            "file name" => "file",
            _ => "number",
        }),
        _ => None,
    }
}

/// The types of Decree 30 by name, with their abbreviations.
pub(super) fn types() -> Vec<(&'static str, &'static str)> {
    DOCUMENT_TYPES.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_recipients_are_read_by_their_first_word_and_named_once() {
        let entered = Entered {
            recipients: vec!["H21.12".to_owned()],
            quick: [
                "H21.13 — UBND xã Ia Dom".to_owned(),
                " H21.12 ; H21.14".to_owned(),
                String::new(),
            ],
            ..Entered::default()
        };
        assert_eq!(entered.codes(), ["H21.12", "H21.13", "H21.14"]);
    }

    #[test]
    fn a_day_may_be_written_the_vietnamese_way() {
        let day = |text: &str| {
            let entered = Entered {
                issued_on: text.to_owned(),
                ..Entered::default()
            };
            entered.day().map(|day| day.to_string())
        };
        assert_eq!(day("30/6/2025").unwrap(), "2025-06-30");
        assert_eq!(day("2025-06-30").unwrap(), "2025-06-30");
        assert_eq!(day("31/06/2025"), None);
    }

    #[test]
    fn everything_missing_is_said_at_once() {
        let said = Entered::default().complaints(&File::Absent, Language::English);
        let fields: Vec<&str> = said.iter().map(|one| one.field).collect();
        let all = [
            "number",
            "issued_on",
            "type",
            "subject",
            "recipients",
            "file",
        ];
        assert_eq!(fields, all);
    }

    #[test]
    fn a_subject_of_501_characters_is_told_with_its_length() {
        let entered = Entered {
            subject: "ệ".repeat(501),
            ..Entered::default()
        };
        let said = entered.complaints(&File::Absent, Language::English);
        let subject = said.iter().find(|one| one.field == "subject").unwrap();
        assert!(subject.text.contains("500") && subject.text.contains("501"));
    }

    #[test]
    fn a_no_of_the_hub_stands_beside_its_field() {
        let taken = Refusal::DuplicateNumber {
            number: "07/UBND".to_owned(),
            year: 2025,
        };
        let said = complaint(&Category::Refused(taken), Language::English).unwrap();
        assert_eq!(said.field, "number");
        assert_eq!(complaint(&Category::NotFound, Language::English), None);
    }
}
