//! Blobs on their way in from neighbours, kept across interruptions: one file for each neighbour and
//! digest, locked while one request appends to it. What is held is a prefix of what was sent; only
//! the whole, hashed from the disk, gets a name. The offers in the record say which may exist.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::Error;
use super::blobs::Blobs;
use crate::domain::digest::Sha256;
use crate::domain::document::Content;
use crate::domain::routing::HubId;

/// The part of a blob that came so far, held by one writer. Dropped, it keeps what was pushed.
#[derive(Debug)]
pub struct Partial {
    file: File,
    path: PathBuf,
    content: Content,
    held: u64,
}

fn path(blobs: &Blobs, from: &HubId, name: &Sha256) -> PathBuf {
    let folder = blobs.folder().join("partial").join(from.as_str());
    folder.join(name.to_string())
}

fn absent<T>(fault: std::io::Error, otherwise: T) -> Result<T, Error> {
    match fault.kind() {
        std::io::ErrorKind::NotFound => Ok(otherwise),
        _ => Err(fault.into()),
    }
}

impl Blobs {
    /// How many bytes of the blob named `name` are held from `from`, all of them durable.
    ///
    /// # Errors
    /// [`Error::Disk`].
    pub fn held(&self, from: &HubId, name: &Sha256) -> Result<u64, Error> {
        match File::open(path(self, from, name)) {
            Ok(file) => {
                let held = file.metadata()?.len();
                file.sync_all()?;
                Ok(held)
            }
            Err(fault) => absent(fault, 0),
        }
    }

    /// Opens what is held of `content` from `from` for its only writer.
    ///
    /// # Errors
    /// [`Error::Busy`] when it has one, [`Error::Disk`], [`Error::DiskFull`].
    pub fn resume(&self, from: &HubId, content: Content) -> Result<Partial, Error> {
        let path = path(self, from, &content.sha256);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut open = OpenOptions::new();
        let mut file = open
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(Error::Busy),
            Err(fs::TryLockError::Error(fault)) => return Err(fault.into()),
        }
        // Its last writer may have given it its name, or removed it, before we held the lock.
        let is_there = fs::metadata(&path).is_ok_and(|there| {
            file.metadata()
                .is_ok_and(|ours| (ours.dev(), ours.ino()) == (there.dev(), there.ino()))
        });
        if !is_there {
            return Err(Error::Busy);
        }
        let held = file.seek(SeekFrom::End(0))?;
        Ok(Partial {
            file,
            path,
            content,
            held,
        })
    }

    /// Removes what is held of `name` from `from`, unless somebody is writing it; gives whether it is
    /// gone.
    ///
    /// # Errors
    /// [`Error::Disk`].
    pub fn abandon(&self, from: &HubId, name: &Sha256) -> Result<bool, Error> {
        let path = path(self, from, name);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(fault) => return absent(fault, true),
        };
        match file.try_lock() {
            Ok(()) => fs::remove_file(&path).or_else(|fault| absent(fault, ()))?,
            Err(fs::TryLockError::WouldBlock) => return Ok(false),
            Err(fs::TryLockError::Error(fault)) => return Err(fault.into()),
        }
        Ok(true)
    }

    /// Everything held, by neighbour and name; what else lies there is no business of ours.
    ///
    /// # Errors
    /// [`Error::Disk`].
    pub fn partials(&self) -> Result<Vec<(HubId, Sha256)>, Error> {
        let mut found = Vec::new();
        for folder in entries(&self.folder().join("partial"))? {
            let Some(from) = named(&folder).and_then(|name| HubId::parse(name).ok()) else {
                continue;
            };
            for file in entries(&folder)? {
                if let Some(name) = named(&file).and_then(|name| name.parse().ok()) {
                    found.push((from.clone(), name));
                }
            }
        }
        Ok(found)
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(fault) => return absent(fault, Vec::new()),
    };
    let paths = entries.map(|entry| Ok(entry?.path()));
    paths.collect()
}

