//! How hubs get the registry from each other: each asks its neighbours for their number and fetches
//! what it lacks, one snapshot after the other. A neighbour is believed nothing: the signature decides.

use std::time::Duration;

use tokio::sync::watch;
use tracing::{error, warn};

use super::Refused;
use crate::domain::routing::HubId;
use crate::domain::snapshot::{Freshness, Head, NotNext};
use crate::exchange::{Error, Hub};
use crate::peer::registry::Told;
use crate::peer::{PeerClient, Unanswered};

/// How often a hub looks and asks.
#[derive(Debug, Clone, Copy)]
pub struct Rhythm {
    /// Between two looks at the record, which another process of this hub may have written.
    pub look: Duration,
    /// Between two questions to the neighbours.
    pub ask: Duration,
}

/// Between two complaints about a registry that is past its end.
const COMPLAIN: Duration = Duration::from_secs(600);

/// Keeps the registry in force current until `stop` turns true.
pub async fn keep(hub: Hub, rhythm: Rhythm, mut stop: watch::Receiver<bool>) {
    let mut ask = tokio::time::interval(rhythm.ask);
    let mut look = tokio::time::interval(rhythm.look);
    let mut complain = tokio::time::interval(COMPLAIN);
    while !*stop.borrow() {
        tokio::select! {
            _ = stop.changed() => {}
            _ = complain.tick() => complain_of_age(&hub),
            _ = look.tick() => {
                if let Err(fault) = hub.look_for_registry().await {
                    error!(fault = %fault, "the newest registry of the record is not in force");
                }
            }
            _ = ask.tick() => hub.ask_for_registries().await,
            () = hub.inner().behind.notified() => {
                hub.ask_for_registries().await;
                // Whoever knows more than the neighbours do may ask as often as it likes.
                tokio::time::sleep(rhythm.look).await;
            }
        }
    }
}

fn complain_of_age(hub: &Hub) {
    let standing = hub.registry_standing();
    let Some(Head {
        number, expires_at, ..
    }) = standing.head
    else {
        return;
    };
    match standing.freshness {
        Freshness::Current => {}
        Freshness::Grace => error!(
            registry.number = number, registry.expires_at = %expires_at,
            "THE REGISTRY HAS EXPIRED: work goes on for the time of grace; bring a newer one"
        ),
        Freshness::Expired => error!(
            registry.number = number, registry.expires_at = %expires_at,
            "THE REGISTRY HAS EXPIRED and the time of grace is over: nothing new is taken"
        ),
    }
}

impl Hub {
    /// Asks every neighbour once and takes in what this hub lacks. A neighbour that does not answer,
    /// or answers what cannot be believed, changes nothing, and the log says why.
    pub async fn ask_for_registries(&self) {
        for (neighbour, line) in self.inner().in_force().lines() {
            let asked = async |told: &Told| self.catch_up(&neighbour, &line, told).await;
            let outcome = match line.registry().await {
                Ok(Some(told)) => asked(&told).await,
                Ok(None) | Err(Unanswered::Later(_)) => continue,
                Err(fault) => Err(Error::unacceptable("registry", fault)),
            };
            if let Err(fault) = outcome {
                warn!(hub.id = %neighbour, fault = %fault, "the neighbour's registry is not taken");
            }
        }
    }

    async fn catch_up(
        &self,
        neighbour: &HubId,
        line: &PeerClient,
        told: &Told,
    ) -> Result<(), Error> {
        let Some(present) = self.registry_standing().head else {
            return Ok(());
        };
        if told.number == present.number && told.sha256 != present.sha256 {
            // Taken in, it is refused and kept as evidence.
            return self.fetch(neighbour, line, told.number).await;
        }
        for number in present.number.saturating_add(1)..=told.number {
            self.fetch(neighbour, line, number).await?;
        }
        Ok(())
    }

    async fn fetch(&self, neighbour: &HubId, line: &PeerClient, number: u64) -> Result<(), Error> {
        let fetched = line.registry_snapshot(number).await;
        let signed = fetched.map_err(|fault| Error::unacceptable("registry", fault))?;
        let source = format!("hub {neighbour}");
        match self.import_registry(signed, source).await {
            // Another answer, or another process, was faster.
            Err(Error::Registry(Refused::Order(NotNext::Older { .. }))) => Ok(()),
            other => other.map(|_| ()),
        }
    }
}
