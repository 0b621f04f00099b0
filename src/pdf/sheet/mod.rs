//! A new one-page A4 document of text, lines and areas: what a report is printed on. Measures are
//! millimetres from the upper left corner. The same drawing gives the same bytes.
//! Source: ISO 32000-2, 7.5 and 8.5.

mod font;

pub use font::Weight;

use self::font::{Font, stream};
use super::append::text_string;
use super::error::Error;
use super::mark::numbers;
use super::pages::POINTS_PER_MM;

/// Width and height of the page.
pub const SHEET_MM: [f64; 2] = [210.0, 297.0];

/// Red, green and blue from 0 to 1.
pub type Colour = [f64; 3];

/// How text looks.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// How heavy.
    pub weight: Weight,
    /// Size in points.
    pub size: f64,
    /// Its colour.
    pub colour: Colour,
}

/// A page in the making.
pub struct Sheet {
    content: String,
    regular: Font,
    bold: Font,
}

impl Sheet {
    /// An empty page.
    ///
    /// # Errors
    /// `TEXT_UNUSABLE` when an embedded face cannot be read.
    pub fn new() -> Result<Self, Error> {
        Ok(Self {
            content: String::new(),
            regular: Font::new(Weight::Regular)?,
            bold: Font::new(Weight::Bold)?,
        })
    }

    const fn font(&self, weight: Weight) -> &Font {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// Fills the box x, y, width, height.
    pub fn fill(&mut self, [x, y, width, height]: [f64; 4], colour: Colour) {
        let [x, y] = place([x, y + height]);
        let [width, height] = [width, height].map(|value| value * POINTS_PER_MM);
        let (colour, rect) = (numbers(&colour), numbers(&[x, y, width, height]));
        self.content.push_str(&format!("{colour} rg {rect} re f\n"));
    }

    /// Draws a line through `points`, `width` millimetres thick, with round ends.
    pub fn stroke(&mut self, points: &[[f64; 2]], width: f64, colour: Colour) {
        let (colour, width) = (numbers(&colour), numbers(&[width * POINTS_PER_MM]));
        self.content
            .push_str(&format!("{colour} RG {width} w 1 J 1 j "));
        for (at, point) in points.iter().enumerate() {
            let operator = if at == 0 { "m" } else { "l" };
            let point = numbers(&place(*point));
            self.content.push_str(&format!("{point} {operator} "));
        }
        self.content.push_str("S\n");
    }

    /// Writes `text` on the base line that begins at `from`. What the face lacks, and whatever could
    /// steer or hide, is written as its code.
    pub fn text(&mut self, style: Style, from: [f64; 2], text: &str) {
        let (font, name) = match style.weight {
            Weight::Regular => (&mut self.regular, "F0"),
            Weight::Bold => (&mut self.bold, "F1"),
        };
        let shown = font.legible(text);
        let codes = font.encode(&shown);
        let (colour, from) = (numbers(&style.colour), numbers(&place(from)));
        let size = numbers(&[style.size]);
        self.content.push_str(&format!(
            "BT {colour} rg /{name} {size} Tf {from} Td <{codes}> Tj ET\n"
        ));
    }

    /// As [`Self::text`], ending at `to`.
    pub fn text_to(&mut self, style: Style, [x, y]: [f64; 2], text: &str) {
        let width = self.width(style, text);
        self.text(style, [x - width, y], text);
    }

    /// Width of `text` as it is written, in millimetres.
    #[must_use]
    pub fn width(&self, style: Style, text: &str) -> f64 {
        let font = self.font(style.weight);
        let shown = font.legible(text);
        f64::from(font.width(&shown)) * style.size / 1000.0 / POINTS_PER_MM
    }

    /// `text` in lines of at most `width` millimetres, at most `most` of them; what does not fit is
    /// cut and ends with `…`.
    #[must_use]
    pub fn wrapped(&self, style: Style, text: &str, width: f64, most: usize) -> Vec<String> {
        let shown = self.font(style.weight).legible(text);
        let mut lines: Vec<String> = Vec::new();
        let mut line = String::new();
        for word in shown.split_whitespace() {
            let longer = match line.is_empty() {
                true => word.to_owned(),
                false => format!("{line} {word}"),
            };
            if self.width(style, &longer) <= width {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            let mut pieces = self.broken(style, word, width);
            line = pieces.pop().unwrap_or_default();
            lines.append(&mut pieces);
        }
        lines.push(line);
        if lines.len() > most {
            lines.truncate(most);
            if let Some(last) = lines.last_mut() {
                *last = self.cut(style, &format!("{last} …"), width);
            }
        }
        lines
    }

    /// One line of `text`, cut with `…` where it is too long.
    #[must_use]
    pub fn fitted(&self, style: Style, text: &str, width: f64) -> String {
        let shown = self.font(style.weight).legible(text);
        self.cut(style, &shown, width)
    }

    fn cut(&self, style: Style, text: &str, width: f64) -> String {
        if self.width(style, text) <= width {
            return text.to_owned();
        }
        let mut kept: Vec<char> = text.chars().collect();
        while kept.pop().is_some() {
            let short: String = kept.iter().collect::<String>().trim_end().to_owned() + "…";
            if self.width(style, &short) <= width {
                return short;
            }
        }
        String::new()
    }

    /// A word without blanks in pieces that fit.
    fn broken(&self, style: Style, word: &str, width: f64) -> Vec<String> {
        let mut pieces = vec![String::new()];
        for letter in word.chars() {
            let longer = pieces.last().map_or_else(String::new, Clone::clone) + &letter.to_string();
            match pieces.last_mut() {
                Some(last) if last.is_empty() || self.width(style, &longer) <= width => {
                    *last = longer;
                }
                _ => pieces.push(letter.to_string()),
            }
        }
        pieces
    }

    /// The finished document, called `title`, in the language tagged `language`.
    ///
    /// # Errors
    /// `TEXT_UNUSABLE` when a face cannot be cut down to the letters used.
    pub fn write(&self, title: &str, language: &str) -> Result<Vec<u8>, Error> {
        let size = numbers(&SHEET_MM.map(|value| value * POINTS_PER_MM));
        let mut bodies = vec![
            format!(
                "<</Type/Catalog/Pages 2 0 R/Lang({language})\
                 /ViewerPreferences<</DisplayDocTitle true>>>>"
            )
            .into_bytes(),
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
            format!(
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 {size}]/Contents 4 0 R\
                 /Resources<</Font<</F0 6 0 R/F1 11 0 R>>>>>>"
            )
            .into_bytes(),
            stream("", self.content.as_bytes()),
            format!("<</Title{}/Producer(lienthong)>>", text_string(title)).into_bytes(),
        ];
        bodies.append(&mut self.regular.objects(6)?);
        bodies.append(&mut self.bold.objects(11)?);
        Ok(document(&bodies))
    }
}

/// Millimetres from the upper left as points from the lower left.
fn place([x, y]: [f64; 2]) -> [f64; 2] {
    let [_, height] = SHEET_MM;
    [x * POINTS_PER_MM, (height - y) * POINTS_PER_MM]
}

/// A file of `bodies`, numbered from 1: the first is the catalog, the fifth the information.
fn document(bodies: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut table = format!(
        "xref\n0 {}\n0000000000 65535 f \n",
        bodies.len().saturating_add(1)
    );
    for (at, body) in bodies.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.extend_from_slice(format!("{} 0 obj\n", at.saturating_add(1)).as_bytes());
        file.extend_from_slice(body);
        file.extend_from_slice(b"\nendobj\n");
    }
    let start = file.len();
    let trailer = format!(
        "trailer\n<</Size {}/Root 1 0 R/Info 5 0 R>>\nstartxref\n{start}\n%%EOF\n",
        bodies.len().saturating_add(1)
    );
    file.extend_from_slice(table.as_bytes());
    file.extend_from_slice(trailer.as_bytes());
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style {
        weight: Weight::Regular,
        size: 10.0,
        colour: [0.0; 3],
    };

