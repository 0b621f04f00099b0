//! Distinguished names as text for people. Comparing names is done on their DER, never on this.
//! Source: RFC 4514, with `, ` between the parts and invisible characters escaped.

use std::fmt::Write;

use super::Error;
use super::der::{self, Element, Reader};

/// A name as it is compared: one entry for each relative distinguished name. Letters count without
/// case, runs of spaces as one, and the type of a string does not count.
/// Source: RFC 5280, 7.1; RFC 4518.
pub(super) type Canonical = Vec<Vec<u8>>;

/// The form of a `Name` element in which names are compared.
pub(super) fn canonical(der: &[u8]) -> Result<Canonical, Error> {
    let mut parts = Vec::new();
    let mut sequence = der::only("name", der, der::SEQUENCE)?;
    while !sequence.is_empty() {
        let mut set = sequence.enter(der::SET)?;
        let mut attributes = Vec::new();
        while !set.is_empty() {
            let mut fields = set.enter(der::SEQUENCE)?;
            let oid = fields.required(der::OID)?.raw;
            let value = fields.element()?;
            fields.finish()?;
            let folded = text(&value).map(|text| fold(&text));
            let value = folded.map_or_else(
                || value.raw.to_vec(),
                |text| der::encode(UTF8_STRING, &[text.as_bytes()]),
            );
            attributes.push([oid, &value].concat());
        }
        attributes.sort();
        parts.push(der::encode(der::SET, &[&attributes.concat()]));
    }
    Ok(parts)
}

fn fold(text: &str) -> String {
    let words = text.split(' ').filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The mail addresses and the common names among the attributes of a `Name` element.
pub(super) fn addresses(der: &[u8]) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    const MAIL: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1];
    let (mut mails, mut names) = (Vec::new(), Vec::new());
    let mut sets = der::only("name", der, der::SEQUENCE).ok();
    while let Some(mut set) = sets.as_mut().and_then(|sets| sets.enter(der::SET).ok()) {
        while let Ok(mut fields) = set.enter(der::SEQUENCE) {
            let (Ok(oid), Ok(value)) = (fields.required(der::OID), fields.element()) else {
                break;
            };
            let text = text(&value).map_or_else(|| value.value.to_vec(), String::into_bytes);
            match oid.value {
                MAIL => mails.push(text),
                COMMON_NAME => names.push(text),
                _ => {}
            }
        }
    }
    (mails, names)
}

const UTF8_STRING: u8 = 0x0c;

/// A distinguished name, readable.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Name {
    /// The whole of it, most specific part first.
    pub(super) text: String,
    /// The most specific common name.
    pub(super) common_name: Option<String>,
    /// The most specific organisation.
    pub(super) organization: Option<String>,
    /// Whether it holds control, direction or zero-width characters, which can make it look like
    /// another name.
    pub(super) hides_characters: bool,
}

const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const ORGANIZATION: &[u8] = &[0x55, 4, 10];

const SHORT_NAMES: [(&[u8], &str); 15] = [
    (COMMON_NAME, "CN"),
    (&[0x55, 4, 4], "SN"),
    (&[0x55, 4, 5], "serialNumber"),
    (&[0x55, 4, 6], "C"),
    (&[0x55, 4, 7], "L"),
    (&[0x55, 4, 8], "ST"),
    (&[0x55, 4, 9], "STREET"),
    (ORGANIZATION, "O"),
    (&[0x55, 4, 11], "OU"),
    (&[0x55, 4, 12], "title"),
    (&[0x55, 4, 42], "GN"),
    (&[0x55, 4, 97], "organizationIdentifier"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1], "E"),
    (
        &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1],
        "UID",
    ),
    (
        &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25],
        "DC",
    ),
];

/// The most attributes a name may have.
const MAX_ATTRIBUTES: usize = 64;

/// Reads a `Name` element.
pub(super) fn read(der: &[u8]) -> Result<Name, Error> {
    let mut parts = Vec::new();
    let mut name = Name::default();
    let mut count = 0;
    let mut sequence = der::only("name", der, der::SEQUENCE)?;
    while !sequence.is_empty() {
        let mut set = sequence.enter(der::SET)?;
        let mut values = Vec::new();
        while !set.is_empty() {
            count += 1;
            if count > MAX_ATTRIBUTES {
                let what = "attributes of a name";
                return Err(Error::TooLarge {
                    what,
                    limit: MAX_ATTRIBUTES,
                    found: count,
                });
            }
            values.push(attribute(set.enter(der::SEQUENCE)?, &mut name)?);
        }
        parts.push(values.join("+"));
    }
    parts.reverse();
    name.text = parts.join(", ");
    Ok(name)
}

