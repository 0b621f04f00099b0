//! Certificate policies and what authorities say about them. Source: RFC 5280, 4.2.1.4, 4.2.1.5,
//! 4.2.1.11 and 4.2.1.14.

use std::collections::BTreeSet;

use crate::pki::Error;
use crate::pki::der::{self, Reader};

/// The value of the object identifier of a policy.
pub(in crate::pki) type PolicyId = Vec<u8>;

/// anyPolicy (2.5.29.32.0).
pub(in crate::pki) const ANY_POLICY: &[u8] = &[0x55, 0x1d, 0x20, 0];

/// The most policies or mappings of one certificate.
const MAX_POLICIES: usize = 64;

/// policyConstraints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::pki) struct PolicyConstraints {
    pub(in crate::pki) require_explicit: Option<u32>,
    pub(in crate::pki) inhibit_mapping: Option<u32>,
}

const WHAT: &str = "certificate policies";

/// Reads certificatePolicies; one named twice is refused. Qualifiers are for people and not read.
pub(super) fn policies(value: &[u8]) -> Result<BTreeSet<PolicyId>, Error> {
    let mut list = der::only(WHAT, value, der::SEQUENCE)?;
    let mut found = BTreeSet::new();
    while !list.is_empty() {
        let mut policy = list.enter(der::SEQUENCE)?;
        let id = policy.required(der::OID)?.value.to_vec();
        policy.optional(der::SEQUENCE)?;
        policy.finish()?;
        if !found.insert(id) {
            return Err(list.fault("a policy is named twice"));
        }
    }
    within(&list, found.len())?;
    Ok(found)
}

/// Reads policyMappings: pairs of the issuer's policy and the subject's.
pub(super) fn mappings(value: &[u8]) -> Result<Vec<(PolicyId, PolicyId)>, Error> {
    let mut list = der::only(WHAT, value, der::SEQUENCE)?;
    let mut found = Vec::new();
    while !list.is_empty() {
        let mut pair = list.enter(der::SEQUENCE)?;
        let theirs = pair.required(der::OID)?.value.to_vec();
        let ours = pair.required(der::OID)?.value.to_vec();
        pair.finish()?;
        found.push((theirs, ours));
    }
    within(&list, found.len())?;
    Ok(found)
}

fn within(list: &Reader<'_>, count: usize) -> Result<(), Error> {
    match count {
        0 => Err(list.fault("there is no policy")),
        1..=MAX_POLICIES => Ok(()),
        _ => Err(list.fault("there are more policies than are read")),
    }
}

/// Reads policyConstraints, which must hold something.
pub(super) fn constraints(value: &[u8]) -> Result<PolicyConstraints, Error> {
    let mut fields = der::only(WHAT, value, der::SEQUENCE)?;
    let mut number = |tag| match fields.optional(der::context_primitive(tag))? {
        Some(element) => skip_certs(element.value, &fields).map(Some),
        None => Ok(None),
    };
    let found = PolicyConstraints {
        require_explicit: number(0)?,
        inhibit_mapping: number(1)?,
    };
    if found == PolicyConstraints::default() {
        return Err(fields.fault("nothing is constrained"));
    }
    fields.finish()?;
    Ok(found)
}

/// Reads inhibitAnyPolicy.
pub(super) fn inhibit_any(value: &[u8]) -> Result<u32, Error> {
    let mut outer = Reader::new(WHAT, value);
    let number = outer.required(der::INTEGER)?;
    let number = skip_certs(number.value, &outer)?;
    outer.finish()?;
    Ok(number)
}

fn skip_certs(value: &[u8], reader: &Reader<'_>) -> Result<u32, Error> {
    der::small_integer(value).ok_or_else(|| reader.fault("it is no number of certificates"))
}