    #[test]
    fn the_same_drawing_gives_the_same_readable_file() {
        let draw = || {
            let mut sheet = Sheet::new().unwrap();
            sheet.fill([10.0, 10.0, 50.0, 5.0], [1.0, 0.0, 0.0]);
            sheet.text(PLAIN, [20.0, 30.0], "Ủy ban nhân dân xã Ia Dom");
            sheet.write("Phiếu", "vi").unwrap()
        };
        let file = draw();
        assert_eq!(file, draw());
        let document = crate::pdf::Document::open(&file).unwrap();
        assert_eq!(crate::pdf::page_ids(&document.latest()).unwrap().len(), 1);
    }

    #[test]
    fn letters_that_steer_or_are_not_in_the_face_are_written_as_codes() {
        let sheet = Sheet::new().unwrap();
        let shown = sheet.fitted(PLAIN, "a\u{202E}b\u{0}中", 200.0);
        assert_eq!(shown, "a\\u{202e}b\\u{0}\\u{4e2d}");
    }

    #[test]
    fn long_text_is_broken_and_then_cut() {
        let sheet = Sheet::new().unwrap();
        let lines = sheet.wrapped(PLAIN, &"dài ".repeat(100), 30.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with('…'));
        assert!(lines.iter().all(|line| sheet.width(PLAIN, line) <= 30.0));
        let digits = sheet.wrapped(PLAIN, &"7".repeat(200), 30.0, 3);
        assert!(digits.iter().all(|line| sheet.width(PLAIN, line) <= 30.0));
    }
}
