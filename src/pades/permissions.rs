//! What a certification permits. Source: ISO 32000-2, 12.8.2.2 and 12.8.2.4.

use crate::pdf::{Dictionary, Error, Object, ObjectId, SignatureDictionary, View};

/// The `DocMDP` permission (1, 2 or 3) of a signature that is a certification.
///
/// # Errors
/// When the signature references cannot be read.
pub(super) fn certified(
    view: &View<'_, '_>,
    signature: &SignatureDictionary,
) -> Result<Option<u8>, Error> {
    let Some(parameters) = transform(view, signature, b"DocMDP")? else {
        return Ok(None);
    };
    let permission = view.value(&parameters, b"P")?.as_integer().unwrap_or(2);
    // An unknown permission is the strictest.
    Ok(Some(
        u8::try_from(permission)
            .ok()
            .filter(|p| (1..=3).contains(p))
            .unwrap_or(1),
    ))
}

/// Whether a signature locks form fields.
///
/// # Errors
/// As [`certified`].
pub(super) fn locks_fields(
    view: &View<'_, '_>,
    signature: &SignatureDictionary,
) -> Result<bool, Error> {
    Ok(transform(view, signature, b"FieldMDP")?.is_some())
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

fn transform(
    view: &View<'_, '_>,
    signature: &SignatureDictionary,
    method: &[u8],
) -> Result<Option<Dictionary>, Error> {
    let references = view.value(signature.dictionary()?, b"Reference")?;
    for item in references.as_array().unwrap_or_default() {
        let Object::Dictionary(reference) = view.resolve(&item.object)? else {
            continue;
        };
        if !reference.is_name(b"TransformMethod", method) {
            continue;
        }
        let parameters = view.value(&reference, b"TransformParams")?;
        return Ok(Some(
            parameters.as_dictionary().cloned().unwrap_or_default(),
        ));
    }
    Ok(None)
}
