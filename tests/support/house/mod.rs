//! The rules of the house as functions from text to faults, so that each can be tried on planted
//! text. Knows the tree only through [`tree::Tree`].
//!
//! Files in reading order: `tree` (what is tracked), `names` (which paths a source file names),
//! `rooms` (the import table), `files` (sizes, headers, leftovers), `papers` (documents), `floors`
//! (versions).

pub(crate) mod files;
pub(crate) mod floors;
pub(crate) mod names;
pub(crate) mod papers;
pub(crate) mod reading;
pub(crate) mod rooms;
pub(crate) mod tree;
