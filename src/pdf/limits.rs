//! What a file may ask for. Every limit stands before the parser it protects.

/// Levels of arrays and dictionaries inside each other.
pub const DEPTH: usize = 64;
/// Bytes of one string.
pub const STRING_BYTES: usize = 16 << 20;
/// Bytes of one name; ISO 32000-1, annex C, allows 127.
pub const NAME_BYTES: usize = 4 << 10;
/// Values of one object, those inside each other counted too.
pub const VALUES: usize = 1 << 20;
/// Entries of one array.
pub const ARRAY_ITEMS: usize = 1 << 20;
/// Entries of one dictionary.
pub const DICTIONARY_ENTRIES: usize = 1 << 16;
/// Bytes of one object, stream data not counted.
pub const OBJECT_BYTES: u64 = 64 << 20;
/// Revisions of one file.
pub const REVISIONS: usize = 1_000;
/// Cross-reference entries of one file.
pub const XREF_ENTRIES: usize = 2_000_000;
/// Bytes one cross-reference or object stream may inflate to.
pub const INFLATED_BYTES: usize = 64 << 20;
/// Objects of one object stream.
pub const STREAM_OBJECTS: usize = 200_000;
/// Bytes the metadata of a file may have.
pub const METADATA_BYTES: usize = 4 << 20;
/// Work spent on one file, in nanoseconds as [`super::meter`] estimates them.
pub const WORK: u64 = 1_200_000_000;
/// References to the objects that later revisions touch.
pub const USAGES: usize = 1_000_000;
/// Bytes of the ways to these references, each way counted once.
pub const WAY_BYTES: usize = 16 << 20;
/// Bytes of decoded objects kept for the next look.
pub const CACHE_BYTES: usize = 8 << 20;
/// The highest object number (ISO 32000-1, annex C); above it readers begin to repair.
pub const OBJECT_NUMBER: u64 = 8_388_607;
/// Spaces and line ends between `startxref`, its offset and `%%EOF`; some readers look no further.
pub const MARKER_SPACE: usize = 16;
/// Pages of one file.
pub const PAGES: usize = 200_000;
/// Form fields of one file.
pub const FIELDS: usize = 20_000;
/// Levels of the page tree and of the field tree.
pub const TREE_DEPTH: usize = 64;
/// Objects one revision after a signature may touch.
pub const MODIFICATIONS: usize = 50_000;
/// Comparisons of boxes with text or other boxes spent on one file.
pub const OVERLAPS: usize = 4_000_000;
/// Pixels of one side of a mark.
pub const IMAGE_SIDE: u32 = 6_000;

#[cfg(test)]
mod tests {
    use super::super::parser::{Parser, Stop};

    #[test]
    fn a_name_longer_than_any_writer_makes_is_refused() {
        let longest = format!("/{}", "a".repeat(super::NAME_BYTES));
        assert!(Parser::new(longest.as_bytes(), true).object().is_ok());
        let longer = format!("{longest}a");
        let stop = Parser::new(longer.as_bytes(), true).object().unwrap_err();
        assert!(matches!(stop, Stop::Limit { .. }), "{stop:?}");
    }

    #[test]
    fn an_object_of_too_many_values_is_refused() {
        let row = format!("[{}]", "0 ".repeat(super::VALUES / 2));
        let rows = format!("[{row}{row}]");
        let stop = Parser::new(rows.as_bytes(), true).object().unwrap_err();
        assert!(matches!(stop, Stop::Limit { .. }), "{stop:?}");
    }
}
