//! Listening and stopping. Both addresses are taken before anything is answered, so that a wrong
//! setting shows at once.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, middleware, web};
use openssl::ssl::SslAcceptorBuilder;
use tokio::sync::watch;

use super::{Site, answers, api, assets, pages, peer, problem, tls};
use crate::config::Config;
use crate::exchange::Hub;

/// Threads that serve connections, per address.
const WORKERS: usize = 2;
/// Longest wait for running requests when stopping, in seconds.
const DRAIN_SECONDS: u64 = 10;
/// Longest wait for the head of a request.
const HEAD: Duration = Duration::from_secs(15);
/// Connections served at once, per thread.
const MOST_CONNECTIONS: usize = 1024;

/// A hub that has taken its addresses and answers once it runs.
pub struct Server {
    /// Where pages and API are.
    pub pages: SocketAddr,
    /// Where neighbours are awaited.
    pub peers: SocketAddr,
    hub: Hub,
    is_simulated: bool,
    at_pages: TcpListener,
    at_peers: TcpListener,
    pages_tls: Option<SslAcceptorBuilder>,
    peers_tls: SslAcceptorBuilder,
}

/// Takes the addresses of `config` (port 0 takes a free one) and reads the certificates.
///
/// # Errors
/// The address and what is wrong: taken by another program, or a certificate or key that cannot be
/// used.
pub fn bind(hub: &Hub, config: &Config) -> Result<Server, (SocketAddr, io::Error)> {
    let server = &config.server;
    let at_pages = TcpListener::bind(server.pages).map_err(|fault| (server.pages, fault))?;
    let at_peers = TcpListener::bind(server.peers).map_err(|fault| (server.peers, fault))?;
    Ok(Server {
        pages: at_pages.local_addr().map_err(|f| (server.pages, f))?,
        peers: at_peers.local_addr().map_err(|f| (server.peers, f))?,
        pages_tls: tls::for_pages(server).map_err(|fault| (server.pages, fault))?,
        peers_tls: tls::for_peers(config, hub).map_err(|f| (server.peers, f))?,
        hub: hub.clone(),
        is_simulated: config.clock.simulated_offset_seconds != 0,
        at_pages,
        at_peers,
    })
}

impl Server {
    /// Answers until `stop` turns true, then lets running requests end for up to ten seconds.
    ///
    /// # Errors
    /// A fault of the listening sockets.
    pub async fn run(self, mut stop: watch::Receiver<bool>) -> io::Result<()> {
        let encrypted = self.pages_tls.is_some();
        let site = web::Data::new(Site::new(self.hub, encrypted, self.is_simulated));
        let (for_pages, for_peers) = (site.clone(), site);
        let pages = HttpServer::new(move || {
            App::new()
                .app_data(for_pages.clone())
                .configure(pages_and_api)
        });
        let peers = HttpServer::new(move || {
            App::new()
                .app_data(for_peers.clone())
                .configure(neighbours_only)
        });
        let peers = peers
            .on_connect(tls::note)
            .listen_openssl(self.at_peers, self.peers_tls)?;
        let pages = match self.pages_tls {
            Some(acceptor) => pages.listen_openssl(self.at_pages, acceptor)?,
            None => pages.listen(self.at_pages)?,
        };
        let (pages, peers) = (calm!(pages).run(), calm!(peers).run());
        let handles = [pages.handle(), peers.handle()];
        let stopping = async {
            // An error means that nobody is left who could say stop: the same thing.
            drop(stop.wait_for(|stopped| *stopped).await);
            end(&handles).await;
            io::Result::Ok(())
        };
        tokio::try_join!(pages, peers, stopping).map(|_| ())
    }
}

async fn end(handles: &[ServerHandle; 2]) {
    let [pages, peers] = handles;
    tokio::join!(pages.stop(true), peers.stop(true));
}

/// The settings both servers share.
macro_rules! calm {
    ($server:expr) => {
        $server
            .workers(WORKERS)
            .disable_signals()
            .shutdown_timeout(DRAIN_SECONDS)
            .client_request_timeout(HEAD)
            .max_connections(MOST_CONNECTIONS)
    };
}
use calm;

/// Everything a browser or a program reaches.
pub(super) fn pages_and_api(app: &mut web::ServiceConfig) {
    app.service(
        web::scope("/api/v1")
            .wrap(middleware::from_fn(problem::as_document))
            .wrap(middleware::from_fn(answers::plain))
            .configure(api::routes),
    );
    app.service(
        web::scope("")
            .wrap(middleware::from_fn(problem::as_page))
            .wrap(middleware::from_fn(answers::page))
            .configure(api::health::routes)
            .configure(assets::routes)
            .configure(pages::routes),
    );
}

/// Everything a neighbour hub reaches.
pub(super) fn neighbours_only(app: &mut web::ServiceConfig) {
    app.service(
        web::scope("")
            .wrap(middleware::from_fn(problem::as_document))
            .wrap(middleware::from_fn(answers::plain))
            .configure(peer::routes),
    );
}
