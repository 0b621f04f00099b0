//! `lienthong inspect`: what files are made of. Describes and judges nothing.

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Exit;
use super::fault::Fault;
use super::file_source::FileSource;
use super::print;
use super::speech::Speech;
use crate::jail::{Jail, Outside};
use crate::pades::{Outline, RevisionOutline, SignatureOutline};

/// Arguments of `inspect`.
#[derive(Debug, Args)]
pub(super) struct InspectArguments {
    /// PDF files to describe.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Read the files in this process, without the walls of the jail. Only for files you trust.
    #[arg(long)]
    no_jail: bool,
    /// One line of JSON for each file (schema lienthong.outline/1).
    #[arg(long)]
    json: bool,
}

/// Describes every file; the worst result is the exit code.
pub(super) fn run(arguments: &InspectArguments, speech: &Speech) -> Result<Exit, Fault> {
    let jail = jail(arguments.no_jail);
    let mut worst = Exit::Done;
    for (index, path) in arguments.files.iter().enumerate() {
        match of(&jail, path, speech)
            .and_then(|(outline, _)| written(path, &outline, arguments, speech))
        {
            Ok(text) => {
                if index > 0 && !arguments.json {
                    print::line("");
                }
                print::line(&text);
            }
            Err(fault) => {
                print::complain(&fault.said(speech));
                if fault.exit.severity() > worst.severity() {
                    worst = fault.exit;
                }
            }
        }
    }
    Ok(worst)
}

pub(super) fn jail(is_off: bool) -> Jail {
    match is_off {
        true => Jail::trust_blindly(),
        false => Jail::required(),
    }
}

/// The outline of a file, and the file.
pub(super) fn of(
    jail: &Jail,
    path: &Path,
    speech: &Speech,
) -> Result<(Outline, FileSource), Fault> {
    let source = FileSource::open(path).map_err(|fault| Fault::reading(path, &fault))?;
    let outline = jail.outline(&Outside::file(source.file()), speech.language);
    match outline.map_err(|fault| Fault::jail(path, &fault))? {
        Ok(outline) => Ok((outline, source)),
        Err(words) => Err(Fault::unreadable(path, words)),
    }
}

fn written(
    path: &Path,
    outline: &Outline,
    arguments: &InspectArguments,
    speech: &Speech,
) -> Result<String, Fault> {
    if !arguments.json {
        return Ok(told(path, outline, speech));
    }
    serde_json::to_string(outline)
        .map_err(|fault| Fault::new(Exit::Unexpected, "UNEXPECTED").with("detail", fault))
}

/// The outline for people.
fn told(path: &Path, outline: &Outline, speech: &Speech) -> String {
    let mut lines = vec![path.display().to_string()];
    let facts = [
        ("pages", outline.pages.to_string()),
        ("size", outline.size_bytes.to_string()),
        ("sha256", outline.sha256.clone()),
    ];
    lines.push(format!("  {}", speech.text("verdict-file-facts", &facts)));
    let count = [("count", outline.revisions_count.to_string())];
    lines.push(format!(
        "  {}",
        speech.text("cli-outline-revisions", &count)
    ));
    for revision in &outline.revisions {
        lines.push(format!("    {}", of_revision(revision, speech)));
        let ends = outline.signatures.iter();
        let ends = ends.filter(|one| one.revision == Some(revision.number));
        lines.extend(ends.flat_map(|one| of_signature(one, speech)));
    }
    let left = outline.signatures.iter();
    let left = left.filter(|one| one.fault.is_some());
    lines.extend(left.flat_map(|one| of_signature(one, speech)));
    lines.extend(
        closing(outline, speech)
            .into_iter()
            .map(|line| format!("  {line}")),
    );
    lines.join("\n")
}

fn of_revision(revision: &RevisionOutline, speech: &Speech) -> String {
    let facts = [
        ("number", revision.number.to_string()),
        ("start", revision.start.to_string()),
        ("end", revision.end.to_string()),
        ("written", revision.written.to_string()),
        ("freed", revision.freed.to_string()),
        ("xref", revision.xref.clone()),
    ];
    speech.text("cli-outline-revision", &facts)
}

fn of_signature(one: &SignatureOutline, speech: &Speech) -> Vec<String> {
    let field = print::harmless(&one.field);
    if let Some(code) = &one.fault {
        let facts = [("field", field), ("code", code.clone())];
        return vec![format!(
            "    ✗ {}",
            speech.text("cli-outline-broken", &facts)
        )];
    }
    let key = match one.kind.as_deref() {
        Some("timestamp") => "cli-outline-timestamp",
        _ => "cli-outline-signature",
    };
    let [start, first, second, last] = one.byte_range.unwrap_or_default();
    let facts = [
        ("field", field),
        ("filter", one.sub_filter.clone().unwrap_or_default()),
        ("range", format!("{start} {first} {second} {last}")),
        (
            "reserved",
            one.contents_bytes.unwrap_or_default().to_string(),
        ),
    ];
    let mut lines = vec![format!("      {}", speech.text(key, &facts))];
    let covers = match one.covers_whole_document {
        true => "cli-outline-covers-all",
        false => "cli-outline-covers-part",
    };
    lines.push(format!("        {}", speech.text(covers, &[])));
    for (key, value) in &one.claims {
        lines.push(format!("        {key}: {}", print::harmless(value)));
    }
    lines
}

fn closing(outline: &Outline, speech: &Speech) -> Vec<String> {
    let mut lines = Vec::new();
    if outline.signatures_count == 0 {
        lines.push(speech.text("verdict-no-signature", &[]));
    }
    if !outline.empty_fields.is_empty() {
        let names: Vec<_> = outline
            .empty_fields
            .iter()
            .map(|one| print::harmless(one))
            .collect();
        lines.push(speech.text("cli-outline-empty", &[("fields", names.join(", "))]));
    }
    if let Some(store) = &outline.security_store {
        let facts = [
            ("certificates", store.certificates.to_string()),
            ("crls", store.crls.to_string()),
            ("responses", store.ocsp_responses.to_string()),
            ("entries", store.entries.to_string()),
        ];
        lines.push(speech.text("cli-outline-store", &facts));
    }
    if outline.trailing_bytes > 0 {
        let count = [("count", outline.trailing_bytes.to_string())];
        lines.push(speech.text("cli-outline-trailing", &count));
    }
    lines
}
