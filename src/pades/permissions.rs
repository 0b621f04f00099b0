//! What a certification and a field lock permit. Read strictly: what cannot be understood permits
//! the least. Source: ISO 32000-2, 12.7.5.5 (locks), 12.8.2.2 (`DocMDP`) and 12.8.2.4 (`FieldMDP`).

use crate::pdf::{self, Dictionary, Error, Object, ObjectId, SignatureDictionary, View};

/// Form fields that may not change after a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lock {
    /// All of them.
    All,
    /// These and everything below them.
    Include(Vec<String>),
    /// All but these and everything below them.
    Exclude(Vec<String>),
}

impl Lock {
    /// Whether the field called `name` is locked. A field without a name always is.
    pub(super) fn holds(&self, name: &str) -> bool {
        let within = |listed: &String| {
            let rest = name.strip_prefix(listed.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        match self {
            Self::All => true,
            Self::Include(names) => name.is_empty() || names.iter().any(within),
            Self::Exclude(names) => name.is_empty() || !names.iter().any(within),
        }
    }

    fn read(view: &View<'_, '_>, parameters: &Dictionary) -> Result<Self, Error> {
        let action = view.value(parameters, b"Action")?;
        let names = view.value(parameters, b"Fields")?;
        let names: Option<Vec<String>> = names.as_array().and_then(|names| {
            let names = names.iter();
            names
                .map(|name| name.object.as_string().map(pdf::text))
                .collect()
        });
        Ok(match (action.as_name(), names) {
            (Some(b"Include"), Some(names)) => Self::Include(names),
            (Some(b"Exclude"), Some(names)) => Self::Exclude(names),
            _ => Self::All,
        })
    }
}

/// What a signature allows to happen after it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permissions {
    /// `P` of a certification: 1, 2 or 3.
    pub certified: Option<u8>,
    /// `P` of the lock of its field: 1, 2 or 3.
    pub locked: Option<u8>,
    /// Fields it locks.
    pub locks: Vec<Lock>,
}

/// The permissions of a signature whose field is `field`.
///
/// # Errors
/// When its references or the lock of the field cannot be read.
pub(super) fn permissions(
    view: &View<'_, '_>,
    signature: &SignatureDictionary,
    field: Option<&Dictionary>,
) -> Result<Permissions, Error> {
    let mut found = Permissions {
        certified: certified(view, signature)?,
        ..Permissions::default()
    };
    for parameters in transforms(view, signature, b"FieldMDP")? {
        found.locks.push(Lock::read(view, &parameters)?);
    }
    let lock = field.map_or(Ok(Object::Null), |field| view.value(field, b"Lock"))?;
    if let Some(lock) = lock.as_dictionary() {
        found.locks.push(Lock::read(view, lock)?);
        if lock.get(b"P").is_some() {
            found.locked = Some(level(view, lock)?);
        }
    }
    Ok(found)
}

/// The `DocMDP` permission (1, 2 or 3) of a signature that is a certification.
///
/// # Errors
/// When the signature references cannot be read.
pub(super) fn certified(
    view: &View<'_, '_>,
    signature: &SignatureDictionary,
) -> Result<Option<u8>, Error> {
    let mut strictest = None;
    for parameters in transforms(view, signature, b"DocMDP")? {
        let found = level(view, &parameters)?;
        strictest = Some(strictest.map_or(found, |known: u8| known.min(found)));
    }
    Ok(strictest)
}

/// The value of `/P`: 2 when absent, 1 when it is none of the three.
fn level(view: &View<'_, '_>, parameters: &Dictionary) -> Result<u8, Error> {
    let value = view.value(parameters, b"P")?;
    if value == Object::Null {
        return Ok(2);
    }
    let known = value.as_integer().and_then(|p| u8::try_from(p).ok());
    Ok(known.filter(|p| (1..=3).contains(p)).unwrap_or(1))
}

/// The signature dictionary the catalog names as the file's certification.
///
/// # Errors
/// When the catalog cannot be read.
pub(super) fn named_certification(view: &View<'_, '_>) -> Result<Option<ObjectId>, Error> {
    let catalog = view.catalog()?;
    let permissions = view.value(catalog.dictionary()?, b"Perms")?;
    Ok(permissions
        .as_dictionary()
        .and_then(|permissions| permissions.reference(b"DocMDP")))
}

/// The parameters of every reference with the method.
fn transforms(
    view: &View<'_, '_>,
    signature: &SignatureDictionary,
    method: &[u8],
) -> Result<Vec<Dictionary>, Error> {
    let references = view.value(signature.dictionary()?, b"Reference")?;
    let mut found = Vec::new();
    for item in references.as_array().unwrap_or_default() {
        let Object::Dictionary(reference) = view.resolve(&item.object)? else {
            continue;
        };
        if reference.is_name(b"TransformMethod", method) {
            let parameters = view.value(&reference, b"TransformParams")?;
            found.push(parameters.as_dictionary().cloned().unwrap_or_default());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_holds_names_and_what_lies_below_them() {
        let names = vec!["a".to_owned(), "b.c".to_owned()];
        let include = Lock::Include(names.clone());
        let exclude = Lock::Exclude(names);
        for (name, listed) in [
            ("a", true),
            ("a.x", true),
            ("ab", false),
            ("b", false),
            ("b.c.d", true),
            ("b.cd", false),
        ] {
            assert_eq!(include.holds(name), listed, "{name}");
            assert_eq!(exclude.holds(name), !listed, "{name}");
            assert!(Lock::All.holds(name));
        }
        assert!(
            include.holds("") && exclude.holds(""),
            "a field without a name"
        );
    }
}
