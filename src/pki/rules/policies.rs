//! The policies a path is valid for, as a graph that holds every policy once per certificate: it
//! grows with the path, not with the ways through it: by what one certificate names and maps, which
//! its reader limits.
//! Source: RFC 5280, 6.1, with the graph of RFC 9618, 5.

use std::collections::{BTreeMap, BTreeSet};

use super::{Fault, general};
use crate::pki::certificate::Certificate;
use crate::pki::extensions::{ANY_POLICY, PolicyId};
use crate::pki::trust::PolicyInputs;

/// A policy at one certificate: what it is called in the next one, and by which policies of the
/// certificate above it came.
#[derive(Debug, Default)]
struct Node {
    expected: BTreeSet<PolicyId>,
    parents: BTreeSet<PolicyId>,
}

type Level = BTreeMap<PolicyId, Node>;

struct Graph {
    levels: Vec<Level>,
    explicit_policy: usize,
    policy_mapping: usize,
    inhibit_any: usize,
}

/// Whether the path (leaf first, anchor last) is valid for a policy where one is required.
pub(in crate::pki) fn check(chain: &[Certificate], inputs: &PolicyInputs) -> Option<Fault> {
    let below_anchor = chain.split_last().map_or(chain, |(_, below)| below);
    let length = below_anchor.len();
    let start = |inhibited: bool| if inhibited { 0 } else { length + 1 };
    let mut graph = Graph {
        levels: vec![Level::from([(
            ANY_POLICY.to_vec(),
            Node {
                expected: BTreeSet::from([ANY_POLICY.to_vec()]),
                parents: BTreeSet::new(),
            },
        )])],
        explicit_policy: start(inputs.require_explicit),
        policy_mapping: start(inputs.inhibit_mapping),
        inhibit_any: start(inputs.inhibit_any),
    };
    for (depth, certificate) in below_anchor.iter().enumerate().rev() {
        let is_last = depth == 0;
        let step = graph.enter(certificate, is_last).and_then(|()| {
            if is_last {
                graph.wrap_up(certificate);
                return Ok(());
            }
            graph.prepare_next(certificate)
        });
        if let Err(reason) = step {
            return Some(general(reason, certificate, String::new()));
        }
    }
    let leaf = chain.first()?;
    let valid = graph.explicit_policy > 0 || graph.is_valid_for(inputs);
    (!valid).then(|| general("POLICY_NOT_VALID", leaf, String::new()))
}

impl Graph {
    fn is_null(&self) -> bool {
        self.levels.is_empty()
    }

