//! The harmful lines between neighbours: one proxy for each direction of each pair. It holds the
//! worthless test keys of both sides, ends TLS and begins it again, so it can harm whole messages.

mod edge;
mod fate;
mod message;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use openssl::pkey::PKey;
use tokio_native_tls::native_tls::Identity;

use crate::history::History;
use crate::network::Network;
use crate::town::HUBS;

pub(crate) use edge::Edge;
#[cfg(feature = "failpoints")]
pub(crate) use fate::Fate;
pub(crate) use fate::Weather;

/// All lines of a network, on threads of their own.
pub(crate) struct Lines {
    pub(crate) edges: Vec<Arc<Edge>>,
    _runtime: tokio::runtime::Runtime,
}

impl Lines {
    /// Puts a proxy into every line of a prepared network: each hub gets a registry of its own in
    /// which its neighbours' addresses are those of the proxies.
    pub(crate) fn between(network: &Network, seed: u64, history: &Arc<History>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let mut edges = Vec::new();
        for pair in HUBS.windows(2) {
            for (from, to) in [(pair[0], pair[1]), (pair[1], pair[0])] {
                let identities = [identity(network, from), identity(network, to)];
                let target = peers(network, to);
                let place = format!("{from}>{to}");
                let edge = Edge::new(&place, target, identities, (seed, history));
                edges.push(runtime.block_on(edge.listen()));
            }
        }
        let lines = Self {
            edges,
            _runtime: runtime,
        };
        for hub in HUBS {
            lines.write_registry(network, hub);
        }
        lines
    }

    fn write_registry(&self, network: &Network, hub: &str) {
        let config = &network.nodes[hub].config;
        let registry = config.parent().unwrap().parent().unwrap();
        let text = std::fs::read_to_string(registry.join("registry.toml")).unwrap();
        let by_target: HashMap<SocketAddr, SocketAddr> = self
            .edges
            .iter()
            .filter(|edge| edge.place.starts_with(&format!("{hub}>")))
            .map(|edge| (edge.target, edge.address()))
            .collect();
        let rerouted = by_target.iter().fold(text, |text, (target, proxy)| {
            text.replace(&format!("https://{target}"), &format!("https://{proxy}"))
        });
        let name = format!("registry-{hub}.toml");
        std::fs::write(registry.join(&name), rerouted).unwrap();
        let text = std::fs::read_to_string(config).unwrap();
        let own = text.replace("../registry.toml", &format!("../{name}"));
        assert_ne!(text, own, "{hub} names no registry");
        std::fs::write(config, own).unwrap();
    }

    /// The line from one hub to its neighbour.
    #[cfg(feature = "failpoints")]
    pub(crate) fn edge(&self, place: &str) -> &Arc<Edge> {
        let edge = self.edges.iter().find(|edge| edge.place == place);
        edge.unwrap_or_else(|| panic!("no line {place}"))
    }

    /// Lets `percent` of the messages on every line have trouble.
    pub(crate) fn trouble(&self, percent: u64) {
        self.edges.iter().for_each(|edge| edge.trouble(percent));
    }

    /// Ends every fault.
    pub(crate) fn heal(&self) {
        self.trouble(0);
        self.edges.iter().for_each(|edge| edge.set(Weather::Clear));
    }
}

/// Where a hub listens for its neighbours, as its registry says.
fn peers(network: &Network, hub: &str) -> SocketAddr {
    let config = &network.nodes[hub].config;
    let registry = config.parent().unwrap().parent().unwrap();
    let text = std::fs::read_to_string(registry.join("registry.toml")).unwrap();
    let registry: toml::Value = toml::from_str(&text).unwrap();
    let hubs = registry["hubs"].as_array().unwrap();
    let own = hubs.iter().find(|row| row["id"].as_str() == Some(hub));
    let url = own.unwrap()["url"].as_str().unwrap();
    url.strip_prefix("https://").unwrap().parse().unwrap()
}

/// The key a hub shows to its neighbours.
fn identity(network: &Network, hub: &str) -> Identity {
    let config: &Path = &network.nodes[hub].config;
    let keys = config.parent().unwrap().parent().unwrap().join("keys");
    let read = |name: String| std::fs::read(keys.join(name)).unwrap();
    let certificate = read(format!("{hub}.tls.crt"));
    let key = PKey::private_key_from_pem(&read(format!("{hub}.tls.key"))).unwrap();
    Identity::from_pkcs8(&certificate, &key.private_key_to_pem_pkcs8().unwrap()).unwrap()
}

/// A lock whose holder may have failed a test before.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
