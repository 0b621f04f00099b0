//! Whether a file claims PDF/A, so that what is added keeps to it. Only a claim read from its
//! metadata; nothing is validated. Source: ISO 19005-1, 6.7.11; ISO 19005-2, 6.6.4.

use super::document::View;
use super::limits;

/// Metadata larger than this is not searched.
const LARGEST: u64 = 1 << 20;

/// The part of ISO 19005 the file claims to keep to: 1, 2, 3 or 4.
#[must_use]
pub(super) fn archive_part(view: &View<'_, '_>) -> Option<u8> {
    let catalog = view.catalog().ok()?;
    let id = catalog.dictionary().ok()?.reference(b"Metadata")?;
    let metadata = view.load(id).ok()??;
    if view.stream_span(&metadata).ok()?.1 > LARGEST {
        return None;
    }
    let most = limits::METADATA_BYTES;
    let plain = view.plain_data_within(&metadata, most).ok()?;
    part_in(&plain)
}

/// The first digit after `pdfaid:part`, as an element or an attribute.
fn part_in(metadata: &[u8]) -> Option<u8> {
    const NAME: &[u8] = b"pdfaid:part";
    let at = metadata
        .windows(NAME.len())
        .position(|window| window == NAME)?;
    let rest = metadata.get(at.checked_add(NAME.len())?..)?;
    let rest = rest.get(..16).unwrap_or(rest);
    let digit = rest.iter().find(|byte| byte.is_ascii_digit())?;
    Some(digit.saturating_sub(b'0')).filter(|part| (1..=4).contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_is_read_from_an_element_and_from_an_attribute() {
        assert_eq!(part_in(b"<pdfaid:part>2</pdfaid:part>"), Some(2));
        assert_eq!(part_in(b"<rdf:x pdfaid:part='1' pdfaid:c='B'/>"), Some(1));
        assert_eq!(part_in(b"<dc:title>part 1</dc:title>"), None);
    }
}
