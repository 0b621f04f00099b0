//! The names of every certificate of a path against what the authorities above permit and exclude.
//! A name that cannot be judged is refused. Source: RFC 5280, 4.2.1.10 and 6.1.3 b and c.

use super::{Fault, general};
use crate::pki::certificate::Certificate;
use crate::pki::extensions::{Form, GeneralName};
use crate::pki::name;

/// The most comparisons of one path: names times constraints.
const MAX_COMPARISONS: usize = 200_000;

/// Mail addresses with other letters than ASCII stand in this kind of otherName (RFC 9598).
const SMTP_UTF8_MAILBOX: &[u8] = &[6, 8, 0x2b, 6, 1, 5, 5, 7, 8, 9];

/// What a name is to a constraint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Within,
    Outside,
    /// The name or the constraint cannot be judged.
    Unclear,
}

/// The first name of `chain` (leaf first, anchor last) an authority above does not allow.
pub(in crate::pki) fn check(chain: &[Certificate]) -> Option<Fault> {
    let mut left = MAX_COMPARISONS;
    let issuers = chain.iter().enumerate().skip(1).rev();
    for (position, issuer) in issuers {
        let Some(constraints) = &issuer.extensions().name_constraints else {
            continue;
        };
        let below = chain.get(..position).unwrap_or_default();
        for (depth, certificate) in below.iter().enumerate().rev() {
            // A certificate an authority issues to itself renews its key, unless it is the last.
            if depth > 0 && certificate.is_self_issued() {
                continue;
            }
            let names = names_of(certificate, depth == 0);
            let constraint_count = constraints.permitted.len() + constraints.excluded.len();
            let work = names.len().saturating_mul(constraint_count);
            let Some(rest) = left.checked_sub(work) else {
                return Some(general(
                    "NAME_CONSTRAINTS_LIMIT",
                    certificate,
                    String::new(),
                ));
            };
            left = rest;
            for name in &names {
                if let Some(reason) = refuse(name, &constraints.permitted, &constraints.excluded) {
                    return Some(general(reason, certificate, show(name)));
                }
            }
        }
    }
    None
}

/// Every name a certificate claims. The subject counts as directory name; its mail addresses and, in
/// the leaf, a common name that looks like a host count when no alternative name of the form does.
fn names_of(certificate: &Certificate, is_leaf: bool) -> Vec<GeneralName> {
    let mut names = certificate.extensions().alternative_names.clone();
    let has = |form: Form| names.iter().any(|name| name.form == form);
    let (mails, commons) = name::addresses(certificate.subject_der());
    let mut added: Vec<GeneralName> = Vec::new();
    let mut add = |form: Form, value: Vec<u8>| added.push(GeneralName { form, value });
    if !certificate.subject_canonical().is_empty() {
        add(Form::DIRECTORY, certificate.subject_der().to_vec());
    }
    if !has(Form::MAIL) {
        mails.into_iter().for_each(|mail| add(Form::MAIL, mail));
    }
    if is_leaf && !has(Form::DNS) {
        let hosts = commons.into_iter().filter(|common| looks_like_host(common));
        hosts.for_each(|host| add(Form::DNS, host));
    }
    names.append(&mut added);
    names
}

