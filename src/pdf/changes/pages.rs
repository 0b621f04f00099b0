//! What an update may do to pages: append the widgets of new signature fields and harmless
//! annotations to the end of their lists. Everything else about a page is frozen.
//! Source: ISO 32000-2, 7.7.3 and 12.5.2.

use super::equal::differing;
use super::form::appended;
use super::kind::Kind;
use super::step::Step;
use super::usage::Usage;
use crate::pdf::error::Error;
use crate::pdf::object::{Dictionary, Item, Object, ObjectId};

impl Step<'_, '_, '_> {
    pub(super) fn pages(&mut self) -> Result<(), Error> {
        for number in self.waiting() {
            if self.course.standing.pages.contains(&number) && self.old.in_use(number) {
                self.touched_page(number)?;
            }
        }
        for number in self.waiting() {
            if self.old.in_use(number)
                && let Some(page) = self.page_of_list(number)?
            {
                self.touched_list(number, page)?;
            }
        }
        Ok(())
    }

    /// The page whose list of annotations the object is; of several any one, the rule for shared
    /// objects refuses it then.
    fn page_of_list(&self, number: u32) -> Result<Option<u32>, Error> {
        let usages = self.course.usages.alive(&self.old, number)?;
        let pages = &self.course.standing.pages;
        let own = usages
            .iter()
            .find(|usage| &*usage.path == "/Annots" && pages.contains(&usage.holder));
        Ok(own.map(|usage| usage.holder))
    }

    /// A page object written again.
    fn touched_page(&mut self, number: u32) -> Result<(), Error> {
        let id = ObjectId::new(number);
        let (Some(old), Some(new)) = (self.old.load(id)?, self.new.load(id)?) else {
            return Ok(());
        };
        let path = format!("{number} 0 R");
        let (before, after) = (old.dictionary()?, new.dictionary()?);
        let differing = differing(before, after);
        let frozen = differing.iter().find(|key| match key.as_slice() {
            b"Annots" => false,
            b"Tabs" => !is_tab_order(after),
            _ => true,
        });
        if let Some(key) = frozen {
            let path = format!("{path}/{}", crate::pdf::object::text(key));
            self.refuse("PAGE_CHANGED", number, &path);
            return Ok(());
        }
        if !differing.iter().any(|key| key == b"Annots") {
            if !differing.is_empty() {
                self.allow(Kind::Listing, number, &path);
            }
            return Ok(());
        }
        if let Some(list) = after.reference(b"Annots") {
            if !self.fresh(list.number) {
                self.refuse("ANNOTATION_CHANGED", number, &format!("{path}/Annots"));
                return Ok(());
            }
            self.allow(Kind::Listing, list.number, &format!("{path}/Annots"));
        }
        if self.longer_list((number, &path), before, after)? {
            self.allow(Kind::Listing, number, &path);
        }
        Ok(())
    }

    /// A list of annotations written again in its own object.
    fn touched_list(&mut self, number: u32, page: u32) -> Result<(), Error> {
        let id = ObjectId::new(page);
        let (Some(old), Some(new)) = (self.old.load(id)?, self.new.load(id)?) else {
            return Ok(());
        };
        let (before, after) = (old.dictionary()?, new.dictionary()?);
        if before.get(b"Annots") != after.get(b"Annots") {
            return Ok(());
        }
        let path = format!("{page} 0 R/Annots");
        let own = |usage: &Usage| usage.holder == page && &*usage.path == "/Annots";
        if self.allow_replaced((Kind::Listing, number, &path), &own)? {
            self.longer_list((number, &format!("{page} 0 R")), before, after)?;
        }
        Ok(())
    }

    /// Whether the page's list kept its items and gained only what may come.
    fn longer_list(
        &mut self,
        (object, page): (u32, &str),
        before: &Dictionary,
        after: &Dictionary,
    ) -> Result<bool, Error> {
        let path = format!("{page}/Annots[]");
        let (old_list, new_list) = (
            self.old.value(before, b"Annots")?,
            self.new.value(after, b"Annots")?,
        );
        let added = appended(&old_list, &new_list).map(<[Item]>::to_vec);
        let Some(added) = added else {
            self.refuse("ANNOTATION_CHANGED", object, &path);
            return Ok(false);
        };
        let mut others: Option<Vec<_>> = None;
        for item in added {
            let id = item.object.as_reference();
            // A widget belongs to one page only: shown on two it would be two marks.
            if let Some(id) = id.filter(|id| self.widgets.remove(id)) {
                self.bind(id, page);
                continue;
            }
            let known = match others.take() {
                Some(known) => known,
                None => self.reaches(&new_list)?,
            };
            let others = others.insert(known);
            let fresh = id.filter(|id| self.fresh(id.number));
            let way = (page, path.as_str());
            if !fresh.is_some_and(|id| self.annotation(id, way, others).unwrap_or(false)) {
                let object = id.map_or(object, |id| id.number);
                self.refuse("ANNOTATION_CHANGED", object, &path);
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A new mark stands on the page that shows it, whatever its `/P` says.
    fn bind(&mut self, widget: ObjectId, page: &str) {
        let shown = page_number(page);
        let mut changes = self.changes.modifications.iter_mut();
        let own = changes.find(|one| one.object == widget.number);
        if let Some(place) = own.and_then(|one| one.place.as_mut()) {
            place.page = shown;
        }
    }

    /// Whether `page` is the way the annotation's own `/P` leads, when it has one.
    pub(super) fn is_own_page(&self, annotation: &Dictionary, page: &str) -> bool {
        match annotation.get(b"P") {
            None => true,
            Some(Object::Reference(id)) => page == format!("{} 0 R", id.number),
            Some(_) => false,
        }
    }
}

/// Whether a page names an order in which the tabulator key goes through its fields: what is shown and
/// what is filled stay the same. Source: ISO 32000-2, 12.5.1.
fn is_tab_order(page: &Dictionary) -> bool {
    let order = page.get(b"Tabs").and_then(Object::as_name);
    matches!(order, Some(b"R" | b"C" | b"S" | b"A" | b"W"))
}

/// The page a way such as `3 0 R` begins at.
pub(super) fn page_number(page: &str) -> ObjectId {
    let number = page
        .split(' ')
        .next()
        .and_then(|number| number.parse().ok());
    ObjectId::new(number.unwrap_or(0))
}
