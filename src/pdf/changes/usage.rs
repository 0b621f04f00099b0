//! Who points at the objects that later revisions touch. An object may only be replaced when every
//! reference to it was expected by the rule that allows the change: otherwise a harmless place and a
//! harmful one would share it. Read once for the whole file.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use crate::pdf::document::{Document, View};
use crate::pdf::error::Error;
use crate::pdf::object::{Dictionary, Object, ObjectId};
use crate::pdf::xref::Entry;

/// One reference to a watched object.
pub(super) struct Usage {
    /// Number of the object that holds the reference, 0 for the trailer.
    pub(super) holder: u32,
    /// Revision that wrote the holder in this form.
    revision: usize,
    /// Way from the holder to the reference: `/Annots[]`, or `[]` for an array object.
    pub(super) path: String,
}

/// An object that older objects already pointed at when it came.
pub(super) struct Awaited {
    pub(super) object: u32,
    pub(super) revision: usize,
    pub(super) path: String,
}

/// The references to every object that a revision after the first signature touches.
pub(super) struct Usages {
    first: usize,
    of: HashMap<u32, Vec<Usage>>,
    pub(super) awaited: Vec<Awaited>,
    reachable: OnceCell<HashSet<u32>>,
}

impl Usages {
    /// Reads every object of every revision once.
    pub(super) fn read(document: &Document<'_>, first: usize) -> Result<Self, Error> {
        let mut usages = Self {
            first,
            of: HashMap::new(),
            awaited: Vec::new(),
            reachable: OnceCell::new(),
        };
        let introduced = introduced_numbers(document, first, &mut usages.of);
        if usages.of.is_empty() {
            return Ok(usages);
        }
        for (at, revision) in document.revisions().iter().enumerate() {
            let view = document.as_of(at);
            usages.note(0, at, revision.trailer()?, &introduced);
            for (number, entry) in revision.entries() {
                let Some(id) = id_of(number, entry) else {
                    continue;
                };
                if let Some(object) = view.load(id)? {
                    usages.note_object(number, at, &object.object, &introduced);
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
    ) {
        for (key, item) in dictionary.iter() {
            let mut way = vec![Way::Key(key)];
            walk(&item.object, &mut way, &mut |id, way| {
                self.hit(holder, at, id, way, introduced);
            });
        }
    }

    fn note_object(
        &mut self,
        holder: u32,
        at: usize,
        object: &Object,
        introduced: &HashMap<u32, usize>,
    ) {
        walk(object, &mut Vec::new(), &mut |id, way| {
            self.hit(holder, at, id, way, introduced);
        });
    }

    fn hit(
        &mut self,
        holder: u32,
        at: usize,
        id: ObjectId,
        way: &[Way<'_>],
        introduced: &HashMap<u32, usize>,
    ) {
        let Some(known) = self.of.get_mut(&id.number) else {
            return;
        };
        let path = written(way);
        if let Some(step) = introduced.get(&id.number)
            && *step > at
        {
            self.awaited.push(Awaited {
                object: id.number,
                revision: *step,
                path: format!("{holder} 0 R{path}"),
            });
        }
        known.push(Usage {
            holder,
            revision: at,
            path,
        });
    }

    /// The references to `number` that stand as of `view`, those from objects that nothing leads to
    /// left out.
    pub(super) fn alive<'u>(
        &'u self,
        view: &View<'_, '_>,
        number: u32,
    ) -> Result<Vec<&'u Usage>, Error> {
        let mut alive = Vec::new();
        for usage in self.of.get(&number).map_or(&[][..], Vec::as_slice) {
            let stands = match usage.holder {
                0 => view.number() == usage.revision,
                holder => view.writer(holder) == Some(usage.revision),
            };
            if stands && self.is_reachable(view.document(), usage)? {
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

fn written(way: &[Way<'_>]) -> String {
    let mut text = String::new();
    for part in way {
        match part {
            Way::Key(key) => {
                text.push('/');
                text.push_str(&super::super::object::text(key));
            }
            Way::Item => text.push_str("[]"),
        }
    }
    text
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
