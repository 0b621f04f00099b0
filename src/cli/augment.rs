//! `lienthong augment` and `lienthong timestamp`: proofs of time and validation data for files
//! already signed, without any private key.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::exit::Exit;
use super::fault::Fault;
use super::file_source::FileSource;
use super::level_means::{MaterialArguments, Means};
use super::print;
use super::publish::same_file;
use super::publish_revisions::publish_revisions;
use super::speech::Speech;
use crate::pades::levels::{self, Augmented, Level, Scope, Step};

/// Arguments of `augment`.
#[derive(Debug, Args)]
pub(super) struct AugmentArguments {
    /// The signed PDF file.
    #[arg(value_name = "FILE")]
    input: PathBuf,
    /// The file with the higher level.
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// The level to reach: B-T, B-LT or B-LTA. At B-LTA already, the file is renewed.
    #[arg(long, value_name = "LEVEL")]
    to: Level,
    /// Time stamping authority.
    #[arg(long, value_name = "URL")]
    tsa: Option<String>,
    #[command(flatten)]
    material: MaterialArguments,
    /// Replace the output if it exists already (never the input).
    #[arg(long)]
    force: bool,
    /// One line of JSON (schema lienthong.augment/1).
    #[arg(long)]
    json: bool,
}

/// Arguments of `timestamp`.
#[derive(Debug, Args)]
pub(super) struct TimestampArguments {
    /// The PDF file, signed or not.
    #[arg(value_name = "FILE")]
    input: PathBuf,
    /// The file with the time stamp.
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// Time stamping authority.
    #[arg(long, value_name = "URL")]
    tsa: String,
    #[command(flatten)]
    material: MaterialArguments,
    /// Replace the output if it exists already (never the input).
    #[arg(long)]
    force: bool,
    /// One line of JSON (schema lienthong.augment/1).
    #[arg(long)]
    json: bool,
}

/// Where a result goes and how it is told.
struct Place<'a> {
    input: &'a Path,
    output: &'a Path,
    force: bool,
    json: bool,
}

/// Raises a file to a level.
pub(super) fn run(arguments: &AugmentArguments, speech: &Speech) -> Result<Exit, Fault> {
    let place = Place {
        input: &arguments.input,
        output: &arguments.output,
        force: arguments.force,
        json: arguments.json,
    };
    if arguments.to == Level::Basic {
        return Err(Fault::new(Exit::Usage, "LEVEL_NEEDS_KEY"));
    }
    let means = Means::new(&arguments.material, arguments.tsa.as_deref())?;
    let act = |source: &FileSource| {
        means.with(|means| levels::augment(source, arguments.to, Scope::AllSignatures, means))
    };
    place.act(&means, &act, (Some(arguments.to), speech))
}

/// Adds a document time stamp.
pub(super) fn timestamp(arguments: &TimestampArguments, speech: &Speech) -> Result<Exit, Fault> {
    let place = Place {
        input: &arguments.input,
        output: &arguments.output,
        force: arguments.force,
        json: arguments.json,
    };
    let means = Means::new(&arguments.material, Some(&arguments.tsa))?;
    let act = |source: &FileSource| means.with(|means| levels::timestamp(source, means.stamp));
    place.act(&means, &act, (None, speech))
}

type Act<'a> = dyn Fn(&FileSource) -> Result<Augmented, Fault> + 'a;

impl Place<'_> {
    fn act(
        &self,
        means: &Means,
        act: &Act<'_>,
        (level, speech): (Option<Level>, &Speech),
    ) -> Result<Exit, Fault> {
        let done = self.work(means, act);
        if self.json {
            print::line(&self.json_line(&done, (level, speech)));
        }
        let (steps, _) = done?;
        if !self.json {
            let steps: Vec<_> = steps.iter().map(|step| step.name()).collect();
            let params = [
                ("output", self.output.display().to_string()),
                ("level", level.map_or("", Level::name).to_owned()),
                ("steps", steps.join(", ")),
            ];
            let key = match (steps.is_empty(), level) {
                (true, _) => "cli-augment-nothing",
                (false, Some(_)) => "cli-augmented",
                (false, None) => "cli-timestamped",
            };
            print::line(&speech.text(key, &params));
        }
        Ok(Exit::Done)
    }

    fn work(&self, means: &Means, act: &Act<'_>) -> Result<(Vec<Step>, String), Fault> {
        let (input, output) = (self.input, self.output);
        let source = FileSource::open(input).map_err(|fault| Fault::reading(input, &fault))?;
        if same_file(input, output) {
            return Err(Fault::new(Exit::Usage, "OUTPUT_IS_INPUT").at(output));
        }
        if !self.force && output.exists() {
            return Err(Fault::new(Exit::Conflict, "OUTPUT_EXISTS").at(output));
        }
        let augmented = act(&source).map_err(|fault| fault.at(input))?;
        let place = (output, self.force);
        let report = publish_revisions((input, &source), &augmented.bytes, place, means)?;
        let sha256 = report.sha256.map(|sha256| sha256.to_string());
        Ok((augmented.steps, sha256.unwrap_or_default()))
    }

    fn json_line(
        &self,
        done: &Result<(Vec<Step>, String), Fault>,
        (level, speech): (Option<Level>, &Speech),
    ) -> String {
        let fault = done.as_ref().err();
        let result = done.as_ref().ok();
        let line = ResultLine {
            schema: "lienthong.augment/1",
            input: self.input.display().to_string(),
            output: result.map(|_| self.output.display().to_string()),
            result: if fault.is_none() { "done" } else { "failed" },
            exit_code: fault.map_or(0, |fault| fault.exit.code()),
            code: fault.map(|fault| fault.code),
            message: fault.map(|fault| fault.said(speech)),
            level: result.and(level).map(Level::name),
            steps: result.map_or_else(Vec::new, |(steps, _)| {
                steps.iter().map(|step| step.name()).collect()
            }),
            sha256: result.map(|(_, sha256)| sha256.as_str()),
        };
        serde_json::to_string(&line).unwrap_or_default()
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
    steps: Vec<&'static str>,
    sha256: Option<&'a str>,
}
