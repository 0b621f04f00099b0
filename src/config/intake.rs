//! `[intake]`: what is taken in while there is room.

use serde::Deserialize;

/// `[intake]`
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Intake {
    /// Hundredths of the disk of the blobs that stay free: below, nothing new is taken in.
    pub keep_free_percent: u8,
    /// Hours after which bytes that a neighbour began to upload and did not come back for are gone.
    pub partial_hours: u16,
    /// Most bytes one neighbour may have on offer at once, besides the ones it offers last.
    pub most_offered_bytes: u64,
}

impl Default for Intake {
    fn default() -> Self {
        Self {
            keep_free_percent: 5,
            partial_hours: 48,
            most_offered_bytes: 8 << 30,
        }
    }
}

impl Intake {
    pub(super) fn check(&self) -> Result<(), &'static str> {
        if self.keep_free_percent > 100 {
            return Err("[intake] keep_free_percent must be 0 to 100");
        }
        if self.partial_hours == 0 {
            return Err("[intake] partial_hours must be at least 1");
        }
        Ok(())
    }
}
