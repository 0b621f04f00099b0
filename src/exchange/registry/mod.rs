//! Who is who: the registry in force, the lines to the neighbours and the certificates by which they
//! are known, as one value that is replaced as a whole while the hub runs.
//!
//! Files in reading order: `admit` (what a snapshot must be), `gossip` (how hubs get it from each other).

use std::collections::HashMap;
use std::sync::Arc;

use tracing::{error, info};

use super::hub::{Inner, Lines};
use super::{Error, Hub};
use crate::config::registry::snapshot::SignedSnapshot;
use crate::domain::clock::Timestamp;
use crate::domain::digest::Sha256;
use crate::domain::directory::Directory;
use crate::domain::refusal::Refusal;
use crate::domain::routing::{self, HubId};
use crate::domain::snapshot::{Freshness, Head};
use crate::jail::Jail;
use crate::peer::{PeerClient, registry as protocol};
use crate::pki::certificate::read_certificates;
use crate::store::Store;
use crate::store::rows::registry;

mod admit;
mod gossip;

pub use crate::peer::registry::ADDRESS;
pub use crate::store::rows::registry::Recorded;
pub use admit::{Refused, Rules};
pub use gossip::{Rhythm, keep};

/// A registry a hub can work by.
#[derive(Debug, Clone)]
pub struct Known {
    /// What it says.
    pub directory: Arc<Directory>,
    /// Which snapshot it is; `None` for a file without a signature.
    pub head: Option<Head>,
}

impl Known {
    /// The registry of a file without a signature.
    #[must_use]
    pub fn unsigned(directory: Directory) -> Self {
        Self {
            directory: Arc::new(directory),
            head: None,
        }
    }

    fn signed(directory: Directory, head: Head) -> Self {
        Self {
            directory: Arc::new(directory),
            head: Some(head),
        }
    }
}

/// The registry a hub begins with: the newest of its record, after `file` was taken in if that is
/// newer. A file that cannot be taken in is an error only where the record has none.
///
/// Durable on return: the snapshot.
///
/// # Errors
/// [`Error::Registry`] when there is none to work by; a fault of the record.
pub fn begin(
    (store, jail): (&Store, &Jail),
    rules: &Rules,
    file: &SignedSnapshot,
    now: Timestamp,
) -> Result<Known, Error> {
    let door = admit::Door {
        store,
        jail,
        rules,
        now,
    };
    let Some(present) = door.newest()? else {
        let known = door.admit(file, "file", None)?;
        return known.ok_or_else(|| Refused::Unusable("no snapshot".to_owned()).into());
    };
    match door.admit(file, "file", present.head.as_ref()) {
        Ok(taken) => Ok(taken.unwrap_or(present)),
        Err(Error::Registry(Refused::Order(fault))) => {
            info!(reason = %fault, "the registry of the record is used, not that of the file");
            Ok(present)
        }
        Err(fault) => Err(fault),
    }
}

/// A registry and everything that follows from it for one hub.
pub(super) struct InForce {
    pub(super) known: Known,
    lines: HashMap<HubId, PeerClient>,
    pins: HashMap<Sha256, HubId>,
}

impl InForce {
    /// What follows from `known` for the hub `own`.
    ///
    /// # Errors
    /// [`Error::Registry`]: the hub is not in it, or a neighbour is described in a way that cannot be
    /// used.
    pub(super) fn of(known: Known, own: &HubId, lines: &Lines) -> Result<Self, Error> {
        let unusable = |fault: String| Error::Registry(Refused::Unusable(fault));
        if known.directory.hub(own).is_none() {
            return Err(unusable(format!("hub {own} is not in it")));
        }
        let (mut found, mut pins) = (HashMap::new(), HashMap::new());
        for near in known.directory.neighbours(own) {
            let wrong = |fault: String| unusable(format!("hub {}: {fault}", near.id));
            for pin in pins_of(near).map_err(wrong)? {
                pins.insert(pin, near.id.clone());
            }
            // A neighbour without a pin has been withdrawn: nobody speaks to it.
            let line = match near.tls_certificates.is_empty() {
                true => None,
                false => lines(near).map_err(wrong)?,
            };
            found.extend(line.map(|line| (near.id.clone(), line)));
        }
        Ok(Self {
            known,
            lines: found,
            pins,
        })
    }

    /// The line to a neighbour.
    pub(super) fn line(&self, to: &HubId) -> Option<PeerClient> {
        self.lines.get(to).cloned()
    }

    /// Whether a hub is a neighbour that is not withdrawn.
    pub(super) fn is_neighbour(&self, hub: &HubId) -> bool {
        self.pins.values().any(|near| near == hub)
    }

    /// Every line.
    fn lines(&self) -> Vec<(HubId, PeerClient)> {
        let lines = self.lines.iter();
        lines
            .map(|(hub, line)| (hub.clone(), line.clone()))
            .collect()
    }

    /// The number of the snapshot in force.
    pub(super) fn number(&self) -> Option<u64> {
        self.known.head.map(|head| head.number)
    }
}

/// The digests of the certificates a hub may show.
fn pins_of(hub: &routing::Hub) -> Result<Vec<Sha256>, String> {
    let mut pins = Vec::new();
    for pem in &hub.tls_certificates {
        let read = read_certificates(pem.as_bytes()).map_err(|fault| fault.to_string())?;
        pins.extend(read.iter().map(|certificate| certificate.sha256()));
    }
    Ok(pins)
}

