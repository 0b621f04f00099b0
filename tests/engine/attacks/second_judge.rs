//! Every case of the list before pyHanko too, twice: as it judges when nothing is asked of it, and
//! with the revocation data we have, demanded. What passes here passes there, but for the cases of
//! [`exceptions`](super::exceptions); what passes there and not here is a kind of difference that
//! stands on the page about signatures. One process judges all files.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use super::super::attack::judge::{Case, evidence, passes};
use super::super::support::path;
use super::exceptions::{EXCEPTIONS, Mode};

#[derive(Debug, Clone, serde::Deserialize)]
struct Opinion {
    passed: bool,
    why: String,
}

#[derive(Debug, serde::Deserialize)]
struct Opinions {
    plain: Opinion,
    strict: Opinion,
}

/// A case judged by both.
struct Judged {
    /// Its row's test and what was done.
    name: String,
    reason: &'static str,
    own: bool,
    theirs: Opinions,
}

/// The files of a case in `folder`, as a line for the judge.
fn question(folder: &std::path::Path, number: usize, case: &Case) -> String {
    let write = |name: String, bytes: &[u8]| {
        let place = folder.join(format!("{number}.{name}"));
        std::fs::write(&place, bytes).unwrap();
        place.display().to_string()
    };
    let evidence = case.evidence.as_ref().unwrap_or_else(|| evidence());
    let numbered = |kind: &'static str, list: Vec<&[u8]>| -> Vec<String> {
        let each = list.into_iter().enumerate();
        each.map(|(at, der)| write(format!("{at}.{kind}"), der))
            .collect()
    };
    let question = serde_json::json!({
        "file": write("pdf".to_owned(), &case.file),
        "root": write("crt".to_owned(), evidence.anchors[0].der()),
        "crls": numbered("crl", evidence.crls.iter().map(|one| one.der()).collect()),
        "ocsps": numbered("ors", evidence.ocsp.iter().map(|one| one.der()).collect()),
    });
    format!("{question}\n")
}

/// What pyHanko says to each line.
fn asked(lines: String) -> Vec<Opinions> {
    let mut judge = Command::new("python3");
    let judge = judge.arg(path("tests/engine/attacks/pyhanko_attacks.py"));
    let judge = judge.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut judge = judge.spawn().expect("the judge python3 is missing");
    let mut input = judge.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = judge.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    said.lines()
        .map(|one| serde_json::from_str(one).unwrap())
        .collect()
}

fn judged() -> Vec<Judged> {
    let folder = tempfile::tempdir().unwrap();
    // Files of megabytes and of thousands of revisions are about limits, not about opinions.
    let rows = super::all().into_iter();
    let rows = rows.filter(|(row, _)| !row.starts_with("bom_"));
    let cases: Vec<(String, Case)> = rows
        .flat_map(|(row, cases)| {
            let named = move |case: Case| (format!("{row}: {}", case.what), case);
            cases.into_iter().map(named)
        })
        .collect();
    let lines = cases.iter().enumerate();
    let lines = lines.map(|(number, (_, case))| question(folder.path(), number, case));
    let opinions = asked(lines.collect());
    assert_eq!(opinions.len(), cases.len());
    let both = cases.into_iter().zip(opinions);
    both.map(|((name, case), theirs)| Judged {
        own: passes(&case.judged()),
        reason: case.reason,
        name,
        theirs,
    })
    .collect()
}

/// The rows of the page's table of stricter verdicts, each as the codes it names.
fn table() -> Vec<BTreeSet<String>> {
    let page = std::fs::read_to_string(path("docs/SIGNATURES.md")).unwrap();
    let (_, part) = page.split_once("stricter than pyHanko's").unwrap();
    let (part, _) = part.split_once("\n## ").unwrap();
    let rows = part.lines().filter(|line| line.starts_with("| "));
    let code = |word: &&str| {
        let letters = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        word.len() > 3 && word.chars().all(letters)
    };
    rows.skip(1)
        .filter(|line| !line.starts_with("| ---"))
        .map(|line| {
            let here = line.split('|').nth(3).unwrap();
            here.split('`').filter(code).map(str::to_owned).collect()
        })
        .collect()
}

fn more_permissive(cases: &[Judged]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut unused: Vec<_> = EXCEPTIONS.iter().collect();
    for case in cases.iter().filter(|case| case.own) {
        let modes = [
            (Mode::Plain, &case.theirs.plain),
            (Mode::Strict, &case.theirs.strict),
        ];
        for (mode, theirs) in modes.into_iter().filter(|(_, one)| !one.passed) {
            let excused = EXCEPTIONS.iter().find(|one| {
                one.case == case.name && one.mode.covers(mode) && theirs.why.contains(one.says)
            });
            match excused {
                Some(one) => unused.retain(|other| other.case != one.case),
                None => faults.push(format!("{mode:?} {:?}: {}", case.name, theirs.why)),
            }
        }
    }
    let unused = unused.iter();
    faults.extend(unused.map(|one| format!("unused: {} ({})", one.case, one.because)));
    let reasons: BTreeSet<&str> = EXCEPTIONS.iter().map(|one| one.because).collect();
    assert_eq!(reasons.len(), EXCEPTIONS.len(), "each case by itself");
    faults
}

fn stricter(cases: &[Judged]) -> Vec<String> {
    let table = table();
    let met: BTreeSet<&str> = cases
        .iter()
        .filter(|case| !case.own && case.theirs.plain.passed)
        .map(|case| case.reason)
        .collect();
    let shown = cases
        .iter()
        .filter(|case| !case.own && case.theirs.plain.passed);
    shown.for_each(|case| println!("stricter: {} {}", case.reason, case.name));
    let listed: BTreeSet<&str> = table.iter().flatten().map(String::as_str).collect();
    let new = met.difference(&listed);
    let new = new.map(|code| format!("not in the table: {code}"));
    let gone = listed.difference(&met);
    let gone = gone.map(|code| format!("in the table, not met: {code}"));
    let empty = table.iter().filter(|row| row.is_empty());
    let empty = empty.map(|_| "a row without a code".to_owned());
    new.chain(gone).chain(empty).collect()
}

#[test]
fn no_verdict_is_more_permissive_than_that_of_pyhanko_and_stricter_ones_are_explained() {
    let cases = judged();
    let faults = [more_permissive(&cases), stricter(&cases)].concat();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
