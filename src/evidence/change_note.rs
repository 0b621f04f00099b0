//! What a statement says of a change request, as JSON. Part of the signed bytes: a change here needs
//! a new schema name.

use serde::{Deserialize, Serialize};

use super::statement::{Error, value, wrong};
use crate::domain::change::{Basis, Kind, Opening, Part, Successor};
use crate::domain::clock::rfc3339;
use crate::domain::receipt::{ChangeNote, MOST_OPENINGS};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireChange {
    request: String,
    kind: String,
    deadline: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    successor: Option<WireSuccessor>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    basis: Option<String>,
    opened: Vec<WireOpening>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSuccessor {
    document: String,
    number: String,
    delivery: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireOpening {
    by: String,
    part: String,
    at: String,
}

/// The wire shape of a note.
pub(super) fn wire(note: &ChangeNote) -> WireChange {
    let successor = |one: &Successor| WireSuccessor {
        document: one.document.to_string(),
        number: one.number.clone(),
        delivery: one.delivery.to_string(),
    };
    let opening = |one: &Opening| WireOpening {
        by: one.by.clone(),
        part: one.part.as_str().to_owned(),
        at: rfc3339(one.at),
    };
    WireChange {
        request: note.request.to_string(),
        kind: note.kind.as_str().to_owned(),
        deadline: rfc3339(note.deadline),
        successor: note.successor.as_ref().map(successor),
        basis: note.basis.map(|basis| basis.as_str().to_owned()),
        opened: note.opened.iter().map(opening).collect(),
    }
}

/// Reads a note. A kind that puts another document in the place names it, the others do not.
pub(super) fn note(wire: &WireChange) -> Result<ChangeNote, Error> {
    let kind = Kind::parse(&wire.kind).ok_or_else(|| wrong("change.kind", &wire.kind))?;
    if kind.has_successor() != wire.successor.is_some() {
        return Err(wrong("change.successor", &wire.kind));
    }
    if wire.opened.len() > MOST_OPENINGS {
        return Err(wrong("change.opened", &wire.opened.len().to_string()));
    }
    let basis = |text: &String| Basis::parse(text).ok_or_else(|| wrong("change.basis", text));
    Ok(ChangeNote {
        request: value("change.request", &wire.request)?,
        kind,
        deadline: value("change.deadline", &wire.deadline)?,
        successor: wire.successor.as_ref().map(successor).transpose()?,
        basis: wire.basis.as_ref().map(basis).transpose()?,
        opened: wire.opened.iter().map(opening).collect::<Result<_, _>>()?,
    })
}

fn successor(wire: &WireSuccessor) -> Result<Successor, Error> {
    Ok(Successor {
        document: value("change.successor.document", &wire.document)?,
        number: wire.number.clone(),
        delivery: value("change.successor.delivery", &wire.delivery)?,
    })
}

fn opening(wire: &WireOpening) -> Result<Opening, Error> {
    Ok(Opening {
        by: wire.by.clone(),
        part: Part::parse(&wire.part).ok_or_else(|| wrong("change.opened.part", &wire.part))?,
        at: value("change.opened.at", &wire.at)?,
    })
}