/// How the registry of a hub stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The snapshot in force; `None` for a file without a signature.
    pub head: Option<Head>,
    /// What it is worth now.
    pub freshness: Freshness,
}

impl Hub {
    /// The neighbour that shows the certificate with this digest, by the registry in force now.
    #[must_use]
    pub fn neighbour_showing(&self, certificate_sha256: &Sha256) -> Option<HubId> {
        let in_force = self.inner().in_force();
        in_force.pins.get(certificate_sha256).cloned()
    }

    /// How the registry stands.
    #[must_use]
    pub fn registry_standing(&self) -> Standing {
        Standing {
            head: self.inner().in_force().known.head,
            freshness: self.inner().freshness(),
        }
    }

    /// Takes a snapshot in from `source` and works by it from now on; gives its head, or `None` if it
    /// is in force already. Durable on return: the snapshot.
    ///
    /// # Errors
    /// [`Error::Registry`] with the reason; the registry in force stays.
    pub async fn import_registry(
        &self,
        signed: SignedSnapshot,
        source: String,
    ) -> Result<Option<Head>, Error> {
        self.run(move |hub| {
            let present = hub.in_force().known.head;
            let taken = door(hub).admit(&signed, &source, present.as_ref())?;
            let Some(known) = taken else { return Ok(None) };
            let head = known.head;
            hub.put_in_force(known)?;
            Ok(head)
        })
        .await
    }

    /// Works by the newest snapshot of the record, which another process of this hub may have taken
    /// in; gives whether there was a newer one.
    ///
    /// # Errors
    /// A fault of the record, or [`Error::Registry`]; the registry in force stays.
    pub async fn look_for_registry(&self) -> Result<bool, Error> {
        self.run(|hub| {
            let present = hub.in_force().number();
            let newest = hub.store().read(registry::newest)?;
            if newest.map(|head| head.number) <= present || present.is_none() {
                return Ok(false);
            }
            match door(hub).newest()? {
                Some(known) => hub.put_in_force(known).map(|()| true),
                None => Ok(false),
            }
        })
        .await
    }

    /// Every snapshot of the record, the oldest first, and those that contradict them.
    ///
    /// # Errors
    /// A fault of the record.
    pub async fn registry_history(&self) -> Result<(Vec<Recorded>, Vec<Sha256>), Error> {
        self.run(|hub| {
            hub.store()
                .read(|tx| Ok::<_, Error>((registry::all(tx)?, registry::conflicts(tx)?)))
        })
        .await
    }

    /// What a neighbour that asks is told of the snapshot in force; `None` where there is none.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn registry_told(&self) -> Result<Option<Vec<u8>>, Error> {
        let head = self.registry_standing().head;
        Ok(head.as_ref().map(protocol::head_to_bytes).transpose()?)
    }

    /// What a neighbour that asks for a snapshot is given.
    ///
    /// # Errors
    /// As [`Hub::registry_snapshot`].
    pub async fn registry_answer(&self, number: u64) -> Result<Vec<u8>, Error> {
        let signed = self.registry_snapshot(number).await?;
        Ok(protocol::snapshot_to_bytes(&signed)?)
    }

    /// A snapshot of the record.
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of the record.
    pub async fn registry_snapshot(&self, number: u64) -> Result<SignedSnapshot, Error> {
        let found = self
            .run(move |hub| Ok(hub.store().read(|tx| registry::find(tx, number))?))
            .await?;
        found.ok_or(Error::NotFound("registry snapshot"))
    }
}

fn door(hub: &Inner) -> admit::Door<'_> {
    admit::Door {
        store: hub.store(),
        jail: &hub.parts.jail,
        rules: &hub.parts.registry_rules,
        now: hub.now(),
    }
}

impl Inner {
    fn put_in_force(&self, known: Known) -> Result<(), Error> {
        let number = known.head.map(|head| head.number);
        let in_force = InForce::of(known, &self.parts.id, &self.parts.lines);
        let in_force = in_force.inspect_err(|fault| {
            error!(registry.number = number, fault = %fault, "registry not put in force");
        })?;
        self.registry.send_if_modified(|present| {
            let is_newer = present.number() < in_force.number();
            if is_newer {
                *present = Arc::new(in_force);
            }
            is_newer
        });
        info!(registry.number = number, "registry in force");
        // What waited for it may go now.
        self.work.notify_one();
        Ok(())
    }

    /// What the registry in force is worth now.
    pub(super) fn freshness(&self) -> Freshness {
        let head = self.in_force().known.head;
        head.map_or(Freshness::Current, |head| {
            head.freshness(self.now(), self.parts.registry_rules.grace)
        })
    }

    /// Refuses to begin something new by a registry that is past its time of grace.
    pub(super) fn must_have_a_registry(&self) -> Result<(), Refusal> {
        match (self.freshness(), self.in_force().known.head) {
            (Freshness::Expired, Some(head)) => Err(Refusal::RegistryExpired {
                number: head.number,
                expired_at: head.expires_at,
            }),
            _ => Ok(()),
        }
    }

    /// Asks to wait where somebody was routed by a newer registry than the one in force here.
    ///
    /// # Errors
    /// [`Error::RegistryBehind`], which is temporary.
    pub(super) fn must_know_registry(&self, theirs: Option<u64>) -> Result<(), Error> {
        let ours = self.in_force().number();
        match (ours, theirs) {
            (Some(present), Some(needed)) if present < needed => {
                self.behind.notify_one();
                Err(Error::RegistryBehind { present, needed })
            }
            _ => Ok(()),
        }
    }
}
