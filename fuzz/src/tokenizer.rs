//! The bytes are the value of one object. What the reader takes must lie within the value, read the
//! same again, and read the same when it stands alone.

use lienthong::pdf::{Document, ObjectId};

use super::write;

const ID: u32 = 6;

fn file(value: &[u8]) -> Vec<u8> {
    write::document(&[
        (1, b"<</Type/Catalog/Pages 2 0 R>>"),
        (2, b"<</Type/Pages/Kids[3 0 R]/Count 1>>"),
        (3, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"),
        (ID, value),
    ])
}

/// The bytes the reader took as the value, if it took one.
fn taken(value: &[u8]) -> Option<Vec<u8>> {
    let file = file(value);
    let document = Document::open(&file).ok()?;
    let id = ObjectId {
        number: ID,
        generation: 0,
    };
    let read = document.latest().load(id).ok()??;
    let again = document.latest().load(id).unwrap().unwrap();
    assert_eq!(read.raw_body(), again.raw_body());
    let _text = format!("{:?}", read.object);
    (read.stream_start.is_none()).then(|| read.raw_body().to_vec())
}

/// Attacks with `bytes`.
pub fn check(bytes: &[u8]) {
    if let Some(value) = taken(bytes) {
        assert!(super::genuine::holds(bytes, &value) || value.is_empty());
        assert_eq!(taken(&value).as_deref(), Some(value.as_slice()));
    }
}
