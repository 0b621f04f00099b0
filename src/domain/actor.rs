//! Who did it. An actor is written beside every act; it proves nothing by itself.

use std::fmt;

use crate::domain::routing::HubId;

/// The one who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The program itself.
    System,
    /// A person with an account on this hub, by display name.
    User(String),
    /// Who works on this hub's machine, by the name given there.
    Operator(String),
    /// A neighbouring hub.
    Hub(HubId),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("system"),
            Self::User(name) => write!(f, "user:{name}"),
            Self::Operator(name) => write!(f, "operator:{name}"),
            Self::Hub(hub) => write!(f, "hub:{hub}"),
        }
    }
}
