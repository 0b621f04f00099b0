//! Names that can be taken for others: letters of foreign scripts that look like ours, characters
//! that cannot be seen or turn the direction of writing, letters in compatibility forms, and accents
//! apart from their letters. Such a name is shown with its odd characters as codes; it decides nothing.
//! Source: Unicode Technical Standard 39, sections 4 and 5; decision paper 18.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_script::{Script, UnicodeScript};

/// What is odd about a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Oddity {
    /// Characters that are not seen, or that turn the direction of writing.
    Hidden,
    /// Letters of another script, or Ð where Đ is meant.
    Foreign,
    /// Letters in another form, such as full-width.
    Form,
    /// Accents apart from their letters.
    Decomposed,
}

/// What is odd about `text`, each once.
#[must_use]
pub fn oddities(text: &str) -> Vec<Oddity> {
    let mut found: Vec<Oddity> = text.chars().filter_map(oddity).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// `text` with every odd character as its code, such as `\u{430}`.
#[must_use]
pub fn escaped(text: &str) -> String {
    let shown = text.chars().map(|c| match oddity(c) {
        Some(_) => format!("\\u{{{:x}}}", u32::from(c)),
        None => c.to_string(),
    });
    shown.collect()
}

fn oddity(c: char) -> Option<Oddity> {
    if c.is_ascii() && !c.is_control() {
        return None;
    }
    if is_hidden(c) {
        return Some(Oddity::Hidden);
    }
    if is_combining_mark(c) {
        return Some(Oddity::Decomposed);
    }
    let script = c.script();
    let is_ours = matches!(script, Script::Latin | Script::Common | Script::Inherited);
    if (c.is_alphabetic() && !is_ours) || matches!(c, 'Ð' | 'ð' | 'Ɖ' | 'ɖ') {
        return Some(Oddity::Foreign);
    }
    let plain = c.is_alphanumeric() && !std::iter::once(c).nfkc().eq(std::iter::once(c).nfc());
    plain.then_some(Oddity::Form)
}

/// Characters without a look of their own. Source: Unicode, `Default_Ignorable_Code_Point` and
/// `Bidi_Control`.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{AD}'
                | '\u{34F}'
                | '\u{61C}'
                | '\u{115F}'..='\u{1160}'
                | '\u{17B4}'..='\u{17B5}'
                | '\u{180B}'..='\u{180F}'
                | '\u{200B}'..='\u{200F}'
                | '\u{202A}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{3164}'
                | '\u{FE00}'..='\u{FE0F}'
                | '\u{FEFF}'
                | '\u{FFA0}'
                | '\u{FFF0}'..='\u{FFFB}'
                | '\u{E0000}'..='\u{E0FFF}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vietnamese_names_are_not_odd() {
        for text in [
            "ỦY BAN NHÂN DÂN XÃ IA DƠK (THỬ NGHIỆM)",
            "Nguyễn Thị Đẹp, Phó Chủ tịch – \"KT.\"",
            "Quyết định số 12 – bản ký.pdf",
            "Kpă Nghiệm",
        ] {
            assert_eq!(oddities(text), [], "{text}");
            assert_eq!(escaped(text), text);
        }
    }

    #[test]
    fn names_that_look_like_others_are_told_apart() {
        for (text, oddity, shown) in [
            ("ХÃ IA DOM", Oddity::Foreign, "\\u{425}Ã IA DOM"),
            ("XÃ IΑ DOM", Oddity::Foreign, "XÃ I\\u{391} DOM"),
            ("Ð", Oddity::Foreign, "\\u{d0}"),
            ("Ｘã", Oddity::Form, "\\u{ff38}ã"),
            ("𝐗ã", Oddity::Form, "\\u{1d417}ã"),
            ("X\u{200B}ã", Oddity::Hidden, "X\\u{200b}ã"),
            ("\u{202E}MOD AI", Oddity::Hidden, "\\u{202e}MOD AI"),
            ("Xa\u{303}", Oddity::Decomposed, "Xa\\u{303}"),
        ] {
            assert_eq!(oddities(text), [oddity], "{text}");
            assert_eq!(escaped(text), shown);
        }
    }
}
