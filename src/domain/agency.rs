//! Agencies and the codes that name them (mã định danh). Two grammars coexist and read in opposite
//! directions; one is never computed from the other. Source: QCVN 102:2016/BTTTT and Decision
//! 28/2018/QĐ-TTg article 10(2)(a); Decision 20/2020/QĐ-TTg article 4; Circular 01/2022/TT-BTTTT.

use std::fmt;
use std::hash::{Hash, Hasher};

use unicode_normalization::UnicodeNormalization;

use crate::domain::clock::Date;
use crate::domain::period::Period;
use crate::domain::routing::HubId;

/// Longest code accepted, in characters: 35 by law, the rest for opaque system codes.
const LONGEST_CODE: usize = 64;

/// The grammar a code follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `000.00.13.H53`, thirteen characters, read right to left.
    Qcvn102,
    /// `H21.36.21`, up to 35 characters, read left to right.
    Decision20,
    /// An enterprise or tax code of ten digits, with a branch of three.
    Enterprise,
    /// Anything else: usable only if the registry lists it.
    Opaque,
}

/// A code of an agency. Equal when the canonical forms are equal; the spelling as received is kept
/// for echoing it back.
#[derive(Debug, Clone)]
pub struct AgencyCode {
    scheme: Scheme,
    canonical: String,
    written: String,
}

/// A text that cannot be a code at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an agency code of 1 to {LONGEST_CODE} visible characters, found {found:?}")]
pub struct NotACode {
    /// What was found instead, shortened.
    pub found: String,
}

impl AgencyCode {
    /// Classifies `written` tolerantly: case, blanks around it, dropped zero groups and decomposed
    /// letters do not matter.
    ///
    /// # Errors
    /// [`NotACode`] for an empty, overlong or unprintable text.
    pub fn parse(written: &str) -> Result<Self, NotACode> {
        let text: String = written.trim().nfc().collect::<String>().to_uppercase();
        let length = text.chars().count();
        if length == 0 || length > LONGEST_CODE || text.chars().any(|c| c.is_control()) {
            return Err(NotACode {
                found: written.chars().take(80).collect(),
            });
        }
        let (scheme, canonical) = qcvn(&text)
            .map(|code| (Scheme::Qcvn102, code))
            .or_else(|| is_decision20(&text).then(|| (Scheme::Decision20, text.clone())))
            .or_else(|| enterprise(&text).map(|code| (Scheme::Enterprise, code)))
            .unwrap_or((Scheme::Opaque, text));
        Ok(Self {
            scheme,
            canonical,
            written: written.trim().to_owned(),
        })
    }

    /// The grammar.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The canonical spelling, the key for comparing and storing.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.canonical
    }

    /// The spelling as received, without blanks around it.
    #[must_use]
    pub fn written(&self) -> &str {
        &self.written
    }

    /// Depth in the code tree (1 = ministry or province); not the administrative tier.
    #[must_use]
    pub fn level(&self) -> Option<usize> {
        match self.scheme {
            Scheme::Decision20 => Some(self.canonical.split('.').count()),
            Scheme::Qcvn102 => {
                let deepest = self
                    .canonical
                    .split('.')
                    .position(|group| !is_zero(group))?;
                Some(4 - deepest)
            }
            Scheme::Enterprise | Scheme::Opaque => None,
        }
    }

    /// The code one level up in the same grammar. Holes are skipped: the parent of level 4 with an
    /// empty level 3 is on level 2.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let canonical = match self.scheme {
            Scheme::Decision20 => self.canonical.rsplit_once('.')?.0.to_owned(),
            Scheme::Qcvn102 => parent_qcvn(&self.canonical)?,
            Scheme::Enterprise | Scheme::Opaque => return None,
        };
        Some(Self {
            scheme: self.scheme,
            written: canonical.clone(),
            canonical,
        })
    }
}

impl PartialEq for AgencyCode {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for AgencyCode {}

impl Hash for AgencyCode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical.hash(state);
    }
}

