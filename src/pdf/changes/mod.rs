//! What each later revision changed, and whether that is one of the few things a signed file may
//! gain: further signatures, their fields and marks, validation data. Fail closed: every entry of
//! the later cross-reference section must be explained by a rule, or it is an offence.
//! Source: ISO 32000-2, 12.8.2; the attacks of "Shadow Attacks" (NDSS 2021) and "Breaking the
//! Specification: PDF Certification" (IEEE S&P 2021).

mod form;
mod pages;
mod step;
mod store;

use std::collections::{HashMap, HashSet};

use super::document::{Document, View};
use super::error::Error;
use super::object::{Object, ObjectId};
use super::xref::Entry;
use step::Step;

/// Something a later revision did that no rule allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offence {
    /// Stable code of the broken rule, such as `PAGE_CHANGED`.
    pub code: &'static str,
    /// The revision, counted from 0.
    pub revision: usize,
    /// The object number, 0 for the trailer.
    pub object: u32,
    /// Where the object's new form begins, or the section for a freed object.
    pub offset: u64,
}

/// What one revision did to the file before it.
#[derive(Debug, Clone, Default)]
pub struct RevisionChanges {
    /// The revision, counted from 0.
    pub revision: usize,
    /// Signature dictionaries that came with it.
    pub signatures: Vec<ObjectId>,
    /// Whether it touched the document security store.
    pub security_store: bool,
    /// Whether an empty signature field that existed before was filled.
    pub filled_field: bool,
    /// What no rule allows.
    pub offences: Vec<Offence>,
}

/// What each revision after `first` did, in order.
///
/// # Errors
/// When an object needed for the answer cannot be read; such a file must not pass.
pub fn since(document: &Document<'_>, first: usize) -> Result<Vec<RevisionChanges>, Error> {
    let mut all = Vec::new();
    for revision in first.saturating_add(1)..document.revisions().len() {
        all.push(Step::new(document, revision)?.explain()?);
    }
    refuse_awaited_numbers(document, first, &mut all)?;
    Ok(all)
}

/// An object number that older objects already pointed at was null when they were signed; defining
/// it later would change what they mean.
fn refuse_awaited_numbers(
    document: &Document<'_>,
    first: usize,
    steps: &mut [RevisionChanges],
) -> Result<(), Error> {
    let introduced = introduced_numbers(document, first);
    if introduced.is_empty() {
        return Ok(());
    }
    for (at, revision) in document.revisions().iter().enumerate() {
        let view = document.as_of(at);
        for (number, entry) in revision.entries() {
            let generation = match entry {
                Entry::Free => continue,
                Entry::InUse { generation, .. } => generation,
                Entry::Compressed { .. } => 0,
            };
            let Some(object) = view.load(ObjectId { number, generation })? else {
                continue;
            };
            let mut awaited = Vec::new();
            references(&object.object, &mut |id| {
                if let Some(step) = introduced.get(&id.number)
                    && *step > at
                {
                    awaited.push((id.number, *step));
                }
            });
            for (number, revision) in awaited {
                let offence = Offence {
                    code: "OBJECT_AWAITED",
                    revision,
                    object: number,
                    offset: object.offset(),
                };
                let step = steps.iter_mut().find(|step| step.revision == revision);
                if let Some(step) = step.filter(|step| !step.offences.contains(&offence)) {
                    step.offences.push(offence);
                }
            }
        }
    }
    Ok(())
}

fn introduced_numbers(document: &Document<'_>, first: usize) -> HashMap<u32, usize> {
    let mut introduced = HashMap::new();
    let later = document
        .revisions()
        .iter()
        .enumerate()
        .skip(first.saturating_add(1));
    for (at, revision) in later {
        let Some(before) = at.checked_sub(1).map(|before| document.as_of(before)) else {
            continue;
        };
        for (number, entry) in revision.entries() {
            if entry != Entry::Free && !before.in_use(number) {
                introduced.entry(number).or_insert(at);
            }
        }
    }
    introduced
}

/// Calls `found` for every reference inside `object`.
pub(super) fn references(object: &Object, found: &mut dyn FnMut(ObjectId)) {
    match object {
        Object::Reference(id) => found(*id),
        Object::Array(items) => items
            .iter()
            .for_each(|item| references(&item.object, found)),
        Object::Dictionary(dictionary) => {
            dictionary
                .iter()
                .for_each(|(_, item)| references(&item.object, found));
        }
        _ => {}
    }
}

/// Everything new that can be reached from `object` without passing `skip` keys at the top.
pub(super) fn new_objects_below(
    view: &View<'_, '_>,
    object: &Object,
    skip: &[&[u8]],
    is_new: &dyn Fn(u32) -> bool,
) -> Result<HashSet<u32>, Error> {
    let mut found = HashSet::new();
    let mut waiting = Vec::new();
    match object {
        Object::Dictionary(dictionary) => {
            let kept = dictionary.iter().filter(|(key, _)| !skip.contains(key));
            kept.for_each(|(_, item)| references(&item.object, &mut |id| waiting.push(id)));
        }
        other => references(other, &mut |id| waiting.push(id)),
    }
    while let Some(id) = waiting.pop() {
        if !is_new(id.number) || !found.insert(id.number) {
            continue;
        }
        if let Some(object) = view.load(id)? {
            references(&object.object, &mut |id| waiting.push(id));
        }
    }
    Ok(found)
}
