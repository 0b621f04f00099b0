//! Tells people by mail that something happened to a document. A mail is a hint: it carries no
//! document and is never proof of delivery. Enter by [`compose`] and [`Transport`]. Does not know
//! why a mail is sent, keeps no queue and retries nothing: it says whether a retry makes sense.
//!
//! Files in reading order: `address`, `notice`, `wording`, `html`, `letter`, `outcome`, `transport`,
//! `smtp`, `wire`, `folder`, `recording`, `error`.

mod address;
mod error;
mod folder;
mod html;
mod letter;
mod notice;
mod outcome;
mod recording;
mod smtp;
mod transport;
mod wire;
mod wording;

pub use address::{EmailAddress, Mailbox, Recipients};
pub use error::Error;
pub use folder::Folder;
pub use letter::{Letter, compose};
pub use notice::{Explanation, Facts, Link, Notice};
pub use outcome::{Advice, NotSent, Sent, Setback, Stage, Unreached, worth_a_retry};
pub use recording::Recording;
pub use smtp::Smtp;
pub use transport::Transport;
