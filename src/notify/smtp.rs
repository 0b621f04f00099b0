//! The way through a mail relay (RFC 5321): one session per letter, each recipient answered for
//! itself, every wait limited.

use std::error::Error as _;
use std::fmt;
use std::future::Future;
use std::slice::from_ref;
use std::time::Duration;

use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters,
};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::{Response, Severity};
use tokio::net::TcpStream;
use tokio_native_tls::native_tls;

use crate::config::mail::{Mail, Tls};
use crate::notify::address::Mailbox;
use crate::notify::error::Error;
use crate::notify::letter::Letter;
use crate::notify::outcome::{NotSent, Sent, Setback, Stage};
use crate::notify::wire::Wire;

/// A mail relay and how to speak to it.
pub struct Smtp {
    host: String,
    port: u16,
    security: Security,
    hello: ClientId,
    login: Option<Credentials>,
    patience: Duration,
}

enum Security {
    Sealed(tokio_native_tls::TlsConnector),
    StartTls(TlsParameters),
    PlainLoopback,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Smtp({}:{})", self.host, self.port)
    }
}

impl Smtp {
    /// The relay of `settings`. Reads the trusted certificates and the password; connects to
    /// nothing. Introduces itself (EHLO) with the domain of the sender.
    ///
    /// # Errors
    /// [`Error`] when the settings cannot be used.
    pub fn new(settings: &Mail) -> Result<Self, Error> {
        settings.check()?;
        let from: Mailbox = settings.from.parse()?;
        let roots = trusted(settings)?;
        let security = match settings.tls {
            Tls::Required => Security::Sealed(connector(roots)?),
            Tls::Starttls => Security::StartTls(parameters(&settings.host, roots)?),
            Tls::NoneLoopbackOnly => Security::PlainLoopback,
        };
        let login = settings.login()?;
        Ok(Self {
            host: settings.host.clone(),
            port: settings.relay_port(),
            security,
            hello: ClientId::Domain(from.address().domain().to_owned()),
            login: login.map(|(name, password)| {
                Credentials::new(name.to_owned(), password.reveal().to_owned())
            }),
            patience: Duration::from_secs(u64::from(settings.timeout_seconds)),
        })
    }

    pub(super) async fn send(&self, letter: &Letter) -> Result<Sent, NotSent> {
        let everyone = |setback: Setback| NotSent::from(setback.for_each(letter.recipients()));
        let mut session = self.open().await.map_err(everyone)?;
        let outcome = self.deliver(&mut session, letter).await;
        // The answer to QUIT changes nothing about the letter.
        let _ignored = tokio::time::timeout(Duration::from_secs(1), session.quit()).await;
        outcome
    }

    /// A greeted, encrypted and signed-in session.
    async fn open(&self) -> Result<AsyncSmtpConnection, Setback> {
        let stream = self.connect().await?;
        let wire = match &self.security {
            Security::Sealed(connector) => {
                let handshake = connector.connect(&self.host, stream);
                let sealed = self.within(Stage::Tls, handshake).await?;
                Wire::sealed(sealed.map_err(|fault| Setback::fault(Stage::Tls, &told(&fault)))?)
            }
            Security::StartTls(_) | Security::PlainLoopback => Wire::plain(stream),
        };
        let greeting = AsyncSmtpConnection::connect_with_transport(Box::new(wire), &self.hello);
        let mut session = self.smtp(Stage::Greeting, greeting).await?;
        if let Security::StartTls(parameters) = &self.security {
            let upgrade = session.starttls(parameters.clone(), &self.hello);
            self.smtp(Stage::Tls, upgrade).await?;
        }
        if let Some(login) = &self.login {
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            self.smtp(Stage::Login, session.auth(&mechanisms, login))
                .await?;
        }
        Ok(session)
    }

    /// A socket to the first address of the relay that answers.
    async fn connect(&self) -> Result<TcpStream, Setback> {
        let fault = |text: &str| {
            Setback::fault(
                Stage::Connect,
                &format!("{}:{}: {text}", self.host, self.port),
            )
        };
        let lookup = tokio::net::lookup_host((self.host.as_str(), self.port));
        let found = self.within(Stage::Connect, lookup).await?;
        let mut last = fault("the name has no usable address");
        for address in found.map_err(|error| fault(&error.to_string()))? {
            if matches!(self.security, Security::PlainLoopback) && !address.ip().is_loopback() {
                continue;
            }
            match self
                .within(Stage::Connect, TcpStream::connect(address))
                .await
            {
                Ok(Ok(stream)) => {
                    stream
                        .set_nodelay(true)
                        .map_err(|error| fault(&error.to_string()))?;
                    return Ok(stream);
                }
                Ok(Err(error)) => last = fault(&error.to_string()),
                Err(setback) => last = setback,
            }
        }
        Err(last)
    }

    /// MAIL, RCPT for each, DATA and the letter. A refused recipient does not stop the others.
    async fn deliver(
        &self,
        session: &mut AsyncSmtpConnection,
        letter: &Letter,
    ) -> Result<Sent, NotSent> {
        let sender = letter.sender().as_lettre().clone();
        let from = session.command(MailFrom::new(Some(sender), Vec::new()));
        self.done(Stage::Sender, from)
            .await
            .map_err(|setback| setback.for_each(letter.recipients()))?;

        let (mut taken, mut unreached) = (Vec::new(), Vec::new());
        let mut ended: Option<Setback> = None;
        for address in letter.recipients() {
            if let Some(setback) = &ended {
                unreached.extend(setback.for_each(from_ref(address)));
                continue;
            }
            let to = session.command(Rcpt::new(address.as_lettre().clone(), Vec::new()));
            match self.done(Stage::Recipient, to).await {
                Ok(_) => taken.push(address.clone()),
                Err(setback) => {
                    unreached.extend(setback.for_each(from_ref(address)));
                    ended = setback.ends_session().then_some(setback);
                }
            }
        }
        let handed_over = match ended {
            Some(setback) => Err(setback),
            None if taken.is_empty() => return Err(unreached.into()),
            None => self.hand_over(session, letter.bytes()).await,
        };
        match handed_over {
            Ok((code, text)) => Ok(Sent {
                code: Some(code),
                text,
                taken,
                unreached,
            }),
            Err(setback) => {
                unreached.extend(setback.for_each(&taken));
                Err(unreached.into())
            }
        }
    }

