//! Text for a mark: the needed letters of the embedded serif face (all of Vietnamese), as a
//! composite font with its text kept searchable. Source: ISO 32000-2, 9.7 and 9.10.3.

use std::collections::BTreeMap;

use subsetter::GlyphRemapper;
use ttf_parser::{Face, GlyphId};

use super::append::Update;
use super::error::Error;
use super::filter::deflate;
use super::object::ObjectId;

/// Liberation Serif, metric-compatible with Times New Roman (SIL Open Font License 1.1).
const FACE: &[u8] = include_bytes!("../../assets/fonts/LiberationSerif-Regular.ttf");

/// Lines of text measured and encoded for one font subset.
pub(super) struct Setting {
    glyphs: GlyphRemapper,
    /// New glyph id → width in thousandths of the font size.
    widths: BTreeMap<u16, u32>,
    /// New glyph id → what it says.
    letters: BTreeMap<u16, char>,
    /// Each line as hexadecimal glyph ids, and its width in thousandths of the font size.
    pub(super) lines: Vec<(String, u32)>,
}

fn unusable(detail: impl Into<String>) -> Error {
    Error::Unusable {
        code: "TEXT_UNUSABLE",
        detail: detail.into(),
    }
}

fn face() -> Result<Face<'static>, Error> {
    Face::parse(FACE, 0).map_err(|fault| unusable(fault.to_string()))
}

impl Setting {
    /// Measures and encodes `lines`.
    ///
    /// # Errors
    /// `TEXT_UNUSABLE` when the face lacks a letter.
    pub(super) fn new(lines: &[String]) -> Result<Self, Error> {
        let face = face()?;
        let mut setting = Self {
            glyphs: GlyphRemapper::new(),
            widths: BTreeMap::new(),
            letters: BTreeMap::new(),
            lines: Vec::new(),
        };
        for line in lines {
            let line = setting.encode(&face, line)?;
            setting.lines.push(line);
        }
        Ok(setting)
    }

    fn encode(&mut self, face: &Face<'_>, line: &str) -> Result<(String, u32), Error> {
        let (mut codes, mut width) = (String::new(), 0_u32);
        for letter in line.chars() {
            let lacking = || unusable(format!("the letter {letter:?} is not in the font"));
            let GlyphId(glyph) = face.glyph_index(letter).ok_or_else(lacking)?;
            let advance = u32::from(face.glyph_hor_advance(GlyphId(glyph)).unwrap_or(0));
            let advance = advance * 1000 / u32::from(face.units_per_em()).max(1);
            let new = self.glyphs.remap(glyph);
            self.widths.insert(new, advance);
            self.letters.insert(new, letter);
            codes.push_str(&format!("{new:04X}"));
            width = width.saturating_add(advance);
        }
        Ok((codes, width))
    }

    /// Writes the font and gives its id.
    pub(super) fn write_font(&self, update: &mut Update<'_, '_>) -> Result<ObjectId, Error> {
        let face = face()?;
        let subset = subsetter::subset(FACE, 0, &self.glyphs);
        let subset = subset.map_err(|fault| unusable(fault.to_string()))?;
        let program = deflate(&subset);
        let head = format!("/Filter/FlateDecode/Length1 {}", subset.len());
        let program = update.add_stream(&head, &program);
        let scale = |value: i16| i32::from(value) * 1000 / i32::from(face.units_per_em()).max(1);
        let bbox = face.global_bounding_box();
        let (ascent, descent) = (scale(face.ascender()), scale(face.descender()));
        let descriptor = update.add(
            format!(
                "<</Type/FontDescriptor/FontName/LTSIGN+LiberationSerif/Flags 4/ItalicAngle 0\
                 /FontBBox[{} {} {} {}]/Ascent {ascent}/Descent {descent}/CapHeight {}/StemV 80\
                 /FontFile2 {program}>>",
                scale(bbox.x_min),
                scale(bbox.y_min),
                scale(bbox.x_max),
                scale(bbox.y_max),
                scale(face.capital_height().unwrap_or(0)),
            )
            .into_bytes(),
        );
        let widths = self
            .widths
            .iter()
            .map(|(glyph, width)| format!("{glyph}[{width}]"));
        let descendant = update.add(
            format!(
                "<</Type/Font/Subtype/CIDFontType2/BaseFont/LTSIGN+LiberationSerif\
                 /CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>\
                 /CIDToGIDMap/Identity/FontDescriptor {descriptor}/DW 500/W[{}]>>",
                widths.collect::<String>()
            )
            .into_bytes(),
        );
        let unicode = deflate(self.unicode_map().as_bytes());
        let unicode = update.add_stream("/Filter/FlateDecode", &unicode);
        let font = format!(
            "<</Type/Font/Subtype/Type0/BaseFont/LTSIGN+LiberationSerif/Encoding/Identity-H\
             /DescendantFonts[{descendant}]/ToUnicode {unicode}>>"
        );
        Ok(update.add(font.into_bytes()))
    }

    fn unicode_map(&self) -> String {
        let mut map = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n\
             /CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def\n\
             /CMapName/Adobe-Identity-UCS def /CMapType 2 def\n\
             1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
            .to_owned();
        let letters: Vec<_> = self.letters.iter().collect();
        for block in letters.chunks(100) {
            map.push_str(&format!("{} beginbfchar\n", block.len()));
            for (glyph, letter) in block {
                let mut units = [0; 2];
                let units = letter
                    .encode_utf16(&mut units)
                    .iter()
                    .map(|unit| format!("{unit:04X}"));
                map.push_str(&format!("<{glyph:04X}> <{}>\n", units.collect::<String>()));
            }
            map.push_str("endbfchar\n");
        }
        map.push_str("endcmap CMapName currentdict /CMap defineresource pop end end\n");
        map
    }
}

/// Width of the widest of `lines` in points at `size` points.
///
/// # Errors
/// `TEXT_UNUSABLE` when the face lacks a letter.
pub fn text_width(lines: &[String], size: f64) -> Result<f64, Error> {
    let setting = Setting::new(lines)?;
    let widest = setting
        .lines
        .iter()
        .map(|(_, width)| *width)
        .max()
        .unwrap_or(0);
    Ok(f64::from(widest) * size / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vietnamese_letter_is_in_the_face() {
        let letters = "aăâeêioôơuưyđAĂÂEÊIOÔƠUƯYĐàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợ\
                       ùúủũụừứửữựỳýỷỹỵ–-:+/0123456789";
        let both = [letters.to_owned(), letters.to_uppercase()];
        assert!(text_width(&both, 10.0).unwrap() > 100.0);
        assert!(text_width(&["\u{4E2D}".to_owned()], 10.0).is_err());
    }
}
