//! State secrets must never enter the service: a document marked so is refused and its content is
//! not kept. Source: Decision 28/2018/QĐ-TTg, article 1(2); Decree 30/2020/NĐ-CP, Annex I (box 10a).

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// The markings, by what stands before the last word, accents left out.
const MARKINGS: [(&str, &str); 3] = [("TUYET", "TUYỆT MẬT"), ("TOI", "TỐI MẬT"), ("", "MẬT")];
/// The last word, with its accents or typed without any. "MẶT", "MẮT", "MẤT" are other words.
const LAST: [&str; 2] = ["MẬT", "MAT"];
/// What may introduce a marking on its line ("Độ mật: ..."), blanks and accents left out.
const LABELS: [&str; 4] = ["DOMAT", "MUCDOMAT", "DAUCHIDOMAT", "DAUMAT"];
/// Words that make another word of a "mật" that begins the next line: bảo mật, bí mật.
const BEFORE: [&str; 6] = ["BẢO", "BÍ", "CƠ", "THÂN", "ẨN", "KÍN"];
/// Words that make another word of a "mật" that ends the line before: mật mã, mật độ.
const AFTER: [&str; 6] = ["MÃ", "ĐỘ", "KHẨU", "ONG", "VỤ", "THIẾT"];

/// The marking called `name`.
#[must_use]
pub fn known(name: &str) -> Option<&'static str> {
    let mut names = MARKINGS.into_iter().map(|(_, name)| name);
    names.find(|known| *known == name)
}

/// The secrecy marking that stands alone, in capitals, in `text` (a subject, a notation), if there
/// is one; letters may be spaced and accents missing. "bảo mật" and "mật ong" are ordinary words.
#[must_use]
pub fn marking(text: &str) -> Option<&'static str> {
    let text = compatible(text);
    let words = text
        .split(|c: char| !c.is_alphanumeric() && c != ' ')
        .map(str::trim);
    let whole = squeezed(&text);
    words
        .flat_map(phrases)
        .map(|phrase| squeezed(&phrase))
        // Without accents and alone it may be an abbreviation, unless there is nothing else.
        .filter(|phrase| phrase != "MAT" || *phrase == whole)
        .find_map(|phrase| named(&phrase))
}

/// The secrecy marking that a page shows on a line, or in a box, of its own. `segments` are the
/// pieces of text with the line each stands in, from the top.
#[must_use]
pub fn page_marking(segments: &[(usize, &str)]) -> Option<&'static str> {
    let own = segments
        .iter()
        .map(|(line, text)| (*line, Cow::Borrowed(*text)));
    own.chain(joined(segments)).find_map(|(line, text)| {
        let found = standing(&text)?;
        let is_word = found == "MẬT" && is_broken_word(segments, line);
        (!is_word).then_some(found)
    })
}

/// The lines of several pieces, joined.
fn joined<'t>(segments: &[(usize, &'t str)]) -> impl Iterator<Item = (usize, Cow<'t, str>)> {
    let same = |one: &(usize, &str), two: &(usize, &str)| one.0 == two.0;
    let lines = segments.chunk_by(same).filter(|line| line.len() > 1);
    lines.filter_map(|line| {
        let pieces: Vec<&str> = line.iter().map(|(_, text)| *text).collect();
        Some((line.first()?.0, pieces.join(" ").into()))
    })
}

/// The marking that `text` is, but for a label before it and signs around it.
fn standing(text: &str) -> Option<&'static str> {
    let text = compatible(text);
    let (label, rest) = match text.split_once(':') {
        Some((label, rest)) => (Some(label), rest),
        None => (None, &*text),
    };
    // Hardly any line ends like one: the others cost nothing more.
    LAST.iter().find(|last| ends_with(rest, last))?;
    let found = named(&squeezed(rest))?;
    let label = label.map(|label| bare(&squeezed(&label.to_uppercase())));
    label
        .is_none_or(|label| LABELS.contains(&label.as_str()))
        .then_some(found)
}

/// Whether "mật" in `line` belongs to a word that began on the line above or goes on below.
fn is_broken_word(segments: &[(usize, &str)], line: usize) -> bool {
    let of = |wanted: Option<usize>| {
        let found = segments.iter().filter(move |(at, _)| Some(*at) == wanted);
        found.map(|(_, text)| compatible(text).to_uppercase())
    };
    let last = |text: String| text.split_whitespace().next_back().map(str::to_owned);
    let first = |text: String| text.split_whitespace().next().map(str::to_owned);
    let mut above = of(line.checked_sub(1)).filter_map(last);
    let mut below = of(line.checked_add(1)).filter_map(first);
    above.any(|word| BEFORE.contains(&word.as_str()))
        || below.any(|word| AFTER.contains(&word.as_str()))
}

