//! The attack list: 102 ways to cheat a verifier of signed PDF files, published or our own. Each
//! row is a test named after its id; each of its variants is a [`Case`] with the verdict and the
//! reason it must get. Files are built at test time by `tests/support/attack`, which knows nothing
//! of the engine.

mod agency;
mod around;
mod bombs;
mod certification;
mod claims;
mod counts;
mod covering;
mod difference;
mod exceptions;
mod fetching;
mod flips;
mod forgery;
mod list;
mod ordinary;
mod parsing;
mod primitives;
mod repair;
mod rewriting;
mod saving;
mod second_judge;
mod sessions;
mod shadow;
mod stricter;
mod structure;
mod told;
mod trust;
mod variants;
mod variants_of_trust;
mod wrapping;

pub(crate) use super::attack::judge::Case;

/// The rows of one class: a test for each, and all their cases for the judges.
macro_rules! rows {
    ($($name:ident: $cases:ident;)+) => {
        $(#[test] fn $name() { super::hold(&$cases()); })+
        /// Every row's test and cases.
        pub(super) fn all() -> Vec<(&'static str, Vec<super::Case>)> {
            vec![$((stringify!($name), $cases())),+]
        }
    };
}
use rows;

/// Every case must get its verdict and its reason.
fn hold(cases: &[Case]) {
    assert!(!cases.is_empty());
    let faults: Vec<String> = cases.iter().filter_map(Case::fault).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Every case of every class by its row's test.
fn all() -> Vec<(&'static str, Vec<Case>)> {
    [
        bombs::all(),
        certification::all(),
        claims::all(),
        covering::all(),
        difference::all(),
        forgery::all(),
        ordinary::all(),
        parsing::all(),
        primitives::all(),
        rewriting::all(),
        saving::all(),
        shadow::all(),
        stricter::all(),
        structure::all(),
        trust::all(),
        wrapping::all(),
    ]
    .concat()
}
