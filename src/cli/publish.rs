//! Writing of a signed file: beside its place, complete and checked, then renamed. At every moment
//! the output is either not there (or the old one) or whole.

use std::fs::{self, File};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

use super::fault::Fault;
use super::file_source::FileSource;
use crate::domain::clock::Timestamp;
use crate::pades::{self, Report, Tail};
use crate::pki::trust::TrustEvidence;

/// Writes `source` followed by `tail` to `output` once the program's own check passed.
pub(super) fn publish(
    (input, source): (&Path, &FileSource),
    tail: &Tail,
    (output, force): (&Path, bool),
    at: Timestamp,
) -> Result<Report, Fault> {
    let written = write(source, tail, output).map_err(|fault| Fault::writing(output, &fault))?;
    let whole = written.reopen().and_then(FileSource::of);
    let whole = whole.map_err(|fault| Fault::writing(output, &fault))?;
    let report = pades::check_own(&whole, &tail.field, &TrustEvidence::default(), at);
    let report = report.map_err(|fault| Fault::signing(input, &fault))?;
    settle(written, output, force).map_err(|fault| Fault::writing(output, &fault))?;
    Ok(report)
}

fn folder(output: &Path) -> &Path {
    output
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn write(source: &FileSource, tail: &Tail, output: &Path) -> io::Result<NamedTempFile> {
    let mut temporary = tempfile::Builder::new()
        .prefix(".lienthong-")
        .tempfile_in(folder(output))?;
    let mut reader = source.file().try_clone()?;
    reader.seek(SeekFrom::Start(0))?;
    let copied = io::copy(&mut reader, temporary.as_file_mut())?;
    if copied != tail.base {
        return Err(io::Error::other("the input changed while it was signed"));
    }
    temporary.write_all(&tail.bytes)?;
    temporary
        .as_file()
        .set_permissions(source.file().metadata()?.permissions())?;
    Ok(temporary)
}

fn settle(written: NamedTempFile, output: &Path, force: bool) -> io::Result<()> {
    written.as_file().sync_all()?;
    if force {
        written.persist(output)?;
    } else {
        written.persist_noclobber(output)?;
    }
    File::open(folder(output))?.sync_all()
}

/// Whether two paths lead to the same file.
pub(super) fn same_file(one: &Path, two: &Path) -> bool {
    let real = |path: &Path| fs::canonicalize(path).ok();
    real(one).is_some() && real(one) == real(two)
}
