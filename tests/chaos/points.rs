//! The named lines of the source at which a hub can be made to crash, found in the source itself.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Points that a run of some minutes does not pass, and the test that crashes there.
const ELSEWHERE: [(&str, &str); 1] = [("clock-before-record", "tests/exchange/clocks.rs")];

/// Every crash point a run passes; points named `bug-…` are not lines but faults.
#[cfg(feature = "failpoints")]
pub(crate) fn all() -> BTreeSet<String> {
    let is_elsewhere = |name: &str| ELSEWHERE.iter().any(|(point, _)| *point == name);
    let names = named().into_iter();
    names
        .filter(|name| !is_bug(name) && !is_elsewhere(name))
        .collect()
}

fn is_bug(name: &str) -> bool {
    name.starts_with("bug-")
}

fn named() -> Vec<String> {
    let mut names = Vec::new();
    for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let text = std::fs::read_to_string(&file).unwrap();
        let found = text.split("fail_point!(\"").skip(1);
        names.extend(found.map(|rest| rest.split('"').next().unwrap_or_default().to_owned()));
    }
    names
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_point_left_out_has_a_test_of_its_own() {
    for (point, file) in ELSEWHERE {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file));
        assert!(text.unwrap().contains(&format!("\"{point}\"")), "{point}");
    }
}

#[test]
fn every_crash_point_has_one_place_and_a_meaning_in_the_papers() {
    let mut seen = BTreeSet::new();
    for name in named().into_iter().filter(|name| !is_bug(name)) {
        assert!(seen.insert(name.clone()), "{name} names two lines");
    }
    assert!(seen.len() >= 40, "only {} crash points", seen.len());
    let paper = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/DELIVERY.md");
    let text = std::fs::read_to_string(paper).unwrap();
    let told: BTreeSet<String> = text
        .split('`')
        .filter(|word| seen.contains(*word))
        .map(str::to_owned)
        .collect();
    let untold: Vec<&String> = seen.difference(&told).collect();
    assert!(
        untold.is_empty(),
        "docs/DELIVERY.md does not tell of {untold:?}"
    );
}

#[cfg(not(feature = "failpoints"))]
#[test]
fn what_is_left_out_without_crash_points_is_said() {
    crate::run::say("the systematic run and the negative controls need: --features failpoints");
}
