//! `lienthong lint`: what in a file could later be used against its first signature.

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Exit;
use super::fault::Fault;
use super::file_source::FileSource;
use super::print;
use super::speech::Speech;
use crate::jail::{Jail, Linted, Outside};
use crate::pades::{self, LintReport};

/// Arguments of `lint`.
#[derive(Debug, Args)]
pub(super) struct LintArguments {
    /// PDF files to look at before they are signed.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Read the files in this process, without the walls of the jail. Only for files you trust.
    #[arg(long)]
    no_jail: bool,
    /// One line of JSON for each file (schema lienthong.lint/1).
    #[arg(long)]
    json: bool,
}

/// Looks at every file; the worst result is the exit code: 13 unreadable, 11 warnings, 0 clean.
pub(super) fn run(arguments: &LintArguments, speech: &Speech) -> Result<Exit, Fault> {
    let jail = match arguments.no_jail {
        true => Jail::trust_blindly(),
        false => Jail::required(),
    };
    let mut worst = Exit::Done;
    for path in &arguments.files {
        let exit = match look(&jail, path, speech) {
            Ok(linted) => {
                if arguments.json {
                    print::line(&linted.json);
                } else {
                    show(path, &linted, speech);
                }
                exit_of(&linted)
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

/// One file, read by a process of its own; one that its reader died of cannot be read.
fn look(jail: &Jail, path: &Path, speech: &Speech) -> Result<Linted, Fault> {
    let source = FileSource::open(path).map_err(|fault| Fault::reading(path, &fault))?;
    let (name, languages) = (
        path.display().to_string(),
        [speech.data_language, speech.language],
    );
    jail.lint(&Outside::file(source.file()), &name, languages)
        .map_err(|fault| Fault::jail(path, &fault))
}

fn show(path: &Path, linted: &Linted, speech: &Speech) {
    let file = [("file", path.display().to_string())];
    if linted.sentences.is_empty() {
        print::line(&speech.text("cli-lint-clean", &file));
        return;
    }
    print::line(&speech.text("cli-lint-noticed", &file));
    for said in &linted.sentences {
        print::line(&format!("  ! {said}"));
    }
}

const fn exit_of(linted: &Linted) -> Exit {
    if !linted.readable {
        Exit::Unreadable
    } else if linted.sentences.is_empty() {
        Exit::Done
    } else {
        Exit::Indeterminate
    }
}
