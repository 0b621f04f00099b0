//! `lienthong verify`: judges files one after the other and gives the worst result as exit code.

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Exit;
use super::fault::Fault;
use super::file_source::FileSource;
use super::speech::Speech;
use super::{inputs, policy_file, print};
use crate::domain::clock::{Clock as _, SystemClock, Timestamp};
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
    /// Judge as of this instant (RFC 3339); default: now.
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// standard, agency, or a policy file (JSON).
    #[arg(long, default_value = "standard", value_name = "POLICY")]
    policy: String,
    /// Never ask the network. This version never does.
    #[arg(long)]
    offline: bool,
    /// One line of JSON for each file (schema lienthong.verification/1).
    #[arg(long)]
    json: bool,
}

/// Judges every file; the worst result is the exit code.
pub(super) fn run(arguments: &VerifyArguments, speech: &Speech) -> Result<Exit, Fault> {
    let evidence = inputs::evidence(&arguments.trust, &arguments.revocation)?;
    let chosen = policy_file::choose(&arguments.policy)?;
    let at = arguments.at.unwrap_or_else(|| SystemClock::default().now());
    let registry = chosen
        .registry
        .as_ref()
        .map(|registry| -> &dyn pades::SignerRegistry { registry });
    let mut worst = Exit::Done;
    for (index, path) in arguments.files.iter().enumerate() {
        let exit = match FileSource::open(path) {
            Ok(source) => {
                let name = shown_name(path);
                let report = pades::verify(&source, &name, &evidence, &chosen.policy, registry, at);
                show(&report, arguments.json, index, speech);
                exit_of(report.verdict)
            }
            Err(fault) => {
                let fault = Fault::reading(path, &fault);
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

fn show(report: &pades::Report, json: bool, index: usize, speech: &Speech) {
    if json {
        print::line(&report.to_json(speech.data_language));
        return;
    }
    if index > 0 {
        print::line("");
    }
    print::line(&pades::explain(report, speech.language));
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
