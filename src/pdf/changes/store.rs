//! What an update may do to the document security store: make it grow with new streams.
//! Source: ETSI EN 319 142-1, 5.4.2; ISO 32000-2, 12.8.4.3.

use std::collections::HashSet;
use std::rc::Rc;

use super::equal::differing;
use super::kind::Kind;
use super::step::Step;
use super::usage::Usage;
use crate::pdf::error::Error;
use crate::pdf::indirect::Indirect;
use crate::pdf::object::{Dictionary, Object, ObjectId};

const PATH: &str = "/Root/DSS";
const LISTS: [&[u8]; 3] = [b"Certs", b"OCSPs", b"CRLs"];
const VRI_LISTS: [&[u8]; 3] = [b"Cert", b"OCSP", b"CRL"];

/// A dictionary or array of the store before and after, and where it is kept.
struct Part<'p> {
    /// Whether anything of it may have changed.
    moved: bool,
    /// The object that holds the value now, and the way to it.
    home: (u32, String),
    path: &'p str,
}

impl Step<'_, '_, '_> {
    pub(super) fn security_store(
        &mut self,
        catalog: u32,
        before: &Dictionary,
        after: &Dictionary,
    ) -> Result<(), Error> {
        let (old, new) = (before.get(b"DSS"), after.get(b"DSS"));
        if old.is_none() && new.is_none() {
            return Ok(());
        }
        let Some(part) = self.part((catalog, "/DSS"), (old, new), PATH)? else {
            return Ok(());
        };
        let (old_value, new_value) = (
            self.old.value(before, b"DSS")?,
            self.new.value(after, b"DSS")?,
        );
        let empty = Dictionary::default();
        let (Some(old), Some(new)) = (
            old_value
                .as_dictionary()
                .or(old.is_none().then_some(&empty)),
            new_value.as_dictionary(),
        ) else {
            self.refuse("SECURITY_STORE_SHRUNK", part.home.0, PATH);
            return Ok(());
        };
        let known = |key: &[u8]| LISTS.contains(&key) || matches!(key, b"Type" | b"VRI");
        let strange = new
            .iter()
            .any(|(key, _)| !known(key) && old.get(key).is_none());
        let kept = old.iter().all(|(key, item)| {
            known(key) && new.get(key).is_some() || new.get(key) == Some(&item.object)
        });
        if strange || !kept {
            self.refuse("SECURITY_STORE_SHRUNK", part.home.0, PATH);
            return Ok(());
        }
        for key in LISTS {
            let path = format!("{PATH}/{}", crate::pdf::object::text(key));
            let fine = self.grown_list(&part, (old.get(key), new.get(key)), &path)?;
            if !fine {
                self.refuse("SECURITY_STORE_SHRUNK", part.home.0, &path);
            }
        }
        self.related(&part, old, new)
    }

    /// Admits the object behind a reference of the store: untouched, new, or replaced in its place.
    fn part<'p>(
        &mut self,
        (holder, way): (u32, &str),
        (old, new): (Option<&Object>, Option<&Object>),
        path: &'p str,
    ) -> Result<Option<Part<'p>>, Error> {
        let Some(Object::Reference(id)) = new else {
            let home = (holder, way.to_owned());
            let moved = self.touched(holder);
            return Ok(Some(Part { moved, home, path }));
        };
        let own = |usage: &Usage| usage.holder == holder && &*usage.path == way;
        let stays = old == new;
        if !(stays || self.fresh(id.number)) {
            self.refuse("SECURITY_STORE_SHRUNK", holder, path);
            return Ok(None);
        }
        if !self.allow_replaced((Kind::SecurityStore, id.number, path), &own)? {
            return Ok(None);
        }
        Ok(Some(Part {
            moved: !stays || self.touched(id.number),
            home: (id.number, String::new()),
            path,
        }))
    }

    /// Whether a list of streams kept what it had and gained only new streams.
    fn grown_list(
        &mut self,
        above: &Part<'_>,
        (old, new): (Option<&Object>, Option<&Object>),
        path: &str,
    ) -> Result<bool, Error> {
        let Some(new) = new else {
            return Ok(old.is_none());
        };
        let way = format!("{}/{}", above.home.1, last(path));
        let Some(part) = self.part((above.home.0, &way), (old, Some(new)), path)? else {
            return Ok(true);
        };
        if !part.moved {
            return Ok(true);
        }
        let old_value = old.map(|old| self.old.resolve(old)).transpose()?;
        let (old_ids, new_ids) = (
            ids(&old_value.unwrap_or(Object::Array(Vec::new()))),
            ids(&self.new.resolve(new)?),
        );
        let (Some(old_ids), Some(new_ids)) = (old_ids, new_ids) else {
            return Ok(false);
        };
        let kept: HashSet<_> = new_ids.iter().collect();
        if !old_ids.iter().all(|id| kept.contains(id)) {
            return Ok(false);
        }
        let old_ids: HashSet<_> = old_ids.iter().collect();
        for id in new_ids.iter().filter(|id| !old_ids.contains(id)) {
            if !self.stored_stream(*id, path)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether `id` is a stream that came with this revision or was there before.
    fn stored_stream(&mut self, id: ObjectId, path: &str) -> Result<bool, Error> {
        let Some(object) = self.new.load(id)? else {
            return Ok(false);
        };
        if object.stream_start.is_none() {
            return Ok(false);
        }
        if self.fresh(id.number) {
            self.allow(Kind::SecurityStore, id.number, path);
            let dictionary = Object::Dictionary(object.dictionary()?.clone());
            self.allow_below(Kind::SecurityStore, (&dictionary, path), &[])?;
        }
        Ok(true)
    }

    /// Validation data by signature: entries stay as they are, new ones may come.
    fn related(
        &mut self,
        above: &Part<'_>,
        old: &Dictionary,
        new: &Dictionary,
    ) -> Result<(), Error> {
        let path = format!("{PATH}/VRI");
        let (before, after) = (old.get(b"VRI"), new.get(b"VRI"));
        if after.is_none() {
            return Ok(());
        }
        let way = format!("{}/VRI", above.home.1);
        let Some(part) = self.part((above.home.0, &way), (before, after), &path)? else {
            return Ok(());
        };
        if !part.moved {
            return Ok(());
        }
        let store = new;
        let (old, new) = (self.old.value(old, b"VRI")?, self.new.value(new, b"VRI")?);
        let empty = Dictionary::default();
        let old = old.as_dictionary().unwrap_or(&empty);
        let Some(new) = new.as_dictionary() else {
            self.refuse("SECURITY_STORE_SHRUNK", part.home.0, part.path);
            return Ok(());
        };
        let changed = differing(old, new);
        for key in changed {
            let way = format!("{path}/{}", crate::pdf::object::text(&key));
            let entry = new.get(&key).filter(|_| is_fingerprint(&key));
            let fine = match (old.get(&key), entry) {
                (None, Some(entry)) => self.related_entry(entry, &way)?,
                (Some(before), Some(entry)) => {
                    self.still_stored(before, entry, store)? && self.related_entry(entry, &way)?
                }
                (_, None) => false,
            };
            if !fine {
                self.refuse("SECURITY_STORE_SHRUNK", part.home.0, &way);
            }
        }
        Ok(())
    }

    /// Whether a new object that takes the place of an entry loses nothing: what the entry named is in
    /// the new one or in the store's own lists, which only grow. pyHanko writes an entry anew for the
    /// path it found last when it renews an archive.
    fn still_stored(
        &self,
        before: &Object,
        entry: &Object,
        store: &Dictionary,
    ) -> Result<bool, Error> {
        let (old, new) = (self.old.resolve(before)?, self.new.resolve(entry)?);
        let (Some(old), Some(new)) = (old.as_dictionary(), new.as_dictionary()) else {
            return Ok(false);
        };
        let lists = |key: &[u8]| VRI_LISTS.iter().zip(LISTS).find(|(own, _)| **own == key);
        for (key, item) in old.iter() {
            let kept = match lists(key) {
                None => new.get(key) == Some(&item.object),
                Some((_, list)) => {
                    let named = ids(&self.old.resolve(&item.object)?);
                    let entries = ids(&self.new.value(new, key)?).unwrap_or_default();
                    let all = ids(&self.new.value(store, list)?).unwrap_or_default();
                    let known: HashSet<_> = entries.iter().chain(&all).collect();
                    named.is_some_and(|named| named.iter().all(|id| known.contains(id)))
                }
            };
            if !kept {
                return Ok(false);
            }
        }
        Ok(entry.as_reference().is_some())
    }

    fn related_entry(&mut self, entry: &Object, path: &str) -> Result<bool, Error> {
        let home: Option<Rc<Indirect>> = match entry.as_reference() {
            Some(id) if !self.fresh(id.number) => return Ok(false),
            Some(id) => self.new.load(id)?,
            None => None,
        };
        if let Some(home) = &home {
            self.allow(Kind::SecurityStore, home.id.number, path);
        }
        let value = self.new.resolve(entry)?;
        let Some(dictionary) = value.as_dictionary() else {
            return Ok(false);
        };
        for (key, item) in dictionary.iter() {
            let fine = match key {
                b"Type" | b"TU" => item.object.as_reference().is_none(),
                b"TS" => match item.object.as_reference() {
                    Some(id) => self.stored_stream(id, path)?,
                    None => false,
                },
                key if VRI_LISTS.contains(&key) => self.entry_list(&item.object, path)?,
                _ => false,
            };
            if !fine {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn entry_list(&mut self, list: &Object, path: &str) -> Result<bool, Error> {
        if let Some(id) = list.as_reference() {
            if !self.fresh(id.number) {
                return Ok(false);
            }
            self.allow(Kind::SecurityStore, id.number, path);
        }
        let Some(ids) = ids(&self.new.resolve(list)?) else {
            return Ok(false);
        };
        for id in ids {
            if !self.stored_stream(id, path)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// The references of an array that holds nothing else.
fn ids(list: &Object) -> Option<Vec<ObjectId>> {
    let items = list.as_array()?.iter();
    items.map(|item| item.object.as_reference()).collect()
}

/// Keys of the related information: SHA-1 of a signature in capital hexadecimal digits.
fn is_fingerprint(key: &[u8]) -> bool {
    key.len() == 40
        && key
            .iter()
            .all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(byte))
}
