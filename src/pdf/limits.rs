//! What a file may ask for. Every limit stands before the parser it protects.

/// Levels of arrays and dictionaries inside each other.
pub const DEPTH: usize = 64;
/// Bytes of one string or name.
pub const STRING_BYTES: usize = 16 << 20;
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
