//! Decoding of cross-reference and object streams: Flate with predictors, nothing else, because no
//! other filter is used there in practice. Source: ISO 32000-2, 7.4.4.

use std::io::Read as _;

use super::error::{Error, malformed};
use super::limits;
use super::object::{Dictionary, Object};

/// The decoded data of a stream whose dictionary is `dictionary` and which begins at `offset`.
pub(super) fn decode(
    dictionary: &Dictionary,
    data: Vec<u8>,
    offset: u64,
) -> Result<Vec<u8>, Error> {
    decode_within(dictionary, data, offset, limits::INFLATED_BYTES)
}

/// As [`decode`], but refuses more than `most` bytes of decoded data.
pub(super) fn decode_within(
    dictionary: &Dictionary,
    data: Vec<u8>,
    offset: u64,
    most: usize,
) -> Result<Vec<u8>, Error> {
    let unsupported = malformed("FILTER_UNSUPPORTED", offset, "FlateDecode or no filter");
    let (filter, parameters) = (dictionary.get(b"Filter"), dictionary.get(b"DecodeParms"));
    let filter = single(filter).ok_or(unsupported)?;
    let Some(filter) = filter else {
        return bounded(data, most);
    };
    if !matches!(filter.as_name(), Some(b"FlateDecode" | b"Fl")) {
        return Err(malformed(
            "FILTER_UNSUPPORTED",
            offset,
            "FlateDecode or no filter",
        ));
    }
    let plain = inflate(&data, offset, most)?;
    let parameters = single(parameters).flatten().and_then(Object::as_dictionary);
    match parameters {
        Some(parameters) => unpredict(parameters, plain, offset),
        None => Ok(plain),
    }
}

/// The only value of an entry that may be an array of one; outer `None` for more than one.
fn single(object: Option<&Object>) -> Option<Option<&Object>> {
    match object {
        Some(Object::Array(items)) => match items.as_slice() {
            [] => Some(None),
            [only] => Some(Some(&only.object)),
            _ => None,
        },
        other => Some(other),
    }
}

fn bounded(plain: Vec<u8>, most: usize) -> Result<Vec<u8>, Error> {
    if plain.len() > most {
        return Err(Error::Limit {
            what: "bytes of an inflated stream",
            limit: u64::try_from(most).unwrap_or(u64::MAX),
        });
    }
    Ok(plain)
}

fn inflate(data: &[u8], offset: u64, most: usize) -> Result<Vec<u8>, Error> {
    let limit = u64::try_from(most).unwrap_or(u64::MAX);
    let mut plain = Vec::new();
    let mut reader = flate2::read::ZlibDecoder::new(data).take(limit.saturating_add(1));
    let wrong = malformed("STREAM_MALFORMED", offset, "deflated data");
    reader.read_to_end(&mut plain).or(Err(wrong))?;
    bounded(plain, most)
}

fn parameter(parameters: &Dictionary, key: &[u8], default: usize) -> Option<usize> {
    match parameters.get(key) {
        None => Some(default),
        Some(value) => usize::try_from(value.as_integer()?).ok(),
    }
}

fn unpredict(parameters: &Dictionary, plain: Vec<u8>, offset: u64) -> Result<Vec<u8>, Error> {
    let number = |key: &[u8], default| {
        parameter(parameters, key, default)
            .filter(|value| *value <= 1 << 20)
            .ok_or(malformed(
                "STREAM_MALFORMED",
                offset,
                "a predictor parameter",
            ))
    };
    let predictor = number(b"Predictor", 1)?;
    if predictor == 1 {
        return Ok(plain);
    }
    let bits = number(b"Colors", 1)?.saturating_mul(number(b"BitsPerComponent", 8)?);
    let row = bits.saturating_mul(number(b"Columns", 1)?).div_ceil(8);
    let pixel = bits.div_ceil(8).max(1);
    if predictor < 10 || row == 0 {
        return Err(malformed("FILTER_UNSUPPORTED", offset, "a PNG predictor"));
    }
    if row > plain.len() {
        return match plain.is_empty() {
            true => Ok(plain),
            false => Err(malformed("STREAM_MALFORMED", offset, "a whole row")),
        };
    }
    let mut out: Vec<u8> = Vec::with_capacity(plain.len());
    let mut above = vec![0_u8; row];
    for line in plain.chunks(row + 1) {
        let Some((kind, coded)) = line.split_first() else {
            break;
        };
        let mut current = coded.to_vec();
        current.resize(row, 0);
        undo_row(*kind, pixel, &above, &mut current).ok_or(malformed(
            "STREAM_MALFORMED",
            offset,
            "a PNG row filter",
        ))?;
        out.extend_from_slice(&current);
        above = current;
    }
    Ok(out)
}

