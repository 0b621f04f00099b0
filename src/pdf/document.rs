//! A file as its revisions, and a view of it as of any of them: objects are looked up and loaded
//! one by one, never all at once.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::error::{Error, malformed};
use super::filter;
use super::indirect::{self, Indirect, Origin};
use super::limits;
use super::meter::{Meter, Work};
use super::object::{Dictionary, Object, ObjectId};
use super::parser::Parser;
use super::revisions::{self, Revision};
use super::source::{self, ByteSource};
use super::xref::{self, Entry};

/// A file whose structure was read and found regular.
pub struct Document<'a> {
    source: &'a dyn ByteSource,
    revisions: Vec<Revision>,
    trailing: u64,
    newest: Newest,
    meter: Meter,
    cache: RefCell<Cache>,
}

#[derive(Default)]
struct Cache {
    objects: HashMap<(u32, Entry), Rc<Indirect>>,
    streams: HashMap<u64, Rc<ObjectStream>>,
    bytes: usize,
}

/// A decoded object stream: its bytes, and number and place of each object in them.
struct ObjectStream {
    number: u32,
    bytes: Vec<u8>,
    index: Vec<(u32, usize)>,
}

impl<'a> Document<'a> {
    /// Reads the chain of revisions of `source`.
    ///
    /// # Errors
    /// When the file is not a PDF, is encrypted, breaks the rules of its structure or exceeds a
    /// limit. Nothing is repaired.
    pub fn open(source: &'a dyn ByteSource) -> Result<Self, Error> {
        let meter = Meter::default();
        let (revisions, trailing) = revisions::read(source, &meter)?;
        Ok(Self {
            source,
            trailing,
            newest: Newest::read(&revisions),
            revisions,
            meter,
            cache: RefCell::default(),
        })
    }

    /// The revisions, oldest first; at least one.
    #[must_use]
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    /// How many bytes after the last revision hold more than white space.
    #[must_use]
    pub const fn trailing_bytes(&self) -> u64 {
        self.trailing
    }

    /// The bytes of the file.
    #[must_use]
    pub const fn source(&self) -> &'a dyn ByteSource {
        self.source
    }

    /// Charges the file for work.
    ///
    /// # Errors
    /// When it has cost too much.
    pub(super) fn charge(&self, work: Work) -> Result<(), Error> {
        self.meter.charge(work)
    }

    /// Whether reading the file stayed within its limit; asked at the end, because a fault on the
    /// way may have been taken for a missing value.
    ///
    /// # Errors
    /// When the file has cost more than [`limits::WORK`].
    pub fn check_cost(&self) -> Result<(), Error> {
        self.meter.check()
    }

    /// The file as of the revision `revision` (0 is the oldest).
    #[must_use]
    pub const fn as_of(&self, revision: usize) -> View<'_, 'a> {
        View {
            document: self,
            revision,
        }
    }

    /// The file as of its last revision.
    #[must_use]
    pub const fn latest(&self) -> View<'_, 'a> {
        self.as_of(self.revisions.len().saturating_sub(1))
    }

    /// A number above every object number the file knows.
    #[must_use]
    pub fn next_number(&self) -> u32 {
        let highest = |r: &Revision| r.entries.last().map_or(0, |(number, _)| *number);
        let size = |r: &Revision| {
            let size = r
                .trailer()
                .ok()
                .and_then(|trailer| trailer.integer(b"Size"));
            size.and_then(|size| u32::try_from(size).ok()).unwrap_or(0)
        };
        let of = |r: &Revision| highest(r).saturating_add(1).max(size(r));
        self.revisions.iter().map(of).max().unwrap_or(1)
    }
}

/// Which revisions wrote each object number: pairs of number and revision, in order.
struct Newest(Vec<(u32, u32)>);

