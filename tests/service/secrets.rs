//! What hubs write and show while they work: none of it holds a private key or a password.

use std::fs;
use std::path::{Path, PathBuf};

use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};

use crate::network::{Network, Record, until};

/// The shapes in which a secret could come out.
fn shapes(secret: &[u8]) -> Vec<Vec<u8>> {
    let hex = hex::encode(secret);
    // Six bits a letter: three places in a group of three bytes, their outer letters cut off.
    let base64 = (0..3).map(|skipped| {
        let text = openssl::base64::encode_block(&secret[skipped..]);
        text.as_bytes()[..text.len() - 4].to_vec()
    });
    let plain = [
        secret.to_vec(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
    ];
    plain.into_iter().chain(base64).collect()
}

/// What only the holder of a key knows of it.
fn private_part(key: &PKey<Private>) -> Vec<u8> {
    match key.rsa() {
        Ok(rsa) => rsa.p().unwrap().to_vec(),
        Err(_) => key.ec_key().unwrap().private_key().to_vec(),
    }
}

/// The secrets of the demonstration's keys of the commune, by what they are.
fn secrets(keys: &Path) -> Vec<(&'static str, Vec<u8>)> {
    let password = fs::read_to_string(keys.join("password.txt")).unwrap();
    let password = password.trim_end();
    let seal = Pkcs12::from_der(&fs::read(keys.join("iadom.p12")).unwrap());
    let seal = seal.unwrap().parse2(password).unwrap().pkey.unwrap();
    let pem = |name: &str| PKey::private_key_from_pem(&fs::read(keys.join(name)).unwrap()).unwrap();
    vec![
        ("the seal's key", private_part(&seal)),
        ("the receipts' key", private_part(&pem("commune.sign.key"))),
        (
            "the key for neighbours",
            private_part(&pem("commune.tls.key")),
        ),
        ("the password", password.as_bytes().to_vec()),
    ]
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(&path, found),
            false => found.push(path),
        }
    }
}

fn holds(bytes: &[u8], secret: &[u8]) -> bool {
    let holds = |shape: &Vec<u8>| bytes.windows(shape.len()).any(|one| one == shape);
    shapes(secret).iter().any(holds)
}

#[test]
fn no_secret_is_in_what_a_hub_wrote_or_shows() {
    let mut network = Network::prepare(Record::Sqlite);
    let clerk = network.account("commune", "vanthu", "H21.36.21");
    network.start_all();
    let letter = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pdf/pdf-a.pdf");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let id = clerk.send("1/UBND", &["H21.36"], &letter).await;
        until("the document to be delivered", async || {
            let shown = clerk.document(&id).await?.to_string();
            shown.contains("consigned").then_some(())
        })
        .await;
    });
    let process = network.nodes["commune"].child.as_ref().unwrap().id();
    let process = PathBuf::from(format!("/proc/{process}"));
    let hub = network.nodes["commune"].config.parent().unwrap();
    let mut written = vec![process.join("environ"), process.join("cmdline")];
    files(hub, &mut written);
    assert!(written.len() > 6, "{written:?}");
    let secrets = secrets(&hub.with_file_name("keys"));
    for path in written {
        let bytes = fs::read(&path).unwrap();
        for (what, secret) in &secrets {
            assert!(!holds(&bytes, secret), "{what} is in {}", path.display());
        }
    }
    let limits = fs::read_to_string(process.join("limits")).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let core: Vec<_> = core.unwrap().split_whitespace().collect();
    assert_eq!(core[4..6], ["0", "0"]);
}

#[test]
fn a_secret_is_found_in_every_shape() {
    let secret = b"0123456789abcdef-secret";
    let shown = [
        b"..0123456789abcdef-secret..".to_vec(),
        format!("key={}", hex::encode(secret)).into_bytes(),
        openssl::base64::encode_block(b"x0123456789abcdef-secret..").into_bytes(),
        openssl::base64::encode_block(b"xy0123456789abcdef-secret..").into_bytes(),
    ];
    assert!(shown.iter().all(|bytes| holds(bytes, secret)));
    assert!(!holds(b"nothing of the kind", secret));
}
