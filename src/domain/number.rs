//! Number and notation of a document (số, ký hiệu), such as `15/UBND-VP` or `12/2026/QĐ-UBND`.
//! Source: Decree 30/2020/NĐ-CP, annex I part II 3 and article 15.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use crate::domain::refusal::Refusal;

/// A number with its notation, normalised (NFC, the letter Đ and not the look-alike Ð, numbers
/// below ten with a zero before them).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DocumentNumber {
    number: String,
    notation: String,
}

impl DocumentNumber {
    /// Parses `number/notation`; the notation of a normative document begins with its year.
    ///
    /// # Errors
    /// [`Refusal::Field`] that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let text = normalise(text);
        let (number, notation) = text
            .split_once('/')
            .ok_or_else(|| wrong(&text, "expected number/notation"))?;
        Self::new(number, notation)
    }

    /// A number from its two parts.
    ///
    /// # Errors
    /// [`Refusal::Field`] that says what is wrong.
    pub fn new(number: &str, notation: &str) -> Result<Self, Refusal> {
        let (number, notation) = (normalise(number), normalise(notation));
        let digits = number.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let suffix = number.len() - digits.len();
        if digits.is_empty() || digits.len() > 6 || suffix > 1 {
            return Err(wrong(
                &number,
                "expected 1 to 6 digits and at most one letter",
            ));
        }
        if !digits.bytes().all(|b| b.is_ascii_digit()) || digits.bytes().all(|b| b == b'0') {
            return Err(wrong(&number, "expected a number from 1"));
        }
        check_notation(&notation)?;
        let padded = if digits.len() == 1 {
            format!("0{number}")
        } else {
            number
        };
        Ok(Self {
            number: padded,
            notation,
        })
    }

    /// The number, such as `07` or `12a`.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The notation, such as `UBND-VP`.
    #[must_use]
    pub fn notation(&self) -> &str {
        &self.notation
    }
}

impl fmt::Display for DocumentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.notation)
    }
}

fn normalise(text: &str) -> String {
    text.trim()
        .nfc()
        .map(|c| if c == '\u{D0}' { 'Đ' } else { c })
        .collect()
}

fn check_notation(notation: &str) -> Result<(), Refusal> {
    let length = notation.chars().count();
    if length == 0 || length > 30 {
        return Err(wrong(notation, "expected a notation of 1 to 30 characters"));
    }
    let group_is_well_formed =
        |group: &str| !group.is_empty() && group.chars().all(char::is_alphanumeric);
    if !notation
        .split(['-', '.', '&', '/'])
        .all(group_is_well_formed)
    {
        return Err(wrong(
            notation,
            "expected letters and digits joined by - . & /, no blanks",
        ));
    }
    Ok(())
}

fn wrong(found: &str, expected: &str) -> Refusal {
    let found: String = found.chars().take(60).collect();
    Refusal::Field {
        field: "number",
        problem: format!("{expected}, found {found:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        DocumentNumber::parse(text).unwrap().to_string()
    }

    #[test]
    fn the_forms_of_the_decree_are_read() {
        for text in [
            "15/QĐ-BNV",
            "07/BC-SKHCN-VP",
            "12/UBND-VX",
            "12/2026/QĐ-UBND",
            "12a/TTr-UBND",
        ] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn numbers_below_ten_get_a_zero() {
        assert_eq!(shown("5/BNV-VP"), "05/BNV-VP");
    }

    #[test]
    fn look_alike_and_decomposed_letters_become_one() {
        assert_eq!(shown("15/Q\u{D0}-UBND"), "15/QĐ-UBND");
        assert_eq!(shown("15/QĐ-SYT-Ơ"), shown("15/QĐ-SYT-O\u{31B}"));
    }

    #[test]
    fn anything_else_is_refused_with_the_reason() {
        for text in [
            "",
            "15",
            "/QĐ",
            "0/QĐ",
            "15/",
            "15/QĐ UBND",
            "1234567/QĐ",
            "x/QĐ",
            "15/-QĐ",
            "15/a\n",
        ] {
            let refused = DocumentNumber::parse(text);
            if text == "15/a\n" {
                assert!(refused.is_ok());
                continue;
            }
            assert!(
                matches!(refused, Err(Refusal::Field { .. })),
                "{text:?}: {refused:?}"
            );
        }
    }
}
