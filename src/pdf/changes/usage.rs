//! Who points at the objects that later revisions touch. An object may only be replaced when every
//! reference to it was expected by the rule that allows the change: otherwise a harmless place and a
//! harmful one would share it. Read once for the whole file.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::pdf::document::{Document, View};
use crate::pdf::error::Error;
use crate::pdf::indirect::Indirect;
use crate::pdf::limits;
use crate::pdf::meter::Work;
use crate::pdf::object::{Dictionary, Object, ObjectId};
use crate::pdf::xref::Entry;

/// One reference to a watched object.
pub(super) struct Usage {
    /// Number of the object that holds the reference, 0 for the trailer.
    pub(super) holder: u32,
    /// Revision that wrote the holder in this form.
    revision: usize,
    /// Way from the holder to the reference: `/Annots[]`, or `[]` for an array object.
    pub(super) path: Rc<str>,
}

/// An object that older objects already pointed at when it came.
pub(super) struct Awaited {
    pub(super) object: u32,
    pub(super) revision: usize,
    holder: u32,
    path: Rc<str>,
}

impl Awaited {
    /// Where the first object that points at it does so.
    pub(super) fn way(&self) -> String {
        format!("{} 0 R{}", self.holder, self.path)
    }
}

/// The references to every object that a revision after the first signature touches.
pub(super) struct Usages {
    first: usize,
    of: HashMap<u32, Vec<Usage>>,
    /// One for each object.
    pub(super) awaited: Vec<Awaited>,
    waited: HashSet<u32>,
    ways: Ways,
    count: usize,
    reachable: OnceCell<HashSet<u32>>,
}

impl Usages {
    /// Reads every object of every revision once.
    pub(super) fn read(document: &Document<'_>, first: usize) -> Result<Self, Error> {
        let mut usages = Self {
            first,
            of: HashMap::new(),
            awaited: Vec::new(),
            waited: HashSet::new(),
            ways: Ways::default(),
            count: 0,
            reachable: OnceCell::new(),
        };
        let introduced = introduced_numbers(document, first, &mut usages.of);
        if usages.of.is_empty() {
            return Ok(usages);
        }
        for (at, revision) in document.revisions().iter().enumerate() {
            let view = document.as_of(at);
            usages.note(0, at, revision.trailer()?, &introduced)?;
            for (number, entry) in revision.entries() {
                let Some(id) = id_of(number, entry) else {
                    continue;
                };
                let Some(object) = view.load(id)? else {
                    continue;
                };
                match section_beside_trailer(&object) {
                    Some(section) => usages.note(number, at, &section, &introduced)?,
                    None => usages.note_object(number, at, &object.object, &introduced)?,
                }
            }
        }
        Ok(usages)
    }

    fn note(
        &mut self,
        holder: u32,
        at: usize,
        dictionary: &Dictionary,
        introduced: &HashMap<u32, usize>,
    ) -> Result<(), Error> {
        let mut fault = Ok(());
        for (key, item) in dictionary.iter() {
            let mut way = vec![Way::Key(key)];
            walk(&item.object, &mut way, &mut |id, way| {
                if fault.is_ok() {
                    fault = self.hit((holder, at), id, way, introduced);
                }
            });
        }
        fault
    }

    fn note_object(
        &mut self,
        holder: u32,
        at: usize,
        object: &Object,
        introduced: &HashMap<u32, usize>,
    ) -> Result<(), Error> {
        let mut fault = Ok(());
        walk(object, &mut Vec::new(), &mut |id, way| {
            if fault.is_ok() {
                fault = self.hit((holder, at), id, way, introduced);
            }
        });
        fault
    }

