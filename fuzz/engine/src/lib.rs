//! The engine rooms of the program under the program's name.

#[path = "../../../src/cms/mod.rs"]
pub mod cms;
#[path = "../../../src/domain/mod.rs"]
pub mod domain;
#[path = "../../../src/pades/mod.rs"]
pub mod pades;
#[path = "../../../src/pdf/mod.rs"]
pub mod pdf;
#[path = "../../../src/phrases/mod.rs"]
pub mod phrases;
#[path = "../../../src/pki/mod.rs"]
pub mod pki;
