//! The document as it is handed into the jail: an open file, read at any place and never whole.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use crate::pades::{ByteSource, Extended};

/// A document from outside: an open file and, while a signature is being added, bytes to follow it.
#[derive(Debug, Clone, Copy)]
pub struct Outside<'a> {
    /// Open for reading; its bytes must not change.
    pub file: &'a File,
    /// What follows it, usually nothing.
    pub tail: &'a [u8],
}

impl<'a> Outside<'a> {
    /// The file alone.
    #[must_use]
    pub const fn file(file: &'a File) -> Self {
        Self { file, tail: &[] }
    }

    /// Reads the document in this process.
    ///
    /// # Errors
    /// When the size of the file cannot be told.
    pub(super) fn read<T>(&self, look: impl FnOnce(&dyn ByteSource) -> T) -> io::Result<T> {
        let size = self.file.metadata()?.len();
        let head = Sized {
            file: self.file,
            size,
        };
        Ok(look(&Extended {
            head: &head,
            tail: self.tail,
        }))
    }

    /// All of its bytes.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(super) fn whole(&self) -> io::Result<Vec<u8>> {
        let size = usize::try_from(self.file.metadata()?.len()).map_err(io::Error::other)?;
        let mut bytes = Vec::with_capacity(size.saturating_add(self.tail.len()));
        bytes.resize(size, 0);
        self.file.read_exact_at(&mut bytes, 0)?;
        bytes.extend_from_slice(self.tail);
        Ok(bytes)
    }
}

/// A file whose size is known: asking for it is not allowed inside.
pub(super) struct Sized<'a> {
    pub(super) file: &'a File,
    pub(super) size: u64,
}

impl ByteSource for Sized<'_> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(into, offset)
    }
}
