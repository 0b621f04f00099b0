//! Marks as a viewer draws them: pages are rendered, and the pixels stand where the millimetres say,
//! upright, however the page is turned, cropped or scaled.

use std::process::Command;

use lienthong::pades::marks::{self, Anchor, Side};
use lienthong::pades::{Act, Image, Mark, MarkContent, PageChoice};

use super::support::bytes::{document, stream};
use super::support::{key, now, request, sign_as};

/// Dots per inch of rendered pages.
const DPI: f64 = 144.0;

/// A page as it is written: boxes and turns.
struct Sheet {
    entries: &'static str,
    /// Width and height in millimetres as the page is seen.
    seen_mm: [f64; 2],
}

/// Points as millimetres.
fn mm(points: f64) -> f64 {
    points * 25.4 / 72.0
}

fn sheets() -> Vec<Sheet> {
    let (wide, high) = (mm(595.0), mm(842.0));
    let sheet = |entries, seen_mm| Sheet { entries, seen_mm };
    vec![
        sheet("/MediaBox[0 0 595 842]", [wide, high]),
        sheet("/MediaBox[0 0 842 595]", [high, wide]),
        sheet("/MediaBox[0 0 595 842]/Rotate 90", [high, wide]),
        sheet("/MediaBox[0 0 595 842]/Rotate 180", [wide, high]),
        sheet("/MediaBox[0 0 595 842]/Rotate 270", [high, wide]),
        sheet("/MediaBox[0 0 595 842]/Rotate -90", [high, wide]),
        sheet("/MediaBox[100 -50 695 792]", [wide, high]),
        sheet(
            "/MediaBox[0 0 700 900]/CropBox[60 40 655 882]",
            [wide, high],
        ),
        sheet(
            "/MediaBox[0 0 700 900]/CropBox[60 40 655 882]/Rotate 90",
            [high, wide],
        ),
        sheet("/MediaBox[0 0 297.5 421]/UserUnit 2", [wide, high]),
        sheet(
            "/MediaBox[0 0 400 500]/CropBox[50 30 347.5 451]/UserUnit 2/Rotate 270",
            [high, wide],
        ),
    ]
}

fn file_of(sheet: &Sheet, contents: &str) -> Vec<u8> {
    let font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";
    let page = format!(
        "<</Type/Page/Parent 2 0 R{}/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R>>",
        sheet.entries
    );
    document(&[
        (1, "<</Type/Catalog/Pages 2 0 R>>".to_owned()),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
        (3, page),
        (4, stream(contents)),
        (5, font.to_owned()),
    ])
}

/// A picture of four squares: red and green above, blue and black below.
fn four_squares() -> Image {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 2, 2);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().unwrap();
    let squares = [255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0];
    writer.write_image_data(&squares).unwrap();
    writer.finish().unwrap();
    Image::from_png(&bytes).unwrap()
}

fn signed(document: &[u8], mark: Mark) -> Vec<u8> {
    let key = key("persons/iadom-leader");
    sign_as(document, &key, &request(&key, Act::Other, Some(mark))).unwrap()
}

/// Where the pixel of this number stands among the bytes.
fn place(pixel: u32) -> usize {
    usize::try_from(pixel).unwrap() * 3
}

/// A rendered page.
struct Pixels {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
}

impl Pixels {
    /// The first page as poppler draws it.
    fn of(file: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (input, output) = (folder.path().join("a.pdf"), folder.path().join("a"));
        std::fs::write(&input, file).unwrap();
        let drawn = Command::new("pdftoppm")
            .args(["-r", &DPI.to_string(), "-cropbox", "-singlefile"])
            .args(["-aa", "no", "-aaVector", "no"])
            .args([&input, &output])
            .output()
            .expect("pdftoppm of poppler-utils is needed");
        assert!(drawn.status.success(), "{drawn:?}");
        let bytes = std::fs::read(output.with_extension("ppm")).unwrap();
        let head: Vec<&[u8]> = bytes.splitn(4, u8::is_ascii_whitespace).collect();
        let number = |text: &[u8]| -> u32 { std::str::from_utf8(text).unwrap().parse().unwrap() };
        let (width, height) = (number(head[1]), number(head[2]));
        let rgb = bytes[bytes.len() - place(width * height)..].to_vec();
        Self { width, height, rgb }
    }

    fn at(&self, x: u32, y: u32) -> [u8; 3] {
        let at = place(y * self.width + x);
        self.rgb[at..at + 3].try_into().unwrap()
    }

