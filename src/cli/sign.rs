//! `lienthong sign`: one file or many with one key.

use std::path::Path;

use serde::Serialize;

use super::exit::Exit;
use super::fault::Fault;
use super::file_source::FileSource;
use super::level_means::Means;
use super::publish::{Staged, same_file};
use super::publish_revisions::publish_revisions;
use super::sign_options::{Plan, SignArguments};
use super::speech::Speech;
use super::{batch, lint, print, resume};
use crate::domain::clock::{Clock as _, SystemClock, rfc3339};
use crate::keystore::Signer as _;
use crate::pades::levels::{self, Scope};
use crate::pades::{self, Extended, Report, SignRequest};
use crate::pki::algorithm::{DigestAlgorithm, SignatureAlgorithm};

/// Signs; several files go to a folder.
pub(super) fn run(arguments: &SignArguments, speech: &Speech) -> Result<Exit, Fault> {
    let plan = Plan::new(arguments, SystemClock::default().now(), speech)?;
    let many = arguments.inputs.len() > 1 || arguments.output.is_dir();
    if many {
        return batch::run(arguments, &plan, speech);
    }
    let Some(input) = arguments.inputs.first() else {
        return Err(Fault::new(Exit::Usage, "NO_INPUT"));
    };
    let signed = sign_file(&plan, input, &arguments.output, arguments.overwriting());
    if arguments.json {
        print::line(&result_line(input, &arguments.output, &signed, speech));
    }
    let signed = signed?;
    if !arguments.json {
        signed.warn(input, speech);
        let params = [
            ("output", arguments.output.display().to_string()),
            ("field", signed.field),
            (
                "signer",
                plan.key
                    .certificate()
                    .common_name()
                    .unwrap_or_default()
                    .to_owned(),
            ),
        ];
        print::line(&speech.text("cli-signed", &params));
    }
    Ok(Exit::Done)
}

/// A file that was signed.
#[derive(Debug)]
pub(super) struct Signed {
    pub(super) field: String,
    pub(super) sha256: String,
    pub(super) size_bytes: u64,
    pub(super) claimed_time: String,
    /// Whether an earlier run had made it.
    pub(super) kept: bool,
    pub(super) level: &'static str,
    /// What was noticed about the file before it was signed.
    pub(super) noticed: pades::LintReport,
}

impl Signed {
    /// Tells people what was noticed.
    pub(super) fn warn(&self, input: &Path, speech: &Speech) {
        for said in self.noticed.sentences(speech.language) {
            print::complain(&format!("{}: {said}", input.display()));
        }
    }
}

/// Signs one file and publishes it.
pub(super) fn sign_file(
    plan: &Plan,
    input: &Path,
    output: &Path,
    (force, resume): (bool, bool),
) -> Result<Signed, Fault> {
    let source = FileSource::open(input).map_err(|fault| Fault::reading(input, &fault))?;
    if same_file(input, output) {
        return Err(Fault::new(Exit::Usage, "OUTPUT_IS_INPUT").at(output));
    }
    if resume && let Some(kept) = resume::already(plan, &source, output) {
        return Ok(kept);
    }
    if !force && output.exists() {
        return Err(Fault::new(Exit::Conflict, "OUTPUT_EXISTS").at(output));
    }
    let noticed = lint::before_signing((input, &source), plan.strict)?;
    let request = plan
        .wish
        .request(&source)
        .map_err(|fault| Fault::signing(input, &fault))?;
    if let Some(means) = &plan.means {
        let (field, report) =
            sign_with_level((plan, means), (input, &source), &request, (output, force))?;
        let sha256 = report.sha256.map(|sha256| sha256.to_string());
        return Ok(Signed {
            field,
            sha256: sha256.unwrap_or_default(),
            size_bytes: report.size_bytes,
            claimed_time: rfc3339(plan.at),
            kept: false,
            level: plan.level.name(),
            noticed,
        });
    }
    let digest = request.algorithm.digest();
    let staged = Staged::new(&source, output, digest);
    let staged = staged.map_err(|fault| Fault::writing(output, &fault))?;
    let tail = pades::sign_hashed(&source, &staged.head, &request, &|algorithm, tbs| {
        plan.key.sign(algorithm, tbs).map_err(KeyOrPdf::Key)
    });
    let tail = tail.map_err(|fault| fault.told(input))?;
    let published = staged.publish(input, &tail, (output, force))?;
    Ok(Signed {
        field: tail.field,
        sha256: published.sha256,
        size_bytes: published.size_bytes,
        claimed_time: rfc3339(plan.at),
        kept: false,
        level: plan.level.name(),
        noticed,
    })
}

