//! `lienthong`: documents travel between agencies, signed, with proof. The rooms in reading order;
//! `docs/ARCHITECTURE.md` is the map, `tests/architecture.rs` the law.

pub mod config;
pub mod domain;
pub mod phrases;

pub mod evidence;

pub mod cms;
pub mod pades;
pub mod pdf;
pub mod pki;

pub mod fetch;
pub mod jail;
pub mod keystore;
pub mod net;
pub mod notify;
pub mod peer;
pub mod store;

pub mod app;
pub mod cli;
pub mod exchange;
pub mod telemetry;
pub mod web;
