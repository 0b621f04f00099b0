//! Faults of a hub as the command line tells them.

use super::exit::Exit;
use super::fault::Fault;
use crate::exchange::registry::Refused;
use crate::{app, config, exchange};

impl Fault {
    /// An expectation of the demonstration that could not even be tried.
    pub(super) fn demo(detail: impl ToString) -> Self {
        Self::new(Exit::Unexpected, "DEMO_BROKEN").with("detail", detail.to_string())
    }
}

impl From<config::Error> for Fault {
    fn from(fault: config::Error) -> Self {
        Self::new(Exit::Configuration, "CONFIGURATION_UNUSABLE").with("detail", fault)
    }
}

impl From<exchange::Error> for Fault {
    fn from(fault: exchange::Error) -> Self {
        let exit = match &fault {
            exchange::Error::NotFound(_) => Exit::NotFound,
            exchange::Error::NotAllowed(_) | exchange::Error::Refused(_) => Exit::NotAllowed,
            exchange::Error::Conflict(_) => Exit::Conflict,
            exchange::Error::Registry(refused) => registry_exit(refused),
            fault if fault.is_temporary() => Exit::Temporary,
            _ => Exit::Unexpected,
        };
        Self::new(exit, "HUB_FAULT").with("detail", fault)
    }
}

/// A registry that is no longer the next one is a conflict; one that is not signed is not allowed.
const fn registry_exit(refused: &Refused) -> Exit {
    match refused {
        Refused::Order(_) => Exit::Conflict,
        Refused::Signature(_) => Exit::NotAllowed,
        _ => Exit::Configuration,
    }
}

impl From<app::Error> for Fault {
    fn from(fault: app::Error) -> Self {
        let (exit, code) = match &fault {
            app::Error::Config(_) | app::Error::Setting { .. } => {
                (Exit::Configuration, "CONFIGURATION_UNUSABLE")
            }
            app::Error::Listen { .. } => (Exit::Conflict, "ADDRESS_TAKEN"),
            app::Error::Store(fault) if fault.is_temporary() => {
                (Exit::Temporary, "RECORD_UNAVAILABLE")
            }
            app::Error::Store(_) => (Exit::Configuration, "RECORD_UNUSABLE"),
            app::Error::Serve(_) => (Exit::Unexpected, "HUB_FAULT"),
        };
        Self::new(exit, code).with("detail", fault)
    }
}
