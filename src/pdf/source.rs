//! Where bytes come from: positional reads only, so that a large file is never in memory.

use super::error::Error;

/// Bytes that can be read at any place. The bytes must not change while they are read.
pub trait ByteSource: Sync {
    /// Number of bytes.
    fn size(&self) -> u64;

    /// Fills `into` with the bytes that start at `offset`.
    ///
    /// # Errors
    /// When the source fails or ends before `into` is full.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> std::io::Result<()>;

    /// All bytes, where they are in memory anyway; saves copies.
    fn in_memory(&self) -> Option<&[u8]> {
        None
    }
}

fn piece(bytes: &[u8], offset: u64, into: &mut [u8]) -> std::io::Result<()> {
    let start = usize::try_from(offset).unwrap_or(usize::MAX);
    let end = start.saturating_add(into.len());
    let found = bytes
        .get(start..end)
        .ok_or(std::io::ErrorKind::UnexpectedEof)?;
    into.copy_from_slice(found);
    Ok(())
}

impl ByteSource for [u8] {
    fn size(&self) -> u64 {
        u64::try_from(self.len()).unwrap_or(u64::MAX)
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> std::io::Result<()> {
        piece(self, offset, into)
    }

    fn in_memory(&self) -> Option<&[u8]> {
        Some(self)
    }
}

impl ByteSource for Vec<u8> {
    fn size(&self) -> u64 {
        self.as_slice().size()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> std::io::Result<()> {
        piece(self, offset, into)
    }

    fn in_memory(&self) -> Option<&[u8]> {
        Some(self)
    }
}

/// A source followed by more bytes, as a file looks after an update is appended.
pub struct Extended<'a> {
    /// The unchanged beginning.
    pub head: &'a dyn ByteSource,
    /// What follows it.
    pub tail: &'a [u8],
}

impl ByteSource for Extended<'_> {
    fn size(&self) -> u64 {
        self.head.size().saturating_add(self.tail.size())
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> std::io::Result<()> {
        let head = self.head.size();
        let before = usize::try_from(head.saturating_sub(offset)).unwrap_or(usize::MAX);
        let (first, second) = into.split_at_mut(before.min(into.len()));
        if !first.is_empty() {
            self.head.read_at(offset, first)?;
        }
        if second.is_empty() {
            return Ok(());
        }
        piece(self.tail, offset.max(head).saturating_sub(head), second)
    }
}

/// At most `length` bytes at `offset`, fewer at the end of the source.
pub(super) fn window(source: &dyn ByteSource, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
    let length = length.min(source.size().saturating_sub(offset));
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    source
        .read_at(offset, &mut bytes)
        .map_err(|fault| Error::Read {
            offset,
            source: fault,
        })?;
    Ok(bytes)
}

/// Passes the bytes from `start` to `end` (exclusive) to `take` in pieces of at most 64 KiB.
///
/// # Errors
/// When the source fails or ends before `end`.
pub fn stream(
    source: &dyn ByteSource,
    start: u64,
    end: u64,
    take: &mut dyn FnMut(&[u8]),
) -> Result<(), Error> {
    const PIECE: u64 = 64 << 10;
    if let Some(part) = in_memory_part(source, start, end) {
        part.chunks(64 << 10).for_each(take);
        return Ok(());
    }
    let first = PIECE.min(end.saturating_sub(start));
    let mut buffer = vec![0; usize::try_from(first).unwrap_or(0)];
    let mut offset = start;
    while offset < end {
        let length = usize::try_from(PIECE.min(end - offset)).unwrap_or(0);
        let part = buffer.get_mut(..length).unwrap_or_default();
        source.read_at(offset, part).map_err(|fault| Error::Read {
            offset,
            source: fault,
        })?;
        take(part);
        offset = offset.saturating_add(part.size());
    }
    Ok(())
}

fn in_memory_part(source: &dyn ByteSource, start: u64, end: u64) -> Option<&[u8]> {
    let (start, end) = (usize::try_from(start).ok()?, usize::try_from(end).ok()?);
    source.in_memory()?.get(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extended_source_reads_across_the_seam() {
        let head = b"abcd".to_vec();
        let both = Extended {
            head: &head,
            tail: b"efgh",
        };
        let mut into = [0; 4];
        both.read_at(2, &mut into).unwrap();
        assert_eq!(&into, b"cdef");
        both.read_at(4, &mut into).unwrap();
        assert_eq!(&into, b"efgh");
        assert!(both.read_at(5, &mut into).is_err());
        let mut seen = Vec::new();
        stream(&both, 1, 7, &mut |piece| seen.extend_from_slice(piece)).unwrap();
        assert_eq!(seen, b"bcdefg");
    }
}
