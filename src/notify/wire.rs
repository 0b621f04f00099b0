//! The socket under an SMTP session. Sends small packets at once (without it each mail waits some
//! 40 ms) and, before STARTTLS, never reads past the line it was asked for: whatever an attacker
//! appends to the plain answer then meets the TLS handshake, not the SMTP client (RFC 3207, 6).

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_native_tls::TlsStream;

/// First byte of every TLS handshake record (RFC 8446, 5.1); no SMTP command begins with it.
const HANDSHAKE: u8 = 0x16;

/// A connection to the relay, plain or encrypted from the first byte.
#[derive(Debug)]
pub(super) enum Wire {
    /// Plain text; `byte_by_byte` until a TLS handshake begins.
    Plain {
        stream: TcpStream,
        byte_by_byte: bool,
    },
    /// Encrypted from the first byte.
    Sealed(Box<TlsStream<TcpStream>>),
}

impl Wire {
    /// A plain connection that may be encrypted later by STARTTLS.
    pub(super) const fn plain(stream: TcpStream) -> Self {
        Self::Plain {
            stream,
            byte_by_byte: true,
        }
    }

    /// A connection that is encrypted already.
    pub(super) fn sealed(stream: TlsStream<TcpStream>) -> Self {
        Self::Sealed(Box::new(stream))
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Plain { stream, .. } => stream.peer_addr(),
            Self::Sealed(stream) => stream.get_ref().get_ref().get_ref().peer_addr(),
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain {
                stream,
                byte_by_byte: true,
            } if buffer.remaining() > 0 => {
                let mut byte = [0];
                let mut small = ReadBuf::new(&mut byte);
                ready!(Pin::new(stream).poll_read(context, &mut small))?;
                buffer.put_slice(small.filled());
                Poll::Ready(Ok(()))
            }
            Self::Plain { stream, .. } => Pin::new(stream).poll_read(context, buffer),
            Self::Sealed(stream) => Pin::new(stream.as_mut()).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain {
                stream,
                byte_by_byte,
            } => {
                if bytes.first() == Some(&HANDSHAKE) {
                    *byte_by_byte = false;
                }
                Pin::new(stream).poll_write(context, bytes)
            }
            Self::Sealed(stream) => Pin::new(stream.as_mut()).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain { stream, .. } => Pin::new(stream).poll_flush(context),
            Self::Sealed(stream) => Pin::new(stream.as_mut()).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain { stream, .. } => Pin::new(stream).poll_shutdown(context),
            Self::Sealed(stream) => Pin::new(stream.as_mut()).poll_shutdown(context),
        }
    }
}
