//! Collecting what a verdict will need: revocation data about certificates whose path to a trusted
//! root is already verified, from hosts the operator named. A certificate only suggests where; it
//! never decides. Judging itself fetches nothing.
//!
//! Enter by [`Fetcher`]. Files in reading order: `place`, `addresses`, `fetcher`, `gather`, `lists`,
//! `bundle`.

mod addresses;
pub mod bundle;
mod fetcher;
mod gather;
mod lists;
mod place;

pub use addresses::{Reach, reach};
pub use fetcher::{Error, Fetcher, Resolve};
pub use gather::{Gathered, Refused};
pub use lists::NotTaken;
pub use place::{NotAPlace, Place};
