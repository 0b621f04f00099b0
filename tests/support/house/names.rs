//! Which paths a source file names: in imports, grouped or not, in expressions, types, attributes
//! and inside macros. Works on tokens, so that nothing hides in a macro's body; text in comments
//! and strings does not count.

use std::collections::BTreeSet;
use std::str::FromStr;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// One path as written, for example `crate::store::Tx`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// Its parts; a glob is the part `*`.
    pub(crate) parts: Vec<String>,
    /// The line it starts on, counted from one.
    pub(crate) line: usize,
    /// The modules opened around it in this file.
    pub(crate) inside: Vec<String>,
    /// Whether it stands under `#[cfg(test)]`.
    pub(crate) in_test: bool,
}

/// What a file names and which first names it binds itself.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Every path of two or more parts and every import.
    pub(crate) named: Vec<Named>,
    /// Names brought in by an import or a module of this file, so that they are not crates here.
    pub(crate) bound: BTreeSet<String>,
}

/// Reads `source`; the error says why it is not Rust.
pub(crate) fn read(source: &str) -> Result<Names, String> {
    let tokens = TokenStream::from_str(source).map_err(|fault| fault.to_string())?;
    let mut names = Names::default();
    Walk {
        names: &mut names,
        inside: Vec::new(),
        in_test: false,
    }
    .level(tokens);
    Ok(names)
}

struct Walk<'a> {
    names: &'a mut Names,
    inside: Vec<String>,
    in_test: bool,
}

impl Walk<'_> {
    fn level(&mut self, stream: TokenStream) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let (was_test, mut at) = (self.in_test, 0);
        let mut level_is_test = was_test;
        while at < tokens.len() {
            if let Some((attribute, inner, next)) = attribute(&tokens, at) {
                self.in_test |= means_test(&attribute);
                level_is_test |= inner && means_test(&attribute);
                self.level(attribute.stream());
                at = next;
            } else if let Some((name, body)) = opened_module(&tokens, at) {
                self.names.bound.insert(name.clone());
                self.inside.push(name);
                self.level(body.stream());
                self.inside.pop();
                self.in_test = level_is_test;
                at += 3;
            } else {
                at = self.step(&tokens, at, level_is_test);
            }
        }
        self.in_test = was_test;
    }

    fn step(&mut self, tokens: &[TokenTree], at: usize, level_is_test: bool) -> usize {
        match &tokens[at] {
            TokenTree::Group(group) => {
                self.level(group.stream());
                if group.delimiter() == Delimiter::Brace {
                    self.in_test = level_is_test;
                }
                at + 1
            }
            TokenTree::Ident(word) if word == "mod" => {
                self.names.bound.extend(word_at(tokens, at + 1));
                at + 1
            }
            TokenTree::Ident(word) if word == "use" && !is_punct(tokens, at + 1, '<') => {
                let start = at + 1 + if doubled_colon(tokens, at + 1) { 2 } else { 0 };
                self.tree(tokens, start, &[], true)
            }
            TokenTree::Ident(_) => self.tree(tokens, at, &[], false),
            TokenTree::Punct(mark) if mark.as_char() == ';' => {
                self.in_test = level_is_test;
                at + 1
            }
            // `<T as Trait>::name`: what follows is not a first name.
            TokenTree::Punct(mark) if mark.as_char() == '>' && doubled_colon(tokens, at + 1) => {
                let arrow = at > 0
                    && ['-', '=']
                        .iter()
                        .any(|&mark| is_punct(tokens, at - 1, mark));
                at + if arrow { 1 } else { 4 }
            }
            _ => at + 1,
        }
    }

    /// Reads one path or import tree from `at` on and gives the place behind it.
    fn tree(&mut self, tokens: &[TokenTree], at: usize, before: &[String], import: bool) -> usize {
        let (mut parts, mut next) = (before.to_vec(), at);
        let line = tokens.get(at).map_or(0, |token| token.span().start().line);
        loop {
            match tokens.get(next) {
                Some(TokenTree::Ident(word)) => parts.push(plain(&word.to_string())),
                Some(TokenTree::Punct(mark)) if mark.as_char() == '*' && import => {
                    parts.push("*".to_owned());
                }
                Some(TokenTree::Group(group)) if import => {
                    self.branches(group, &parts);
                    return next + 1;
                }
                _ => return next.max(at + 1),
            }
            next += 1;
            let grouped = matches!(tokens.get(next + 2), Some(TokenTree::Group(group))
                if group.delimiter() == Delimiter::Brace);
            let many = import && (grouped || is_punct(tokens, next + 2, '*'));
            let goes_on = many || word_at(tokens, next + 2).is_some();
            if !doubled_colon(tokens, next) || !goes_on {
                break;
            }
            next += 2;
        }
        self.record(tokens, next, parts, line, import);
        next
    }

    fn branches(&mut self, group: &Group, before: &[String]) {
        let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at = self.tree(&tokens, at, before, true);
            while at < tokens.len() && !is_punct(&tokens, at, ',') {
                at += 1;
            }
            at += 1;
        }
    }

    fn record(
        &mut self,
        tokens: &[TokenTree],
        next: usize,
        mut parts: Vec<String>,
        line: usize,
        import: bool,
    ) {
        if parts.len() > 1 && parts.last().is_some_and(|last| last == "self") {
            parts.pop();
        }
        if import {
            let alias = word_at(tokens, next).filter(|word| word == "as");
            let name = alias
                .and_then(|_| word_at(tokens, next + 1))
                .or(parts.last().cloned());
            self.names
                .bound
                .extend(name.filter(|name| parts.first() != Some(name)));
        }
        if import || parts.len() > 1 {
            let (inside, in_test) = (self.inside.clone(), self.in_test);
            self.names.named.push(Named {
                parts,
                line,
                inside,
                in_test,
            });
        }
    }
}

