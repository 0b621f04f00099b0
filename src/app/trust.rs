//! What a hub believes about certificates: read from files when it starts, and again and again.

use std::time::Duration;

use tokio::sync::watch;
use tracing::{error, info};

use super::{Error, setting};
use crate::config::{self, Config};
use crate::exchange::Hub;
use crate::pki::trust::TrustEvidence;
use crate::store::FetchedLists;

/// `[trust]` with the folder of the lists the hub keeps itself, which is there on return.
///
/// # Errors
/// [`Error::Setting`] when the folder cannot be made.
pub(super) fn files(config: &Config) -> Result<config::Trust, Error> {
    let mut trust = config.trust.clone();
    if let Some(lists) = &config.lists {
        let made = FetchedLists::open(&lists.folder);
        made.map_err(|fault| setting("[lists] folder", fault))?;
        trust.revocation.push(lists.folder.clone());
    }
    Ok(trust)
}

/// Everything the files of `config` say.
///
/// # Errors
/// [`Error`] that names the file and the fault.
pub(super) fn read(config: &config::Trust) -> Result<TrustEvidence, Error> {
    let mut trust = TrustEvidence::default();
    for (path, bytes) in config::files_in(&config.anchors)? {
        trust
            .add_trust(&bytes)
            .map_err(|fault| setting(path.display(), fault))?;
    }
    for (path, bytes) in config::files_in(&config.revocation)? {
        trust
            .add_revocation(&bytes)
            .map_err(|fault| setting(path.display(), fault))?;
    }
    Ok(trust)
}

/// Reads the files of `[trust]` again and again until `stop` turns true: new revocation lists count
/// without a restart. Files that cannot be used change nothing, and the log says why.
pub(super) async fn renew(hub: Hub, config: config::Trust, mut stop: watch::Receiver<bool>) {
    let wait = Duration::from_secs(u64::from(config.look_every_seconds.max(1)));
    if let Err(fault) = hub.judge_again().await {
        error!(fault = %fault, "what was undecided cannot be judged again");
    }
    while !*stop.borrow() {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = stop.changed() => continue,
        }
        let files = config.clone();
        let renewed = match tokio::task::spawn_blocking(move || read(&files)).await {
            Ok(Ok(trust)) => hub
                .renew_trust(trust)
                .await
                .map_err(|fault| fault.to_string()),
            Ok(Err(fault)) => Err(fault.to_string()),
            Err(fault) => Err(fault.to_string()),
        };
        match renewed {
            Ok(None) => {}
            Ok(Some(again)) => info!(judged_again = again, "trust and revocation lists renewed"),
            Err(fault) => error!(fault = %fault, "trust and revocation lists stay as they were"),
        }
    }
}
