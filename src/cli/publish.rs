//! Writing of a signed file: beside its place, complete and checked, then renamed. At every moment
//! the output is either not there (or the old one) or whole.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

use super::fault::Fault;
use super::file_source::FileSource;
use crate::pades::{self, ByteSource as _, HashedHead, Tail};
use crate::pki::algorithm::DigestAlgorithm;

/// A copy of the input beside the place of the output, hashed while it was copied. The one reading
/// of the input serves the signature, the copy and the digest of the finished file.
pub(super) struct Staged {
    temporary: NamedTempFile,
    /// The digest a signature begins with.
    pub(super) head: HashedHead,
    /// The SHA-256 digest, if the signature uses another one.
    whole: Option<HashedHead>,
}

/// A published file.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) sha256: String,
    pub(super) size_bytes: u64,
}

impl Staged {
    /// Copies `source` beside `output` for a signature with `digest`.
    pub(super) fn new(
        source: &FileSource,
        output: &Path,
        digest: DigestAlgorithm,
    ) -> io::Result<Self> {
        let mut temporary = beside(output)?;
        let mut head = HashedHead::new(digest);
        let other = digest != DigestAlgorithm::Sha256;
        let mut whole = other.then(|| HashedHead::new(DigestAlgorithm::Sha256));
        let mut reader = source.file().try_clone()?;
        reader.seek(SeekFrom::Start(0))?;
        let mut buffer = vec![0; 256 << 10];
        let mut copied = 0_u64;
        loop {
            let length = reader.read(&mut buffer)?;
            let Some(piece) = buffer.get(..length).filter(|piece| !piece.is_empty()) else {
                break;
            };
            temporary.write_all(piece)?;
            head.update(piece);
            if let Some(whole) = &mut whole {
                whole.update(piece);
            }
            copied = copied.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        }
        if copied != source.size() {
            return Err(io::Error::other("the input changed while it was read"));
        }
        temporary
            .as_file()
            .set_permissions(source.file().metadata()?.permissions())?;
        Ok(Self {
            temporary,
            head,
            whole,
        })
    }

    /// Appends `tail`, checks the file, makes it durable and gives it the name `output`.
    pub(super) fn publish(
        mut self,
        input: &Path,
        tail: &Tail,
        (output, force): (&Path, bool),
    ) -> Result<Published, Fault> {
        let written = self.temporary.write_all(&tail.bytes);
        let whole = written.and_then(|()| FileSource::of(self.temporary.as_file().try_clone()?));
        let whole = whole.map_err(|fault| Fault::writing(output, &fault))?;
        pades::check_own(&whole, tail).map_err(|fault| Fault::signing(input, &fault))?;
        let size_bytes = whole.size();
        let digest = self.whole.unwrap_or(self.head).finish_with(&tail.bytes);
        settle(self.temporary, output, force).map_err(|fault| Fault::writing(output, &fault))?;
        Ok(Published {
            sha256: hex::encode(digest),
            size_bytes,
        })
    }
}

pub(super) fn folder(output: &Path) -> &Path {
    output
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// A file in the folder of `output` that is gone unless it is settled.
pub(super) fn beside(output: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".lienthong-")
        .tempfile_in(folder(output))
}

/// Makes the file durable under its name.
pub(super) fn settle(written: NamedTempFile, output: &Path, force: bool) -> io::Result<()> {
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

/// Writes a small file that nobody signs: beside its place, whole, then renamed.
pub(super) fn small(output: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let wrong = |fault: io::Error| Fault::writing(output, &fault);
    let mut temporary = tempfile::Builder::new()
        .prefix(".lienthong-")
        .tempfile_in(folder(output))
        .map_err(wrong)?;
    temporary.write_all(bytes).map_err(wrong)?;
    temporary.as_file().sync_all().map_err(wrong)?;
    temporary
        .persist(output)
        .map_err(|fault| wrong(fault.error))?;
    Ok(())
}
