//! The bytes are certificates: the first is judged, the others may stand between it and the root.
//! The path that passes here passes with OpenSSL too, on the same roots at the same instant.

use std::sync::LazyLock;

use lienthong::pki::certificate::Certificate;
use lienthong::pki::path::{Purpose, validate_path};
use lienthong::pki::verdict::Indication;
use openssl::stack::Stack;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::verify::X509VerifyParam;
use openssl::x509::{X509, X509StoreContext};

use super::genuine::{self, EVIDENCE, at};
use super::write::piece;

static STORE: LazyLock<X509Store> = LazyLock::new(|| {
    let mut parameters = X509VerifyParam::new().unwrap();
    parameters.set_time(at().as_second());
    let mut store = X509StoreBuilder::new().unwrap();
    store.set_param(&parameters).unwrap();
    store
        .add_cert(X509::from_pem(genuine::ROOT).unwrap())
        .unwrap();
    store.build()
});

/// Attacks with `bytes`: what the certificate is for, then each certificate with its length.
pub fn check(bytes: &[u8]) {
    let Some((purpose, mut rest)) = bytes.split_first() else {
        return;
    };
    let purpose = match purpose % 4 {
        0 => Purpose::DocumentSigning,
        1 => Purpose::TimeStamping,
        2 => Purpose::OcspSigning,
        _ => Purpose::AnySigning,
    };
    let mut certificates = Vec::new();
    while let Some(der) = piece(&mut rest).filter(|_| certificates.len() < 40) {
        certificates.extend(Certificate::from_der(der));
    }
    let Some((leaf, bag)) = certificates.split_first() else {
        return;
    };
    let report = validate_path(leaf, bag, &EVIDENCE, purpose, at());
    let again = validate_path(leaf, bag, &EVIDENCE, purpose, at());
    assert_eq!(
        (report.indication, report.reason()),
        (again.indication, again.reason())
    );
    if report.indication == Indication::TotalPassed {
        let (leaf, above) = report.chain.split_first().unwrap();
        assert!(openssl_agrees(leaf, above), "OpenSSL does not believe it");
    }
}

/// Whether OpenSSL believes in the path found. It is given that path and nothing else: among several
/// certificates of one name it takes the first and never comes back.
fn openssl_agrees(leaf: &Certificate, above: &[Certificate]) -> bool {
    let read = |certificate: &Certificate| X509::from_der(certificate.der()).unwrap();
    let mut between = Stack::new().unwrap();
    for certificate in above {
        between.push(read(certificate)).unwrap();
    }
    let mut context = X509StoreContext::new().unwrap();
    context
        .init(&STORE, &read(leaf), &between, |context| {
            context.verify_cert()
        })
        .unwrap()
}
