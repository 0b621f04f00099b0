//! The registry in lines: who existed on a day, and what changes from one registry to the next.

use std::collections::BTreeMap;

use serde::Serialize;

use super::speech::Speech;
use crate::domain::agency::Agency;
use crate::domain::clock::{Date, rfc3339};
use crate::domain::directory::{Directory, Registry};
use crate::domain::language::Language;
use crate::exchange::registry::Recorded;

/// One change. Wire shape, schema `lienthong.registry-change/1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct DiffLine {
    schema: &'static str,
    change: &'static str,
    thing: &'static str,
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
}

impl DiffLine {
    /// The line of JSON.
    pub(super) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The line for people.
    pub(super) fn said(&self, speech: &Speech) -> String {
        let key = format!("cli-agency-change-{}", self.change);
        let thing = speech.text(&format!("cli-agency-thing-{}", self.thing), &[]);
        let said = [
            ("thing", thing),
            ("name", self.name.clone()),
            ("detail", self.detail.clone()),
        ];
        super::print::harmless(speech.text(&key, &said).trim_end())
    }
}

/// What changes from `old` to `new`, things in the order of their kinds and names.
pub(super) fn diff(old: &Registry, new: &Registry) -> Vec<DiffLine> {
    let mut lines = Vec::new();
    let code = |agency: &Agency| (agency.code.to_string(), agency.name.clone());
    compare(
        "tier",
        (&old.tiers, &new.tiers),
        |t| (t.code.clone(), t.name_vi.clone()),
        &mut lines,
    );
    compare(
        "hub",
        (&old.hubs, &new.hubs),
        |h| (h.id.to_string(), h.name.clone()),
        &mut lines,
    );
    compare("agency", (&old.agencies, &new.agencies), code, &mut lines);
    compare(
        "succession",
        (&old.successions, &new.successions),
        |row| {
            let to: Vec<String> = row.to.iter().map(ToString::to_string).collect();
            let name = format!("{} → {}", row.from, to.join(", "));
            (name, format!("{}, {}", row.effective, row.legal_basis))
        },
        &mut lines,
    );
    compare(
        "certificate",
        (&old.certificates, &new.certificates),
        |row| {
            let from = row
                .valid
                .from
                .map_or_else(String::new, |day| format!(", {day}"));
            (format!("{}{from}", row.sha256), row.agency.to_string())
        },
        &mut lines,
    );
    lines
}

fn compare<T: PartialEq>(
    thing: &'static str,
    (old, new): (&[T], &[T]),
    told: impl Fn(&T) -> (String, String),
    lines: &mut Vec<DiffLine>,
) {
    let named = |rows: &[T]| -> BTreeMap<String, usize> {
        let rows = rows.iter().enumerate();
        rows.map(|(at, row)| (told(row).0, at)).collect()
    };
    let (before, after) = (named(old), named(new));
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let then = before.get(name).and_then(|at| old.get(*at));
        let now = after.get(name).and_then(|at| new.get(*at));
        let change = match (then, now) {
            (Some(then), Some(now)) if then == now => continue,
            (Some(_), Some(_)) => "changed",
            (None, _) => "added",
            (_, None) => "removed",
        };
        lines.push(DiffLine {
            schema: "lienthong.registry-change/1",
            change,
            thing,
            name: name.clone(),
            detail: now.or(then).map_or_else(String::new, |row| told(row).1),
        });
    }
}

/// The agencies that existed on `day`, in the order of the registry.
pub(super) fn existing(directory: &Directory, day: Date) -> Vec<&Agency> {
    let all = directory.agencies().iter();
    all.filter(|agency| agency.valid.contains(day)).collect()
}

/// One agency on a day. Wire shape, schema `lienthong.agency/1`.
#[derive(Serialize)]
struct AgencyLine {
    schema: &'static str,
    as_of: String,
    code: String,
    other_codes: Vec<String>,
    name: String,
    tier: String,
    existed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hub: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_day: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_day: Option<String>,
    successions: Vec<SuccessionLine>,
}

#[derive(Serialize)]
struct SuccessionLine {
    kind: &'static str,
    to: Vec<String>,
    effective: String,
    legal_basis: String,
}

