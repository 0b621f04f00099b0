//! How messages are written on the line: one letter for the kind, the length, the bytes. The length
//! is checked before anything is read.

use std::io::{self, Read, Write};

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Parent to child: the request and its parts.
    Request,
    /// Child to parent: whose certificate is this?
    WhoIs,
    /// Parent to child: the owner, or nobody.
    Owner,
    /// Child to parent: the answer.
    Answer,
}

const KINDS: [(Kind, u8); 4] = [
    (Kind::Request, b'R'),
    (Kind::WhoIs, b'W'),
    (Kind::Owner, b'O'),
    (Kind::Answer, b'A'),
];

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Writes a message made of `parts`.
///
/// # Errors
/// Of the line; [`io::ErrorKind::InvalidData`] for a message over 4 GiB.
pub(super) fn write(line: &mut dyn Write, kind: Kind, parts: &[&[u8]]) -> io::Result<()> {
    let length = parts.iter().map(|part| part.len()).sum::<usize>();
    let length = u32::try_from(length).or(Err(invalid("message too long")))?;
    let letter = KINDS.iter().find(|(known, _)| *known == kind);
    let (_, letter) = letter.ok_or(invalid("kind of message"))?;
    let [a, b, c, d] = length.to_le_bytes();
    let mut line = io::BufWriter::with_capacity(64 << 10, line);
    line.write_all(&[*letter, a, b, c, d])?;
    for part in parts {
        line.write_all(part)?;
    }
    line.flush()
}

/// Reads a message of at most `limit` bytes.
///
/// # Errors
/// Of the line; [`io::ErrorKind::InvalidData`] for an unknown kind or a longer message.
pub(super) fn read(line: &mut dyn Read, limit: usize) -> io::Result<(Kind, Vec<u8>)> {
    let mut head = [0; 5];
    line.read_exact(&mut head)?;
    let [letter, length @ ..] = head;
    let kind = KINDS.iter().find(|(_, known)| *known == letter);
    let (kind, _) = kind.ok_or(invalid("kind of message"))?;
    let length = usize::try_from(u32::from_le_bytes(length)).or(Err(invalid("length")))?;
    if length > limit {
        return Err(invalid("message too long"));
    }
    let mut bytes = vec![0; length];
    line.read_exact(&mut bytes)?;
    Ok((*kind, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_comes_out_as_it_went_in() {
        let mut line = Vec::new();
        write(&mut line, Kind::WhoIs, &[b"ab", b"", b"c"]).unwrap();
        assert_eq!(
            read(&mut line.as_slice(), 3).unwrap(),
            (Kind::WhoIs, b"abc".to_vec())
        );
    }

    #[test]
    fn a_message_past_its_limit_is_not_read() {
        let mut line = Vec::new();
        write(&mut line, Kind::Answer, &[b"abcd"]).unwrap();
        let fault = read(&mut line.as_slice(), 3).unwrap_err();
        assert_eq!(fault.kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn an_unknown_letter_is_refused() {
        let fault = read(&mut b"X\0\0\0\0".as_slice(), 3).unwrap_err();
        assert_eq!(fault.kind(), io::ErrorKind::InvalidData);
    }
}