fn looks_like_host(text: &[u8]) -> bool {
    let labels = text.split(|byte| *byte == b'.');
    let is_label = |label: &[u8]| {
        !label.is_empty()
            && label
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    text.contains(&b'.') && labels.into_iter().all(is_label)
}

fn show(name: &GeneralName) -> String {
    match std::str::from_utf8(&name.value) {
        Ok(text) if name.form != Form::DIRECTORY && !text.chars().any(char::is_control) => {
            format!("{} {text}", name.form.name())
        }
        _ => name.form.name().to_owned(),
    }
}

/// Why `name` is not allowed.
fn refuse(
    name: &GeneralName,
    permitted: &[GeneralName],
    excluded: &[GeneralName],
) -> Option<&'static str> {
    let same_form = |constraint: &&GeneralName| constraint.form == name.form;
    let mail_in_other = name.form == Form::OTHER && name.value.starts_with(SMTP_UTF8_MAILBOX);
    let constrains_mail = |constraint: &GeneralName| constraint.form == Form::MAIL;
    if mail_in_other && permitted.iter().chain(excluded).any(constrains_mail) {
        return Some("NAME_FORM_NOT_SUPPORTED");
    }
    let relations = |list: &[GeneralName]| -> Vec<Relation> {
        let constraints = list.iter().filter(same_form);
        constraints.map(|one| relate(name, one)).collect()
    };
    let (permitted, excluded) = (relations(permitted), relations(excluded));
    let is_supported = matches!(
        name.form,
        Form::MAIL | Form::DNS | Form::DIRECTORY | Form::URI | Form::IP
    );
    let constrained = !permitted.is_empty() || !excluded.is_empty();
    let any = |list: &[Relation], relation| list.contains(&relation);
    if constrained && !is_supported {
        Some("NAME_FORM_NOT_SUPPORTED")
    } else if any(&permitted, Relation::Unclear) || any(&excluded, Relation::Unclear) {
        Some("NAME_MALFORMED")
    } else if any(&excluded, Relation::Within) {
        Some("NAME_EXCLUDED")
    } else if !permitted.is_empty() && !any(&permitted, Relation::Within) {
        Some("NAME_NOT_PERMITTED")
    } else {
        None
    }
}

fn relate(name: &GeneralName, constraint: &GeneralName) -> Relation {
    let (name, constraint, form) = (&name.value, &constraint.value, name.form);
    let within = match form {
        Form::DIRECTORY => directory(name, constraint),
        Form::IP => address(name, constraint),
        Form::DNS => text(name)
            .zip(text(constraint))
            .and_then(|(n, c)| dns(&n, &c)),
        Form::MAIL => text(name)
            .zip(text(constraint))
            .and_then(|(n, c)| mail(&n, &c)),
        Form::URI => text(name)
            .zip(text(constraint))
            .and_then(|(n, c)| uri(&n, &c)),
        _ => None,
    };
    match within {
        Some(true) => Relation::Within,
        Some(false) => Relation::Outside,
        None => Relation::Unclear,
    }
}

fn directory(name: &[u8], constraint: &[u8]) -> Option<bool> {
    let name = name::canonical(name).ok()?;
    let constraint = name::canonical(constraint).ok()?;
    Some(name.starts_with(&constraint))
}

fn address(name: &[u8], constraint: &[u8]) -> Option<bool> {
    let half = constraint.len() / 2;
    let (network, mask) = constraint.split_at_checked(half)?;
    if !matches!(name.len(), 4 | 16) {
        return None;
    }
    if name.len() != half {
        return Some(false);
    }
    let octets = name.iter().zip(network).zip(mask);
    Some(octets.fold(true, |same, ((a, b), m)| same && a & m == b & m))
}

/// IA5 text without spaces and control characters.
fn text(value: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(value).ok()?;
    let sound = text.bytes().all(|byte| byte.is_ascii_graphic());
    sound.then(|| text.to_owned())
}

/// A host name without empty labels, in lower case; a wildcard only in front.
fn host(text: &str) -> Option<String> {
    let labels = text.strip_prefix("*.").unwrap_or(text);
    let is_label = |label: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        !label.is_empty() && label.len() <= 63 && label.bytes().all(allowed)
    };
    let sound = text.len() <= 253 && labels.split('.').all(is_label);
    sound.then(|| text.to_ascii_lowercase())
}

/// A constraint is the domain with all below it; with a dot in front only what is below.
fn dns(name: &str, constraint: &str) -> Option<bool> {
    let name = host(name)?;
    if constraint.is_empty() {
        return Some(true);
    }
    if let Some(domain) = constraint.strip_prefix('.') {
        return Some(is_below(&name, &host(domain)?));
    }
    let domain = host(constraint)?;
    // A wildcard reaches every host beside it, so it lies within what it could become.
    let reaches = name
        .strip_prefix("*.")
        .is_some_and(|parent| is_below(&domain, parent));
    Some(name == domain || is_below(&name, &domain) || reaches)
}

fn is_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain)
        .is_some_and(|front| front.len() > 1 && front.ends_with('.'))
}

