//! Text for a mark: lines set in the embedded serif face (all of Vietnamese), as a composite font
//! with its text kept searchable. Set and subset once, drawn on any number of files.
//! Source: ISO 32000-2, 9.7 and 9.10.3; ISO 19005-1, 6.3 (embedding, `/CIDSet`).

use std::collections::BTreeMap;
use std::sync::Arc;

use subsetter::GlyphRemapper;
use ttf_parser::{Face, GlyphId};

use super::append::Update;
use super::error::Error;
use super::filter::deflate;
use super::font_program::{metrics, unicode_map};
use super::object::ObjectId;
use super::pages::POINTS_PER_MM;

/// Liberation Serif, metric-compatible with Times New Roman (SIL Open Font License 1.1).
const FACE: &[u8] = include_bytes!("../../assets/fonts/LiberationSerif-Regular.ttf");

/// Size of mark text in points. Source: Decree 30/2020/NĐ-CP, Annex I.
const TEXT_SIZE: f64 = 10.0;
/// Distance of two lines as part of their size.
const LEADING: f64 = 1.2;
/// Room between the frame of a stamp and its text, in points.
const INSET: f64 = 5.0;
/// Size of a stamp's title and of the agency's name above it, in points.
const TITLE_SIZE: f64 = 15.0;
const NAME_SIZE: f64 = 8.5;
/// Room for the agency's name in a stamp, in points (46 mm).
const NAME_WIDTH: f64 = 46.0 * POINTS_PER_MM;

/// Text ready to be drawn; cheap to clone.
#[derive(Debug, Clone)]
pub struct Text(Arc<Set>);

#[derive(Debug)]
struct Set {
    rows: Vec<Row>,
    framed: bool,
    font: Font,
}

/// A line: its glyphs in hexadecimal, its width in points, its size, and whether it is centred.
#[derive(Debug)]
struct Row {
    codes: String,
    width: f64,
    size: f64,
    centred: bool,
}

/// The font's parts that do not depend on the file.
#[derive(Debug)]
struct Font {
    program: Vec<u8>,
    program_size: usize,
    descriptor: String,
    widths: String,
    glyph_set: Vec<u8>,
    unicode: Vec<u8>,
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

impl Text {
    /// Lines of black text of 10 points, top line first, left aligned.
    ///
    /// # Errors
    /// `TEXT_UNUSABLE` when the face lacks a letter.
    pub fn lines(lines: &[String]) -> Result<Self, Error> {
        let mut press = Press::new()?;
        let rows = lines.iter().map(|line| press.row(line, TEXT_SIZE, false));
        let rows = rows.collect::<Result<_, _>>()?;
        press.finish(rows, false)
    }

    /// A framed stamp: `name` (broken into lines where it is long), `title` in large letters, and
    /// `lines` below it.
    ///
    /// # Errors
    /// As [`Text::lines`].
    pub fn stamp(name: &str, title: &str, lines: &[String]) -> Result<Self, Error> {
        let mut press = Press::new()?;
        let mut rows = Vec::new();
        for part in press.broken(name)? {
            rows.push(press.row(&part, NAME_SIZE, true)?);
        }
        rows.push(press.row(title, TITLE_SIZE, true)?);
        for line in lines {
            rows.push(press.row(line, TEXT_SIZE, false)?);
        }
        press.finish(rows, true)
    }

    /// Width and height in millimetres at which nothing has to shrink.
    #[must_use]
    pub fn size_mm(&self) -> [f64; 2] {
        self.natural().map(|points| points / POINTS_PER_MM)
    }

    fn natural(&self) -> [f64; 2] {
        let widest = self.0.rows.iter().map(|row| row.width).fold(0.0, f64::max);
        let height: f64 = self.0.rows.iter().map(|row| row.size * LEADING).sum();
        let around = if self.0.framed { 2.0 * INSET } else { 1.0 };
        [widest + around, height + around]
    }

    /// The operators that draw the text into a box of `width` by `height` points, smaller than set
    /// only when the box leaves no other way; `ink` and `accent` set the colours.
    pub(super) fn draw(&self, width: f64, height: f64, ink: &str, accent: &str) -> String {
        use super::mark::number;
        let [wide, high] = self.natural();
        let fit = (width / wide.max(1.0)).min(height / high.max(1.0)).min(1.0);
        let inset = if self.0.framed { INSET * fit } else { 0.0 };
        let mut content = String::from("q ");
        if self.0.framed {
            let (right, top) = (number(width - 1.0), number(height - 1.0));
            content.push_str(&format!("{accent} 1 w 0.5 0.5 {right} {top} re S\n"));
        }
        let mut base = height - inset - if self.0.framed { 0.0 } else { 0.5 * fit };
        for row in &self.0.rows {
            let (size, row_width) = (row.size * fit, row.width * fit);
            base -= size * LEADING;
            let x = if row.centred {
                (width - row_width) / 2.0
            } else {
                inset
            };
            let is_title = row.size > TEXT_SIZE;
            content.push_str(&format!(
                "{} BT /F0 {} Tf {} {} Td <{}> Tj ET\n",
                if is_title { accent } else { ink },
                number(size),
                number(x),
                number(base + size * 0.25),
                row.codes
            ));
        }
        content.push('Q');
        content
    }

