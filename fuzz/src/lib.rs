//! One module a target: `check` hands hostile bytes to the engine and holds its answers against what
//! must be true of every answer. Pure functions, so that `tests/engine/corpus.rs` can replay a
//! corpus without a fuzzer.

pub mod changes;
pub mod cms;
pub mod genuine;
pub mod object_streams;
pub mod ocsp_crl_tsp;
pub mod path;
pub mod tokenizer;
pub mod write;
pub mod xref;
