//! One document as clerks live it, in a real browser, without a script on the pages.

use std::path::{Path, PathBuf};

use crate::browser::Browser;
use crate::network::{Network, Record, program};

const SUBJECT: &str = "Về việc <b>thử nghiệm</b> \"trình duyệt\" & ký số";

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pdf/cong-van-libreoffice.pdf")
}

impl Network {
    /// The one-time link of an account.
    fn link(&self, hub: &str, login: &str) -> String {
        let output = program()
            .args(["user", "link", "--login", login, "--config"])
            .arg(&self.nodes[hub].config)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// The address of a page.
    fn page(&self, hub: &str, path: &str) -> String {
        format!("http://{}{path}", self.nodes[hub].pages)
    }
}

#[test]
fn a_clerk_sends_and_another_accepts_in_the_browser() {
    let mut network = Network::prepare(Record::Sqlite);
    for (hub, login, agency) in [
        ("commune", "iadom", "H21.36.21"),
        ("district", "ducco", "H21.36"),
    ] {
        network.account(hub, login, agency);
        network.start(hub);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let sender = Browser::start().await;
        sign_in(&sender, &network, "commune", "iadom").await;
        complain(&sender, &network).await;
        warn(&sender, &network).await;
        let document = send(&sender, &network).await;
        let recipient = Browser::start().await;
        sign_in(&recipient, &network, "district", "ducco").await;
        accept(&recipient, &network).await;
        proved(&sender, &document).await;
        recalled(&sender, &recipient, &network, &document).await;
        forged(&sender, &network).await;
        for browser in [&sender, &recipient] {
            browser.page.clone().close().await.unwrap();
        }
    });
}

async fn sign_in(browser: &Browser, network: &Network, hub: &str, login: &str) {
    browser.open(&network.link(hub, login)).await;
    browser.press("main form button").await;
    browser.open(&network.page(hub, "/outgoing?lang=vi")).await;
    assert!(
        browser.text().await.contains("Văn bản đi"),
        "{}",
        browser.text().await
    );
}

/// A form without a subject comes back with the fault beside the field and what was entered.
async fn complain(browser: &Browser, network: &Network) {
    browser
        .open(&network.page("commune", "/outgoing/new"))
        .await;
    browser.fill("number", "15/UBND-VP").await;
    browser.fill("type", "Công văn").await;
    browser.press("main form button[type=submit]").await;
    let script = "return [document.querySelector('[name=number]').value, \
                  !!document.querySelector('#subject-error'), \
                  document.querySelector('#subject').getAttribute('aria-invalid')]";
    let seen = browser.page.execute(script, Vec::new()).await.unwrap();
    assert_eq!(seen, serde_json::json!(["15/UBND-VP", true, "true"]));
    browser.picture("1-complaint-vi").await;
}

/// A file with layers comes back with a warning and a box to tick; nothing is signed or sent.
async fn warn(browser: &Browser, network: &Network) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("có lớp.pdf");
    std::fs::write(&path, layered()).unwrap();
    for (language, words) in [("en", "layers"), ("vi", "lớp")] {
        fill(browser, network, language).await;
        browser.choose("file", &path).await;
        browser.press("main form button[type=submit]").await;
        let text = browser.text().await;
        assert!(text.contains(words), "{text}");
        let script = "return [document.querySelector('#noticed').checked, \
                      document.querySelector('#noticed').value.length, \
                      document.querySelector('[name=number]').value]";
        let seen = browser.page.execute(script, Vec::new()).await.unwrap();
        assert_eq!(seen, serde_json::json!([false, 64, "15/UBND-VP"]));
        browser.picture(&format!("1-warning-{language}")).await;
    }
    browser.open(&network.page("commune", "/outgoing")).await;
    assert!(!browser.text().await.contains("15/UBND-VP"));
}

/// The fixture with layers in place of its opening action, of the same length.
fn layered() -> Vec<u8> {
    let mut file = std::fs::read(fixture()).unwrap();
    let action = b"/OpenAction[1 0 R /XYZ null null 0]";
    let mut parts = file.windows(action.len());
    let at = parts.position(|part| part == action).unwrap();
    let layers = format!("{:1$}", "/OCProperties<</OCGs[]/D<<>>>>", action.len());
    file[at..at + layers.len()].copy_from_slice(layers.as_bytes());
    file
}

/// Fills the form but for the file.
async fn fill(browser: &Browser, network: &Network, language: &str) {
    let page = format!("/outgoing/new?lang={language}");
    browser.open(&network.page("commune", &page)).await;
    browser.fill("number", "15/UBND-VP").await;
    browser.fill("type", "Công văn").await;
    browser.fill("subject", SUBJECT).await;
    let tick = "document.querySelector('[name=recipient][value=\"H21.36\"]').click()";
    browser.page.execute(tick, Vec::new()).await.unwrap();
}