/// One agency as it was on a day, and what became of it.
pub(super) fn agency_line(
    (directory, day): (&Directory, Date),
    agency: &Agency,
    json: bool,
    speech: &Speech,
) -> String {
    let rows = directory
        .successions_of(&agency.code)
        .map(|row| SuccessionLine {
            kind: row.kind.as_str(),
            to: row.to.iter().map(ToString::to_string).collect(),
            effective: row.effective.to_string(),
            legal_basis: row.legal_basis.clone(),
        });
    let line = AgencyLine {
        schema: "lienthong.agency/1",
        as_of: day.to_string(),
        code: agency.code.to_string(),
        other_codes: agency.other_codes.iter().map(ToString::to_string).collect(),
        name: agency.name_on(day).to_owned(),
        tier: agency.tier.clone(),
        existed: agency.valid.contains(day),
        parent: agency.parent_on(day).map(ToString::to_string),
        hub: agency.hub_on(day).map(ToString::to_string),
        first_day: agency.valid.from.map(|day| day.to_string()),
        last_day: agency.valid.to.map(|day| day.to_string()),
        successions: rows.collect(),
    };
    match json {
        true => serde_json::to_string(&line).unwrap_or_default(),
        false => said(&line, directory, speech),
    }
}

fn said(line: &AgencyLine, directory: &Directory, speech: &Speech) -> String {
    let tier = directory.tier(&line.tier);
    let tier = tier.map_or_else(
        || line.tier.clone(),
        |tier| match speech.language {
            Language::Vietnamese => tier.name_vi.clone(),
            Language::English => tier.name_en.clone(),
        },
    );
    let none = || speech.text("cli-agency-none", &[]);
    let params = [
        ("code", line.code.clone()),
        ("name", line.name.clone()),
        ("tier", tier),
        ("hub", line.hub.clone().unwrap_or_else(none)),
    ];
    let key = match line.existed {
        true => "cli-agency-line",
        false => "cli-agency-line-gone",
    };
    let mut text = speech.text(key, &params);
    for row in &line.successions {
        let to = match row.to.is_empty() {
            true => none(),
            false => row.to.join(", "),
        };
        let params = [
            (
                "kind",
                speech.text(&format!("succession-{}", row.kind), &[]),
            ),
            ("to", to),
            ("date", row.effective.clone()),
            ("basis", row.legal_basis.clone()),
        ];
        text.push_str(&format!(
            "\n  {}",
            speech.text("cli-agency-succession", &params)
        ));
    }
    super::print::harmless(&text)
}

/// How many agencies each tier had on a day; a tier without one is left out.
pub(super) fn counts(directory: &Directory, day: Date, speech: &Speech) -> String {
    let existing = existing(directory, day);
    let mut tiers: Vec<_> = directory.registry().tiers.iter().collect();
    tiers.sort_by_key(|tier| tier.rank);
    let count = |code: &str| existing.iter().filter(|agency| agency.tier == code).count();
    let counted = tiers.iter().map(|tier| (tier, count(&tier.code)));
    let counted: Vec<String> = counted
        .filter(|(_, count)| *count > 0)
        .map(|(tier, count)| match speech.language {
            Language::Vietnamese => format!("{}: {count}", tier.name_vi),
            Language::English => format!("{}: {count}", tier.name_en),
        })
        .collect();
    let params = [
        ("date", day.to_string()),
        ("tiers", counted.len().to_string()),
        ("counts", counted.join("; ")),
    ];
    speech.text("cli-agency-counts", &params)
}

/// One snapshot of a hub.
pub(super) fn snapshot_line(one: &Recorded, json: bool, speech: &Speech) -> String {
    let head = one.head;
    let (issued, expires) = (rfc3339(head.issued_at), rfc3339(head.expires_at));
    if json {
        return serde_json::json!({
            "schema": "lienthong.registry-snapshot-line/1", "number": head.number,
            "sha256": head.sha256.to_string(), "issued_at": issued, "expires_at": expires,
            "source": one.source, "received_at": rfc3339(one.received_at),
        })
        .to_string();
    }
    let params = [
        ("number", head.number.to_string()),
        ("issued", issued),
        ("expires", expires),
        ("source", one.source.clone()),
        ("sha256", head.sha256.to_string()),
    ];
    speech.text("cli-agency-snapshot", &params)
}
