//! How evidence is trusted, on its way to the child: the times of anchors and the policies asked for.

use serde::{Deserialize, Serialize};

use super::Error;
use super::request::wrong;
use crate::domain::clock::Timestamp;
use crate::pki::trust::{PolicyInputs, TrustEvidence, TrustWindow};

/// Wire shape.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Terms {
    windows: Vec<Window>,
    accepted_policies: Option<Vec<String>>,
    require_explicit: bool,
    inhibit_mapping: bool,
    inhibit_any: bool,
}

/// Wire shape: from when until when the anchor with this digest is trusted.
#[derive(Debug, Serialize, Deserialize)]
struct Window {
    anchor: String,
    from: Option<String>,
    until: Option<String>,
}

impl Terms {
    /// The terms of `evidence`.
    pub(super) fn of(evidence: &TrustEvidence) -> Self {
        let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let windows = evidence.windows.iter().map(|(anchor, window)| Window {
            anchor: anchor.to_string(),
            from: text(window.from),
            until: text(window.until),
        });
        let policies = &evidence.policies;
        Self {
            windows: windows.collect(),
            accepted_policies: policies.accepted_names(),
            require_explicit: policies.require_explicit,
            inhibit_mapping: policies.inhibit_mapping,
            inhibit_any: policies.inhibit_any,
        }
    }

    /// Puts the terms on `evidence`.
    pub(super) fn put_on(&self, evidence: &mut TrustEvidence) -> Result<(), Error> {
        for window in &self.windows {
            let anchor = window.anchor.parse();
            let anchor = anchor.or(Err(wrong("a digest", &window.anchor)))?;
            let from = instant(window.from.as_ref())?;
            let until = instant(window.until.as_ref())?;
            evidence.windows.insert(anchor, TrustWindow { from, until });
        }
        let mut policies = PolicyInputs::default();
        policies.require_explicit = self.require_explicit;
        policies.inhibit_mapping = self.inhibit_mapping;
        policies.inhibit_any = self.inhibit_any;
        for policy in self.accepted_policies.iter().flatten() {
            let accepted = policies.accept(policy);
            accepted.map_err(|fault| wrong("a policy", fault))?;
        }
        evidence.policies = policies;
        Ok(())
    }
}

fn instant(text: Option<&String>) -> Result<Option<Timestamp>, Error> {
    let read = |text: &String| text.parse().or(Err(wrong("an instant", text)));
    text.map(read).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::digest::Sha256;

    #[test]
    fn terms_survive_the_way() {
        let mut evidence = TrustEvidence::default();
        let until = "2030-01-01T00:00:00Z".parse().ok();
        let window = TrustWindow { from: None, until };
        evidence.windows.insert(Sha256::of(b"anchor"), window);
        evidence.policies.accept("1.2.3.4").unwrap();
        evidence.policies.require_explicit = true;
        let sent = serde_json::to_vec(&Terms::of(&evidence)).unwrap();
        let mut arrived = TrustEvidence::default();
        let terms: Terms = serde_json::from_slice(&sent).unwrap();
        terms.put_on(&mut arrived).unwrap();
        assert_eq!(arrived.sha256(), evidence.sha256());
        assert_ne!(arrived.sha256(), TrustEvidence::default().sha256());
    }
}
