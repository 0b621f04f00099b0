//! One later revision against the one before: the frame the rules stand in. Every entry of the
//! revision's cross-reference section must be explained by a rule, or it is refused.

use std::collections::HashSet;

use super::Course;
use super::RevisionChanges;
use super::equal::same;
use super::kind::{Kind, Modification};
use super::usage::{Usage, id_of};
use crate::domain::digest::{Sha256, Sha256Stream};
use crate::pdf::document::View;
use crate::pdf::error::{Error, malformed};
use crate::pdf::indirect::Indirect;
use crate::pdf::limits;
use crate::pdf::object::{Object, ObjectId};
use crate::pdf::revisions::Revision;
use crate::pdf::source::stream;
use crate::pdf::xref::{Entry, Kind as SectionKind};

/// One revision against the one before.
pub(super) struct Step<'s, 'd, 'a> {
    pub(super) course: &'s mut Course,
    pub(super) old: View<'d, 'a>,
    pub(super) new: View<'d, 'a>,
    section: &'d Revision,
    pub(super) explained: HashSet<u32>,
    /// Widgets of new signature fields that no page shows yet.
    pub(super) widgets: HashSet<ObjectId>,
    pub(super) changes: RevisionChanges,
}

impl<'s, 'd, 'a> Step<'s, 'd, 'a> {
    pub(super) fn new(course: &'s mut Course, new: View<'d, 'a>) -> Result<Self, Error> {
        let wrong = malformed("XREF_CHAIN", 0, "an earlier revision");
        let revision = new.number();
        let old = new.document().as_of(revision.checked_sub(1).ok_or(wrong)?);
        let section = new.revision()?;
        let changes = RevisionChanges {
            revision,
            ..RevisionChanges::default()
        };
        Ok(Self {
            course,
            old,
            new,
            section,
            explained: HashSet::new(),
            widgets: HashSet::new(),
            changes,
        })
    }

    pub(super) fn explain(mut self) -> Result<RevisionChanges, Error> {
        self.containers();
        if self.trailer()? {
            self.catalog()?;
            self.filled_fields()?;
            self.pages()?;
            self.information()?;
        }
        self.rest()?;
        Ok(self.changes)
    }

    /// Object numbers the revision touches and that no rule explained yet.
    pub(super) fn waiting(&self) -> Vec<u32> {
        let numbers = self.section.entries().map(|(number, _)| number);
        numbers
            .filter(|number| self.touched(*number) && !self.explained.contains(number))
            .collect()
    }

    fn offset(&self, object: u32) -> u64 {
        match self.section.entry(object) {
            Some(Entry::InUse { offset, .. }) => offset,
            _ => self.section.xref_offset,
        }
    }

    /// Records a change.
    pub(super) fn record(&mut self, modification: Modification) {
        self.explained.insert(modification.object);
        self.changes.modifications.push(modification);
    }

    /// A change of `object`, which hangs at `path`.
    pub(super) fn change(&self, kind: Kind, object: u32, path: &str) -> Modification {
        Modification {
            kind,
            revision: self.changes.revision,
            object,
            path: path.to_owned(),
            offset: self.offset(object),
            field: None,
            place: None,
            signature: None,
            described: Vec::new(),
            fresh: self.fresh(object),
        }
    }

    /// Records a change that a rule allows.
    pub(super) fn allow(&mut self, kind: Kind, object: u32, path: &str) {
        if !self.explained.contains(&object) {
            self.record(self.change(kind, object, path));
        }
    }

    /// Records what no rule allows.
    pub(super) fn refuse(&mut self, code: &'static str, object: u32, path: &str) {
        self.record(self.change(Kind::Refused(code), object, path));
    }

    /// Records the change of an object that was there before, if every reference to it is one that
    /// `expected` knows; refuses it otherwise.
    pub(super) fn allow_replaced(
        &mut self,
        (kind, object, path): (Kind, u32, &str),
        expected: &dyn Fn(&Usage) -> bool,
    ) -> Result<bool, Error> {
        if !self.touched(object) || self.explained.contains(&object) {
            return Ok(true);
        }
        let may = self.may_replace(object, expected)?;
        if may {
            self.allow(kind, object, path);
        }
        Ok(may)
    }

