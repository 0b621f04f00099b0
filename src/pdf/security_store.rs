//! The document security store: certificates, revocation lists and OCSP responses kept in the file
//! for whoever judges it later. It only grows: what is there keeps its place, new values are new
//! objects. What the values say is no concern of this room.
//! Source: ISO 32000-2, 12.8.4.3; ETSI EN 319 142-1, 5.4.2.

use std::collections::HashMap;
use std::rc::Rc;

use super::append::{Update, extend_array, new_dictionary, rewrite};
use super::document::{Document, View};
use super::error::{Error, malformed};
use super::indirect::Indirect;
use super::object::{Dictionary, Object, ObjectId};
use super::source::window;
use crate::domain::digest::Sha256;

/// The values of one kind that belong to a signature or to the file: certificates, revocation lists
/// and OCSP responses, each in DER.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredValues {
    /// Certificates.
    pub certificates: Vec<Vec<u8>>,
    /// Revocation lists.
    pub crls: Vec<Vec<u8>>,
    /// OCSP responses.
    pub ocsp: Vec<Vec<u8>>,
}

/// What one signature needs, under its name in `/VRI`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreEntry {
    /// The upper-case hexadecimal SHA-1 of the decoded `/Contents`, padding included.
    pub key: String,
    /// What it needs.
    pub values: StoredValues,
}

/// The keys of the three kinds, in the store and in an entry of `/VRI`.
const KINDS: [(&str, &str); 3] = [("Certs", "Cert"), ("CRLs", "CRL"), ("OCSPs", "OCSP")];

impl StoredValues {
    const fn kinds(&self) -> [&Vec<Vec<u8>>; 3] {
        [&self.certificates, &self.crls, &self.ocsp]
    }

    /// Whether nothing is held.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.certificates.is_empty() && self.crls.is_empty() && self.ocsp.is_empty()
    }
}

/// The update that adds `entries` to the store, or `None` when all of it is there already.
///
/// Values already stored, whoever stored them and however compressed, are pointed at and not stored
/// again.
///
/// # Errors
/// When the file is malformed or holds something else where the store should be.
pub fn extend_security_store(
    document: &Document<'_>,
    entries: &[StoreEntry],
) -> Result<Option<Vec<u8>>, Error> {
    let view = document.latest();
    let mut writer = Writer {
        update: Update::new(document)?,
        view,
        known: HashMap::new(),
        changed: false,
    };
    let catalog = view.catalog()?;
    let store = Place::under(&view, &catalog, catalog.dictionary()?, "DSS")?;
    writer.remember(&store)?;
    let mut changes = Vec::new();
    writer.store(&store, entries, &mut changes)?;
    if !writer.changed {
        return Ok(None);
    }
    let mut catalog_changes = Vec::new();
    writer.settle(&store, &changes, ("DSS", &mut catalog_changes));
    writer.extension(&catalog, &mut catalog_changes)?;
    if !catalog_changes.is_empty() {
        let body = rewrite(&catalog, catalog.dictionary()?, &catalog_changes);
        writer.update.put(catalog.id, body);
    }
    writer.update.finish().map(|appended| Some(appended.bytes))
}

/// What the store holds as of `view`. A value that cannot be read is left out.
///
/// # Errors
/// When the catalog or the store's lists are malformed.
pub fn stored_values(view: &View<'_, '_>) -> Result<StoredValues, Error> {
    let catalog = view.catalog()?;
    let store = Place::under(view, &catalog, catalog.dictionary()?, "DSS")?;
    let mut kinds = [const { Vec::new() }; 3];
    for ((key, _), values) in KINDS.into_iter().zip(&mut kinds) {
        let listed = listed(view, &store, key)?;
        values.extend(listed.into_iter().filter_map(|id| stream_of(view, id).ok()));
    }
    let [certificates, crls, ocsp] = kinds;
    Ok(StoredValues {
        certificates,
        crls,
        ocsp,
    })
}

fn listed(view: &View<'_, '_>, place: &Place, key: &str) -> Result<Vec<ObjectId>, Error> {
    let list = view.value(&place.dictionary, key.as_bytes())?;
    let items = list.as_array().unwrap_or_default().iter();
    Ok(items
        .filter_map(|item| item.object.as_reference())
        .collect())
}

