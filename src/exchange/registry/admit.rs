//! What a snapshot must be before a hub believes it: small enough, signed by the centre's key, the next
//! one in order, and free of contradictions. Nothing of it is parsed before its signature holds.

use tracing::{error, info};

use super::Known;
use crate::config::registry::snapshot::{self, SignedSnapshot};
use crate::domain::clock::{SignedDuration, Timestamp};
use crate::domain::directory::{Contradiction, Directory};
use crate::domain::snapshot::{Head, NotNext, Snapshot};
use crate::exchange::Error;
use crate::jail::{Detached, Jail};
use crate::pki::certificate::Certificate;
use crate::store::rows::registry;
use crate::store::{self, Store};

/// What a hub believes about registries.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The certificates of the centre's key; none: the registry is a file without a signature.
    pub certificates: Vec<Certificate>,
    /// How long work goes on after a registry's end.
    pub grace: SignedDuration,
}

/// Why a registry is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Its signature does not hold, or is not by the centre's key.
    #[error("the signature does not hold: {0}")]
    Signature(String),
    /// It is too large, or not of the expected form.
    #[error(transparent)]
    Form(#[from] snapshot::Fault),
    /// It does not follow the one in force.
    #[error(transparent)]
    Order(#[from] NotNext),
    /// Its rows contradict each other.
    #[error(transparent)]
    Contradiction(#[from] Contradiction),
    /// This hub cannot work by it.
    #[error("this hub cannot work by it: {0}")]
    Unusable(String),
    /// This hub has no certificate to check it with.
    #[error("this hub works by a file without a signature ([hub] registry_certificate is absent)")]
    NotSigned,
}

/// Where snapshots are kept and by what they are judged.
pub(super) struct Door<'a> {
    pub(super) store: &'a Store,
    pub(super) jail: &'a Jail,
    pub(super) rules: &'a Rules,
    pub(super) now: Timestamp,
}

impl Door<'_> {
    /// Takes a snapshot in after `present`: durable on return. `None`: it is the one in force.
    ///
    /// # Errors
    /// [`Error::Registry`]; nothing is kept, except that a contradictory one is kept as evidence.
    pub(super) fn admit(
        &self,
        signed: &SignedSnapshot,
        source: &str,
        present: Option<&Head>,
    ) -> Result<Option<Known>, Error> {
        let snapshot = self.genuine(signed)?;
        let head = snapshot::head(&snapshot, signed.sha256());
        match snapshot.follows(head.sha256, present, self.now) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(fault) => {
                if matches!(fault, NotNext::SplitView { .. }) {
                    self.keep_contradiction(head.number, signed, source)?;
                }
                return Err(Refused::Order(fault).into());
            }
        }
        let directory = Directory::new(snapshot.registry).map_err(Refused::Contradiction)?;
        let kept = self
            .store
            .write(|tx| registry::insert(tx, &head, signed, (source, self.now)));
        match kept {
            // Another process of this hub took it in at the same moment.
            Err(store::Error::Conflict { .. }) | Ok(()) => {}
            Err(fault) => return Err(fault.into()),
        }
        info!(registry.number = head.number, registry.sha256 = %head.sha256, source, "registry taken in");
        Ok(Some(Known::signed(directory, head)))
    }

    /// The newest snapshot of the record.
    pub(super) fn newest(&self) -> Result<Option<Known>, Error> {
        let found = self.store.read(|tx| {
            let head = registry::newest(tx)?;
            let signed = head
                .map(|head| registry::find(tx, head.number))
                .transpose()?;
            Ok::<_, store::Error>(signed.flatten())
        })?;
        let Some(signed) = found else { return Ok(None) };
        let snapshot = self.genuine(&signed)?;
        let head = snapshot::head(&snapshot, signed.sha256());
        let directory = Directory::new(snapshot.registry).map_err(Refused::Contradiction)?;
        Ok(Some(Known::signed(directory, head)))
    }

    /// The snapshot, if the centre's key signed it while its certificate was valid.
    fn genuine(&self, signed: &SignedSnapshot) -> Result<Snapshot, Error> {
        signed.limited().map_err(Refused::Form)?;
        let known = &self.rules.certificates;
        if known.is_empty() {
            return Err(Refused::NotSigned.into());
        }
        let signer = match self
            .jail
            .detached(&signed.bytes, &signed.signature, known)?
        {
            Detached::By(signer) => signer,
            Detached::Stranger { certificate_sha256 } => {
                let said = format!("by {certificate_sha256}, which is not pinned here");
                return Err(Refused::Signature(said).into());
            }
            Detached::Refused { reason } => return Err(Refused::Signature(reason).into()),
        };
        let snapshot = snapshot::from_bytes(&signed.bytes).map_err(Refused::Form)?;
        let at = snapshot.issued_at;
        if at < signer.not_before() || signer.not_after() < at {
            let said = format!("the certificate was not valid at {at}");
            return Err(Refused::Signature(said).into());
        }
        Ok(snapshot)
    }

    fn keep_contradiction(
        &self,
        number: u64,
        signed: &SignedSnapshot,
        source: &str,
    ) -> Result<(), Error> {
        let about = (source, self.now);
        let kept = self
            .store
            .write(|tx| registry::insert_conflict(tx, number, signed, about));
        if !matches!(kept, Ok(false) | Err(store::Error::Conflict { .. })) {
            kept?;
            error!(
                registry.number = number,
                registry.sha256 = %signed.sha256(),
                source,
                "TWO REGISTRIES OF ONE NUMBER ARE SIGNED: the other one is kept as evidence; tell the centre"
            );
        }
        Ok(())
    }
}
