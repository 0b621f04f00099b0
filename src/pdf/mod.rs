//! PDF as bytes: revisions, objects with their places, signature fields, byte ranges, what changed
//! since a signature, and updates appended without touching what is there. Strict: nothing is
//! repaired. Knows no certificate, no signature algorithm, no clock and no file system.
//!
//! Enter by [`Document::open`] to read and [`slot`] to make room for a signature. Files in reading order:
//! `error`, `limits`, `meter`, `source`, `object`, `hexadecimal`, `parser`, `indirect`, `filter`, `xref`, `revisions`,
//! `document`, `sweep`, `pages`, `page_text`, `fields`, `byte_range`, `changes`, `append`,
//! `conformance`, `image`, `typeset`, `mark`, `gap`, `text_font`, `text_walk`, `find_text`, `free_place`, `lock`,
//! `waiting_field`, `slot`, `security_store`, `second`, `lint`.

mod append;
mod byte_range;
mod changes;
mod claims;
mod conformance;
mod document;
mod error;
mod fields;
mod filter;
mod find_text;
mod font_program;
mod free_place;
mod gap;
mod hexadecimal;
mod image;
mod indirect;
pub mod limits;
mod lint;
mod lock;
mod mark;
mod meter;
mod object;
mod page_text;
mod pages;
mod painted;
mod parser;
mod revisions;
mod second;
mod security_store;
mod sheet;
mod slot;
mod source;
mod sweep;
mod text_font;
mod text_walk;
mod typeset;
mod waiting_field;
mod xref;

pub use byte_range::{SignatureDictionary, SubFilter, signature};
pub use changes::{
    Described, Kind as ChangeKind, Level, Modification, Placement, RevisionChanges, since,
};
pub use claims::check_claims;
pub use document::{Document, View};
pub use error::Error;
pub use fields::{FieldValue, Fields, SignatureField, fields, form};
pub use find_text::{Segment, find_text, page_segments, widget_segments};
pub use free_place::free_place;
pub use gap::signature_gap;
pub use image::Image;
pub use indirect::{Indirect, Origin};
pub use lint::{Notice, late_header, lint};
pub use lock::FieldLock;
pub use mark::{Mark, MarkContent};
pub use object::{Dictionary, Item, Object, ObjectId, raw_text, text};
pub use pages::{POINTS_PER_MM, Page, PageChoice, page, page_ids, page_of, rectangle};
pub use painted::PaintedPages;
pub use revisions::Revision;
pub use second::{Disagreement, disagreement, gets_second_opinion};
pub use security_store::{StoreEntry, StoredValues, extend_security_store, stored_values};
pub use sheet::{Colour, SHEET_MM, Sheet, Style, Weight};
pub use slot::{Slot, SlotRequest, slot};
pub use source::{ByteSource, Extended, stream};
pub use sweep::sweep;
pub use typeset::Text;
pub use xref::{Entry, Kind};