fn undo_row(kind: u8, pixel: usize, above: &[u8], row: &mut [u8]) -> Option<()> {
    for index in 0..row.len() {
        let left_of = index.checked_sub(pixel);
        let left = left_of.and_then(|at| row.get(at)).copied().unwrap_or(0);
        let up = above.get(index).copied().unwrap_or(0);
        let corner = left_of.and_then(|at| above.get(at)).copied().unwrap_or(0);
        let guess = match kind {
            0 => 0,
            1 => left,
            2 => up,
            3 => u8::try_from(u16::midpoint(u16::from(left), u16::from(up))).ok()?,
            4 => paeth(left, up, corner),
            _ => return None,
        };
        let value = row.get_mut(index)?;
        *value = value.wrapping_add(guess);
    }
    Some(())
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let guess = i16::from(left) + i16::from(up) - i16::from(corner);
    let far = |value: u8| (guess - i16::from(value)).abs();
    if far(left) <= far(up) && far(left) <= far(corner) {
        left
    } else if far(up) <= far(corner) {
        up
    } else {
        corner
    }
}

/// `plain` deflated, as a stream with `/Filter /FlateDecode` holds it.
pub(super) fn deflate(plain: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    // Writing into memory cannot fail.
    writer
        .write_all(plain)
        .and_then(|()| writer.finish())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::parser::Parser;
    use super::*;

    fn dictionary(text: &str) -> Dictionary {
        let object = Parser::new(text.as_bytes(), true).object().unwrap();
        object.as_dictionary().unwrap().clone()
    }

    #[test]
    fn flate_with_the_up_predictor_is_undone() {
        let coded = deflate(&[2, 1, 2, 3, 2, 1, 1, 1]);
        let how = dictionary("<</Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 3>>>>");
        assert_eq!(decode(&how, coded, 0).unwrap(), [1, 2, 3, 2, 3, 4]);
    }

    #[test]
    fn a_row_longer_than_the_data_is_refused() {
        let coded = deflate(&[2, 1, 2, 3]);
        for row in ["Columns 9", "Colors 1048576/BitsPerComponent 1048576"] {
            let how = format!("<</Filter/FlateDecode/DecodeParms<</Predictor 12/{row}>>>>");
            let refused = decode(&dictionary(&how), coded.clone(), 0).unwrap_err();
            assert_eq!(refused.code(), "STREAM_MALFORMED");
        }
    }

    #[test]
    fn a_bomb_and_an_unknown_filter_are_refused() {
        let bomb = deflate(&vec![0; limits::INFLATED_BYTES + 1]);
        let flate = dictionary("<</Filter[/FlateDecode]>>");
        assert_eq!(
            decode(&flate, bomb, 0).unwrap_err().code(),
            "LIMIT_EXCEEDED"
        );
        let lzw = dictionary("<</Filter/LZWDecode>>");
        assert_eq!(
            decode(&lzw, Vec::new(), 0).unwrap_err().code(),
            "FILTER_UNSUPPORTED"
        );
        assert_eq!(
            decode(&flate, b"junk".to_vec(), 7).unwrap_err().code(),
            "STREAM_MALFORMED"
        );
    }
}
