//! Updates: objects appended after the unchanged bytes, with a cross-reference section of the same
//! kind as the file's last one. Values that stay are written byte by byte as they stood.
//! Source: ISO 32000-2, 7.5.6.

use super::document::Document;
use super::error::{Error, malformed};
use super::indirect::Indirect;
use super::object::{Dictionary, ObjectId};
use super::source::ByteSource as _;
use super::xref::Kind;
use crate::domain::digest::{Sha256, Sha256Stream};

/// An update in the making.
pub(super) struct Update<'d, 'a> {
    document: &'d Document<'a>,
    next: u32,
    objects: Vec<(ObjectId, Vec<u8>)>,
}

/// A finished update.
pub(super) struct Appended {
    /// The bytes that follow the unchanged file.
    pub(super) bytes: Vec<u8>,
    /// Each object's id and the byte of the whole file where its body begins.
    pub(super) bodies: Vec<(ObjectId, u64)>,
}

impl<'d, 'a> Update<'d, 'a> {
    /// An empty update of `document`.
    ///
    /// # Errors
    /// `TRAILING_BYTES` when the file goes on after its last revision: an update would hide that.
    pub(super) fn new(document: &'d Document<'a>) -> Result<Self, Error> {
        if document.trailing_bytes() > 0 {
            let end = document
                .revisions()
                .last()
                .map_or(0, |revision| revision.end);
            return Err(malformed("TRAILING_BYTES", end, "the end of the file"));
        }
        Ok(Self {
            document,
            next: document.next_number(),
            objects: Vec::new(),
        })
    }

    /// A new object number.
    pub(super) fn allocate(&mut self) -> ObjectId {
        let id = ObjectId::new(self.next);
        self.next = self.next.saturating_add(1);
        id
    }

    /// Writes `body` (everything between `obj` and `endobj`) as object `id`.
    pub(super) fn put(&mut self, id: ObjectId, body: Vec<u8>) {
        self.objects.push((id, body));
    }

    /// Writes `body` as a new object.
    pub(super) fn add(&mut self, body: Vec<u8>) -> ObjectId {
        let id = self.allocate();
        self.put(id, body);
        id
    }

    /// Writes a stream as a new object; `entries` are the dictionary's entries without `/Length`.
    pub(super) fn add_stream(&mut self, entries: &str, data: &[u8]) -> ObjectId {
        let mut body = format!("<<{entries}/Length {}>>\nstream\n", data.len()).into_bytes();
        body.extend_from_slice(data);
        body.extend_from_slice(b"\nendstream");
        self.add(body)
    }

    /// The bytes to append.
    ///
    /// # Errors
    /// When the file has no regular trailer.
    pub(super) fn finish(mut self) -> Result<Appended, Error> {
        let base = self.document.source().size();
        let last = self.document.revisions().last();
        let last = last.ok_or(malformed("XREF_CHAIN", base, "a revision"))?;
        let room = self
            .objects
            .iter()
            .map(|(_, body)| body.len() + 64)
            .sum::<usize>();
        let mut out = Out {
            base,
            bytes: Vec::with_capacity(room.saturating_add(1_024)),
        };
        if last.end == last.marker_end {
            out.bytes.push(b'\n');
        }
        self.objects.sort_unstable_by_key(|(id, _)| *id);
        let mut places = Vec::new();
        let mut bodies = Vec::new();
        for (id, body) in &self.objects {
            places.push((*id, out.position()));
            out.text(&format!("{} {} obj\n", id.number, id.generation));
            bodies.push((*id, out.position()));
            out.bytes.extend_from_slice(body);
            out.text("\nendobj\n");
        }
        let kept = kept_trailer(last.trailer_object(), &self.objects)?;
        let previous = last.xref_offset;
        let at = out.position();
        match last.kind {
            Kind::Table => out.table(&places, &kept, self.next, previous),
            Kind::Stream { .. } => {
                let own = self.allocate();
                places.push((own, at));
                out.stream(&places, &kept, self.next, previous);
            }
        }
        out.text(&format!("startxref\n{at}\n%%EOF\n"));
        Ok(Appended {
            bytes: out.bytes,
            bodies,
        })
    }
}

/// Names an update: the beginning of every object it writes, and how long each is. The rest of a
/// long stream would add time and no difference.
fn token(objects: &[(ObjectId, Vec<u8>)]) -> Sha256 {
    let mut hash = Sha256Stream::default();
    for (id, body) in objects {
        hash.update(format!("{id} {} ", body.len()).as_bytes());
        hash.update(body.get(..2_048).unwrap_or(body));
    }
    hash.finish()
}

/// The trailer's entries that carry over, raw; the second half of `/ID` names this update.
fn kept_trailer(trailer: &Indirect, objects: &[(ObjectId, Vec<u8>)]) -> Result<Vec<u8>, Error> {
    const OWN: [&[u8]; 10] = [
        b"Size",
        b"Prev",
        b"XRefStm",
        b"Type",
        b"W",
        b"Index",
        b"Filter",
        b"DecodeParms",
        b"Length",
        b"DL",
    ];
    let mut kept = Vec::new();
    for (key, item) in trailer.dictionary()?.iter() {
        if OWN.contains(&key) {
            continue;
        }
        write_name(&mut kept, key);
        let first = item.object.as_array().and_then(|items| items.first());
        match first {
            Some(first) if key == b"ID" => {
                kept.push(b'[');
                kept.extend_from_slice(trailer.raw_item(first));
                let half = token(objects)
                    .as_bytes()
                    .iter()
                    .take(16)
                    .copied()
                    .collect::<Vec<_>>();
                kept.extend_from_slice(format!("<{}>]", hex::encode(half)).as_bytes());
            }
            _ => {
                kept.push(b' ');
                kept.extend_from_slice(trailer.raw_item(item));
            }
        }
    }
    Ok(kept)
}

