//! Refusals: the rules say no. Not a fault (nothing broke) and not a verdict (nothing was judged).
//! Each names its phrase in the catalogue and the values to fill in.

use crate::domain::clock::{Date, Timestamp, vietnam_time};
use crate::domain::routing::HubId;
use crate::domain::succession::Successor;

/// Why something is not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The registry has no such agency.
    #[error("no agency has the code {code}")]
    UnknownAgency {
        /// The code as written.
        code: String,
    },
    /// The agency no longer exists.
    #[error("agency {code} ({name}) closed after {closed_on}, successors: {successors:?}")]
    AgencyClosed {
        /// Its code.
        code: String,
        /// Its legal name.
        name: String,
        /// Its last day.
        closed_on: Date,
        /// Those who took over, each with the day and the legal basis.
        successors: Vec<Successor>,
    },
    /// The sender itself no longer exists: it may receive and answer for what it has, not send.
    #[error("the sending agency {name} closed after {closed_on}")]
    SenderClosed {
        /// Its legal name.
        name: String,
        /// Its last day.
        closed_on: Date,
    },
    /// The registry is too old to begin anything new by it.
    #[error("registry snapshot {number} expired at {expired_at} and the time of grace is over")]
    RegistryExpired {
        /// Its number.
        number: u64,
        /// When it ended.
        expired_at: Timestamp,
    },
    /// The agency is not connected to any hub.
    #[error("agency {code} ({name}) is not hosted by any hub")]
    AgencyNotHosted {
        /// Its code.
        code: String,
        /// Its legal name.
        name: String,
    },
    /// The next hub was passed before.
    #[error("hub {hub} was passed before")]
    Loop {
        /// The hub.
        hub: HubId,
    },
    /// The road is too long.
    #[error("{count} hubs passed, limit {limit}")]
    TooManyHops {
        /// Hubs passed.
        count: usize,
        /// Most hubs allowed.
        limit: usize,
    },
    /// No road in the hub tree.
    #[error("no road from {from} to {to}")]
    NoRoute {
        /// Here.
        from: HubId,
        /// Destination.
        to: HubId,
    },
    /// The registry shows no other road than the one tried.
    #[error("no other road from {from} to {to}")]
    NoOtherRoute {
        /// Here.
        from: HubId,
        /// Destination, or the hub that was asked for.
        to: HubId,
    },
    /// Work that can only be tried again.
    #[error("this can only be tried again")]
    OnlyRetry,
    /// The number is taken.
    #[error("number {number} of {year} is taken")]
    DuplicateNumber {
        /// Number and notation.
        number: String,
        /// Year of the series.
        year: i16,
    },
    /// A state secret marking was found (Decision 28/2018/QĐ-TTg, article 1(2)).
    #[error("state secret marking {marking} found")]
    Secret {
        /// The marking.
        marking: &'static str,
    },
    /// A field is missing, too long or malformed.
    #[error("{field}: {problem}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong, with the limit and what was found.
        problem: String,
    },
    /// Nobody is addressed.
    #[error("no recipient")]
    NoRecipient,
    /// One recipient stands twice.
    #[error("recipient {code} named twice")]
    DuplicateRecipient {
        /// Its code.
        code: String,
    },
    /// The sender addresses itself.
    #[error("sender and recipient are the same agency")]
    SameAgency,
    /// Refusing, recalling and the like need a reason.
    #[error("a reason is required")]
    ReasonMissing,
    /// The act does not fit the present state.
    #[error("not possible in the state {state}")]
    WrongState {
        /// Phrase key of the present state.
        state: &'static str,
    },
    /// What is to take a document's place has not come yet.
    #[error("document {number} has not come yet")]
    SuccessorMissing {
        /// Its number and notation.
        number: String,
    },
    /// It is not said what to do, or which document takes the place.
    #[error("no document is chosen to take the place")]
    SuccessorNotChosen,
    /// A document cannot be accepted because its signatures are not proved genuine.
    #[error("signatures not proved genuine: {verdict}")]
    NotGenuine {
        /// The verdict.
        verdict: String,
    },
}

