//! A real Chromium for the length of a test, driven through chromedriver.

use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};

/// Longest wait for a page to show something.
const PATIENCE: Duration = Duration::from_secs(30);

const NEEDED: &str = "Chromium and chromedriver are needed: tests/run installs them";

/// A browser; it ends with this value.
pub(crate) struct Browser {
    driver: Child,
    pub(crate) page: Client,
    _profile: tempfile::TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver's group: the browser too, also when a test failed.
        let group = format!("-{}", self.driver.id());
        let _gone = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _gone = self.driver.wait();
    }
}

impl Browser {
    /// Starts a browser with an empty profile.
    pub(crate) async fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|fault| panic!("chromedriver cannot be started ({fault}). {NEEDED}"));
        let profile = tempfile::tempdir().unwrap();
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--window-size=1280,1600",
        ];
        let mut arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let wishes =
            json!({ "goog:chromeOptions": { "binary": "/usr/bin/chromium", "args": arguments } });
        let mut builder = ClientBuilder::native();
        builder.capabilities(wishes.as_object().unwrap().clone());
        let address = format!("http://127.0.0.1:{port}");
        let mut last = None;
        for _ in 0..50 {
            match builder.connect(&address).await {
                Ok(page) => {
                    return Self {
                        driver,
                        page,
                        _profile: profile,
                    };
                }
                Err(fault) => last = Some(fault),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no browser: {last:?}. {NEEDED}");
    }

    /// Opens an address and checks what every page must be.
    pub(crate) async fn open(&self, address: &str) {
        self.page.goto(address).await.unwrap();
        self.check().await;
    }

    /// One heading, a language, a label for every field, no request to a foreign host.
    async fn check(&self) {
        let script = "const own = location.origin + '/';\
            const bare = [...document.querySelectorAll('input:not([type=hidden]),select,textarea')]\
              .filter(e => !e.labels?.length && !e.getAttribute('aria-label') && !e.getAttribute('aria-labelledby'));\
            const foreign = performance.getEntriesByType('resource').map(e => e.name).filter(n => !n.startsWith(own));\
            return {headings: document.querySelectorAll('h1').length, language: document.documentElement.lang,\
              unlabelled: bare.map(e => e.name), foreign};";
        let seen = self.page.execute(script, Vec::new()).await.unwrap();
        assert_eq!(seen["headings"], 1, "{seen}");
        assert!(
            ["vi", "en"].contains(&seen["language"].as_str().unwrap()),
            "{seen}"
        );
        assert_eq!(seen["unlabelled"], Value::Array(Vec::new()), "{seen}");
        assert_eq!(seen["foreign"], Value::Array(Vec::new()), "{seen}");
    }

    /// Fills a field.
    pub(crate) async fn fill(&self, name: &str, value: &str) {
        let selector = format!("[name='{name}']");
        let field = self.page.find(Locator::Css(&selector)).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(value).await.unwrap();
    }

    /// Chooses a file for a field.
    pub(crate) async fn choose(&self, name: &str, file: &Path) {
        let selector = format!("[name='{name}']");
        let field = self.page.find(Locator::Css(&selector)).await.unwrap();
        field.send_keys(file.to_str().unwrap()).await.unwrap();
    }

    /// Presses what `selector` finds, waits for the page that follows, and checks it.
    pub(crate) async fn press(&self, selector: &str) {
        self.ask("window.isLeaving = true").await;
        let button = self.page.find(Locator::Css(selector)).await.unwrap();
        button.click().await.unwrap();
        let began = std::time::Instant::now();
        let has_come = "return !window.isLeaving && document.readyState === 'complete'";
        while self.ask(has_come).await != Value::Bool(true) {
            assert!(began.elapsed() < PATIENCE, "nothing follows {selector}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.check().await;
    }

    /// What a script answers; nothing while the page is changing.
    async fn ask(&self, script: &str) -> Value {
        self.page
            .execute(script, Vec::new())
            .await
            .unwrap_or(Value::Null)
    }

    /// What the page says.
    pub(crate) async fn text(&self) -> String {
        self.page
            .find(Locator::Css("body"))
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    }

    /// Waits until the page that is coming says `words`, in capitals or not.
    pub(crate) async fn says(&self, words: &str) -> String {
        let began = std::time::Instant::now();
        loop {
            let text = self.text().await;
            if text.to_lowercase().contains(&words.to_lowercase()) {
                return text;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "never said {words:?}, but: {text}"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Opens `address` until the page says `words`.
    pub(crate) async fn until(&self, address: &str, words: &str) -> String {
        let began = std::time::Instant::now();
        loop {
            self.open(address).await;
            let text = self.text().await;
            if text.contains(words) {
                return text;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "{address} never said {words:?}, but: {text}"
            );
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    /// Keeps a picture if `LIENTHONG_TEST_PICTURES` names a folder.
    #[expect(
        clippy::disallowed_methods,
        reason = "whoever runs the tests says where"
    )]
    pub(crate) async fn picture(&self, name: &str) {
        if let Ok(folder) = std::env::var("LIENTHONG_TEST_PICTURES") {
            let png = self.page.screenshot().await.unwrap();
            std::fs::write(Path::new(&folder).join(format!("{name}.png")), png).unwrap();
        }
    }
}
