//! The way into memory: keeps what was sent and fails when told to.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::notify::letter::Letter;
use crate::notify::outcome::{NotSent, Sent, Setback};

/// Keeps letters in memory.
#[derive(Debug, Default)]
pub struct Recording {
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    letters: Vec<Letter>,
    setbacks: VecDeque<Setback>,
}

impl Recording {
    /// The letters taken so far, oldest first.
    #[must_use]
    pub fn letters(&self) -> Vec<Letter> {
        self.memory().letters.clone()
    }

    /// Makes the next attempt fail with `setback` for all recipients; several queue up.
    pub fn fail_next(&self, setback: Setback) {
        self.memory().setbacks.push_back(setback);
    }

    pub(super) fn send(&self, letter: &Letter) -> Result<Sent, NotSent> {
        let mut memory = self.memory();
        if let Some(setback) = memory.setbacks.pop_front() {
            return Err(setback.for_each(letter.recipients()).into());
        }
        memory.letters.push(letter.clone());
        Ok(Sent {
            code: None,
            text: "recorded".to_owned(),
            taken: letter.recipients().to_vec(),
            unreached: Vec::new(),
        })
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
