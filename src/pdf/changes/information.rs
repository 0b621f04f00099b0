//! What an update may do to the document information: name a new date of change and producer, and
//! write the other entries in another encoding of the same text. Source: ISO 32000-2, 14.3.3, 7.9.2.2
//! and D.3.

use super::equal::differing;
use super::kind::Kind;
use super::step::Step;
use super::usage::Usage;
use crate::pdf::error::Error;
use crate::pdf::object::{Dictionary, Object};

/// Entries that tell of the update itself.
const DATED: [&[u8]; 2] = [b"ModDate", b"Producer"];

impl Step<'_, '_, '_> {
    /// The information dictionary may gain a new date of change and producer.
    pub(super) fn information(&mut self) -> Result<(), Error> {
        let (old, new) = (
            self.old.revision()?.trailer()?,
            self.new.revision()?.trailer()?,
        );
        let (old_ref, new_ref) = (old.get(b"Info"), new.get(b"Info"));
        let number = new_ref
            .and_then(Object::as_reference)
            .map_or(0, |id| id.number);
        if old_ref == new_ref && !self.touched(number) {
            return Ok(());
        }
        let (before, after) = (self.old.value(old, b"Info")?, self.new.value(new, b"Info")?);
        let empty = Dictionary::default();
        let before = before.as_dictionary().unwrap_or(&empty);
        let after = after.as_dictionary().unwrap_or(&empty);
        let may = |key: &Vec<u8>| {
            DATED.contains(&key.as_slice()) || same_text(before.get(key), after.get(key))
        };
        let plain = after
            .iter()
            .all(|(_, item)| matches!(item.object, Object::String(_) | Object::Name(_)));
        let same_place = old_ref == new_ref || self.fresh(number);
        if !plain || !same_place || !differing(before, after).iter().all(may) {
            self.refuse("INFORMATION_CHANGED", number, "/Info");
            return Ok(());
        }
        let own = |usage: &Usage| usage.holder == 0 && &*usage.path == "/Info";
        self.allow_replaced((Kind::Information, number, "/Info"), &own)?;
        Ok(())
    }
}

/// Whether both are text strings that say the same text, in whichever encoding.
fn same_text(old: Option<&Object>, new: Option<&Object>) -> bool {
    let (Some(Object::String(old)), Some(Object::String(new))) = (old, new) else {
        return false;
    };
    let read = decoded(old);
    read.is_some() && read == decoded(new)
}

/// The text of a text string; `None` when readers could take it differently: it breaks its encoding
/// or holds control characters.
fn decoded(bytes: &[u8]) -> Option<String> {
    let text: String = match bytes {
        [0xFE, 0xFF, units @ ..] => {
            let (pairs, []) = units.as_chunks::<2>() else {
                return None;
            };
            let units = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
            char::decode_utf16(units).collect::<Result<_, _>>().ok()?
        }
        [0xEF, 0xBB, 0xBF, text @ ..] => std::str::from_utf8(text).ok()?.to_owned(),
        letters => letters
            .iter()
            .map(|byte| letter(*byte))
            .collect::<Option<_>>()?,
    };
    let plain = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    text.chars().all(plain).then_some(text)
}

/// A letter of `PDFDocEncoding`.
fn letter(byte: u8) -> Option<char> {
    const ACCENTS: &str = "\u{2D8}\u{2C7}\u{2C6}\u{2D9}\u{2DD}\u{2DB}\u{2DA}\u{2DC}";
    const HIGH: &str = "\u{2022}\u{2020}\u{2021}\u{2026}\u{2014}\u{2013}\u{192}\u{2044}\u{2039}\
         \u{203A}\u{2212}\u{2030}\u{201E}\u{201C}\u{201D}\u{2018}\u{2019}\u{201A}\u{2122}\u{FB01}\
         \u{FB02}\u{141}\u{152}\u{160}\u{178}\u{17D}\u{131}\u{142}\u{153}\u{161}\u{17E}";
    match byte {
        b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF => Some(char::from(byte)),
        0x18..=0x1F => ACCENTS.chars().nth(usize::from(byte - 0x18)),
        0x80..=0x9E => HIGH.chars().nth(usize::from(byte - 0x80)),
        0xA0 => Some('\u{20AC}'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(old: &[u8], new: &[u8]) -> bool {
        let string = |bytes: &[u8]| Object::String(bytes.to_vec());
        same_text(Some(&string(old)), Some(&string(new)))
    }

    #[test]
    fn a_text_is_the_same_in_every_encoding() {
        assert!(same(b"\xFE\xFF\0W\0r", b"Wr"));
        assert!(same(
            b"\xEF\xBB\xBF\xE2\x80\x93 \xC4\xB0",
            b"\xFE\xFF\x20\x13\0 \x01\x30"
        ));
        assert!(same(b"\x85 \xA0", b"\xFE\xFF\x20\x13\0 \x20\xAC"));
        assert!(same(b"\x18\x9E", b"\xFE\xFF\x02\xD8\x01\x7E"));
    }

    #[test]
    fn a_text_that_readers_could_take_differently_is_not_the_same() {
        let pairs: [(&[u8], &[u8]); 6] = [
            (b"Wr", b"Ws"),
            (b"\xFE\xFF\0W\0", b"W"),
            (b"\xFE\xFF\xD8\0", b"\xEF\xBB\xBF\xED\xA0\x80"),
            (b"\xFE\xFF\0\x1B\0e\0n\0\x1B", b"\xEF\xBB\xBF\x1Ben\x1B"),
            (b"\x9F", b"\xFE\xFF\0\x9F"),
            (b"\xAD", b"\xFE\xFF\0\xAD"),
        ];
        for (old, new) in pairs {
            assert!(!same(old, new), "{old:?}");
        }
    }
}
