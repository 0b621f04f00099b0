//! Messages of HTTP/1.1 as bytes: just enough to know where one ends.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};

/// Larger bodies are none of the sample's.
const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// A request or an answer as it was sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Message {
    /// First line and header lines, with the empty line after them.
    pub(crate) head: Vec<u8>,
    /// What follows, framing included.
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// Method and path of a request, or version and status of an answer.
    pub(crate) fn first(&self) -> (String, String) {
        let text = String::from_utf8_lossy(&self.head).into_owned();
        let mut words = text.split_whitespace().map(str::to_owned);
        (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        )
    }

    /// Status of an answer.
    pub(crate) fn status(&self) -> u16 {
        self.first().1.parse().unwrap_or(0)
    }

    /// All bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        [&self.head[..], &self.body].concat()
    }

    fn header(&self, name: &str) -> Option<String> {
        let text = String::from_utf8_lossy(&self.head).into_owned();
        text.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        })
    }
}

/// Reads a request; `None` when the line ended before one began.
pub(crate) async fn request(from: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Message>> {
    let mut message = Message::default();
    if !head(from, &mut message).await? {
        return Ok(None);
    }
    body(from, &mut message).await?;
    Ok(Some(message))
}

/// Reads the answer to a request with this method.
pub(crate) async fn answer(
    from: &mut (impl AsyncBufRead + Unpin),
    method: &str,
) -> io::Result<Message> {
    let mut message = Message::default();
    if !head(from, &mut message).await? {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if method != "HEAD" && !matches!(message.status(), 100..200 | 204 | 304) {
        body(from, &mut message).await?;
    }
    Ok(message)
}

async fn head(from: &mut (impl AsyncBufRead + Unpin), into: &mut Message) -> io::Result<bool> {
    loop {
        let before = into.head.len();
        if from.read_until(b'\n', &mut into.head).await? == 0 {
            return match before {
                0 => Ok(false),
                _ => Err(io::ErrorKind::UnexpectedEof.into()),
            };
        }
        if matches!(&into.head[before..], b"\r\n" | b"\n") {
            return Ok(true);
        }
    }
}

async fn body(from: &mut (impl AsyncBufRead + Unpin), into: &mut Message) -> io::Result<()> {
    let is_chunked = into
        .header("transfer-encoding")
        .is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
    if is_chunked {
        return chunks(from, into).await;
    }
    let told = into.header("content-length");
    let count = told.map_or(Ok(0), |told| told.parse::<usize>());
    let count = count.ok().filter(|count| *count <= LARGEST_BODY);
    let count = count.ok_or(io::ErrorKind::InvalidData)?;
    piece(from, into, count).await
}

async fn piece(
    from: &mut (impl AsyncBufRead + Unpin),
    into: &mut Message,
    count: usize,
) -> io::Result<()> {
    let before = into.body.len();
    into.body.resize(before + count, 0);
    from.read_exact(&mut into.body[before..]).await?;
    Ok(())
}

async fn chunks(from: &mut (impl AsyncBufRead + Unpin), into: &mut Message) -> io::Result<()> {
    loop {
        let before = into.body.len();
        if from.read_until(b'\n', &mut into.body).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let told = String::from_utf8_lossy(&into.body[before..]).into_owned();
        let told = told.split(';').next().unwrap_or_default().trim().to_owned();
        let count = usize::from_str_radix(&told, 16).ok();
        let count = count.filter(|count| *count <= LARGEST_BODY);
        let count = count.ok_or(io::ErrorKind::InvalidData)?;
        piece(from, into, count + 2).await?;
        if count == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run<T>(work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(work)
    }

    #[test]
    fn a_message_ends_where_its_length_says() {
        let mut line: &[u8] =
            b"POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\n\r\n";
        let first = run(request(&mut line)).unwrap().unwrap();
        assert_eq!(first.first(), ("POST".to_owned(), "/a".to_owned()));
        assert_eq!(first.body, b"abc");
        assert_eq!(run(request(&mut line)).unwrap().unwrap().first().1, "/b");
        assert!(run(request(&mut line)).unwrap().is_none());
    }

    #[test]
    fn chunks_are_kept_as_they_came() {
        let sent = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        let mut line = &sent[..];
        let got = run(answer(&mut line, "GET")).unwrap();
        assert_eq!((got.status(), got.bytes()), (200, sent.to_vec()));
    }

    #[test]
    fn half_a_message_is_a_fault() {
        let mut line: &[u8] = b"POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nab";
        assert!(run(request(&mut line)).is_err());
        let mut line: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n";
        assert_eq!(run(answer(&mut line, "HEAD")).unwrap().body, b"");
    }
}
