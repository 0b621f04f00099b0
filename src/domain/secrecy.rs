//! State secrets must never enter the service: a document marked so is refused and its content is
//! not kept. Source: Decision 28/2018/QĐ-TTg, article 1(2).

use unicode_normalization::UnicodeNormalization;

/// Markings, the longer before the shorter that they contain.
const MARKINGS: [&str; 3] = ["TUYỆT MẬT", "TỐI MẬT", "MẬT"];

/// The secrecy marking that stands alone, in capitals, in `text` (a subject, a notation, the text
/// of a first page), if there is one. "bảo mật" and "mật ong" are ordinary words.
#[must_use]
pub fn marking(text: &str) -> Option<&'static str> {
    let text: String = text.nfc().collect();
    MARKINGS
        .into_iter()
        .find(|marking| stands_alone(&text, marking))
}

fn stands_alone(text: &str, marking: &str) -> bool {
    let words = text
        .split(|c: char| !c.is_alphanumeric() && c != ' ')
        .map(str::trim);
    words.flat_map(phrases).any(|phrase| phrase == marking)
}

/// The runs of fully capital words in a piece of text.
fn phrases(piece: &str) -> Vec<String> {
    let mut runs = vec![String::new()];
    for word in piece.split_whitespace() {
        let capital = word.chars().all(|c| !c.is_lowercase());
        match runs.last_mut() {
            Some(run) if capital => {
                if !run.is_empty() {
                    run.push(' ');
                }
                run.push_str(word);
            }
            _ => runs.push(String::new()),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marking_in_capitals_standing_alone_is_found() {
        assert_eq!(marking("MẬT"), Some("MẬT"));
        assert_eq!(marking("Báo cáo (TỐI MẬT) quý I"), Some("TỐI MẬT"));
        assert_eq!(marking("TUYỆT MẬT - về kế hoạch"), Some("TUYỆT MẬT"));
    }

    #[test]
    fn ordinary_words_are_not_markings() {
        for text in [
            "Về bảo mật thông tin",
            "ĐỀ ÁN BẢO MẬT THÔNG TIN",
            "Dự án nuôi ong lấy mật",
            "Mật ong Gia Lai",
        ] {
            assert_eq!(marking(text), None, "{text}");
        }
    }
}
