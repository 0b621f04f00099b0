//! The files of the project: what git tracks or would track; without git, everything but what
//! builds leave behind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every file of the project by its path with `/` from the top; texts are held, others are not.
pub(crate) struct Tree {
    files: BTreeMap<String, Option<String>>,
}

impl Tree {
    /// Reads the project this test was built from.
    pub(crate) fn read() -> Self {
        let top = Path::new(env!("CARGO_MANIFEST_DIR"));
        let paths = tracked(top).unwrap_or_else(|| walked(top));
        let files = paths
            .into_iter()
            .filter(|path| top.join(path).is_file())
            .map(|path| {
                let text = std::fs::read(top.join(&path)).ok();
                (path, text.and_then(|bytes| String::from_utf8(bytes).ok()))
            })
            .collect();
        Self { files }
    }

    /// All paths.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// All files that are text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// The Rust files below `folder`.
    pub(crate) fn sources(&self, folder: &str) -> impl Iterator<Item = (&str, &str)> {
        self.texts()
            .filter(move |(path, _)| path.starts_with(folder) && path.ends_with(".rs"))
    }

    /// The documents at the top and below `docs/`.
    pub(crate) fn papers(&self) -> impl Iterator<Item = (&str, &str)> {
        let spoken = |path: &str| path.starts_with("docs/") || !path.contains('/');
        self.texts()
            .filter(move |(path, _)| path.ends_with(".md") && spoken(path))
    }

    /// The text of one file that has to be there.
    pub(crate) fn text(&self, path: &str) -> &str {
        let text = self.files.get(path).and_then(Option::as_deref);
        text.unwrap_or_else(|| panic!("{path} is missing or is not text"))
    }

    /// Whether `path` is a file of the project or a folder that holds one.
    pub(crate) fn exists(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        self.files.contains_key(path) || self.paths().any(|file| file.starts_with(&folder))
    }
}

fn tracked(top: &Path) -> Option<Vec<String>> {
    let arguments = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let output = Command::new("git")
        .arg("-C")
        .arg(top)
        .args(arguments)
        .output()
        .ok()?;
    let listing = String::from_utf8(output.stdout).ok()?;
    let paths: Vec<String> = listing
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect();
    (output.status.success() && !paths.is_empty()).then_some(paths)
}

fn walked(top: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![PathBuf::new()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(top.join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            let built = entry.path().join("CACHEDIR.TAG").exists();
            if entry.path().is_dir() {
                if !built && entry.file_name() != ".git" && entry.file_name() != "target" {
                    waiting.push(path);
                }
            } else if let Some(path) = path.to_str() {
                found.push(path.to_owned());
            }
        }
    }
    found
}

#[test]
fn the_tree_is_found_with_and_without_git() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert!(walked(top).iter().any(|path| path == "src/lib.rs"));
    let tree = Tree::read();
    assert!(tree.exists("src/lib.rs") && tree.exists("src/domain/") && tree.exists("src"));
    assert!(!tree.exists("src/lib") && !tree.exists("src/nowhere.rs"));
}
