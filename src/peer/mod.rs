//! Talking to a neighbouring hub: the shapes on the wire and the sending half. The listening half
//! is `web::peer`. Enter by [`PeerClient`] and [`protocol`]. Does not know why anything is sent.

mod client;
pub mod envelope;
pub mod protocol;
pub mod registry;

pub use client::{PeerClient, Progress, Unanswered};
