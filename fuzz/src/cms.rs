//! The bytes are a signature structure. It reads the same twice; it holds for the genuine bytes
//! only with the genuine signature; and with one bit of its signature turned it never holds.

use std::sync::LazyLock;

use lienthong::cms::{AttributeProfile, SignedData, parse};
use lienthong::pdf::{Document, FieldValue, fields, signature};

use super::genuine::{EVIDENCE, SIGNED, at};

/// The signature structure of the genuine document, and the digest it is about.
pub static GENUINE: LazyLock<(Vec<u8>, SignedData)> = LazyLock::new(|| {
    let document = Document::open(&*SIGNED).unwrap();
    let view = document.latest();
    let FieldValue::Signature(id) = fields(&view).unwrap().signatures[0].value else {
        panic!("the genuine document is not signed");
    };
    let contents = signature(&view, id).unwrap().contents;
    let data = parse(&contents).unwrap();
    (contents, data)
});

/// Whether `data` holds for the genuine document's digest.
fn holds(data: &SignedData) -> bool {
    [AttributeProfile::Cades, AttributeProfile::Pkcs7]
        .into_iter()
        .filter_map(|profile| data.signer(profile).ok())
        .filter_map(|signer| data.verify(&signer, GENUINE.1.message_digest()).ok())
        .any(|check| check.failure().is_none())
}

/// Attacks with `bytes`.
pub fn check(bytes: &[u8]) {
    let Ok(data) = parse(bytes) else {
        return;
    };
    let again = parse(bytes).unwrap();
    assert_eq!(data.signature(), again.signature());
    assert_eq!(data.message_digest(), again.message_digest());
    let _findings = data.findings(AttributeProfile::Cades);
    if let Ok(report) = lienthong::cms::detached::verify(b"", bytes, &EVIDENCE, at()) {
        let _text = format!("{report:?}");
    }
    if holds(&data) {
        assert_eq!(data.signature(), GENUINE.1.signature());
    }
    let place = bytes
        .windows(data.signature().len().max(1))
        .rposition(|window| window == data.signature());
    if let Some(place) = place {
        let mut turned = bytes.to_vec();
        turned[place] ^= 1;
        assert!(!parse(&turned).is_ok_and(|turned| holds(&turned)));
    }
}
