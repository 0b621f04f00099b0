//! Turns the indefinite lengths of BER into definite ones. Widespread signing libraries write the
//! outer layers of a signature that way; certificates and signed attributes inside are DER already
//! and stay byte for byte what they were. Lengths that are padded stay refused.
//! Source: ITU-T X.690, 8.1.3.6 and 8.7.3.

use crate::pki;
use crate::pki::der::{self, INDEFINITE, Reader, encode};

const MAX_DEPTH: usize = 32;
const CONSTRUCTED: u8 = 0x20;
const END_OF_CONTENTS: [u8; 2] = [0, 0];

/// The first element of `bytes` in definite lengths, and what follows it.
pub(super) fn definite(bytes: &[u8]) -> Result<(Vec<u8>, &[u8]), pki::Error> {
    let mut rest = bytes;
    let element = element(&mut rest, MAX_DEPTH).map_err(|fault| pki::Error::Der {
        what: "CMS signature",
        offset: bytes.len() - rest.len(),
        fault,
    })?;
    Ok((element, rest))
}

/// Takes one element off `rest`.
fn element(rest: &mut &[u8], depth: usize) -> Result<Vec<u8>, &'static str> {
    let depth = depth.checked_sub(1).ok_or("nested too deeply")?;
    let tag = rest.first().copied().unwrap_or_default();
    match der::header(rest) {
        Ok((tag, header, length)) => {
            let missing = "the element is longer than what is left";
            let end = header.checked_add(length).ok_or(missing)?;
            let (whole, after) = rest.split_at_checked(end).ok_or(missing)?;
            *rest = after;
            if tag & CONSTRUCTED == 0 {
                return Ok(whole.to_vec());
            }
            let mut inner = whole.get(header..).unwrap_or_default();
            let mut children = Vec::new();
            while !inner.is_empty() {
                children.push(element(&mut inner, depth)?);
            }
            join(tag, &children)
        }
        Err(INDEFINITE) if tag & CONSTRUCTED != 0 => {
            *rest = rest.get(2..).unwrap_or_default();
            let mut children = Vec::new();
            while !rest.starts_with(&END_OF_CONTENTS) {
                children.push(element(rest, depth)?);
            }
            *rest = rest.get(2..).unwrap_or_default();
            join(tag, &children)
        }
        Err(fault) => Err(fault),
    }
}

/// A constructed octet string becomes the one its pieces make; anything else keeps its children.
fn join(tag: u8, children: &[Vec<u8>]) -> Result<Vec<u8>, &'static str> {
    if tag != der::OCTET_STRING | CONSTRUCTED {
        return Ok(encode(tag, &[&children.concat()]));
    }
    let mut octets = Vec::new();
    for child in children {
        let piece = Reader::new("octets", child).required(der::OCTET_STRING);
        octets.extend_from_slice(piece.or(Err("a piece of an octet string is none"))?.value);
    }
    Ok(encode(der::OCTET_STRING, &[&octets]))
}
