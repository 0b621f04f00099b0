//! What a font that is embedded says of itself, whichever letters of it are used.
//! Source: ISO 32000-2, 9.8 and 9.10.3.

use std::collections::BTreeMap;

use ttf_parser::Face;

/// The entries of a font descriptor that measure the face, in thousandths of the font size.
pub(super) fn metrics(face: &Face<'_>) -> String {
    let em = i32::from(face.units_per_em()).max(1);
    let scale = |value: i16| i32::from(value).saturating_mul(1000) / em;
    let bbox = face.global_bounding_box();
    format!(
        "/Flags 4/ItalicAngle 0/FontBBox[{} {} {} {}]/Ascent {}/Descent {}/CapHeight {}/StemV 80",
        scale(bbox.x_min),
        scale(bbox.y_min),
        scale(bbox.x_max),
        scale(bbox.y_max),
        scale(face.ascender()),
        scale(face.descender()),
        scale(face.capital_height().unwrap_or(0)),
    )
}

/// The `/ToUnicode` map of glyph ids to the letters they show, so that text is found and copied.
pub(super) fn unicode_map(letters: &BTreeMap<u16, char>) -> String {
    let mut map = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n\
         /CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def\n\
         /CMapName/Adobe-Identity-UCS def /CMapType 2 def\n\
         1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        .to_owned();
    let letters: Vec<_> = letters.iter().collect();
    for block in letters.chunks(100) {
        map.push_str(&format!("{} beginbfchar\n", block.len()));
        for (glyph, letter) in block {
            let mut units = [0; 2];
            let units = letter.encode_utf16(&mut units).iter();
            let units: String = units.map(|unit| format!("{unit:04X}")).collect();
            map.push_str(&format!("<{glyph:04X}> <{units}>\n"));
        }
        map.push_str("endbfchar\n");
    }
    map.push_str("endcmap CMapName currentdict /CMap defineresource pop end end\n");
    map
}
