//! The child started ahead of need: it is locked in and waits for the one document it will read. It knows
//! nothing yet, so nothing is lost when it ends, and it ends with its parent, since its line does.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::parent::nothing;
use super::ward::Ward;

/// At most one child that waits.
#[derive(Debug, Default)]
pub(super) struct Ahead(Mutex<Option<Ward>>);

impl Ahead {
    /// The child that waits, if it still does.
    pub(super) fn take(&self) -> Option<Ward> {
        let mut ward = self.place().take()?;
        (!ward.has_ended()).then_some(ward)
    }

    /// Starts a child unless one waits. Where that fails the next document is told, not this one.
    pub(super) fn start(&self, program: &Path) {
        let mut place = self.place();
        if place.is_none() {
            *place = nothing().and_then(|none| Ward::start(program, &none)).ok();
        }
    }

    /// Removes the child that waits if it has ended.
    pub(super) fn bury(&self) {
        drop(self.place().take_if(Ward::has_ended));
    }

    fn place(&self) -> MutexGuard<'_, Option<Ward>> {
        // Whoever broke down in here left a child that waits, or none.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
