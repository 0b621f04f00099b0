//! A client for the pages and the API of a hub on this machine. Plain HTTP, so it refuses any other
//! machine.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::multipart::{Form, Part};

use super::client::{Answer, Error, broken, read};

/// Largest answer read, in bytes.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

/// A client that acts with an access key.
#[derive(Debug, Clone)]
pub struct LoopbackClient {
    client: reqwest::Client,
    base: String,
    key: String,
}

/// A file in a request.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl LoopbackClient {
    /// A client for the hub at `address` that acts with the access key `key`.
    ///
    /// # Errors
    /// [`Error::Identity`] when `address` is not on this machine.
    pub fn new(address: SocketAddr, key: &str) -> Result<Self, Error> {
        if !address.ip().is_loopback() {
            return Err(Error::Identity(format!("{address} is not on this machine")));
        }
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(60))
            .build()
            .map_err(|fault| Error::Identity(fault.to_string()))?;
        Ok(Self {
            client,
            base: format!("http://{address}"),
            key: key.to_owned(),
        })
    }

    /// Asks for `path`.
    ///
    /// # Errors
    /// [`Error::Connection`], [`Error::AnswerTooLong`].
    pub async fn get(&self, path: &str) -> Result<Answer, Error> {
        let request = self
            .client
            .get(format!("{}{path}", self.base))
            .bearer_auth(&self.key);
        read(request.send().await.map_err(broken)?, LARGEST_ANSWER).await
    }

    /// Sends JSON to `path`; `idempotency` names the request.
    ///
    /// # Errors
    /// [`Error::Connection`], [`Error::AnswerTooLong`].
    pub async fn post_json(
        &self,
        path: &str,
        idempotency: &str,
        body: &serde_json::Value,
    ) -> Result<Answer, Error> {
        let request = self
            .client
            .post(format!("{}{path}", self.base))
            .bearer_auth(&self.key)
            .header("idempotency-key", idempotency)
            .json(body);
        read(request.send().await.map_err(broken)?, LARGEST_ANSWER).await
    }

    /// Sends a file with its `metadata` to `path`; `idempotency` names the request.
    ///
    /// # Errors
    /// [`Error::Connection`], [`Error::AnswerTooLong`].
    pub async fn post_file(
        &self,
        path: &str,
        idempotency: &str,
        metadata: &serde_json::Value,
        upload: Upload,
    ) -> Result<Answer, Error> {
        let part = Part::bytes(upload.bytes).file_name(upload.name);
        let part = part.mime_str("application/pdf").map_err(broken)?;
        let form = Form::new()
            .text("metadata", metadata.to_string())
            .part("file", part);
        let request = self
            .client
            .post(format!("{}{path}", self.base))
            .bearer_auth(&self.key)
            .header("idempotency-key", idempotency)
            .multipart(form);
        read(request.send().await.map_err(broken)?, LARGEST_ANSWER).await
    }
}