    /// Writes the font and gives its id.
    pub(super) fn write_font(&self, update: &mut Update<'_, '_>) -> ObjectId {
        let font = &self.0.font;
        let head = format!("/Filter/FlateDecode/Length1 {}", font.program_size);
        let program = update.add_stream(&head, &font.program);
        let glyph_set = update.add_stream("", &font.glyph_set);
        let descriptor = format!(
            "<<{}/FontFile2 {program}/CIDSet {glyph_set}>>",
            font.descriptor
        );
        let descriptor = update.add(descriptor.into_bytes());
        let descendant = format!(
            "<</Type/Font/Subtype/CIDFontType2/BaseFont/LTSIGN+LiberationSerif\
             /CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>\
             /CIDToGIDMap/Identity/FontDescriptor {descriptor}/DW 500/W[{}]>>",
            font.widths
        );
        let descendant = update.add(descendant.into_bytes());
        let unicode = update.add_stream("/Filter/FlateDecode", &font.unicode);
        let font = format!(
            "<</Type/Font/Subtype/Type0/BaseFont/LTSIGN+LiberationSerif/Encoding/Identity-H\
             /DescendantFonts[{descendant}]/ToUnicode {unicode}>>"
        );
        update.add(font.into_bytes())
    }
}

/// Sets lines and remembers which letters they need.
struct Press {
    face: Face<'static>,
    glyphs: GlyphRemapper,
    /// New glyph id → width in thousandths of the font size.
    widths: BTreeMap<u16, u32>,
    /// New glyph id → what it says.
    letters: BTreeMap<u16, char>,
}

impl Press {
    fn new() -> Result<Self, Error> {
        Ok(Self {
            face: face()?,
            glyphs: GlyphRemapper::new(),
            widths: BTreeMap::new(),
            letters: BTreeMap::new(),
        })
    }

    /// Glyph and width in thousandths of the font size.
    fn letter(&self, letter: char) -> Result<(u16, u32), Error> {
        let lacking = || unusable(format!("the letter {letter:?} is not in the font"));
        let glyph = self.face.glyph_index(letter).ok_or_else(lacking)?;
        let advance = u32::from(self.face.glyph_hor_advance(glyph).unwrap_or(0));
        let GlyphId(glyph) = glyph;
        let units = u32::from(self.face.units_per_em()).max(1);
        Ok((glyph, (advance * 1000 + units / 2) / units))
    }

    fn width(&self, line: &str) -> Result<u32, Error> {
        let widths = line.chars().map(|one| Ok(self.letter(one)?.1));
        widths.sum()
    }

    fn row(&mut self, line: &str, size: f64, centred: bool) -> Result<Row, Error> {
        let (mut codes, mut width) = (String::new(), 0_u32);
        for letter in line.chars() {
            let (glyph, advance) = self.letter(letter)?;
            let new = self.glyphs.remap(glyph);
            self.widths.insert(new, advance);
            self.letters.insert(new, letter);
            codes.push_str(&format!("{new:04X}"));
            width = width.saturating_add(advance);
        }
        Ok(Row {
            codes,
            width: f64::from(width) * size / 1000.0,
            size,
            centred,
        })
    }

    /// `name` in lines no wider than a stamp has room for, if words allow.
    fn broken(&self, name: &str) -> Result<Vec<String>, Error> {
        let mut lines: Vec<String> = Vec::new();
        for word in name.split_whitespace() {
            let longer = lines.last().map(|line| format!("{line} {word}"));
            match (longer, lines.last_mut()) {
                (Some(longer), Some(line))
                    if f64::from(self.width(&longer)?) * NAME_SIZE / 1000.0 <= NAME_WIDTH =>
                {
                    *line = longer;
                }
                _ => lines.push(word.to_owned()),
            }
        }
        Ok(lines)
    }

    fn finish(self, rows: Vec<Row>, framed: bool) -> Result<Text, Error> {
        let subset = subsetter::subset(FACE, 0, &self.glyphs);
        let subset = subset.map_err(|fault| unusable(fault.to_string()))?;
        let widths = self.widths.iter();
        let font = Font {
            program: deflate(&subset),
            program_size: subset.len(),
            descriptor: format!(
                "/Type/FontDescriptor/FontName/LTSIGN+LiberationSerif{}",
                metrics(&self.face)
            ),
            widths: widths.map(|(glyph, w)| format!("{glyph}[{w}]")).collect(),
            glyph_set: glyph_set(usize::from(self.glyphs.num_gids())),
            unicode: deflate(unicode_map(&self.letters).as_bytes()),
        };
        Ok(Text(Arc::new(Set { rows, framed, font })))
    }
}

/// One bit for each of `count` glyphs, all of them present. Source: ISO 32000-2, table 122.
fn glyph_set(count: usize) -> Vec<u8> {
    let mut bits = vec![0xFF; count / 8];
    if let Some(rest) = u8::try_from(count % 8).ok().filter(|rest| *rest > 0) {
        bits.push(0xFF << (8 - rest));
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vietnamese_letter_is_in_the_face() {
        let letters = "aăâeêioôơuưyđAĂÂEÊIOÔƠUƯYĐàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợ\
                       ùúủũụừứửữựỳýỷỹỵ–-:+/0123456789";
        let both = [letters.to_owned(), letters.to_uppercase()];
        assert!(Text::lines(&both).unwrap().size_mm()[0] > 100.0);
        assert!(Text::lines(&["\u{4E2D}".to_owned()]).is_err());
    }

    #[test]
    fn a_long_name_is_broken_between_words() {
        let name = "VĂN PHÒNG ĐOÀN ĐẠI BIỂU QUỐC HỘI VÀ HỘI ĐỒNG NHÂN DÂN TỈNH GIA LAI";
        let stamp = Text::stamp(name, "ĐẾN", &["Số: 12".to_owned()]).unwrap();
        let [width, height] = stamp.size_mm();
        assert!(width < 50.0, "{width}");
        assert!(height < 35.0, "{height}");
        assert!(stamp.0.rows.len() > 4);
    }

    #[test]
    fn the_glyph_set_has_one_bit_for_each_glyph() {
        assert_eq!(glyph_set(8), [0xFF]);
        assert_eq!(glyph_set(11), [0xFF, 0xE0]);
    }
}
