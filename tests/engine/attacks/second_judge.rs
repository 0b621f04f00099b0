//! Every case of the list before pyHanko too: what we pass it passes, and where we are stricter is
//! shown. One process judges all files.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use super::super::attack::identity::world;
use super::super::attack::judge::passes;
use super::super::support::path;

/// Cases that pass here and not there, each with the reason.
const NOT_SUPPORTED_THERE: &[(&str, &str)] = &[
    (
        "eaa_01_",
        "annotations under DocMDP 3 are not implemented there",
    ),
    (
        "mdp_01_a_change_beyond_the_permission: an annotation, P 3",
        "as above",
    ),
    (
        "isa_08_a_hybrid_section_hides_an_object: a hybrid that",
        "hybrids are refused unless asked for",
    ),
    (
        "swa_04_the_string_hides_bytes: spaces",
        "white space in the string, here a warning",
    ),
    (
        "swa_04_the_string_hides_bytes: line ends",
        "white space in the string, here a warning",
    ),
    (
        "x_03_authorities_share_a_name: the right one",
        "paths are not tried again there",
    ),
    (
        "x_03_authorities_share_a_name: a forged key",
        "the key identifier is no proof here",
    ),
    (
        "x_08_a_time_stamp_is_not_acceptable: as it",
        "judged there at the present only",
    ),
    (
        "sha_03_value_and_appearance_differ: both of a field and its widget",
        "a field is filled there only where it is its own widget",
    ),
    ("ssa_01_", CHANGES),
    (
        "mdp_01_a_change_beyond_the_permission: a signature",
        CHANGES,
    ),
    ("mdp_04_", CHANGES),
    ("dif_", CHANGES),
    ("x_07_", CHANGES),
];

/// Updates written by hand that our rules allow after a signature and its default policy does not;
/// `pyhanko` holds the rules themselves against each other.
const CHANGES: &str = "the rules about allowed changes differ";

#[derive(serde::Deserialize)]
struct Opinion {
    passed: bool,
    why: String,
}

#[test]
fn no_verdict_is_more_permissive_than_that_of_pyhanko() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let place = folder.path().join(name);
        std::fs::write(&place, bytes).unwrap();
        place.display().to_string()
    };
    let mut asked = Vec::new();
    // Files of megabytes and of thousands of revisions are about limits, not about opinions.
    let cases = super::all().into_iter();
    let cases = cases.filter(|(row, _)| !row.starts_with("bom_"));
    for (row, cases) in cases {
        for case in cases {
            let number = asked.len();
            let file = write(&format!("{number}.pdf"), &case.file);
            let root = case
                .evidence
                .as_ref()
                .and_then(|evidence| evidence.anchors.first());
            let root = root.map_or(world().root.certificate.as_slice(), |one| one.der());
            let root = write(&format!("{number}.crt"), root);
            let own = passes(&case.judged());
            asked.push((
                format!("{row}: {}", case.what),
                own,
                format!("{file}\t{root}\n"),
            ));
        }
    }
    let script = path("tests/engine/attacks/pyhanko_attacks.py");
    let mut judge = Command::new("python3");
    judge
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut judge = judge.spawn().expect("the judge python3 is missing");
    let mut input = judge.stdin.take().unwrap();
    let lines: String = asked.iter().map(|(.., line)| line.as_str()).collect();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = judge.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let opinions: Vec<Opinion> = said
        .lines()
        .map(|one| serde_json::from_str(one).unwrap())
        .collect();
    assert_eq!(opinions.len(), asked.len());
    compare(&asked, &opinions);
}

fn compare(asked: &[(String, bool, String)], opinions: &[Opinion]) {
    let (mut permissive, mut stricter) = (Vec::new(), BTreeMap::<&str, usize>::new());
    for ((name, own, _), opinion) in asked.iter().zip(opinions) {
        if *own
            && !opinion.passed
            && !NOT_SUPPORTED_THERE
                .iter()
                .any(|(one, _)| name.starts_with(one))
        {
            permissive.push(format!("{name}: {}", opinion.why));
        }
        if !own && opinion.passed {
            *stricter.entry(name).or_default() += 1;
        }
    }
    println!("{} cases, stricter in {}:", asked.len(), stricter.len());
    stricter.keys().for_each(|name| println!("  {name}"));
    assert!(permissive.is_empty(), "\n{}", permissive.join("\n"));
    assert!(!stricter.is_empty());
}
