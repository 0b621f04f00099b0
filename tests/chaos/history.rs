//! What was done and what came of it: one line of JSON for each event, on the disk before the next act.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// What a person wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub(crate) enum Act {
    /// A document is handed in.
    Send {
        /// The sender's agency.
        agency: String,
        /// Key of the request.
        key: String,
        /// Number and notation.
        number: String,
        /// Codes of the addressees.
        recipients: Vec<String>,
        /// SHA-256 of the bytes handed in.
        sha256: String,
        /// How many bytes.
        size_bytes: usize,
    },
    /// A received document is looked at.
    Open { agency: String, delivery: String },
    /// A received document is accepted.
    Accept { agency: String, delivery: String },
    /// A received document is refused.
    Refuse { agency: String, delivery: String },
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    /// An attempt of an operation begins.
    Invoke { op: u64, act: Act },
    /// The hub answered that it is done: the document's id, the register number, or nothing.
    Done { op: u64, outcome: String },
    /// The hub said no.
    Refused { op: u64, why: String },
    /// No answer, or one that asks to come again: nobody knows.
    Unknown { op: u64, why: String },
    /// A hub's process was ended.
    Kill { hub: String, how: String },
    /// A hub's process listens.
    Ready { hub: String },
    /// Another fault, or its end.
    Fault { place: String, what: String },
    /// A hub answered a neighbour's message with success, seen on the line between them.
    Answer {
        edge: String,
        path: String,
        request_sha256: String,
        answer_sha256: String,
    },
    /// What a sender was told about a delivery.
    Seen {
        hub: String,
        delivery: String,
        transport: String,
        handling: String,
    },
    /// A receipt as the API gave it out: SHA-256 of statement and signature.
    Receipt {
        hub: String,
        id: String,
        statement_sha256: String,
        signature_sha256: String,
    },
}

/// An event and when it happened, in microseconds since 1970 by the machine's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) at: u64,
    #[serde(flatten)]
    pub(crate) event: Event,
}

/// The history under way.
pub(crate) struct History {
    path: PathBuf,
    file: Mutex<File>,
}

impl History {
    /// Begins a history in the file `path`.
    pub(crate) fn begin(path: &Path) -> Self {
        let file = Mutex::new(File::create(path).unwrap());
        let path = path.to_owned();
        Self { path, file }
    }

    /// Writes an event down; it is on the disk when this returns.
    pub(crate) fn note(&self, event: Event) {
        let mut file = self.file.lock().unwrap();
        let line = Line { at: now(), event };
        let mut bytes = serde_json::to_vec(&line).unwrap();
        bytes.push(b'\n');
        file.write_all(&bytes).unwrap();
        file.sync_data().unwrap();
    }

    /// A fault at `place`.
    pub(crate) fn fault(&self, place: &str, what: impl Into<String>) {
        let (place, what) = (place.to_owned(), what.into());
        self.note(Event::Fault { place, what });
    }

    /// All of it, read back from the disk.
    pub(crate) fn read(&self) -> Vec<Line> {
        read(&std::fs::read_to_string(&self.path).unwrap())
    }
}

/// The events in a history file.
pub(crate) fn read(text: &str) -> Vec<Line> {
    let line = |line: &str| serde_json::from_str(line).unwrap();
    text.lines().map(line).collect()
}

/// The machine's clock in microseconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "a history tells when things really happened"
)]
pub(crate) fn now() -> u64 {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(passed.as_micros()).unwrap()
}

#[test]
fn what_is_written_down_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::begin(&folder.path().join("history.jsonl"));
    let act = Act::Open {
        agency: "G22".to_owned(),
        delivery: "d".to_owned(),
    };
    let event = Event::Invoke { op: 7, act };
    history.note(event.clone());
    history.fault("commune", "paused");
    let lines = history.read();
    assert_eq!((lines.len(), &lines[0].event), (2, &event));
}
