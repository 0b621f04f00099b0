//! Documents of an official day: most are small, a few are scans of many megabytes. No two are the
//! same, so that nothing is stored once for all.

/// Share of the documents in thousandths, and their size in bytes.
const MIX: [(u64, usize); 5] = [
    (300, 2_000),
    (600, 10_000),
    (90, 100_000),
    (9, 2_000_000),
    (1, 10_000_000),
];

/// The size of document number `n`: over a thousand documents exactly the mix, in an order that has
/// no long run of one size.
pub(super) fn size_of(n: u64) -> usize {
    // 617 and 1,000 have no common divisor: every remainder comes once in a thousand.
    let mut place = (n % 1_000) * 617 % 1_000;
    for (share, size) in MIX {
        match place.checked_sub(share) {
            Some(rest) => place = rest,
            None => return size,
        }
    }
    2_000
}

/// A PDF of about `size` bytes with one page, whose content holds its number `n`; what the page does
/// not need is a picture of noise, which cannot be compressed.
pub(super) fn paper(n: u64, size: usize) -> Vec<u8> {
    let text = format!("BT /F1 12 Tf 60 780 Td (Van ban do luong so {n}) Tj ET");
    let noise = noise(n, size.saturating_sub(740));
    let objects = [
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R\
          /Resources<</Font<</F1 5 0 R>>/XObject<</I1 6 0 R>>>>>>"
            .to_vec(),
        stream("", text.as_bytes()),
        b"<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>".to_vec(),
        stream(
            &format!(
                "/Type/XObject/Subtype/Image/Width {}/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8",
                noise.len()
            ),
            &noise,
        ),
    ];
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (at, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.extend(format!("{} 0 obj\n", at + 1).bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let end = format!(
        "trailer\n<</Root 1 0 R/Size {}>>\nstartxref\n{}\n%%EOF\n",
        objects.len() + 1,
        file.len()
    );
    file.extend(table.bytes());
    file.extend(end.bytes());
    file
}

fn stream(entries: &str, data: &[u8]) -> Vec<u8> {
    let mut object = format!("<<{entries}/Length {}>>\nstream\n", data.len()).into_bytes();
    object.extend(data);
    object.extend(b"\nendstream");
    object
}

/// At least one byte that depends on `n`; the same for the same `n`.
fn noise(n: u64, count: usize) -> Vec<u8> {
    let mut state = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(count + 8);
    while bytes.len() < count.max(1) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(count.max(1));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pades;

    #[test]
    fn a_thousand_documents_have_the_mix_of_an_official_day() {
        let sizes: Vec<usize> = (5_000..6_000).map(size_of).collect();
        for (share, size) in MIX {
            let found = sizes.iter().filter(|found| **found == size).count();
            assert_eq!(u64::try_from(found).unwrap(), share, "{size} bytes");
        }
    }

    #[test]
    fn a_paper_is_a_document_of_about_its_size() {
        for size in [2_000, 10_000, 100_000] {
            let paper = paper(7, size);
            assert!(paper.len().abs_diff(size) < 300, "{size}: {}", paper.len());
            assert_eq!(pades::inspect(&paper).unwrap().pages, 1);
        }
        assert_ne!(paper(7, 2_000), paper(8, 2_000));
    }
}
