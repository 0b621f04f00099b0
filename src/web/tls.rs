//! Certificates of both addresses, and who a neighbour is: whoever shows the certificate pinned for
//! it in the registry, and nobody else (RFC 5280 paths play no part).

use std::any::Any;
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
use crate::exchange::Hub;

/// The digest of the certificate a connection showed; set on the connection. Whose it is, is asked
/// anew for every request: a pin may be withdrawn while the connection is open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown(pub(super) Sha256);

/// Notes on a new connection what it showed. Without a note every request is refused.
pub(super) fn note(connection: &dyn Any, facts: &mut Extensions) {
    let Some(stream) = connection.downcast_ref::<TlsStream<TcpStream>>() else {
        return;
    };
    let shown = stream.ssl().peer_certificate();
    if let Some(der) = shown.and_then(|certificate| certificate.to_der().ok()) {
        facts.insert(Shown(Sha256::of(&der)));
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
pub(super) fn for_peers(config: &Config, hub: &Hub) -> io::Result<SslAcceptorBuilder> {
    let certificate = read(&config.hub.tls_certificate)?;
    let key = read_key(&config.hub.tls_key)?;
    let hub = hub.clone();
    let is_pinned = move |shown: &Sha256| hub.neighbour_showing(shown).is_some();
    mutual(&certificate, &key, is_pinned).map_err(unusable("[hub] tls_certificate"))
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

/// What OpenSSL says of a certificate that is not signed by an authority it knows. Pinned ones never
/// are; everything else it finds (expired, wrong use) counts.
const NO_AUTHORITY: [i32; 4] = [
    // X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, _SELF_SIGNED_CERT_IN_CHAIN,
    18, 19, // _UNABLE_TO_GET_ISSUER_CERT_LOCALLY, _UNABLE_TO_VERIFY_LEAF_SIGNATURE
    20, 21,
];

fn mutual(
    certificate: &[u8],
    key: &[u8],
    is_pinned: impl Fn(&Sha256) -> bool + Send + Sync + 'static,
) -> Result<SslAcceptorBuilder, ErrorStack> {
    let mut builder = acceptor(certificate, key)?;
    let required = SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT;
    builder.set_verify_callback(required, move |holds, store| {
        let is_else_sound = holds || NO_AUTHORITY.contains(&store.error().as_raw());
        let shown = store.current_cert().and_then(|shown| shown.to_der().ok());
        let is_known = shown.is_some_and(|der| is_pinned(&Sha256::of(&der)));
        store.error_depth() == 0 && is_else_sound && is_known
    });
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

    /// Whether a door that pins `pinned` lets in whoever shows `shown`.
    fn recognised(pinned: &X509, shown: (&X509, &PKey<Private>)) -> bool {
        let own = certificate(LONG_AGO, FAR_AWAY);
        let name = Sha256::of(&pinned.to_der().unwrap());
        let (certificate, key) = (
            own.0.to_pem().unwrap(),
            own.1.private_key_to_pem_pkcs8().unwrap(),
        );
        let acceptor = mutual(&certificate, &key, move |shown| *shown == name)
            .unwrap()
            .build();
        let mut connector = SslConnector::builder(SslMethod::tls_client()).unwrap();
        connector.set_verify(SslVerifyMode::NONE);
        connector.set_certificate(shown.0).unwrap();
        connector.set_private_key(shown.1).unwrap();
        let connector = connector.build();
        let (here, there) = UnixStream::pair().unwrap();
        let caller = std::thread::spawn(move || connector.connect("hub", there).is_ok());
        let accepted = acceptor.accept(here).ok();
        let is_accepted = accepted.is_some();
        drop(accepted);
        caller.join().unwrap();
        is_accepted
    }

    fn is_recognised_with_own(from: i64, until: i64) -> bool {
        let (certificate, key) = certificate(from, until);
        recognised(&certificate, (&certificate, &key))
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
        assert!(!recognised(&pinned, (&other, &key)));
    }
}