    fn hit(
        &mut self,
        (holder, at): (u32, usize),
        id: ObjectId,
        way: &[Way<'_>],
        introduced: &HashMap<u32, usize>,
    ) -> Result<(), Error> {
        let Some(known) = self.of.get_mut(&id.number) else {
            return Ok(());
        };
        self.count = self.count.saturating_add(1);
        if self.count > limits::USAGES {
            return Err(Error::Limit {
                what: "references to changed objects",
                limit: u64::try_from(limits::USAGES).unwrap_or(u64::MAX),
            });
        }
        let path = self.ways.of(way)?;
        if let Some(step) = introduced.get(&id.number)
            && *step > at
            && self.waited.insert(id.number)
        {
            self.awaited.push(Awaited {
                object: id.number,
                revision: *step,
                holder,
                path: Rc::clone(&path),
            });
        }
        known.push(Usage {
            holder,
            revision: at,
            path,
        });
        Ok(())
    }

    /// The references to `number` that stand as of `view`, those from objects that nothing leads to
    /// left out.
    pub(super) fn alive<'u>(
        &'u self,
        view: &View<'_, '_>,
        number: u32,
    ) -> Result<Vec<&'u Usage>, Error> {
        let mut alive = Vec::new();
        let document = view.document();
        for usage in self.of.get(&number).map_or(&[][..], Vec::as_slice) {
            document.charge(Work::Lookup)?;
            let stands = match usage.holder {
                0 => view.number() == usage.revision,
                holder => view.writer(holder) == Some(usage.revision),
            };
            if stands && self.is_reachable(document, usage)? {
                alive.push(usage);
            }
        }
        Ok(alive)
    }

    fn is_reachable(&self, document: &Document<'_>, usage: &Usage) -> Result<bool, Error> {
        if usage.holder == 0 || usage.revision > self.first {
            return Ok(true);
        }
        let known = match self.reachable.get() {
            Some(known) => known,
            None => {
                let found = reachable(&document.as_of(self.first))?;
                self.reachable.get_or_init(|| found)
            }
        };
        Ok(known.contains(&usage.holder))
    }
}

/// The dictionary of a cross-reference stream without its `/Info`: that entry is the trailer's, which
/// is noted by itself, and nothing looks for it in any other stream.
fn section_beside_trailer(object: &Indirect) -> Option<Dictionary> {
    let dictionary = object.object.as_dictionary()?;
    if object.stream_start.is_none() || !dictionary.is_name(b"Type", b"XRef") {
        return None;
    }
    let entries = dictionary.iter().filter(|(key, _)| *key != b"Info");
    let entries = entries.map(|(key, item)| (key.into(), item.clone()));
    Some(Dictionary::from_entries(entries.collect()))
}

/// Numbers of all objects that can be reached from the trailer.
pub(in crate::pdf) fn reachable(view: &View<'_, '_>) -> Result<HashSet<u32>, Error> {
    let mut found = HashSet::new();
    let mut waiting = Vec::new();
    for (_, item) in view.revision()?.trailer()?.iter() {
        references(&item.object, &mut |id| waiting.push(id));
    }
    while let Some(id) = waiting.pop() {
        if !found.insert(id.number) {
            continue;
        }
        if let Some(object) = view.load(id)? {
            references(&object.object, &mut |id| waiting.push(id));
        }
    }
    Ok(found)
}

/// The id of an entry in use.
pub(in crate::pdf) const fn id_of(number: u32, entry: Entry) -> Option<ObjectId> {
    match entry {
        Entry::Free => None,
        Entry::InUse { generation, .. } => Some(ObjectId { number, generation }),
        Entry::Compressed { .. } => Some(ObjectId::new(number)),
    }
}

/// The revision each new number came with; every touched number gets a place in `watched`.
fn introduced_numbers(
    document: &Document<'_>,
    first: usize,
    watched: &mut HashMap<u32, Vec<Usage>>,
) -> HashMap<u32, usize> {
    let mut introduced = HashMap::new();
    let later = document.revisions().iter().enumerate();
    for (at, revision) in later.skip(first.saturating_add(1)) {
        let before = document.as_of(at.saturating_sub(1));
        for (number, entry) in revision.entries() {
            if entry == Entry::Free {
                continue;
            }
            watched.entry(number).or_default();
            if !before.in_use(number) {
                introduced.entry(number).or_insert(at);
            }
        }
    }
    introduced
}

