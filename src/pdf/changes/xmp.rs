//! Reads XMP: one well-formed `xmpmeta` element without entities, and what its properties say, however
//! they are written. Source: XML 1.0, 2 and 3.1; ISO 16684-1, 7 (how properties are serialised).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Levels of elements.
const DEPTH: usize = 64;
/// Bytes of the name of a name space.
const SPACE_BYTES: usize = 500;
/// Bytes kept of all values and the names that lead to them.
const KEPT_BYTES: usize = 16 << 20;
const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];
const META: &str = "adobe:ns:meta/";
const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// Name spaces and the prefixes everybody knows them by.
const PREFIXES: [(&str, &str); 10] = [
    ("http://purl.org/dc/elements/1.1/", "dc"),
    ("http://ns.adobe.com/xap/1.0/", "xmp"),
    ("http://ns.adobe.com/xap/1.0/mm/", "xmpMM"),
    ("http://ns.adobe.com/xap/1.0/rights/", "xmpRights"),
    ("http://ns.adobe.com/pdf/1.3/", "pdf"),
    ("http://www.aiim.org/pdfa/ns/id/", "pdfaid"),
    ("http://ns.adobe.com/photoshop/1.0/", "photoshop"),
    (RDF, "rdf"),
    (XML, "xml"),
    (META, "x"),
];
/// Elements that only group others.
const GROUPING: [(&str, &str); 8] = [
    (META, "xmpmeta"),
    (RDF, "RDF"),
    (RDF, "Description"),
    (RDF, "Alt"),
    (RDF, "Bag"),
    (RDF, "Seq"),
    (RDF, "li"),
    (RDF, "value"),
];
/// Attributes that say nothing of the document.
const BESIDE: [(&str, &str); 4] = [
    (META, "xmptk"),
    (RDF, "about"),
    (RDF, "parseType"),
    (XML, "lang"),
];
/// Properties that tell when, by which program and as which copy a file was written.
const BOOKKEEPING: [&str; 4] = [
    "xmp:ModifyDate",
    "xmp:MetadataDate",
    "pdf:Producer",
    "xmpMM:InstanceID",
];

/// The properties of a packet by name, such as `dc:title`, each with its values in order.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Properties(BTreeMap<String, Vec<String>>);

/// A property that says something else than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// The property, with the prefix everybody knows its name space by.
    pub name: String,
    /// What it said; empty when it was not there.
    pub old: String,
    /// What it says; empty when it is gone.
    pub new: String,
}

impl Properties {
    /// The properties of `text`; `None` when it is not one well-formed `xmpmeta` element, packet
    /// wrappers around it allowed, or says more than is ever said.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut reader = Reader {
            rest: text.strip_prefix('\u{FEFF}').unwrap_or(text),
            open: Vec::new(),
            spaces: HashMap::new(),
            done: false,
            found: Self::default(),
            kept: 0,
        };
        if text.chars().any(|c| !is_xml_char(c)) {
            return None;
        }
        while !reader.rest.is_empty() {
            reader.step()?;
        }
        (reader.open.is_empty() && reader.done).then_some(reader.found)
    }

    /// What `new` says otherwise, bookkeeping left out.
    pub(super) fn differing(&self, new: &Self) -> Vec<Described> {
        let names: BTreeSet<&String> = self.0.keys().chain(new.0.keys()).collect();
        let described = names.into_iter().filter_map(|name| {
            let (old, new) = (self.0.get(name), new.0.get(name));
            let told = old != new && !BOOKKEEPING.contains(&name.as_str());
            let said =
                |values: Option<&Vec<String>>| values.map_or(String::new(), |v| v.join("; "));
            told.then(|| Described {
                name: name.clone(),
                old: said(old),
                new: said(new),
            })
        });
        described.collect()
    }
}

const fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

struct Open<'x> {
    name: &'x str,
    /// Prefixes it declares.
    declared: Vec<&'x str>,
    /// What it adds to the way to a value; nothing when it only groups others.
    step: Option<String>,
    /// The language of its values.
    language: Option<String>,
}

struct Reader<'x> {
    rest: &'x str,
    open: Vec<Open<'x>>,
    /// The name spaces of each prefix, the one in force last; those of bare names under an empty one.
    spaces: HashMap<&'x str, Vec<&'x str>>,
    /// Whether the root element has ended.
    done: bool,
    found: Properties,
    /// Bytes of what was found.
    kept: usize,
}

