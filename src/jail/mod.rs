//! The jail: documents from outside are read by a child process of the same program, which locks
//! itself in before it reads a byte of them: no file, no socket, no process, little memory, little
//! time. One child reads one document, though it may have been started before there was one. Enter by [`Jail`].
//!
//! Knows neither where a document comes from nor what its verdict is used for; does not judge
//! itself: inside, the pure rooms do. The child holds nothing worth stealing: an empty environment,
//! the document, what the verdict relies on, and one line to its parent.
//! Source: `docs/decisions/0015-jail.md`.
//!
//! Files in reading order: `error` (what can go wrong, and how a child dies), `document`, `judged`
//! and `request` (what is asked and answered), `frame` (how it is written down), `ward` (a child and
//! the line to it), `ahead` (the next child), `parent` (what is asked of children), `looks` (what is done before a signature),
//! `detached` (signatures of neighbours) and `frames` (those read before), `lock` (how the child locks itself in), `child` (its life).

mod ahead;
mod child;
mod detached;
mod document;
mod error;
mod frame;
mod frames;
mod judged;
mod lock;
mod looks;
mod parent;
#[cfg(feature = "failpoints")]
pub mod probe;
pub mod reasons;
mod request;
mod terms;
mod ward;

pub use child::{WORD, main};
pub use detached::Detached;
pub use document::Outside;
pub use error::{Death, Error};
pub use judged::{Decisive, Judged};
pub use looks::{Linted, Order, Refused};
pub use parent::{Jail, Look};
pub use request::{Forms, Languages, Question};
