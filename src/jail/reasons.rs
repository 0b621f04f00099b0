//! The stable codes of this room, for whoever puts them into words.

/// How a child ended without an answer; a finding of the report that stands for its answer.
pub const VERDICTS: &[&str] = &[
    "JAIL_CRASHED",
    "JAIL_KILLED",
    "JAIL_LIMIT",
    "JAIL_TIMEOUT",
    "JAIL_VIOLATION",
];
