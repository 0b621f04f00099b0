//! `lienthong lint`: what in a file could later be used against its first signature.

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Exit;
use super::fault::Fault;
use super::file_source::FileSource;
use super::print;
use super::speech::Speech;
use crate::pades::{self, ByteSource as _, LintReport};

/// Arguments of `lint`.
#[derive(Debug, Args)]
pub(super) struct LintArguments {
    /// PDF files to look at before they are signed.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// One line of JSON for each file (schema lienthong.lint/1).
    #[arg(long)]
    json: bool,
}

/// Looks at every file; the worst result is the exit code: 13 unreadable, 11 warnings, 0 clean.
pub(super) fn run(arguments: &LintArguments, speech: &Speech) -> Result<Exit, Fault> {
    let mut worst = Exit::Done;
    for path in &arguments.files {
        let exit = match FileSource::open(path) {
            Ok(source) => {
                let report = pades::lint(&source);
                let name = path.display().to_string();
                if arguments.json {
                    let language = speech.data_language;
                    print::line(&report.to_json(&name, source.size(), language));
                } else {
                    show(&name, &report, speech);
                }
                exit_of(&report)
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

/// What is noticed about a file that is about to be signed; with `strict` nothing may be.
pub(super) fn before_signing(
    (path, source): (&Path, &FileSource),
    strict: bool,
) -> Result<LintReport, Fault> {
    let report = pades::lint(source);
    // An unreadable file is refused by the signing itself, with the better reason.
    if strict && report.readable && !report.is_clean() {
        let refused = Fault::new(Exit::Indeterminate, "LINT_REFUSED");
        return Err(refused.with("count", report.findings.len()).at(path));
    }
    Ok(report)
}

fn show(name: &str, report: &LintReport, speech: &Speech) {
    let file = [("file", name.to_owned())];
    if report.is_clean() {
        print::line(&speech.text("cli-lint-clean", &file));
        return;
    }
    print::line(&speech.text("cli-lint-noticed", &file));
    for said in report.sentences(speech.language) {
        print::line(&format!("  ! {said}"));
    }
}

const fn exit_of(report: &LintReport) -> Exit {
    if !report.readable {
        Exit::Unreadable
    } else if report.is_clean() {
        Exit::Done
    } else {
        Exit::Indeterminate
    }
}
