//! Locks on form fields: which fields nobody may change after the signature.
//! Source: ISO 32000-2, 12.7.5.5 (signature field lock) and 12.8.2.4 (`FieldMDP`).

use super::append::text_string;
use super::document::View;
use super::error::{Error, malformed};
use super::object::{Dictionary, Object, text};

/// Which fields a signature locks. Names are full names; a name stands for the fields below it too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldLock {
    /// Every field.
    All,
    /// These fields.
    Include(Vec<String>),
    /// Every field but these.
    Exclude(Vec<String>),
}

impl FieldLock {
    /// `/Action` and `/Fields` as they stand in a lock and in transform parameters.
    pub(super) fn entries(&self) -> String {
        let (action, names) = match self {
            Self::All => return "/Action/All".to_owned(),
            Self::Include(names) => ("Include", names),
            Self::Exclude(names) => ("Exclude", names),
        };
        let names: String = names.iter().map(|name| text_string(name)).collect();
        format!("/Action/{action}/Fields[{names}]")
    }

    /// The lock an existing field carries.
    ///
    /// # Errors
    /// `FIELD_LOCK_UNKNOWN` for an action or permission this program does not write.
    pub(super) fn read(view: &View<'_, '_>, field: &Dictionary) -> Result<Option<Self>, Error> {
        let lock = view.value(field, b"Lock")?;
        let Some(lock) = lock.as_dictionary() else {
            return Ok(None);
        };
        let unknown = |detail: &str| Error::Unusable {
            code: "FIELD_LOCK_UNKNOWN",
            detail: detail.to_owned(),
        };
        if lock.get(b"P").is_some() {
            return Err(unknown("/P"));
        }
        let action = view.value(lock, b"Action")?;
        match action.as_name() {
            Some(b"All") => Ok(Some(Self::All)),
            Some(b"Include") => Ok(Some(Self::Include(names(view, lock)?))),
            Some(b"Exclude") => Ok(Some(Self::Exclude(names(view, lock)?))),
            _ => Err(unknown("/Action")),
        }
    }
}

fn names(view: &View<'_, '_>, lock: &Dictionary) -> Result<Vec<String>, Error> {
    let wrong = || malformed("FIELD_INVALID", 0, "names under /Fields of a lock");
    let list = view.value(lock, b"Fields")?;
    let items = list.as_array().ok_or_else(wrong)?;
    let name = |object: &Object| {
        let value = view.resolve(object)?;
        value.as_string().map(text).ok_or_else(wrong)
    };
    items.iter().map(|item| name(&item.object)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_names_its_fields_as_text_strings() {
        let names = vec!["a(b)".to_owned(), "Số".to_owned()];
        let entries = FieldLock::Include(names).entries();
        assert_eq!(entries, "/Action/Include/Fields[(a\\(b\\))<FEFF00531ED1>]");
        assert_eq!(FieldLock::All.entries(), "/Action/All");
    }
}
