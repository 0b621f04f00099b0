//! The registry a hub begins with, and how it stays current, by what the configuration says.

use std::time::Duration;

use super::{Error, jail, setting};
use crate::config::registry::snapshot::SignedSnapshot;
use crate::config::{self, Config};
use crate::domain::clock::{SignedDuration, Timestamp};
use crate::exchange::registry::{self, Known, Rhythm, Rules};
use crate::pki::certificate::read_certificates;
use crate::store::Store;

/// What the hub believes about registries.
///
/// # Errors
/// [`Error`] when the centre's certificate cannot be read.
pub(super) fn rules(config: &Config) -> Result<Rules, Error> {
    let wrong = |fault: &dyn std::fmt::Display| setting("[hub] registry_certificate", fault);
    let certificates = match &config.hub.registry_certificate {
        None => Vec::new(),
        Some(path) => {
            let found = read_certificates(&config::bytes(path)?).map_err(|fault| wrong(&fault))?;
            if found.is_empty() {
                return Err(wrong(&"the file holds no certificate"));
            }
            found
        }
    };
    Ok(Rules {
        certificates,
        grace: SignedDuration::from_hours(i64::from(config.registry.grace_hours)),
    })
}

/// The registry to begin with: the source itself, or the newest signed snapshot known.
///
/// # Errors
/// [`Error`] that says why there is none.
pub(super) fn begin(
    config: &Config,
    (store, rules): (&Store, &Rules),
    now: Timestamp,
) -> Result<Known, Error> {
    let path = &config.hub.registry;
    if rules.certificates.is_empty() {
        return Ok(Known::unsigned(config::registry::read(path)?));
    }
    let file = SignedSnapshot::read(path)?;
    let begun = registry::begin((store, &jail(config)), rules, &file, now);
    begun.map_err(|fault| setting(path.display(), fault))
}

/// How often a serving hub looks and asks.
pub(super) fn rhythm(config: &Config) -> Rhythm {
    let seconds = |count: u16| Duration::from_secs(u64::from(count));
    Rhythm {
        look: seconds(config.registry.look_every_seconds),
        ask: seconds(config.registry.ask_every_seconds),
    }
}
