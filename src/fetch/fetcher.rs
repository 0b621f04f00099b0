//! Asks a place, if it may be asked: the host is on the list, the address it leads to now is one
//! that may be connected to, and exactly that address is connected to.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::addresses::{Reach, reach};
use super::place::{NotAPlace, Place, plain_host};
use crate::config::fetch::{Fetch, Host};
use crate::net::{self, outside};

/// Why nothing was fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address is none that could be asked.
    #[error("{url}: {fault}")]
    Address {
        /// The address.
        url: String,
        /// Why.
        fault: NotAPlace,
    },
    /// The operator did not name the host.
    #[error("{host} is not on the list of hosts that may be asked")]
    NotAllowed {
        /// The host, after renaming.
        host: String,
    },
    /// The name leads to an address that must not be connected to.
    #[error("{host} leads to {address}, which must not be asked")]
    Forbidden {
        /// The host.
        host: String,
        /// Where it leads.
        address: std::net::IpAddr,
    },
    /// Too many questions in one run.
    #[error("more than {limit} questions in one run")]
    TooMany {
        /// Most questions.
        limit: usize,
    },
    /// No answer: not found, not connected, too slow, too long.
    #[error("{url}: {fault}")]
    Unreachable {
        /// The address.
        url: String,
        /// Why.
        fault: net::Error,
    },
    /// An answer other than success; a redirect is one and is not followed.
    #[error("{url} answered with status {status}")]
    Status {
        /// The address.
        url: String,
        /// HTTP status.
        status: u16,
    },
}

impl Error {
    /// A stable code for messages.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Address { .. } => "FETCH_ADDRESS",
            Self::NotAllowed { .. } => "FETCH_NOT_ALLOWED",
            Self::Forbidden { .. } => "FETCH_FORBIDDEN",
            Self::TooMany { .. } => "FETCH_TOO_MANY",
            Self::Unreachable { .. } => "FETCH_UNREACHABLE",
            Self::Status { .. } => "FETCH_STATUS",
        }
    }
}

type Found = Result<Vec<SocketAddr>, net::Error>;

/// Says where a name leads. The machine's resolver, unless a test has its own.
pub trait Resolve: Send + Sync {
    /// The addresses of `host` with `port`.
    fn resolve<'r>(
        &'r self,
        host: &'r str,
        port: u16,
    ) -> Pin<Box<dyn Future<Output = Found> + Send + 'r>>;
}

struct MachineResolver;

impl Resolve for MachineResolver {
    fn resolve<'r>(
        &'r self,
        host: &'r str,
        port: u16,
    ) -> Pin<Box<dyn Future<Output = Found> + Send + 'r>> {
        Box::pin(outside::resolve(host, port))
    }
}

/// Asks foreign services within the operator's rules, one question at a time.
pub struct Fetcher {
    rules: Fetch,
    resolver: Box<dyn Resolve>,
    asked: AtomicUsize,
}

impl Fetcher {
    /// A fetcher under `rules`.
    #[must_use]
    pub fn new(rules: Fetch) -> Self {
        Self::with_resolver(rules, Box::new(MachineResolver))
    }

    /// A fetcher that asks `resolver` where names lead.
    #[must_use]
    pub fn with_resolver(rules: Fetch, resolver: Box<dyn Resolve>) -> Self {
        Self {
            rules,
            resolver,
            asked: AtomicUsize::new(0),
        }
    }

    /// Asks an address found in a certificate: with `body` (media type and bytes) posts it.
    ///
    /// # Errors
    /// [`Error`]; without a connection for all but `Unreachable` and `Status`.
    pub async fn ask(
        &self,
        url: &str,
        body: Option<(&'static str, &[u8])>,
    ) -> Result<Vec<u8>, Error> {
        let place = self.place(url)?;
        let allowed = |host: &&Host| plain_host(&host.name).as_deref() == Ok(place.host());
        let host = self.rules.hosts.iter().find(allowed);
        let host = host.ok_or_else(|| Error::NotAllowed {
            host: place.host().to_owned(),
        })?;
        let addresses = self.addresses(&place, host.private).await?;
        self.send((&place, &addresses), body, self.rules.answer_bytes)
            .await
    }

    /// Asks the service the operator named for this very question, such as a time stamping
    /// authority: it need not be on the list and may be anywhere but at an address that is never a
    /// service. With `body` (media type and bytes) posts it; reads at most `limit` bytes.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn ask_named(
        &self,
        url: &str,
        body: Option<(&'static str, &[u8])>,
        limit: usize,
    ) -> Result<Vec<u8>, Error> {
        let place = self.place(url)?;
        let addresses = self.addresses(&place, true).await?;
        self.send((&place, &addresses), body, limit).await
    }

    /// The place meant by `url`, under the name it has here.
    fn place(&self, url: &str) -> Result<Place, Error> {
        let wrong = |fault| Error::Address {
            url: url.chars().take(200).collect(),
            fault,
        };
        let place = Place::read(url).map_err(wrong)?;
        let named =
            |(from, _): &(&String, &String)| plain_host(from).as_deref() == Ok(place.host());
        match self.rules.rewrite.iter().find(named) {
            Some((_, to)) => place.renamed(to).map_err(wrong),
            None => Ok(place),
        }
    }

    /// Where the place leads at this moment; every address must be one that may be asked.
    async fn addresses(&self, place: &Place, private: bool) -> Result<Vec<SocketAddr>, Error> {
        let found = match place.address() {
            Some(address) => vec![SocketAddr::new(address, place.port())],
            None => {
                let found = self.resolver.resolve(place.host(), place.port()).await;
                found.map_err(|fault| unreachable(place, fault))?
            }
        };
        if found.is_empty() {
            let nowhere = net::Error::Connection("the name leads nowhere".to_owned());
            return Err(unreachable(place, nowhere));
        }
        let refused = |address: &&SocketAddr| match reach(address.ip()) {
            Reach::Public => false,
            Reach::Private => !private,
            Reach::Never => true,
        };
        match found.iter().find(refused) {
            Some(address) => Err(Error::Forbidden {
                host: place.host().to_owned(),
                address: address.ip(),
            }),
            None => Ok(found),
        }
    }

    async fn send(
        &self,
        (place, addresses): (&Place, &[SocketAddr]),
        body: Option<(&'static str, &[u8])>,
        answer_bytes: usize,
    ) -> Result<Vec<u8>, Error> {
        let limit = self.rules.questions;
        if self.asked.fetch_add(1, Ordering::Relaxed) >= limit {
            return Err(Error::TooMany { limit });
        }
        let url = place.url();
        let question = outside::Question {
            url: &url,
            host: place.host(),
            addresses,
            body,
        };
        let limits = outside::Limits {
            connect: Duration::from_secs(self.rules.connect_seconds.into()),
            total: Duration::from_secs(self.rules.answer_seconds.into()),
            answer_bytes,
        };
        let answer = outside::ask(&question, &limits).await;
        let answer = answer.map_err(|fault| unreachable(place, fault))?;
        match answer.status {
            200 => Ok(answer.body),
            status => Err(Error::Status { url, status }),
        }
    }
}

fn unreachable(place: &Place, fault: net::Error) -> Error {
    Error::Unreachable {
        url: place.url(),
        fault,
    }
}
