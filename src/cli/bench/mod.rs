//! `lienthong bench`: how fast this machine signs and checks, beside the raw limit of the same run.

mod exchange;
mod measure;
mod queue;
mod stage;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use self::measure::{Measured, raw_rate, run_for};
use self::stage::{Signed, Stage};
use super::exit::Exit;
use super::fault::Fault;
use super::print;
use super::speech::Speech;
use crate::keystore::ThrowawayKey;

/// Arguments of `bench`.
#[derive(Debug, Args)]
pub(super) struct BenchArguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Prepare, sign, embed and check a document in memory.
    Sign(EngineArguments),
    /// Check a signed document in memory.
    Verify(EngineArguments),
    /// Send documents through four hubs on this machine at a fixed rate.
    Exchange(exchange::ExchangeArguments),
    /// Find and take due work in a full outbox.
    Queue(queue::QueueArguments),
}

/// Arguments of `bench sign` and `bench verify`.
#[derive(Debug, Args)]
struct EngineArguments {
    /// Document (default: one page of 100 kB made for the run).
    #[arg(long, value_name = "FILE")]
    pdf: Option<PathBuf>,
    /// Make a document of so many megabytes instead, in a file that is gone afterwards.
    #[arg(long, value_name = "MB", conflicts_with = "pdf", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    size: Option<u32>,
    /// Kind of the throw-away key.
    #[arg(long, value_name = "KIND", default_value = "rsa2048")]
    key: Kind,
    /// How many signatures the checked document carries.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=200))]
    signatures: u16,
    /// Key (default: a throw-away key under two CAs).
    #[arg(long, value_name = "FILE", requires = "password_file")]
    p12: Option<PathBuf>,
    /// File whose first line is the password of the key.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Check as `verify` does many files: each in a process of its own that locks itself in, the next
    /// one started while one works.
    #[arg(long)]
    jail: bool,
    /// How long to measure.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=3600))]
    seconds: u16,
    /// How many at the same time.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: u16,
    /// Wait so many milliseconds after each, as for documents that come one by one.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pause: u16,
    /// One line of JSON (schema lienthong.bench/1).
    #[arg(long)]
    json: bool,
}

/// What is done with the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Sign,
    Verify,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Rsa2048,
    Rsa3072,
    Rsa4096,
    P256,
    P384,
    P521,
    Ed25519,
}

impl From<Kind> for ThrowawayKey {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Rsa2048 => Self::Rsa(2048),
            Kind::Rsa3072 => Self::Rsa(3072),
            Kind::Rsa4096 => Self::Rsa(4096),
            Kind::P256 => Self::P256,
            Kind::P384 => Self::P384,
            Kind::P521 => Self::P521,
            Kind::Ed25519 => Self::Ed25519,
        }
    }
}

/// Measures and prints.
pub(super) fn run(arguments: &BenchArguments, speech: &Speech) -> Result<Exit, Fault> {
    match &arguments.what {
        What::Sign(arguments) => engine(Act::Sign, arguments, speech),
        What::Verify(arguments) => engine(Act::Verify, arguments, speech),
        What::Exchange(arguments) => exchange::run(arguments, speech),
        What::Queue(arguments) => queue::run(arguments, speech),
    }
}

fn engine(act: Act, arguments: &EngineArguments, speech: &Speech) -> Result<Exit, Fault> {
    let stage = Stage::set(arguments)?;
    let time = Duration::from_secs(u64::from(arguments.seconds));
    let pause = Duration::from_millis(u64::from(arguments.pause));
    let jobs = (usize::from(arguments.jobs), pause);
    let warm = Duration::from_millis(700);
    let hash = raw_rate(warm, &|| stage.hash());
    let (raw, measured) = match act {
        Act::Sign => {
            let raw = raw_rate(warm, &|| stage.raw_sign());
            (raw, run_for(time, jobs, &|| stage.sign().is_some()))
        }
        Act::Verify => {
            let signed = Signed::new(&stage, arguments.signatures)?;
            let raw = raw_rate(warm, &|| signed.raw(&stage));
            let jailed = arguments.jail.then(|| signed.jailed()).transpose()?;
            let passes = || match &jailed {
                Some(jailed) => jailed.passes(&stage),
                None => signed.passes(&stage),
            };
            (raw, run_for(time, jobs, &passes))
        }
    };
    let line = Line::new((act, arguments), &stage, (raw, hash), &measured);
    match (arguments.json, serde_json::to_string(&line)) {
        (true, Ok(text)) => print::line(&text),
        _ => print::line(&line.said(speech)),
    }
    Ok(if measured.errors == 0 {
        Exit::Done
    } else {
        Exit::Unexpected
    })
}

/// Wire shape.
#[derive(Serialize)]
struct Line {
    schema: &'static str,
    what: &'static str,
    rate_per_second: f64,
    raw_rate_per_second: f64,
    ratio: f64,
    /// How often one core digests the document in a second.
    hash_rate_per_second: f64,
    /// How often one core could digest and sign, and do nothing else.
    limit_rate_per_second: f64,
    limit_ratio: f64,
    /// The first one, when nothing was ready yet.
    first_ms: f64,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    peak_rss_bytes: u64,
    errors: u64,
    count: u64,
    jobs: u16,
    pause_ms: u16,
    algorithm: String,
    signatures: u16,
    document_bytes: u64,
}

impl Line {
    fn new(
        (act, arguments): (Act, &EngineArguments),
        stage: &Stage,
        (raw, hash): (f64, f64),
        measured: &Measured,
    ) -> Self {
        let round = |value: f64| (value * 1000.0).round() / 1000.0;
        let jobs = f64::from(arguments.jobs);
        let limit = raw * jobs;
        // Checking needs the digest too, and its raw rate holds it already.
        let both = match act {
            Act::Sign => jobs / (1.0 / raw.max(1e-9) + 1.0 / hash.max(1e-9)),
            Act::Verify => limit,
        };
        Self {
            schema: "lienthong.bench/1",
            what: match act {
                Act::Sign => "sign",
                Act::Verify => "verify",
            },
            rate_per_second: round(measured.rate),
            raw_rate_per_second: round(raw),
            ratio: round(measured.rate / limit.max(1e-9)),
            hash_rate_per_second: round(hash),
            limit_rate_per_second: round(both),
            limit_ratio: round(measured.rate / both.max(1e-9)),
            first_ms: round(measured.first_ms()),
            p50_ms: round(measured.percentile_ms(50)),
            p95_ms: round(measured.percentile_ms(95)),
            p99_ms: round(measured.percentile_ms(99)),
            peak_rss_bytes: measure::peak_rss_bytes(),
            errors: measured.errors,
            count: measured.count(),
            jobs: arguments.jobs,
            pause_ms: arguments.pause,
            algorithm: stage.algorithm_name(),
            signatures: arguments.signatures,
            document_bytes: stage.document_bytes(),
        }
    }

    fn said(&self, speech: &Speech) -> String {
        let params = [
            ("what", self.what.to_owned()),
            ("rate", format!("{:.0}", self.rate_per_second)),
            ("raw", format!("{:.0}", self.raw_rate_per_second)),
            ("ratio", format!("{:.2}", self.ratio)),
            ("p50", format!("{:.3}", self.p50_ms)),
            ("p99", format!("{:.3}", self.p99_ms)),
            ("errors", self.errors.to_string()),
        ];
        speech.text("cli-bench-line", &params)
    }
}
