//! The rules that explain one later revision, entry by entry.

use std::collections::HashSet;

use super::{Offence, RevisionChanges, new_objects_below};
use crate::domain::digest::Sha256Stream;
use crate::pdf::document::{Document, View};
use crate::pdf::error::{Error, malformed};
use crate::pdf::indirect::Indirect;
use crate::pdf::object::{Dictionary, Item, Object, ObjectId};
use crate::pdf::revisions::Revision;
use crate::pdf::source::stream;
use crate::pdf::xref::{Entry, Kind};

/// One revision against the one before.
pub(super) struct Step<'d, 'a> {
    pub(super) old: View<'d, 'a>,
    pub(super) new: View<'d, 'a>,
    pub(super) section: &'d Revision,
    pub(super) explained: HashSet<u32>,
    pub(super) widgets: HashSet<ObjectId>,
    pub(super) changes: RevisionChanges,
}

/// Trailer keys that belong to the section and not to the document.
const SECTION_KEYS: [&[u8]; 10] = [
    b"Size",
    b"Prev",
    b"Type",
    b"W",
    b"Index",
    b"Filter",
    b"DecodeParms",
    b"Length",
    b"ID",
    b"Info",
];

impl<'d, 'a> Step<'d, 'a> {
    pub(super) fn new(document: &'d Document<'a>, revision: usize) -> Result<Self, Error> {
        let wrong = malformed("XREF_CHAIN", 0, "an earlier revision");
        let old = document.as_of(revision.checked_sub(1).ok_or(wrong)?);
        let new = document.as_of(revision);
        let section = new.revision()?;
        let changes = RevisionChanges {
            revision,
            ..RevisionChanges::default()
        };
        let (explained, widgets) = (HashSet::new(), HashSet::new());
        Ok(Self {
            old,
            new,
            section,
            explained,
            widgets,
            changes,
        })
    }

    pub(super) fn explain(mut self) -> Result<RevisionChanges, Error> {
        self.containers()?;
        if self.trailer()? {
            self.catalog()?;
            self.pages()?;
            self.info()?;
        }
        self.rest()?;
        Ok(self.changes)
    }

    pub(super) fn offend(&mut self, code: &'static str, object: u32) {
        let offset = match self.section.entry(object) {
            Some(Entry::InUse { offset, .. }) => offset,
            _ => self.section.xref_offset,
        };
        let revision = self.changes.revision;
        self.changes.offences.push(Offence {
            code,
            revision,
            object,
            offset,
        });
        self.explained.insert(object);
    }

    pub(super) fn touched(&self, number: u32) -> bool {
        self.section
            .entry(number)
            .is_some_and(|entry| entry != Entry::Free)
    }

    pub(super) fn fresh(&self, number: u32) -> bool {
        self.touched(number) && !self.old.in_use(number)
    }

    /// Explains everything new below `object`.
    pub(super) fn explain_below(&mut self, object: &Object, skip: &[&[u8]]) -> Result<(), Error> {
        let found = new_objects_below(&self.new, object, skip, &|number| self.fresh(number))?;
        self.explained.extend(found);
        Ok(())
    }

    /// The cross-reference stream itself and new object streams.
    fn containers(&mut self) -> Result<(), Error> {
        if let Kind::Stream { number } = self.section.kind {
            if self.old.in_use(number) {
                self.offend("OBJECT_REPLACED", number);
            }
            self.explained.insert(number);
        }
        let streams = self.section.entries().filter_map(|(_, entry)| match entry {
            Entry::Compressed { stream, .. } => Some(stream),
            _ => None,
        });
        for stream in streams.collect::<HashSet<_>>() {
            if !self.fresh(stream) {
                self.offend("OBJECT_REPLACED", stream);
            }
            self.explained.insert(stream);
        }
        Ok(())
    }

    /// Whether both trailers lead to the same catalog.
    fn trailer(&mut self) -> Result<bool, Error> {
        let (old, new) = (
            self.old.revision()?.trailer()?,
            self.new.revision()?.trailer()?,
        );
        if old.get(b"Root") != new.get(b"Root") || new.get(b"Root").is_none() {
            self.offend("CATALOG_REPLACED", 0);
            return Ok(false);
        }
        let first_id = |trailer: &Dictionary| {
            let id = trailer.get(b"ID").and_then(Object::as_array);
            id.and_then(|id| id.first().map(|item| item.object.clone()))
        };
        let own = |key: &[u8]| SECTION_KEYS.contains(&key) || key == b"XRefStm";
        let changed = old
            .iter()
            .chain(new.iter())
            .any(|(key, _)| !own(key) && old.get(key) != new.get(key));
        if changed || first_id(old) != first_id(new) || new.get(b"XRefStm").is_some() {
            self.offend("TRAILER_CHANGED", 0);
        }
        Ok(true)
    }

