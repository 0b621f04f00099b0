//! Bytes by their SHA-256 in a folder: written beside, flushed, renamed, folder flushed. One copy
//! for any number of recipients. A crash may leave an orphan, never a name without its bytes.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::Error;
use crate::domain::digest::{Sha256, Sha256Stream};
use crate::domain::document::Content;

/// The folder of blobs: `ab/cdef…` by digest, unfinished ones in `unfinished/`, those on their way in
/// from neighbours in `partial/`.
#[derive(Debug)]
pub struct Blobs {
    folder: PathBuf,
}

/// A blob being written. Dropped before [`BlobWriter::finish`], it leaves nothing.
pub struct BlobWriter {
    file: NamedTempFile,
    folder: PathBuf,
    digest: Sha256Stream,
    size_bytes: u64,
    limit: u64,
}

/// A stored blob, open for reading anywhere in it.
#[derive(Debug)]
pub struct Blob {
    file: File,
    size_bytes: u64,
}

impl Blobs {
    pub(super) fn open(folder: &Path) -> Result<Self, Error> {
        let unfinished = folder.join("unfinished");
        fs::create_dir_all(&unfinished)?;
        for left_over in fs::read_dir(&unfinished)? {
            fs::remove_file(left_over?.path())?;
        }
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Parts of a hundred of the disk that are free for others than its owner; 100 where nobody
    /// tells.
    ///
    /// # Errors
    /// [`Error::Disk`].
    pub fn free_percent(&self) -> Result<u64, Error> {
        let disk = nix::sys::statvfs::statvfs(&self.folder).map_err(std::io::Error::from)?;
        let (free, all) = (disk.blocks_available(), disk.blocks());
        Ok(free.saturating_mul(100).checked_div(all).unwrap_or(100))
    }

    fn path(&self, name: &Sha256) -> PathBuf {
        let text = name.to_string();
        let (first, rest) = text.split_at_checked(2).unwrap_or((&text, ""));
        self.folder.join(first).join(rest)
    }

    /// Begins a blob of at most `limit` bytes.
    ///
    /// # Errors
    /// [`Error::Disk`], [`Error::DiskFull`].
    pub fn write(&self, limit: u64) -> Result<BlobWriter, Error> {
        let file = NamedTempFile::new_in(self.folder.join("unfinished"))?;
        let folder = self.folder.clone();
        Ok(BlobWriter {
            file,
            folder,
            digest: Sha256Stream::default(),
            size_bytes: 0,
            limit,
        })
    }

    /// Stores `bytes`; durable on return.
    ///
    /// # Errors
    /// [`Error::Disk`], [`Error::DiskFull`].
    pub fn put(&self, bytes: &[u8]) -> Result<Content, Error> {
        let mut writer = self.write(u64::MAX)?;
        writer.push(bytes)?;
        writer.finish()
    }

    /// Opens the blob named `name`; absent blobs give `None`.
    ///
    /// # Errors
    /// [`Error::Disk`].
    pub fn get(&self, name: &Sha256) -> Result<Option<Blob>, Error> {
        match File::open(self.path(name)) {
            Ok(file) => {
                let size_bytes = file.metadata()?.len();
                Ok(Some(Blob { file, size_bytes }))
            }
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Takes the bytes named `name` out of the store; nothing may refer to them. Absent ones are fine.
    ///
    /// # Errors
    /// [`Error::Disk`].
    pub fn remove(&self, name: &Sha256) -> Result<(), Error> {
        match fs::remove_file(self.path(name)) {
            Err(fault) if fault.kind() != std::io::ErrorKind::NotFound => Err(fault.into()),
            _ => Ok(()),
        }
    }

    /// Whether the bytes named `name` are stored and still hash to their name, and how many.
    ///
    /// # Errors
    /// [`Error::Disk`]; [`Error::Corrupt`] when the bytes have changed.
    pub fn check(&self, name: &Sha256) -> Result<Option<Content>, Error> {
        let Some(blob) = self.get(name)? else {
            return Ok(None);
        };
        if Self::digest(&blob.file)? != *name {
            let value = name.to_string();
            return Err(Error::Corrupt {
                table: "blobs",
                column: "sha256",
                value,
            });
        }
        Ok(Some(Content {
            sha256: *name,
            size_bytes: blob.size_bytes,
        }))
    }
}

impl Blobs {
    /// The digest of everything in `file`.
    pub(super) fn digest(file: &File) -> Result<Sha256, Error> {
        let mut file = file.try_clone()?;
        std::io::Seek::rewind(&mut file)?;
        let (mut digest, mut buffer) = (Sha256Stream::default(), vec![0; 256 * 1024]);
        loop {
            let count = file.read(&mut buffer)?;
            let Some(piece) = buffer.get(..count).filter(|piece| !piece.is_empty()) else {
                return Ok(digest.finish());
            };
            digest.update(piece);
        }
    }

    /// Gives the flushed file at `path`, whose digest is `name`, that name. Durable on return:
    /// renamed, folders flushed. Bytes already stored are left as they are.
    pub(super) fn adopt(&self, path: &Path, name: &Sha256) -> Result<(), Error> {
        let target = self.path(name);
        if target.exists() {
            return Ok(fs::remove_file(path)?);
        }
        let parent = target.parent().unwrap_or(&self.folder);
        if !parent.exists() {
            fs::create_dir_all(parent)?;
            File::open(&self.folder)?.sync_all()?;
        }
        fs::rename(path, &target)?;
        fail::fail_point!("blob-before-folder-flush");
        Ok(File::open(parent)?.sync_all()?)
    }
}

impl BlobWriter {
    /// Appends a piece.
    ///
    /// # Errors
    /// [`Error::TooLarge`] past the limit, [`Error::Disk`], [`Error::DiskFull`].
    pub fn push(&mut self, piece: &[u8]) -> Result<(), Error> {
        let more = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        self.size_bytes = self.size_bytes.saturating_add(more);
        if self.size_bytes > self.limit {
            return Err(Error::TooLarge { limit: self.limit });
        }
        self.digest.update(piece);
        Ok(self.file.write_all(piece)?)
    }

    /// As [`BlobWriter::finish`], if the bytes are those named `expected`; else nothing is kept.
    ///
    /// # Errors
    /// [`Error::OtherBytes`], [`Error::Disk`], [`Error::DiskFull`].
    pub fn finish_as(self, expected: Sha256) -> Result<Content, Error> {
        let found = self.digest.clone().finish();
        if found != expected {
            return Err(Error::OtherBytes { expected, found });
        }
        self.finish()
    }

    /// Gives the blob its name. Durable on return: file flushed, renamed, folders flushed. Bytes
    /// already stored are left as they are.
    ///
    /// # Errors
    /// [`Error::Disk`], [`Error::DiskFull`].
    pub fn finish(self) -> Result<Content, Error> {
        let sha256 = self.digest.finish();
        let blobs = Blobs {
            folder: self.folder,
        };
        let target = blobs.path(&sha256);
        let content = Content {
            sha256,
            size_bytes: self.size_bytes,
        };
        if target.exists() {
            return Ok(content);
        }
        fail::fail_point!("blob-before-flush");
        self.file.as_file().sync_all()?;
        fail::fail_point!("blob-before-rename");
        let (_, unfinished) = self.file.keep().map_err(|fault| fault.error)?;
        blobs.adopt(&unfinished, &sha256).inspect_err(|_| {
            // What stays is removed when the hub starts again.
            drop(fs::remove_file(&unfinished));
        })?;
        fail::fail_point!("blob-after-rename");
        Ok(content)
    }
}

impl Blob {
    /// How many bytes.
    #[must_use]
    pub const fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// The open file, for reading only.
    #[must_use]
    pub const fn file(&self) -> &File {
        &self.file
    }

    /// Fills `into` from `offset` on.
    ///
    /// # Errors
    /// An error of the disk, or the end of the blob before `into` is full.
    pub fn read_at(&self, offset: u64, into: &mut [u8]) -> std::io::Result<()> {
        self.file.read_exact_at(into, offset)
    }

    /// Hands the bytes to `take` in order, in pieces of at most 256 KiB.
    ///
    /// # Errors
    /// An error of the disk, or the first one of `take`.
    pub fn pieces(&self, mut take: impl FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
        let mut file = self.file.try_clone()?;
        std::io::Seek::rewind(&mut file)?;
        let mut buffer = vec![0; 256 * 1024];
        loop {
            let count = file.read(&mut buffer)?;
            let Some(piece) = buffer.get(..count).filter(|piece| !piece.is_empty()) else {
                return Ok(());
            };
            take(piece)?;
        }
    }

    /// All bytes, if there are at most `limit`.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::Disk`].
    pub fn all(&self, limit: u64) -> Result<Vec<u8>, Error> {
        if self.size_bytes > limit {
            return Err(Error::TooLarge { limit });
        }
        let mut bytes = Vec::new();
        self.pieces(|piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_named_by_their_digest_and_stored_once() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let first = blobs.put(b"abc").unwrap();
        assert_eq!(first, blobs.put(b"abc").unwrap());
        assert_eq!(first.sha256, Sha256::of(b"abc"));
        assert_eq!(
            blobs.get(&first.sha256).unwrap().unwrap().all(3).unwrap(),
            b"abc"
        );
        assert_eq!(
            fs::read_dir(folder.path().join("unfinished"))
                .unwrap()
                .count(),
            0
        );
    }

    #[test]
    fn a_blob_past_its_limit_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let mut writer = blobs.write(2).unwrap();
        assert!(matches!(
            writer.push(b"abc"),
            Err(Error::TooLarge { limit: 2 })
        ));
        drop(writer);
        assert!(blobs.get(&Sha256::of(b"abc")).unwrap().is_none());
        assert_eq!(
            fs::read_dir(folder.path().join("unfinished"))
                .unwrap()
                .count(),
            0
        );
    }

    #[test]
    fn a_changed_byte_on_the_disk_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let name = blobs.put(b"abc").unwrap().sha256;
        fs::write(blobs.path(&name), b"abd").unwrap();
        assert!(matches!(blobs.check(&name), Err(Error::Corrupt { .. })));
    }
}
