//! Writes and edits PDF files byte by byte, well-formed or not, without the engine.

/// A one-page document: 1 catalog, 2 pages, 3 page, 4 contents, 5 font.
pub(crate) fn small_document() -> Vec<u8> {
    saying("So 15/UBND-VP")
}

/// The same with another text.
pub(crate) fn saying(text: &str) -> Vec<u8> {
    document(&[
        (1, "<</Type/Catalog/Pages 2 0 R>>".to_owned()),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
        (3, page("4 0 R")),
        (4, stream(&format!("BT /F1 24 Tf 72 700 Td ({text}) Tj ET"))),
        (
            5,
            "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>".to_owned(),
        ),
    ])
}

/// The page object of [`small_document`] with other contents.
pub(crate) fn page(contents: &str) -> String {
    format!(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595.276 841.89]/Contents {contents}\
         /Resources<</Font<</F1 5 0 R>>>>>>"
    )
}

/// A stream object's body.
pub(crate) fn stream(data: &str) -> String {
    format!("<</Length {}>>\nstream\n{data}\nendstream", data.len())
}

/// A whole document of these objects, the first being the catalog.
pub(crate) fn document(objects: &[(u32, String)]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
    append(&mut out, objects, &[], "/Root 1 0 R", None);
    out
}

/// `file` with an update of these objects, its trailer naming the given catalog.
pub(crate) fn updated(file: &[u8], objects: &[(u32, String)], root: &str) -> Vec<u8> {
    let mut out = file.to_vec();
    append(
        &mut out,
        objects,
        &[],
        &format!("/Root {root}"),
        Some(last_startxref(file)),
    );
    out
}

/// `file` with an update that frees object numbers.
pub(crate) fn freed(file: &[u8], numbers: &[u32], root: &str) -> Vec<u8> {
    let mut out = file.to_vec();
    append(
        &mut out,
        &[],
        numbers,
        &format!("/Root {root}"),
        Some(last_startxref(file)),
    );
    out
}

fn append(
    out: &mut Vec<u8>,
    objects: &[(u32, String)],
    free: &[u32],
    trailer: &str,
    previous: Option<usize>,
) {
    let mut entries: Vec<(u32, String)> = free
        .iter()
        .map(|number| (*number, "0000000000 00001 f \n".to_owned()))
        .collect();
    if previous.is_none() {
        entries.push((0, "0000000000 65535 f \n".to_owned()));
    }
    for (number, body) in objects {
        entries.push((*number, format!("{:010} 00000 n \n", out.len())));
        out.extend_from_slice(format!("{number} 0 obj\n{body}\nendobj\n").as_bytes());
    }
    entries.sort();
    let at = out.len();
    out.extend_from_slice(b"xref\n");
    for (number, entry) in &entries {
        out.extend_from_slice(format!("{number} 1\n{entry}").as_bytes());
    }
    let size = entries
        .iter()
        .map(|(number, _)| number + 1)
        .max()
        .unwrap_or(1)
        .max(200);
    let previous = previous.map_or(String::new(), |at| format!("/Prev {at}"));
    let end = format!("trailer\n<<{trailer}/Size {size}{previous}>>\nstartxref\n{at}\n%%EOF\n");
    out.extend_from_slice(end.as_bytes());
}

/// First place of `wanted` at or after `from`.
pub(crate) fn find(file: &[u8], wanted: &str, from: usize) -> usize {
    let found = file[from..]
        .windows(wanted.len())
        .position(|piece| piece == wanted.as_bytes());
    from + found.unwrap_or_else(|| panic!("{wanted} is not in the file"))
}

/// Last place of `wanted`.
pub(crate) fn rfind(file: &[u8], wanted: &str) -> usize {
    let found = file
        .windows(wanted.len())
        .rposition(|piece| piece == wanted.as_bytes());
    found.unwrap_or_else(|| panic!("{wanted} is not in the file"))
}

/// The offset after the last `startxref`.
pub(crate) fn last_startxref(file: &[u8]) -> usize {
    let at = rfind(file, "startxref") + "startxref".len();
    let text: String = file[at..].iter().map(|byte| char::from(*byte)).collect();
    text.split_whitespace().next().unwrap().parse().unwrap()
}

/// Where the last signature's hole begins (`<`) and ends (after `>`).
pub(crate) fn hole(file: &[u8]) -> (usize, usize) {
    let start = rfind(file, "/Contents<") + "/Contents".len();
    (start, find(file, ">", start) + 1)
}

/// `file` with the last `/ByteRange` array replaced by `text`, padded to the same length.
pub(crate) fn with_byte_range(file: &[u8], text: &str) -> Vec<u8> {
    let start = rfind(file, "/ByteRange[");
    let end = find(file, "]", start) + 1;
    replaced(
        file,
        (start, end),
        &format!("{text:<width$}", width = end - start),
    )
}

/// `file` with the last hole replaced by `text`, padded to the same length.
pub(crate) fn with_contents(file: &[u8], text: &str) -> Vec<u8> {
    let (start, end) = hole(file);
    replaced(
        file,
        (start, end),
        &format!("{text:<width$}", width = end - start),
    )
}

/// `file` with other bytes at a place.
pub(crate) fn replaced(file: &[u8], (start, end): (usize, usize), text: &str) -> Vec<u8> {
    let mut out = file[..start].to_vec();
    out.extend_from_slice(text.as_bytes());
    out.extend_from_slice(&file[end..]);
    out
}
