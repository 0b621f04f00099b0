//! Registries as the centre signs them, and hubs that work by them.

use lienthong::cms;
use lienthong::config::registry::snapshot::{SignedSnapshot, to_bytes};
use lienthong::domain::clock::{SignedDuration, Timestamp};
use lienthong::domain::directory::Registry;
use lienthong::domain::snapshot::Snapshot;
use lienthong::exchange::Parts;
use lienthong::exchange::registry::{Rules, begin};
use lienthong::keystore::{Signer as _, SoftKey};
use lienthong::pki::algorithm::DigestAlgorithm;
use lienthong::store::Engine;

use super::clock::MORNING;
use super::hub::TestHub;
use super::registry::{DIRECTORY, hub_key};

/// The key of the centre: one of the worthless test keys that speaks for no hub of these tests.
pub(crate) fn centre() -> SoftKey {
    hub_key("central")
}

/// How long a snapshot of the tests is good.
pub(crate) const DAYS: i64 = 10;

/// The bytes signed by `key`.
pub(crate) fn signed_by(key: &SoftKey, bytes: Vec<u8>) -> SignedSnapshot {
    let algorithm = key.algorithm(DigestAlgorithm::Sha256, false).unwrap();
    let by_key = |tbs: &[u8]| key.sign(&algorithm, tbs);
    let signature =
        cms::detached::sign(&bytes, &algorithm, key.certificate(), key.chain(), &by_key).unwrap();
    SignedSnapshot { bytes, signature }
}

/// A snapshot that follows `previous`: the sample registry, changed.
pub(crate) fn after(
    previous: Option<&SignedSnapshot>,
    number: u64,
    change: impl FnOnce(&mut Registry),
) -> Snapshot {
    let issued_at: Timestamp = MORNING.parse().unwrap();
    let mut registry = DIRECTORY.registry().clone();
    change(&mut registry);
    Snapshot {
        number,
        previous: previous.map(SignedSnapshot::sha256),
        issued_at,
        expires_at: issued_at + SignedDuration::from_hours(24 * DAYS),
        issuer: "Trung ương (dữ liệu mẫu)".to_owned(),
        registry,
    }
}

/// The same, signed by the centre.
pub(crate) fn signed(
    previous: Option<&SignedSnapshot>,
    number: u64,
    change: impl FnOnce(&mut Registry),
) -> SignedSnapshot {
    let snapshot = after(previous, number, change);
    signed_by(&centre(), to_bytes(&snapshot).unwrap())
}

/// The first snapshot of the tests: the sample registry as it is.
pub(crate) fn first() -> SignedSnapshot {
    signed(None, 1, |_| {})
}

/// What lets a hub work by `file`, with two days of grace.
pub(crate) fn works_by(parts: &mut Parts, file: &SignedSnapshot) {
    parts.registry_rules = Rules {
        certificates: vec![centre().certificate().clone()],
        grace: SignedDuration::from_hours(48),
    };
    let now = parts.clock.now();
    let begun = begin(
        (&parts.store, &parts.jail),
        &parts.registry_rules,
        file,
        now,
    );
    parts.registry = begun.unwrap();
}

/// The hub `name`, working by [`first`].
pub(crate) fn a_hub(name: &str, engine: Engine) -> (TestHub, SignedSnapshot) {
    let file = first();
    let hub = TestHub::with(name, engine, |parts| works_by(parts, &file));
    (hub, file)
}

impl TestHub {
    /// Hands the hub a snapshot.
    pub(crate) fn import(
        &self,
        signed: &SignedSnapshot,
    ) -> Result<Option<u64>, lienthong::exchange::Error> {
        let source = "test".to_owned();
        let taken = self.run(self.hub.import_registry(signed.clone(), source));
        taken.map(|head| head.map(|head| head.number))
    }

    /// The number of the snapshot in force.
    pub(crate) fn registry_number(&self) -> Option<u64> {
        self.hub.registry_standing().head.map(|head| head.number)
    }
}