impl Newest {
    fn read(revisions: &[Revision]) -> Self {
        let count = revisions.iter().map(|revision| revision.entries.len());
        let mut pairs = Vec::with_capacity(count.sum());
        for (revision, at) in revisions.iter().zip(0..) {
            pairs.extend(revision.entries.iter().map(|(number, _)| (*number, at)));
        }
        pairs.sort_unstable();
        Self(pairs)
    }

    /// The newest revision up to `revision` that has an entry for `number`.
    fn writer(&self, number: u32, revision: usize) -> Option<usize> {
        let last = (number, u32::try_from(revision).ok()?);
        let after = self.0.partition_point(|pair| *pair <= last);
        let (found, writer) = self.0.get(after.checked_sub(1)?)?;
        (*found == number).then(|| usize::try_from(*writer).ok())?
    }
}

/// What a file says as of one of its revisions.
#[derive(Clone, Copy)]
pub struct View<'d, 'a> {
    document: &'d Document<'a>,
    revision: usize,
}

impl<'d, 'a> View<'d, 'a> {
    /// The file viewed.
    #[must_use]
    pub const fn document(&self) -> &'d Document<'a> {
        self.document
    }

    /// The revision viewed.
    ///
    /// # Errors
    /// When the view was made of a revision the file does not have.
    pub fn revision(&self) -> Result<&'d Revision, Error> {
        let wrong = malformed("XREF_CHAIN", 0, "a revision of the file");
        self.document.revisions.get(self.revision).ok_or(wrong)
    }

    /// The number of the revision viewed.
    #[must_use]
    pub const fn number(&self) -> usize {
        self.revision
    }

    /// The revision that wrote the newest entry of an object number up to this one.
    #[must_use]
    pub fn writer(&self, number: u32) -> Option<usize> {
        self.document.newest.writer(number, self.revision)
    }

    /// The newest entry of an object number up to this revision.
    #[must_use]
    pub fn entry(&self, number: u32) -> Option<Entry> {
        let writer = self.writer(number)?;
        self.document.revisions.get(writer)?.entry(number)
    }

    /// Whether an object number is in use as of this revision.
    #[must_use]
    pub fn in_use(&self, number: u32) -> bool {
        self.entry(number).is_some_and(|entry| entry != Entry::Free)
    }

    /// The object `id`, or `None` when the file does not have it (which means null).
    ///
    /// # Errors
    /// When the entry leads to something else or the object is malformed.
    pub fn load(&self, id: ObjectId) -> Result<Option<Rc<Indirect>>, Error> {
        self.document.charge(Work::Lookup)?;
        let Some(entry) = self.entry(id.number) else {
            return Ok(None);
        };
        let generation = match entry {
            Entry::Free => return Ok(None),
            Entry::InUse { generation, .. } => generation,
            Entry::Compressed { .. } => 0,
        };
        if generation != id.generation {
            return Ok(None);
        }
        if let Some(known) = self
            .document
            .cache
            .borrow()
            .objects
            .get(&(id.number, entry))
        {
            return Ok(Some(Rc::clone(known)));
        }
        let object = Rc::new(self.read(id, entry)?);
        let mut cache = self.document.cache.borrow_mut();
        cache.bytes = cache
            .bytes
            .saturating_add(object.raw.len().saturating_mul(4));
        if cache.bytes > limits::CACHE_BYTES {
            *cache = Cache::default();
        }
        cache.objects.insert((id.number, entry), Rc::clone(&object));
        Ok(Some(object))
    }

    /// The object at `entry`, read anew.
    pub(super) fn read(&self, id: ObjectId, entry: Entry) -> Result<Indirect, Error> {
        match entry {
            Entry::Free => Err(malformed("OBJECT_MISPLACED", 0, "an object in use")),
            Entry::InUse { offset, .. } => {
                let object = indirect::read(self.document.source, offset)?;
                self.document.charge(Work::Parsed(object.raw.len()))?;
                if object.id != id {
                    let expected = "the object the cross-reference names";
                    return Err(malformed("OBJECT_MISPLACED", offset, expected));
                }
                Ok(object)
            }
            Entry::Compressed { stream, index } => {
                let home = self.object_stream(stream)?;
                let object = home.object(id, index)?;
                self.document.charge(Work::Parsed(object.raw.len()))?;
                Ok(object)
            }
        }
    }

    fn object_stream(&self, number: u32) -> Result<Rc<ObjectStream>, Error> {
        let wrong = |offset| malformed("STREAM_MALFORMED", offset, "an object stream");
        let Some(Entry::InUse { offset, .. }) = self.entry(number) else {
            return Err(wrong(0));
        };
        if let Some(known) = self.document.cache.borrow().streams.get(&offset) {
            return Ok(Rc::clone(known));
        }
        let object = self.load(ObjectId::new(number))?.ok_or(wrong(offset))?;
        let dictionary = object.dictionary()?;
        if !dictionary.is_name(b"Type", b"ObjStm") {
            return Err(wrong(offset));
        }
        let plain = self.plain_data(&object)?;
        let stream = ObjectStream::read(number, dictionary, plain).ok_or(wrong(offset))?;
        let stream = Rc::new(stream);
        let mut cache = self.document.cache.borrow_mut();
        let index = stream.index.len().saturating_mul(16);
        let bytes = stream.bytes.len().saturating_add(index);
        cache.bytes = cache.bytes.saturating_add(bytes);
        if cache.bytes > limits::CACHE_BYTES {
            *cache = Cache::default();
        }
        cache.streams.insert(offset, Rc::clone(&stream));
        Ok(stream)
    }

    /// The object numbers of an object stream, in the order of their places.
    pub(super) fn numbers_in(&self, stream: u32) -> Result<Vec<u32>, Error> {
        let stream = self.object_stream(stream)?;
        Ok(stream.index.iter().map(|(number, _)| *number).collect())
    }

    /// The value behind `object`, followed through references.
    ///
    /// # Errors
    /// When an object cannot be loaded or references lead in a circle.
    pub fn resolve(&self, object: &Object) -> Result<Object, Error> {
        let mut current = object.clone();
        for _ in 0..8 {
            let Object::Reference(id) = current else {
                return Ok(current);
            };
            let Some(found) = self.load(id)? else {
                return Ok(Object::Null);
            };
            self.document.charge(Work::Copied(found.raw.len()))?;
            current = found.object.clone();
        }
        Err(malformed("OBJECT_MALFORMED", 0, "references that end"))
    }

    /// The value of `key`, followed through references; null when absent.
    ///
    /// # Errors
    /// As [`View::resolve`].
    pub fn value(&self, dictionary: &Dictionary, key: &[u8]) -> Result<Object, Error> {
        dictionary
            .get(key)
            .map_or(Ok(Object::Null), |object| self.resolve(object))
    }

    /// The catalog.
    ///
    /// # Errors
    /// When the file has none.
    pub fn catalog(&self) -> Result<Rc<Indirect>, Error> {
        let revision = self.revision()?;
        let wrong = malformed("STRUCTURE", revision.xref_offset, "a catalog");
        let catalog = self.load(revision.root()?)?.ok_or(wrong)?;
        catalog.dictionary()?;
        Ok(catalog)
    }

    /// First byte and length of a stream's data, checked against its `endstream`.
    ///
    /// # Errors
    /// When the object is no stream or `/Length` is wrong.
    pub fn stream_span(&self, object: &Indirect) -> Result<(u64, u64), Error> {
        let wrong = malformed("STREAM_MALFORMED", object.offset(), "a stream with /Length");
        let start = object.stream_start.ok_or(wrong)?;
        let length = self.value(object.dictionary()?, b"Length")?;
        let length = length.as_integer().and_then(|n| u64::try_from(n).ok());
        let wrong = malformed("STREAM_MALFORMED", object.offset(), "a stream with /Length");
        let length = length.ok_or(wrong)?;
        let after = xref::stream_end(self.document.source, start, length)?;
        let ending = after.saturating_sub(start).saturating_sub(length);
        let ending = usize::try_from(ending).unwrap_or(usize::MAX);
        self.document.charge(Work::Parsed(ending))?;
        Ok((start, length))
    }

    /// The data of a stream as stored, at most [`limits::OBJECT_BYTES`].
    ///
    /// # Errors
    /// As [`View::stream_span`], and when the data is too long.
    pub fn stream_data(&self, object: &Indirect) -> Result<Vec<u8>, Error> {
        let (start, length) = self.stream_span(object)?;
        if length > limits::OBJECT_BYTES {
            return Err(Error::Limit {
                what: "bytes of a stream",
                limit: limits::OBJECT_BYTES,
            });
        }
        self.document.charge(Work::Fetched(length))?;
        source::window(self.document.source, start, length)
    }

    /// The data of a stream without its filters (Flate or none).
    ///
    /// # Errors
    /// As [`View::stream_data`], and when another filter is used or the data inflates to more than
    /// [`limits::INFLATED_BYTES`].
    pub fn plain_data(&self, object: &Indirect) -> Result<Vec<u8>, Error> {
        self.plain_data_within(object, limits::INFLATED_BYTES)
    }

    /// The data of a stream without its filters, at most `most` bytes of it.
    ///
    /// # Errors
    /// As [`View::plain_data`], the limit being `most`.
    pub(super) fn plain_data_within(
        &self,
        object: &Indirect,
        most: usize,
    ) -> Result<Vec<u8>, Error> {
        let data = self.stream_data(object)?;
        let plain = filter::decode_within(object.dictionary()?, data, object.offset(), most);
        let spent = plain.as_ref().map_or(most, Vec::len);
        self.document.charge(Work::Inflated(spent))?;
        plain
    }
}

