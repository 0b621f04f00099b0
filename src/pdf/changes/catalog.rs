//! What an update may do to the trailer and the catalog. Everything that decides what is shown or
//! done (pages, names, layers, actions, permissions) is frozen. Source: ISO 32000-2, 7.5.5 and 7.7.2.

use super::equal::{differing, same};
use super::kind::Kind;
use super::step::Step;
use super::usage::Usage;
use crate::pdf::error::Error;
use crate::pdf::object::{Dictionary, Object};

/// Trailer keys that belong to the section and not to the document.
const SECTION_KEYS: [&[u8]; 11] = [
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
    b"XRefStm",
];
/// Catalog keys that have a rule of their own; every other one is frozen.
const RULED: [&[u8]; 6] = [
    b"AcroForm",
    b"DSS",
    b"Extensions",
    b"Version",
    b"Metadata",
    b"Perms",
];
/// Trailer keys that tell how a program came to the file, and that an update may leave out:
/// LibreOffice's digest of the document it exported.
const PASSING_KEYS: [&[u8]; 1] = [b"DocChecksum"];
/// Versions a catalog may name, oldest first.
const VERSIONS: [&[u8]; 9] = [
    b"1.0", b"1.1", b"1.2", b"1.3", b"1.4", b"1.5", b"1.6", b"1.7", b"2.0",
];

impl Step<'_, '_, '_> {
    /// Whether both trailers lead to the same catalog.
    pub(super) fn trailer(&mut self) -> Result<bool, Error> {
        let (old, new) = (
            self.old.revision()?.trailer()?,
            self.new.revision()?.trailer()?,
        );
        if old.get(b"Root") != new.get(b"Root") || new.get(b"Root").is_none() {
            self.refuse("CATALOG_REPLACED", 0, "/Root");
            return Ok(false);
        }
        let mut keys = old.iter().chain(new.iter()).map(|(key, _)| key);
        let changed = keys.any(|key| !SECTION_KEYS.contains(&key) && !entry_stays(key, old, new));
        if changed || !same_file(old, new) || new.get(b"XRefStm").is_some() {
            self.refuse("TRAILER_CHANGED", 0, "");
        }
        Ok(true)
    }

    pub(super) fn catalog(&mut self) -> Result<(), Error> {
        let (old, new) = (self.old.catalog()?, self.new.catalog()?);
        let number = new.id.number;
        let (before, after) = (old.dictionary()?, new.dictionary()?);
        if self.touched(number) {
            let differing = differing(before, after);
            let frozen = differing
                .iter()
                .find(|key| !RULED.contains(&key.as_slice()));
            if let Some(key) = frozen {
                let path = format!("/Root/{}", crate::pdf::object::text(key));
                self.refuse("CATALOG_CHANGED", number, &path);
            } else if !differing.is_empty() {
                self.allow(Kind::Listing, number, "/Root");
            }
        }
        self.extensions(number, before, after)?;
        self.version(number, before, after)?;
        self.permissions(number, before, after)?;
        self.metadata(number, before, after)?;
        self.security_store(number, before, after)?;
        self.form(number, before, after)
    }

    /// Extensions may be declared, never withdrawn.
    fn extensions(
        &mut self,
        home: u32,
        before: &Dictionary,
        after: &Dictionary,
    ) -> Result<(), Error> {
        let path = "/Root/Extensions";
        let (old, new) = (before.get(b"Extensions"), after.get(b"Extensions"));
        let held = new.and_then(Object::as_reference);
        if old == new && held.is_none_or(|id| !self.touched(id.number)) {
            return Ok(());
        }
        let values = (
            self.old.value(before, b"Extensions")?,
            self.new.value(after, b"Extensions")?,
        );
        let kept = match &values {
            (Object::Null, Object::Dictionary(_)) => true,
            (Object::Dictionary(old), Object::Dictionary(new)) => {
                let kept = |(key, item): (&[u8], &crate::pdf::object::Item)| {
                    new.get(key) == Some(&item.object)
                };
                old.iter().all(kept)
            }
            _ => false,
        };
        let moved = held.is_some_and(|id| old != new && !self.fresh(id.number));
        if !kept || moved {
            self.refuse("CATALOG_CHANGED", home, path);
            return Ok(());
        }
        if let Some(id) = held {
            let own = |usage: &Usage| usage.holder == home && &*usage.path == "/Extensions";
            self.allow_replaced((Kind::Extension, id.number, path), &own)?;
        }
        self.allow_below(Kind::Extension, (&values.1, path), &[])
    }

    /// The version may be raised.
    fn version(&mut self, home: u32, before: &Dictionary, after: &Dictionary) -> Result<(), Error> {
        let rank = |object: &Object| {
            let name = object.as_name()?;
            VERSIONS.iter().position(|version| *version == name)
        };
        let (old, new) = (before.get(b"Version"), after.get(b"Version"));
        let raised = match (old, new) {
            (old, new) if old == new => true,
            (None, Some(new)) => rank(new).is_some(),
            (Some(old), Some(new)) => rank(old).is_some() && rank(old) <= rank(new),
            (Some(_) | None, None) => false,
        };
        if !raised {
            self.refuse("CATALOG_CHANGED", home, "/Root/Version");
        }
        Ok(())
    }

    /// The permissions of a certification may be named once and never changed.
    fn permissions(
        &mut self,
        home: u32,
        before: &Dictionary,
        after: &Dictionary,
    ) -> Result<(), Error> {
        let path = "/Root/Perms";
        let (old, new) = (before.get(b"Perms"), after.get(b"Perms"));
        if let Some(old) = old {
            let same = match new {
                Some(new) => same(old, new),
                None => false,
            };
            if !same {
                self.refuse("PERMISSIONS_CHANGED", home, path);
            }
            return Ok(());
        }
        let Some(new) = new else { return Ok(()) };
        let value = self.new.resolve(new)?;
        let certified = value
            .as_dictionary()
            .filter(|perms| perms.iter().count() == 1);
        let certified = certified.and_then(|perms| perms.reference(b"DocMDP"));
        let fresh_home = new.as_reference().is_none_or(|id| self.fresh(id.number));
        match certified.filter(|id| fresh_home && self.fresh(id.number)) {
            Some(id) => {
                self.changes.certification = Some(id);
                if let Some(id) = new.as_reference() {
                    self.allow(Kind::Certification, id.number, path);
                }
            }
            None => self.refuse("PERMISSIONS_CHANGED", home, path),
        }
        Ok(())
    }
}

/// Whether the trailer's entry is the same as before, or one that an update may leave out.
fn entry_stays(key: &[u8], old: &Dictionary, new: &Dictionary) -> bool {
    let left_out = new.get(key).is_none() && PASSING_KEYS.contains(&key);
    left_out || old.get(key) == new.get(key)
}

/// Whether the first identifier is the same as before; a file that had none may be given both.
fn same_file(old: &Dictionary, new: &Dictionary) -> bool {
    let ids = |trailer: &Dictionary| -> Option<Vec<Vec<u8>>> {
        let ids = trailer.get(b"ID")?.as_array()?.iter();
        ids.map(|id| id.object.as_string().map(<[u8]>::to_vec))
            .collect()
    };
    let (before, after) = (ids(old), ids(new));
    match (old.get(b"ID"), new.get(b"ID")) {
        (None, None) => true,
        (None, Some(_)) => after.is_some_and(|ids| ids.len() == 2),
        (Some(_), _) => match (before, after) {
            (Some(before), Some(after)) => before.first() == after.first(),
            _ => false,
        },
    }
}
