//! One line in one direction: who calls, who is called, and what happens to each message.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use openssl::sha::sha256;
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_native_tls::native_tls::{self, Identity};
use tokio_native_tls::{TlsAcceptor, TlsConnector, TlsStream};

use super::fate::{Fate, Weather};
use super::locked;
use super::message::{self, Message};
use crate::chance::Chance;
use crate::history::{Event, History};

/// Longest wait for a hub's answer.
const PATIENCE: Duration = Duration::from_secs(20);

type Tls = BufReader<TlsStream<TcpStream>>;

/// What goes back to the caller.
struct Back {
    bytes: Vec<u8>,
    /// Whether the line breaks after it.
    is_cut: bool,
}

impl Back {
    fn whole(answer: &Message) -> Self {
        let bytes = answer.bytes();
        let is_cut = false;
        Self { bytes, is_cut }
    }

    fn half(answer: &Message) -> Self {
        let mut bytes = answer.bytes();
        bytes.truncate(bytes.len() / 2);
        let is_cut = true;
        Self { bytes, is_cut }
    }
}

/// A line from one hub to another.
pub(crate) struct Edge {
    /// Name, `from>to`.
    pub(crate) place: String,
    /// Where the called hub listens.
    pub(crate) target: SocketAddr,
    address: OnceLock<SocketAddr>,
    acceptor: TlsAcceptor,
    connector: TlsConnector,
    history: Arc<History>,
    weather: Mutex<Weather>,
    trouble: AtomicU64,
    chance: Mutex<Chance>,
    /// Fates that the next messages to a path have, ahead of chance.
    planned: Mutex<VecDeque<(String, Fate)>>,
}

impl Edge {
    pub(super) fn new(
        place: &str,
        target: SocketAddr,
        [from, to]: [Identity; 2],
        (seed, history): (u64, &Arc<History>),
    ) -> Self {
        let acceptor = native_tls::TlsAcceptor::new(to).unwrap();
        // Who listens there is no question here: the address was written by the test.
        let connector = native_tls::TlsConnector::builder()
            .identity(from)
            .danger_accept_invalid_certs(true)
            .danger_accept_invalid_hostnames(true)
            .build()
            .unwrap();
        Self {
            place: place.to_owned(),
            target,
            address: OnceLock::new(),
            acceptor: acceptor.into(),
            connector: connector.into(),
            history: Arc::clone(history),
            weather: Mutex::new(Weather::Clear),
            trouble: AtomicU64::new(0),
            chance: Mutex::new(Chance::of(seed, place)),
            planned: Mutex::default(),
        }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        *self.address.get().unwrap()
    }

    /// Changes the state of the line.
    pub(crate) fn set(&self, weather: Weather) {
        let before = std::mem::replace(&mut *locked(&self.weather), weather);
        if before != weather {
            self.history.fault(&self.place, format!("{weather:?}"));
        }
    }

    pub(super) fn trouble(&self, percent: u64) {
        self.trouble.store(percent, Ordering::SeqCst);
    }

    /// Gives the next message to a path that begins so this fate.
    #[cfg(feature = "failpoints")]
    pub(crate) fn plan(&self, path: &str, fate: Fate) {
        locked(&self.planned).push_back((path.to_owned(), fate));
    }

