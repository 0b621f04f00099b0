//! Builds attacked files byte by byte, without the engine they attack: nothing here imports the
//! rooms `pdf`, `cms`, `pki` or `pades` but [`judge`], which asks for the verdict.
//!
//! Reading order: [`der`] (a writer of DER), [`identity`] (keys, certificates and revocation lists,
//! minted for the run), [`cms`] (a signature or time-stamp token with every field open to
//! change), [`pdf`] (a file with every byte open to change), [`signed`] (small signed documents and
//! updates after them), [`judge`] (a case: a file, the verdict and the reason it must get).
//!
//! A row of an attack list is written as a function that gives cases:
//!
//! ```text
//! fn evil_page() -> Vec<Case> {
//!     let file = Doc::small().sealed();
//!     let evil = Update::after(&file).object(4, &stream("BT ET")).table();
//!     vec![Case::format("page content replaced", evil, "OBJECT_CHANGED")]
//! }
//! rows! { isa_01_page_content_replaced: "ISA-01" => evil_page; }
//! ```

pub(crate) mod cms;
pub(crate) mod der;
pub(crate) mod forms;
pub(crate) mod identity;
pub(crate) mod judge;
pub(crate) mod pdf;
pub(crate) mod program;
pub(crate) mod signed;
