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

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use openssl::asn1::Asn1Time;
    use openssl::ec::{EcGroup, EcKey};
    use openssl::hash::MessageDigest;
    use openssl::nid::Nid;
    use openssl::pkey::Private;
    use openssl::ssl::SslConnector;
    use openssl::x509::X509NameBuilder;

    use super::*;

    /// A self-signed certificate valid between two instants (seconds since 1970).
    fn certificate(from: i64, until: i64) -> (X509, PKey<Private>) {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        let mut name = X509NameBuilder::new().unwrap();
        name.append_entry_by_text("CN", "hub").unwrap();
        let name = name.build();
        let mut builder = X509::builder().unwrap();
        builder.set_version(2).unwrap();
        builder.set_subject_name(&name).unwrap();
        builder.set_issuer_name(&name).unwrap();
        builder.set_pubkey(&key).unwrap();
        let (from, until) = (
            Asn1Time::from_unix(from).unwrap(),
            Asn1Time::from_unix(until).unwrap(),
        );
        builder.set_not_before(&from).unwrap();
        builder.set_not_after(&until).unwrap();
        builder.sign(&key, MessageDigest::sha256()).unwrap();
        (builder.build(), key)
    }

    /// Two thousand and one, and the year 2255: this test is not about today.
    const LONG_AGO: i64 = 1_000_000_000;
    const FAR_AWAY: i64 = 9_000_000_000;

    /// Which hub a door that pins `pinned` recognises in whoever shows `shown`.
    fn recognised(pinned: &X509, shown: (&X509, &PKey<Private>)) -> Option<HubId> {
        let own = certificate(LONG_AGO, FAR_AWAY);
        let near = HubId::parse("near").unwrap();
        let neighbours = Neighbours {
            certificates: vec![pinned.clone()],
            hubs: [(Sha256::of(&pinned.to_der().unwrap()), near)].into(),
        };
        let (certificate, key) = (
            own.0.to_pem().unwrap(),
            own.1.private_key_to_pem_pkcs8().unwrap(),
        );
        let acceptor = mutual(&certificate, &key, &neighbours).unwrap().build();
        let mut connector = SslConnector::builder(SslMethod::tls_client()).unwrap();
        connector.set_verify(SslVerifyMode::NONE);
        connector.set_certificate(shown.0).unwrap();
        connector.set_private_key(shown.1).unwrap();
        let connector = connector.build();
        let (here, there) = UnixStream::pair().unwrap();
        let caller = std::thread::spawn(move || connector.connect("hub", there).is_ok());
        let accepted = acceptor.accept(here).ok();
        let der = accepted.as_ref().and_then(|stream| {
            let shown = stream.ssl().peer_certificate()?;
            Some(shown.to_der().unwrap())
        });
        drop(accepted);
        caller.join().unwrap();
        der.and_then(|der| neighbours.hub(&der).cloned())
    }

    fn is_recognised_with_own(from: i64, until: i64) -> bool {
        let (certificate, key) = certificate(from, until);
        recognised(&certificate, (&certificate, &key)).is_some()
    }

    #[test]
    fn a_pinned_certificate_in_its_time_is_recognised() {
        assert!(is_recognised_with_own(LONG_AGO, FAR_AWAY));
    }

    #[test]
    fn a_pinned_certificate_that_expired_is_not_recognised() {
        assert!(!is_recognised_with_own(LONG_AGO, LONG_AGO + 1));
    }

    #[test]
    fn a_pinned_certificate_that_is_not_yet_valid_is_not_recognised() {
        assert!(!is_recognised_with_own(FAR_AWAY - 1, FAR_AWAY));
    }

    #[test]
    fn a_certificate_that_is_not_pinned_is_not_recognised_whatever_it_is_called() {
        let (pinned, _) = certificate(LONG_AGO, FAR_AWAY);
        let (other, key) = certificate(LONG_AGO, FAR_AWAY);
        assert_eq!(recognised(&pinned, (&other, &key)), None);
    }
}
