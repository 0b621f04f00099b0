//! Hexadecimal digits: signatures are long strings of them.

/// The bytes of an even number of digits with no blank between them, as every writer makes them.
pub(super) fn plain_hex(digits: &[u8]) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    // Two plain loops: the compiler makes many digits at once of them.
    let values: Vec<u8> = digits.iter().map(|digit| digit_value(*digit)).collect();
    if values.iter().fold(0, |all, value| all | value) > 0x0F {
        return None;
    }
    let byte = |pair: &[u8; 2]| {
        let both = u16::from_le_bytes(*pair);
        let [byte, _] = (both << 4 | both >> 8).to_le_bytes();
        byte
    };
    Some(values.as_chunks().0.iter().map(byte).collect())
}

/// The value of a hexadecimal digit, 0xFF for every other byte.
const fn digit_value(byte: u8) -> u8 {
    let (number, letter) = (byte.wrapping_sub(b'0'), (byte | 0x20).wrapping_sub(b'a'));
    match (number, letter) {
        (0..=9, _) => number,
        (_, 0..=5) => letter + 10,
        _ => 0xFF,
    }
}

/// Where `wanted` first stands; looked for in strides, since signatures are long.
pub(super) fn place_of(wanted: u8, bytes: &[u8]) -> Option<usize> {
    const STRIDE: usize = 128;
    let holds = |part: &[u8]| {
        part.iter()
            .fold(false, |found, byte| found | (*byte == wanted))
    };
    let before = bytes.chunks(STRIDE).position(holds)?.saturating_mul(STRIDE);
    let within = bytes
        .get(before..)?
        .iter()
        .position(|byte| *byte == wanted)?;
    before.checked_add(within)
}

/// The value of a hexadecimal digit.
pub(super) fn nibble(byte: u8) -> Option<u8> {
    Some(digit_value(byte)).filter(|value| *value < 0x10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_bytes_is_read_or_refused() {
        for pair in (0..=u16::MAX).map(u16::to_be_bytes) {
            let text = pair.map(char::from).iter().collect::<String>();
            let expected = hex::decode(text).ok();
            assert_eq!(plain_hex(&pair), expected, "{pair:?}");
        }
        assert_eq!(plain_hex(b"abc"), None);
        assert_eq!(plain_hex(b"00fF7e"), Some(vec![0, 0xFF, 0x7E]));
    }

    #[test]
    fn a_byte_is_found_where_it_first_stands() {
        for at in [0, 1, 127, 128, 129, 300] {
            let mut bytes = vec![b'0'; 400];
            bytes[at] = b'>';
            bytes[399] = b'>';
            assert_eq!(place_of(b'>', &bytes), Some(at));
        }
        assert_eq!(place_of(b'>', b"000"), None);
    }
}
