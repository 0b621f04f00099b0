//! What an update may do to the XMP metadata: replace it by well-formed XML without entities, which
//! cannot be anything else at the same time. What its properties then say of the document otherwise
//! is told. Source: ISO 32000-2, 14.3.2.

use super::kind::{Kind, Modification};
use super::step::Step;
use super::usage::Usage;
use super::xmp::Properties;
use crate::pdf::document::View;
use crate::pdf::error::Error;
use crate::pdf::limits;
use crate::pdf::meter::Work;
use crate::pdf::object::{Dictionary, ObjectId};

const PATH: &str = "/Root/Metadata";

impl Step<'_, '_, '_> {
    pub(super) fn metadata(
        &mut self,
        home: u32,
        before: &Dictionary,
        after: &Dictionary,
    ) -> Result<(), Error> {
        let (old, new) = (before.get(b"Metadata"), after.get(b"Metadata"));
        let (old_id, new_id) = (before.reference(b"Metadata"), after.reference(b"Metadata"));
        if old == new && new_id.is_none_or(|id| !self.touched(id.number)) {
            return Ok(());
        }
        let Some(new_id) = new_id else {
            self.refuse("METADATA_INVALID", home, PATH);
            return Ok(());
        };
        let in_place = old_id == Some(new_id);
        let was = match old_id {
            Some(old_id) => xmp_stream(&self.old, old_id)?,
            None => old.is_none().then(Properties::default),
        };
        let says = match in_place || self.fresh(new_id.number) {
            true => xmp_stream(&self.new, new_id)?,
            false => None,
        };
        let (Some(was), Some(says)) = (was, says) else {
            let object = match self.touched(new_id.number) {
                true => new_id.number,
                false => home,
            };
            self.refuse("METADATA_INVALID", object, PATH);
            return Ok(());
        };
        let described = was.differing(&says);
        let kind = match described.is_empty() {
            true => Kind::Metadata,
            false => Kind::Description,
        };
        let own = |usage: &Usage| usage.holder == home && &*usage.path == "/Metadata";
        if !self.explained.contains(&new_id.number) && self.may_replace(new_id.number, &own)? {
            self.record(Modification {
                described,
                ..self.change(kind, new_id.number, PATH)
            });
        }
        Ok(())
    }
}

/// What the metadata stream `id` says; `None` when it is no plain XMP.
fn xmp_stream(view: &View<'_, '_>, id: ObjectId) -> Result<Option<Properties>, Error> {
    const KEYS: [&[u8]; 5] = [b"Type", b"Subtype", b"Length", b"Filter", b"DecodeParms"];
    let Some(object) = view.load(id)? else {
        return Ok(None);
    };
    let dictionary = object.dictionary()?;
    let plain = dictionary.iter().all(|(key, _)| KEYS.contains(&key));
    if object.stream_start.is_none() || !plain || !dictionary.is_name(b"Subtype", b"XML") {
        return Ok(None);
    }
    let Ok(data) = view.plain_data_within(&object, limits::METADATA_BYTES) else {
        return Ok(None);
    };
    view.document().charge(Work::Checked(data.len()))?;
    Ok(std::str::from_utf8(&data).ok().and_then(Properties::read))
}
