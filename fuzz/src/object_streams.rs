//! The bytes are the data of an object stream, with how many objects it says it holds in front.
//! What is taken out of it must have been in it, and reads the same again.

use lienthong::pdf::{Document, ObjectId};

use super::genuine::holds;

/// Attacks with `bytes`: the number of objects, where the first begins (two bytes), the data.
pub fn check(bytes: &[u8]) {
    let Some(([count, high, low], data)) = bytes.split_first_chunk::<3>() else {
        return;
    };
    let count = u32::from(count % 16);
    let file = file(count, u16::from_be_bytes([*high, *low]), data);
    let Ok(document) = Document::open(&file) else {
        return;
    };
    let view = document.latest();
    for number in 10..10 + count {
        let id = ObjectId {
            number,
            generation: 0,
        };
        if let Ok(Some(found)) = view.load(id) {
            assert!(holds(data, found.raw_body()) || found.raw_body().is_empty());
            let again = view.load(id).unwrap().unwrap();
            assert_eq!(found.raw_body(), again.raw_body());
        }
    }
}

/// A file whose object 5 is that stream and whose cross-reference stream 6 lists its objects.
fn file(count: u32, first: u16, data: &[u8]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut table = vec![[0_u8, 0, 0, 0, 0, 255, 255]];
    let mut add = |out: &mut Vec<u8>, number: u32, body: &[u8]| {
        let [a, b, c, d] = u32::try_from(out.len()).unwrap().to_be_bytes();
        table.push([1, a, b, c, d, 0, 0]);
        out.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        out.extend_from_slice(body);
        out.extend_from_slice(b"\nendobj\n");
    };
    add(&mut out, 1, b"<</Type/Catalog/Pages 2 0 R>>");
    add(&mut out, 2, b"<</Type/Pages/Kids[3 0 R]/Count 1>>");
    add(
        &mut out,
        3,
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    );
    add(&mut out, 4, b"null");
    let head = format!(
        "<</Type/ObjStm/N {count}/First {first}/Length {}>>\nstream\n",
        data.len()
    );
    add(
        &mut out,
        5,
        &[head.as_bytes(), data, b"\nendstream"].concat(),
    );
    let at = out.len();
    let [a, b, c, d] = u32::try_from(at).unwrap().to_be_bytes();
    table.push([1, a, b, c, d, 0, 0]);
    for index in 0..count {
        let [.., low] = index.to_be_bytes();
        table.push([2, 0, 0, 0, 5, 0, low]);
    }
    let table = table.concat();
    let head = format!(
        "6 0 obj\n<</Type/XRef/Size {}/Root 1 0 R/W[1 4 2]/Index[0 7 10 {count}]/Length {}>>\nstream\n",
        10 + count,
        table.len()
    );
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(&table);
    out.extend_from_slice(format!("\nendstream\nendobj\nstartxref\n{at}\n%%EOF\n").as_bytes());
    out
}
