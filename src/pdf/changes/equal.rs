//! When an object that a later revision writes again is the same: token by token. An integer is not
//! the real number of its value (readers ignore `/Rotate 90.0`), and a reference is not the value it
//! leads to (a layer is known by its object, not by its name): what readers take differently is a
//! change. Order of keys, spelling of names and strings and white space say nothing.
//! Source: ISO 32000-2, 7.3.

use std::collections::HashMap;

use crate::pdf::object::{Dictionary, Item, Object};

/// Keys of a page or widget whose real numbers some programs write again as integers (pyHanko writes
/// `595.0` as `595`). A rectangle takes numbers of both types everywhere.
const BOXES: [&[u8]; 6] = [
    b"MediaBox",
    b"CropBox",
    b"BleedBox",
    b"TrimBox",
    b"ArtBox",
    b"Rect",
];

/// Whether both objects, not inside others, are the same.
pub(super) fn same(old: &Object, new: &Object) -> bool {
    match (old, new) {
        (Object::Dictionary(one), Object::Dictionary(other)) => differing(one, other).is_empty(),
        _ => identical(old, new),
    }
}

/// Keys of an object's dictionary whose values are not the same, and those only one of both has.
pub(super) fn differing(old: &Dictionary, new: &Dictionary) -> Vec<Vec<u8>> {
    let kept = |key: &[u8], old: &Object, new: &Object| {
        identical(old, new) || (BOXES.contains(&key) && same_box(old, new))
    };
    unlike(old, new, &kept)
}

/// Whether both are the same tokens.
fn identical(old: &Object, new: &Object) -> bool {
    match (old, new) {
        (Object::Array(one), Object::Array(other)) => {
            let mut pairs = one.iter().zip(other);
            one.len() == other.len()
                && pairs.all(|(one, other)| identical(&one.object, &other.object))
        }
        (Object::Dictionary(one), Object::Dictionary(other)) => {
            unlike(one, other, &|_, old, new| identical(old, new)).is_empty()
        }
        (one, other) => one == other,
    }
}

fn unlike(
    old: &Dictionary,
    new: &Dictionary,
    kept: &dyn Fn(&[u8], &Object, &Object) -> bool,
) -> Vec<Vec<u8>> {
    let mut added: HashMap<&[u8], &Item> = new.iter().collect();
    let mut found = Vec::new();
    for (key, item) in old.iter() {
        let other = added.remove(key);
        if !other.is_some_and(|other| kept(key, &item.object, &other.object)) {
            found.push(key.to_vec());
        }
    }
    found.extend(added.into_keys().map(<[u8]>::to_vec));
    found.sort_unstable();
    found
}

/// Whether both are boxes of the same four numbers, the new ones written the same or shorter.
fn same_box(old: &Object, new: &Object) -> bool {
    let (Some(old), Some(new)) = (old.as_array(), new.as_array()) else {
        return false;
    };
    let same = |(old, new): (&Item, &Item)| {
        let (old, new) = (&old.object, &new.object);
        let rewritten = matches!(old, Object::Real(_)) && decimal(old).is_some();
        old == new || (rewritten && decimal(old) == decimal(new))
    };
    old.len() == 4 && new.len() == 4 && old.iter().zip(new).all(same)
}

/// A number in one way of writing: sign, digits without leading zeros, decimals without trailing.
fn decimal(number: &Object) -> Option<String> {
    let text = match number {
        Object::Integer(number) => number.to_string(),
        Object::Real(text) => std::str::from_utf8(text).ok()?.to_owned(),
        _ => return None,
    };
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if !whole
        .bytes()
        .chain(part.bytes())
        .all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let (whole, part) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
    let zero = whole.is_empty() && part.is_empty();
    let sign = if negative && !zero { "-" } else { "" };
    Some(format!("{sign}{whole}.{part}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn real(text: &str) -> Object {
        Object::Real(text.as_bytes().into())
    }

    fn item(object: Object) -> Item {
        Item { object, span: 0..0 }
    }

    fn boxed(key: &str, right: Object) -> Dictionary {
        let zero = || item(Object::Integer(0));
        let numbers = vec![zero(), zero(), item(right), zero()];
        let entry = (key.as_bytes().into(), item(Object::Array(numbers)));
        Dictionary::from_entries(vec![entry])
    }

    #[test]
    fn numbers_are_equal_however_they_are_written() {
        let real = |text: &str| decimal(&real(text));
        assert_eq!(decimal(&Object::Integer(595)), real("595.00"));
        assert_eq!(real("-.50"), real("-0.5"));
        assert_eq!(decimal(&Object::Integer(0)), real("-0.0"));
        assert_ne!(real("841.88976"), real("841.8898"));
        assert_ne!(real("0.5"), real("-0.5"));
        assert_eq!(real("1.2.3"), None);
    }

    #[test]
    fn a_real_number_of_a_box_may_be_written_again_as_an_integer() {
        let of = |key, number| boxed(key, number);
        let integer = Object::Integer(595);
        let key = "MediaBox";
        assert!(differing(&of(key, real("595.0")), &of(key, integer.clone())).is_empty());
        assert!(differing(&of(key, real(".5")), &of(key, real("0.5"))).is_empty());
        for (key, old, new) in [
            ("MediaBox", integer.clone(), real("595.0")),
            ("MediaBox", real("595.0"), Object::Integer(596)),
            ("Border", real("595.0"), integer),
        ] {
            assert_eq!(differing(&of(key, old), &of(key, new)), [key.as_bytes()]);
        }
    }

    #[test]
    fn a_number_of_another_type_is_another_value() {
        assert!(!same(&Object::Integer(90), &real("90.0")));
        assert!(!same(&real("90.0"), &Object::Integer(90)));
        assert!(!same(&real("90.0"), &real("90.00")));
    }
}