/// Signs with a time stamp, appends what the level asks for, and publishes all of it at once.
fn sign_with_level(
    (plan, means): (&Plan, &Means),
    (input, source): (&Path, &FileSource),
    request: &SignRequest,
    place: (&Path, bool),
) -> Result<(String, Report), Fault> {
    let key = |algorithm: &SignatureAlgorithm, tbs: &[u8]| {
        plan.key.sign(algorithm, tbs).map_err(KeyOrPdf::Key)
    };
    let stamp = |digest: DigestAlgorithm, imprint: &[u8]| {
        let token = means.stamp(digest, imprint);
        token.map_err(KeyOrPdf::Stamp)
    };
    let tail = pades::sign_timestamped(source, request, &key, &stamp);
    let tail = tail.map_err(|fault| fault.about_token().told(input))?;
    let signed = Extended {
        head: source,
        tail: &tail.bytes,
    };
    pades::check_own(&signed, &tail).map_err(|fault| Fault::signing(input, &fault))?;
    let scope = Scope::Field(&tail.field);
    let grown = means.with(|means| levels::augment(&signed, plan.level, scope, means));
    let grown = grown.map_err(|fault| fault.at(input))?;
    let bytes = [tail.bytes.as_slice(), &grown.bytes].concat();
    let report = publish_revisions((input, source), &bytes, place, means)?;
    Ok((tail.field, report))
}

enum KeyOrPdf {
    Key(crate::keystore::Error),
    Pdf(pades::Error),
    Stamp(Fault),
}

impl KeyOrPdf {
    /// Where a token is embedded too, it alone can be larger than foreseen; that is told as
    /// `augment` and `timestamp` tell it.
    fn about_token(self) -> Self {
        match self {
            Self::Pdf(pades::Error::HoleTooSmall { needed, reserved }) => {
                Self::Stamp(levels::Error::RoomTooSmall { needed, reserved }.into())
            }
            other => other,
        }
    }

    fn told(self, input: &Path) -> Fault {
        match self {
            Self::Key(fault) => Fault::key(input, &fault),
            Self::Pdf(fault) => Fault::signing(input, &fault),
            Self::Stamp(fault) => fault.at(input),
        }
    }
}

impl From<pades::Error> for KeyOrPdf {
    fn from(fault: pades::Error) -> Self {
        Self::Pdf(fault)
    }
}

/// Wire shape.
#[derive(Serialize)]
struct ResultLine<'a> {
    schema: &'static str,
    input: String,
    output: Option<String>,
    result: &'static str,
    exit_code: u8,
    code: Option<&'static str>,
    message: Option<String>,
    level: Option<&'static str>,
    field: Option<&'a str>,
    claimed_time: Option<&'a str>,
    sha256: Option<&'a str>,
    size_bytes: Option<u64>,
    warnings: Vec<&'static str>,
}

/// One file's result as JSON, schema `lienthong.sign/1`.
pub(super) fn result_line(
    input: &Path,
    output: &Path,
    result: &Result<Signed, Fault>,
    speech: &Speech,
) -> String {
    let (signed, fault) = (result.as_ref().ok(), result.as_ref().err());
    let line = ResultLine {
        schema: "lienthong.sign/1",
        input: input.display().to_string(),
        output: signed.map(|_| output.display().to_string()),
        result: match signed {
            Some(signed) if signed.kept => "kept",
            Some(_) => "signed",
            None => "failed",
        },
        exit_code: fault.map_or(0, |fault| fault.exit.code()),
        code: fault.map(|fault| fault.code),
        message: fault.map(|fault| fault.said(speech)),
        level: signed.map(|signed| signed.level),
        field: signed.map(|signed| signed.field.as_str()),
        claimed_time: signed.map(|signed| signed.claimed_time.as_str()),
        sha256: signed.map(|signed| signed.sha256.as_str()),
        size_bytes: signed.map(|signed| signed.size_bytes),
        warnings: signed.map_or_else(Vec::new, |signed| {
            signed
                .noticed
                .findings
                .iter()
                .map(|one| one.check)
                .collect()
        }),
    };
    serde_json::to_string(&line).unwrap_or_default()
}