struct Out {
    base: u64,
    bytes: Vec<u8>,
}

impl Out {
    fn position(&self) -> u64 {
        self.base.saturating_add(self.bytes.as_slice().size())
    }

    fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn table(&mut self, places: &[(ObjectId, u64)], kept: &[u8], size: u32, previous: u64) {
        self.text("xref\n");
        for run in runs(places) {
            let first = run.first().map_or(0, |(id, _)| id.number);
            self.text(&format!("{first} {}\n", run.len()));
            for (id, offset) in run {
                self.text(&format!("{offset:010} {:05} n \n", id.generation));
            }
        }
        self.text("trailer\n<<");
        self.bytes.extend_from_slice(kept);
        self.text(&format!("/Size {size}/Prev {previous}>>\n"));
    }

    fn stream(&mut self, places: &[(ObjectId, u64)], kept: &[u8], size: u32, previous: u64) {
        let mut rows = Vec::new();
        let mut index = String::new();
        for run in runs(places) {
            let first = run.first().map_or(0, |(id, _)| id.number);
            index.push_str(&format!("{first} {} ", run.len()));
            for (id, offset) in run {
                rows.push(1);
                rows.extend_from_slice(&offset.to_be_bytes());
                rows.extend_from_slice(&id.generation.to_be_bytes());
            }
        }
        let own = places.last().map_or(0, |(id, _)| id.number);
        self.text(&format!(
            "{own} 0 obj\n<</Type/XRef/W[1 8 2]/Index[{}]",
            index.trim_end()
        ));
        self.bytes.extend_from_slice(kept);
        self.text(&format!(
            "/Size {size}/Prev {previous}/Length {}>>\nstream\n",
            rows.len()
        ));
        self.bytes.extend_from_slice(&rows);
        self.text("\nendstream\nendobj\n");
    }
}

/// The places cut into runs of consecutive object numbers.
fn runs(places: &[(ObjectId, u64)]) -> impl Iterator<Item = &[(ObjectId, u64)]> {
    places.chunk_by(|(one, _), (two, _)| one.number.checked_add(1) == Some(two.number))
}

/// Writes `/key`, escaped.
pub(super) fn write_name(out: &mut Vec<u8>, key: &[u8]) {
    out.push(b'/');
    for byte in key {
        if byte.is_ascii_alphanumeric() || b"+-_.@:*!$&'=?^|~;,\\`\"".contains(byte) {
            out.push(*byte);
        } else {
            out.extend_from_slice(format!("#{byte:02X}").as_bytes());
        }
    }
}

/// A text string: literal when plain ASCII, else UTF-16BE in hexadecimal.
#[must_use]
pub(super) fn text_string(text: &str) -> String {
    if text.bytes().all(|byte| (32..127).contains(&byte)) {
        let escaped = text
            .replace('\\', "\\\\")
            .replace('(', "\\(")
            .replace(')', "\\)");
        return format!("({escaped})");
    }
    let units = text.encode_utf16().map(|unit| format!("{unit:04X}"));
    format!("<FEFF{}>", units.collect::<String>())
}

/// A dictionary written again: entries of `home` as they stood, those named in `changes` replaced,
/// missing ones added.
#[must_use]
pub(super) fn rewrite(
    home: &Indirect,
    dictionary: &Dictionary,
    changes: &[(impl AsRef<str>, Vec<u8>)],
) -> Vec<u8> {
    let mut out = b"<<".to_vec();
    for (key, item) in dictionary.iter() {
        let mut changed = changes.iter().map(|(changed, _)| changed.as_ref());
        if changed.any(|changed: &str| changed.as_bytes() == key) {
            continue;
        }
        write_name(&mut out, key);
        out.push(b' ');
        out.extend_from_slice(home.raw_item(item));
        out.push(b'\n');
    }
    write_entries(&mut out, changes);
    out.extend_from_slice(b">>");
    out
}

/// A new dictionary of nothing but `entries`.
#[must_use]
pub(super) fn new_dictionary(entries: &[(impl AsRef<str>, Vec<u8>)]) -> Vec<u8> {
    let mut out = b"<<".to_vec();
    write_entries(&mut out, entries);
    out.extend_from_slice(b">>");
    out
}

fn write_entries(out: &mut Vec<u8>, entries: &[(impl AsRef<str>, Vec<u8>)]) {
    for (key, value) in entries {
        write_name(out, key.as_ref().as_bytes());
        out.push(b' ');
        out.extend_from_slice(value);
    }
}

/// The raw bytes of an array with a reference added at its end.
#[must_use]
pub(super) fn extend_array(raw: &[u8], added: ObjectId) -> Vec<u8> {
    let mut out = raw.strip_suffix(b"]").unwrap_or(raw).to_vec();
    out.extend_from_slice(format!(" {added}]").as_bytes());
    out
}