    /// RFC 5280, 6.1.3 d to f.
    fn enter(&mut self, certificate: &Certificate, is_last: bool) -> Result<(), &'static str> {
        match &certificate.extensions().policies {
            Some(policies) if !self.is_null() => {
                let any = self.inhibit_any > 0 || (!is_last && certificate.is_self_issued());
                self.add_level(policies, any);
            }
            Some(_) => {}
            None => self.levels.clear(),
        }
        if self.explicit_policy > 0 || !self.is_null() {
            Ok(())
        } else {
            Err("POLICY_NOT_VALID")
        }
    }

    fn add_level(&mut self, policies: &BTreeSet<PolicyId>, any_counts: bool) {
        let Some(above) = self.levels.last() else {
            return;
        };
        let expecting = expecting(above);
        let mut level = Level::new();
        let mut add = |policy: &PolicyId, parents: BTreeSet<PolicyId>| {
            let expected = BTreeSet::from([policy.clone()]);
            level.insert(policy.clone(), Node { expected, parents });
        };
        let named = policies.iter().filter(|policy| *policy != ANY_POLICY);
        for policy in named {
            if let Some(parents) = expecting.get(policy) {
                add(policy, parents.clone());
            } else if above.contains_key(ANY_POLICY) {
                add(policy, BTreeSet::from([ANY_POLICY.to_vec()]));
            }
        }
        if any_counts && policies.contains(ANY_POLICY) {
            let open = expecting.iter();
            for (policy, parents) in open.filter(|(policy, _)| !policies.contains(*policy)) {
                add(policy, parents.clone());
            }
            if let Some(parents) = expecting.get(ANY_POLICY) {
                add(&ANY_POLICY.to_vec(), parents.clone());
            }
        }
        self.levels.push(level);
        self.prune();
    }

    /// Removes what leads nowhere; a graph without a last level is null.
    fn prune(&mut self) {
        let mut needed: Option<BTreeSet<PolicyId>> = None;
        for level in self.levels.iter_mut().rev() {
            if let Some(needed) = &needed {
                level.retain(|policy, _| needed.contains(policy));
            }
            let parents = level.values().flat_map(|node| node.parents.iter().cloned());
            needed = Some(parents.collect());
        }
        if self.levels.iter().any(BTreeMap::is_empty) {
            self.levels.clear();
        }
    }

    /// RFC 5280, 6.1.4 a, b, h, i and j.
    fn prepare_next(&mut self, certificate: &Certificate) -> Result<(), &'static str> {
        let extensions = certificate.extensions();
        let mappings = &extensions.policy_mappings;
        let is_any = |policy: &PolicyId| policy == ANY_POLICY;
        if mappings.iter().any(|(from, to)| is_any(from) || is_any(to)) {
            return Err("POLICY_MAPPING_ANY");
        }
        let mut by_policy: BTreeMap<&PolicyId, BTreeSet<PolicyId>> = BTreeMap::new();
        for (from, to) in mappings {
            by_policy.entry(from).or_default().insert(to.clone());
        }
        for (policy, names) in by_policy {
            self.map(policy, names);
        }
        self.prune();
        if !certificate.is_self_issued() {
            for counter in [
                &mut self.explicit_policy,
                &mut self.policy_mapping,
                &mut self.inhibit_any,
            ] {
                *counter = counter.saturating_sub(1);
            }
        }
        let constraints = extensions.policy_constraints;
        lower(&mut self.explicit_policy, constraints.require_explicit);
        lower(&mut self.policy_mapping, constraints.inhibit_mapping);
        lower(&mut self.inhibit_any, extensions.inhibit_any_policy);
        Ok(())
    }

    fn map(&mut self, policy: &PolicyId, names: BTreeSet<PolicyId>) {
        let may_map = self.policy_mapping > 0;
        let Some(level) = self.levels.last_mut() else {
            return;
        };
        if !may_map {
            level.remove(policy);
            return;
        }
        if let Some(node) = level.get_mut(policy) {
            node.expected = names;
        } else if let Some(any) = level.get(ANY_POLICY) {
            let parents = any.parents.clone();
            let expected = names;
            level.insert(policy.clone(), Node { expected, parents });
        }
    }

    /// RFC 5280, 6.1.5 a and b.
    fn wrap_up(&mut self, certificate: &Certificate) {
        self.explicit_policy = self.explicit_policy.saturating_sub(1);
        if certificate.extensions().policy_constraints.require_explicit == Some(0) {
            self.explicit_policy = 0;
        }
    }

    /// RFC 5280, 6.1.5 g: whether the path is valid for a policy the verifier accepts. A policy counts
    /// by the name it has in the domain of the anchor.
    fn is_valid_for(&self, inputs: &PolicyInputs) -> bool {
        if self.is_null() {
            return false;
        }
        let Some(accepted) = inputs.accepted() else {
            return true;
        };
        let ends_in_any = self
            .levels
            .last()
            .is_some_and(|last| last.contains_key(ANY_POLICY));
        let in_domain = self.levels.iter().flat_map(|level| {
            let nodes = level.iter();
            let from_any = nodes.filter(|(_, node)| node.parents.contains(ANY_POLICY));
            from_any.map(|(policy, _)| policy)
        });
        let mut in_domain = in_domain.filter(|policy| *policy != ANY_POLICY);
        (ends_in_any && !accepted.is_empty()) || in_domain.any(|policy| accepted.contains(policy))
    }
}

/// What is expected in the next certificate, and by which policies.
fn expecting(level: &Level) -> BTreeMap<PolicyId, BTreeSet<PolicyId>> {
    let mut found: BTreeMap<PolicyId, BTreeSet<PolicyId>> = BTreeMap::new();
    for (policy, node) in level {
        for name in &node.expected {
            found
                .entry(name.clone())
                .or_default()
                .insert(policy.clone());
        }
    }
    found
}

fn lower(counter: &mut usize, skip_certs: Option<u32>) {
    let limit = skip_certs.and_then(|limit| usize::try_from(limit).ok());
    *counter = limit.map_or(*counter, |limit| limit.min(*counter));
}
