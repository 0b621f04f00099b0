//! Text as it is compared: Vietnamese letters have several spellings in Unicode that look the same.

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

/// `text` in canonical composition (NFC), in which one letter is written one way.
#[must_use]
pub fn composed(text: &str) -> String {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.to_owned(),
        _ => text.nfc().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_written_in_pieces_become_one() {
        for written in [
            "\u{1EAC}",
            "A\u{323}\u{302}",
            "A\u{302}\u{323}",
            "\u{1EA0}\u{302}",
        ] {
            assert_eq!(composed(written), "\u{1EAC}", "{written:?}");
        }
    }
}
