//! What the mark of a signature shows to whoever opens the file, as of the revision it was made in.
//! Source: ISO 32000-2, 12.5.5 and 12.7.5.5; Decree 30/2020/NĐ-CP, Annex I.

use super::signature::Case;
use crate::domain::text::composed;
use crate::pdf::{self, Dictionary, Document, FieldValue, ObjectId, View};

/// Bits of `/F`: hidden, and not shown on a screen. Source: ISO 32000-2, table 167.
const UNSEEN: i64 = 1 << 1 | 1 << 5;

/// The mark of a signature.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SeenMark {
    /// It takes room on the first page and is not hidden.
    pub(super) on_first_page: bool,
    /// Its lines of text, as far as its fonts tell them.
    pub(super) lines: Vec<String>,
}

/// The mark of `case`; a signature that shows nothing has an empty one.
pub(super) fn read(document: &Document<'_>, case: &Case) -> SeenMark {
    let seen = || {
        let view = document.as_of(case.revision()?);
        let fields = pdf::fields(&view).ok()?.signatures;
        let value = FieldValue::Signature(case.id()?);
        let field = fields.into_iter().find(|field| field.value == value)?;
        // Several boxes could show several things: then none of them is the mark.
        let [widget] = field.widgets.as_slice() else {
            return None;
        };
        mark(&view, *widget)
    };
    seen().unwrap_or_default()
}

fn mark(view: &View<'_, '_>, widget: ObjectId) -> Option<SeenMark> {
    let loaded = view.load(widget).ok()??;
    let dictionary = loaded.dictionary().ok()?;
    let rect = dictionary.get(b"Rect");
    let [left, bottom, right, top] = rect.and_then(|rect| pdf::rectangle(view, rect))?;
    let takes_room = right - left > 1.0 && top - bottom > 1.0;
    let is_shown = dictionary.integer(b"F").unwrap_or(0) & UNSEEN == 0;
    let segments = pdf::widget_segments(view, dictionary, &composed).ok()?;
    Some(SeenMark {
        on_first_page: takes_room && is_shown && is_on_first_page(view, widget, dictionary),
        lines: segments.into_iter().map(|one| one.text).collect(),
    })
}

/// Whether the first page lists the widget, and the widget names no other page.
fn is_on_first_page(view: &View<'_, '_>, widget: ObjectId, dictionary: &Dictionary) -> bool {
    let listed = || {
        let first = *pdf::page_ids(view).ok()?.first()?;
        let page = pdf::page_of(view, first).ok()?;
        let named = dictionary.reference(b"P").is_none_or(|page| page == first);
        let annotations = view.value(page.object.dictionary().ok()?, b"Annots").ok()?;
        let mut items = annotations.as_array()?.iter();
        Some(named && items.any(|item| item.object.as_reference() == Some(widget)))
    };
    listed().unwrap_or(false)
}