impl<'x> Reader<'x> {
    fn step(&mut self) -> Option<()> {
        let Some(after) = self.rest.strip_prefix('<') else {
            let end = self.rest.find('<').unwrap_or(self.rest.len());
            let (text, rest) = self.rest.split_at_checked(end)?;
            self.rest = rest;
            let stray = self.open.is_empty() && !text.trim_matches(BLANK).is_empty();
            if stray || text.contains("]]>") {
                return None;
            }
            return self.say(None, &spelled_out(text)?);
        };
        if let Some(after) = after.strip_prefix("!--") {
            let (comment, rest) = after.split_once("-->")?;
            self.rest = rest;
            return (!comment.contains("--") && !comment.ends_with('-')).then_some(());
        }
        if let Some(after) = after.strip_prefix("![CDATA[") {
            let (text, rest) = after.split_once("]]>")?;
            self.rest = rest;
            self.open.last()?;
            return self.say(None, text);
        }
        if let Some(after) = after.strip_prefix('?') {
            let (target, rest) = after.split_once("?>")?;
            self.rest = rest;
            let name = target.split(BLANK).next()?;
            return is_name(name).then_some(());
        }
        if let Some(after) = after.strip_prefix('/') {
            let (name, rest) = after.split_once('>')?;
            self.rest = rest;
            return self.close(name.trim_end_matches(BLANK));
        }
        // A document type declaration begins with `<!`, which is no name.
        self.element(after)
    }

    fn close(&mut self, name: &str) -> Option<()> {
        let open = self.open.pop()?;
        self.done |= self.open.is_empty();
        for prefix in open.declared {
            self.spaces.get_mut(prefix)?.pop();
        }
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
        let length = tag.find(BLANK).unwrap_or(tag.len());
        let (name, attributes) = tag.split_at_checked(length)?;
        self.enter(name, &attributes_of(attributes)?)?;
        if empty {
            return self.close(name);
        }
        Some(())
    }

    /// Goes into an element, and takes what its attributes say.
    fn enter(&mut self, name: &'x str, attributes: &[(&'x str, &'x str)]) -> Option<()> {
        let declared = self.declare(attributes)?;
        let (space, local) = self.resolve(name)?;
        let root = self.open.is_empty();
        if !is_name(name) || (root && (space, local) != (META, "xmpmeta")) {
            return None;
        }
        let mut language = attributes.iter().filter(|(key, _)| *key == "xml:lang");
        self.open.push(Open {
            name,
            declared,
            step: (!GROUPING.contains(&(space, local))).then(|| known_as(space, local)),
            language: language.next().map(|(_, value)| (*value).to_owned()),
        });
        for (key, value) in attributes {
            // Without a prefix an attribute has no name space.
            let (space, local) = match key.contains(':') {
                true => self.resolve(key)?,
                false => ("", *key),
            };
            let value = spelled_out(value)?;
            if !BESIDE.contains(&(space, local)) && !declares(key) {
                self.say(Some(known_as(space, local)), &value)?;
            }
        }
        Some(())
    }

    /// Takes the name spaces an element declares; gives their prefixes.
    fn declare(&mut self, attributes: &[(&'x str, &'x str)]) -> Option<Vec<&'x str>> {
        let mut declared = Vec::new();
        for (key, space) in attributes.iter().filter(|(key, _)| declares(key)) {
            let prefix = key.strip_prefix("xmlns:").unwrap_or_default();
            if space.len() > SPACE_BYTES {
                return None;
            }
            declared.push(prefix);
            self.spaces.entry(prefix).or_default().push(space);
        }
        Some(declared)
    }

    /// The name space of a name and what it is called there.
    fn resolve(&self, name: &'x str) -> Option<(&'x str, &'x str)> {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let declared = self.spaces.get(prefix).and_then(|all| all.last());
        let space = match (prefix, declared) {
            ("xml", _) => XML,
            ("xmlns", _) => "",
            (_, Some(space)) => space,
            ("", None) => "",
            (_, None) => return None,
        };
        Some((space, local))
    }

    /// Takes a value of the property that is open, `last` being the attribute that has it.
    fn say(&mut self, last: Option<String>, text: &str) -> Option<()> {
        let words: Vec<&str> = text.split(BLANK).filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            return Some(());
        }
        let open = self.open.iter();
        let mut way = open.filter_map(|open| open.step.clone()).chain(last);
        let name = way.next().unwrap_or_else(|| known_as(META, "xmpmeta"));
        let mut value: String = way.flat_map(|step| [step, ": ".to_owned()]).collect();
        let language = self
            .open
            .iter()
            .rev()
            .find_map(|open| open.language.as_ref());
        if let Some(language) = language.filter(|language| *language != "x-default") {
            value.push_str(&format!("[{language}] "));
        }
        value.push_str(&words.join(" "));
        self.kept = self
            .kept
            .saturating_add(name.len())
            .saturating_add(value.len());
        self.found.0.entry(name).or_default().push(value);
        (self.kept <= KEPT_BYTES).then_some(())
    }
}

/// Whether an attribute declares a name space.
fn declares(key: &str) -> bool {
    key == "xmlns" || key.starts_with("xmlns:")
}