impl fmt::Display for AgencyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.canonical)
    }
}

fn is_zero(group: &str) -> bool {
    group.bytes().all(|b| b == b'0')
}

fn is_digits(group: &str, longest: usize) -> bool {
    (1..=longest).contains(&group.len()) && group.bytes().all(|b| b.is_ascii_digit())
}

/// A letter up to `last` and two digits.
fn is_root(group: &str, last: u8) -> bool {
    matches!(group.as_bytes(), [letter, a, b]
        if (b'A'..=last).contains(letter) && a.is_ascii_digit() && b.is_ascii_digit())
}

/// The thirteen-character form of a code in the right-to-left grammar, missing groups filled in.
fn qcvn(text: &str) -> Option<String> {
    let mut groups = text.rsplit('.');
    let root = groups.next().filter(|group| is_root(group, b'Z'))?;
    let numbers: Vec<&str> = groups.collect();
    if numbers.is_empty() || numbers.len() > 3 {
        return None;
    }
    let mut filled = Vec::with_capacity(4);
    for (position, width) in [2_usize, 2, 3].into_iter().enumerate() {
        let group = numbers.get(position).copied().unwrap_or("0");
        if !is_digits(group, 3) {
            return None;
        }
        let value: u16 = group.parse().ok()?;
        let padded = format!("{value:0width$}");
        if padded.len() != width {
            return None;
        }
        filled.push(padded);
    }
    filled.reverse();
    filled.push(root.to_owned());
    Some(filled.join("."))
}

fn is_decision20(text: &str) -> bool {
    let mut groups = text.split('.');
    let rest_is_well_formed = |group: &str| {
        !group.is_empty()
            && group
                .bytes()
                .all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
    };
    text.len() <= 35
        && groups.next().is_some_and(|root| is_root(root, b'Y'))
        && groups.all(rest_is_well_formed)
}

fn enterprise(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|&c| c != '-').collect();
    let hyphen_in_place = text.find('-').is_none_or(|at| at == 10 && text.len() == 14);
    let well_formed = digits.bytes().all(|b| b.is_ascii_digit()) && hyphen_in_place;
    match (well_formed, digits.len()) {
        (true, 10) => Some(digits),
        (true, 13) => digits
            .split_at_checked(10)
            .map(|(main, branch)| format!("{main}-{branch}")),
        _ => None,
    }
}

fn parent_qcvn(canonical: &str) -> Option<String> {
    let mut groups: Vec<String> = canonical.split('.').map(str::to_owned).collect();
    let deepest = groups.iter().take(3).position(|group| !is_zero(group))?;
    let group = groups.get_mut(deepest)?;
    *group = "0".repeat(group.len());
    Some(groups.join("."))
}

/// An agency (cơ quan) as the registry knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agency {
    /// The code it is filed under; never reused, still resolvable after the agency has closed.
    pub code: AgencyCode,
    /// Its codes in other grammars, and older ones.
    pub other_codes: Vec<AgencyCode>,
    /// Legal name at present.
    pub name: String,
    /// Names it had before under the same code.
    pub former_names: Vec<FormerName>,
    /// Code of its tier (an attribute with dates, never computed from the agency's code).
    pub tier: String,
    /// The agency above it at present.
    pub parent: Option<AgencyCode>,
    /// Those above it before.
    pub former_parents: Vec<Former<AgencyCode>>,
    /// Days on which it exists.
    pub valid: Period,
    /// The hub that hosts it at present, if it is connected.
    pub hub: Option<HubId>,
    /// Those that hosted it before.
    pub former_hubs: Vec<Former<HubId>>,
    /// Official mailbox for notifications.
    pub email: Option<String>,
    /// Abbreviation used in notations, such as `UBND`.
    pub abbreviation: Option<String>,
}

/// A name an agency had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerName {
    /// The name.
    pub name: String,
    /// The last day on which it had it.
    pub to: Date,
}

/// Something that was so up to a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Former<T> {
    /// What it was; `None`: nothing.
    pub value: Option<T>,
    /// The last day.
    pub to: Date,
}

