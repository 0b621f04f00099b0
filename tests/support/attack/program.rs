//! The real program as judge of a case, its processor time and its memory counted by the system.
//! It reads without the jail, whose own limits (time on the wall among them) would end what a slow
//! machine only does slowly.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::judge::{Case, evidence, now};

/// The most processor time of a judgement, in seconds, and the most resident memory, in KiB.
pub(crate) const SECONDS: f64 = 2.0;
pub(crate) const KIBIBYTES: u64 = 512 * 1024;

/// How much slower a program may be that was compiled without optimization.
const UNOPTIMIZED: f64 = 4.0;

/// The bound on processor time for the program under test.
pub(crate) fn seconds() -> f64 {
    if cfg!(debug_assertions) {
        SECONDS * UNOPTIMIZED
    } else {
        SECONDS
    }
}

/// What a run of the program gave and took.
#[derive(Debug)]
pub(crate) struct Run {
    /// Verdict and sub-indication, or nothing.
    pub(crate) verdict: String,
    /// Every code in the report.
    pub(crate) codes: BTreeSet<String>,
    /// Processor time of user and system.
    pub(crate) seconds: f64,
    /// Peak of resident memory.
    pub(crate) kibibytes: u64,
    /// Standard error.
    pub(crate) errors: String,
}

/// Runs the program with `arguments`, measured.
pub(crate) fn measured(arguments: &[&str]) -> Run {
    let mut command = Command::new("/usr/bin/env");
    command.args(["time", "-f", "%U %S %M"]);
    command.arg(env!("CARGO_BIN_EXE_lienthong")).args(arguments);
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let last = errors.lines().last().unwrap_or_default();
    let mut numbers = last.split(' ').map(|one| one.parse::<f64>());
    let mut number = || match numbers.next() {
        Some(Ok(number)) => number,
        _ => panic!("the program time is missing: {errors}"),
    };
    let (user, system, peak) = (number(), number(), number());
    let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let mut codes = BTreeSet::new();
    collect(&report, &mut codes);
    let said = |key: &str| report[key].as_str().unwrap_or_default().to_owned();
    let verdict = match said("sub_indication") {
        sub if sub.is_empty() => said("verdict"),
        sub => format!("{}/{sub}", said("verdict")),
    };
    Run {
        verdict,
        codes,
        seconds: user + system,
        kibibytes: format!("{peak:.0}").parse().unwrap(),
        errors,
    }
}

fn collect(value: &serde_json::Value, codes: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::String(text) => drop(codes.insert(text.clone())),
        serde_json::Value::Array(list) => list.iter().for_each(|one| collect(one, codes)),
        serde_json::Value::Object(map) => map.values().for_each(|one| collect(one, codes)),
        _ => {}
    }
}

/// `lienthong verify` of the case, with its evidence and at its instant.
pub(crate) fn verified(case: &Case) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let write = |below: &Path, name: String, bytes: &[u8]| {
        std::fs::write(below.join(name), bytes).unwrap();
    };
    let at = |name: &str| folder.path().join(name);
    let (trust, lists, file) = (at("trust"), at("lists"), at("case.pdf"));
    std::fs::create_dir(&trust).unwrap();
    std::fs::create_dir(&lists).unwrap();
    let evidence = case.evidence.as_ref().unwrap_or_else(|| evidence());
    for (number, one) in evidence.anchors.iter().enumerate() {
        write(&trust, format!("{number}.crt"), one.der());
    }
    for (number, one) in evidence.crls.iter().enumerate() {
        write(&lists, format!("{number}.crl"), one.der());
    }
    std::fs::write(&file, &case.file).unwrap();
    let moment = now().to_string();
    let text = |path: &'_ Path| path.to_str().unwrap().to_owned();
    measured(&[
        "verify",
        &text(&file),
        "--trust",
        &text(&trust),
        "--revocation",
        &text(&lists),
        "--at",
        &moment,
        "--no-jail",
        "--json",
    ])
}

impl Case {
    /// What is wrong with the judgement of the real program, or with what it took.
    pub(crate) fn fault_of_program(&self) -> Option<String> {
        let run = verified(self);
        let right = run.verdict == self.verdict && run.codes.contains(self.reason);
        let bounded = run.seconds <= seconds() && run.kibibytes <= KIBIBYTES;
        println!(
            "{:<40} {:>5.2} s {:>4} MiB {}",
            self.what,
            run.seconds,
            run.kibibytes >> 10,
            run.verdict
        );
        if right && bounded {
            return None;
        }
        let codes = run.codes.iter().filter(|one| one.contains('_'));
        let codes: Vec<_> = codes.take(12).collect();
        Some(format!(
            "{}: expected {} for {} within {} s and {KIBIBYTES} KiB, found {} in {:.2} s and {} KiB; {codes:?} {}",
            self.what,
            self.verdict,
            self.reason,
            seconds(),
            run.verdict,
            run.seconds,
            run.kibibytes,
            run.errors.lines().next().unwrap_or_default(),
        ))
    }
}
