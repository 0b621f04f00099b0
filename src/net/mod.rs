//! The only way out over HTTP. Every client is made here, for one destination, with its limits:
//! whom it trusts, how long it waits, how much it reads. Enter by [`PinnedClient`] for a
//! neighbouring hub, [`LoopbackClient`] for a hub on this machine.

mod client;
mod loopback;

pub use client::{Answer, Error, Identity, PinnedClient};
pub use loopback::{LoopbackClient, Upload};
