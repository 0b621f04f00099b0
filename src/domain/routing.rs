//! Hubs and the road between them: up the tree to the lowest common ancestor and down again.

use std::fmt;

use crate::domain::directory::Directory;
use crate::domain::refusal::Refusal;

/// Most hubs a document may pass, the first and the last included: the longest road in a
/// four-tier tree has seven.
pub const MOST_HUBS: usize = 8;

/// The name of a hub: 1 to 64 of `a-z 0-9 -`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HubId(String);

/// A text that cannot name a hub.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected the name of a hub (1 to 64 of a-z, 0-9, -), found {found:?}")]
pub struct NotAHubId {
    /// What was found instead, shortened.
    pub found: String,
}

impl HubId {
    /// Parses a hub's name.
    ///
    /// # Errors
    /// [`NotAHubId`] for any other character or length.
    pub fn parse(text: &str) -> Result<Self, NotAHubId> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if text.is_empty() || text.len() > 64 || !text.bytes().all(allowed) {
            return Err(NotAHubId {
                found: text.chars().take(80).collect(),
            });
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HubId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One installation as the registry knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hub {
    /// Its name.
    pub id: HubId,
    /// Its name for people.
    pub name: String,
    /// The hub above it; the root has none.
    pub parent: Option<HubId>,
    /// Where neighbours reach it, such as `https://127.0.0.1:7443`.
    pub url: String,
    /// The TLS certificates it may show (PEM), each pinned by itself; two during a change.
    pub tls_certificates: Vec<String>,
    /// The certificates whose keys sign its receipts (PEM), the present one and former ones.
    pub signing_certificates: Vec<String>,
}

/// Where a document goes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hop {
    /// The recipient is hosted here.
    Here,
    /// On to this neighbour.
    To(HubId),
}

/// The next hub on the road from `here` to `destination`, for a document that has already passed
/// the hubs in `path` (oldest first, `here` last).
///
/// # Errors
/// [`Refusal::NoRoute`], [`Refusal::Loop`] or [`Refusal::TooManyHops`].
pub fn next_hop(
    directory: &Directory,
    here: &HubId,
    destination: &HubId,
    path: &[HubId],
) -> Result<Hop, Refusal> {
    if here == destination {
        return Ok(Hop::Here);
    }
    let no_route = || Refusal::NoRoute {
        from: here.clone(),
        to: destination.clone(),
    };
    let above_destination = directory.hub_and_ancestors(destination);
    let above_here = directory.hub_and_ancestors(here);
    let next = match above_destination.iter().position(|hub| *hub == here) {
        Some(position) => position
            .checked_sub(1)
            .and_then(|below| above_destination.get(below)),
        None => above_here.get(1),
    }
    .copied()
    .ok_or_else(no_route)?;
    if above_destination.is_empty() {
        return Err(no_route());
    }
    if path.contains(next) {
        return Err(Refusal::Loop { hub: next.clone() });
    }
    if path.len() >= MOST_HUBS {
        return Err(Refusal::TooManyHops {
            count: path.len(),
            limit: MOST_HUBS,
        });
    }
    Ok(Hop::To(next.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::tests::{hub, tree};

    fn road(from: &str, to: &str) -> Vec<String> {
        let directory = tree();
        let (mut here, to) = (hub(from), hub(to));
        let mut path = vec![here.clone()];
        while let Hop::To(next) = next_hop(&directory, &here, &to, &path).unwrap() {
            path.push(next.clone());
            here = next;
        }
        path.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_document_climbs_to_the_common_ancestor_and_descends() {
        assert_eq!(
            road("commune", "central"),
            ["commune", "district", "province", "central"]
        );
        assert_eq!(
            road("commune", "commune-b"),
            ["commune", "district", "commune-b"]
        );
        assert_eq!(
            road("commune", "other-province"),
            [
                "commune",
                "district",
                "province",
                "central",
                "other-province"
            ]
        );
    }

    #[test]
    fn a_hub_is_never_passed_twice() {
        let path = [hub("district"), hub("commune")];
        let refused = next_hop(&tree(), &hub("commune"), &hub("central"), &path).unwrap_err();
        assert_eq!(
            refused,
            Refusal::Loop {
                hub: hub("district")
            }
        );
    }

    #[test]
    fn the_road_is_never_longer_than_the_limit() {
        let path: Vec<HubId> = (0..MOST_HUBS).map(|n| hub(&format!("x{n}"))).collect();
        let refused = next_hop(&tree(), &hub("commune"), &hub("central"), &path).unwrap_err();
        assert!(
            matches!(refused, Refusal::TooManyHops { .. }),
            "{refused:?}"
        );
    }

    #[test]
    fn an_unknown_hub_has_no_road() {
        let refused = next_hop(
            &tree(),
            &hub("commune"),
            &hub("elsewhere"),
            &[hub("commune")],
        );
        assert!(
            matches!(refused, Err(Refusal::NoRoute { .. })),
            "{refused:?}"
        );
    }
}
