//! How much work one validation may cause. Hostile sets of certificates can make path building
//! exponential; a budget that is used up ends it without a verdict in favour.

/// The most signatures checked for one path report. Kept answers count too, so that a verdict does
/// not depend on what was asked before.
pub(super) const MAX_SIGNATURES: u32 = 100;

/// The most certificates in one path, leaf and anchor included.
pub(super) const MAX_PATH_LENGTH: usize = 8;

/// The most certificates looked at as possible issuers.
pub(super) const MAX_CANDIDATES: u32 = 1_000;

/// What is left.
#[derive(Debug)]
pub(super) struct Budget {
    signatures: u32,
    candidates: u32,
    exceeded: bool,
}

impl Budget {
    pub(super) const fn new() -> Self {
        Self {
            signatures: MAX_SIGNATURES,
            candidates: MAX_CANDIDATES,
            exceeded: false,
        }
    }

    /// Takes one signature check; false if none is left.
    pub(super) const fn signature(&mut self) -> bool {
        Self::take(&mut self.signatures, &mut self.exceeded)
    }

    /// Takes one candidate; false if none is left.
    pub(super) const fn candidate(&mut self) -> bool {
        Self::take(&mut self.candidates, &mut self.exceeded)
    }

    /// Whether something was refused.
    pub(super) const fn is_exceeded(&self) -> bool {
        self.exceeded
    }

    const fn take(left: &mut u32, exceeded: &mut bool) -> bool {
        match left.checked_sub(1) {
            Some(rest) => *left = rest,
            None => *exceeded = true,
        }
        !*exceeded
    }
}
