//! Writing of a file with revisions appended: complete and judged, then renamed.

use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::fault::Fault;
use super::file_source::FileSource;
use super::level_means::Means;
use super::publish::{folder, settle};
use crate::domain::clock::{Clock as _, SystemClock};
use crate::pades::{ByteSource as _, Report, levels};

/// Writes `source` followed by `bytes` to `output` once the program's own judgement found nothing
/// broken.
pub(super) fn publish_revisions(
    (input, source): (&Path, &FileSource),
    bytes: &[u8],
    (output, force): (&Path, bool),
    means: &Means,
) -> Result<Report, Fault> {
    let written = write(source, bytes, output).map_err(|fault| Fault::writing(output, &fault))?;
    let whole = written.reopen().and_then(FileSource::of);
    let whole = whole.map_err(|fault| Fault::writing(output, &fault))?;
    let now = SystemClock::default().now();
    let report = levels::check_augmented(&whole, &means.known(), now);
    let report = report.map_err(|fault| Fault::from(fault).at(input))?;
    settle(written, output, force).map_err(|fault| Fault::writing(output, &fault))?;
    Ok(report)
}

fn write(source: &FileSource, bytes: &[u8], output: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut temporary = tempfile::Builder::new()
        .prefix(".lienthong-")
        .tempfile_in(folder(output))?;
    let mut reader = source.file().try_clone()?;
    reader.seek(SeekFrom::Start(0))?;
    let copied = io::copy(&mut reader, temporary.as_file_mut())?;
    if copied != source.size() {
        return Err(io::Error::other("the input changed while it was read"));
    }
    temporary.write_all(bytes)?;
    let permissions = source.file().metadata()?.permissions();
    temporary.as_file().set_permissions(permissions)?;
    Ok(temporary)
}