fn attribute(mut fields: Reader<'_>, name: &mut Name) -> Result<String, Error> {
    let oid = fields.required(der::OID)?.value;
    let value = fields.element()?;
    fields.finish()?;
    let short = SHORT_NAMES.iter().find(|(known, _)| *known == oid);
    let label = short.map_or_else(|| der::dotted(oid), |(_, short)| (*short).to_owned());
    let Some(text) = text(&value) else {
        return Ok(format!("{label}=#{}", hex::encode(value.raw)));
    };
    name.hides_characters |= text.chars().any(is_hidden);
    let shown = escape(&text, false);
    match oid {
        COMMON_NAME => name.common_name = Some(shown),
        ORGANIZATION => name.organization = Some(shown),
        _ => {}
    }
    Ok(format!("{label}={}", escape(&text, true)))
}

/// The text of a directory string, whatever its type; `None` if it is none.
fn text(element: &Element<'_>) -> Option<String> {
    match element.tag {
        // UTF8String, NumericString, PrintableString, IA5String, VisibleString
        0x0c | 0x12 | 0x13 | 0x16 | 0x1a => std::str::from_utf8(element.value)
            .ok()
            .map(ToOwned::to_owned),
        // TeletexString, in practice Latin-1
        0x14 => Some(element.value.iter().map(|byte| char::from(*byte)).collect()),
        // BMPString
        0x1e if element.value.len().is_multiple_of(2) => {
            let units = element.value.chunks_exact(2);
            let units = units.map(|pair| pair.iter().fold(0, |sum, b| (sum << 8) | u16::from(*b)));
            char::decode_utf16(units).collect::<Result<_, _>>().ok()
        }
        _ => None,
    }
}

fn escape(text: &str, separators: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        if is_hidden(character) {
            let mut buffer = [0; 4];
            for byte in character.encode_utf8(&mut buffer).bytes() {
                let _ = write!(out, "\\{byte:02X}");
            }
            continue;
        }
        let special = matches!(character, ',' | '+' | '"' | '\\' | '<' | '>' | ';');
        if separators && (special || (at == 0 && matches!(character, ' ' | '#'))) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

/// Control characters, and those that reorder, join or separate without being seen.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        )
        || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(parts: &[(&[u8], u8, &[u8])]) -> Name {
        let sets: Vec<_> = parts
            .iter()
            .map(|(oid, tag, value)| {
                let fields = [der::encode(der::OID, &[oid]), der::encode(*tag, &[value])].concat();
                der::encode(der::SET, &[&der::encode(der::SEQUENCE, &[&fields])])
            })
            .collect();
        read(&der::encode(der::SEQUENCE, &[&sets.concat()])).unwrap()
    }

    #[test]
    fn the_most_specific_part_stands_first() {
        let shown = name(&[
            (&[0x55, 4, 6], 0x13, b"VN"),
            (ORGANIZATION, 0x0c, "BỘ TÀI CHÍNH".as_bytes()),
            (COMMON_NAME, 0x0c, "CỤC THUẾ".as_bytes()),
        ]);
        assert_eq!(shown.text, "CN=CỤC THUẾ, O=BỘ TÀI CHÍNH, C=VN");
        assert_eq!(shown.common_name.as_deref(), Some("CỤC THUẾ"));
        assert_eq!(shown.organization.as_deref(), Some("BỘ TÀI CHÍNH"));
        assert!(!shown.hides_characters);
    }

    #[test]
    fn a_forged_separator_is_escaped() {
        let shown = name(&[(COMMON_NAME, 0x0c, b"A, O=B")]);
        assert_eq!(shown.text, "CN=A\\, O=B");
        assert_eq!(shown.common_name.as_deref(), Some("A, O=B"));
    }

    #[test]
    fn invisible_characters_are_escaped_and_noticed() {
        let shown = name(&[(COMMON_NAME, 0x0c, "A\u{202e}B\0\n".as_bytes())]);
        assert_eq!(shown.text, "CN=A\\E2\\80\\AEB\\00\\0A");
        assert!(shown.hides_characters);
    }

    #[test]
    fn old_string_types_are_read() {
        let bmp = [0x00, b'X', 0x1e, 0xc3];
        assert_eq!(name(&[(COMMON_NAME, 0x1e, &bmp)]).text, "CN=Xể");
        assert_eq!(name(&[(COMMON_NAME, 0x14, &[0xc0])]).text, "CN=À");
        assert_eq!(
            name(&[(&[0x55, 4, 99], 0x04, &[1])]).text,
            "2.5.4.99=#040101"
        );
    }

    #[test]
    fn a_name_with_too_many_parts_is_refused() {
        let part = der::encode(der::SEQUENCE, &[&[der::OID, 1, 42], &[0x0c, 0]]);
        let many = der::encode(
            der::SEQUENCE,
            &[&der::encode(der::SET, &[&part.repeat(65)])],
        );
        assert!(matches!(
            read(&many),
            Err(Error::TooLarge { limit: 64, .. })
        ));
    }
}