/// A name as it is shown: with the prefix everybody knows, or with its name space in braces.
fn known_as(space: &str, local: &str) -> String {
    let known = PREFIXES.iter().find(|(known, _)| *known == space);
    match known {
        Some((_, prefix)) => format!("{prefix}:{local}"),
        None if space.is_empty() => local.to_owned(),
        None => format!("{{{space}}}{local}"),
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
        let fine = is_name(key) && known.insert(key) && !value.contains('<');
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

/// The text with its references resolved; `None` unless every `&` begins one of the five named
/// characters or a numbered one.
fn spelled_out(text: &str) -> Option<Cow<'_, str>> {
    let mut parts = text.split('&');
    let first = parts.next()?;
    if first.len() == text.len() {
        return Some(Cow::Borrowed(text));
    }
    let mut spelled = first.to_owned();
    for part in parts {
        let (name, after) = part.split_once(';')?;
        let number = match (name.strip_prefix("#x"), name.strip_prefix('#')) {
            (Some(digits), _) => u32::from_str_radix(digits, 16).ok(),
            (None, Some(digits)) => digits.parse().ok(),
            (None, None) => match name {
                "lt" => Some(u32::from('<')),
                "gt" => Some(u32::from('>')),
                "amp" => Some(u32::from('&')),
                "apos" => Some(u32::from('\'')),
                "quot" => Some(u32::from('"')),
                _ => None,
            },
        };
        spelled.push(
            number
                .and_then(char::from_u32)
                .filter(|c| is_xml_char(*c))?,
        );
        spelled.push_str(after);
    }
    Some(Cow::Owned(spelled))
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
        assert!(Properties::read(GOOD).is_some());
        assert!(Properties::read("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>").is_some());
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
            let read = Properties::read(&GOOD.replacen(from, to, 1));
            assert!(read.is_none(), "{from} {to}");
        }
        assert!(Properties::read("").is_none());
    }

    /// A packet whose description has these attributes and this inside.
    fn packet(attributes: &str, inside: &str) -> Properties {
        let text = format!(
            "<x:xmpmeta xmlns:x='adobe:ns:meta/' x:xmptk='any'><rdf:RDF \
             xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description \
             rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/' \
             xmlns:pdf='http://ns.adobe.com/pdf/1.3/' {attributes}>{inside}</rdf:Description>\
             </rdf:RDF></x:xmpmeta>"
        );
        Properties::read(&text).unwrap()
    }

    fn title(text: &str) -> String {
        format!(
            "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>{text}</rdf:li></rdf:Alt></dc:title>"
        )
    }

    #[test]
    fn a_property_says_the_same_however_it_is_written() {
        let element = packet("", "<pdf:Keywords>a &amp; b</pdf:Keywords>");
        for other in [
            packet("pdf:Keywords='a &#38;\n b'", ""),
            packet(
                "",
                "<q:Keywords xmlns:q='http://ns.adobe.com/pdf/1.3/'>a &#x26; b</q:Keywords>",
            ),
            packet(
                "",
                "<Keywords xmlns='http://ns.adobe.com/pdf/1.3/'><![CDATA[a & b]]></Keywords>",
            ),
        ] {
            assert_eq!(element, other);
        }
        let resource = "<dc:x><rdf:Description><dc:y>1</dc:y></rdf:Description></dc:x>";
        let short = "<dc:x rdf:parseType='Resource'><dc:y>1</dc:y></dc:x>";
        assert_eq!(packet("", resource), packet("", short));
    }

    #[test]
    fn what_a_property_says_otherwise_is_told_and_bookkeeping_is_not() {
        let old = packet("pdf:Producer='one'", &title("Decision 1"));
        let new = packet("pdf:Producer='two'", &title("Decision 2"));
        let told = Described {
            name: "dc:title".to_owned(),
            old: "Decision 1".to_owned(),
            new: "Decision 2".to_owned(),
        };
        assert_eq!(old.differing(&new), [told]);
        assert_eq!(old.differing(&packet("", &title("Decision 1"))), []);
        let added = Properties::default().differing(&old);
        assert_eq!(
            (added[0].name.as_str(), added[0].old.as_str()),
            ("dc:title", "")
        );
    }

    #[test]
    fn a_name_of_another_name_space_is_another_property() {
        let old = packet("", &title("1"));
        let other = title("1").replace("<dc:title", "<dc:title xmlns:dc='urn:other'");
        let names: Vec<_> = old
            .differing(&packet("", &other))
            .into_iter()
            .map(|d| d.name)
            .collect();
        assert_eq!(names, ["dc:title", "{urn:other}title"]);
        let producer = "<pdf:Producer xmlns:pdf='urn:other'>x</pdf:Producer>";
        assert_eq!(packet("", "").differing(&packet("", producer)).len(), 1);
    }

    #[test]
    fn values_take_no_more_room_than_they_may() {
        let deep = "<dc:a>".repeat(50) + &"<dc:b/>x".repeat(200_000) + &"</dc:a>".repeat(50);
        let text = format!(
            "<x:xmpmeta xmlns:x='adobe:ns:meta/' xmlns:dc='urn:{}'>{deep}</x:xmpmeta>",
            "u".repeat(400)
        );
        assert_eq!(Properties::read(&text), None);
    }
}