    pub(super) async fn listen(self) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        self.address.set(listener.local_addr().unwrap()).unwrap();
        let edge = Arc::new(self);
        let own = Arc::clone(&edge);
        tokio::spawn(async move {
            loop {
                let Ok((near, _)) = listener.accept().await else {
                    continue;
                };
                let edge = Arc::clone(&own);
                tokio::spawn(async move { drop(edge.serve(near).await) });
            }
        });
        edge
    }

    fn weather(&self) -> Weather {
        *locked(&self.weather)
    }

    async fn serve(self: Arc<Self>, near: TcpStream) -> io::Result<()> {
        if self.weather() == Weather::Refusing {
            // A reset, not an orderly end.
            return near.set_zero_linger();
        }
        self.silence().await;
        let near = self.acceptor.accept(near).await;
        let mut near = BufReader::new(near.map_err(io::Error::other)?);
        let mut far = None;
        while let Some(request) = message::request(&mut near).await? {
            match self.weather() {
                Weather::Refusing => return Ok(()),
                Weather::Silent => {
                    self.silence().await;
                    return Ok(());
                }
                Weather::Slow => self.wait(300, 1500).await,
                Weather::Clear => {}
            }
            let Some(back) = self.pass(&mut far, &request).await? else {
                return Ok(());
            };
            near.write_all(&back.bytes).await?;
            near.flush().await?;
            if back.is_cut {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Waits while the line is silent, not longer than anybody would listen.
    async fn silence(&self) {
        for _ in 0..200 {
            if self.weather() != Weather::Silent {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn wait(&self, from: u64, to: u64) {
        let pause = locked(&self.chance).pause(from, to);
        tokio::time::sleep(pause).await;
    }

    fn fate(&self, request: &Message) -> Fate {
        let path = request.first().1;
        let mut planned = locked(&self.planned);
        if let Some((prefix, fate)) = planned.front().cloned()
            && path.starts_with(&prefix)
        {
            planned.pop_front();
            return fate;
        }
        Fate::draw(
            &mut locked(&self.chance),
            self.trouble.load(Ordering::SeqCst),
        )
    }

    /// Lets a message meet its fate; gives what goes back, `None` when the line breaks.
    async fn pass(
        self: &Arc<Self>,
        far: &mut Option<Tls>,
        request: &Message,
    ) -> io::Result<Option<Back>> {
        let fate = self.fate(request);
        if fate != Fate::Pass {
            let (method, path) = request.first();
            self.history
                .fault(&self.place, format!("{fate:?} {method} {path}"));
        }
        match fate {
            Fate::Lose => return Ok(None),
            Fate::CutRequest => {
                let bytes = request.bytes();
                let mut far = self.connect().await?;
                far.write_all(&bytes[..bytes.len() * 2 / 3]).await?;
                far.flush().await?;
                return Ok(None);
            }
            Fate::Late => {
                self.later(request.clone());
                return Ok(None);
            }
            Fate::Replayed => self.later(request.clone()),
            Fate::Delay => self.wait(200, 2000).await,
            Fate::TwiceAtOnce => {
                let again = self.connect().await?;
                let (first, second) = tokio::join!(
                    self.exchange(far, request),
                    self.exchange_on(again, request)
                );
                drop(second);
                return Ok(Some(Back::whole(&first?)));
            }
            Fate::Throttle => {
                let mut slow = self.connect().await?;
                for piece in request.bytes().chunks(4096) {
                    slow.write_all(piece).await?;
                    slow.flush().await?;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                let answer = message::answer(&mut slow, &request.first().0).await?;
                self.note(request, &answer);
                return Ok(Some(Back::whole(&answer)));
            }
            Fate::Pass | Fate::CutAnswer | Fate::LoseAnswer | Fate::Twice => {}
        }
        let answer = self.exchange(far, request).await?;
        match fate {
            Fate::LoseAnswer => Ok(None),
            Fate::CutAnswer => Ok(Some(Back::half(&answer))),
            Fate::Twice => {
                let again = self.exchange(far, request).await?;
                Ok(Some(Back::whole(&again)))
            }
            _ => Ok(Some(Back::whole(&answer))),
        }
    }

    /// Sends a message again, a little later, as whoever recorded it could.
    fn later(self: &Arc<Self>, request: Message) {
        let edge = Arc::clone(self);
        tokio::spawn(async move {
            edge.wait(500, 4000).await;
            let far = edge.connect().await?;
            edge.exchange_on(far, &request).await
        });
    }

    async fn connect(&self) -> io::Result<Tls> {
        let far = TcpStream::connect(self.target).await?;
        let far = self.connector.connect("localhost", far).await;
        Ok(BufReader::new(far.map_err(io::Error::other)?))
    }

    async fn exchange(&self, far: &mut Option<Tls>, request: &Message) -> io::Result<Message> {
        let mut line = match far.take() {
            Some(line) => line,
            None => self.connect().await?,
        };
        let answer = self.ask(&mut line, request).await?;
        *far = Some(line);
        Ok(answer)
    }

    async fn exchange_on(&self, mut line: Tls, request: &Message) -> io::Result<Message> {
        self.ask(&mut line, request).await
    }

    async fn ask(&self, line: &mut Tls, request: &Message) -> io::Result<Message> {
        line.write_all(&request.bytes()).await?;
        line.flush().await?;
        let (method, _) = request.first();
        let answer = tokio::time::timeout(PATIENCE, message::answer(line, &method));
        let answer = answer.await.map_err(io::Error::other)??;
        self.note(request, &answer);
        Ok(answer)
    }

    /// Writes down which answer a message got that may be answered in one way only.
    fn note(&self, request: &Message, answer: &Message) {
        let (method, path) = request.first();
        if method == "POST" && (200..300).contains(&answer.status()) {
            self.history.note(Event::Answer {
                edge: self.place.clone(),
                path,
                request_sha256: hex::encode(sha256(&request.body)),
                answer_sha256: hex::encode(sha256(&answer.body)),
            });
        }
    }
}
