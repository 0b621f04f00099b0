//! What the words mean: agencies, tiers, documents, deliveries, receipts, and the rules that need
//! nothing but values. Knows no file, no socket, no database, no clock and no serialised shape.
//!
//! Files in reading order: `clock`, `digest`, `ids`, `period`, `tier`, `agency`, `directory`,
//! `number`, `document`, `secrecy`, `delivery`, `status` (the codes of edXML), `change`, `calendar`,
//! `deadline`, `deadline_clock`, `receipt`, `routing`, `lane`, `refusal`, `actor`, `language`, `text`.

pub mod actor;
pub mod agency;
pub mod calendar;
pub mod change;
pub mod clock;
pub mod deadline;
pub mod deadline_clock;
pub mod delivery;
pub mod digest;
pub mod directory;
pub mod document;
pub mod ids;
pub mod lane;
pub mod language;
pub mod look_alike;
pub mod number;
pub mod period;
pub mod receipt;
pub mod refusal;
pub mod routing;
pub mod secrecy;
pub mod snapshot;
pub mod status;
pub mod succession;
pub mod text;
pub mod tier;
