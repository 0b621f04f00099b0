//! Writes PDF files byte by byte: whole files and updates, cross-reference tables, streams and
//! hybrids, object streams, well-formed or not. What is not asked for is not corrected.

use std::collections::BTreeMap;

/// What a cross-reference section says of an object number.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Row {
    Free { generation: u16 },
    At { offset: usize, generation: u16 },
    In { stream: u32, index: u16 },
}

/// A file, or an update after one, being written.
#[derive(Debug, Clone)]
pub(crate) struct Update {
    /// Everything so far, the earlier file included.
    pub(crate) out: Vec<u8>,
    /// The rows of the section to come.
    pub(crate) rows: BTreeMap<u32, Row>,
    /// `/Prev`, if any.
    pub(crate) previous: Option<usize>,
    /// Entries of the trailer beside `/Size` and `/Prev`.
    pub(crate) trailer: String,
    /// `/Size`, else the smallest that fits this and the earlier revisions.
    pub(crate) size: Option<u32>,
    /// The `/Size` so far.
    pub(crate) least: u32,
    /// What `startxref` says in place of the truth.
    pub(crate) startxref: Option<usize>,
    /// What follows the number after `startxref`.
    pub(crate) end: String,
}

impl Update {
    /// A new file.
    pub(crate) fn new() -> Self {
        let out = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
        let rows = BTreeMap::from([(0, Row::Free { generation: 65_535 })]);
        Self {
            out,
            rows,
            previous: None,
            trailer: "/Root 1 0 R".to_owned(),
            size: None,
            least: 0,
            startxref: None,
            end: "\n%%EOF\n".to_owned(),
        }
    }

    /// An update after `file`.
    pub(crate) fn after(file: &[u8]) -> Self {
        Self {
            out: file.to_vec(),
            rows: BTreeMap::new(),
            previous: Some(last_startxref(file)),
            least: last_size(file),
            ..Self::new()
        }
    }