/// What held on `day`, of what holds now and what held before.
fn on<'a, T>(present: Option<&'a T>, former: &'a [Former<T>], day: Date) -> Option<&'a T> {
    let then = former.iter().filter(|one| day <= one.to);
    match then.min_by_key(|one| one.to) {
        Some(then) => then.value.as_ref(),
        None => present,
    }
}

impl Agency {
    /// The hub that hosted it on `day`.
    #[must_use]
    pub fn hub_on(&self, day: Date) -> Option<&HubId> {
        on(self.hub.as_ref(), &self.former_hubs, day)
    }

    /// The agency above it on `day`.
    #[must_use]
    pub fn parent_on(&self, day: Date) -> Option<&AgencyCode> {
        on(self.parent.as_ref(), &self.former_parents, day)
    }

    /// The name it had on `day`.
    #[must_use]
    pub fn name_on(&self, day: Date) -> &str {
        let then = self.former_names.iter().filter(|former| day <= former.to);
        let then = then.min_by_key(|former| former.to);
        then.map_or(&self.name, |former| &former.name)
    }

    /// Name and code in one text.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} ({})", self.name, self.code)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(text: &str) -> AgencyCode {
        AgencyCode::parse(text).unwrap()
    }

    #[test]
    fn both_grammars_and_the_forms_seen_in_traffic_are_recognised() {
        for (written, scheme, canonical) in [
            ("000.00.00.G22", Scheme::Qcvn102, "000.00.00.G22"),
            (" 000.00.13.h53 ", Scheme::Qcvn102, "000.00.13.H53"),
            ("28.22.H17", Scheme::Qcvn102, "000.28.22.H17"),
            ("01.02.G22", Scheme::Qcvn102, "000.01.02.G22"),
            ("H21", Scheme::Decision20, "H21"),
            ("H21.36.21", Scheme::Decision20, "H21.36.21"),
            ("H37.DN.001", Scheme::Decision20, "H37.DN.001"),
            ("0102030405", Scheme::Enterprise, "0102030405"),
            ("0102030405001", Scheme::Enterprise, "0102030405-001"),
            ("0102030405-001", Scheme::Enterprise, "0102030405-001"),
            ("vxp.saas.03", Scheme::Opaque, "VXP.SAAS.03"),
            ("Z99.1", Scheme::Opaque, "Z99.1"),
        ] {
            let code = code(written);
            assert_eq!(
                (code.scheme(), code.as_str()),
                (scheme, canonical),
                "{written}"
            );
        }
    }

    #[test]
    fn parents_skip_empty_levels_and_end_at_the_root() {
        for (child, level, parent) in [
            ("000.00.00.H41", 1, None),
            ("000.00.13.H53", 2, Some("000.00.00.H53")),
            ("000.12.31.H53", 3, Some("000.00.31.H53")),
            ("002.00.20.H13", 4, Some("000.00.20.H13")),
            ("H21.7.12", 3, Some("H21.7")),
            ("H21", 1, None),
        ] {
            let child = code(child);
            assert_eq!(child.level(), Some(level), "{child}");
            assert_eq!(
                child.parent().as_ref().map(AgencyCode::as_str),
                parent,
                "{child}"
            );
        }
    }

    #[test]
    fn empty_overlong_and_unprintable_texts_are_not_codes() {
        for text in ["", "   ", "H21\u{0}", &"9".repeat(65)] {
            assert!(AgencyCode::parse(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_is_stable(text in ".{0,80}") {
            if let Ok(code) = AgencyCode::parse(&text) {
                if let Ok(again) = AgencyCode::parse(code.as_str()) {
                    prop_assert_eq!(again.as_str(), code.as_str());
                }
                let mut steps = 0;
                let mut up = code.parent();
                while let Some(parent) = up {
                    steps += 1;
                    prop_assert!(steps <= 64);
                    up = parent.parent();
                }
            }
        }
    }
}
