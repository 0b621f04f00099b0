//! What each later revision changed, and how far each change reaches: validation data, forms and
//! signatures, annotations, or further than anything permits. Fail closed: every entry of the later
//! cross-reference section must be explained by a rule that knows the whole way to the object.
//! Source: ISO 32000-2, 12.8.2; the attacks of "Shadow Attacks" (NDSS 2021) and "Breaking the
//! Specification: PDF Certification" (IEEE S&P 2021).
//!
//! Files in reading order: `kind`, `usage`, `equal`, `known`, `step`, `catalog`, `information`,
//! `store`, `xmp`, `metadata`, `form`, `shown`, `fill`, `pages`, `reach`, `annotation`.

mod annotation;
mod catalog;
mod equal;
mod fill;
mod form;
mod information;
mod kind;
mod known;
mod metadata;
mod pages;
mod reach;
mod shown;
mod step;
mod store;
mod usage;
mod xmp;

use std::collections::HashSet;

use super::document::{Document, View};
use super::error::Error;
use super::object::{Object, ObjectId};
use super::painted::PaintedPages;
pub use kind::{Kind, Level, Modification, Placement};
pub(super) use known::FieldKind;
use known::Standing;
pub(super) use shown::{Shows, inherited, shows};
use step::Step;
use usage::Usages;
pub(super) use usage::{id_of, reachable, references};
pub use xmp::Described;

/// What one revision did to the file before it.
#[derive(Debug, Clone, Default)]
pub struct RevisionChanges {
    /// The revision, counted from 0.
    pub revision: usize,
    /// Signature dictionaries that came with it.
    pub signatures: Vec<ObjectId>,
    /// The certification it named in the catalog.
    pub certification: Option<ObjectId>,
    /// Everything it changed, in the order the rules found it.
    pub modifications: Vec<Modification>,
}

/// What the rules know on their way through the revisions.
struct Course {
    usages: Usages,
    standing: Standing,
    painted: PaintedPages,
}

/// What each revision after `first` did, in order.
///
/// # Errors
/// When an object needed for the answer cannot be read; such a file must not pass.
pub fn since(document: &Document<'_>, first: usize) -> Result<Vec<RevisionChanges>, Error> {
    let later = first.saturating_add(1)..document.revisions().len();
    if later.is_empty() {
        return Ok(Vec::new());
    }
    let mut course = Course {
        usages: Usages::read(document, first)?,
        standing: Standing::read(&document.as_of(first))?,
        painted: PaintedPages::default(),
    };
    let mut all = Vec::new();
    for revision in later {
        all.push(Step::new(&mut course, document.as_of(revision))?.explain()?);
    }
    refuse_awaited(&course.usages, &mut all);
    Ok(all)
}

/// An object number that older objects already pointed at was null when they were signed; defining
/// it later changes what they mean.
fn refuse_awaited(usages: &Usages, steps: &mut [RevisionChanges]) {
    for awaited in &usages.awaited {
        let step = steps
            .iter_mut()
            .find(|step| step.revision == awaited.revision);
        let Some(step) = step else { continue };
        let same = |one: &&mut Modification| one.object == awaited.object;
        if let Some(one) = step.modifications.iter_mut().find(same) {
            one.kind = Kind::Refused("OBJECT_AWAITED");
            one.path = awaited.way();
        }
    }
}

/// Everything new that can be reached from `object` without passing `skip` keys at the top.
fn new_objects_below(
    view: &View<'_, '_>,
    object: &Object,
    skip: &[&[u8]],
    is_new: &dyn Fn(u32) -> bool,
) -> Result<Vec<u32>, Error> {
    let (mut known, mut found) = (HashSet::new(), Vec::new());
    let mut waiting = Vec::new();
    match object {
        Object::Dictionary(dictionary) => {
            let kept = dictionary.iter().filter(|(key, _)| !skip.contains(key));
            kept.for_each(|(_, item)| references(&item.object, &mut |id| waiting.push(id)));
        }
        other => references(other, &mut |id| waiting.push(id)),
    }
    while let Some(id) = waiting.pop() {
        if !is_new(id.number) || !known.insert(id.number) {
            continue;
        }
        found.push(id.number);
        if let Some(object) = view.load(id)? {
            references(&object.object, &mut |id| waiting.push(id));
        }
    }
    found.sort_unstable();
    Ok(found)
}
