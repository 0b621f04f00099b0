//! Documents with a text field, certified and locked ones, and updates that fill, sign and comment.

use super::identity::world;
use super::pdf::{Update, stream_with};
use super::signed::{Doc, FORM, SIGNATURE, dictionary, field, page_with, seal};

/// Number of the text field, which is its widget too, and of its appearance.
pub(crate) const TEXT: u32 = 30;
pub(crate) const LOOK: u32 = 31;

/// The catalog of [`Doc::small`] with more entries.
pub(crate) fn catalog(extra: &str) -> String {
    format!("<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R{extra}>>")
}

/// An appearance stream that shows a text.
pub(crate) fn look(text: &str) -> String {
    let extra = "/Type/XObject/Subtype/Form/BBox[0 0 100 20]/Resources<</Font<</F1 5 0 R>>>>";
    stream_with(extra, &format!("BT /F1 9 Tf ({text}) Tj ET"))
}

/// The text field with a value, its appearance being `look`.
pub(crate) fn text_field(value: &str, look: u32) -> String {
    format!(
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(Sum)/V({value})/F 4/Rect[200 400 300 420]/P 3 0 R\
         /AP<</N {look} 0 R>>>>"
    )
}

/// [`Doc::small`] with a text field that holds nothing yet.
pub(crate) fn form() -> Doc {
    Doc::small()
        .with(FORM, "<</Fields[7 0 R 30 0 R]/SigFlags 3>>")
        .with(3, &page_with("4 0 R", "7 0 R 30 0 R"))
        .with(TEXT, &text_field("", LOOK))
        .with(LOOK, &look(""))
}

/// A reference of a signature dictionary with the method and its parameters.
pub(crate) fn reference(method: &str, parameters: &str) -> String {
    format!(
        "/Reference[<</Type/SigRef/TransformMethod/{method}/TransformParams\
         <</Type/TransformParams/V/1.2{parameters}>>>>]"
    )
}

/// `doc` certified: nothing but `permission` may follow.
pub(crate) fn certified(doc: Doc, permission: u8) -> Doc {
    let extra = reference("DocMDP", &format!("/P {permission}"));
    doc.with(1, &catalog("/Perms<</DocMDP 8 0 R>>"))
        .with(SIGNATURE, &dictionary("ETSI.CAdES.detached", &extra))
}

/// `doc` whose signature locks fields.
pub(crate) fn locked(doc: Doc, parameters: &str) -> Doc {
    let extra = reference("FieldMDP", parameters);
    doc.with(SIGNATURE, &dictionary("ETSI.CAdES.detached", &extra))
}

/// The text field filled as a program does it: a new value and a new appearance.
pub(crate) fn filled(file: &[u8], value: &str) -> Vec<u8> {
    Update::after(file)
        .object(TEXT, &text_field(value, 32))
        .object(32, &look(value))
        .table()
}

/// A second signature in field 17, with `extra` in its dictionary, after the fields of [`form`].
pub(crate) fn again(file: &[u8], field: &str, extra: &str) -> Update {
    Update::after(file)
        .object(3, &page_with("4 0 R", "7 0 R 30 0 R 17 0 R"))
        .object(FORM, "<</Fields[7 0 R 30 0 R 17 0 R]/SigFlags 3>>")
        .object(17, field)
        .object(18, &dictionary("ETSI.CAdES.detached", extra))
}

/// A second, invisible signature by somebody trusted.
pub(crate) fn signed_again(file: &[u8]) -> Vec<u8> {
    seal(&again(file, &field("Second", 18), "").table(), &world().rsa)
}

/// A visible signature field with its appearance in object 19.
pub(crate) fn visible(name: &str, rect: &str) -> String {
    format!(
        "<</Type/Annot/Subtype/Widget/FT/Sig/T({name})/F 132/Rect[{rect}]/P 3 0 R/V 18 0 R\
         /AP<</N 19 0 R>>>>"
    )
}

/// An annotation added to the page of [`form`] as object 40; its appearance may be object 41.
pub(crate) fn annotated(file: &[u8], annotation: &str) -> Vec<u8> {
    Update::after(file)
        .object(3, &page_with("4 0 R", "7 0 R 30 0 R 40 0 R"))
        .object(40, annotation)
        .table()
}