    fn catalog(&mut self) -> Result<(), Error> {
        let (old, new) = (self.old.catalog()?, self.new.catalog()?);
        let number = new.id.number;
        let (before, after) = (old.dictionary()?, new.dictionary()?);
        let may = |key: &[u8]| matches!(key, b"AcroForm" | b"DSS" | b"Extensions");
        if differing(before, after).any(|key| !may(key)) {
            self.offend("CATALOG_CHANGED", number);
        }
        let (old_extensions, new_extensions) = (
            self.old.value(before, b"Extensions")?,
            self.new.value(after, b"Extensions")?,
        );
        if !contains(&old_extensions, &new_extensions) {
            self.offend("CATALOG_CHANGED", number);
        }
        self.form(before, after)?;
        let (old_store, new_store) = (before.get(b"DSS").cloned(), after.get(b"DSS").cloned());
        self.security_store(old_store.as_ref(), new_store.as_ref())?;
        self.explained.insert(number);
        Ok(())
    }

    /// Explains the object behind `object` when it is a reference to something touched that is
    /// either new or was already there under the same number.
    pub(super) fn explain_holder(&mut self, old: Option<&Object>, new: Option<&Object>) {
        if let Some(Object::Reference(id)) = new
            && self.touched(id.number)
            && (self.fresh(id.number) || old == new)
        {
            self.explained.insert(id.number);
        }
    }

    /// The information dictionary may gain a new date of change and producer.
    fn info(&mut self) -> Result<(), Error> {
        let (old, new) = (
            self.old.revision()?.trailer()?,
            self.new.revision()?.trailer()?,
        );
        let (old_ref, new_ref) = (old.get(b"Info"), new.get(b"Info"));
        let number = new_ref
            .and_then(Object::as_reference)
            .map_or(0, |id| id.number);
        if old_ref == new_ref && !self.touched(number) {
            return Ok(());
        }
        let (before, after) = (self.old.value(old, b"Info")?, self.new.value(new, b"Info")?);
        let empty = Dictionary::default();
        let before = before.as_dictionary().unwrap_or(&empty);
        let after = after.as_dictionary().unwrap_or(&empty);
        let may = |key: &[u8]| matches!(key, b"ModDate" | b"Producer");
        let plain = after
            .iter()
            .all(|(_, item)| matches!(item.object, Object::String(_) | Object::Name(_)));
        let same_place = old_ref == new_ref || self.fresh(number);
        if !plain || !same_place || differing(before, after).any(|key| !may(key)) {
            self.offend("INFORMATION_CHANGED", number);
            return Ok(());
        }
        self.explained.insert(number);
        Ok(())
    }

    /// Whatever no rule explained must say the same as before.
    fn rest(&mut self) -> Result<(), Error> {
        for (number, entry) in self.section.entries().collect::<Vec<_>>() {
            if self.explained.contains(&number) {
                continue;
            }
            if entry == Entry::Free {
                if self.old.in_use(number) {
                    self.offend("OBJECT_FREED", number);
                }
            } else if !self.unchanged(number)? {
                let old = self.old.in_use(number);
                self.offend(
                    if old {
                        "OBJECT_CHANGED"
                    } else {
                        "OBJECT_UNEXPLAINED"
                    },
                    number,
                );
            }
        }
        Ok(())
    }

    fn unchanged(&self, number: u32) -> Result<bool, Error> {
        let generation = |view: &View<'_, '_>| match view.entry(number) {
            Some(Entry::InUse { generation, .. }) => generation,
            _ => 0,
        };
        let load = |view: &View<'_, '_>| {
            view.load(ObjectId {
                number,
                generation: generation(view),
            })
        };
        let (Some(old), Some(new)) = (load(&self.old)?, load(&self.new)?) else {
            return Ok(false);
        };
        if generation(&self.old) != generation(&self.new) || old.object != new.object {
            return Ok(false);
        }
        Ok(digest(&self.old, &old)? == digest(&self.new, &new)?)
    }
}

/// The digest of a stream's data, `None` for other objects.
fn digest(
    view: &View<'_, '_>,
    object: &Indirect,
) -> Result<Option<crate::domain::digest::Sha256>, Error> {
    if object.stream_start.is_none() {
        return Ok(None);
    }
    let (start, length) = view.stream_span(object)?;
    let mut hash = Sha256Stream::default();
    let source = view.document().source();
    stream(source, start, start.saturating_add(length), &mut |piece| {
        hash.update(piece)
    })?;
    Ok(Some(hash.finish()))
}

/// Keys whose values differ between the dictionaries.
pub(super) fn differing<'x>(
    old: &'x Dictionary,
    new: &'x Dictionary,
) -> impl Iterator<Item = &'x [u8]> {
    old.iter()
        .chain(new.iter())
        .map(|(key, _)| key)
        .filter(|key| old.get(key) != new.get(key))
}

/// The items `new` has after all items of `old`, or `None` when `old` is not its beginning.
pub(super) fn appended<'x>(old: &Object, new: &'x Object) -> Option<&'x [Item]> {
    items(new)?.strip_prefix(items(old)?)
}

fn items(object: &Object) -> Option<&[Item]> {
    match object {
        Object::Null => Some(&[]),
        other => other.as_array(),
    }
}

/// Whether every entry of `old` is still in `new`.
fn contains(old: &Object, new: &Object) -> bool {
    match (old, new) {
        (Object::Null, Object::Null | Object::Dictionary(_)) => true,
        (Object::Dictionary(old), Object::Dictionary(new)) => old
            .iter()
            .all(|(key, item)| new.get(key) == Some(&item.object)),
        _ => false,
    }
}