fn attribute(tokens: &[TokenTree], at: usize) -> Option<(Group, bool, usize)> {
    if !is_punct(tokens, at, '#') {
        return None;
    }
    let inner = is_punct(tokens, at + 1, '!');
    let place = at + 1 + usize::from(inner);
    match tokens.get(place) {
        Some(TokenTree::Group(group)) => Some((group.clone(), inner, place + 1)),
        _ => None,
    }
}

fn means_test(attribute: &Group) -> bool {
    let text: String = attribute.stream().to_string().split_whitespace().collect();
    text == "test" || text == "cfg(test)" || text.starts_with("cfg(all(test,")
}

fn opened_module(tokens: &[TokenTree], at: usize) -> Option<(String, Group)> {
    match tokens.get(at..at + 3)? {
        [
            TokenTree::Ident(word),
            TokenTree::Ident(name),
            TokenTree::Group(body),
        ] if word == "mod" => Some((plain(&name.to_string()), body.clone())),
        _ => None,
    }
}

fn plain(word: &str) -> String {
    word.trim_start_matches("r#").to_owned()
}

fn word_at(tokens: &[TokenTree], at: usize) -> Option<String> {
    match tokens.get(at) {
        Some(TokenTree::Ident(word)) => Some(plain(&word.to_string())),
        _ => None,
    }
}

fn is_punct(tokens: &[TokenTree], at: usize, mark: char) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == mark)
}

fn doubled_colon(tokens: &[TokenTree], at: usize) -> bool {
    is_punct(tokens, at, ':') && is_punct(tokens, at + 1, ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(source: &str) -> Vec<String> {
        read(source)
            .unwrap()
            .named
            .iter()
            .map(|named| named.parts.join("::"))
            .collect()
    }

    #[test]
    fn reads_grouped_imports_globs_and_aliases() {
        let found = paths("use crate::{store::{Tx, rows::*}, pdf as paper}; use std::fs::{self};");
        assert_eq!(
            found,
            [
                "crate::store::Tx",
                "crate::store::rows::*",
                "crate::pdf",
                "std::fs"
            ]
        );
    }

    #[test]
    fn reads_inline_paths_types_attributes_and_macro_bodies() {
        let found = paths(
            "#[derive(serde::Serialize)] struct A(crate::a::B);
             fn f() -> ::png::Info { Vec::<lopdf::Object>::new(); vec![::openssl::sha::sha256(&x), log!(diesel::sql)] }
             macro_rules! m { () => { use crate::web::{gate, page}; } }",
        );
        for path in [
            "serde::Serialize",
            "crate::a::B",
            "png::Info",
            "lopdf::Object",
            "openssl::sha::sha256",
            "diesel::sql",
            "crate::web::gate",
            "crate::web::page",
        ] {
            assert!(
                found.iter().any(|one| one == path),
                "{path} not in {found:?}"
            );
        }
    }

    #[test]
    fn comments_strings_and_associated_names_are_not_paths() {
        let found = paths(
            "//! crate::store\n/// `crate::web::x`\nfn f() { \"crate::pdf::x\"; <u8 as T>::png::y; }",
        );
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn knows_lines_modules_tests_and_own_names() {
        let names = read(
            "use crate::cms;\nmod inner { fn f() { super::super::web::g() } }\n#[cfg(test)]\nmod \
             tests {\n use std::fs; }\nfn after() { std::net::lookup() }",
        )
        .unwrap();
        let by = |first: &str, second: &str| {
            let mut all = names.named.iter();
            all.find(|named| named.parts[0] == first && named.parts[1] == second)
                .unwrap()
        };
        assert_eq!(by("super", "super").inside, ["inner"]);
        assert_eq!((by("std", "fs").line, by("std", "fs").in_test), (5, true));
        assert!(!by("std", "net").in_test);
        assert!(names.bound.contains("cms") && names.bound.contains("tests"));
    }

    #[test]
    fn only_the_marked_item_is_test_code() {
        let names = read("#[cfg(test)]\nuse a::b;\nuse c::d;\n#[test]\nfn t() { e::f() }").unwrap();
        let marks: Vec<bool> = names.named.iter().map(|named| named.in_test).collect();
        assert_eq!(marks, [true, false, true]);
    }
}
