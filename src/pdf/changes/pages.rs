//! What an update may do to pages: append the widgets of new signature fields.

use std::rc::Rc;

use super::step::{Step, appended, differing};
use crate::pdf::error::Error;
use crate::pdf::indirect::Indirect;
use crate::pdf::object::Item;
use crate::pdf::pages::page_ids;

impl Step<'_, '_> {
    /// Pages may gain the widgets of new signature fields, at the end of their annotations.
    pub(super) fn pages(&mut self) -> Result<(), Error> {
        let waiting: Vec<u32> = self.section.entries().map(|(number, _)| number).collect();
        let waiting = waiting
            .into_iter()
            .filter(|n| self.touched(*n) && !self.explained.contains(n));
        let waiting: Vec<u32> = waiting.filter(|number| self.old.in_use(*number)).collect();
        if waiting.is_empty() {
            return Ok(());
        }
        for id in page_ids(&self.old)? {
            let (Some(old), Some(new)) = (self.old.load(id)?, self.new.load(id)?) else {
                continue;
            };
            let holder = |page: &Indirect| {
                page.object
                    .as_dictionary()
                    .and_then(|d| d.reference(b"Annots"))
                    .map(|id| id.number)
            };
            let concerned = waiting.contains(&id.number)
                || holder(&new).is_some_and(|number| waiting.contains(&number));
            if concerned {
                self.page(&old, &new)?;
            }
        }
        Ok(())
    }

    fn page(&mut self, old: &Rc<Indirect>, new: &Rc<Indirect>) -> Result<(), Error> {
        let number = new.id.number;
        let (before, after) = (old.dictionary()?, new.dictionary()?);
        if differing(before, after).any(|key| key != b"Annots") {
            self.offend("PAGE_CHANGED", number);
            return Ok(());
        }
        let (old_list, new_list) = (
            self.old.value(before, b"Annots")?,
            self.new.value(after, b"Annots")?,
        );
        let added = appended(&old_list, &new_list).map(<[Item]>::to_vec);
        let widget = |item: &Item| {
            item.object
                .as_reference()
                .is_some_and(|id| self.widgets.contains(&id))
        };
        if !added.is_some_and(|added| added.iter().all(widget)) {
            self.offend("ANNOTATION_CHANGED", number);
            return Ok(());
        }
        // A widget belongs to one page only: a list shared by pages would show it on each.
        let shown = new_list
            .as_array()
            .unwrap_or_default()
            .iter()
            .skip(old_list.as_array().map_or(0, <[Item]>::len));
        let shown: Vec<_> = shown
            .filter_map(|item| item.object.as_reference())
            .collect();
        for id in shown {
            self.widgets.remove(&id);
        }
        self.explain_holder(before.get(b"Annots"), after.get(b"Annots"));
        if self.touched(number) {
            self.explained.insert(number);
        }
        Ok(())
    }
}
