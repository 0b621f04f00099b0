//! `lienthong`: documents travel between agencies, signed, with proof. The rooms in reading order;
//! `docs/ARCHITECTURE.md` is the map, `tests/architecture.rs` the law.

pub mod domain;
pub mod phrases;
pub mod evidence;
pub mod pki;
pub mod cms;
pub mod keystore;
pub mod pdf;
pub mod pades;
pub mod config;
pub mod net;
pub mod peer;
pub mod notify;
pub mod store;
pub mod exchange;
pub mod web;
