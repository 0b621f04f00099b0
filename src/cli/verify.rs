//! `lienthong verify`: judges files one after the other and gives the worst result as exit code.

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Exit;
use super::fault::Fault;
use super::file_source::FileSource;
use super::speech::Speech;
use super::{evidence, inputs, policy_file, print};
use crate::domain::clock::{Clock as _, SystemClock, Timestamp};
use crate::jail::{Jail, Judged, Languages, Outside, Question};
use crate::pades::{self, FileVerdict};
use crate::pki::verdict::Indication;

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub(super) struct VerifyArguments {
    /// PDF files to check.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Trusted certificates: a file or a folder (PEM or DER; self-signed ones are roots).
    #[arg(long, value_name = "PATH")]
    trust: Vec<PathBuf>,
    /// Revocation data: a file or a folder of CRLs and OCSP responses.
    #[arg(long, value_name = "PATH")]
    revocation: Vec<PathBuf>,
    /// A frozen bundle of evidence, made by `evidence fetch`: its roots are trusted too.
    #[arg(long, value_name = "FOLDER")]
    evidence: Vec<PathBuf>,
    /// Judge as of this instant (RFC 3339); default: now.
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// standard, agency, or a policy file (JSON).
    #[arg(long, default_value = "standard", value_name = "POLICY")]
    policy: String,
    /// Never ask the network. This version never does.
    #[arg(long)]
    offline: bool,
    /// Read the files in this process, without the walls of the jail. Only for files you trust.
    #[arg(long)]
    no_jail: bool,
    /// One line of JSON for each file (schema lienthong.verification/1).
    #[arg(long)]
    json: bool,
}

/// Judges every file; the worst result is the exit code.
pub(super) fn run(arguments: &VerifyArguments, speech: &Speech) -> Result<Exit, Fault> {
    let mut evidence = inputs::evidence(&arguments.trust, &arguments.revocation)?;
    for folder in &arguments.evidence {
        evidence.merge(evidence::open(folder)?);
    }
    let chosen = policy_file::choose(&arguments.policy)?;
    let at = arguments.at.unwrap_or_else(|| SystemClock::default().now());
    let registry = chosen
        .registry
        .as_ref()
        .map(|registry| -> &dyn pades::SignerRegistry { registry });
    let jail = match arguments.no_jail {
        true => Jail::trust_blindly(),
        false => Jail::required(),
    };
    let question = Question {
        name: "",
        evidence: &evidence,
        policy: &chosen.policy,
        registry,
        at,
        languages: Languages {
            data: speech.data_language,
            words: speech.language,
        },
    };
    let mut worst = Exit::Done;
    for (index, path) in arguments.files.iter().enumerate() {
        let exit = match judge(&jail, path, &question) {
            Ok(judged) => {
                show(&judged, arguments.json, index);
                exit_of(judged.verdict)
            }
            Err(fault) => {
                print::complain(&fault.said(speech));
                fault.exit
            }
        };
        if exit.severity() > worst.severity() {
            worst = exit;
        }
    }
    Ok(worst)
}

fn shown_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// One file, read by a process of its own.
fn judge(jail: &Jail, path: &Path, question: &Question<'_>) -> Result<Judged, Fault> {
    let source = FileSource::open(path).map_err(|fault| Fault::reading(path, &fault))?;
    let name = shown_name(path);
    let question = Question {
        name: &name,
        ..*question
    };
    jail.verify_at_once(&Outside::file(source.file()), &question)
        .map_err(|fault| Fault::jail(path, &fault))
}

fn show(judged: &Judged, json: bool, index: usize) {
    if json {
        print::line(&judged.json);
        return;
    }
    if index > 0 {
        print::line("");
    }
    print::line(&judged.text);
}

/// The exit code of one file.
pub(super) const fn exit_of(verdict: FileVerdict) -> Exit {
    match verdict {
        FileVerdict::Judged(Indication::TotalPassed) => Exit::Done,
        FileVerdict::Judged(Indication::Indeterminate) => Exit::Indeterminate,
        FileVerdict::Judged(Indication::TotalFailed) => Exit::SignatureFailed,
        FileVerdict::NoSignature => Exit::NoSignature,
        FileVerdict::Unreadable => Exit::Unreadable,
    }
}