fn named(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

impl Partial {
    /// Bytes held.
    #[must_use]
    pub const fn held(&self) -> u64 {
        self.held
    }

    /// Whether no byte is missing.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.held == self.content.size_bytes
    }

    /// Appends a piece.
    ///
    /// # Errors
    /// [`Error::TooLarge`] past the size offered, and the piece is not kept; [`Error::Disk`],
    /// [`Error::DiskFull`].
    pub fn push(&mut self, piece: &[u8]) -> Result<(), Error> {
        let more = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        let held = self.held.saturating_add(more);
        if held > self.content.size_bytes {
            return Err(Error::TooLarge {
                limit: self.content.size_bytes,
            });
        }
        self.file.write_all(piece)?;
        self.held = held;
        Ok(())
    }

    /// Lets go of everything past `held` bytes.
    ///
    /// # Errors
    /// [`Error::Disk`].
    pub fn back_to(&mut self, held: u64) -> Result<(), Error> {
        self.file.set_len(held)?;
        self.held = self.file.seek(SeekFrom::End(0))?;
        Ok(())
    }

    /// Makes what is held durable; gives how many bytes that is.
    ///
    /// # Errors
    /// [`Error::Disk`], [`Error::DiskFull`].
    pub fn keep(self) -> Result<u64, Error> {
        self.file.sync_all()?;
        Ok(self.held)
    }

    /// Gives the whole its name. Durable on return: hashed from the disk, file flushed, renamed,
    /// folders flushed.
    ///
    /// # Errors
    /// [`Error::OtherBytes`] and nothing is kept; [`Error::Disk`], [`Error::DiskFull`].
    pub fn finish(self, blobs: &Blobs) -> Result<Content, Error> {
        self.file.sync_all()?;
        let found = Blobs::digest(&self.file)?;
        if found != self.content.sha256 {
            fs::remove_file(&self.path)?;
            return Err(Error::OtherBytes {
                expected: self.content.sha256,
                found,
            });
        }
        fail::fail_point!("partial-before-rename");
        blobs.adopt(&self.path, &found)?;
        Ok(self.content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(bytes: &[u8]) -> Content {
        Content {
            sha256: Sha256::of(bytes),
            size_bytes: bytes.len().try_into().unwrap(),
        }
    }

    fn hub(name: &str) -> HubId {
        HubId::parse(name).unwrap()
    }

    fn blobs() -> (tempfile::TempDir, Blobs) {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        (folder, blobs)
    }

    #[test]
    fn what_was_held_survives_a_restart_and_is_finished() {
        let (folder, blobs) = blobs();
        let (from, whole) = (hub("commune"), content(b"abcdef"));
        let mut partial = blobs.resume(&from, whole).unwrap();
        partial.push(b"abc").unwrap();
        drop(partial);
        let blobs = Blobs::open(folder.path()).unwrap();
        assert_eq!(blobs.held(&from, &whole.sha256).unwrap(), 3);
        let mut partial = blobs.resume(&from, whole).unwrap();
        partial.push(b"def").unwrap();
        partial.finish(&blobs).unwrap();
        assert_eq!(
            blobs.get(&whole.sha256).unwrap().unwrap().all(6).unwrap(),
            b"abcdef"
        );
        assert!(blobs.partials().unwrap().is_empty());
    }

    #[test]
    fn the_same_bytes_have_one_writer_per_neighbour() {
        let (_folder, blobs) = blobs();
        let whole = content(b"abc");
        let _first = blobs.resume(&hub("commune"), whole).unwrap();
        assert!(matches!(
            blobs.resume(&hub("commune"), whole),
            Err(Error::Busy)
        ));
        assert!(!blobs.abandon(&hub("commune"), &whole.sha256).unwrap());
        assert!(blobs.resume(&hub("province"), whole).is_ok());
    }

    #[test]
    fn two_neighbours_with_the_same_bytes_do_not_harm_each_other() {
        let (_folder, blobs) = blobs();
        let whole = content(b"abc");
        let mut one = blobs.resume(&hub("commune"), whole).unwrap();
        let mut other = blobs.resume(&hub("province"), whole).unwrap();
        one.push(b"ab").unwrap();
        other.push(b"abc").unwrap();
        other.finish(&blobs).unwrap();
        one.push(b"c").unwrap();
        assert_eq!(one.finish(&blobs).unwrap(), whole);
        assert!(blobs.check(&whole.sha256).unwrap().is_some());
        assert!(blobs.partials().unwrap().is_empty());
    }

    #[test]
    fn other_bytes_leave_nothing() {
        let (_folder, blobs) = blobs();
        let whole = content(b"abc");
        let mut partial = blobs.resume(&hub("commune"), whole).unwrap();
        partial.push(b"abd").unwrap();
        assert!(matches!(
            partial.finish(&blobs),
            Err(Error::OtherBytes { .. })
        ));
        assert!(blobs.partials().unwrap().is_empty());
        assert!(blobs.get(&whole.sha256).unwrap().is_none());
    }

    #[test]
    fn a_piece_past_the_size_offered_is_not_kept() {
        let (_folder, blobs) = blobs();
        let (from, whole) = (hub("commune"), content(b"abc"));
        let mut partial = blobs.resume(&from, whole).unwrap();
        partial.push(b"ab").unwrap();
        assert!(matches!(
            partial.push(b"cd"),
            Err(Error::TooLarge { limit: 3 })
        ));
        drop(partial);
        assert_eq!(blobs.held(&from, &whole.sha256).unwrap(), 2);
    }
}
