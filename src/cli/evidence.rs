//! `lienthong evidence fetch`: freezes what the verdicts about some files rely on. `lienthong verify`
//! judges with such a bundle and asks nobody.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;

use super::exit::Exit;
use super::fault::Fault;
use super::file_source::FileSource;
use super::level_means::{MaterialArguments, Means};
use super::speech::Speech;
use super::{inputs, print};
use crate::fetch::bundle::{self, Bundle, MANIFEST, Spoiled};
use crate::pades::levels;
use crate::pki::trust::TrustEvidence;

/// Arguments of `evidence`.
#[derive(Debug, Args)]
pub(super) struct EvidenceArguments {
    #[command(subcommand)]
    command: EvidenceCommand,
}

#[derive(Debug, Subcommand)]
enum EvidenceCommand {
    /// Freeze what the verdicts about some files rely on into a folder.
    Fetch(Box<FreezeArguments>),
}

#[derive(Debug, Args)]
struct FreezeArguments {
    /// Signed PDF files. With --allow-host, missing revocation data is asked for.
    #[arg(required = true, value_name = "FILE")]
    inputs: Vec<PathBuf>,
    /// The folder of the bundle; it must not exist yet.
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
    #[command(flatten)]
    material: MaterialArguments,
    /// One line of JSON (schema lienthong.evidence-fetch/1).
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) fn run(arguments: &EvidenceArguments, speech: &Speech) -> Result<Exit, Fault> {
    let EvidenceCommand::Fetch(arguments) = &arguments.command;
    if arguments.output.exists() {
        return Err(Fault::new(Exit::Conflict, "OUTPUT_EXISTS").at(&arguments.output));
    }
    let means = Means::new(&arguments.material, None)?.asking();
    let mut subjects = Vec::new();
    for path in &arguments.inputs {
        let source = FileSource::open(path).map_err(|fault| Fault::reading(path, &fault))?;
        let found = levels::subjects(&source);
        subjects.extend(found.map_err(|fault| Fault::from(fault).at(path))?);
    }
    let (mut evidence, at) = means.gather(&subjects)?;
    levels::add_received(&subjects, &mut evidence);
    let pathless = levels::without_path(&subjects, &evidence, at).len();
    let still = levels::missing_revocation(&subjects, &evidence, at).len();
    let still = still.saturating_add(pathless);
    let bundle = Bundle::of(&evidence);
    write(&bundle, &arguments.output).map_err(|fault| Fault::writing(&arguments.output, &fault))?;
    let shown = Shown {
        schema: "lienthong.evidence-fetch/1",
        output: arguments.output.display().to_string(),
        bundle_sha256: bundle.sha256().to_string(),
        evidence_sha256: evidence.sha256().to_string(),
        files: bundle.files.len(),
        missing: still,
    };
    if arguments.json {
        print::line(&serde_json::to_string(&shown).unwrap_or_default());
    } else {
        let params = [
            ("output", shown.output.clone()),
            ("sha256", shown.bundle_sha256.clone()),
            ("files", shown.files.to_string()),
            ("missing", shown.missing.to_string()),
        ];
        print::line(&speech.text("cli-evidence-fetched", &params));
    }
    Ok(if still == 0 {
        Exit::Done
    } else {
        Exit::Indeterminate
    })
}

/// Wire shape.
#[derive(Serialize)]
struct Shown {
    schema: &'static str,
    output: String,
    bundle_sha256: String,
    evidence_sha256: String,
    files: usize,
    missing: usize,
}

/// Writes the bundle beside its place, then gives it its name.
fn write(bundle: &Bundle, output: &Path) -> std::io::Result<()> {
    let parent = output
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    let temporary = tempfile::Builder::new()
        .prefix(".lienthong-")
        .tempdir_in(parent)?;
    for file in &bundle.files {
        let path = temporary.path().join(&file.path);
        fs::create_dir_all(path.parent().unwrap_or(temporary.path()))?;
        durable(&path, &file.bytes)?;
    }
    durable(&temporary.path().join(MANIFEST), &bundle.manifest)?;
    fs::rename(temporary.path(), output)?;
    // The folder has another name now; there is nothing left to remove.
    drop(temporary.keep());
    fs::File::open(parent)?.sync_all()
}

fn durable(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    fs::write(path, bytes)?;
    fs::File::open(path)?.sync_all()
}

/// The evidence of the bundle in `folder`, shown to be unchanged since it was frozen.
pub(super) fn open(folder: &Path) -> Result<TrustEvidence, Fault> {
    let manifest = inputs::bytes(&folder.join(MANIFEST))?;
    let read = |path: &str| inputs::large_bytes(&folder.join(path)).map_err(Opening::Reading);
    bundle::open(&manifest, &read).map_err(|fault| match fault {
        Opening::Reading(fault) => fault,
        Opening::Spoiled(fault) => Fault::new(Exit::Configuration, "EVIDENCE_SPOILED")
            .with("detail", fault)
            .at(folder),
    })
}

enum Opening {
    Reading(Fault),
    Spoiled(Spoiled),
}

impl From<Spoiled> for Opening {
    fn from(fault: Spoiled) -> Self {
        Self::Spoiled(fault)
    }
}
