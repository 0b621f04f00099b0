//! Writes PDF files byte by byte, without the engine that is attacked with them.

/// A one-page document: 1 catalog, 2 pages, 3 page, 4 contents, 5 font.
pub fn small_document() -> Vec<u8> {
    let contents = "BT /F1 24 Tf 72 700 Td (So 15/UBND-VP) Tj ET";
    let contents = format!(
        "<</Length {}>>\nstream\n{contents}\nendstream",
        contents.len()
    );
    let objects: [&[u8]; 5] = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R\
          /Resources<</Font<</F1 5 0 R>>>>>>",
        contents.as_bytes(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>",
    ];
    let objects: Vec<_> = (1..).zip(objects).collect();
    document(&objects)
}

/// A whole document of these objects, the first being the catalog.
pub fn document(objects: &[(u32, &[u8])]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
    append(&mut out, objects, "/Root 1 0 R", None);
    out
}

/// Appends an update with these objects.
pub fn update(file: &mut Vec<u8>, objects: &[(u32, &[u8])]) {
    let previous = last_startxref(file);
    append(file, objects, "/Root 1 0 R", Some(previous));
}

fn append(out: &mut Vec<u8>, objects: &[(u32, &[u8])], trailer: &str, previous: Option<usize>) {
    let mut entries = Vec::new();
    if previous.is_none() {
        entries.push((0, "0000000000 65535 f \n".to_owned()));
    }
    for (number, body) in objects {
        entries.push((*number, format!("{:010} 00000 n \n", out.len())));
        out.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        out.extend_from_slice(body);
        out.extend_from_slice(b"\nendobj\n");
    }
    entries.sort();
    entries.dedup_by_key(|(number, _)| *number);
    let at = out.len();
    out.extend_from_slice(b"xref\n");
    for (number, entry) in &entries {
        out.extend_from_slice(format!("{number} 1\n{entry}").as_bytes());
    }
    let previous = previous.map_or(String::new(), |at| format!("/Prev {at}"));
    let end = format!("trailer\n<<{trailer}/Size 300{previous}>>\nstartxref\n{at}\n%%EOF\n");
    out.extend_from_slice(end.as_bytes());
}

/// The offset after the last `startxref`.
pub fn last_startxref(file: &[u8]) -> usize {
    let word = b"startxref\n";
    let at = file.windows(word.len()).rposition(|window| window == word);
    let digits = file[at.unwrap() + word.len()..].iter();
    let digits = digits.take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'))
}

/// Takes a piece of at most 65,535 bytes with its length before it, as corpora are written.
pub fn piece<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (piece, rest) = rest.split_at(length.min(rest.len()));
    *bytes = rest;
    Some(piece)
}
