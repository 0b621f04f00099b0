//! The chain of revisions: every act on a signed file is an update appended after the earlier
//! bytes. Read from the last `startxref` backwards, strictly. Source: ISO 32000-2, 7.5.6 and 7.5.8.

use super::error::{Error, malformed};
use super::limits;
use super::meter::Meter;
use super::object::{Dictionary, ObjectId};
use super::parser::{self, Parser};
use super::source::{ByteSource, window};
use super::xref::{self, Entry, Kind, Section};

/// One revision: the bytes a writer appended and the objects they define.
pub struct Revision {
    pub(super) entries: Vec<(u32, Entry)>,
    pub(super) trailer: super::indirect::Indirect,
    /// Whether it is linearized, its section in two parts.
    pub(super) linearized: bool,
    /// How its cross-reference section is written.
    pub kind: Kind,
    /// Offset of its cross-reference section, the value after its `startxref`.
    pub xref_offset: u64,
    /// First byte of the revision.
    pub start: u64,
    /// The byte after `%%EOF`.
    pub marker_end: u64,
    /// The byte after the line end that follows `%%EOF`, or after `%%EOF` when there is none.
    pub end: u64,
}

impl Revision {
    /// The entry of an object number in this revision.
    #[must_use]
    pub fn entry(&self, number: u32) -> Option<Entry> {
        let at = self
            .entries
            .binary_search_by_key(&number, |(n, _)| *n)
            .ok()?;
        self.entries.get(at).map(|(_, entry)| *entry)
    }

    /// Every entry of the revision, by object number.
    pub fn entries(&self) -> impl Iterator<Item = (u32, Entry)> {
        self.entries.iter().copied()
    }

    /// The trailer dictionary.
    ///
    /// # Errors
    /// Never for a revision that was read; the type of the trailer was checked.
    pub fn trailer(&self) -> Result<&Dictionary, Error> {
        self.trailer.dictionary()
    }

    /// The trailer with its raw bytes.
    #[must_use]
    pub const fn trailer_object(&self) -> &super::indirect::Indirect {
        &self.trailer
    }

    /// The catalog's id.
    ///
    /// # Errors
    /// When the trailer names none.
    pub fn root(&self) -> Result<ObjectId, Error> {
        let wrong = malformed("XREF_CHAIN", self.xref_offset, "a reference under /Root");
        self.trailer()?.reference(b"Root").ok_or(wrong)
    }

    /// Whether a signature that ends at byte `end` covers this revision: the file ends there after
    /// `%%EOF` and at most one line end.
    #[must_use]
    pub const fn ends_at(&self, end: u64) -> bool {
        end >= self.marker_end && end <= self.end
    }
}

/// The most digits of an offset, as in a cross-reference table.
const OFFSET_DIGITS: usize = 10;

struct Marker {
    startxref: u64,
    end: u64,
    after_line: u64,
}

/// All revisions, oldest first, and the number of bytes after the last one that are not white space.
pub(super) fn read(source: &dyn ByteSource, meter: &Meter) -> Result<(Vec<Revision>, u64), Error> {
    check_header(source)?;
    let last = last_marker(source)?;
    let mut revisions = Vec::new();
    let mut at = last.startxref;
    let mut entries = 0_usize;
    loop {
        if revisions.len() >= limits::REVISIONS {
            let limit = u64::try_from(limits::REVISIONS).unwrap_or(u64::MAX);
            return Err(Error::Limit {
                what: "revisions",
                limit,
            });
        }
        let section = xref::read(source, at, meter)?;
        if section.dictionary()?.get(b"Encrypt").is_some() {
            return Err(Error::Encrypted);
        }
        entries = entries.saturating_add(section.entries.len());
        if entries > limits::XREF_ENTRIES {
            let limit = u64::try_from(limits::XREF_ENTRIES).unwrap_or(u64::MAX);
            return Err(Error::Limit {
                what: "cross-reference entries",
                limit,
            });
        }
        let previous = section.previous()?;
        match previous {
            Some(previous) if previous > at => {
                revisions.push(linearized(source, (at, section), previous, meter)?);
                break;
            }
            Some(previous) if previous < at => {
                revisions.push(plain(source, at, section)?);
                at = previous;
            }
            Some(_) => return Err(malformed("XREF_CHAIN", at, "/Prev before this section")),
            None => {
                revisions.push(plain(source, at, section)?);
                break;
            }
        }
    }
    revisions.reverse();
    check_order(&mut revisions, &last)?;
    check_linearization(source, &revisions)?;
    Ok((revisions, trailing(source, last.after_line)?))
}