impl ObjectStream {
    fn read(number: u32, dictionary: &Dictionary, bytes: Vec<u8>) -> Option<Self> {
        let count = usize::try_from(dictionary.integer(b"N")?).ok()?;
        let first = usize::try_from(dictionary.integer(b"First")?).ok()?;
        if count > limits::STREAM_OBJECTS || count > bytes.len() || first > bytes.len() {
            return None;
        }
        let mut index = Vec::with_capacity(count);
        let mut parser = Parser::new(bytes.get(..first)?, true);
        for _ in 0..count {
            parser.skip_blank();
            let number = u32::try_from(parser.unsigned().ok()?).ok()?;
            parser.skip_blank();
            let at = usize::try_from(parser.unsigned().ok()?)
                .ok()?
                .checked_add(first)?;
            index.push((number, at));
        }
        // Readers differ in which of two objects of one number they take.
        let mut known = HashSet::with_capacity(index.len());
        if !index.iter().all(|(number, _)| known.insert(*number)) {
            return None;
        }
        Some(Self {
            number,
            bytes,
            index,
        })
    }

    fn object(&self, id: ObjectId, index: u32) -> Result<Indirect, Error> {
        let wrong = || malformed("OBJECT_MISPLACED", 0, "the object the object stream names");
        let slot = usize::try_from(index).unwrap_or(usize::MAX);
        let found = self
            .index
            .get(slot)
            .filter(|(number, _)| *number == id.number);
        let (_, at) = found.ok_or(wrong())?;
        let rest = self.bytes.get(*at..).ok_or(wrong())?;
        let mut parser = Parser::new(rest, true);
        parser.skip_blank();
        let start = parser.position();
        let object = parser.object().map_err(|stop| indirect::fault(stop, 0))?;
        let raw = rest.get(..parser.position()).unwrap_or_default().to_vec();
        Ok(Indirect {
            id,
            object,
            body: start..raw.len(),
            raw,
            origin: Origin::ObjectStream {
                stream: self.number,
            },
            stream_start: None,
        })
    }
}