/// Sends, and waits until the recipient's hub has it. Gives the page's address.
async fn send(browser: &Browser, network: &Network) -> String {
    fill(browser, network, "vi").await;
    browser.choose("file", &fixture()).await;
    browser.press("main form button[type=submit]").await;
    let address = browser.page.current_url().await.unwrap().to_string();
    assert!(address.contains("/outgoing/"), "{}", browser.text().await);
    let text = browser.until(&address, "Đã đến hệ thống nhận").await;
    assert!(
        text.contains(SUBJECT),
        "the subject is shown as written: {text}"
    );
    browser.picture("2-sent-vi").await;
    address
}

/// The recipient sees seven questions answered with yes for each signature, and accepts.
async fn accept(browser: &Browser, network: &Network) {
    browser.open(&network.page("district", "/incoming")).await;
    let script = "return document.querySelector('main a[href^=\"/incoming/\"]').href";
    let page = browser.page.execute(script, Vec::new()).await.unwrap();
    let page = page.as_str().unwrap().to_owned();
    browser.until(&page, "Tiếp nhận").await;
    browser.picture("3-received-vi").await;
    browser.press("main form[action$='/accept'] button").await;
    browser.says("01/2025").await;
    browser.open(&format!("{page}?lang=en")).await;
    let text = browser.text().await;
    assert!(
        text.contains("Accepted") && text.matches("Passed").count() >= 14,
        "{text}"
    );
    browser.picture("4-accepted-en").await;
}

/// The sender sees the acceptance and can take every receipt along.
async fn proved(browser: &Browser, address: &str) {
    let text = browser.until(address, "01/2025").await;
    assert!(
        text.contains("Bên nhận đã tiếp nhận") || text.contains("Đã tiếp nhận"),
        "{text}"
    );
    let script = "return document.querySelectorAll('main a[href$=\"/signature\"]').length";
    let receipts = browser.page.execute(script, Vec::new()).await.unwrap();
    assert_eq!(receipts, 4, "submission, consignment, opening, acceptance");
    browser.picture("5-proved-vi").await;
}

/// The sender asks to have it back; the recipient, who has read it, agrees; both see it, in both
/// languages, and the recipient no longer sees what it said.
async fn recalled(sender: &Browser, recipient: &Browser, network: &Network, address: &str) {
    sender.open(&format!("{address}/change?lang=en")).await;
    sender.picture("5-change-en").await;
    sender.open(&format!("{address}/change?lang=vi")).await;
    sender.fill("reason", "Sai thẩm quyền ký").await;
    sender.picture("5-change-vi").await;
    sender.press("main form.compose button[type=submit]").await;
    sender.says("chờ trả lời đến").await;
    sender.picture("5-waits-vi").await;
    let list = network.page("district", "/incoming?lang=vi");
    recipient.until(&list, "chờ bên nhận trả lời").await;
    recipient.picture("5-list-vi").await;
    let script = "return document.querySelector('main a[href^=\"/incoming/\"]').href";
    let page = recipient.page.execute(script, Vec::new()).await.unwrap();
    let page = page.as_str().unwrap().to_owned();
    for (language, words) in [
        ("en", "The sender asks: Recall"),
        ("vi", "Sai thẩm quyền ký"),
    ] {
        recipient.open(&format!("{page}?lang={language}")).await;
        recipient.says(words).await;
        recipient.picture(&format!("5-asked-{language}")).await;
    }
    recipient.press("main form[action$='/agree'] button").await;
    let text = recipient.says("Văn bản đã được thu hồi").await;
    assert!(
        !text.contains("trình duyệt"),
        "the subject is sealed: {text}"
    );
    recipient.picture("5-sealed-vi").await;
    sender.until(address, "Văn thư bên nhận quyết định").await;
    sender.picture("5-recalled-vi").await;
    sender.open(&format!("{address}?lang=en")).await;
    sender.says("Taken back").await;
    sender.picture("5-recalled-en").await;
    sender.open(&format!("{address}?lang=vi")).await;
}

/// A changed byte is called what it is, in both languages.
async fn forged(browser: &Browser, network: &Network) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("giả.pdf");
    std::fs::write(&path, sealed_and_changed(network)).unwrap();
    for (language, words) in [("vi", "Không hợp lệ"), ("en", "Failed")] {
        browser
            .open(&network.page("commune", &format!("/verify?lang={language}")))
            .await;
        browser.choose("file", &path).await;
        browser.press("main form button[type=submit]").await;
        browser.says(words).await;
        browser.picture(&format!("6-forged-{language}")).await;
    }
}

/// The sealed document from the commune's store, one byte of its first stream changed.
fn sealed_and_changed(network: &Network) -> Vec<u8> {
    let blobs = network.nodes["commune"].config.with_file_name("blobs");
    let files = walk(&blobs)
        .into_iter()
        .map(|path| std::fs::read(path).unwrap());
    let mut sealed = files.max_by_key(Vec::len).unwrap();
    let stream = sealed
        .windows(6)
        .position(|window| window == b"stream")
        .unwrap();
    sealed[stream + 40] ^= 1;
    sealed
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                walk(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}
