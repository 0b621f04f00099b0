//! `lienthong bench`: how fast this machine signs and checks, beside the raw limit of the same run.

mod measure;

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::Serialize;

use self::measure::{Measured, raw_rate, run_for};
use super::exit::Exit;
use super::fault::Fault;
use super::speech::Speech;
use super::{inputs, print};
use crate::domain::clock::{Clock as _, SystemClock, Timestamp};
use crate::domain::language::Language;
use crate::jail::{Jail, Languages, Outside, Question};
use crate::keystore::{Signer, SoftKey, Throwaway};
use crate::pades::{self, Act, FileVerdict, Policy, SignRequest};
use crate::pki::algorithm::{DigestAlgorithm, SignatureAlgorithm};
use crate::pki::trust::TrustEvidence;
use crate::pki::verdict::Indication;

/// Arguments of `bench`.
#[derive(Debug, Args)]
pub(super) struct BenchArguments {
    /// What to measure.
    what: What,
    /// Document (default: one page of 100 kB made for the run).
    #[arg(long, value_name = "FILE")]
    pdf: Option<PathBuf>,
    /// Key (default: a throw-away RSA-2048 key under two CAs).
    #[arg(long, value_name = "FILE", requires = "password_file")]
    p12: Option<PathBuf>,
    /// File whose first line is the password of the key.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Check as `verify` does: every time in a process of its own that locks itself in.
    #[arg(long)]
    jail: bool,
    /// How long to measure.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=3600))]
    seconds: u16,
    /// How many at the same time.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: u16,
    /// One line of JSON (schema lienthong.bench/1).
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Prepare, sign, embed and check a document in memory.
    Sign,
    /// Check a signed document in memory.
    Verify,
}

/// What is measured with.
struct Stage {
    key: SoftKey,
    algorithm: SignatureAlgorithm,
    evidence: TrustEvidence,
    document: Vec<u8>,
    at: Timestamp,
    /// Whether a check must come out as `TOTAL-PASSED`: not with a key nobody vouches for.
    trusted: bool,
}