/// One letter written one way, wide and narrow ones alike (NFKC).
fn compatible(text: &str) -> Cow<'_, str> {
    match is_nfkc_quick(text.chars()) {
        IsNormalized::Yes => text.into(),
        _ => text.nfkc().collect::<String>().into(),
    }
}

/// Letters and digits only.
fn squeezed(text: &str) -> String {
    text.nfc().filter(is_letter).collect()
}

/// Whether the letters of `text` end with those of `last`.
fn ends_with(text: &str, last: &str) -> bool {
    let mut letters = text.chars().rev().filter(is_letter);
    last.chars().rev().all(|c| letters.next() == Some(c))
}

/// Digits count.
fn is_letter(c: &char) -> bool {
    c.is_alphanumeric()
}

/// Accents left out; đ is a letter of its own.
fn bare(text: &str) -> String {
    let plain = text.nfd().filter(|c| !is_combining_mark(*c));
    plain.map(|c| if c == 'Đ' { 'D' } else { c }).collect()
}

/// The marking a text of capitals without blanks is.
fn named(squeezed: &str) -> Option<&'static str> {
    let rest = LAST.iter().find_map(|last| squeezed.strip_suffix(last))?;
    let rest = bare(rest);
    let mut markings = MARKINGS.into_iter();
    markings.find(|(first, _)| *first == rest).map(|one| one.1)
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
        for (text, found) in [
            ("MẬT", "MẬT"),
            ("Báo cáo (TỐI MẬT) quý I", "TỐI MẬT"),
            ("TUYỆT MẬT - về kế hoạch", "TUYỆT MẬT"),
            ("Báo cáo [TOI MAT]", "TỐI MẬT"),
            ("M Ậ T", "MẬT"),
            ("T U Y Ệ T  M Ậ T: kế hoạch", "TUYỆT MẬT"),
            ("ＭẬＴ", "MẬT"),
            ("MAT", "MẬT"),
        ] {
            assert_eq!(marking(text), Some(found), "{text}");
        }
    }

    #[test]
    fn ordinary_words_are_not_markings() {
        for text in [
            "Về bảo mật thông tin",
            "ĐỀ ÁN BẢO MẬT THÔNG TIN",
            "Dự án nuôi ong lấy mật",
            "Mật ong Gia Lai",
            "Hội chứng (MAT) ở trẻ em",
            "MẶT TRẬN (MẶT)",
        ] {
            assert_eq!(marking(text), None, "{text}");
        }
    }

    fn page(lines: &[&str]) -> Option<&'static str> {
        let segments: Vec<(usize, &str)> = lines.iter().copied().enumerate().collect();
        page_marking(&segments)
    }

    #[test]
    fn a_line_of_its_own_is_a_marking() {
        for (line, found) in [
            ("MẬT", "MẬT"),
            ("MAT", "MẬT"),
            ("M Ậ T", "MẬT"),
            ("[ TỐI MẬT ]", "TỐI MẬT"),
            ("TOI MAT", "TỐI MẬT"),
            ("TUYỆT  MẬT", "TUYỆT MẬT"),
            ("T u y ệ t".to_uppercase().as_str(), ""),
            ("Độ mật: TỐI MẬT", "TỐI MẬT"),
            ("M\u{1EA1}\u{302}T".to_uppercase().as_str(), "MẬT"),
        ] {
            let expected = Some(found).filter(|found| !found.is_empty());
            assert_eq!(page(&["ỦY BAN", line, "Số: 15"]), expected, "{line}");
        }
    }

    #[test]
    fn ordinary_lines_are_no_marking() {
        for lines in [
            &["QUY CHẾ BẢO MẬT"][..],
            &["VỀ VIỆC BẢO", "MẬT", "THÔNG TIN"],
            &["BẢO VỆ BÍ", "MẬT", "NHÀ NƯỚC"],
            &["LUẬT VỀ", "MẬT", "MÃ DÂN SỰ"],
            &["Mật độ dân số"],
            &["mật"],
            &["MẶT"],
            &["Kính gửi: MẬT VỤ"],
            &["Nội dung: MẬT"],
        ] {
            assert_eq!(page(lines), None, "{lines:?}");
        }
    }

    #[test]
    fn a_box_beside_other_text_is_found() {
        let segments = [(0, "MẬT"), (0, "Gia Lai, ngày 05 tháng 01 năm 2026")];
        assert_eq!(page_marking(&segments), Some("MẬT"));
        let apart = [(3, "M"), (3, "Ậ"), (3, "T")];
        assert_eq!(page_marking(&apart), Some("MẬT"));
    }
}
