//! A document (văn bản) and what is told about it beside its bytes.

use unicode_normalization::UnicodeNormalization;

use crate::domain::agency::AgencyCode;
use crate::domain::clock::Date;
use crate::domain::digest::Sha256;
use crate::domain::ids::DocumentId;
use crate::domain::number::DocumentNumber;
use crate::domain::refusal::Refusal;
use crate::domain::secrecy;

/// How urgent a document is. Source: Decree 30/2020/NĐ-CP annex I; codes as edXML `Priority`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Urgency {
    /// No marking.
    #[default]
    Normal,
    /// Khẩn.
    Express,
    /// Thượng khẩn.
    Urgent,
    /// Hỏa tốc.
    Flash,
}

impl Urgency {
    /// Every level, lowest first.
    pub const ALL: [Self; 4] = [Self::Normal, Self::Express, Self::Urgent, Self::Flash];

    /// The number on the wire and in the record.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Normal => 0,
            Self::Express => 1,
            Self::Urgent => 2,
            Self::Flash => 3,
        }
    }

    /// The level with this number.
    #[must_use]
    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.code() == code)
    }

    /// The phrase that names it.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Normal => "urgency-normal",
            Self::Express => "urgency-express",
            Self::Urgent => "urgency-urgent",
            Self::Flash => "urgency-flash",
        }
    }
}

/// The types of administrative documents and of copies with their abbreviations.
///
/// Source: Decree 30/2020/NĐ-CP, article 7 and annex III. Defaults; any other name is accepted.
pub const DOCUMENT_TYPES: [(&str, &str); 32] = [
    ("Nghị quyết", "NQ"),
    ("Quyết định", "QĐ"),
    ("Chỉ thị", "CT"),
    ("Quy chế", "QC"),
    ("Quy định", "QyĐ"),
    ("Thông cáo", "TC"),
    ("Thông báo", "TB"),
    ("Hướng dẫn", "HD"),
    ("Chương trình", "CTr"),
    ("Kế hoạch", "KH"),
    ("Phương án", "PA"),
    ("Đề án", "ĐA"),
    ("Dự án", "DA"),
    ("Báo cáo", "BC"),
    ("Biên bản", "BB"),
    ("Tờ trình", "TTr"),
    ("Hợp đồng", "HĐ"),
    ("Công văn", ""),
    ("Công điện", "CĐ"),
    ("Bản ghi nhớ", "BGN"),
    ("Bản thỏa thuận", "BTT"),
    ("Giấy ủy quyền", "GUQ"),
    ("Giấy mời", "GM"),
    ("Giấy giới thiệu", "GGT"),
    ("Giấy nghỉ phép", "GNP"),
    ("Phiếu gửi", "PG"),
    ("Phiếu chuyển", "PC"),
    ("Phiếu báo", "PB"),
    ("Thư công", ""),
    ("Sao y", "SY"),
    ("Sao lục", "SL"),
    ("Trích sao", "TrS"),
];

/// The forms of copy. Source: Decree 30/2020/NĐ-CP, articles 3(10)-(12), 25 and Annex III.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyForm {
    /// Sao y, a true copy.
    True,
    /// Sao lục, a copy of a copy.
    OfCopy,
    /// Trích sao, an extract.
    Extract,
}

impl CopyForm {
    /// Every form with its name and its abbreviation in notations.
    const NAMED: [(Self, &str, &str); 3] = [
        (Self::True, "Sao y", "SY"),
        (Self::OfCopy, "Sao lục", "SL"),
        (Self::Extract, "Trích sao", "TrS"),
    ];

    /// The name, as it stands in a mark.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::True => "Sao y",
            Self::OfCopy => "Sao lục",
            Self::Extract => "Trích sao",
        }
    }

    /// The form a line of a mark names: it begins with the name, whatever the case, as a word.
    #[must_use]
    pub fn named_in(line: &str) -> Option<Self> {
        let normal = |text: &str| -> String {
            let words: Vec<&str> = text.split_whitespace().collect();
            words.join(" ").nfc().collect::<String>().to_lowercase()
        };
        let line = normal(line);
        let begins = |name: &str| {
            let rest = line.strip_prefix(&normal(name));
            rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        };
        let mut forms = Self::NAMED.into_iter();
        forms.find(|(_, name, _)| begins(name)).map(|one| one.0)
    }

    /// The form of copy a document is by its type or its notation (`SY-UBND`); `None` for an original.
    #[must_use]
    pub fn of(type_name: &str, notation: &str) -> Option<Self> {
        let first = notation.split('-').next().unwrap_or_default();
        let mut forms = Self::NAMED.into_iter();
        let by_notation = forms.find(|(_, _, short)| short.eq_ignore_ascii_case(first));
        Self::named_in(type_name).or(by_notation.map(|one| one.0))
    }
}

