//! The JSON of a statement, canonical after RFC 8785. Wire shape and stored shape at once: these
//! bytes are signed, so a change here needs a new schema name.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::change_note::{self, WireChange};
use crate::domain::clock::{Timestamp, rfc3339};
use crate::domain::document::Content;
use crate::domain::receipt::{Event, Party, Statement, SuccessionNote, VerdictNote};
use crate::domain::refusal::{Reason, ReasonCode};
use crate::domain::routing::HubId;

/// The schema name in statements that speak of no change request.
pub const SCHEMA: &str = "lienthong.receipt/1";

/// The schema name in statements that do.
pub const CHANGE_SCHEMA: &str = "lienthong.receipt/2";

/// Largest statement accepted from outside, in bytes.
pub const LARGEST_BYTES: usize = 64 * 1024;

/// Bytes that are not a statement of this schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not JSON of the expected shape.
    #[error("not a {SCHEMA} statement: {0}")]
    Shape(String),
    /// A value that does not parse.
    #[error("statement: {field} is not valid: {found:?}")]
    Value {
        /// The field.
        field: &'static str,
        /// What was found.
        found: String,
    },
    /// Valid, but not in canonical form: the signature would be over other bytes.
    #[error("statement is not in canonical form (RFC 8785)")]
    NotCanonical,
    /// Larger than any honest statement.
    #[error("statement of {found} bytes, limit {LARGEST_BYTES}")]
    TooLarge {
        /// Bytes found.
        found: usize,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    id: String,
    event: String,
    at: String,
    issuer: String,
    delivery: String,
    document: String,
    number: String,
    content: WireContent,
    envelope_sha256: String,
    sender: WireParty,
    recipient: WireParty,
    path: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    transfer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    actor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    reason: Option<WireReason>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    arrival_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    verdict: Option<WireVerdict>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    clock_offset_seconds: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    registry: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    succession: Option<WireSuccession>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    change: Option<WireChange>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSuccession {
    to: WireParty,
    effective: String,
    legal_basis: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireContent {
    sha256: String,
    size_bytes: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireParty {
    code: String,
    name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireReason {
    code: String,
    text: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireVerdict {
    verdict: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    sub_indication: Option<String>,
    report_sha256: String,
}

/// The canonical bytes of a statement: UTF-8 JSON, keys sorted, no blanks, times to the
/// second in UTC.
///
/// # Errors
/// [`Error::Shape`] when a value cannot be written as canonical JSON.
pub fn to_bytes(statement: &Statement) -> Result<Vec<u8>, Error> {
    canonical(&wire(statement))
}

/// The canonical bytes of a wire shape.
pub(super) fn canonical(wire: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json_canonicalizer::to_vec(wire).map_err(|fault| Error::Shape(fault.to_string()))
}

fn wire(s: &Statement) -> Wire {
    let party = |p: &Party| WireParty {
        code: p.code.clone(),
        name: p.name.clone(),
    };
    let reason = |r: &Reason| WireReason {
        code: r.code.as_str().to_owned(),
        text: r.text.clone(),
    };
    let verdict = |v: &VerdictNote| WireVerdict {
        verdict: v.verdict.clone(),
        sub_indication: v.sub_indication.clone(),
        report_sha256: v.report_sha256.to_string(),
    };
    Wire {
        schema: schema(s.change.is_some()).to_owned(),
        id: s.id.to_string(),
        event: s.event.as_str().to_owned(),
        at: rfc3339(s.at),
        issuer: s.issuer.to_string(),
        delivery: s.delivery.to_string(),
        document: s.document.to_string(),
        number: s.number.clone(),
        content: WireContent {
            sha256: s.content.sha256.to_string(),
            size_bytes: s.content.size_bytes,
        },
        envelope_sha256: s.envelope_sha256.to_string(),
        sender: party(&s.sender),
        recipient: party(&s.recipient),
        path: s.path.iter().map(ToString::to_string).collect(),
        transfer: s.transfer.map(|id| id.to_string()),
        actor: s.actor.clone(),
        reason: s.reason.as_ref().map(reason),
        arrival_number: s.arrival_number.clone(),
        verdict: s.verdict.as_ref().map(verdict),
        clock_offset_seconds: s.clock_offset_seconds,
        registry: s.registry,
        succession: s.succession.as_ref().map(|note| WireSuccession {
            to: party(&note.to),
            effective: note.effective.to_string(),
            legal_basis: note.legal_basis.clone(),
        }),
        change: s.change.as_ref().map(change_note::wire),
    }
}

const fn schema(is_about_change: bool) -> &'static str {
    if is_about_change {
        CHANGE_SCHEMA
    } else {
        SCHEMA
    }
}

/// Reads a statement back; only the canonical form is accepted.
///
/// # Errors
/// [`Error`] for anything else.
pub fn from_bytes(bytes: &[u8]) -> Result<Statement, Error> {
    let wire: Wire = read(bytes)?;
    if wire.schema != schema(wire.change.is_some()) {
        return Err(wrong("schema", &wire.schema));
    }
    statement(&wire)
}

/// Reads a wire shape from its canonical bytes.
pub(super) fn read<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    if bytes.len() > LARGEST_BYTES {
        return Err(Error::TooLarge { found: bytes.len() });
    }
    let wire: T = serde_json::from_slice(bytes).map_err(|fault| Error::Shape(fault.to_string()))?;
    if canonical(&wire)? != bytes {
        return Err(Error::NotCanonical);
    }
    Ok(wire)
}

fn statement(w: &Wire) -> Result<Statement, Error> {
    let event = Event::parse(&w.event).ok_or_else(|| wrong("event", &w.event))?;
    if event.change().is_some() != w.change.is_some() {
        return Err(wrong("change", &w.event));
    }
    let party = |p: &WireParty| Party {
        code: p.code.clone(),
        name: p.name.clone(),
    };
    Ok(Statement {
        id: value("id", &w.id)?,
        event,
        at: value::<Timestamp>("at", &w.at)?,
        issuer: hub("issuer", &w.issuer)?,
        delivery: value("delivery", &w.delivery)?,
        document: value("document", &w.document)?,
        number: w.number.clone(),
        content: Content {
            sha256: value("content.sha256", &w.content.sha256)?,
            size_bytes: w.content.size_bytes,
        },
        envelope_sha256: value("envelope_sha256", &w.envelope_sha256)?,
        sender: party(&w.sender),
        recipient: party(&w.recipient),
        path: w
            .path
            .iter()
            .map(|name| hub("path", name))
            .collect::<Result<_, _>>()?,
        transfer: w
            .transfer
            .as_deref()
            .map(|id| value("transfer", id))
            .transpose()?,
        actor: w.actor.clone(),
        reason: w.reason.as_ref().map(reason).transpose()?,
        arrival_number: w.arrival_number.clone(),
        verdict: w.verdict.as_ref().map(verdict).transpose()?,
        clock_offset_seconds: w.clock_offset_seconds,
        registry: w.registry,
        succession: w
            .succession
            .as_ref()
            .map(|note| {
                Ok(SuccessionNote {
                    to: party(&note.to),
                    effective: value("succession.effective", &note.effective)?,
                    legal_basis: note.legal_basis.clone(),
                })
            })
            .transpose()?,
        change: w.change.as_ref().map(change_note::note).transpose()?,
    })
}

fn reason(w: &WireReason) -> Result<Reason, Error> {
    let code = ReasonCode::parse(&w.code).ok_or_else(|| wrong("reason.code", &w.code))?;
    Reason::new(code, &w.text).or(Err(wrong("reason.text", &w.text)))
}

fn verdict(w: &WireVerdict) -> Result<VerdictNote, Error> {
    Ok(VerdictNote {
        verdict: w.verdict.clone(),
        sub_indication: w.sub_indication.clone(),
        report_sha256: value("verdict.report_sha256", &w.report_sha256)?,
    })
}

pub(super) fn hub(field: &'static str, name: &str) -> Result<HubId, Error> {
    HubId::parse(name).or(Err(wrong(field, name)))
}

pub(super) fn value<T: std::str::FromStr>(field: &'static str, text: &str) -> Result<T, Error> {
    text.parse().or(Err(wrong(field, text)))
}

pub(super) fn wrong(field: &'static str, found: &str) -> Error {
    Error::Value {
        field,
        found: found.chars().take(80).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::{Basis, Kind, Opening, Part, Successor};
    use crate::domain::digest::Sha256;
    use crate::domain::ids::{DeliveryId, DocumentId, EvidenceId, RandomIds};
    use crate::domain::receipt::ChangeNote;

    fn example() -> Statement {
        let at: Timestamp = "2025-06-30T01:00:00Z".parse().unwrap();
        let party = |code: &str| Party {
            code: code.to_owned(),
            name: format!("Cơ quan {code}"),
        };
        Statement {
            id: EvidenceId::fresh(&RandomIds, at),
            event: Event::Rejection,
            at,
            issuer: HubId::parse("central").unwrap(),
            delivery: DeliveryId::fresh(&RandomIds, at),
            document: DocumentId::fresh(&RandomIds, at),
            number: "15/UBND-VP".to_owned(),
            content: Content {
                sha256: Sha256::of(b"x"),
                size_bytes: 1,
            },
            envelope_sha256: Sha256::of(b"e"),
            sender: party("H21.36.21"),
            recipient: party("G22"),
            path: vec![
                HubId::parse("commune").unwrap(),
                HubId::parse("central").unwrap(),
            ],
            transfer: None,
            actor: Some("user:Trần Thị \"Mẫu\"\u{2028}".to_owned()),
            reason: Some(Reason::new(ReasonCode::Other, "sai thẩm quyền").unwrap()),
            arrival_number: None,
            verdict: Some(VerdictNote {
                verdict: "TOTAL-PASSED".to_owned(),
                sub_indication: None,
                report_sha256: Sha256::of(b"r"),
            }),
            clock_offset_seconds: Some(-3_600),
            registry: Some(7),
            succession: Some(SuccessionNote {
                to: party("H21.88"),
                effective: "2025-07-01".parse().unwrap(),
                legal_basis: "1664/NQ-UBTVQH15".to_owned(),
            }),
            change: None,
        }
    }

    /// A clerk's answer to a request for replacement.
    fn answer() -> Statement {
        let plain = example();
        let at = plain.at;
        Statement {
            event: Event::ChangeAgreement,
            change: Some(ChangeNote {
                request: EvidenceId::fresh(&RandomIds, at),
                kind: Kind::Replace,
                deadline: at,
                successor: Some(Successor {
                    document: DocumentId::fresh(&RandomIds, at),
                    number: "16/UBND-VP".to_owned(),
                    delivery: DeliveryId::fresh(&RandomIds, at),
                }),
                basis: Some(Basis::Clerk),
                opened: vec![Opening {
                    by: "user:Lê Thị Mẫu".to_owned(),
                    part: Part::File,
                    at,
                }],
            }),
            ..plain
        }
    }

    #[test]
    fn a_statement_about_a_change_reads_back_and_has_a_schema_of_its_own() {
        let stated = answer();
        let bytes = to_bytes(&stated).unwrap();
        assert_eq!(from_bytes(&bytes).unwrap(), stated);
        assert!(String::from_utf8(bytes).unwrap().contains(CHANGE_SCHEMA));
        let plain = String::from_utf8(to_bytes(&example()).unwrap()).unwrap();
        assert!(plain.contains(SCHEMA) && !plain.contains("change"));
    }

    #[test]
    fn an_event_of_a_change_without_its_request_is_refused() {
        let mut stated = answer();
        stated.change = None;
        let bytes = to_bytes(&stated).unwrap();
        assert!(matches!(
            from_bytes(&bytes),
            Err(Error::Value {
                field: "change",
                ..
            })
        ));
    }

    #[test]
    fn a_statement_reads_back_as_it_was() {
        let statement = example();
        let bytes = to_bytes(&statement).unwrap();
        assert_eq!(from_bytes(&bytes).unwrap(), statement);
    }

    #[test]
    fn the_bytes_are_canonical_json() {
        let text = String::from_utf8(to_bytes(&example()).unwrap()).unwrap();
        assert!(
            text.starts_with("{\"actor\":") && !text.contains("\": "),
            "{text}"
        );
    }

    #[test]
    fn another_spelling_of_the_same_statement_is_refused() {
        let mut bytes = to_bytes(&example()).unwrap();
        bytes.insert(1, b' ');
        assert_eq!(from_bytes(&bytes), Err(Error::NotCanonical));
    }

    #[test]
    fn unknown_fields_are_refused() {
        let text = String::from_utf8(to_bytes(&example()).unwrap()).unwrap();
        let more = text.replacen('{', "{\"aaa\":1,", 1);
        assert!(matches!(from_bytes(more.as_bytes()), Err(Error::Shape(_))));
    }
}
