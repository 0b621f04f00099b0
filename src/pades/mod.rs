//! Signatures in PDF files after PAdES: prepared, embedded and judged. The only door to the byte
//! layer for signatures. Pure: no clock, no disk, no network; roles and trust are handed in.
//!
//! Enter by [`prepare()`] (or [`sign`] with a key at hand) and [`verify`]. Files in reading order:
//! `error`, `times`, `marks`, `permissions`, `prepare`, `session`, `policy`, `policy_json`, `registry`, `judge`, `digests`,
//! `dss_read`, `time_proof`, `signature`, `signer`, `level`, `changes`, `noticed`, `authority`, `standing`, `seen_mark`, `profile`, `names`, `report`,
//! `explain`, `publish`, `levels`, `lint`, `reasons`.

mod authority;
mod changes;
pub mod checks;
mod digests;
mod dss_read;
mod error;
mod etsi;
mod explain;
mod inspect;
mod judge;
mod level;
pub mod levels;
mod lint;
pub mod marks;
mod names;
mod noticed;
mod outline;
mod permissions;
mod policy;
mod policy_json;
mod prepare;
mod profile;
mod publish;
pub mod reasons;
mod registry;
mod report;
mod seen_mark;
mod session;
mod sheet;
mod signature;
mod signer;
mod standing;
mod time_proof;
mod times;
mod wire;

pub use crate::pdf::{ByteSource, Extended, FieldLock, Image, Mark, MarkContent, PageChoice, Text};
pub use error::{Error, Trouble};
pub use etsi::etsi;
pub use explain::{explain, headline, message, phrase_key, verdict_key, warm_up};
pub use inspect::{Inspected, inspect, secrecy_marking};
pub use judge::{unread, verify};
pub use lint::{LintReport, lint};
pub use outline::{Outline, RevisionOutline, SignatureOutline, StoreOutline, outline};
pub use permissions::{Lock, Permissions};
pub use policy::{Constraints, Expectation, Policy, Profile, RevocationAge};
pub use policy_json::PolicyFault;
pub use prepare::{
    Act, HashedHead, Key, Prepared, SignRequest, Tail, prepare, prepare_hashed, sign, sign_hashed,
    sign_timestamped,
};
pub use publish::check_own;
pub use registry::{FiledSigners, OwnerKind, SignerOwner, SignerRegistry};
pub use report::{
    ChangeReport, FileVerdict, Modifications, Owned, Report, Rows, SignatureKind, SignatureReport,
    StampReport,
};
pub use session::{Answer, Session};
pub use sheet::sheet;
pub use times::{pdf_date, printed_time, read_pdf_date};