    /// The letter itself; gives the relay's last reply.
    async fn hand_over(
        &self,
        session: &mut AsyncSmtpConnection,
        bytes: &[u8],
    ) -> Result<(u16, String), Setback> {
        let go = self.smtp(Stage::Content, session.command(Data)).await?;
        expect(Stage::Content, &go, Severity::PositiveIntermediate)?;
        let reply = self.done(Stage::Content, session.message(bytes)).await?;
        let text: Vec<&str> = reply.message().collect();
        // The words come from outside: kept like those of a refusal, on one line and cut.
        let kept = Setback::reply(Stage::Content, reply.code().into(), &text.join(" "));
        Ok((reply.code().into(), kept.text))
    }

    /// A step that must end with a 2xx reply.
    async fn done(
        &self,
        stage: Stage,
        step: impl Future<Output = Result<Response, SmtpError>>,
    ) -> Result<Response, Setback> {
        let reply = self.smtp(stage, step).await?;
        expect(stage, &reply, Severity::PositiveCompletion)?;
        Ok(reply)
    }

    async fn smtp<T>(
        &self,
        stage: Stage,
        step: impl Future<Output = Result<T, SmtpError>>,
    ) -> Result<T, Setback> {
        self.within(stage, step)
            .await?
            .map_err(|fault| setback(stage, &fault))
    }

    async fn within<T>(&self, stage: Stage, step: impl Future<Output = T>) -> Result<T, Setback> {
        tokio::time::timeout(self.patience, step)
            .await
            .map_err(|_elapsed| {
                let (host, port, seconds) = (&self.host, self.port, self.patience.as_secs());
                Setback::fault(
                    stage,
                    &format!("{host}:{port}: no answer within {seconds} s"),
                )
            })
    }
}

/// A reply of another kind than the step calls for means that relay and client have lost each
/// other; nothing said afterwards could be trusted.
fn expect(stage: Stage, reply: &Response, severity: Severity) -> Result<(), Setback> {
    if reply.code().severity == severity {
        return Ok(());
    }
    Err(Setback::fault(
        stage,
        &format!("the relay answered {} out of turn", reply.code()),
    ))
}

fn setback(stage: Stage, fault: &SmtpError) -> Setback {
    match fault.status() {
        Some(code) => {
            let words = fault.source().map(ToString::to_string).unwrap_or_default();
            Setback::reply(stage, code.into(), &words)
        }
        None => Setback::fault(stage, &told(fault)),
    }
}

/// A fault with its causes, each said once.
fn told(fault: &dyn std::error::Error) -> String {
    let mut text = fault.to_string();
    let mut cause = fault.source();
    while let Some(deeper) = cause {
        let words = deeper.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = deeper.source();
    }
    text
}

/// The certificates of `ca_file`; `None` when the system's roots are trusted.
fn trusted(settings: &Mail) -> Result<Option<Vec<native_tls::Certificate>>, Error> {
    let Some(pem) = settings.trusted_pem()? else {
        return Ok(None);
    };
    let refuse = |text: String| Error::TrustedCertificates(text);
    let roots = native_tls::Certificate::stack_from_pem(&pem);
    let roots = roots.map_err(|fault| refuse(fault.to_string()))?;
    if roots.is_empty() {
        return Err(refuse("the file is empty".to_owned()));
    }
    Ok(Some(roots))
}

fn connector(
    roots: Option<Vec<native_tls::Certificate>>,
) -> Result<tokio_native_tls::TlsConnector, Error> {
    let mut builder = native_tls::TlsConnector::builder();
    builder.min_protocol_version(Some(native_tls::Protocol::Tlsv12));
    builder.disable_built_in_roots(roots.is_some());
    for root in roots.into_iter().flatten() {
        builder.add_root_certificate(root);
    }
    builder
        .build()
        .map(Into::into)
        .map_err(|fault| Error::Tls(fault.to_string()))
}

fn parameters(
    host: &str,
    roots: Option<Vec<native_tls::Certificate>>,
) -> Result<TlsParameters, Error> {
    let refuse = |text: String| Error::Tls(text);
    let mut builder = TlsParameters::builder(host.to_owned());
    if roots.is_some() {
        builder = builder.certificate_store(CertificateStore::None);
    }
    for root in roots.into_iter().flatten() {
        let der = root.to_der().map_err(|fault| refuse(fault.to_string()))?;
        let root = Certificate::from_der(der).map_err(|fault| refuse(fault.to_string()))?;
        builder = builder.add_root_certificate(root);
    }
    builder
        .build_native()
        .map_err(|fault| refuse(fault.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::mail::Way;

    #[test]
    fn small_packets_leave_at_once() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let settings = Mail {
            from: "a@b.vn".to_owned(),
            way: Way::Smtp,
            host: "127.0.0.1".to_owned(),
            port: Some(listener.local_addr().unwrap().port()),
            tls: Tls::NoneLoopbackOnly,
            ..Mail::default()
        };
        let relay = Smtp::new(&settings).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let stream = runtime.block_on(relay.connect()).unwrap();
        assert!(stream.nodelay().unwrap());
    }
}