fn stream_of(view: &View<'_, '_>, id: ObjectId) -> Result<Vec<u8>, Error> {
    let wrong = malformed("STREAM_MALFORMED", 0, "a stored value");
    let object = view.load(id)?.ok_or(wrong)?;
    view.plain_data(&object)
}

/// A dictionary that may not be there yet.
struct Place {
    /// The object that holds it; `None` when there is no such dictionary.
    home: Option<Rc<Indirect>>,
    dictionary: Dictionary,
    /// Whether it is an object of its own.
    own_object: bool,
}

impl Place {
    fn under(
        view: &View<'_, '_>,
        home: &Rc<Indirect>,
        dictionary: &Dictionary,
        key: &str,
    ) -> Result<Self, Error> {
        let wrong = malformed(
            "STRUCTURE",
            home.offset(),
            "a dictionary in the security store",
        );
        let absent = Self {
            home: None,
            dictionary: Dictionary::default(),
            own_object: false,
        };
        match dictionary.get(key.as_bytes()) {
            None => Ok(absent),
            Some(Object::Dictionary(found)) => Ok(Self {
                home: Some(Rc::clone(home)),
                dictionary: found.clone(),
                own_object: false,
            }),
            Some(Object::Reference(id)) => match view.load(*id)? {
                None => Ok(absent),
                Some(found) => Ok(Self {
                    dictionary: found.dictionary()?.clone(),
                    home: Some(found),
                    own_object: true,
                }),
            },
            Some(_) => Err(wrong),
        }
    }

    /// A place inside this one.
    fn inside(&self, view: &View<'_, '_>, key: &str) -> Result<Self, Error> {
        match &self.home {
            Some(home) => Self::under(view, home, &self.dictionary, key),
            None => Ok(Self {
                home: None,
                dictionary: Dictionary::default(),
                own_object: false,
            }),
        }
    }
}

type Changes = Vec<(String, Vec<u8>)>;

struct Writer<'d, 'a> {
    update: Update<'d, 'a>,
    view: View<'d, 'a>,
    /// Where each value is stored.
    known: HashMap<Sha256, ObjectId>,
    changed: bool,
}

impl Writer<'_, '_> {
    /// Notes the values already stored. One that cannot be read is left alone.
    fn remember(&mut self, store: &Place) -> Result<(), Error> {
        for (key, _) in KINDS {
            for id in listed(&self.view, store, key)? {
                if let Ok(bytes) = stream_of(&self.view, id) {
                    self.known.entry(Sha256::of(&bytes)).or_insert(id);
                }
            }
        }
        Ok(())
    }

    /// The store's own lists and its entries for single signatures.
    fn store(
        &mut self,
        store: &Place,
        entries: &[StoreEntry],
        changes: &mut Changes,
    ) -> Result<(), Error> {
        let mut ids: Vec<[Vec<ObjectId>; 3]> = Vec::new();
        for entry in entries {
            ids.push(entry.values.kinds().map(|values| self.keep(values)));
        }
        for (at, (key, _)) in KINDS.into_iter().enumerate() {
            let of_kind = ids.iter().filter_map(|kinds| kinds.get(at)).flatten();
            let all: Vec<ObjectId> = of_kind.copied().collect();
            self.grow(store, key, &all, changes)?;
        }
        let vri = store.inside(&self.view, "VRI")?;
        let mut vri_changes = Vec::new();
        for (entry, ids) in entries.iter().zip(&ids) {
            let place = vri.inside(&self.view, &entry.key)?;
            let mut own = Vec::new();
            for ((_, key), ids) in KINDS.into_iter().zip(ids) {
                self.grow(&place, key, ids, &mut own)?;
            }
            if place.home.is_none() || !own.is_empty() {
                self.changed = true;
                self.settle(&place, &own, (&entry.key, &mut vri_changes));
            }
        }
        if !vri_changes.is_empty() {
            self.settle(&vri, &vri_changes, ("VRI", changes));
        }
        Ok(())
    }

