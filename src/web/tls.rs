//! Certificates of both addresses, and who a neighbour is: whoever shows the certificate pinned for
//! it in the registry, and nobody else (RFC 5280 paths play no part).

use std::any::Any;
use std::collections::HashMap;
use std::io;

use actix_tls::accept::openssl::TlsStream;
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::ssl::{
    SslAcceptor, SslAcceptorBuilder, SslMethod, SslOptions, SslSessionCacheMode, SslVerifyMode,
};
use openssl::x509::X509;

use crate::config::{self, Config, secret};
use crate::domain::digest::Sha256;
use crate::domain::routing::HubId;
use crate::exchange::Hub;

/// A neighbour hub, identified by its certificate; set on the connection.
#[derive(Debug, Clone)]
pub(super) struct Recognised(pub(super) HubId);

/// The pinned certificates of the hubs next to this one.
#[derive(Clone)]
pub(super) struct Neighbours {
    certificates: Vec<X509>,
    hubs: HashMap<Sha256, HubId>,
}

impl Neighbours {
    /// The neighbours of `hub` in its registry.
    ///
    /// # Errors
    /// A pinned certificate that cannot be read.
    pub(super) fn of(hub: &Hub) -> io::Result<Self> {
        let mut known = Self {
            certificates: Vec::new(),
            hubs: HashMap::new(),
        };
        for near in hub.directory().neighbours(hub.id()) {
            let wrong = |fault| {
                let text = format!("certificate of hub {} in the registry: {fault}", near.id);
                io::Error::new(io::ErrorKind::InvalidData, text)
            };
            for pem in &near.tls_certificates {
                let certificate = X509::from_pem(pem.as_bytes()).map_err(wrong)?;
                let name = Sha256::of(&certificate.to_der().map_err(wrong)?);
                known.hubs.insert(name, near.id.clone());
                known.certificates.push(certificate);
            }
        }
        Ok(known)
    }

    /// Which neighbour shows this certificate.
    pub(super) fn hub(&self, certificate_der: &[u8]) -> Option<&HubId> {
        self.hubs.get(&Sha256::of(certificate_der))
    }

    /// Notes on a new connection whose it is. Without a note every request is refused.
    pub(super) fn recognise(&self, connection: &dyn Any, facts: &mut Extensions) {
        let Some(stream) = connection.downcast_ref::<TlsStream<TcpStream>>() else {
            return;
        };
        let shown = stream.ssl().peer_certificate();
        let der = shown.and_then(|certificate| certificate.to_der().ok());
        if let Some(hub) = der.and_then(|der| self.hub(&der)) {
            facts.insert(Recognised(hub.clone()));
        }
    }
}

/// TLS for pages, if a certificate is configured.
///
/// # Errors
/// The certificate or key cannot be read or used.
pub(super) fn for_pages(server: &config::Server) -> io::Result<Option<SslAcceptorBuilder>> {
    let (Some(certificate), Some(key)) = (&server.pages_certificate, &server.pages_key) else {
        return Ok(None);
    };
    let (certificate, key) = (read(certificate)?, read_key(key)?);
    let acceptor = acceptor(&certificate, &key).map_err(unusable("[server] pages_certificate"))?;
    Ok(Some(acceptor))
}

/// TLS for neighbours: both sides show certificates, and only pinned ones are trusted.
///
/// # Errors
/// The certificate or key cannot be read or used.
pub(super) fn for_peers(
    config: &Config,
    neighbours: &Neighbours,
) -> io::Result<SslAcceptorBuilder> {
    let certificate = read(&config.hub.tls_certificate)?;
    let key = read_key(&config.hub.tls_key)?;
    mutual(&certificate, &key, neighbours).map_err(unusable("[hub] tls_certificate"))
}

fn read(path: &std::path::Path) -> io::Result<Vec<u8>> {
    config::bytes(path).map_err(|fault| io::Error::new(io::ErrorKind::InvalidInput, fault))
}

fn read_key(path: &std::path::Path) -> io::Result<Vec<u8>> {
    secret::bytes(path).map_err(|fault| io::Error::new(io::ErrorKind::InvalidInput, fault))
}

fn unusable(setting: &'static str) -> impl Fn(ErrorStack) -> io::Error {
    move |fault| io::Error::new(io::ErrorKind::InvalidData, format!("{setting}: {fault}"))
}

/// TLS 1.2 with forward secrecy, or 1.3; the first certificate is ours, others are its issuers.
fn acceptor(certificate: &[u8], key: &[u8]) -> Result<SslAcceptorBuilder, ErrorStack> {
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    let mut chain = X509::stack_from_pem(certificate)?.into_iter();
    if let Some(own) = chain.next() {
        builder.set_certificate(&own)?;
    }
    for issuer in chain {
        builder.add_extra_chain_cert(issuer)?;
    }
    builder.set_private_key(PKey::private_key_from_pem(key)?.as_ref())?;
    builder.check_private_key()?;
    Ok(builder)
}

fn mutual(
    certificate: &[u8],
    key: &[u8],
    neighbours: &Neighbours,
) -> Result<SslAcceptorBuilder, ErrorStack> {
    let mut builder = acceptor(certificate, key)?;
    for pinned in &neighbours.certificates {
        builder.cert_store_mut().add_cert(pinned.clone())?;
    }
    builder.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    // A resumed session would be trusted without showing the certificate again.
    builder.set_session_cache_mode(SslSessionCacheMode::OFF);
    builder.set_options(SslOptions::NO_TICKET);
    builder.set_num_tickets(0)?;
    Ok(builder)
}
