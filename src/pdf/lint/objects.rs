//! Notices about single objects: active content, second roots, and objects nobody refers to.

use std::collections::HashSet;

use super::Notice;
use crate::pdf::changes::{id_of, reachable, references};
use crate::pdf::document::Document;
use crate::pdf::error::Error;
use crate::pdf::indirect::Indirect;
use crate::pdf::object::{Dictionary, Object};
use crate::pdf::pages::page_ids;

/// Kinds of actions that run something or leave the document.
const ACTIONS: [&[u8]; 13] = [
    b"JavaScript",
    b"Launch",
    b"SubmitForm",
    b"ImportData",
    b"ResetForm",
    b"Rendition",
    b"Movie",
    b"Sound",
    b"GoToR",
    b"GoToE",
    b"SetOCGState",
    b"Hide",
    b"GoTo3DView",
];
/// Kinds of annotations that hold programs, films or files.
const ANNOTATIONS: [&[u8]; 6] = [
    b"RichMedia",
    b"Movie",
    b"Screen",
    b"Sound",
    b"3D",
    b"FileAttachment",
];

/// Looks at every object in use.
pub(super) fn lint(document: &Document<'_>, found: &mut Vec<Notice>) -> Result<(), Error> {
    let view = document.latest();
    let catalog = view.catalog()?.id.number;
    let pages: HashSet<u32> = page_ids(&view)?.iter().map(|id| id.number).collect();
    let reached = reachable(&view)?;
    let mut known = HashSet::new();
    let (mut lost, mut lost_first) = (0_usize, None);
    let mut missing = HashSet::new();
    let mut hint = None;
    for revision in document.revisions().iter().rev() {
        for (number, entry) in revision.entries() {
            if !known.insert(number) {
                continue;
            }
            let Some(id) = id_of(number, entry) else {
                continue;
            };
            let Some(object) = view.load(id)? else {
                continue;
            };
            active(&object, found);
            second_root(&object, (catalog, &pages), found);
            references(&object.object, &mut |id| {
                if !view.in_use(id.number) {
                    missing.insert(id.number);
                }
            });
            hint = hint.or_else(|| hints(&object));
            if !reached.contains(&number) && !is_structure(&object, hint) {
                lost = lost.saturating_add(1);
                lost_first = lost_first.or(Some((number, object.offset())));
            }
        }
    }
    if let Some((number, offset)) = lost_first {
        let notice = Notice::new("OBJECTS_UNREFERENCED", number, offset);
        found.push(notice.saying(lost));
    }
    if let Some(number) = missing.iter().min() {
        let notice = Notice::new("OBJECTS_MISSING", *number, 0);
        found.push(notice.saying(missing.len()));
    }
    Ok(())
}

/// Where a linearization dictionary says its hint stream stands.
fn hints(object: &Indirect) -> Option<u64> {
    let dictionary = object.object.as_dictionary()?;
    dictionary.get(b"Linearized")?;
    let first = dictionary.get(b"H")?.as_array()?.first()?;
    u64::try_from(first.object.as_integer()?).ok()
}

/// Whether an object belongs to the file's structure and needs no reference.
fn is_structure(object: &Indirect, hint: Option<u64>) -> bool {
    let Some(dictionary) = object.object.as_dictionary() else {
        return object.object == Object::Null;
    };
    let container = dictionary.is_name(b"Type", b"ObjStm") || dictionary.is_name(b"Type", b"XRef");
    let hinted = object.stream_start.is_some() && hint == Some(object.offset());
    container || hinted || dictionary.get(b"Linearized").is_some()
}

fn second_root(object: &Indirect, (catalog, pages): (u32, &HashSet<u32>), found: &mut Vec<Notice>) {
    let Some(dictionary) = object.object.as_dictionary() else {
        return;
    };
    let number = object.id.number;
    let code = match dictionary.get(b"Type").and_then(Object::as_name) {
        Some(b"Catalog") if number != catalog => "SECOND_CATALOG",
        Some(b"Page") if !pages.contains(&number) => "HIDDEN_PAGE",
        _ => return,
    };
    found.push(Notice::new(code, number, object.offset()));
}

/// Notices active content anywhere inside the object.
fn active(object: &Indirect, found: &mut Vec<Notice>) {
    let mut waiting = vec![&object.object];
    while let Some(value) = waiting.pop() {
        match value {
            Object::Array(items) => waiting.extend(items.iter().map(|item| &item.object)),
            Object::Dictionary(dictionary) => {
                if let Some(what) = activity(dictionary) {
                    let notice = Notice::new("ACTIVE_CONTENT", object.id.number, object.offset());
                    found.push(notice.saying(what));
                }
                waiting.extend(dictionary.iter().map(|(_, item)| &item.object));
            }
            _ => {}
        }
    }
}

fn activity(dictionary: &Dictionary) -> Option<String> {
    let name = |key: &[u8], among: &[&[u8]]| {
        let name = dictionary.get(key).and_then(Object::as_name)?;
        among
            .contains(&name)
            .then(|| String::from_utf8_lossy(name).into_owned())
    };
    if let Some(action) = name(b"S", &ACTIONS).or_else(|| name(b"Subtype", &ANNOTATIONS)) {
        return Some(action);
    }
    let keys: [&[u8]; 4] = [b"AA", b"JS", b"EmbeddedFiles", b"EF"];
    let key = keys.iter().find(|key| dictionary.get(key).is_some())?;
    Some(String::from_utf8_lossy(key).into_owned())
}
