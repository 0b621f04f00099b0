//! `lienthong extract-revision`: the bytes a signature was made over, as a file of their own. A
//! revision is a beginning of the file, so nothing is changed, only less is copied.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::fault::Fault;
use super::file_source::FileSource;
use super::speech::Speech;
use super::{inspect, print, publish};
use crate::domain::digest::Sha256Stream;
use crate::pades::{ByteSource as _, Outline};

/// Bytes copied at once.
const PIECE: u64 = 256 * 1024;

/// Arguments of `extract-revision`.
#[derive(Debug, Args)]
pub(super) struct ExtractArguments {
    /// The PDF file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The file as it was when this signature was made: name of its field.
    #[arg(
        long,
        value_name = "FIELD",
        conflicts_with = "revision",
        required_unless_present = "revision"
    )]
    signature: Option<String>,
    /// The file as it was after this revision, counted from 1.
    #[arg(long, value_name = "N")]
    revision: Option<usize>,
    /// Where to write it; must not exist.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Overwrite the output.
    #[arg(long)]
    force: bool,
    /// Read the file in this process, without the walls of the jail. Only for files you trust.
    #[arg(long)]
    no_jail: bool,
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

/// Writes the revision; durable on return.
pub(super) fn run(arguments: &ExtractArguments, speech: &Speech) -> Result<Exit, Fault> {
    let (input, output) = (&arguments.file, &arguments.output);
    if publish::same_file(input, output) {
        return Err(Fault::new(Exit::Usage, "OUTPUT_IS_INPUT").at(output));
    }
    let (outline, source) = inspect::of(&inspect::jail(arguments.no_jail), input, speech)?;
    let end = end(arguments, &outline)?;
    let copied = copy(&source, end, output, arguments.force);
    let sha256 = copied.map_err(|fault| Fault::writing(output, &fault))?;
    if arguments.json {
        let line = serde_json::json!({
            "schema": "lienthong.revision/1",
            "output": output.display().to_string(),
            "size_bytes": end,
            "sha256": sha256,
        });
        print::line(&line.to_string());
    } else {
        let facts = [
            ("output", output.display().to_string()),
            ("size", end.to_string()),
            ("sha256", sha256),
        ];
        print::line(&speech.text("cli-extracted", &facts));
    }
    Ok(Exit::Done)
}

/// The byte after the last one wanted.
fn end(arguments: &ExtractArguments, outline: &Outline) -> Result<u64, Fault> {
    let not_found = |code: &'static str| Fault::new(Exit::NotFound, code).at(&arguments.file);
    if let Some(field) = &arguments.signature {
        let named = outline.signatures.iter().find(|one| one.field == *field);
        let names: Vec<_> = outline
            .signatures
            .iter()
            .map(|one| print::harmless(&one.field))
            .collect();
        let found = named.ok_or_else(|| {
            not_found("SIGNATURE_NOT_FOUND")
                .with("field", field)
                .with("fields", names.join(", "))
        })?;
        let [_, _, second, last] = found.byte_range.ok_or_else(|| {
            let code = found.fault.clone().unwrap_or_default();
            Fault::new(Exit::SignatureFailed, "SIGNATURE_WITHOUT_RANGE")
                .with("field", field)
                .with("code", code)
                .at(&arguments.file)
        })?;
        return Ok(second.saturating_add(last));
    }
    let wanted = arguments.revision.unwrap_or_default();
    let found = outline.revisions.iter().find(|one| one.number == wanted);
    let found = found.ok_or_else(|| {
        not_found("REVISION_NOT_FOUND")
            .with("number", wanted)
            .with("count", outline.revisions_count)
    })?;
    Ok(found.end)
}

/// Copies the first `end` bytes; gives their digest.
fn copy(
    source: &FileSource,
    end: u64,
    output: &std::path::Path,
    force: bool,
) -> std::io::Result<String> {
    let mut written = publish::beside(output)?;
    let (mut digest, mut at) = (Sha256Stream::default(), 0);
    while at < end {
        let length = usize::try_from(PIECE.min(end - at)).unwrap_or(0);
        let mut piece = vec![0; length];
        source.read_at(at, &mut piece)?;
        digest.update(&piece);
        written.write_all(&piece)?;
        at += PIECE.min(end - at);
    }
    publish::settle(written, output, force)?;
    Ok(digest.finish().to_string())
}