/// What is told about a document; limits as in QCVN 102 (amended by Circular 01/2022/TT-BTTTT).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The same on every hub.
    pub id: DocumentId,
    /// The issuing agency.
    pub sender: AgencyCode,
    /// Number and notation.
    pub number: DocumentNumber,
    /// The day of the document.
    pub issued_on: Date,
    /// Name of the type, up to 100 characters.
    pub type_name: String,
    /// Subject (trích yếu), up to 500 characters.
    pub subject: String,
    /// Urgency.
    pub urgency: Urgency,
    /// Name of the file as the sender called it, up to 255 characters, no path.
    pub file_name: String,
}

/// The bytes of a document: which, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// SHA-256 of the bytes.
    pub sha256: Sha256,
    /// How many bytes.
    pub size_bytes: u64,
}

impl Header {
    /// The form of copy the document is; `None` for an original.
    #[must_use]
    pub fn copy_form(&self) -> Option<CopyForm> {
        CopyForm::of(&self.type_name, self.number.notation())
    }

    /// The header with its texts normalised (NFC, no blanks around) and its limits checked.
    ///
    /// # Errors
    /// [`Refusal::Field`] for a missing or overlong text, [`Refusal::Secret`] for a marking.
    pub fn checked(self) -> Result<Self, Refusal> {
        let header = Self {
            type_name: field("type", &self.type_name, 100)?,
            subject: field("subject", &self.subject, 500)?,
            file_name: file_name(&self.file_name)?,
            ..self
        };
        for text in [&header.subject, header.number.notation(), &header.type_name] {
            if let Some(marking) = secrecy::marking(text) {
                return Err(Refusal::Secret { marking });
            }
        }
        Ok(header)
    }
}

/// A text field: normalised, 1 to `longest` characters, no control characters.
///
/// # Errors
/// [`Refusal::Field`] that names the limit and what was found.
pub fn field(name: &'static str, text: &str, longest: usize) -> Result<String, Refusal> {
    let text: String = text.trim().nfc().collect();
    let length = text.chars().count();
    let problem = if length == 0 {
        "required / bắt buộc".to_owned()
    } else if length > longest {
        format!("at most / tối đa {longest}, found / đang có {length}")
    } else if text.chars().any(char::is_control) {
        "control characters / ký tự điều khiển".to_owned()
    } else {
        return Ok(text);
    };
    Err(Refusal::Field {
        field: name,
        problem,
    })
}

/// The last part of a name or path, so that no name ever steers a path.
fn file_name(text: &str) -> Result<String, Refusal> {
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    field("file name", last, 255)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::RandomIds;

    fn header(subject: &str, file: &str) -> Header {
        Header {
            id: DocumentId::fresh(&RandomIds, "2025-06-30T01:00:00Z".parse().unwrap()),
            sender: AgencyCode::parse("H21").unwrap(),
            number: DocumentNumber::parse("12/QĐ-UBND").unwrap(),
            issued_on: "2025-06-30".parse().unwrap(),
            type_name: "Quyết định".to_owned(),
            subject: subject.to_owned(),
            urgency: Urgency::Normal,
            file_name: file.to_owned(),
        }
    }

    #[test]
    fn any_unicode_is_a_subject_and_a_file_name() {
        let header = header(
            " Về việc họp 会议 🎉 ",
            "../../Quyết định số 12 – bản ký.pdf",
        )
        .checked();
        let header = header.unwrap();
        assert_eq!(header.subject, "Về việc họp 会议 🎉");
        assert_eq!(header.file_name, "Quyết định số 12 – bản ký.pdf");
    }

    #[test]
    fn the_subject_has_at_most_500_characters() {
        assert!(header(&"ệ".repeat(500), "a.pdf").checked().is_ok());
        let refused = header(&"ệ".repeat(501), "a.pdf").checked().unwrap_err();
        assert!(refused.to_string().contains("500"), "{refused}");
    }

    #[test]
    fn copies_are_told_by_type_or_notation() {
        for (type_name, notation, form) in [
            ("Sao y", "SY-UBND", Some(CopyForm::True)),
            ("Bản sao", "SL-UBND", Some(CopyForm::OfCopy)),
            ("TRÍCH  SAO", "UBND-VP", Some(CopyForm::Extract)),
            ("Quyết định", "TrS-UBND", Some(CopyForm::Extract)),
            ("Quyết định", "QĐ-UBND", None),
            ("Sao yếu lý lịch", "UBND", None),
        ] {
            assert_eq!(CopyForm::of(type_name, notation), form, "{type_name}");
        }
    }

    #[test]
    fn a_secret_marking_is_refused() {
        let refused = header("TỐI MẬT: về kế hoạch", "a.pdf")
            .checked()
            .unwrap_err();
        assert_eq!(
            refused,
            Refusal::Secret {
                marking: "TỐI MẬT"
            }
        );
    }
}
