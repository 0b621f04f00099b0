//! General names, and the constraints an authority puts on them. Source: RFC 5280, 4.2.1.6 and
//! 4.2.1.10.

use crate::pki::Error;
use crate::pki::der::{self, Reader};

/// The form of a general name: the number of its tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::pki) struct Form(pub(in crate::pki) u8);

impl Form {
    pub(in crate::pki) const OTHER: Self = Self(0);
    pub(in crate::pki) const MAIL: Self = Self(1);
    pub(in crate::pki) const DNS: Self = Self(2);
    pub(in crate::pki) const DIRECTORY: Self = Self(4);
    pub(in crate::pki) const URI: Self = Self(6);
    pub(in crate::pki) const IP: Self = Self(7);

    /// For messages.
    pub(in crate::pki) const fn name(self) -> &'static str {
        match self {
            Self::OTHER => "otherName",
            Self::MAIL => "rfc822Name",
            Self::DNS => "dNSName",
            Self(3) => "x400Address",
            Self::DIRECTORY => "directoryName",
            Self(5) => "ediPartyName",
            Self::URI => "uniformResourceIdentifier",
            Self::IP => "iPAddress",
            _ => "registeredID",
        }
    }
}

/// A general name as received: its form and its value (of a directory name, the `Name` element).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::pki) struct GeneralName {
    pub(in crate::pki) form: Form,
    pub(in crate::pki) value: Vec<u8>,
}

/// What nameConstraints permits and excludes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::pki) struct NameConstraints {
    pub(in crate::pki) permitted: Vec<GeneralName>,
    pub(in crate::pki) excluded: Vec<GeneralName>,
}

const WHAT: &str = "general names";

/// Reads `GeneralNames`, which hold at least one.
pub(super) fn general_names(value: &[u8]) -> Result<Vec<GeneralName>, Error> {
    let mut list = der::only(WHAT, value, der::SEQUENCE)?;
    let mut found = Vec::new();
    while !list.is_empty() {
        found.push(general_name(&mut list)?);
    }
    if found.is_empty() {
        return Err(list.fault("there is no name"));
    }
    Ok(found)
}

fn general_name(list: &mut Reader<'_>) -> Result<GeneralName, Error> {
    let element = list.element()?;
    let constructed = element.tag & 0x20 != 0;
    let form = Form(element.tag & 0x1f);
    let expected = matches!(form.0, 0 | 3 | 4 | 5);
    if element.tag & 0xc0 != 0x80 || form.0 > 8 || constructed != expected {
        return Err(list.fault("it is no form of a general name"));
    }
    if form == Form::DIRECTORY {
        crate::pki::name::canonical(element.value)?;
    }
    Ok(GeneralName {
        form,
        value: element.value.to_vec(),
    })
}

/// Reads `CRLDistributionPoints`: the full names of points that are not limited to some reasons and
/// whose lists the issuer of the certificate signs.
pub(super) fn distribution_points(value: &[u8]) -> Result<Vec<GeneralName>, Error> {
    let mut list = der::only(WHAT, value, der::SEQUENCE)?;
    let mut found = Vec::new();
    while !list.is_empty() {
        let mut point = list.enter(der::SEQUENCE)?;
        let name = point.optional(der::context(0))?;
        let reasons = point.optional(der::context_primitive(1))?;
        let issuer = point.optional(der::context(2))?;
        point.finish()?;
        let Some(name) = name.filter(|_| reasons.is_none() && issuer.is_none()) else {
            continue;
        };
        found.extend(point_names(name.value)?.unwrap_or_default());
    }
    Ok(found)
}

/// The full names of a `DistributionPointName`; `None` if it is relative to its issuer.
pub(in crate::pki) fn point_names(value: &[u8]) -> Result<Option<Vec<GeneralName>>, Error> {
    let mut choice = Reader::new(WHAT, value);
    if choice.peek() != Some(der::context(0)) {
        return Ok(None);
    }
    let mut names = choice.enter(der::context(0))?;
    choice.finish()?;
    let mut found = Vec::new();
    while !names.is_empty() {
        found.push(general_name(&mut names)?);
    }
    Ok(Some(found))
}

/// Whether two names are the same.
pub(in crate::pki) fn same_name(one: &GeneralName, other: &GeneralName) -> bool {
    let same_directory = || {
        let canonical = |name: &GeneralName| crate::pki::name::canonical(&name.value).ok();
        one.form == Form::DIRECTORY && canonical(one) == canonical(other)
    };
    one.form == other.form && (one.value == other.value || same_directory())
}

/// Reads `NameConstraints`; a subtree with minimum or maximum is refused (RFC 5280, 4.2.1.10).
pub(super) fn name_constraints(value: &[u8]) -> Result<NameConstraints, Error> {
    let mut fields = der::only(WHAT, value, der::SEQUENCE)?;
    let permitted = fields.optional(der::context(0))?;
    let excluded = fields.optional(der::context(1))?;
    if permitted.is_none() && excluded.is_none() {
        return Err(fields.fault("nothing is constrained"));
    }
    fields.finish()?;
    let read = |list: Option<der::Element<'_>>| {
        list.map_or_else(|| Ok(Vec::new()), |list| subtrees(list.value))
    };
    Ok(NameConstraints {
        permitted: read(permitted)?,
        excluded: read(excluded)?,
    })
}

fn subtrees(value: &[u8]) -> Result<Vec<GeneralName>, Error> {
    let mut list = Reader::new(WHAT, value);
    let mut found = Vec::new();
    while !list.is_empty() {
        let mut subtree = list.enter(der::SEQUENCE)?;
        let name = general_name(&mut subtree)?;
        // DER leaves out a minimum of 0.
        subtree.finish()?;
        let sound = name.form != Form::IP || is_network(&name.value);
        if !sound {
            return Err(list.fault("it is no network address"));
        }
        found.push(name);
    }
    if found.is_empty() {
        return Err(list.fault("there is no subtree"));
    }
    Ok(found)
}

/// Address and mask, the mask without holes.
fn is_network(value: &[u8]) -> bool {
    let half = value.len() / 2;
    let Some((_, mask)) = value.split_at_checked(half) else {
        return false;
    };
    let ones: u32 = mask.iter().map(|octet| octet.leading_ones()).sum();
    let all: u32 = mask.iter().map(|octet| octet.count_ones()).sum();
    let first_gap = mask.iter().skip_while(|octet| **octet == 0xff);
    let tail_clear = first_gap.skip(1).all(|octet| *octet == 0);
    matches!(value.len(), 8 | 32) && ones == all && tail_clear
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_with_holes_are_no_networks() {
        let network = |mask: [u8; 4]| is_network(&[[10, 0, 0, 0], mask].concat());
        assert!(network([255, 255, 0, 0]) && network([255, 254, 0, 0]) && network([0; 4]));
        assert!(
            !network([255, 0, 255, 0]) && !network([255, 253, 0, 0]) && !network([0, 128, 0, 0])
        );
        assert!(!is_network(&[10, 0, 0, 0]));
    }

    #[test]
    fn a_subtree_with_a_minimum_is_refused() {
        let name = der::encode(0x82, &[b"example.com"]);
        let constraints = |rest: &[u8]| {
            let subtree = der::encode(der::SEQUENCE, &[&name, rest]);
            let permitted = der::encode(der::context(0), &[&subtree]);
            name_constraints(&der::encode(der::SEQUENCE, &[&permitted]))
        };
        assert!(constraints(&[]).is_ok());
        assert!(constraints(&[0x80, 1, 1]).is_err());
    }
}
