//! Signing of many files: each stands for itself, one failure stops nothing.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

use super::exit::Exit;
use super::fault::Fault;
use super::print;
use super::sign::{Signed, result_line, sign_file};
use super::sign_options::{Plan, SignArguments};
use super::speech::Speech;

/// Signs every input into the output folder; [`Exit::Partial`] if some failed, their common reason
/// if all did.
pub(super) fn run(arguments: &SignArguments, plan: &Plan, speech: &Speech) -> Result<Exit, Fault> {
    let folder = &arguments.output;
    if !folder.is_dir() {
        return Err(Fault::new(Exit::NotFound, "OUTPUT_FOLDER_MISSING")
            .with("detail", "")
            .at(folder));
    }
    let pairs = outputs(&arguments.inputs, folder)?;
    let bar = progress(pairs.len(), arguments.json);
    let next = AtomicUsize::new(0);
    let failed: Mutex<Vec<Exit>> = Mutex::new(Vec::new());
    let work = || {
        while let Some((input, output)) = pairs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let result = sign_file(plan, input, output, arguments.overwriting());
            bar.suspend(|| tell((input, output), &result, arguments.json, speech));
            bar.inc(1);
            if let (Err(fault), Ok(mut failed)) = (result, failed.lock()) {
                failed.push(fault.exit);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..usize::from(arguments.jobs).min(pairs.len()) {
            scope.spawn(work);
        }
        work();
    });
    bar.finish_and_clear();
    let failed = failed.into_inner().unwrap_or_default();
    if !arguments.json {
        let done = pairs.len().saturating_sub(failed.len());
        let params = [
            ("done", done.to_string()),
            ("failed", failed.len().to_string()),
        ];
        print::line(&speech.text("cli-batch-done", &params));
    }
    Ok(conclude(&failed, pairs.len()))
}

fn conclude(failed: &[Exit], total: usize) -> Exit {
    let reasons: HashSet<_> = failed.iter().collect();
    match failed.first() {
        None => Exit::Done,
        Some(reason) if failed.len() == total && reasons.len() == 1 => *reason,
        Some(_) => Exit::Partial,
    }
}

/// Each input with its output; two inputs of one name are refused before anything is signed.
fn outputs(inputs: &[PathBuf], folder: &Path) -> Result<Vec<(PathBuf, PathBuf)>, Fault> {
    let mut seen = HashSet::new();
    let mut pairs = Vec::new();
    for input in inputs {
        let name = input
            .file_name()
            .ok_or_else(|| Fault::new(Exit::Usage, "NO_INPUT").at(input))?;
        if !seen.insert(name) {
            return Err(Fault::new(Exit::Usage, "SAME_NAME_TWICE").at(input));
        }
        pairs.push((input.clone(), folder.join(name)));
    }
    Ok(pairs)
}

fn progress(total: usize, json: bool) -> ProgressBar {
    if json || !print::is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(u64::try_from(total).unwrap_or(u64::MAX));
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len}  {per_sec}  {eta}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

fn tell(
    (input, output): (&Path, &Path),
    result: &Result<Signed, Fault>,
    json: bool,
    speech: &Speech,
) {
    match result {
        _ if json => print::line(&result_line(input, output, result, speech)),
        Ok(signed) => {
            signed.warn(input, speech);
            let params = [
                ("output", output.display().to_string()),
                ("field", signed.field.clone()),
            ];
            print::line(&speech.text("cli-signed-one", &params));
        }
        Err(fault) => print::complain(&fault.said(speech)),
    }
}
