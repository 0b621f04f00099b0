//! Certificates and what may be believed about them: paths to a trusted root, revocation, time, and
//! the three-valued verdict. Enter by [`path::validate`] with a [`path::Question`], and by
//! [`past::validate_past`] when there is proof that the signature is older.
//! Knows no file, no network and no clock: what it may rely on is handed in, frozen.
//!
//! Files in reading order: `verdict`, `algorithm`, `der`, `name`, `certificate`, `extensions`,
//! `trust`, `crl`, `ocsp`, `budget`, `freshness`, `path`, `rules`, `revocation`, `poe`, `past`,
//! `reasons`, `error`.

pub mod algorithm;
mod budget;
pub mod certificate;
pub mod crl;
pub mod der;
mod error;
mod extensions;
mod freshness;
mod key;
pub mod locations;
mod name;
pub mod ocsp;
mod ocsp_request;
pub mod past;
pub mod path;
pub(crate) mod pem;
pub mod poe;
pub mod reasons;
mod revocation;
mod rules;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
pub(crate) mod testing_world;
pub mod trust;
pub mod verdict;

pub use error::Error;

/// Makes the crypto library read its configuration and load its algorithms now: in the jail nothing
/// can be opened later. Called before anything else of the library, it also keeps the library from
/// giving back all it holds, piece by piece, when the process ends.
pub fn warm_up() {
    openssl::init();
    // What cannot be loaded now is missed, and named, by whoever needs it.
    drop(openssl::hash::hash(
        openssl::hash::MessageDigest::sha256(),
        b"",
    ));
}
pub use ocsp_request::ocsp_request;