    /// The box of everything that differs from `other`: left, top, right, bottom in pixels.
    fn changed(&self, other: &Self) -> [u32; 4] {
        assert_eq!((self.width, self.height), (other.width, other.height));
        let mut found = [u32::MAX, u32::MAX, 0, 0];
        for (x, y) in (0..self.height).flat_map(|y| (0..self.width).map(move |x| (x, y))) {
            if self.at(x, y) != other.at(x, y) {
                let [left, top, right, bottom] = found;
                found = [left.min(x), top.min(y), right.max(x + 1), bottom.max(y + 1)];
            }
        }
        assert!(found[0] < found[2], "nothing was drawn");
        found
    }
}

/// The box x, y, width, height (from the lower left corner) of pixels, in millimetres of a page
/// that is `seen_mm` large. Relative to the page: poppler draws a scaled page in its unscaled size.
fn in_mm([left, top, right, bottom]: [u32; 4], pixels: &Pixels, seen_mm: [f64; 2]) -> [f64; 4] {
    let scale_x = seen_mm[0] / f64::from(pixels.width);
    let scale_y = seen_mm[1] / f64::from(pixels.height);
    [
        f64::from(left) * scale_x,
        f64::from(pixels.height - bottom) * scale_y,
        f64::from(right - left) * scale_x,
        f64::from(bottom - top) * scale_y,
    ]
}

#[track_caller]
fn assert_near(found: [f64; 4], wanted: [f64; 4], within_mm: f64, about: &str) {
    let far = found
        .iter()
        .zip(wanted)
        .any(|(one, two)| (one - two).abs() > within_mm);
    assert!(!far, "{about}: drawn at {found:?}, wanted {wanted:?}");
}

#[test]
fn a_mark_is_drawn_where_its_millimetres_say_on_every_kind_of_page() {
    for sheet in sheets() {
        let plain = file_of(&sheet, "");
        let rect_mm = [20.0, 35.0, 40.0, 40.0];
        let mark = Mark {
            page: PageChoice::First,
            rect_mm,
            content: MarkContent::Image(four_squares()),
        };
        let drawn = Pixels::of(&signed(&plain, mark));
        let box_ = drawn.changed(&Pixels::of(&plain));
        let found = in_mm(box_, &drawn, sheet.seen_mm);
        assert_near(found, rect_mm, 0.8, sheet.entries);
    }
}

#[test]
fn a_mark_is_drawn_upright_and_not_mirrored_on_every_kind_of_page() {
    for sheet in sheets() {
        let plain = file_of(&sheet, "");
        let mark = Mark {
            page: PageChoice::First,
            rect_mm: [60.0, 80.0, 40.0, 40.0],
            content: MarkContent::Image(four_squares()),
        };
        let drawn = Pixels::of(&signed(&plain, mark));
        let [left, top, right, bottom] = drawn.changed(&Pixels::of(&plain));
        let (quarter_x, quarter_y) = ((right - left) / 8, (bottom - top) / 8);
        // Near the corners, where smoothing between the squares does not reach.
        let corners = [
            (left + quarter_x, top + quarter_y),
            (right - quarter_x, top + quarter_y),
            (left + quarter_x, bottom - quarter_y),
            (right - quarter_x, bottom - quarter_y),
        ];
        let seen = corners.map(|(x, y)| drawn.at(x, y).map(|value| value > 127));
        let wanted = [
            [true, false, false],
            [false, true, false],
            [false, false, true],
            [false, false, false],
        ];
        assert_eq!(seen, wanted, "{}", sheet.entries);
    }
}

/// Source: Decree 30/2020/NĐ-CP, Annex I: on appendices and copies at the top right corner.
#[test]
fn the_lines_of_a_copy_are_drawn_at_the_top_right_corner_of_every_kind_of_page() {
    for sheet in sheets() {
        let plain = file_of(&sheet, "");
        let lines = vec!["Sao y".to_owned(), "UBND xã Ia Dom".to_owned()];
        let text = marks::corner_lines(lines, now()).unwrap();
        let mark = marks::corner(&plain, text).unwrap();
        let rect_mm = mark.rect_mm;
        let drawn = Pixels::of(&signed(&plain, mark));
        let box_ = drawn.changed(&Pixels::of(&plain));
        let [x, y, width, height] = in_mm(box_, &drawn, sheet.seen_mm);
        let [page_width, page_height] = sheet.seen_mm;
        let about = format!("{}: ink at {:?}", sheet.entries, [x, y, width, height]);
        assert!((page_width - x - width - 10.0).abs() < 4.0, "{about}");
        assert!((page_height - y - height - 5.0).abs() < 4.0, "{about}");
        assert!(x >= rect_mm[0] - 0.8 && y >= rect_mm[1] - 0.8, "{about}");
    }
}

