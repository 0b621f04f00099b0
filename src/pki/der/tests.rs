//! Elements are read and written exactly.

use super::*;

fn fault(bytes: &[u8]) -> &'static str {
    match check("test", bytes) {
        Err(Error::Der { fault, .. }) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_der_is_read() {
    assert_eq!(fault(&[0x30, 0x80, 0, 0]), INDEFINITE);
    assert_eq!(fault(&[0x30, 3, 0x30, 0x80, 0]), INDEFINITE);
    assert_eq!(
        fault(&[4, 0x81, 1, 0]),
        "the length is not in its shortest form"
    );
    assert_eq!(
        fault(&[4, 0x82, 0, 0x80]),
        "the length is not in its shortest form"
    );
    assert_eq!(
        fault(&[4, 0x85, 0, 0, 0, 0, 1]),
        "the length has more than four octets"
    );
    assert_eq!(
        fault(&[0x1f, 0x81, 1, 0]),
        "tag numbers above 30 are not read"
    );
    assert_eq!(fault(&[4, 2, 0]), "the element is longer than what is left");
    assert_eq!(fault(&[4]), "the bytes end inside an element");
    assert_eq!(fault(&[4, 0, 0]), "unexpected bytes follow");
}

#[test]
fn depth_is_bounded() {
    let nest = |levels| (0..levels).fold(Vec::new(), |inner, _| encode(SEQUENCE, &[&inner]));
    assert_eq!(check("test", &nest(32)), Ok(()));
    assert_eq!(fault(&nest(34)), "nested too deeply");
}

#[test]
fn what_is_written_is_read_back_at_every_length() {
    for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x1_0000] {
        let value = vec![7; length];
        let whole = encode(OCTET_STRING, &[&value]);
        let mut reader = Reader::new("test", &whole);
        let element = reader.required(OCTET_STRING).unwrap();
        assert_eq!(
            (element.value, element.raw),
            (value.as_slice(), whole.as_slice())
        );
        reader.finish().unwrap();
    }
}

#[test]
fn a_fault_names_the_byte_where_it_stands() {
    let bytes = [0x30, 5, 2, 1, 0, 4, 0];
    let mut inner = only("test", &bytes, SEQUENCE).unwrap();
    inner.required(INTEGER).unwrap();
    let found = inner.required(INTEGER).unwrap_err();
    assert!(matches!(found, Error::Der { offset: 5, .. }), "{found:?}");
}

#[test]
fn small_integers_are_minimal_and_not_negative() {
    assert_eq!(small_integer(&[5]), Some(5));
    assert_eq!(small_integer(&[0]), Some(0));
    assert_eq!(small_integer(&[0, 0x80]), Some(128));
    assert_eq!(small_integer(&[0, 0xff, 0xff, 0xff, 0xff]), Some(u32::MAX));
    for wrong in [&[][..], &[0, 5], &[0x80], &[1, 0, 0, 0, 0]] {
        assert_eq!(small_integer(wrong), None, "{wrong:?}");
    }
}

#[test]
fn times_are_read_in_the_one_form_allowed() {
    let read = |tag, text: &str| {
        let whole = encode(tag, &[text.as_bytes()]);
        time(&Reader::new("test", &whole).element().unwrap()).map(|at| at.to_string())
    };
    assert_eq!(
        read(UTC_TIME, "490101000000Z").as_deref(),
        Some("2049-01-01T00:00:00Z")
    );
    assert_eq!(
        read(UTC_TIME, "500101000000Z").as_deref(),
        Some("1950-01-01T00:00:00Z")
    );
    assert_eq!(
        read(GENERALIZED_TIME, "21200101000000Z").as_deref(),
        Some("2120-01-01T00:00:00Z")
    );
    assert!(read(GENERALIZED_TIME, "99991231235959Z").is_some());
    for wrong in [
        "2501010000Z",
        "250101000000+0700",
        "251301000000Z",
        "25010100000 Z",
    ] {
        assert_eq!(read(UTC_TIME, wrong), None, "{wrong}");
    }
}