impl Refusal {
    /// The phrase that says it to people.
    #[must_use]
    pub fn phrase(&self) -> &'static str {
        match self {
            Self::UnknownAgency { .. } => "refusal-unknown-agency",
            Self::AgencyClosed { successors, .. } if successors.is_empty() => {
                "refusal-agency-closed-no-successor"
            }
            Self::AgencyClosed { successors, .. } if successors.len() > 1 => {
                "refusal-agency-closed-ambiguous"
            }
            Self::AgencyClosed { .. } => "refusal-agency-closed",
            Self::SenderClosed { .. } => "refusal-sender-closed",
            Self::RegistryExpired { .. } => "refusal-registry-expired",
            Self::AgencyNotHosted { .. } => "refusal-agency-not-hosted",
            Self::Loop { .. } => "refusal-loop",
            Self::TooManyHops { .. } => "refusal-too-many-hops",
            Self::NoRoute { .. } => "refusal-no-route",
            Self::NoOtherRoute { .. } => "refusal-no-other-route",
            Self::OnlyRetry => "refusal-only-retry",
            Self::DuplicateNumber { .. } => "refusal-duplicate-number",
            Self::Secret { .. } => "refusal-secret",
            Self::Field { .. } => "refusal-field",
            Self::NoRecipient => "refusal-no-recipient",
            Self::DuplicateRecipient { .. } => "refusal-duplicate-recipient",
            Self::SameAgency => "refusal-same-agency",
            Self::ReasonMissing => "refusal-reason-missing",
            Self::WrongState { .. } => "refusal-wrong-state",
            Self::SuccessorNotChosen => "refusal-successor-not-chosen",
            Self::SuccessorMissing { .. } => "refusal-successor-missing",
            Self::NotGenuine { .. } => "refusal-signature-not-genuine",
        }
    }

    /// The values for the phrase's placeholders.
    #[must_use]
    pub fn arguments(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::UnknownAgency { code } | Self::DuplicateRecipient { code } => {
                vec![("code", code.clone())]
            }
            Self::AgencyClosed {
                code,
                name,
                closed_on,
                successors,
            } => vec![
                ("code", code.clone()),
                ("name", name.clone()),
                ("date", closed_on.strftime("%d/%m/%Y").to_string()),
                ("successors", titles(successors)),
            ],
            Self::SenderClosed { name, closed_on } => vec![
                ("name", name.clone()),
                ("date", closed_on.strftime("%d/%m/%Y").to_string()),
            ],
            Self::RegistryExpired { number, expired_at } => vec![
                ("number", number.to_string()),
                ("date", vietnam_time(*expired_at)),
            ],
            Self::AgencyNotHosted { code, name } => {
                vec![("code", code.clone()), ("name", name.clone())]
            }
            Self::Loop { hub } => vec![("hub", hub.to_string())],
            Self::TooManyHops { count, limit } => {
                vec![("count", count.to_string()), ("limit", limit.to_string())]
            }
            Self::NoRoute { from, to } | Self::NoOtherRoute { from, to } => {
                vec![("from", from.to_string()), ("to", to.to_string())]
            }
            Self::DuplicateNumber { number, year } => {
                vec![("number", number.clone()), ("year", year.to_string())]
            }
            Self::Secret { marking } => vec![("marking", (*marking).to_owned())],
            Self::Field { field, problem } => {
                vec![("field", (*field).to_owned()), ("problem", problem.clone())]
            }
            Self::WrongState { state } => vec![("state", (*state).to_owned())],
            Self::SuccessorMissing { number } => vec![("number", number.clone())],
            Self::NotGenuine { verdict } => vec![("verdict", verdict.clone())],
            Self::OnlyRetry
            | Self::NoRecipient
            | Self::SameAgency
            | Self::ReasonMissing
            | Self::SuccessorNotChosen => Vec::new(),
        }
    }
}

fn titles(successors: &[Successor]) -> String {
    let titles: Vec<String> = successors.iter().map(Successor::title).collect();
    titles.join("; ")
}

/// Why a recipient does not accept a document: the catalogue of reception.
///
/// Source: Decree 30/2020/NĐ-CP articles 5, 8, 13, 21(2) and annex VI III.1(h); Decision
/// 28/2018/QĐ-TTg articles 5(4), 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReasonCode {
    /// RF01 wrong recipient.
    WrongRecipient,
    /// RF02 signature invalid, or changed after signing.
    SignatureInvalid,
    /// RF03 a required signature is missing.
    SignatureMissing,
    /// RF04 enclosure missing or unreadable.
    EnclosureMissing,
    /// RF05 metadata disagrees with the document.
    MetadataDisagrees,
    /// RF06 duplicate.
    Duplicate,
    /// RF07 layout or authority.
    Layout,
    /// RF08 certificate not valid at signing, or not the issuer's.
    Certificate,
    /// RF09 state secret.
    Secret,
    /// RF10 recipient closed.
    RecipientClosed,
    /// RF99 anything else; the text says what.
    Other,
}

impl ReasonCode {
    /// Every code, in the order of the catalogue.
    pub const ALL: [Self; 11] = [
        Self::WrongRecipient,
        Self::SignatureInvalid,
        Self::SignatureMissing,
        Self::EnclosureMissing,
        Self::MetadataDisagrees,
        Self::Duplicate,
        Self::Layout,
        Self::Certificate,
        Self::Secret,
        Self::RecipientClosed,
        Self::Other,
    ];

    /// The code as stored and sent, such as `RF02`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WrongRecipient => "RF01",
            Self::SignatureInvalid => "RF02",
            Self::SignatureMissing => "RF03",
            Self::EnclosureMissing => "RF04",
            Self::MetadataDisagrees => "RF05",
            Self::Duplicate => "RF06",
            Self::Layout => "RF07",
            Self::Certificate => "RF08",
            Self::Secret => "RF09",
            Self::RecipientClosed => "RF10",
            Self::Other => "RF99",
        }
    }

    /// The code named by `text`, if it is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }

    /// The phrase that says it to people.
    #[must_use]
    pub fn phrase(self) -> String {
        format!("reason-{}", self.as_str().to_ascii_lowercase())
    }
}

/// A reason given for refusing: the code, and words of the one who refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// From the catalogue.
    pub code: ReasonCode,
    /// In words, up to 1,000 characters; may be empty except for [`ReasonCode::Other`].
    pub text: String,
}

impl Reason {
    /// A reason with its words checked.
    ///
    /// # Errors
    /// [`Refusal::ReasonMissing`] for "other" without words, [`Refusal::Field`] when too long.
    pub fn new(code: ReasonCode, text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        let length = text.chars().count();
        if length > 1000 {
            let problem = format!("at most 1000 characters, found {length}");
            return Err(Refusal::Field {
                field: "reason",
                problem,
            });
        }
        if code == ReasonCode::Other && text.is_empty() {
            return Err(Refusal::ReasonMissing);
        }
        Ok(Self {
            code,
            text: text.to_owned(),
        })
    }
}
