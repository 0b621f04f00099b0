//! `lienthong verify`: judges files one after the other and gives the worst result as exit code.

use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::ProgressBar;

use super::exit::Exit;
use super::fault::Fault;
use super::speech::Speech;
use super::{evidence, inputs, policy_file, print, publish, verify_inputs};
use crate::domain::clock::{Clock as _, SystemClock, Timestamp};
use crate::jail::{Forms, Jail, Judged, Languages, Outside, Question};
use crate::pades::{self, FileVerdict};
use crate::phrases::harmless;
use crate::pki::verdict::Indication;

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub(super) struct VerifyArguments {
    /// PDF files to check; folders stand for the PDF files in them, `-` for standard input.
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
    #[arg(long, conflicts_with_all = ["xml", "explain"])]
    json: bool,
    /// The ETSI validation report (TS 119 102-2) as XML; for one file.
    #[arg(long)]
    xml: bool,
    /// Also print the result on one page, a PDF; for one file.
    #[arg(long, value_name = "OUT.pdf")]
    report: Option<PathBuf>,
    /// Everything about every file; without it many files get one line each.
    #[arg(long)]
    explain: bool,
}

impl VerifyArguments {
    const fn forms(&self) -> Forms {
        Forms {
            etsi: self.xml,
            sheet: self.report.is_some(),
        }
    }

    /// Whether each file gets one line.
    const fn is_short(&self, files: usize) -> bool {
        files > 1 && !self.explain && !self.json
    }
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
        forms: arguments.forms(),
    };
    let files = verify_inputs::files(&arguments.files)?;
    if files.len() != 1 && (arguments.xml || arguments.report.is_some()) {
        return Err(Fault::new(Exit::Usage, "REPORT_NEEDS_ONE_FILE"));
    }
    let bar = progress(files.len(), arguments.is_short(files.len()));
    let (mut worst, mut passed) = (Exit::Done, 0_usize);
    for (index, path) in files.iter().enumerate() {
        let exit = match judge(&jail, path, &question) {
            Ok(judged) => {
                let place = (index, files.len());
                bar.suspend(|| show(&judged, arguments, (path, place), speech))?;
                exit_of(judged.verdict)
            }
            Err(fault) => {
                bar.suspend(|| print::complain(&fault.said(speech)));
                fault.exit
            }
        };
        bar.inc(1);
        passed = passed.saturating_add(usize::from(exit == Exit::Done));
        if exit.severity() > worst.severity() {
            worst = exit;
        }
    }
    bar.finish_and_clear();
    if arguments.is_short(files.len()) {
        summarise(passed, files.len(), speech);
    }
    Ok(worst)
}

fn summarise(passed: usize, total: usize, speech: &Speech) {
    let params = [
        ("total", total.to_string()),
        ("passed", passed.to_string()),
        ("other", total.saturating_sub(passed).to_string()),
    ];
    print::line(&speech.text("cli-verify-summary", &params));
}

/// A bar on the terminal for many files.
fn progress(total: usize, is_short: bool) -> ProgressBar {
    if !is_short || !print::is_terminal() {
        return ProgressBar::hidden();
    }
    ProgressBar::new(u64::try_from(total).unwrap_or(u64::MAX))
}

fn shown_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// One file, read by a process of its own.
fn judge(jail: &Jail, path: &Path, question: &Question<'_>) -> Result<Judged, Fault> {
    let source = verify_inputs::open(path)?;
    let name = shown_name(path);
    let question = Question {
        name: &name,
        ..*question
    };
    jail.verify_at_once(&Outside::file(source.file()), &question)
        .map_err(|fault| Fault::jail(path, &fault))
}

fn show(
    judged: &Judged,
    arguments: &VerifyArguments,
    (path, (index, total)): (&Path, (usize, usize)),
    speech: &Speech,
) -> Result<(), Fault> {
    if let Some(output) = &arguments.report {
        let unusable = || Fault::new(Exit::Unexpected, "REPORT_UNUSABLE").at(output);
        let sheet = judged.sheet.as_ref().ok_or_else(unusable)?;
        publish::small(output, sheet)?;
    }
    if arguments.json {
        print::line(&judged.json);
    } else if arguments.xml {
        print::line(judged.etsi.as_deref().unwrap_or_default().trim_end());
    } else if arguments.is_short(total) {
        let key = pades::verdict_key(judged.verdict);
        let said = speech.text(key, &[]);
        let sub = judged.sub_indication.as_deref().unwrap_or_default();
        let name = harmless(&path.display().to_string());
        let line = format!("{name}: {said} ({}) {sub}", judged.verdict);
        print::verdict(line.trim_end(), exit_of(judged.verdict));
    } else {
        if index > 0 {
            print::line("");
        }
        print::verdict(&judged.text, exit_of(judged.verdict));
    }
    Ok(())
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
