//! A client for one neighbour: it shows our certificate and trusts exactly the neighbour's pinned
//! ones. Never follows redirects, never uses a proxy, reads a bounded answer.

use std::time::Duration;

use reqwest::{Body, Method};

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// Longest silence while bytes are on the way.
const SILENCE: Duration = Duration::from_secs(30);

/// What went wrong on the way to a neighbour. All of them leave the outcome unknown: repeat.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The certificates or the key cannot be used.
    #[error("TLS identity: {0}")]
    Identity(String),
    /// No connection, TLS refused, or the connection broke.
    #[error("{0}")]
    Connection(String),
    /// The answer is longer than any honest one.
    #[error("answer longer than {limit} bytes")]
    AnswerTooLong {
        /// Largest answer in bytes.
        limit: usize,
    },
}

/// The certificate and key shown to neighbours, PEM.
pub struct Identity<'a> {
    /// Certificate.
    pub certificate: &'a [u8],
    /// Its key.
    pub key: &'a [u8],
}

/// A private key in the one PEM form the TLS layer takes, whatever form and comments it came in.
fn pkcs8(key: &[u8]) -> Result<Vec<u8>, Error> {
    let key = openssl::pkey::PKey::private_key_from_pem(key);
    let pem = key.and_then(|key| key.private_key_to_pem_pkcs8());
    pem.map_err(|fault| Error::Identity(fault.to_string()))
}

/// What a neighbour answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    headers: reqwest::header::HeaderMap,
}

impl Answer {
    /// The header `name`, if it was sent once and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.get_all(name).into_iter();
        let first = lines.next()?.to_str().ok()?;
        lines.next().is_none().then_some(first)
    }
}

/// A client for one neighbour.
#[derive(Debug, Clone)]
pub struct PinnedClient {
    client: reqwest::Client,
    base: String,
}

impl PinnedClient {
    /// A client for the hub at `base` that shows `identity` and trusts only the certificates in
    /// `pinned` (PEM, self-signed).
    ///
    /// # Errors
    /// [`Error::Identity`].
    pub fn new(base: &str, identity: &Identity<'_>, pinned: &[String]) -> Result<Self, Error> {
        let wrong = |fault: reqwest::Error| Error::Identity(fault.to_string());
        let own = reqwest::Identity::from_pkcs8_pem(identity.certificate, &pkcs8(identity.key)?);
        let mut builder = reqwest::Client::builder()
            .use_native_tls()
            .tls_built_in_root_certs(false)
            .min_tls_version(reqwest::tls::Version::TLS_1_2)
            .identity(own.map_err(wrong)?)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .https_only(true)
            .tcp_nodelay(true)
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .pool_max_idle_per_host(4)
            .user_agent(concat!("lienthong/", env!("CARGO_PKG_VERSION")));
        for pem in pinned {
            let certificate = reqwest::Certificate::from_pem(pem.as_bytes()).map_err(wrong)?;
            builder = builder.add_root_certificate(certificate);
        }
        Ok(Self {
            client: builder.build().map_err(wrong)?,
            base: base.to_owned(),
        })
    }

    /// What is told about `path` there (HEAD), without a body.
    ///
    /// # Errors
    /// [`Error::Connection`].
    pub async fn head(&self, path: &str) -> Result<Answer, Error> {
        let request = self
            .client
            .request(Method::HEAD, format!("{}{path}", self.base));
        read(request.send().await.map_err(broken)?, 0).await
    }

    /// Asks for `path` (GET) and reads an answer of at most `limit` bytes.
    ///
    /// # Errors
    /// [`Error::Connection`], [`Error::AnswerTooLong`].
    pub async fn get(&self, path: &str, limit: usize) -> Result<Answer, Error> {
        let request = self.client.get(format!("{}{path}", self.base));
        read(request.send().await.map_err(broken)?, limit).await
    }

    /// Sends `body` with more `headers` and reads an answer of at most `limit` bytes.
    ///
    /// # Errors
    /// [`Error::Connection`], [`Error::AnswerTooLong`].
    pub async fn post(
        &self,
        path: &str,
        body: Vec<u8>,
        headers: &[(&'static str, String)],
        limit: usize,
    ) -> Result<Answer, Error> {
        let mut request = self
            .client
            .post(format!("{}{path}", self.base))
            .header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        read(request.body(body).send().await.map_err(broken)?, limit).await
    }

    /// Streams `size_bytes` bytes from `pieces`, which are those `range` tells (RFC 9110, 14.5), and
    /// reads an answer of at most `limit` bytes.
    ///
    /// # Errors
    /// [`Error::Connection`], [`Error::AnswerTooLong`].
    pub async fn patch(
        &self,
        path: &str,
        (range, size_bytes): (String, u64),
        pieces: impl futures_util::Stream<Item = std::io::Result<Vec<u8>>> + Send + 'static,
        limit: usize,
    ) -> Result<Answer, Error> {
        let request = self
            .client
            .patch(format!("{}{path}", self.base))
            .header("content-length", size_bytes)
            .header("content-range", range)
            .header("content-type", "application/octet-stream")
            .body(Body::wrap_stream(pieces));
        read(request.send().await.map_err(broken)?, limit).await
    }
}

pub(super) async fn read(mut response: reqwest::Response, limit: usize) -> Result<Answer, Error> {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(broken)? {
        if body.len() + piece.len() > limit {
            return Err(Error::AnswerTooLong { limit });
        }
        body.extend_from_slice(&piece);
    }
    Ok(Answer {
        status,
        body,
        headers,
    })
}

/// The chain of causes, without the address (it stands beside the message already).
pub(super) fn broken(fault: reqwest::Error) -> Error {
    let fault = fault.without_url();
    let mut words = fault.to_string();
    let mut cause = std::error::Error::source(&fault);
    while let Some(deeper) = cause {
        words = format!("{words}: {deeper}");
        cause = deeper.source();
    }
    Error::Connection(words)
}
