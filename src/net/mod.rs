//! The only way out over HTTP. Every client is made here, for one destination, with its limits:
//! whom it trusts, how long it waits, how much it reads. Enter by [`PinnedClient`] for a
//! neighbouring hub, [`LoopbackClient`] for a hub on this machine, [`outside::ask`] for a foreign
//! service.

mod client;
mod loopback;
pub mod outside;

pub use client::{Answer, Error, Identity, PinnedClient};
pub use loopback::{LoopbackClient, Upload};
