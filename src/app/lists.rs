//! Keeps the revocation lists of `[lists]` current: what is newer goes into their folder, from where
//! it counts at the next look at `[trust]`.

use std::time::Duration;

use tokio::sync::watch;
use tracing::{info, warn};

use super::{Error, setting, trust};
use crate::config::fetch::Fetch;
use crate::config::{self, Config, Lists};
use crate::exchange::Hub;
use crate::fetch::{Fetcher, Place};
use crate::pki::crl::Crl;
use crate::pki::trust::TrustEvidence;
use crate::store::FetchedLists;

/// The longest wait after a list could not be had.
const AFTER_FAILURE: Duration = Duration::from_secs(300);

/// Whether every address is one that can be asked.
///
/// # Errors
/// [`Error::Setting`] that names the address.
pub(super) fn check(config: &Config) -> Result<(), Error> {
    let addresses = config.lists.iter().flat_map(|lists| &lists.addresses);
    for address in addresses {
        let read = Place::read(address);
        read.map_err(|fault| setting("[lists] addresses", format!("{address}: {fault}")))?;
    }
    Ok(())
}

/// Asks for every list of `lists` again and again until `stop` turns true. A list that cannot be had,
/// or that must not replace the one held, changes nothing, and the log says why.
pub(super) async fn keep(
    hub: Hub,
    files: config::Trust,
    (lists, rules): (Lists, Fetch),
    mut stop: watch::Receiver<bool>,
) {
    let regular = Duration::from_secs(60).saturating_mul(lists.every_minutes.max(1));
    while !*stop.borrow() {
        let all_current = round(&hub, &files, &lists, &rules).await;
        let wait = match all_current {
            true => regular,
            false => regular.min(AFTER_FAILURE),
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Asks for every list once; whether all are current.
async fn round(hub: &Hub, files: &config::Trust, lists: &Lists, rules: &Fetch) -> bool {
    let files = files.clone();
    let trusted = match tokio::task::spawn_blocking(move || trust::read(&files)).await {
        Ok(Ok(trusted)) => trusted,
        Ok(Err(fault)) => return told(&"[trust]", &fault),
        Err(fault) => return told(&"[trust]", &fault),
    };
    let kept = match FetchedLists::open(&lists.folder) {
        Ok(kept) => kept,
        Err(fault) => return told(&"[lists] folder", &fault),
    };
    let fetcher = Fetcher::new(rules.clone());
    let mut all_current = true;
    for address in &lists.addresses {
        all_current &= match one(hub, &fetcher, (address, &kept), &trusted).await {
            Ok(()) => true,
            Err(fault) => told(address, &fault),
        };
    }
    all_current
}

fn told(what: &dyn std::fmt::Display, fault: &dyn std::fmt::Display) -> bool {
    warn!(list = %what, fault = %fault, "the revocation list stays as it was");
    false
}

async fn one(
    hub: &Hub,
    fetcher: &Fetcher,
    (address, kept): (&str, &FetchedLists),
    trusted: &TrustEvidence,
) -> Result<(), String> {
    let held = kept.get(address).map_err(|fault| fault.to_string())?;
    // One that cannot be read is as good as none.
    let held = held.and_then(|der| Crl::from_der(&der).ok());
    let newer = fetcher.newer_list(address, trusted, held.as_ref(), hub.now());
    let Some(list) = newer.await.map_err(|fault| fault.to_string())? else {
        return Ok(());
    };
    let put = kept.put(address, list.der());
    put.map_err(|fault| fault.to_string())?;
    let until = list.next_update().map(|at| at.to_string());
    info!(
        list = address,
        revoked = list.len(),
        issued = %list.this_update(),
        next = until.as_deref().unwrap_or("unknown"),
        "revocation list renewed"
    );
    Ok(())
}
