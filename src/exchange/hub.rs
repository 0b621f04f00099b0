//! What every station needs, built once.

use std::sync::Arc;

use tokio::sync::{Notify, watch};

use super::Error;
use super::registry::{InForce, Known, Rules};
use crate::config::intake::Intake;
use crate::config::{KeyKind, Outbox, Retry};
use crate::domain::agency::{Agency, AgencyCode};
use crate::domain::calendar::Calendars;
use crate::domain::clock::{Clock, Date, Timestamp, vietnam_date};
use crate::domain::directory::Directory;
use crate::domain::ids::IdSource;
use crate::domain::receipt::Party;
use crate::domain::routing::{self, HubId};
use crate::jail::Jail;
use crate::keystore::SoftKey;
use crate::notify::Transport;
use crate::pades::RevocationAge;
use crate::peer::PeerClient;
use crate::pki::trust::TrustEvidence;
use crate::store::Store;

/// A key this hub may use for an agency or one of its signers.
pub struct AgencyKey {
    /// The agency.
    pub agency: AgencyCode,
    /// Person or agency.
    pub kind: KeyKind,
    /// The person's name, for people.
    pub holder: Option<String>,
    /// The key.
    pub key: SoftKey,
    /// Image of the handwritten signature or the seal (PNG).
    pub image: Option<Vec<u8>>,
}

/// The parts a hub is built from.
pub struct Parts {
    /// Its name.
    pub id: HubId,
    /// Its record.
    pub store: Store,
    /// When agencies work.
    pub calendars: Calendars,
    /// The registry to begin with.
    pub registry: Known,
    /// What is believed about newer ones.
    pub registry_rules: Rules,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    /// Where identifiers come from.
    pub ids: Arc<dyn IdSource>,
    /// The key that signs receipts.
    pub receipt_key: SoftKey,
    /// Keys of its agencies.
    pub keys: Vec<AgencyKey>,
    /// What verdicts rely on, until it is renewed.
    pub trust: TrustEvidence,
    /// How new what is known about the revocation of a signer must be.
    pub revocation: RevocationAge,
    /// Where documents are read.
    pub jail: Jail,
    /// Opens lines to neighbours.
    pub lines: Lines,
    /// The way mails leave, if any.
    pub mail: Option<Transport>,
    /// Sender of mails.
    pub mail_from: String,
    /// Address of the pages, for links in mails.
    pub public_url: String,
    /// How failures are repeated.
    pub retry: Retry,
    /// How much is done at once.
    pub outbox: Outbox,
    /// Largest document in bytes.
    pub largest_bytes: u64,
    /// What is taken in while there is room.
    pub intake: Intake,
}

/// Opens the line to a neighbour, in the form the registry describes it; `None` without a network.
/// The error says in words what is wrong with the description.
pub type Lines =
    Box<dyn Fn(&routing::Hub) -> Result<Option<PeerClient>, String> + Send + Sync + 'static>;

/// One hub, cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

pub(super) struct Inner {
    pub(super) parts: Parts,
    /// Wakes the outbox after a job was added.
    pub(super) work: Notify,
    /// Wakes the asking for newer registries.
    pub(super) behind: Notify,
    /// What verdicts rely on now; a judgement under way keeps what it began with.
    pub(super) trust: watch::Sender<Arc<TrustEvidence>>,
    /// The registry in force; an act under way keeps the one it began with.
    pub(super) registry: watch::Sender<Arc<InForce>>,
}

impl Hub {
    /// A hub of these parts.
    ///
    /// # Errors
    /// [`Error::Registry`] when the registry cannot be used by this hub.
    pub fn new(mut parts: Parts) -> Result<Self, Error> {
        let trust = Arc::new(std::mem::take(&mut parts.trust));
        let in_force = InForce::of(parts.registry.clone(), &parts.id, &parts.lines)?;
        Ok(Self(Arc::new(Inner {
            parts,
            work: Notify::new(),
            behind: Notify::new(),
            trust: watch::Sender::new(trust),
            registry: watch::Sender::new(Arc::new(in_force)),
        })))
    }

    /// The hub's name.
    #[must_use]
    pub fn id(&self) -> &HubId {
        &self.0.parts.id
    }

    /// The registry in force; it stays as it is for whoever holds it.
    #[must_use]
    pub fn directory(&self) -> Arc<Directory> {
        self.0.directory()
    }

    /// Where this hub's documents from outside are read.
    #[must_use]
    pub fn jail(&self) -> &Jail {
        &self.0.parts.jail
    }

    /// The present instant by the hub's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.now()
    }

    /// Today in Vietnam.
    #[must_use]
    pub fn today(&self) -> Date {
        self.0.today()
    }

    /// Largest document in bytes.
    #[must_use]
    pub fn largest_bytes(&self) -> u64 {
        self.0.parts.largest_bytes
    }

    /// Names of the people whose keys this hub holds for `agency`.
    #[must_use]
    pub fn signers(&self, agency: &AgencyCode) -> Vec<String> {
        let rows = self.0.parts.keys.iter().filter(|key| key.agency == *agency);
        rows.filter_map(|key| key.holder.clone()).collect()
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.0
    }

    /// Runs a station's blocking part away from the threads that serve connections. The part runs
    /// to its end even if the caller goes away.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        station: impl FnOnce(&Inner) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let inner = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || station(&inner))
            .await
            .unwrap_or(Err(Error::Interrupted))
    }
}

impl Inner {
    pub(super) fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    pub(super) fn today(&self) -> Date {
        vietnam_date(self.now())
    }

    pub(super) fn ids(&self) -> &dyn IdSource {
        self.parts.ids.as_ref()
    }

    pub(super) fn in_force(&self) -> Arc<InForce> {
        Arc::clone(&self.registry.borrow())
    }

    pub(super) fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.in_force().known.directory)
    }

    pub(super) fn trust(&self) -> Arc<TrustEvidence> {
        Arc::clone(&self.trust.borrow())
    }

    pub(super) fn store(&self) -> &Store {
        &self.parts.store
    }

    pub(super) fn key(
        &self,
        agency: &AgencyCode,
        kind: KeyKind,
        holder: Option<&str>,
    ) -> Option<&AgencyKey> {
        let fits = |key: &&AgencyKey| {
            key.agency == *agency
                && key.kind == kind
                && holder.is_none_or(|name| key.holder.as_deref() == Some(name))
        };
        self.parts.keys.iter().find(fits)
    }
}

/// The agency as it is named in receipts.
pub(super) fn party(agency: &Agency) -> Party {
    Party {
        code: agency.code.to_string(),
        name: agency.name.clone(),
    }
}