    /// The object of each value, new ones written.
    fn keep(&mut self, values: &[Vec<u8>]) -> Vec<ObjectId> {
        let mut ids = Vec::new();
        for value in values {
            let name = Sha256::of(value);
            let id = match self.known.get(&name) {
                Some(id) => *id,
                None => {
                    self.changed = true;
                    let id = self.update.add_stream("", value);
                    self.known.insert(name, id);
                    id
                }
            };
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    /// Adds to the list under `key` what it does not name yet.
    fn grow(
        &mut self,
        place: &Place,
        key: &str,
        ids: &[ObjectId],
        changes: &mut Changes,
    ) -> Result<(), Error> {
        let list = self.view.value(&place.dictionary, key.as_bytes())?;
        let items = list.as_array().unwrap_or_default();
        let held: Vec<ObjectId> = items
            .iter()
            .filter_map(|i| i.object.as_reference())
            .collect();
        let mut new: Vec<ObjectId> = Vec::new();
        for id in ids {
            if !held.contains(id) && !new.contains(id) {
                new.push(*id);
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        self.changed = true;
        let longer = |raw: &[u8]| {
            new.iter()
                .fold(raw.to_vec(), |raw, id| extend_array(&raw, *id))
        };
        let item = place.dictionary.item(key.as_bytes());
        match (item, place.home.as_ref()) {
            (Some(item), Some(home)) => match (&item.object, item.object.as_reference()) {
                (Object::Array(_), _) => {
                    changes.push((key.to_owned(), longer(home.raw_item(item))))
                }
                (_, Some(id)) if list.as_array().is_some() => {
                    let wrong = malformed("STRUCTURE", home.offset(), "an array");
                    let array = self.view.load(id)?.ok_or(wrong)?;
                    self.update.put(id, longer(array.raw_body()));
                }
                _ => {
                    return Err(malformed(
                        "STRUCTURE",
                        home.offset(),
                        "an array in the store",
                    ));
                }
            },
            _ => changes.push((key.to_owned(), longer(b"[]"))),
        }
        Ok(())
    }

    /// Writes a changed dictionary where it was, or as a new object pointed at from `above`.
    fn settle(&mut self, place: &Place, changes: &Changes, (key, above): (&str, &mut Changes)) {
        match &place.home {
            None => {
                let id = self.update.add(new_dictionary(changes));
                above.push((key.to_owned(), id.to_string().into_bytes()));
            }
            Some(home) if place.own_object => {
                if !changes.is_empty() {
                    self.update
                        .put(home.id, rewrite(home, &place.dictionary, changes));
                }
            }
            Some(home) => {
                let body = rewrite(home, &place.dictionary, changes);
                above.push((key.to_owned(), body));
            }
        }
    }

    /// Tells readers of PDF 1 that the file holds a security store.
    /// Source: ETSI EN 319 142-1, 5.6 (developer extension `ESIC`, level 1).
    fn extension(&mut self, catalog: &Rc<Indirect>, changes: &mut Changes) -> Result<(), Error> {
        const ESIC: &[u8] = b"<</BaseVersion/1.7/ExtensionLevel 1>>";
        let dictionary = catalog.dictionary()?;
        if self.is_version_2(dictionary)? {
            return Ok(());
        }
        let place = Place::under(&self.view, catalog, dictionary, "Extensions")?;
        if place.dictionary.get(b"ESIC").is_some() {
            return Ok(());
        }
        let own = vec![("ESIC".to_owned(), ESIC.to_vec())];
        if place.home.is_none() {
            let body = [b"<</ESIC", ESIC, b">>"].concat();
            changes.push(("Extensions".to_owned(), body));
        } else {
            self.settle(&place, &own, ("Extensions", changes));
        }
        Ok(())
    }

    fn is_version_2(&self, catalog: &Dictionary) -> Result<bool, Error> {
        let stated = catalog.get(b"Version").and_then(Object::as_name);
        let header = window(self.view.document().source(), 0, 8)?;
        Ok(stated.is_some_and(|version| version.starts_with(b"2.")) || header.ends_with(b"2.0"))
    }
}