fn check_header(source: &dyn ByteSource) -> Result<(), Error> {
    if source.size() == 0 {
        return Err(malformed("EMPTY_FILE", 0, "at least one byte"));
    }
    if window(source, 0, 5)? != b"%PDF-" {
        return Err(malformed("NOT_A_PDF", 0, "%PDF- at the first byte"));
    }
    Ok(())
}

fn rfind(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .rposition(|piece| piece == wanted)
}

/// The `startxref` of the end of the file.
fn last_marker(source: &dyn ByteSource) -> Result<Marker, Error> {
    let start = source.size().saturating_sub(2_048);
    let bytes = window(source, start, 2_048)?;
    let wrong = malformed(
        "TRUNCATED",
        source.size(),
        "startxref and %%EOF at the end of the file",
    );
    let eof = rfind(&bytes, b"%%EOF").ok_or(wrong)?;
    let before = bytes.get(..eof).unwrap_or_default();
    let wrong = malformed("TRUNCATED", source.size(), "startxref before %%EOF");
    let at = rfind(before, b"startxref").ok_or(wrong)?;
    marker(source, start.saturating_add(u64::try_from(at).unwrap_or(0)))
}

/// Reads `startxref n %%EOF` at `offset`, white space before it allowed.
fn marker(source: &dyn ByteSource, offset: u64) -> Result<Marker, Error> {
    let bytes = window(source, offset, 512)?;
    let mut parser = Parser::new(&bytes, true);
    let wrong = || malformed("XREF_CHAIN", offset, "startxref, an offset and %%EOF");
    parser.skip_lines();
    parser.keyword("startxref").or(Err(wrong()))?;
    let keyword = parser.position();
    parser.skip_lines();
    let number = parser.position();
    let startxref = parser.unsigned().or(Err(wrong()))?;
    let digits = parser.position().saturating_sub(number);
    parser.skip_lines();
    let space = parser.position().saturating_sub(keyword + digits);
    if digits > OFFSET_DIGITS || space > limits::MARKER_SPACE {
        return Err(wrong());
    }
    parser.literal("%%EOF").or(Err(wrong()))?;
    let used = parser.position();
    let line = match bytes.get(used..) {
        Some([b'\r', b'\n', ..]) => 2,
        Some([b'\r' | b'\n', ..]) => 1,
        _ => 0,
    };
    let end = offset.saturating_add(u64::try_from(used).unwrap_or(0));
    Ok(Marker {
        startxref,
        end,
        after_line: end.saturating_add(line),
    })
}

fn plain(source: &dyn ByteSource, at: u64, section: Section) -> Result<Revision, Error> {
    let marker = marker(source, section.after)?;
    if marker.startxref != at {
        return Err(malformed(
            "XREF_CHAIN",
            section.after,
            "startxref naming its own section",
        ));
    }
    Ok(revision(at, section, &marker))
}

fn revision(at: u64, section: Section, marker: &Marker) -> Revision {
    Revision {
        entries: section.entries,
        trailer: section.trailer,
        linearized: false,
        kind: section.kind,
        xref_offset: at,
        start: 0,
        marker_end: marker.end,
        end: marker.after_line,
    }
}

