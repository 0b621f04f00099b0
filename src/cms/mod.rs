//! Cryptographic Message Syntax: signatures beside the bytes they sign. Builds the attributes to be
//! signed and the finished structure; reads received ones strictly and keeps their exact bytes.
//! Knows no PDF and judges no certificate path. Source: RFC 5652, RFC 5035, RFC 8933.
//!
//! Files in reading order: `error`, `oids`, `build`, `ber`, `signed_data`, `signer_attributes`,
//! `check`, `detached`, `timestamp`, `time_stamping`, `reasons`.

mod ber;
mod build;
mod check;
pub mod detached;
mod error;
mod oids;
pub mod reasons;
mod signed_data;
mod signer_attributes;
pub mod time_stamping;
pub mod timestamp;

pub use build::{Attributes, assemble, assemble_timestamped, attributes, hold_digest};
pub use check::{AttributeProfile, SignatureCheck};
pub use error::Error;
pub use signed_data::{
    MAX_CERTIFICATES, MAX_CMS_BYTES, SignedData, parse, parse_knowing, parse_timestamp,
};

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
