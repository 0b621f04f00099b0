//! The bytes are a whole file. A file that opens has revisions in order and within it, and gives
//! every object it lists or says why not; two judgements are the same; and it passes only if it
//! begins with the genuine signed file; the letters of hexadecimal digits in the signature may be
//! upper or lower case and white space may stand between them, which is the same signature.

use lienthong::domain::language::Language;
use lienthong::pades;
use lienthong::pades::FileVerdict;
use lienthong::pdf::{self, Document, ObjectId};
use lienthong::pki::verdict::Indication;

use super::genuine::{self, judged};

/// Attacks with `bytes`.
pub fn check(bytes: &[u8]) {
    let source = bytes.to_vec();
    if let Ok(document) = Document::open(&source) {
        walk(&document, u64::try_from(bytes.len()).unwrap());
    }
    let _seen = pades::inspect(&source);
    let report = judged(bytes);
    let again = judged(bytes);
    assert_eq!(
        report.to_json(Language::English),
        again.to_json(Language::English)
    );
    if report.verdict == FileVerdict::Judged(Indication::TotalPassed) {
        assert!(is_genuine(bytes));
    }
}

fn is_genuine(bytes: &[u8]) -> bool {
    let genuine: &[u8] = &genuine::SIGNED;
    let (Some(begun), Some(key)) = (bytes.get(..genuine.len()), find(genuine, b"/Contents<"))
    else {
        return false;
    };
    let start = key + b"/Contents<".len();
    let end = start + find(&genuine[start..], b">").unwrap();
    begun[..start] == genuine[..start]
        && value(&begun[start..end]) == value(&genuine[start..end])
        && begun[end..] == genuine[end..]
}

/// The digits of a hexadecimal string up to its padding. White space is none of them (ISO 32000-2,
/// 7.3.4.3); the report points it out.
fn value(string: &[u8]) -> Vec<u8> {
    let blank = |byte: &u8| matches!(byte, 0 | 9 | 10 | 12 | 13 | 32);
    let digits = string.iter().filter(|byte| !blank(byte));
    let mut digits: Vec<u8> = digits.map(u8::to_ascii_lowercase).collect();
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    digits
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|one| one == what)
}

fn walk(document: &Document<'_>, size: u64) {
    let mut end = 0;
    for revision in document.revisions() {
        assert!(revision.end > end && revision.end <= size);
        end = revision.end;
    }
    let view = document.latest();
    let numbers = document
        .revisions()
        .iter()
        .flat_map(|revision| revision.entries());
    let mut numbers: Vec<u32> = numbers.map(|(number, _)| number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    for number in numbers.into_iter().take(2_000) {
        let id = ObjectId {
            number,
            generation: 0,
        };
        if let Ok(Some(found)) = view.load(id) {
            assert!(view.in_use(number));
            let _data = view.stream_data(&found);
        }
    }
    let _pages = pdf::page_ids(&view);
    let _fields = pdf::fields(&view);
    let _steps = pdf::since(document, 0);
}