    /// Whether every reference to an object that was there before is one that `expected` knows; its
    /// change is refused otherwise.
    pub(super) fn may_replace(
        &mut self,
        object: u32,
        expected: &dyn Fn(&Usage) -> bool,
    ) -> Result<bool, Error> {
        if self.old.in_use(object) {
            let usages = self.course.usages.alive(&self.old, object)?;
            let other = usages.into_iter().find(|usage| !expected(usage));
            if let Some(other) = other {
                let path = format!("{} 0 R{}", other.holder, other.path);
                self.refuse("OBJECT_SHARED", object, &path);
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn touched(&self, number: u32) -> bool {
        self.section
            .entry(number)
            .is_some_and(|entry| entry != Entry::Free)
    }

    pub(super) fn fresh(&self, number: u32) -> bool {
        self.touched(number) && !self.old.in_use(number)
    }

    /// Records everything new below `object`, the keys `skip` of its top left out.
    pub(super) fn allow_below(
        &mut self,
        kind: Kind,
        (object, path): (&Object, &str),
        skip: &[&[u8]],
    ) -> Result<(), Error> {
        let found = super::new_objects_below(&self.new, object, skip, &|n| self.fresh(n))?;
        for number in found {
            self.allow(kind, number, path);
        }
        Ok(())
    }

    /// Whether an object in use before has another generation now.
    fn raised(&self, number: u32, entry: Entry) -> bool {
        let before = self.old.entry(number).and_then(|old| id_of(number, old));
        let after = id_of(number, entry);
        before.is_some() && after.is_some() && before != after
    }

    /// The cross-reference stream itself, new object streams, and generations.
    fn containers(&mut self) {
        if let SectionKind::Stream { number } = self.section.kind {
            if self.old.in_use(number) {
                self.refuse("OBJECT_REPLACED", number, "");
            } else {
                self.allow(Kind::Container, number, "");
            }
        }
        let mut streams = Vec::new();
        for (number, entry) in self.section.entries() {
            if let Entry::Compressed { stream, .. } = entry {
                streams.push(stream);
            }
            if self.raised(number, entry) {
                self.refuse("GENERATION_RAISED", number, "");
            }
        }
        streams.sort_unstable();
        streams.dedup();
        for stream in streams {
            if self.fresh(stream) {
                self.allow(Kind::Container, stream, "");
            } else {
                self.refuse("OBJECT_REPLACED", stream, "");
            }
        }
    }

    /// Whatever no rule explained must say the same as before.
    fn rest(&mut self) -> Result<(), Error> {
        for number in self.waiting() {
            if self.unchanged(number)? {
                self.allow(Kind::Identical, number, "");
            }
        }
        for (number, entry) in self.section.entries() {
            if self.explained.contains(&number) {
                continue;
            }
            let code = match (entry, self.old.in_use(number)) {
                (Entry::Free, true) => "OBJECT_FREED",
                (Entry::Free, false) => continue,
                (_, false) => "OBJECT_UNEXPLAINED",
                (_, true) => "OBJECT_CHANGED",
            };
            let path = self.way_to(number)?;
            self.refuse(code, number, &path);
        }
        if self.changes.modifications.len() > limits::MODIFICATIONS {
            let limit = u64::try_from(limits::MODIFICATIONS).unwrap_or(u64::MAX);
            return Err(Error::Limit {
                what: "changed objects of a revision",
                limit,
            });
        }
        Ok(())
    }

    /// Where an object hangs, from the object that refers to it.
    fn way_to(&self, number: u32) -> Result<String, Error> {
        let mut usages = self.course.usages.alive(&self.old, number)?;
        if usages.is_empty() {
            usages = self.course.usages.alive(&self.new, number)?;
        }
        let way = usages.first().map(|usage| match usage.holder {
            0 => usage.path.to_string(),
            holder => format!("{holder} 0 R{}", usage.path),
        });
        Ok(way.unwrap_or_default())
    }

    /// Whether an object written again is the same as before, its stream byte by byte.
    fn unchanged(&self, number: u32) -> Result<bool, Error> {
        let load = |view: &View<'_, '_>| {
            let id = view.entry(number).and_then(|entry| id_of(number, entry));
            id.map_or(Ok(None), |id| view.load(id))
        };
        let (Some(old), Some(new)) = (load(&self.old)?, load(&self.new)?) else {
            return Ok(false);
        };
        Ok(old.id == new.id
            && same(&old.object, &new.object)
            && digest(&self.old, &old)? == digest(&self.new, &new)?)
    }
}

/// The digest of a stream's data, `None` for other objects.
fn digest(view: &View<'_, '_>, object: &Indirect) -> Result<Option<Sha256>, Error> {
    if object.stream_start.is_none() {
        return Ok(None);
    }
    let (start, length) = view.stream_span(object)?;
    let mut hash = Sha256Stream::default();
    let source = view.document().source();
    stream(source, start, start.saturating_add(length), &mut |piece| {
        hash.update(piece);
    })?;
    Ok(Some(hash.finish()))
}