/// Source: Decree 30/2020/NĐ-CP, Annex I: the seal covers about a third of the signature, at its
/// left.
#[test]
fn the_agencys_seal_is_drawn_over_the_left_third_of_the_signature() {
    for sheet in sheets() {
        let plain = file_of(&sheet, "");
        let person = marks::approve(&plain, four_squares()).unwrap();
        let signature = person.rect_mm;
        let first = signed(&plain, person);
        let seal = marks::issue(&first, four_squares()).unwrap();
        let both = signed(&first, seal);
        let drawn = Pixels::of(&both);
        let box_ = drawn.changed(&Pixels::of(&first));
        let [x, _, width, _] = in_mm(box_, &drawn, sheet.seen_mm);
        let third = signature[0] + signature[2] / 3.0;
        let about = sheet.entries;
        assert!(
            (x + width - third).abs() < 0.8,
            "{about}: {x} + {width}, {third}"
        );
    }
}

/// A page that draws its text through a form in a form, moved and scaled.
fn with_forms(matrix: &str) -> Vec<u8> {
    let form = |matrix: &str, resources: &str, contents: &str| {
        let length = contents.len();
        format!(
            "<</Type/XObject/Subtype/Form/BBox[0 0 900 900]{matrix}{resources}/Length {length}>>\n\
             stream\n{contents}\nendstream"
        )
    };
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]\
                /Resources<</XObject<</X0 6 0 R>>/Font<</F1 7 0 R>>>>/Contents 4 0 R>>";
    let font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>";
    document(&[
        (1, "<</Type/Catalog/Pages 2 0 R>>".to_owned()),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
        (3, page.to_owned()),
        (
            4,
            stream("q 1 0 0 1 100 200 cm /X0 Do Q BT /F1 12 Tf 72 72 Td (Outside) Tj ET"),
        ),
        (
            5,
            form(
                "",
                "/Resources<</Font<</F9 7 0 R>>>>",
                "BT /F9 20 Tf 10 20 Td (Inside) Tj ET",
            ),
        ),
        (
            6,
            form(
                matrix,
                "/Resources<</XObject<</X1 5 0 R/X0 6 0 R>>>>",
                "/X1 Do /X0 Do",
            ),
        ),
        (7, font.to_owned()),
    ])
}

#[test]
fn a_text_inside_forms_is_found_where_it_is_drawn() {
    let found = |file: &[u8], text| {
        let anchor = Anchor {
            text,
            side: Side::Over,
            page: None,
        };
        let content = MarkContent::Image(four_squares());
        let mark = marks::near(&file.to_vec(), &anchor, content, Some([4.0, 4.0])).unwrap();
        let [x, y, width, height] = mark.rect_mm;
        [x + width / 2.0, y + height / 2.0]
    };
    for (matrix, scale) in [("", 1.0), ("/Matrix[1.5 0 0 1.5 0 0]", 1.5)] {
        let file = with_forms(matrix);
        let drawn = Pixels::of(&file);
        // What stands above the line outside is the text inside.
        let blank = Pixels::of(&file_of(&sheets()[0], ""));
        let rows = drawn.height - drawn.height * 92 / 842;
        let kept = place(rows * drawn.width);
        let mut upper = drawn;
        upper.rgb[kept..].copy_from_slice(&blank.rgb[kept..]);
        let [x, y, width, height] = in_mm(upper.changed(&blank), &upper, [mm(595.0), mm(842.0)]);
        let [centre, middle] = found(&file, "Inside");
        assert!(
            (centre - x - width / 2.0).abs() < 1.5 * scale,
            "{centre}: {x} {width}"
        );
        assert!(
            (middle - y - height / 2.0).abs() < 1.5 * scale,
            "{middle}: {y} {height}"
        );
        // The form that draws itself did not lead round for ever, and the text behind is found.
        let [outside, _] = found(&file, "Outside");
        assert!(outside > mm(72.0) && outside < mm(140.0), "{outside}");
    }
}
