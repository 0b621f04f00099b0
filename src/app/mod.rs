//! Builds a hub from its configuration and runs it. The only place that knows all rooms.

#[cfg(feature = "failpoints")]
pub mod crash;
mod lists;
mod registry;
mod trust;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::watch;
use tracing::{info, warn};

use crate::config::{self, Config, secret};
use crate::domain::agency::AgencyCode;
use crate::domain::clock::{Clock as _, SignedDuration, SystemClock};
use crate::domain::ids::RandomIds;
use crate::domain::routing::HubId;
use crate::exchange::{self, AgencyKey, Hub, Lines, Parts};
use crate::jail::Jail;
use crate::keystore::SoftKey;
use crate::net::{Identity, PinnedClient};
use crate::notify::Transport;
use crate::pades::RevocationAge;
use crate::peer::PeerClient;
pub use crate::store::ThrowawayDatabase;
use crate::store::{self, Engine, Store, migrate};
use crate::web;

/// Why a hub cannot run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the configuration.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// A setting that cannot be used, or a key, certificate or list behind it.
    #[error("{what}: {fault}")]
    Setting {
        /// The setting.
        what: String,
        /// What is wrong with it.
        fault: String,
    },
    /// The record.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {fault}; stop the other program or change the address")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        fault: std::io::Error,
    },
    /// Serving ended with a fault.
    #[error("serving: {0}")]
    Serve(std::io::Error),
}

fn setting(what: impl ToString, fault: impl ToString) -> Error {
    Error::Setting {
        what: what.to_string(),
        fault: fault.to_string(),
    }
}

/// Where a running hub listens.
#[derive(Debug, Clone, Copy)]
pub struct Addresses {
    /// Pages and API.
    pub pages: SocketAddr,
    /// Neighbours.
    pub peers: SocketAddr,
}

/// Applies missing migrations; gives their names.
///
/// # Errors
/// [`Error::Store`].
pub fn migrate(config: &Config) -> Result<Vec<String>, Error> {
    Ok(migrate::up(&config.database.url)?)
}

/// Builds a hub.
///
/// # Errors
/// [`Error`] that names the setting and the fault; nothing listens yet.
pub fn build(config: &Config) -> Result<Hub, Error> {
    let id = HubId::parse(&config.hub.id).map_err(|fault| setting("[hub] id", fault))?;
    let pending = migrate::pending(&config.database.url)?;
    if pending > 0 {
        return Err(store::Error::NotMigrated { pending }.into());
    }
    let store = Store::open(&config.database.url, &config.blobs.folder)?;
    lists::check(config)?;
    let offset = config.clock.simulated_offset_seconds;
    if offset != 0 {
        warn!(
            offset_seconds = offset,
            "THE CLOCK IS SIMULATED: receipts bear another time"
        );
    }
    let clock = SystemClock::with_offset(SignedDuration::from_secs(offset));
    let rules = registry::rules(config)?;
    let parts = Parts {
        calendars: config::calendar::read(config.calendar.file.as_deref())?,
        registry: registry::begin(config, (&store, &rules), clock.now())?,
        registry_rules: rules,
        lines: lines(config)?,
        receipt_key: pem_key(config)?,
        keys: keys(config)?,
        trust: trust::read(&trust::files(config)?)?,
        revocation: revocation(&config.trust),
        jail: jail(config),
        mail: Transport::chosen(&config.mail).map_err(|fault| setting("[mail]", fault))?,
        mail_from: config.mail.from.clone(),
        public_url: config.server.public_url.trim_end_matches('/').to_owned(),
        retry: config.retry.clone(),
        outbox: config.outbox,
        largest_bytes: config.blobs.largest_bytes,
        intake: config.intake,
        clock: Arc::new(clock),
        ids: Arc::new(RandomIds),
        id,
        store,
    };
    Hub::new(parts).map_err(|fault| setting("registry", fault))
}

fn revocation(trust: &config::Trust) -> RevocationAge {
    match trust.fresh_within_hours {
        0 => RevocationAge::NextUpdate,
        hours => RevocationAge::Within(i64::from(hours).saturating_mul(3_600)),
    }
}

fn jail(config: &Config) -> Jail {
    let jail = Jail::required().starting_ahead();
    match config.jail.required {
        true => jail,
        false => jail.trust_blindly_if_it_cannot_be_built(),
    }
}

/// Lets nothing stay of a child that was killed while it waited for its document.
async fn bury(jail: Jail, mut stop: watch::Receiver<bool>) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut children) = signal(SignalKind::child()) else {
        return;
    };
    while !*stop.borrow() {
        tokio::select! {
            _ = children.recv() => jail.bury(),
            _ = stop.changed() => {}
        }
    }
}

/// Builds a jail once, before anything is read in one.
fn must_build_jails(config: &Config) -> Result<(), Error> {
    match (jail(config).probe(), config.jail.required) {
        (Ok(()), _) => Ok(()),
        (Err(fault), true) => Err(setting(
            "[jail]",
            format!(
                "{fault}; documents from outside are read in the jail only: use a kernel with \
                 Landlock and seccomp and a mounted /proc, or set required = false"
            ),
        )),
        (Err(fault), false) => {
            warn!(fault = %fault, "DOCUMENTS ARE READ WITHOUT A JAIL, in the process of the hub");
            Ok(())
        }
    }
}

