//! The visible side of a signature: a picture or lines of text in a box on a page, upright however
//! the page is turned. Source: ISO 32000-2, 12.5.5; Decree 30/2020/NĐ-CP, Annex I.

use super::append::Update;
use super::conformance::archive_part;
use super::document::View;
use super::error::Error;
use super::image::Image;
use super::object::ObjectId;
use super::pages::{POINTS_PER_MM, Page, PageChoice};
use super::typeset::Text;

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
    /// Text, in a frame or without one.
    Text(Text),
}

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
    /// The same mark in another box.
    pub(super) fn moved(&self, rect_mm: [f64; 4]) -> Self {
        Self {
            rect_mm,
            ..self.clone()
        }
    }

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

    /// Writes the appearance stream and gives its id. In a file that claims PDF/A the colours are
    /// independent of devices, and for part 1 nothing is translucent.
    pub(super) fn write(
        &self,
        update: &mut Update<'_, '_>,
        view: &View<'_, '_>,
        page: &Page,
    ) -> Result<ObjectId, Error> {
        let [_, _, width, height] = self.rect_mm.map(|value| value * POINTS_PER_MM);
        let archive = archive_part(view);
        let (resources, content) = match &self.content {
            MarkContent::Image(image) => {
                let id = image.write(update, archive);
                (
                    format!("/XObject<</Im0 {id}>>"),
                    draw_image(image, width, height),
                )
            }
            MarkContent::Text(text) => {
                let font = text.write_font(update);
                let (space, ink, accent) = match archive {
                    None => (String::new(), "0 g", "0.75 0.05 0.05 rg 0.75 0.05 0.05 RG"),
                    Some(_) => (
                        format!("/ColorSpace<</CS0{CALIBRATED_RGB}>>"),
                        "/CS0 cs 0 0 0 sc",
                        "/CS0 cs 0.75 0.05 0.05 sc /CS0 CS 0.75 0.05 0.05 SC",
                    ),
                };
                (
                    format!("/Font<</F0 {font}>>{space}"),
                    text.draw(width, height, ink, accent),
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

/// RGB independent of devices, close to sRGB. Source: ISO 32000-2, 8.6.5.3.
pub(super) const CALIBRATED_RGB: &str = "[/CalRGB<</WhitePoint[0.9505 1 1.089]/Gamma[2.2 2.2 2.2]\
    /Matrix[0.4124 0.2126 0.0193 0.3576 0.7152 0.1192 0.1805 0.0722 0.9505]>>]";

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