    /// Changes anything.
    pub(crate) fn but(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Bytes that belong to nothing.
    pub(crate) fn raw(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.out.extend_from_slice(bytes.as_ref());
        self
    }

    /// An object of generation 0, with its row.
    pub(crate) fn object(self, number: u32, body: &str) -> Self {
        self.object_bytes(number, body.as_bytes())
    }

    /// As [`Self::object`], of any bytes.
    pub(crate) fn object_bytes(mut self, number: u32, body: &[u8]) -> Self {
        let (offset, generation) = (self.out.len(), 0);
        self.rows.insert(number, Row::At { offset, generation });
        self.raw(format!("{number} 0 obj\n"))
            .raw(body)
            .raw("\nendobj\n")
    }

    /// Several objects.
    pub(crate) fn objects(self, objects: &[(u32, &str)]) -> Self {
        let each = |own: Self, (number, body): &(u32, &str)| own.object(*number, body);
        objects.iter().fold(self, each)
    }

    /// A row that frees an object number.
    pub(crate) fn free(self, number: u32) -> Self {
        self.row(number, Row::Free { generation: 1 })
    }

    /// Any row.
    pub(crate) fn row(mut self, number: u32, row: Row) -> Self {
        self.rows.insert(number, row);
        self
    }

    /// An object stream of these objects, with their rows; `extra` goes into its dictionary.
    pub(crate) fn object_stream(
        mut self,
        number: u32,
        members: &[(u32, &str)],
        extra: &str,
    ) -> Self {
        let (mut index, mut bodies) = (String::new(), String::new());
        for (at, (member, body)) in (0..).zip(members) {
            index.push_str(&format!("{member} {} ", bodies.len()));
            bodies.push_str(&format!("{body} "));
            let row = Row::In {
                stream: number,
                index: at,
            };
            self.rows.insert(*member, row);
        }
        let (count, first) = (members.len(), index.len());
        let data = index + &bodies;
        let extra = format!("/Type/ObjStm/N {count}/First {first}{extra}");
        self.object(number, &stream_with(&extra, &data))
    }

    fn size(&self) -> u32 {
        let highest = self.rows.last_key_value().map_or(0, |(number, _)| *number);
        self.size.unwrap_or((highest + 1).max(self.least))
    }

    fn previous(&self) -> String {
        self.previous
            .map_or_else(String::new, |at| format!("/Prev {at}"))
    }

    /// The rows as a cross-reference table, one subsection each.
    pub(crate) fn subsections(&self) -> String {
        let mut text = String::new();
        for (number, row) in &self.rows {
            let line = match row {
                Row::Free { generation } => format!("0000000000 {generation:05} f \n"),
                Row::At { offset, generation } => format!("{offset:010} {generation:05} n \n"),
                Row::In { .. } => continue,
            };
            text.push_str(&format!("{number} 1\n{line}"));
        }
        text
    }

    /// Ends with a table and a trailer.
    pub(crate) fn table(self) -> Vec<u8> {
        let subsections = self.subsections();
        self.table_of(&subsections)
    }

    /// Ends with these subsections and a trailer.
    pub(crate) fn table_of(self, subsections: &str) -> Vec<u8> {
        let (at, size, previous) = (self.out.len(), self.size(), self.previous());
        let trailer = format!("trailer\n<<{}/Size {size}{previous}>>\n", self.trailer);
        let text = format!("xref\n{subsections}{trailer}");
        self.raw(text).finish(at)
    }

    /// The rows as the data of a cross-reference stream with fields of 1, 4 and 2 bytes, and its
    /// `/Index`.
    pub(crate) fn stream_rows(&self) -> (Vec<u8>, String) {
        let (mut data, mut index) = (Vec::new(), String::new());
        for (number, row) in &self.rows {
            index.push_str(&format!("{number} 1 "));
            let (kind, second, third) = match *row {
                Row::Free { generation } => (0, 0, generation),
                Row::At { offset, generation } => (1, u32::try_from(offset).unwrap(), generation),
                Row::In { stream, index } => (2, stream, index),
            };
            data.push(kind);
            data.extend(second.to_be_bytes());
            data.extend(third.to_be_bytes());
        }
        (data, index)
    }

    /// Ends with a cross-reference stream, object `number`.
    pub(crate) fn stream(self, number: u32) -> Vec<u8> {
        let (own, _) = self.stream_object(number, "");
        let at = own.rows[&number].offset();
        own.finish(at)
    }

    /// Writes a cross-reference stream, object `number`, `extra` in its dictionary; gives also its
    /// offset.
    pub(crate) fn stream_object(mut self, number: u32, extra: &str) -> (Self, usize) {
        let (offset, generation) = (self.out.len(), 0);
        self.rows.insert(number, Row::At { offset, generation });
        let (data, index) = self.stream_rows();
        let (size, previous, length) = (self.size(), self.previous(), data.len());
        let dictionary = format!(
            "<</Type/XRef/W[1 4 2]/Index[{index}]/Size {size}{previous}{}{extra}/Length {length}>>",
            self.trailer
        );
        let own = self
            .raw(format!("{number} 0 obj\n{dictionary}\nstream\n"))
            .raw(data)
            .raw("\nendstream\nendobj\n");
        (own, offset)
    }

    /// Ends with a hybrid: a table, and a stream `number` of the rows in `hidden` only.
    pub(crate) fn hybrid(mut self, number: u32, hidden: &[u32]) -> Vec<u8> {
        self.least = self.size().max(number + 1);
        let all = std::mem::take(&mut self.rows);
        let (inside, outside) = all.into_iter().partition(|(one, _)| hidden.contains(one));
        self.rows = inside;
        let (mut own, offset) = self.stream_object(number, "");
        own.rows = outside;
        own.trailer.push_str(&format!("/XRefStm {offset}"));
        own.table()
    }

    /// Ends with `startxref` naming `at`.
    pub(crate) fn finish(self, at: usize) -> Vec<u8> {
        let text = format!("startxref\n{}{}", self.startxref.unwrap_or(at), self.end);
        self.raw(text).out
    }
}

impl Row {
    /// Where the object begins.
    pub(crate) fn offset(self) -> usize {
        match self {
            Self::At { offset, .. } => offset,
            other => panic!("{other:?} has no offset"),
        }
    }
}

/// A stream object's body.
pub(crate) fn stream(data: &str) -> String {
    stream_with("", data)
}

/// A stream object's body with more in its dictionary.
pub(crate) fn stream_with(extra: &str, data: &str) -> String {
    format!(
        "<<{extra}/Length {}>>\nstream\n{data}\nendstream",
        data.len()
    )
}

/// A stream object's body of any bytes.
pub(crate) fn stream_bytes(extra: &str, data: &[u8]) -> Vec<u8> {
    let head = format!("<<{extra}/Length {}>>\nstream\n", data.len());
    [head.as_bytes(), data, b"\nendstream"].concat()
}

/// First place of `wanted` at or after `from`.
pub(crate) fn find(file: &[u8], wanted: &str, from: usize) -> usize {
    let mut pieces = file[from..].windows(wanted.len());
    let found = pieces.position(|piece| piece == wanted.as_bytes());
    from + found.unwrap_or_else(|| panic!("{wanted} is not in the file"))
}

/// Last place of `wanted`.
pub(crate) fn rfind(file: &[u8], wanted: &str) -> usize {
    let mut pieces = file.windows(wanted.len());
    let found = pieces.rposition(|piece| piece == wanted.as_bytes());
    found.unwrap_or_else(|| panic!("{wanted} is not in the file"))
}

/// The number after the last `startxref`.
pub(crate) fn last_startxref(file: &[u8]) -> usize {
    let at = rfind(file, "startxref") + "startxref".len();
    let text = String::from_utf8_lossy(&file[at..]).into_owned();
    text.split_whitespace().next().unwrap().parse().unwrap()
}

/// The number after the last `/Size`, 0 without one.
fn last_size(file: &[u8]) -> u32 {
    let mut pieces = file.windows(b"/Size ".len());
    let Some(at) = pieces.rposition(|piece| piece == b"/Size ") else {
        return 0;
    };
    let digits = file[at + b"/Size ".len()..].iter();
    let digits = digits.take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |size, digit| size * 10 + u32::from(digit - b'0'))
}

/// `file` with other bytes at a place.
pub(crate) fn replaced(file: &[u8], (start, end): (usize, usize), by: impl AsRef<[u8]>) -> Vec<u8> {
    [&file[..start], by.as_ref(), &file[end..]].concat()
}

/// `file` with the last `old` replaced by `new`.
pub(crate) fn swapped(file: &[u8], old: &str, new: &str) -> Vec<u8> {
    let at = rfind(file, old);
    replaced(file, (at, at + old.len()), new)
}
