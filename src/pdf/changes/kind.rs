//! The kinds of changes a later revision can make, and how far each reaches.
//! Source: ISO 32000-2, 12.8.2.2 (the permissions of a certification).

use super::xmp::Described;
use crate::pdf::object::ObjectId;

/// How far a change reaches; a permission allows everything up to one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing changed: the same said again.
    None,
    /// Validation data and document time stamps.
    LongTerm,
    /// Forms filled and further signatures.
    FormFilling,
    /// Annotations.
    Annotations,
    /// Everything else; no permission reaches as far.
    Other,
}

/// What a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The same value written again.
    Identical,
    /// A cross-reference stream or object stream of the update itself.
    Container,
    /// A list or dictionary that had to grow for a change beside it.
    Listing,
    /// Dates or producer in the document information.
    Information,
    /// An extension or version declared in the catalog.
    Extension,
    /// The document security store.
    SecurityStore,
    /// A document time stamp with its invisible field.
    Timestamp,
    /// XMP metadata that says the same of the document: dates and programs at most are others.
    Metadata,
    /// XMP metadata that says something else of the document, such as another title.
    Description,
    /// A further signature with its field.
    Signature,
    /// A certification, named in the catalog for the first time.
    Certification,
    /// A form field that is no signature, filled.
    FieldFill,
    /// An annotation of a harmless kind.
    Annotation,
    /// What no rule allows, with the code of the broken rule.
    Refused(&'static str),
}

impl Kind {
    /// How far it reaches.
    #[must_use]
    pub const fn level(self) -> Level {
        match self {
            Self::Identical | Self::Container => Level::None,
            Self::Listing
            | Self::Information
            | Self::Extension
            | Self::SecurityStore
            | Self::Timestamp
            | Self::Metadata => Level::LongTerm,
            Self::Description | Self::Signature | Self::Certification | Self::FieldFill => {
                Level::FormFilling
            }
            Self::Annotation => Level::Annotations,
            Self::Refused(_) => Level::Other,
        }
    }

    /// Its stable code; for something refused the code of the broken rule.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Identical => "IDENTICAL_REWRITE",
            Self::Container => "SECTION_CONTAINER",
            Self::Listing => "LIST_EXTENDED",
            Self::Information => "INFORMATION_DATED",
            Self::Extension => "EXTENSION_DECLARED",
            Self::SecurityStore => "SECURITY_STORE_GROWN",
            Self::Timestamp => "TIMESTAMP_ADDED",
            Self::Metadata => "METADATA_UPDATED",
            Self::Description => "METADATA_CHANGED",
            Self::Signature => "SIGNATURE_ADDED",
            Self::Certification => "CERTIFICATION_ADDED",
            Self::FieldFill => "FIELD_FILLED",
            Self::Annotation => "ANNOTATION_ADDED",
            Self::Refused(code) => code,
        }
    }

    /// What allows it, when something does: every signature, those that permit forms and
    /// signatures, or a certification that permits annotations.
    #[must_use]
    pub const fn allowed_by(self) -> &'static str {
        match self.level() {
            Level::None => "same-content",
            Level::LongTerm => "validation-data",
            Level::FormFilling => "forms-and-signatures",
            Level::Annotations => "annotations",
            Level::Other => "nothing",
        }
    }

    /// Whether it is a signature of some kind.
    #[must_use]
    pub const fn is_signature(self) -> bool {
        matches!(
            self,
            Self::Signature | Self::Certification | Self::Timestamp
        )
    }
}

/// Where something new is seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placement {
    /// The page.
    pub page: ObjectId,
    /// Left, bottom, right and top in the page's user space.
    pub rectangle: [f64; 4],
    /// Whether it may cover what lies below: it draws its own picture.
    pub covers: bool,
}

/// One change a later revision made.
#[derive(Debug, Clone, PartialEq)]
pub struct Modification {
    /// What it is.
    pub kind: Kind,
    /// The revision, counted from 0.
    pub revision: usize,
    /// The object number, 0 for the trailer.
    pub object: u32,
    /// Where the object hangs, such as `/Root/AcroForm/Fields` or `3 0 R/Contents`; empty when
    /// nothing leads to it.
    pub path: String,
    /// Where the object's new form begins, or the section for a freed object.
    pub offset: u64,
    /// Full name of the form field concerned.
    pub field: Option<String>,
    /// Where it is seen, for a visible signature or an annotation.
    pub place: Option<Placement>,
    /// The signature dictionary that came with it.
    pub signature: Option<ObjectId>,
    /// What metadata says otherwise.
    pub described: Vec<Described>,
    /// Whether the object number is new in this revision.
    pub fresh: bool,
}
