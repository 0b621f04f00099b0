//! Other programs as judges of what this one makes.

use std::process::Command;

use lienthong::domain::receipt::SignedStatement;

use super::registry::certs_bytes;

/// What OpenSSL says against a receipt; nothing if it verifies up to the root.
pub(crate) fn openssl_against(receipt: &SignedStatement) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let (statement, signature) = (
        folder.path().join("statement"),
        folder.path().join("signature"),
    );
    std::fs::write(&statement, &receipt.statement).unwrap();
    std::fs::write(&signature, &receipt.signature).unwrap();
    let trusted = folder.path().join("trusted.pem");
    let files = ["trust/root.crt", "ca/services.crt"].map(certs_bytes);
    std::fs::write(&trusted, files.concat()).unwrap();
    let output = Command::new("openssl")
        .args([
            "cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any",
        ])
        .arg("-in")
        .arg(signature)
        .arg("-content")
        .arg(statement)
        .arg("-CAfile")
        .arg(trusted)
        .arg("-out")
        .arg(folder.path().join("out"))
        .output()
        .expect("openssl is needed as a judge: run the tests with tests/run");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (!output.status.success()).then_some(said)
}
