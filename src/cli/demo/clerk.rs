//! A clerk who works through the API of a hub.

use std::time::Duration;

use serde_json::{Value, json};

use super::network::Place;
use crate::app;
use crate::cli::fault::Fault;
use crate::config::Config;
use crate::domain::digest::Sha256;
use crate::net::{Answer, LoopbackClient, Upload};

/// Longest wait for something to happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// A clerk with an account at a hub.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Clerk {
    client: LoopbackClient,
}

/// Opens accounts before the hubs run: gives the access key of the clerk.
pub(in crate::cli) struct Opened {
    /// Access key.
    pub(super) key: String,
}

/// A one-time link for the account `login` at `place`.
pub(super) fn link(place: &Place, login: &str) -> Result<String, Fault> {
    let (config, login) = (Config::read(&place.config)?, login.to_owned());
    app::with_hub(&config, async move |hub| {
        let token = hub.one_time_token(login).await?;
        Ok(hub.sign_in_link(&token))
    })
}

/// Opens an account at `place`, whose hub must not be serving yet.
pub(in crate::cli) fn open(
    place: &Place,
    login: &str,
    agency: &str,
    is_clerk: bool,
) -> Result<Opened, Fault> {
    let config = Config::read(&place.config)?;
    let (login, agency) = (login.to_owned(), agency.to_owned());
    let role = if is_clerk {
        "Văn thư"
    } else {
        "Kiểm tra viên"
    };
    let name = format!("{role} {agency} (dữ liệu mẫu)");
    app::with_hub(&config, async move |hub| {
        hub.open_account(login.clone(), name, agency, is_clerk)
            .await?;
        let key = hub.access_key(login).await?;
        Ok(Opened {
            key: key.reveal().to_owned(),
        })
    })
}

impl Clerk {
    /// A clerk of the hub at `place`.
    pub(in crate::cli) fn new(place: &Place, opened: &Opened) -> Result<Self, Fault> {
        let client = LoopbackClient::new(place.pages, &opened.key).map_err(Fault::demo)?;
        Ok(Self { client })
    }

    /// Hands in a document; gives its id.
    pub(in crate::cli) async fn send(
        &self,
        number: &str,
        subject: &str,
        recipients: &[&str],
        pdf: &[u8],
    ) -> Result<String, Fault> {
        let metadata = json!({
            "number": number, "type": "Công văn", "subject": subject, "recipients": recipients,
        });
        let upload = Upload {
            name: format!("{}.pdf", number.replace('/', "-")),
            bytes: pdf.to_vec(),
        };
        let sent = self
            .client
            .post_file("/api/v1/documents", &key(number), &metadata, upload)
            .await;
        let answer = accepted(&sent.map_err(Fault::demo)?)?;
        Ok(text(&answer, "/id"))
    }

    /// The document as the sender sees it.
    pub(in crate::cli) async fn document(&self, id: &str) -> Result<Value, Fault> {
        self.get(&format!("/api/v1/documents/{id}")).await
    }

    /// The incoming documents.
    pub(super) async fn inbox(&self) -> Result<Vec<Value>, Fault> {
        self.newest(200).await
    }

    /// The newest `most` of the incoming documents.
    pub(in crate::cli) async fn newest(&self, most: usize) -> Result<Vec<Value>, Fault> {
        let answer = self.get(&format!("/api/v1/inbox?limit={most}")).await?;
        let rows = answer.get("data").and_then(Value::as_array).cloned();
        rows.ok_or_else(|| Fault::demo("the inbox is not a list"))
    }

    /// The incoming document of the delivery `id`.
    pub(super) async fn received(&self, id: &str) -> Result<Value, Fault> {
        self.get(&format!("/api/v1/inbox/{id}")).await
    }

    /// Accepts; gives the arrival number.
    pub(super) async fn accept(&self, delivery: &str) -> Result<String, Fault> {
        let path = format!("/api/v1/inbox/{delivery}/accept");
        let answer = self
            .post(&path, &format!("accept {delivery}"), &json!({}))
            .await?;
        Ok(text(&answer, "/arrival_number"))
    }

    /// Refuses with a reason.
    pub(super) async fn refuse(&self, delivery: &str, code: &str, why: &str) -> Result<(), Fault> {
        let path = format!("/api/v1/inbox/{delivery}/refuse");
        let body = json!({ "code": code, "text": why });
        self.post(&path, &format!("refuse {delivery}"), &body)
            .await
            .map(|_| ())
    }

    /// Waits until `found` sees what it looks for in the answer of `ask`.
    pub(super) async fn until<T>(
        what: &str,
        mut look: impl AsyncFnMut() -> Result<Option<T>, Fault>,
    ) -> Result<T, Fault> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            if tokio::time::Instant::now() > deadline {
                return Err(Fault::demo(format!("waited in vain: {what}")));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the document with this number arrived and was judged; gives it.
    pub(super) async fn judged(&self, number: &str) -> Result<Value, Fault> {
        Self::until(&format!("{number} to arrive and be judged"), async || {
            let rows = self.inbox().await?;
            Ok(rows.into_iter().find(|row| {
                text(row, "/number") == number
                    && !row.pointer("/delivery/verdict").is_none_or(Value::is_null)
            }))
        })
        .await
    }

    async fn get(&self, path: &str) -> Result<Value, Fault> {
        accepted(&self.client.get(path).await.map_err(Fault::demo)?)
    }

    async fn post(&self, path: &str, key: &str, body: &Value) -> Result<Value, Fault> {
        accepted(
            &self
                .client
                .post_json(path, key, body)
                .await
                .map_err(Fault::demo)?,
        )
    }
}

/// The name of the request that hands in the document `number`: visible ASCII.
fn key(number: &str) -> String {
    Sha256::of(number.as_bytes()).to_string()
}

/// The text at a JSON pointer, or nothing.
pub(in crate::cli) fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// The list at a JSON pointer, or an empty one.
pub(in crate::cli) fn list(value: &Value, pointer: &str) -> Vec<Value> {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

fn accepted(answer: &Answer) -> Result<Value, Fault> {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    if (200..300).contains(&answer.status) {
        return Ok(body);
    }
    let detail = text(&body, "/detail");
    Err(Fault::demo(format!("answered {}: {detail}", answer.status)))
}
