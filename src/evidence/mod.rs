//! Evidence as bytes: the canonical form in which a receipt is signed, stored and shown to auditors.
//! Enter by [`statement::to_bytes`] and [`statement::from_bytes`]. Knows no key and no database.

mod change_note;
pub mod mismatch;
pub mod statement;
