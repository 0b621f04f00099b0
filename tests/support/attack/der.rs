//! Writes DER, and everything that is not quite DER.

pub(crate) const INTEGER: u8 = 2;
pub(crate) const BIT_STRING: u8 = 3;
pub(crate) const OCTET_STRING: u8 = 4;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// An element with a definite length of the fewest bytes.
pub(crate) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let mut out = vec![tag];
    match value.len() {
        short @ 0..128 => out.push(u8::try_from(short).unwrap()),
        long => {
            let bytes = long.to_be_bytes();
            let used: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
            out.push(0x80 | u8::try_from(used.len()).unwrap());
            out.extend(used);
        }
    }
    out.extend(value);
    out
}

pub(crate) fn seq(parts: &[&[u8]]) -> Vec<u8> {
    tlv(SEQUENCE, parts)
}

pub(crate) fn set(parts: &[&[u8]]) -> Vec<u8> {
    tlv(SET, parts)
}

pub(crate) fn octets(value: &[u8]) -> Vec<u8> {
    tlv(OCTET_STRING, &[value])
}

/// A bit string without unused bits.
pub(crate) fn bits(value: &[u8]) -> Vec<u8> {
    tlv(BIT_STRING, &[&[0], value])
}

/// A non-negative integer of these big-endian bytes, sign byte added where needed.
pub(crate) fn unsigned(value: &[u8]) -> Vec<u8> {
    let mut digits: Vec<u8> = value.iter().copied().skip_while(|b| *b == 0).collect();
    if digits.first().is_none_or(|first| *first >= 0x80) {
        digits.insert(0, 0);
    }
    tlv(INTEGER, &[&digits])
}

/// A small integer.
pub(crate) fn int(value: u8) -> Vec<u8> {
    unsigned(&[value])
}

/// `[n]`, constructed.
pub(crate) fn context(number: u8, parts: &[&[u8]]) -> Vec<u8> {
    tlv(0xa0 | number, parts)
}

/// `[n]`, primitive.
pub(crate) fn context_primitive(number: u8, value: &[u8]) -> Vec<u8> {
    tlv(0x80 | number, &[value])
}

pub(crate) fn null() -> Vec<u8> {
    vec![5, 0]
}

/// An object identifier from its dotted form.
pub(crate) fn oid(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> = dotted.split('.').map(|arc| arc.parse().unwrap()).collect();
    let mut value = Vec::new();
    let first = arcs[0] * 40 + arcs[1];
    for arc in std::iter::once(first).chain(arcs[2..].iter().copied()) {
        let mut groups = vec![u8::try_from(arc & 127).unwrap()];
        let mut rest = arc >> 7;
        while rest > 0 {
            groups.push(u8::try_from(rest & 127).unwrap() | 128);
            rest >>= 7;
        }
        groups.reverse();
        value.extend(groups);
    }
    tlv(6, &[&value])
}

/// A `GeneralizedTime`, such as `20260105034107Z`.
pub(crate) fn time(text: &str) -> Vec<u8> {
    tlv(0x18, &[text.as_bytes()])
}

/// An `AlgorithmIdentifier`: `parameters` is an element or nothing.
pub(crate) fn algorithm(dotted: &str, parameters: &[u8]) -> Vec<u8> {
    seq(&[&oid(dotted), parameters])
}

/// An `Extension`.
pub(crate) fn extension(dotted: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[1, 1, 0xff] } else { &[] };
    seq(&[&oid(dotted), critical, &octets(value)])
}

/// The same element with an indefinite length.
pub(crate) fn indefinite(element: &[u8]) -> Vec<u8> {
    let value = content(element);
    let mut out = vec![element[0], 0x80];
    out.extend_from_slice(value);
    out.extend_from_slice(&[0, 0]);
    out
}

/// The same element with its length in four bytes, needed or not.
pub(crate) fn long_form(element: &[u8]) -> Vec<u8> {
    let value = content(element);
    let length = u32::try_from(value.len()).unwrap().to_be_bytes();
    let mut out = vec![element[0], 0x84];
    out.extend(length);
    out.extend_from_slice(value);
    out
}

/// The value of an element of definite length.
pub(crate) fn content(element: &[u8]) -> &[u8] {
    match element[1] {
        short @ 0..128 => &element[2..2 + usize::from(short)],
        long => &element[2 + usize::from(long & 127)..],
    }
}
