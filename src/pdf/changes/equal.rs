//! When two values say the same although they are written otherwise: an integer as a real number,
//! a direct value moved into an object of its own. Source: ISO 32000-2, 7.3.

use std::collections::HashMap;

use crate::pdf::document::View;
use crate::pdf::error::Error;
use crate::pdf::limits;
use crate::pdf::object::{Dictionary, Object};

/// Compares values of two revisions and remembers objects that only moved a value.
pub(super) struct Comparison<'v, 'd, 'a> {
    pub(super) old: &'v View<'d, 'a>,
    pub(super) new: &'v View<'d, 'a>,
    /// Tells whether an object number is new in the later revision.
    pub(super) fresh: &'v dyn Fn(u32) -> bool,
    /// New objects that hold nothing but a value that was direct before.
    pub(super) moved: Vec<u32>,
}

impl Comparison<'_, '_, '_> {
    /// Whether both say the same.
    pub(super) fn same(&mut self, old: &Object, new: &Object, depth: usize) -> Result<bool, Error> {
        if depth > limits::DEPTH {
            return Ok(false);
        }
        match (old, new) {
            (Object::Reference(one), Object::Reference(other)) => Ok(one == other),
            (Object::Reference(id), direct) => {
                let Some(found) = self.old.load(*id)? else {
                    return Ok(false);
                };
                let plain = found.stream_start.is_none();
                Ok(plain && self.same(&found.object, direct, depth + 1)?)
            }
            (direct, Object::Reference(id)) => {
                let found = self.new.load(*id)?.filter(|_| (self.fresh)(id.number));
                let Some(found) = found.filter(|found| found.stream_start.is_none()) else {
                    return Ok(false);
                };
                self.moved.push(id.number);
                self.same(direct, &found.object, depth + 1)
            }
            (Object::Array(one), Object::Array(other)) => {
                if one.len() != other.len() {
                    return Ok(false);
                }
                for (one, other) in one.iter().zip(other) {
                    if !self.same(&one.object, &other.object, depth + 1)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Object::Dictionary(one), Object::Dictionary(other)) => {
                Ok(self.differing(one, other, depth + 1)?.is_empty())
            }
            (Object::Integer(_) | Object::Real(_), Object::Integer(_) | Object::Real(_)) => {
                Ok(decimal(old).is_some() && decimal(old) == decimal(new))
            }
            (one, other) => Ok(one == other),
        }
    }

    /// Keys whose values say different things.
    pub(super) fn differing(
        &mut self,
        old: &Dictionary,
        new: &Dictionary,
        depth: usize,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let mut found = Vec::new();
        let mut added: HashMap<&[u8], &Object> =
            new.iter().map(|(key, item)| (key, &item.object)).collect();
        for (key, item) in old.iter() {
            let kept = match added.remove(key) {
                Some(other) => self.same(&item.object, other, depth)?,
                None => false,
            };
            if !kept {
                found.push(key.to_vec());
            }
        }
        found.extend(added.into_keys().map(<[u8]>::to_vec));
        found.sort_unstable();
        Ok(found)
    }
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

    #[test]
    fn numbers_are_equal_however_they_are_written() {
        let real = |text: &str| decimal(&Object::Real(text.as_bytes().into()));
        assert_eq!(decimal(&Object::Integer(595)), real("595.00"));
        assert_eq!(real("-.50"), real("-0.5"));
        assert_eq!(decimal(&Object::Integer(0)), real("-0.0"));
        assert_ne!(real("841.88976"), real("841.8898"));
        assert_ne!(real("0.5"), real("-0.5"));
        assert_eq!(real("1.2.3"), None);
    }
}