/// Measures and prints.
pub(super) fn run(arguments: &BenchArguments, speech: &Speech) -> Result<Exit, Fault> {
    let stage = Stage::set(arguments)?;
    let time = Duration::from_secs(u64::from(arguments.seconds));
    let jobs = usize::from(arguments.jobs);
    let warm = Duration::from_millis(700);
    let (raw, measured) = match arguments.what {
        What::Sign => {
            let raw = raw_rate(warm, &|| {
                stage.key.sign(&stage.algorithm, &[0x31; 200]).is_ok()
            });
            (raw, run_for(time, jobs, &|| stage.sign().is_some()))
        }
        What::Verify => {
            let signed = stage
                .sign()
                .ok_or(Fault::new(Exit::Unexpected, "BENCH_FAILED"))?;
            let signed = Signed::new(&stage, signed)?;
            let raw = raw_rate(warm, &|| signed.raw(&stage));
            let jailed = arguments.jail.then(|| signed.store()).transpose()?;
            let passes = || match &jailed {
                Some(file) => signed.passes_in_jail(&stage, file),
                None => signed.passes(&stage),
            };
            (raw, run_for(time, jobs, &passes))
        }
    };
    let line = Line::new(arguments, &stage, raw, &measured);
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

impl Stage {
    fn set(arguments: &BenchArguments) -> Result<Self, Fault> {
        let at = SystemClock::default().now();
        let failed = |fault: crate::keystore::Error| {
            Fault::new(Exit::Unexpected, "BENCH_FAILED").with("detail", fault)
        };
        let (key, evidence, trusted) = match (&arguments.p12, &arguments.password_file) {
            (Some(p12), Some(password)) => {
                (inputs::key(p12, password)?, TrustEvidence::default(), false)
            }
            _ => {
                let made = Throwaway::make(at).map_err(failed)?;
                (made.key, made.evidence, true)
            }
        };
        let document = match &arguments.pdf {
            Some(path) => inputs::bytes(path)?,
            None => measure::one_page(),
        };
        let algorithm = key
            .algorithm(DigestAlgorithm::Sha256, false)
            .map_err(failed)?;
        Ok(Self {
            key,
            algorithm,
            evidence,
            document,
            at,
            trusted,
        })
    }

    /// Whether a check came out as it must.
    const fn expects(&self, verdict: FileVerdict) -> bool {
        match verdict {
            FileVerdict::Judged(Indication::TotalPassed) => true,
            FileVerdict::Judged(Indication::Indeterminate) => !self.trusted,
            _ => false,
        }
    }

    fn request(&self) -> SignRequest {
        SignRequest {
            act: Act::Other,
            mark: None,
            certify: None,
            algorithm: self.algorithm,
            signer: self.key.certificate().clone(),
            chain: self.key.chain().to_vec(),
            claimed_time: self.at,
            reason: None,
            name: None,
            contents_bytes: 0,
        }
    }

    /// A signed and checked document, `None` when anything failed.
    fn sign(&self) -> Option<pades::Tail> {
        let tail = pades::sign(&self.document, &self.request(), &|algorithm, tbs| {
            self.key
                .sign(algorithm, tbs)
                .or(Err(pades::Error::ForeignSignature))
        });
        let tail = tail.ok()?;
        let whole = pades::Extended {
            head: &self.document,
            tail: &tail.bytes,
        };
        let none = TrustEvidence::default();
        pades::check_own(&whole, &tail.field, &none, self.at).ok()?;
        Some(tail)
    }
}

/// A signed document to be checked again and again.
struct Signed {
    bytes: Vec<u8>,
    signature: Vec<u8>,
}

impl Signed {
    fn new(stage: &Stage, tail: pades::Tail) -> Result<Self, Fault> {
        let mut bytes = stage.document.clone();
        bytes.extend_from_slice(&tail.bytes);
        let signature = stage.key.sign(&stage.algorithm, &[0x31; 200]);
        let failed = Fault::new(Exit::Unexpected, "BENCH_FAILED");
        Ok(Self {
            bytes,
            signature: signature.or(Err(failed))?,
        })
    }

    /// One digest of the bytes and one raw check of a signature.
    fn raw(&self, stage: &Stage) -> bool {
        let digest = stage.algorithm.digest().of(&self.bytes);
        let certificate = stage.key.certificate();
        let holds = certificate.verify_signature(&stage.algorithm, &[0x31; 200], &self.signature);
        !digest.is_empty() && holds.unwrap_or(false)
    }

    fn passes(&self, stage: &Stage) -> bool {
        let policy = Policy::standard();
        let report = pades::verify(
            &self.bytes,
            "bench",
            &stage.evidence,
            &policy,
            None,
            stage.at,
        );
        stage.expects(report.verdict)
    }

    /// The same bytes as a file, which is what a jail is given.
    fn store(&self) -> Result<File, Fault> {
        let failed = |fault: std::io::Error| {
            Fault::new(Exit::Unexpected, "BENCH_FAILED").with("detail", fault)
        };
        let mut file = tempfile::tempfile().map_err(failed)?;
        file.write_all(&self.bytes).map_err(failed)?;
        Ok(file)
    }

    fn passes_in_jail(&self, stage: &Stage, file: &File) -> bool {
        let language = Language::default();
        let question = Question {
            name: "bench",
            evidence: &stage.evidence,
            policy: &Policy::standard(),
            registry: None,
            at: stage.at,
            languages: Languages {
                data: language,
                words: language,
            },
        };
        let judged = Jail::required().verify(&Outside::file(file), &question);
        judged.is_ok_and(|judged| stage.expects(judged.verdict))
    }
}

/// Wire shape.
#[derive(Serialize)]
struct Line {
    schema: &'static str,
    what: &'static str,
    rate_per_second: f64,
    raw_rate_per_second: f64,
    ratio: f64,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    peak_rss_bytes: u64,
    errors: u64,
    count: u64,
    jobs: u16,
    algorithm: String,
    document_bytes: usize,
}

impl Line {
    fn new(arguments: &BenchArguments, stage: &Stage, raw: f64, measured: &Measured) -> Self {
        let round = |value: f64| (value * 1000.0).round() / 1000.0;
        let limit = raw * f64::from(arguments.jobs);
        Self {
            schema: "lienthong.bench/1",
            what: match arguments.what {
                What::Sign => "sign",
                What::Verify => "verify",
            },
            rate_per_second: round(measured.rate),
            raw_rate_per_second: round(raw),
            ratio: round(measured.rate / limit.max(1e-9)),
            p50_ms: round(measured.percentile_ms(50)),
            p95_ms: round(measured.percentile_ms(95)),
            p99_ms: round(measured.percentile_ms(99)),
            peak_rss_bytes: measure::peak_rss_bytes(),
            errors: measured.errors,
            count: measured.count(),
            jobs: arguments.jobs,
            algorithm: format!(
                "{} {} bits",
                stage.algorithm,
                stage.key.certificate().key().bits
            ),
            document_bytes: stage.document.len(),
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
