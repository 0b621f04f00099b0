//! `lienthong verify`: judges files one after the other and gives the worst result as exit code.

use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::ProgressBar;

use super::exit::Exit;
use super::fault::Fault;
use super::policy_file::Chosen;
use super::speech::Speech;
use super::{evidence, inputs, policy_file, print, publish, verify_inputs};
use crate::config;
use crate::domain::agency::AgencyCode;
use crate::domain::clock::{Clock as _, SystemClock, Timestamp};
use crate::domain::directory::Directory;
use crate::domain::number::DocumentNumber;
use crate::jail::{Forms, Jail, Judged, Languages, Outside, Question};
use crate::pades::{self, Expectation, FileVerdict, FiledSigners, Policy, Profile, SignerRegistry};
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
    /// What each file is to be: an original, a copy or an enclosure of an agency.
    #[arg(long, value_name = "PROFILE", value_parser = parse_profile, conflicts_with = "policy")]
    profile: Option<Profile>,
    /// Code of the agency that must have signed; with --profile.
    #[arg(long, value_name = "CODE", requires = "profile")]
    agency: Option<String>,
    /// Number and notation of the document an enclosure belongs to, such as 15/UBND-VP.
    #[arg(long, value_name = "NUMBER", requires = "profile")]
    main_number: Option<String>,
    /// The register of agencies and certificates, a hub's registry file (TOML).
    #[arg(long, value_name = "FILE")]
    registry: Option<PathBuf>,
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

fn parse_profile(text: &str) -> Result<Profile, String> {
    Profile::parse(text).ok_or_else(|| "expected original, copy or enclosure".to_owned())
}

impl VerifyArguments {
    /// The policy asked for and the signers it lists.
    fn chosen(&self) -> Result<Chosen, Fault> {
        let Some(profile) = self.profile else {
            return policy_file::choose(&self.policy);
        };
        let wrong = |value: &str, fault: String| {
            let fault = Fault::new(Exit::Usage, "VALUE_UNUSABLE").with("detail", fault);
            fault.with("value", value)
        };
        let agency = self.agency.as_deref().map(|written| {
            let code = AgencyCode::parse(written);
            code.map_err(|fault| wrong(written, fault.to_string()))
        });
        let expectation = agency.transpose()?.map(|code| Expectation {
            agency_code: code.to_string(),
        });
        if let Some(number) = &self.main_number {
            DocumentNumber::parse(number).map_err(|fault| wrong(number, fault.to_string()))?;
        }
        let policy = Policy::of_profile(profile, expectation);
        Ok(Chosen {
            policy: policy.with_main_number(self.main_number.clone()),
            registry: None,
        })
    }

    /// The register in the file named.
    fn directory(&self) -> Result<Option<Directory>, Fault> {
        let read = |path: &PathBuf| {
            config::registry::read(path).map_err(|fault| {
                let fault = fault.to_string();
                Fault::new(Exit::Configuration, "REGISTRY_UNUSABLE").with("detail", fault)
            })
        };
        self.registry.as_ref().map(read).transpose()
    }

    const fn forms(&self) -> Forms {
        Forms {
            etsi: self.xml,
            sheet: self.report.is_some(),
            // What is shown says nothing of markings.
            unchecked_marking: true,
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
    let (chosen, directory) = (arguments.chosen()?, arguments.directory()?);
    let at = arguments.at.unwrap_or_else(|| SystemClock::default().now());
    let filed = directory
        .as_ref()
        .map(|directory| FiledSigners::new(directory, at));
    let listed = chosen.registry.as_ref();
    let listed = listed.map(|listed| -> &dyn SignerRegistry { listed });
    let registry = filed.as_ref();
    let registry = registry.map(|filed| -> &dyn SignerRegistry { filed });
    let registry = registry.or(listed);
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
    let jail = match (arguments.no_jail, files.len()) {
        (true, _) => Jail::trust_blindly(),
        (false, 0 | 1) => Jail::required(),
        (false, _) => Jail::required().starting_ahead(),
    };
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
