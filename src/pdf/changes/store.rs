//! What an update may do to the document security store: make it grow.
//! Source: ETSI EN 319 142-1, 5.4.2.

use std::collections::HashSet;

use super::step::Step;
use crate::pdf::error::Error;
use crate::pdf::object::{Dictionary, Item, Object};

impl Step<'_, '_> {
    /// The security store may only grow.
    pub(super) fn security_store(
        &mut self,
        old: Option<&Object>,
        new: Option<&Object>,
    ) -> Result<(), Error> {
        if old.is_none() && new.is_none() {
            return Ok(());
        }
        let number = new.and_then(Object::as_reference).map_or(0, |id| id.number);
        let mut grown = HashSet::new();
        if !self.grows(old, new, 0, &mut grown)? {
            self.offend("SECURITY_STORE_SHRUNK", number);
            return Ok(());
        }
        self.changes.security_store |= old != new || !grown.is_empty();
        self.explained.extend(grown);
        Ok(())
    }

    fn grows(
        &self,
        old: Option<&Object>,
        new: Option<&Object>,
        depth: usize,
        explained: &mut HashSet<u32>,
    ) -> Result<bool, Error> {
        let Some(new) = new else {
            return Ok(old.is_none());
        };
        if depth > 6 {
            return Ok(false);
        }
        let old_value = old.map(|old| self.old.resolve(old)).transpose()?;
        if let Object::Reference(id) = new {
            let found = self.new.load(*id)?;
            let is_stream = found.is_some_and(|found| found.stream_start.is_some());
            if self.touched(id.number) {
                if !self.fresh(id.number) && (is_stream || old != Some(new)) {
                    return Ok(false);
                }
                explained.insert(id.number);
            }
            if is_stream {
                return Ok(old.is_none_or(|old| old == new));
            }
        }
        let new_value = self.new.resolve(new)?;
        match (&old_value, &new_value) {
            (None | Some(Object::Null), Object::Dictionary(after)) => {
                self.grown_entries(&Dictionary::default(), after, depth, explained)
            }
            (Some(Object::Dictionary(before)), Object::Dictionary(after)) => {
                self.grown_entries(before, after, depth, explained)
            }
            (None | Some(Object::Null), Object::Array(after)) => {
                self.grown_items(&[], after, depth, explained)
            }
            (Some(Object::Array(before)), Object::Array(after)) => {
                self.grown_items(before, after, depth, explained)
            }
            (None, _) => Ok(true),
            (Some(before), after) => Ok(before == after),
        }
    }

    fn grown_entries(
        &self,
        before: &Dictionary,
        after: &Dictionary,
        depth: usize,
        explained: &mut HashSet<u32>,
    ) -> Result<bool, Error> {
        const KEYS: [&[u8]; 10] = [
            b"Type", b"VRI", b"Certs", b"OCSPs", b"CRLs", b"Cert", b"OCSP", b"CRL", b"TU", b"TS",
        ];
        let fingerprint = |key: &[u8]| key.len() == 40 && key.iter().all(u8::is_ascii_hexdigit);
        if before.iter().any(|(key, _)| after.get(key).is_none()) {
            return Ok(false);
        }
        for (key, item) in after.iter() {
            let known = KEYS.contains(&key) || fingerprint(key);
            let grown = self.grows(before.get(key), Some(&item.object), depth + 1, explained)?;
            if !grown || (!known && before.get(key).is_none()) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn grown_items(
        &self,
        before: &[Item],
        after: &[Item],
        depth: usize,
        explained: &mut HashSet<u32>,
    ) -> Result<bool, Error> {
        if before.iter().any(|item| !after.contains(item)) {
            return Ok(false);
        }
        for item in after {
            let old = before.contains(item).then_some(&item.object);
            if !self.grows(old, Some(&item.object), depth + 1, explained)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
