//! The documents: what they name exists, and both languages of the README keep step.

use std::path::{Component, Path, PathBuf};

/// Where a path in backticks has to start to be checked.
const FOLDERS: &[&str] = &[
    "src/",
    "tests/",
    "docs/",
    "certs-test/",
    "fixtures/",
    "migrations/",
    "assets/",
    "benches/",
    "docker/",
    "security/",
];

/// Paths and links that `paper` (at `path`) names and `exists` denies.
///
/// In backticks `{a,b}` stands for several files; names with `*`, `<…>` or `NNNN` are patterns and
/// are passed over, as is everything in fenced blocks.
pub(crate) fn missing(path: &str, paper: &str, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let mut faults = Vec::new();
    for (number, line) in outside_fences(paper) {
        let named = backticked(line).flat_map(expanded);
        let linked = links(line).filter_map(|target| resolved(path, target));
        for one in named.chain(linked) {
            if !exists(&one) {
                faults.push(format!(
                    "{path}:{number}: names {one}, which does not exist"
                ));
            }
        }
    }
    faults
}

/// Where the headings of two documents differ in number or level.
pub(crate) fn heading_faults(english: &str, vietnamese: &str) -> Vec<String> {
    let (one, other) = (headings(english), headings(vietnamese));
    let differs = one.iter().zip(&other).find(|(a, b)| a.0 != b.0);
    match differs {
        Some((a, b)) => vec![format!(
            "README.md \"{}\" and README.vi.md \"{}\": levels",
            a.1, b.1
        )],
        None if one.len() != other.len() => {
            vec![format!(
                "README.md has {} headings, README.vi.md {}",
                one.len(),
                other.len()
            )]
        }
        None => Vec::new(),
    }
}

fn headings(paper: &str) -> Vec<(usize, &str)> {
    let level = |line: &str| line.chars().take_while(|c| *c == '#').count();
    outside_fences(paper)
        .map(|(_, line)| (level(line), line))
        .filter(|(level, line)| *level > 0 && line.chars().nth(*level) == Some(' '))
        .collect()
}

fn outside_fences(paper: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    (1..).zip(paper.lines()).filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

fn backticked(line: &str) -> impl Iterator<Item = &str> {
    let spans = line.split('`').skip(1).step_by(2);
    spans.filter_map(|span| {
        let word = span.split_whitespace().next()?;
        let pattern = word.contains(['*', '<', '…']) || word.contains("NNNN");
        let checked = FOLDERS.iter().any(|folder| word.starts_with(folder)) && !pattern;
        checked.then(|| {
            word.split("::")
                .next()
                .unwrap_or(word)
                .trim_end_matches('/')
        })
    })
}

fn expanded(word: &str) -> Vec<String> {
    let inner = word.split_once('{').and_then(|(before, rest)| {
        let (choices, after) = rest.split_once('}')?;
        Some((before, choices, after))
    });
    match inner {
        Some((before, choices, after)) => choices
            .split(',')
            .map(|choice| format!("{before}{choice}{after}"))
            .collect(),
        None => vec![word.to_owned()],
    }
}

fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
}

/// The path from the top that a relative link means; none for addresses and anchors.
fn resolved(path: &str, target: &str) -> Option<String> {
    let target = target
        .split('#')
        .next()
        .filter(|target| !target.is_empty())?;
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let mut place = Path::new(path)
        .parent()
        .map(PathBuf::from)
        .unwrap_or_default();
    for part in Path::new(target).components() {
        match part {
            Component::ParentDir => drop(place.pop()),
            Component::Normal(name) => place.push(name),
            _ => {}
        }
    }
    place.to_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn absent(paper: &str) -> Vec<String> {
        let here = ["src/lib.rs", "docs/A.md", "src/pdf/a.rs", "README.md"];
        missing("docs/B.md", paper, |path| here.contains(&path))
    }

    #[test]
    fn a_path_that_does_not_exist_is_caught() {
        assert_eq!(absent("see `src/lib.rs` and `src/gone.rs`").len(), 1);
        assert_eq!(absent("see `src/pdf/{a,b}.rs`").len(), 1);
        assert_eq!(absent("run `tests/run --only x`").len(), 1);
        assert!(absent("form `docs/decisions/NNNN-title.md`, `src/*/mod.rs`, `cargo`").is_empty());
        assert!(absent("```\n`src/gone.rs`\n```\n").is_empty());
    }

    #[test]
    fn a_link_that_leads_nowhere_is_caught() {
        assert!(absent("[a](A.md#top) [top](../README.md) [x](https://example.vn/y)").is_empty());
        assert_eq!(absent("[a](C.md)").len(), 1);
    }

    #[test]
    fn headings_that_fall_out_of_step_are_caught() {
        assert!(heading_faults("# A\n## B\n```\n# no\n```", "# Á\n\n## B\n").is_empty());
        assert_eq!(heading_faults("# A\n## B", "# Á\n### B").len(), 1);
        assert_eq!(heading_faults("# A\n## B", "# Á").len(), 1);
    }
}
