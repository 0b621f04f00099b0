//! The files `verify` is pointed at: files, the PDF files of folders, and standard input.

use std::io;
use std::path::{Path, PathBuf};

use super::fault::Fault;
use super::file_source::FileSource;
use super::inputs;

/// The largest standard input.
const LARGEST: u64 = 4 << 30;

/// Files as given; of a folder its PDF files in order of name.
pub(super) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Fault> {
    let mut found = Vec::new();
    for path in paths {
        if is_standard_input(path) || !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let mut inside = inputs::inside(path, &["pdf"])?;
        if inside.is_empty() {
            return Err(Fault::reading(
                path,
                &io::Error::from(io::ErrorKind::NotFound),
            ));
        }
        found.append(&mut inside);
    }
    Ok(found)
}

fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A file, or standard input kept in a nameless temporary file.
pub(super) fn open(path: &Path) -> Result<FileSource, Fault> {
    let opened = if is_standard_input(path) {
        standard_input()
    } else {
        FileSource::open(path)
    };
    opened.map_err(|fault| Fault::reading(path, &fault))
}

fn standard_input() -> io::Result<FileSource> {
    use io::Read as _;
    let mut kept = tempfile::tempfile()?;
    let read = io::copy(&mut io::stdin().lock().take(LARGEST + 1), &mut kept)?;
    if read > LARGEST {
        return Err(io::Error::from(io::ErrorKind::FileTooLarge));
    }
    FileSource::of(kept)
}
