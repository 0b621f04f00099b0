//! A picture for a mark: a PNG decoded once, kept as the compressed streams of an image object.
//! Source: ISO 32000-2, 8.9.5 and 11.6.5.2.

use std::io::Cursor;
use std::sync::Arc;

use super::append::Update;
use super::error::Error;
use super::filter::deflate;
use super::limits;
use super::object::ObjectId;

/// A picture ready to be drawn; cheap to clone.
#[derive(Debug, Clone)]
pub struct Image(Arc<Pixels>);

#[derive(Debug)]
struct Pixels {
    width: u32,
    height: u32,
    size_mm: Option<[f64; 2]>,
    colour: Vec<u8>,
    alpha: Option<Vec<u8>>,
    /// One bit a pixel, 1 where nothing is painted; made from `alpha`.
    stencil: Option<Vec<u8>>,
}

impl Image {
    /// Decodes a PNG: grey or colour, with or without transparency, 8 or 16 bits.
    ///
    /// # Errors
    /// `IMAGE_UNUSABLE` when it is no PNG, is damaged, or has more than
    /// [`limits::IMAGE_SIDE`] pixels on a side.
    pub fn from_png(bytes: &[u8]) -> Result<Self, Error> {
        let unusable = |detail: String| Error::Unusable {
            code: "IMAGE_UNUSABLE",
            detail,
        };
        let mut decoder = png::Decoder::new_with_limits(
            Cursor::new(bytes),
            png::Limits {
                bytes: limits::INFLATED_BYTES,
            },
        );
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder
            .read_info()
            .map_err(|fault| unusable(fault.to_string()))?;
        let (width, height) = reader.info().size();
        if width.max(height) > limits::IMAGE_SIDE {
            return Err(unusable(format!("{width} by {height} pixels")));
        }
        let size_mm = reader
            .info()
            .pixel_dims
            .and_then(|dims| real_size(width, height, dims));
        let length = reader
            .output_buffer_size()
            .ok_or_else(|| unusable("too large".into()))?;
        let mut pixels = vec![0; length];
        let frame = reader
            .next_frame(&mut pixels)
            .map_err(|fault| unusable(fault.to_string()))?;
        pixels.truncate(frame.buffer_size());
        let (channels, has_alpha) = match frame.color_type {
            png::ColorType::Grayscale => (1, false),
            png::ColorType::GrayscaleAlpha => (2, true),
            png::ColorType::Rgb => (3, false),
            png::ColorType::Rgba => (4, true),
            png::ColorType::Indexed => return Err(unusable("an unexpanded palette".into())),
        };
        let (colour, alpha) = split(&pixels, channels, has_alpha);
        let stencil = has_alpha.then(|| deflate(&stencil(&alpha, width)));
        let alpha = has_alpha.then(|| deflate(&alpha));
        Ok(Self(Arc::new(Pixels {
            width,
            height,
            size_mm,
            colour: deflate(&colour),
            alpha,
            stencil,
        })))
    }

    /// Width and height in millimetres, if the PNG declares its resolution.
    #[must_use]
    pub fn size_mm(&self) -> Option<[f64; 2]> {
        self.0.size_mm
    }

    /// Width divided by height.
    #[must_use]
    pub fn aspect(&self) -> f64 {
        f64::from(self.0.width) / f64::from(self.0.height.max(1))
    }

    /// Writes the image as objects and gives the image's id. `archive` is the part of PDF/A the file
    /// keeps to: then colours are calibrated, and in part 1, which knows no translucency, a pixel
    /// is either painted or not.
    pub(super) fn write(&self, update: &mut Update<'_, '_>, archive: Option<u8>) -> ObjectId {
        let Pixels { width, height, .. } = *self.0;
        let head =
            format!("/Type/XObject/Subtype/Image/Width {width}/Height {height}/Filter/FlateDecode");
        let mask = match (archive, &self.0.stencil, &self.0.alpha) {
            (Some(1), Some(stencil), _) => {
                let entries = format!("{head}/ImageMask true/BitsPerComponent 1");
                format!("/Mask {}", update.add_stream(&entries, stencil))
            }
            (_, _, Some(alpha)) => {
                let entries = format!("{head}/BitsPerComponent 8/ColorSpace/DeviceGray");
                format!("/SMask {}", update.add_stream(&entries, alpha))
            }
            _ => String::new(),
        };
        let space = match archive {
            None => "/DeviceRGB",
            Some(_) => super::mark::CALIBRATED_RGB,
        };
        let entries = format!("{head}/BitsPerComponent 8/ColorSpace{space}{mask}");
        update.add_stream(&entries, &self.0.colour)
    }
}

/// Rows of one bit a pixel: 1 where the picture is less than half opaque.
fn stencil(alpha: &[u8], width: u32) -> Vec<u8> {
    let width = usize::try_from(width).unwrap_or(usize::MAX).max(1);
    let mut rows = Vec::with_capacity(alpha.len() / 8 + 1);
    for row in alpha.chunks(width) {
        for eight in row.chunks(8) {
            let bits = eight.iter().enumerate().fold(0_u8, |bits, (at, opacity)| {
                bits | if *opacity < 128 { 0x80 >> at } else { 0 }
            });
            rows.push(bits);
        }
    }
    rows
}

fn real_size(width: u32, height: u32, dims: png::PixelDimensions) -> Option<[f64; 2]> {
    let metric = dims.unit == png::Unit::Meter && dims.xppu > 0 && dims.yppu > 0;
    let millimetres =
        |pixels: u32, per_metre: u32| f64::from(pixels) * 1000.0 / f64::from(per_metre);
    metric.then(|| {
        [
            millimetres(width, dims.xppu),
            millimetres(height, dims.yppu),
        ]
    })
}

/// Splits samples into RGB and alpha.
fn split(pixels: &[u8], channels: usize, has_alpha: bool) -> (Vec<u8>, Vec<u8>) {
    let mut colour = Vec::with_capacity(pixels.len());
    let mut alpha = Vec::new();
    for pixel in pixels.chunks_exact(channels) {
        let (samples, opacity) = match pixel.split_last() {
            Some((opacity, samples)) if has_alpha => (samples, Some(*opacity)),
            _ => (pixel, None),
        };
        alpha.extend(opacity);
        match samples {
            [grey] => colour.extend([*grey; 3]),
            _ => colour.extend_from_slice(samples),
        }
    }
    (colour, alpha)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stencil_hides_what_is_less_than_half_opaque() {
        let alpha = [0, 127, 128, 255, 0, 0, 0, 0, 255, 0];
        assert_eq!(stencil(&alpha, 5), [0b1100_1000, 0b1110_1000]);
    }
}
