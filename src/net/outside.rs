//! A client for one foreign service: asks exactly the addresses it is given, follows nothing, waits
//! and reads within limits. Whether the service may be asked at all is decided by the caller.

use std::net::SocketAddr;
use std::time::Duration;

use super::client::{Answer, Error, broken, read};

/// How long and how much one question may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Longest wait for a connection.
    pub connect: Duration,
    /// Longest wait for everything.
    pub total: Duration,
    /// Largest answer in bytes.
    pub answer_bytes: usize,
}

/// A question to a foreign service.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The whole address: `http` or `https`, host, port, path.
    pub url: &'a str,
    /// The host in it.
    pub host: &'a str,
    /// Where the host is; nothing else is connected to.
    pub addresses: &'a [SocketAddr],
    /// Media type and bytes to send; without them the address is only asked for.
    pub body: Option<(&'static str, &'a [u8])>,
}

/// The addresses of a name, as the machine's resolver says.
///
/// # Errors
/// [`Error::Connection`] when the name is not known.
pub async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, Error> {
    let found = tokio::net::lookup_host((host, port)).await;
    let found = found.map_err(|fault| Error::Connection(fault.to_string()))?;
    Ok(found.collect())
}

/// Asks once. Redirects are answers like any other and never followed; no proxy is used.
///
/// # Errors
/// [`Error::Connection`] when there is no connection, it breaks or takes too long;
/// [`Error::AnswerTooLong`].
pub async fn ask(question: &Question<'_>, limits: &Limits) -> Result<Answer, Error> {
    let client = reqwest::Client::builder()
        .use_native_tls()
        .min_tls_version(reqwest::tls::Version::TLS_1_2)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .resolve_to_addrs(question.host, question.addresses)
        .connect_timeout(limits.connect)
        .timeout(limits.total)
        .pool_max_idle_per_host(0)
        .user_agent(concat!("lienthong/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|fault| Error::Identity(fault.to_string()))?;
    let request = match question.body {
        Some((media_type, body)) => client
            .post(question.url)
            .header("content-type", media_type)
            .body(body.to_vec()),
        None => client.get(question.url),
    };
    let response = request.send().await.map_err(broken)?;
    let limit = limits.answer_bytes;
    let stated = response.content_length().unwrap_or(0);
    if usize::try_from(stated).map_or(true, |stated| stated > limit) {
        return Err(Error::AnswerTooLong { limit });
    }
    read(response, limit).await
}
