//! Tiers of the administration are rows with a rank and validity dates, never a list in code: the
//! district tier ended on 30 June 2025 (Law 72/2025/QH15), and the next reform will come.

use crate::domain::period::Period;

/// One tier (cấp hành chính), such as province or commune.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    /// Short stable code, such as `province`.
    pub code: String,
    /// Vietnamese name, such as `cấp tỉnh`.
    pub name_vi: String,
    /// English name.
    pub name_en: String,
    /// Position: 1 is the highest.
    pub rank: u8,
    /// Days on which the tier exists.
    pub valid: Period,
}
