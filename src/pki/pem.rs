//! PEM: text around DER. Text between the blocks is passed over (RFC 7468, 2).

use base64::Engine;

use super::Error;

/// The contents of all blocks whose label is one of `labels`, in order; other blocks are passed over.
pub(crate) fn read(bytes: &[u8], labels: &[&str], limit: usize) -> Result<Vec<Vec<u8>>, Error> {
    let text = String::from_utf8_lossy(bytes);
    let malformed = |fault: &str| Error::Malformed {
        what: "PEM block",
        fault: fault.to_owned(),
    };
    let mut blocks = Vec::new();
    let mut lines = text.lines().map(str::trim_end);
    while let Some(line) = lines.next() {
        let Some(label) = line
            .strip_prefix("-----BEGIN ")
            .and_then(|l| l.strip_suffix("-----"))
        else {
            continue;
        };
        let end = format!("-----END {label}-----");
        let mut body = String::new();
        loop {
            match lines.next() {
                Some(line) if line == end => break,
                Some(line) => body.push_str(line.trim()),
                None => return Err(malformed("it has no end line")),
            }
        }
        if !labels.contains(&label) {
            continue;
        }
        if blocks.len() == limit {
            return Err(Error::TooLarge {
                what: "PEM blocks",
                limit,
                found: limit + 1,
            });
        }
        let decoded = base64::engine::general_purpose::STANDARD.decode(body);
        blocks.push(decoded.map_err(|fault| malformed(&fault.to_string()))?);
    }
    Ok(blocks)
}
