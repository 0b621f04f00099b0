//! A stored blob as the engine reads it: at any place, never whole.

use crate::jail::Outside;
use crate::pades::ByteSource;
use crate::store::Blob;

/// A blob the engine can read.
pub(super) struct BlobSource(Blob);

impl BlobSource {
    /// The blob with bytes to follow it.
    pub(super) const fn followed_by<'a>(&'a self, tail: &'a [u8]) -> Outside<'a> {
        let file = self.0.file();
        Outside { file, tail }
    }

    /// The blob as it is handed into the jail.
    pub(super) const fn outside(&self) -> Outside<'_> {
        Outside::file(self.0.file())
    }

    pub(super) const fn new(blob: Blob) -> Self {
        Self(blob)
    }

    pub(super) const fn blob(&self) -> &Blob {
        &self.0
    }
}

impl ByteSource for BlobSource {
    fn size(&self) -> u64 {
        self.0.size_bytes()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> std::io::Result<()> {
        self.0.read_at(offset, into)
    }
}
