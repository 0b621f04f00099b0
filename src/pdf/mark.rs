//! The visible side of a signature: a picture or lines of text in a box on a page, upright however
//! the page is turned. Source: ISO 32000-2, 12.5.5; Decree 30/2020/NĐ-CP, Annex I.

use super::append::Update;
use super::error::Error;
use super::image::Image;
use super::object::ObjectId;
use super::pages::{POINTS_PER_MM, Page, PageChoice};
use super::typeset::Setting;

/// A mark and where it goes.
#[derive(Debug, Clone)]
pub struct Mark {
    /// The page that carries it.
    pub page: PageChoice,
    /// x, y, width and height in millimetres from the lower left corner of the page as seen.
    pub rect_mm: [f64; 4],
    /// What is drawn.
    pub content: MarkContent,
}

/// What a mark shows.
#[derive(Debug, Clone)]
pub enum MarkContent {
    /// A picture, fitted into the box with its proportions kept.
    Image(Image),
    /// Lines of black serif text of [`TEXT_SIZE`] points, top line first, left aligned.
    Text {
        /// The lines.
        lines: Vec<String>,
    },
}

/// Size of mark text in points. Source: Decree 30/2020/NĐ-CP, Annex I.
pub const TEXT_SIZE: f64 = 10.0;
/// Distance of two lines of mark text in points.
pub const LINE_SPACING: f64 = 12.0;

/// A number as PDF writes it, four decimals at most.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.is_empty() || text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

pub(super) fn numbers(values: &[f64]) -> String {
    values
        .iter()
        .map(|value| number(*value))
        .collect::<Vec<_>>()
        .join(" ")
}

impl Mark {
    /// The box in user space of `page`.
    ///
    /// # Errors
    /// `MARK_OUTSIDE` when the box is empty or leaves the page.
    pub(super) fn rectangle(&self, page: &Page) -> Result<[f64; 4], Error> {
        let [x, y, width, height] = self.rect_mm;
        let [page_width, page_height] = page.size_mm();
        let finite = self.rect_mm.iter().all(|value| value.is_finite());
        let slack = 0.01;
        let inside = x >= -slack
            && y >= -slack
            && x + width <= page_width + slack
            && y + height <= page_height + slack;
        if !finite || width < 1.0 || height < 1.0 || !inside {
            let rect = numbers(&self.rect_mm);
            let detail = format!("{rect} mm on a page of {page_width:.1} by {page_height:.1} mm");
            return Err(Error::Unusable {
                code: "MARK_OUTSIDE",
                detail,
            });
        }
        Ok(page.to_user_space(self.rect_mm))
    }

    /// Writes the appearance stream and gives its id.
    pub(super) fn write(
        &self,
        update: &mut Update<'_, '_>,
        page: &Page,
    ) -> Result<ObjectId, Error> {
        let [_, _, width, height] = self.rect_mm.map(|value| value * POINTS_PER_MM);
        let (resources, content) = match &self.content {
            MarkContent::Image(image) => {
                let id = image.write(update);
                (
                    format!("/XObject<</Im0 {id}>>"),
                    draw_image(image, width, height),
                )
            }
            MarkContent::Text { lines } => {
                let setting = Setting::new(lines)?;
                let font = setting.write_font(update)?;
                (
                    format!("/Font<</F0 {font}>>"),
                    draw_text(&setting, width, height),
                )
            }
        };
        let turn = match page.rotation {
            90 => "0 1 -1 0 0 0",
            180 => "-1 0 0 -1 0 0",
            270 => "0 -1 1 0 0 0",
            _ => "1 0 0 1 0 0",
        };
        let bbox = numbers(&[0.0, 0.0, width, height]);
        let head = format!(
            "/Type/XObject/Subtype/Form/FormType 1/BBox[{bbox}]/Matrix[{turn}]\
             /Resources<<{resources}>>"
        );
        Ok(update.add_stream(&head, content.as_bytes()))
    }
}

fn draw_image(image: &Image, width: f64, height: f64) -> String {
    let scale = (width / image.aspect()).min(height);
    let (wide, high) = (scale * image.aspect(), scale);
    let (x, y) = ((width - wide) / 2.0, (height - high) / 2.0);
    format!(
        "q {} 0 0 {} {} {} cm /Im0 Do Q",
        number(wide),
        number(high),
        number(x),
        number(y)
    )
}

/// Lines from the top; smaller than [`TEXT_SIZE`] only when the box leaves no other way.
fn draw_text(setting: &Setting, width: f64, height: f64) -> String {
    let widest = setting
        .lines
        .iter()
        .map(|(_, width)| *width)
        .max()
        .unwrap_or(0);
    let natural = f64::from(widest) * TEXT_SIZE / 1000.0;
    let rows = f64::from(u32::try_from(setting.lines.len()).unwrap_or(u32::MAX));
    let fit = (width / natural.max(1.0))
        .min(height / (rows * LINE_SPACING).max(1.0))
        .min(1.0);
    let (size, spacing) = (TEXT_SIZE * fit, LINE_SPACING * fit);
    let mut content = format!(
        "q 0 g BT /F0 {} Tf {} TL 0 {} Td\n",
        number(size),
        number(spacing),
        number(height - size)
    );
    for (codes, _) in &setting.lines {
        content.push_str(&format!("<{codes}> Tj T*\n"));
    }
    content.push_str("ET Q");
    content
}
