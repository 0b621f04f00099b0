//! Findings about changes: what some signature forbids, and what is permitted and yet must not go
//! unseen: metadata that says something else, a mark over content.

use std::collections::BTreeSet;

use super::changes::Followed;
use crate::pdf::{self, Described, Document, Modification};
use crate::pki::verdict::{Finding, Params, Severity};

/// Findings about changes in one report.
const FINDINGS: usize = 100;
/// Properties of metadata told in one finding.
const PROPERTIES: usize = 5;
/// Characters told of one value of metadata.
const SHOWN: usize = 60;

/// The findings made so far: each change once, whichever signatures it follows.
pub(super) struct Notices<'n, 'd, 'a> {
    document: &'d Document<'a>,
    findings: &'n mut Vec<Finding>,
    known: BTreeSet<(usize, u32, &'static str)>,
}

impl<'n, 'd, 'a> Notices<'n, 'd, 'a> {
    pub(super) const fn new(document: &'d Document<'a>, findings: &'n mut Vec<Finding>) -> Self {
        Self {
            document,
            findings,
            known: BTreeSet::new(),
        }
    }

    /// Tells of what followed one signature.
    pub(super) fn take(&mut self, followed: &Followed<'_>) {
        for (one, refused) in &followed.changes {
            match refused {
                Some(code) => self.add((code, Severity::Error), one, |_| Vec::new()),
                None if !one.described.is_empty() => {
                    let told = |_: &Document<'_>| vec![("detail", told(&one.described))];
                    self.add(("METADATA_CHANGED", Severity::Warning), one, told);
                }
                None => {}
            }
        }
        for one in &followed.covering {
            let code = ("MARK_COVERS_CONTENT", Severity::Warning);
            self.add(code, one, |document| place(document, one));
        }
    }

    fn add(
        &mut self,
        (check, severity): (&'static str, Severity),
        one: &Modification,
        more: impl Fn(&Document<'_>) -> Params,
    ) {
        let revision = one.revision.saturating_add(1);
        if self.known.len() >= FINDINGS || !self.known.insert((revision, one.object, check)) {
            return;
        }
        let mut params = params(one);
        params.extend(more(self.document));
        self.findings.push(Finding {
            check,
            severity,
            params,
            location: format!(
                "object {}, revision {revision}, offset {}",
                one.object, one.offset
            ),
        });
    }
}

/// What every message about a change may name.
pub(super) fn params(one: &Modification) -> Params {
    vec![
        ("object", one.object.to_string()),
        ("revision", one.revision.saturating_add(1).to_string()),
        ("offset", one.offset.to_string()),
        ("path", one.path.clone()),
        ("field", one.field.clone().unwrap_or_default()),
    ]
}

/// The properties that changed, such as `dc:title: “old” → “new”`.
fn told(described: &[Described]) -> String {
    let quoted = |text: &str| match text {
        "" => "–".to_owned(),
        text => format!("“{}”", shortened(text)),
    };
    let mut parts: Vec<String> = described
        .iter()
        .take(PROPERTIES)
        .map(|one| {
            let name = shortened(&one.name);
            format!("{name}: {} → {}", quoted(&one.old), quoted(&one.new))
        })
        .collect();
    if described.len() > PROPERTIES {
        parts.push(format!("… ({})", described.len()));
    }
    parts.join("; ")
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

/// Where a mark stands: the page by its number, the box in millimetres from the lower left corner of
/// the page as seen.
fn place(document: &Document<'_>, one: &Modification) -> Params {
    let found = || {
        let place = one.place?;
        let view = document.as_of(one.revision);
        let pages = pdf::page_ids(&view).ok()?;
        let number = pages.iter().position(|page| *page == place.page)?;
        let seen = pdf::page_of(&view, place.page)
            .ok()?
            .as_seen(place.rectangle);
        let [x, y, width, height] = seen.map(|value| format!("{value:.0}"));
        let number = number.saturating_add(1).to_string();
        Some([number, x, y, width, height])
    };
    let values = found().unwrap_or_else(|| std::array::from_fn(|_| "?".to_owned()));
    let names = ["page", "x", "y", "width", "height"];
    names.into_iter().zip(values).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, old: &str, new: &str) -> Described {
        let [name, old, new] = [name, old, new].map(str::to_owned);
        Described { name, old, new }
    }

    #[test]
    fn what_metadata_said_and_says_is_told_in_short() {
        let long = "ă".repeat(SHOWN + 1);
        let all = [
            one("dc:title", "Decision 1", &long),
            one("dc:creator", "", "x"),
        ];
        let short = "ă".repeat(SHOWN);
        assert_eq!(
            told(&all),
            format!("dc:title: “Decision 1” → “{short}…”; dc:creator: – → “x”")
        );
        let many: Vec<_> = (0..9).map(|at| one(&at.to_string(), "a", "b")).collect();
        assert!(told(&many).ends_with("4: “a” → “b”; … (9)"));
    }
}