/// A constraint is one mailbox, all mailboxes of a host, or with a dot in front those of the hosts
/// below a domain.
fn mail(name: &str, constraint: &str) -> Option<bool> {
    let (local, domain) = mailbox(name)?;
    if constraint.is_empty() {
        return Some(true);
    }
    if constraint.contains('@') {
        let (only, at) = mailbox(constraint)?;
        return Some(local == only && domain == at);
    }
    exact_or_below(&domain, constraint)
}

fn mailbox(text: &str) -> Option<(&str, String)> {
    let (local, domain) = text.rsplit_once('@')?;
    let sound = !local.is_empty() && (!local.contains('@') || local.starts_with('"'));
    let domain = host(domain).filter(|domain| sound && !domain.starts_with('*'))?;
    Some((local, domain))
}

/// A constraint is one host, or with a dot in front all hosts below a domain. A URI without a host
/// name cannot be judged.
fn uri(name: &str, constraint: &str) -> Option<bool> {
    let (_, rest) = name.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let place = authority
        .rsplit_once('@')
        .map_or(authority, |(_, place)| place);
    let place = place.split_once(':').map_or(place, |(place, _)| place);
    let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    let place = host(place).filter(|place| !place.starts_with('*'))?;
    if place.rsplit('.').next().is_none_or(is_number) {
        return None;
    }
    if constraint.is_empty() {
        return Some(true);
    }
    exact_or_below(&place, constraint)
}

fn exact_or_below(place: &str, constraint: &str) -> Option<bool> {
    match constraint.strip_prefix('.') {
        Some(domain) => Some(is_below(place, &host(domain)?)),
        None => Some(place == host(constraint)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_lie_within_their_domain() {
        let cases = [
            ("example.com", "example.com", Some(true)),
            ("a.b.Example.COM", "example.com", Some(true)),
            ("badexample.com", "example.com", Some(false)),
            ("example.com", ".example.com", Some(false)),
            ("a.example.com", ".example.com", Some(true)),
            ("example.com", "", Some(true)),
            ("*.example.com", "a.example.com", Some(true)),
            ("*.example.com", "example.com", Some(true)),
            ("example.com.", "example.com", None),
            ("a..example.com", "example.com", None),
            ("a.*.example.com", "example.com", None),
        ];
        for (name, constraint, expected) in cases {
            assert_eq!(dns(name, constraint), expected, "{name} in {constraint}");
        }
    }

    #[test]
    fn mailboxes_lie_within_box_host_or_domain() {
        let cases = [
            ("a@example.com", "a@example.com", Some(true)),
            ("A@example.com", "a@example.com", Some(false)),
            ("a@EXAMPLE.com", "example.com", Some(true)),
            ("a@b.example.com", "example.com", Some(false)),
            ("a@b.example.com", ".example.com", Some(true)),
            ("a@example.com", ".example.com", Some(false)),
            ("example.com", "example.com", None),
            ("a@b@example.com", "example.com", None),
        ];
        for (name, constraint, expected) in cases {
            assert_eq!(mail(name, constraint), expected, "{name} in {constraint}");
        }
    }

    #[test]
    fn uris_lie_where_their_host_lies() {
        let cases = [
            (
                "http://u@host.example.com:80/p?q",
                "host.example.com",
                Some(true),
            ),
            ("http://host.example.com", ".example.com", Some(true)),
            ("http://example.com/.evil.org", ".evil.org", Some(false)),
            ("http://10.0.0.1/", "example.com", None),
            ("http://[::1]/", "example.com", None),
            ("urn:isbn:1", "example.com", None),
        ];
        for (name, constraint, expected) in cases {
            assert_eq!(uri(name, constraint), expected, "{name} in {constraint}");
        }
    }

    #[test]
    fn addresses_lie_in_networks() {
        let network = [10, 1, 0, 0, 255, 255, 0, 0];
        assert_eq!(address(&[10, 1, 2, 3], &network), Some(true));
        assert_eq!(address(&[10, 2, 2, 3], &network), Some(false));
        assert_eq!(address(&[0; 16], &network), Some(false));
        assert_eq!(address(&[10, 1, 2], &network), None);
    }

    #[test]
    fn what_is_no_text_is_not_judged() {
        assert_eq!(text(b"a\0b"), None);
        assert_eq!(text("đ".as_bytes()), None);
        assert_eq!(text(b"a b"), None);
    }
}
