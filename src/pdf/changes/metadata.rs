//! What an update may do to the XMP metadata: replace it by well-formed XML without entities, which
//! cannot be anything else at the same time. Source: ISO 32000-2, 14.3.2; XML 1.0, 2 and 3.1.

use std::collections::HashSet;

use super::kind::Kind;
use super::step::Step;
use super::usage::Usage;
use crate::pdf::document::View;
use crate::pdf::error::Error;
use crate::pdf::limits;
use crate::pdf::meter::Work;
use crate::pdf::object::{Dictionary, ObjectId};

const PATH: &str = "/Root/Metadata";
/// Levels of elements.
const DEPTH: usize = 64;

impl Step<'_, '_, '_> {
    pub(super) fn metadata(
        &mut self,
        home: u32,
        before: &Dictionary,
        after: &Dictionary,
    ) -> Result<(), Error> {
        let (old, new) = (before.get(b"Metadata"), after.get(b"Metadata"));
        let (old_id, new_id) = (before.reference(b"Metadata"), after.reference(b"Metadata"));
        if old == new && new_id.is_none_or(|id| !self.touched(id.number)) {
            return Ok(());
        }
        let Some(new_id) = new_id else {
            self.refuse("METADATA_INVALID", home, PATH);
            return Ok(());
        };
        let in_place = old_id == Some(new_id);
        let was_fine = match old_id {
            Some(old_id) => is_xmp_stream(&self.old, old_id)?,
            None => old.is_none(),
        };
        let fine = (in_place || self.fresh(new_id.number))
            && was_fine
            && is_xmp_stream(&self.new, new_id)?;
        if !fine {
            let object = if self.touched(new_id.number) {
                new_id.number
            } else {
                home
            };
            self.refuse("METADATA_INVALID", object, PATH);
            return Ok(());
        }
        let own = |usage: &Usage| usage.holder == home && &*usage.path == "/Metadata";
        self.allow_replaced((Kind::Metadata, new_id.number, PATH), &own)?;
        Ok(())
    }
}

fn is_xmp_stream(view: &View<'_, '_>, id: ObjectId) -> Result<bool, Error> {
    const KEYS: [&[u8]; 5] = [b"Type", b"Subtype", b"Length", b"Filter", b"DecodeParms"];
    let Some(object) = view.load(id)? else {
        return Ok(false);
    };
    let dictionary = object.dictionary()?;
    let plain = dictionary.iter().all(|(key, _)| KEYS.contains(&key));
    if object.stream_start.is_none() || !plain || !dictionary.is_name(b"Subtype", b"XML") {
        return Ok(false);
    }
    let Ok(data) = view.plain_data_within(&object, limits::METADATA_BYTES) else {
        return Ok(false);
    };
    view.document().charge(Work::Checked(data.len()))?;
    Ok(std::str::from_utf8(&data).is_ok_and(|text| is_xmp(text).is_some()))
}

/// `Some` when `text` is one well-formed `xmpmeta` element, packet wrappers around it allowed.
fn is_xmp(text: &str) -> Option<()> {
    let mut reader = Reader {
        rest: text.strip_prefix('\u{FEFF}').unwrap_or(text),
        open: Vec::new(),
        done: false,
    };
    if text.chars().any(|c| !is_xml_char(c)) {
        return None;
    }
    while !reader.rest.is_empty() {
        reader.step()?;
    }
    (reader.open.is_empty() && reader.done).then_some(())
}

const fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

struct Open<'x> {
    name: &'x str,
    /// Prefixes it declares.
    declared: Vec<&'x str>,
}

struct Reader<'x> {
    rest: &'x str,
    open: Vec<Open<'x>>,
    /// Whether the root element has ended.
    done: bool,
}

impl<'x> Reader<'x> {
    fn step(&mut self) -> Option<()> {
        let Some(after) = self.rest.strip_prefix('<') else {
            let end = self.rest.find('<').unwrap_or(self.rest.len());
            let (text, rest) = self.rest.split_at_checked(end)?;
            self.rest = rest;
            let inside = !self.open.is_empty();
            let fine = inside && !text.contains("]]>") && references_are_plain(text)
                || text.trim_matches([' ', '\t', '\r', '\n']).is_empty();
            return fine.then_some(());
        };
        if let Some(after) = after.strip_prefix("!--") {
            let (comment, rest) = after.split_once("-->")?;
            self.rest = rest;
            return (!comment.contains("--") && !comment.ends_with('-')).then_some(());
        }
        if let Some(after) = after.strip_prefix("![CDATA[") {
            let (_, rest) = after.split_once("]]>")?;
            self.rest = rest;
            return (!self.open.is_empty()).then_some(());
        }
        if let Some(after) = after.strip_prefix('?') {
            let (target, rest) = after.split_once("?>")?;
            self.rest = rest;
            let name = target.split([' ', '\t', '\r', '\n']).next()?;
            return is_name(name).then_some(());
        }
        if let Some(after) = after.strip_prefix('/') {
            let (name, rest) = after.split_once('>')?;
            self.rest = rest;
            return self.close(name.trim_end_matches([' ', '\t', '\r', '\n']));
        }
        // A document type declaration begins with `<!`, which is no name.
        self.element(after)
    }

    fn close(&mut self, name: &str) -> Option<()> {
        let open = self.open.pop()?;
        self.done |= self.open.is_empty();
        (open.name == name).then_some(())
    }

