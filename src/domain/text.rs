//! Text as it is compared: Vietnamese letters have several spellings in Unicode that look the same.

use unicode_normalization::UnicodeNormalization as _;

/// `text` in canonical composition (NFC), in which one letter is written one way.
#[must_use]
pub fn composed(text: &str) -> String {
    text.nfc().collect()
}
