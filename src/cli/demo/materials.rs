//! What the demonstration is made of, inside the program: worthless test keys, sample documents,
//! images of signatures and seals. Nothing here is ever used outside `lienthong demo`.

macro_rules! certs {
    ($($path:expr),+) => {
        include_bytes!(concat!("../../../certs-test/", $($path),+))
    };
}

macro_rules! agency_keys {
    ($($slug:literal),* $(,)?) => {
        /// PKCS#12 of each agency and of its leader: slug, agency, leader.
        pub(super) const AGENCY_KEYS: &[(&str, &[u8], &[u8])] = &[$((
            $slug,
            certs!("agencies/", $slug, ".p12"),
            certs!("persons/", $slug, "-leader.p12"),
        )),*];
    };
}

agency_keys!(
    "vpcp",
    "bkhcn",
    "gialai",
    "vpubnd",
    "sokhcn",
    "sonoivu",
    "sotaichinh",
    "ducco",
    "vpducco",
    "vhttducco",
    "chupah",
    "ayunpa",
    "iadom",
    "iakla",
    "iadok",
    "iakrel",
    "hoabinh",
);

/// The one password of all test keys.
pub(super) const PASSWORD: &str = include_str!("../../../certs-test/password.txt");

/// A hub's keys: name, TLS certificate, TLS key, signing certificate, signing key.
pub(super) type HubKeys = (&'static str, [&'static [u8]; 4]);

macro_rules! hub_keys {
    ($($name:literal),* $(,)?) => {
        /// Keys of the four hubs.
        pub(super) const HUB_KEYS: &[HubKeys] = &[$((
            $name,
            [
                certs!("hubs/", $name, ".tls.crt"),
                certs!("hubs/", $name, ".tls.key"),
                certs!("hubs/", $name, ".sign.crt"),
                certs!("hubs/", $name, ".sign.key"),
            ],
        )),*];
    };
}

hub_keys!("central", "province", "district", "commune");

/// The trust anchor, the issuing CAs and the revocation lists: file name, bytes.
pub(super) const TRUST: &[(&str, &[u8])] = &[
    ("root.crt", certs!("trust/root.crt")),
    ("agencies.crt", certs!("ca/agencies.crt")),
    ("persons.crt", certs!("ca/persons.crt")),
];

/// The CA above the hubs' signing keys: their receipts carry it, so that they can be checked with
/// the root alone.
pub(super) const SERVICES_CA: &[u8] = certs!("ca/services.crt");

/// Revocation lists: file name, bytes.
pub(super) const REVOCATION: &[(&str, &[u8])] = &[
    ("root.crl", certs!("crl/root.crl")),
    ("agencies.crl", certs!("crl/agencies.crl")),
    ("persons.crl", certs!("crl/persons.crl")),
    ("services.crl", certs!("crl/services.crl")),
];

/// Images: file name, bytes.
pub(super) const IMAGES: &[(&str, &[u8])] = &[
    (
        "signature.png",
        include_bytes!("../../../fixtures/marks/chu-ky-xanh.png"),
    ),
    (
        "seal.png",
        include_bytes!("../../../fixtures/marks/con-dau-do.png"),
    ),
];

/// An official letter of two pages.
pub(super) const LETTER: &[u8] = include_bytes!("../../../fixtures/pdf/cong-van-libreoffice.pdf");
/// A decision.
pub(super) const DECISION: &[u8] =
    include_bytes!("../../../fixtures/pdf/quyet-dinh-libreoffice.pdf");
/// A submission.
pub(super) const SUBMISSION: &[u8] =
    include_bytes!("../../../fixtures/pdf/to-trinh-libreoffice.pdf");