/// A linearized file begins with the section of its first page, whose `/Prev` leads forward to the
/// section of the rest; both are one revision. Source: ISO 32000-2, annex F.
fn linearized(
    source: &dyn ByteSource,
    (at, first): (u64, Section),
    main_at: u64,
    meter: &Meter,
) -> Result<Revision, Error> {
    let wrong = |expected| malformed("XREF_CHAIN", at, expected);
    let declared = linearized_length(source).ok_or(wrong("/Prev before this section"))?;
    let main = xref::read(source, main_at, meter)?;
    if main.previous()?.is_some() {
        return Err(wrong("two sections in a linearized revision"));
    }
    let marker = marker(source, main.after)?;
    let inside = at < main_at && marker.startxref == at;
    if !inside || declared < marker.end || declared > marker.after_line {
        return Err(wrong("a linearized revision as long as it declares"));
    }
    let mut merged = revision(at, first, &marker);
    merged.linearized = true;
    merged.entries.extend(main.entries);
    merged.entries.sort_unstable_by_key(|(number, _)| *number);
    let twice = |pair: &[(u32, Entry)]| matches!(pair, [(a, _), (b, _)] if a == b && *a != 0);
    if merged.entries.windows(2).any(twice) {
        return Err(wrong("each object number in one of the two sections"));
    }
    merged.entries.dedup_by_key(|(number, _)| *number);
    Ok(merged)
}

/// A file that calls itself linearized and is as long as it says is read from its beginning. So that
/// no update can make it so long, the declared length must not lie beyond the first revision; and
/// one that ends exactly there must be written as declared. Source: ISO 32000-2, F.3.2 and F.4.7.
fn check_linearization(source: &dyn ByteSource, revisions: &[Revision]) -> Result<(), Error> {
    let (Some(declared), Some(first)) = (linearized_length(source), revisions.first()) else {
        return Ok(());
    };
    let is_read_from_its_end = !first.linearized && declared >= first.marker_end;
    if declared > first.end || is_read_from_its_end {
        let expected = "a linearized file as long as it declares";
        return Err(malformed("XREF_CHAIN", 0, expected));
    }
    Ok(())
}

/// The `/L` of the linearization dictionary, which is the first object of the file.
fn linearized_length(source: &dyn ByteSource) -> Option<u64> {
    let bytes = window(source, 0, 2_048).ok()?;
    let line = bytes
        .iter()
        .position(|byte| matches!(byte, b'\r' | b'\n'))?;
    let mut parser = Parser::starting_at(&bytes, line, true);
    parser.skip_blank();
    parser.unsigned().ok()?;
    parser.skip_blank();
    parser.unsigned().ok()?;
    parser.skip_blank();
    parser.keyword("obj").ok()?;
    let object = parser.object().ok()?;
    let dictionary = object.as_dictionary()?;
    dictionary.get(b"Linearized")?;
    u64::try_from(dictionary.integer(b"L")?).ok()
}

/// Each revision begins where the one before ends; everything it defines lies inside its bytes.
fn check_order(revisions: &mut [Revision], last: &Marker) -> Result<(), Error> {
    let mut start = 0;
    for revision in revisions.iter_mut() {
        let at = revision.xref_offset;
        if at < start || revision.end <= at {
            return Err(malformed(
                "XREF_CHAIN",
                at,
                "a section inside its own revision",
            ));
        }
        revision.start = start;
        start = revision.end;
        let beyond = |entry: &Entry| match entry {
            Entry::InUse { offset, .. } => *offset >= revision.end,
            Entry::Free | Entry::Compressed { .. } => false,
        };
        if revision.entries.iter().any(|(_, entry)| beyond(entry)) {
            return Err(malformed(
                "XREF_MALFORMED",
                at,
                "offsets inside the revision",
            ));
        }
    }
    match revisions.last() {
        Some(newest) if newest.marker_end == last.end => Ok(()),
        _ => Err(malformed(
            "XREF_CHAIN",
            last.end,
            "%%EOF right after the last section",
        )),
    }
}

/// Bytes after the last revision up to the last one that is not white space.
fn trailing(source: &dyn ByteSource, end: u64) -> Result<u64, Error> {
    let bytes = window(source, end, 4_096)?;
    let used = bytes
        .iter()
        .rposition(|byte| !parser::is_blank(*byte))
        .map_or(0, |at| at + 1);
    Ok(u64::try_from(used).unwrap_or(u64::MAX))
}