enum Way<'x> {
    Key(&'x [u8]),
    Item,
}

/// The ways met so far, each kept once: most references hang at one of a few.
#[derive(Default)]
struct Ways {
    known: HashSet<Rc<str>>,
    bytes: usize,
}

impl Ways {
    fn of(&mut self, way: &[Way<'_>]) -> Result<Rc<str>, Error> {
        let text = written(way);
        if let Some(known) = self.known.get(text.as_str()) {
            return Ok(Rc::clone(known));
        }
        self.bytes = self.bytes.saturating_add(text.len());
        if self.bytes > limits::WAY_BYTES {
            return Err(Error::Limit {
                what: "bytes of ways to changed objects",
                limit: u64::try_from(limits::WAY_BYTES).unwrap_or(u64::MAX),
            });
        }
        let kept: Rc<str> = text.into();
        self.known.insert(Rc::clone(&kept));
        Ok(kept)
    }
}

/// The way as text. One longer than any a rule knows ends in `…`, which no rule expects.
fn written(way: &[Way<'_>]) -> String {
    const LONGEST: usize = 400;
    let mut text = String::new();
    for part in way {
        if text.len() > LONGEST {
            text.push('…');
            break;
        }
        match part {
            Way::Key(key) => {
                let shown = key.get(..LONGEST).unwrap_or(key);
                text.push('/');
                text.push_str(&escaped(shown));
                if shown.len() < key.len() {
                    text.push('…');
                }
            }
            Way::Item => text.push_str("[]"),
        }
    }
    text
}

/// A key as text in which `/` and `[]` can only stand for levels.
fn escaped(key: &[u8]) -> String {
    let text = super::super::object::text(key);
    if !text.contains(['/', '[', ']']) {
        return text;
    }
    text.replace('/', "#2F")
        .replace('[', "#5B")
        .replace(']', "#5D")
}

fn walk<'x>(
    object: &'x Object,
    way: &mut Vec<Way<'x>>,
    found: &mut dyn FnMut(ObjectId, &[Way<'x>]),
) {
    match object {
        Object::Reference(id) => found(*id, way),
        Object::Array(items) => {
            for item in items {
                way.push(Way::Item);
                walk(&item.object, way, found);
                way.pop();
            }
        }
        Object::Dictionary(dictionary) => {
            for (key, item) in dictionary.iter() {
                way.push(Way::Key(key));
                walk(&item.object, way, found);
                way.pop();
            }
        }
        _ => {}
    }
}

/// Calls `found` for every reference inside `object`.
pub(in crate::pdf) fn references(object: &Object, found: &mut dyn FnMut(ObjectId)) {
    walk(object, &mut Vec::new(), &mut |id, _| found(id));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_short_and_its_keys_make_no_levels() {
        let of = |key: &[u8]| written(&[Way::Key(b"Annots"), Way::Item, Way::Key(key)]);
        assert_eq!(of(b"AP"), "/Annots[]/AP");
        assert_eq!(of(b"X/Kids[]"), "/Annots[]/X#2FKids#5B#5D");
        let long = of(&[b'K'; 4_000]);
        assert!(long.ends_with("K…") && long.len() < 500, "{long}");
        assert!(written(&[const { Way::Key(b"deep") }; 200]).len() < 500);
    }

    #[test]
    fn ways_are_kept_once_and_not_without_end() {
        let mut ways = Ways::default();
        let one = ways.of(&[Way::Key(b"Kids"), Way::Item]).unwrap();
        let same = ways.of(&[Way::Key(b"Kids"), Way::Item]).unwrap();
        assert!(Rc::ptr_eq(&one, &same));
        let refused = (0..1_000_000_u32).find_map(|number| {
            let key = format!("{number}{}", "k".repeat(300));
            ways.of(&[Way::Key(key.as_bytes())]).err()
        });
        assert_eq!(refused.unwrap().code(), "LIMIT_EXCEEDED");
    }
}
