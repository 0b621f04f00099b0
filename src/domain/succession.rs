//! Who follows whom when agencies are merged, split, renamed, moved or dissolved. Source: Law
//! 72/2025/QH15 and Resolutions 202/2025/QH15, 1664/NQ-UBTVQH15 made thousands of these at once.

use crate::domain::agency::AgencyCode;
use crate::domain::clock::Date;

/// What happens to an agency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// It is merged with others into one (sáp nhập, hợp nhất).
    Merge,
    /// Its tasks go to several (chia, tách); it may go on with the rest.
    Split,
    /// It goes on under another code and name (đổi tên).
    Rename,
    /// Some of its tasks go to another agency (chuyển giao); it may go on.
    Transfer,
    /// It ends (giải thể), with or without somebody who answers for what it left.
    Dissolve,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Merge,
        Self::Split,
        Self::Rename,
        Self::Transfer,
        Self::Dissolve,
    ];

    /// The word in the registry.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Split => "split",
            Self::Rename => "rename",
            Self::Transfer => "transfer",
            Self::Dissolve => "dissolve",
        }
    }

    /// The kind named by `text`, if it is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The phrase that names it.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Merge => "succession-merge",
            Self::Split => "succession-split",
            Self::Rename => "succession-rename",
            Self::Transfer => "succession-transfer",
            Self::Dissolve => "succession-dissolve",
        }
    }

    /// Whether the agency has ended on the first day of the new order.
    const fn ends(self) -> bool {
        matches!(self, Self::Merge | Self::Rename | Self::Dissolve)
    }
}

/// One agency's tasks passing to others, with the legal basis. Many records together say that many
/// agencies become many others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    /// What happens.
    pub kind: Kind,
    /// The agency that ends or changes.
    pub from: AgencyCode,
    /// Those who take over.
    pub to: Vec<AgencyCode>,
    /// First day of the new order.
    pub effective: Date,
    /// The decision that orders it.
    pub legal_basis: String,
    /// Which tasks pass over, where not all do.
    pub scope: Option<String>,
    /// The one among `to` that is handed documents which were on the road to `from` when it closed;
    /// not needed where there is only one.
    pub redirect_to: Option<AgencyCode>,
    /// The last day on which they are handed over; without it they never are.
    pub redirect_until: Option<Date>,
}

impl Succession {
    /// What in the record contradicts itself; `last_day` is that of `from`.
    pub(super) fn fault(&self, last_day: Option<Date>) -> Option<&'static str> {
        if matches!(self.kind, Kind::Merge | Kind::Rename) && self.to.len() != 1 {
            return Some("a merger or renaming has exactly one successor");
        }
        if matches!(self.kind, Kind::Split | Kind::Transfer) && self.to.is_empty() {
            return Some("a split or transfer has successors");
        }
        if self.kind.ends() && last_day.is_none_or(|day| self.effective <= day) {
            return Some("the agency must end before the first day of the new order");
        }
        if self.to.contains(&self.from) {
            return Some("an agency does not succeed itself");
        }
        if self.legal_basis.trim().is_empty() {
            return Some("a legal basis is required");
        }
        let heir = self.redirect_to.as_ref();
        if heir.is_some_and(|heir| !self.to.contains(heir)) {
            return Some("redirect_to is not among the successors");
        }
        if self.redirect_until.is_some() && self.heir().is_none() {
            return Some("redirect_until needs one successor, or redirect_to");
        }
        None
    }

    /// The one successor to whom documents on the road are handed.
    #[must_use]
    pub fn heir(&self) -> Option<&AgencyCode> {
        match (&self.redirect_to, self.to.as_slice()) {
            (Some(heir), _) => Some(heir),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }

    /// Whether documents on the road are handed over on `day`.
    #[must_use]
    pub fn redirects_on(&self, day: Date) -> bool {
        self.effective <= day && self.redirect_until.is_some_and(|until| day <= until)
    }
}

/// One who took over, as a sender is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Successor {
    /// Code.
    pub code: String,
    /// Legal name.
    pub name: String,
    /// First day of the new order.
    pub effective: Date,
    /// The decision that orders it.
    pub legal_basis: String,
}

impl Successor {
    /// Name, code, day and legal basis in one text, the day as people write it.
    #[must_use]
    pub fn title(&self) -> String {
        let day = self.effective.strftime("%d/%m/%Y");
        format!("{} ({}), {day}, {}", self.name, self.code, self.legal_basis)
    }
}