    fn element(&mut self, after: &'x str) -> Option<()> {
        if self.done || self.open.len() >= DEPTH {
            return None;
        }
        let end = tag_end(after)?;
        let (tag, rest) = (after.get(..end)?, after.get(end.checked_add(1)?..)?);
        self.rest = rest;
        let (tag, empty) = match tag.strip_suffix('/') {
            Some(tag) => (tag, true),
            None => (tag, false),
        };
        let length = tag.find([' ', '\t', '\r', '\n']).unwrap_or(tag.len());
        let (name, attributes) = tag.split_at_checked(length)?;
        let attributes = attributes_of(attributes)?;
        let declared = attributes
            .iter()
            .filter_map(|(key, _)| key.strip_prefix("xmlns:"))
            .collect();
        let root = self.open.is_empty();
        self.open.push(Open { name, declared });
        let names = attributes.iter().map(|(key, _)| *key).chain([name]);
        let known = names.into_iter().all(|name| self.is_declared(name));
        let is_meta = |(key, value): &(&str, &str)| {
            let prefix = name.strip_suffix(":xmpmeta");
            *value == "adobe:ns:meta/" && prefix == key.strip_prefix("xmlns:")
        };
        if !is_name(name) || !known || (root && !attributes.iter().any(is_meta)) {
            return None;
        }
        if empty {
            return self.close(name);
        }
        Some(())
    }

    fn is_declared(&self, name: &str) -> bool {
        match name.split_once(':') {
            None | Some(("xmlns" | "xml", _)) => true,
            Some((prefix, _)) => self.open.iter().any(|open| open.declared.contains(&prefix)),
        }
    }
}

/// Where the tag's `>` stands, those inside quotes passed over.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in tag.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == '>' => return Some(at),
            None => {}
        }
    }
    None
}

fn attributes_of(mut text: &str) -> Option<Vec<(&str, &str)>> {
    const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];
    let (mut found, mut known) = (Vec::new(), HashSet::new());
    loop {
        let trimmed = text.trim_start_matches(BLANK);
        if trimmed.is_empty() {
            return Some(found);
        }
        let (key, after) = trimmed.split_once('=')?;
        let key = key.trim_end_matches(BLANK);
        let after = after.trim_start_matches(BLANK);
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, rest) = after.get(1..)?.split_once(quote)?;
        let spaced = trimmed.len() < text.len();
        let fine = is_name(key)
            && known.insert(key)
            && !value.contains('<')
            && references_are_plain(value);
        if !spaced || !fine {
            return None;
        }
        found.push((key, value));
        text = rest;
    }
}

fn is_name(name: &str) -> bool {
    let start = |c: char| c.is_alphabetic() || c == '_';
    let rest = |c: char| start(c) || c.is_ascii_digit() || matches!(c, '-' | '.' | '\u{B7}');
    let part = |part: &str| part.chars().next().is_some_and(start) && part.chars().all(rest);
    let mut parts = name.split(':');
    parts.clone().count() <= 2 && parts.all(part)
}

/// Whether every `&` begins one of the five named characters or a numbered one.
fn references_are_plain(text: &str) -> bool {
    text.split('&').skip(1).all(|after| {
        let Some((name, _)) = after.split_once(';') else {
            return false;
        };
        let number = match (name.strip_prefix("#x"), name.strip_prefix('#')) {
            (Some(digits), _) => u32::from_str_radix(digits, 16).ok(),
            (None, Some(digits)) => digits.parse().ok(),
            (None, None) => return matches!(name, "lt" | "gt" | "amp" | "apos" | "quot"),
        };
        number.and_then(char::from_u32).is_some_and(is_xml_char)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "<?xpacket begin='\u{FEFF}' id='W5M0MpCehiHzreSzNTczkc9d'?>\n\
        <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF \
        xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><!-- note -->\
        <rdf:Description rdf:about=\"\">Gia Lai &amp; &#233;</rdf:Description></rdf:RDF>\
        </x:xmpmeta>\n<?xpacket end='w'?>";

    #[test]
    fn a_regular_packet_is_accepted() {
        assert!(is_xmp(GOOD).is_some());
        assert!(is_xmp("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>").is_some());
    }

    #[test]
    fn what_is_not_well_formed_or_has_entities_is_refused() {
        for (from, to) in [
            ("</rdf:RDF>", ""),
            ("&amp;", "&evil;"),
            ("&amp;", "&"),
            ("&#233;", "&#0;"),
            ("<x:xmpmeta", "<!DOCTYPE x [<!ENTITY e 'x'>]><x:xmpmeta"),
            ("rdf:about=\"\"", "rdf:about=\"\" rdf:about=\"\""),
            ("rdf:about=\"\"", "other:about=\"\""),
            ("rdf:about=\"\"", "rdf:about"),
            ("note", "no--te"),
            ("adobe:ns:meta/", "adobe:ns:other/"),
            ("<?xpacket end='w'?>", "<x/>"),
            ("<?xpacket end='w'?>", "BT /F1 12 Tf ET"),
            ("Gia", "\u{1}Gia"),
        ] {
            assert!(GOOD.contains(from), "{from}");
            assert!(is_xmp(&GOOD.replacen(from, to, 1)).is_none(), "{from} {to}");
        }
        assert!(is_xmp("").is_none());
    }
}
