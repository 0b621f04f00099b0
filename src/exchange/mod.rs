//! The working hall: the order of acts. Each station loads, decides with the pure rooms, records,
//! acts, and records the outcome. Enter by [`Hub`]. The only room that opens transactions; knows no
//! HTTP and no page.
//!
//! A station never calls another: it enqueues a job in its own transaction. Stations in the order
//! in which a document passes them: `compose`, `seal`, `dispatch`, `outbox`, `deliver`, `intake`,
//! `verify`, `acknowledge`, `relay`, `inquiry`. Beside the road: `hub` (what a station needs),
//! `admission` (what must hold before a transfer is taken over), `offers` (bytes a neighbour brings
//! before its transfer), `mismatch` (one id, two bodies), `receipts` (issuing, checking and passing on
//! receipts), `change` (requests to take back, update or replace), `clocks` (deadlines, their warnings and breaches), `queue` (what stays in the
//! outbox, and what people may do with it), `rehearsal` (an outbox of made-up work, for measuring), `people` (who is signed in), `trust`
//! (what verdicts rely on, renewed), `registry` (who is who, replaced while the hub runs),
//! `succession` (documents on the road to an agency that closed).

pub mod acknowledge;
mod admission;
pub mod change;
mod clocks;
pub mod compose;
mod deliver;
mod dispatch;
mod error;
mod hub;
pub mod inquiry;
pub mod intake;
mod mismatch;
pub mod offers;
mod outbox;
pub mod people;
pub mod queue;
mod receipts;
pub mod registry;
pub mod rehearsal;
mod relay;
mod seal;
mod secrecy;
#[cfg(feature = "failpoints")]
mod seeded;
mod source;
mod succession;
mod trust;
mod verify;

pub use clocks::watch_clocks;
pub use error::{Category, Error};
pub use hub::{AgencyKey, Hub, Lines, Parts};
pub use offers::sweep_regularly;
pub use outbox::work;