fn pem_key(config: &Config) -> Result<SoftKey, Error> {
    let certificate = config::bytes(&config.hub.signing_certificate)?;
    let key = secret::bytes(&config.hub.signing_key)?;
    SoftKey::from_pem(&certificate, &key).map_err(|fault| setting("[hub] signing_key", fault))
}

fn keys(config: &Config) -> Result<Vec<AgencyKey>, Error> {
    let one = |row: &config::Key| {
        let what = format!("[[keys]] {}", row.p12.display());
        let password = secret::text(&row.password_file)?;
        Ok(AgencyKey {
            agency: AgencyCode::parse(&row.agency).map_err(|fault| setting(&what, fault))?,
            kind: row.kind,
            holder: row.holder.clone(),
            key: SoftKey::from_pkcs12(&secret::bytes(&row.p12)?, &password)
                .map_err(|fault| setting(&what, fault))?,
            image: row.image.as_deref().map(config::bytes).transpose()?,
        })
    };
    config.keys.iter().map(one).collect()
}

/// Opens lines to neighbours, each trusted by its pinned certificates alone.
fn lines(config: &Config) -> Result<Lines, Error> {
    let certificate = config::bytes(&config.hub.tls_certificate)?;
    let key = secret::bytes(&config.hub.tls_key)?;
    Ok(Box::new(move |hub| {
        let identity = Identity {
            certificate: &certificate,
            key: &key,
        };
        let client = PinnedClient::new(&hub.url, &identity, &hub.tls_certificates);
        let client = client.map_err(|fault| fault.to_string())?;
        Ok(Some(PeerClient::new(client)))
    }))
}

/// Runs `work` with a hub that serves nobody, for acts of the command line.
///
/// # Errors
/// [`Error`], or what `work` returns.
pub fn with_hub<T, E: From<Error>>(
    config: &Config,
    work: impl AsyncFnOnce(Hub) -> Result<T, E>,
) -> Result<T, E> {
    let hub = build(config)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.map_err(Error::Serve)?.block_on(work(hub))
}

/// What ends a serving hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// SIGTERM or Ctrl-C.
    Asked,
    /// The same, or the end of standard input: whoever started the hub is gone.
    InputEnds,
}

/// Serves until asked to end: pages, neighbours, outbox. Calls `ready` once it listens.
///
/// # Errors
/// [`Error`].
pub fn serve(config: &Config, until: Until, ready: &dyn Fn(Addresses)) -> Result<(), Error> {
    must_build_jails(config)?;
    let hub = build(config)?;
    let trust = trust::files(config)?;
    let is_alone = store::engine_of(&config.database.url)? == Engine::Sqlite;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Error::Serve)?;
    runtime.block_on(async move {
        if is_alone {
            hub.free_leases()
                .await
                .map_err(|fault| setting("[database]", fault))?;
        }
        let (stop, stopping) = watch::channel(false);
        let server =
            web::bind(&hub, config).map_err(|(address, fault)| Error::Listen { address, fault })?;
        let addresses = Addresses {
            pages: server.pages,
            peers: server.peers,
        };
        info!(hub.id = %hub.id(), pages = %addresses.pages, peers = %addresses.peers, "serving");
        let outbox = tokio::spawn(exchange::work(hub.clone(), stopping.clone()));
        tokio::spawn(exchange::sweep_regularly(hub.clone(), stopping.clone()));
        if let Some(lists) = &config.lists {
            let rules = config.fetch.clone();
            tokio::spawn(lists::keep(
                hub.clone(),
                trust.clone(),
                (lists.clone(), rules),
                stopping.clone(),
            ));
        }
        tokio::spawn(bury(hub.jail().clone(), stopping.clone()));
        tokio::spawn(exchange::watch_clocks(hub.clone(), stopping.clone()));
        tokio::spawn(exchange::registry::keep(
            hub.clone(),
            registry::rhythm(config),
            stopping.clone(),
        ));
        tokio::spawn(trust::renew(hub, trust, stopping.clone()));
        ready(addresses);
        tokio::spawn(async move {
            match until {
                Until::Asked => ended().await,
                Until::InputEnds => tokio::select! {
                    () = ended() => {}
                    () = input_ends() => {}
                },
            }
            // Nobody listens any more: then everything has ended.
            let _ = stop.send(true);
        });
        server.run(stopping).await.map_err(Error::Serve)?;
        drop(outbox.await);
        Ok(())
    })
}

/// Returns when standard input ends. Read on a thread of its own: such a read cannot be called off.
async fn input_ends() {
    let (gone, noticed) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        drop(std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
        gone.send(())
    });
    drop(noticed.await);
}

/// Returns when the process is asked to end: SIGTERM or Ctrl-C.
pub async fn ended() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        drop(tokio::signal::ctrl_c().await);
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
