//! The entrance for browsers, programs and neighbour hubs. Requests become people or neighbours at
//! the gate, then commands of `exchange`; answers become pages, JSON or problem documents. Opens no
//! transaction, knows no SQL, decides nothing about documents. Enter by [`bind`].
//!
//! Files in reading order: `serve` (listening and stopping), `tls` (certificates, who a neighbour
//! is), `gate` (who are you, may you), `problem` (every answer that is a no), `answers` (headers
//! and log line of every answer), `language`, `assets`, `upload`, `download`; then the three
//! doors: `pages` for people, `api` for programs, `peer` for neighbour hubs.

mod answers;
mod api;
mod assets;
mod download;
mod gate;
mod language;
mod pages;
mod peer;
mod problem;
mod serve;
mod tls;
mod upload;

#[cfg(test)]
mod tests;

pub use serve::{Server, bind};

use crate::exchange::Hub;

/// What every request of one hub shares.
struct Site {
    /// The hub.
    hub: Hub,
    /// Name of the session's cookie: it carries the hub's name, because cookies are shared by all
    /// ports of one host.
    session_cookie: String,
    /// Whether pages are served over TLS.
    is_encrypted: bool,
    /// Whether the hub's clock is moved, which every page says.
    is_simulated: bool,
}

impl Site {
    fn new(hub: Hub, is_encrypted: bool, is_simulated: bool) -> Self {
        let prefix = if is_encrypted { "__Host-" } else { "" };
        Self {
            session_cookie: format!("{prefix}lienthong-{}", hub.id()),
            hub,
            is_encrypted,
            is_simulated,
        }
    }
}
