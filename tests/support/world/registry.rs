//! The sample network of the tests: Gia Lai on 30 June 2025, four hubs, one above the other, and
//! the certificates of `certs-test`. One registry text for hubs in this process and for real ones.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use lienthong::config::registry;
use lienthong::domain::directory::Directory;
use lienthong::domain::routing::HubId;
use lienthong::keystore::SoftKey;
use lienthong::pki::certificate::{Certificate, read_certificates};

/// The hubs from the top down, with the one above.
pub(crate) const HUBS: [(&str, &str); 4] = [
    ("central", ""),
    ("province", "central"),
    ("district", "province"),
    ("commune", "district"),
];

/// An agency: name of its files in `certs-test`, code, hub (and tier), last day.
pub(crate) struct Row {
    pub(crate) slug: &'static str,
    pub(crate) code: &'static str,
    pub(crate) hub: &'static str,
}

/// The agencies that exist on the day of the tests.
pub(crate) const AGENCIES: [Row; 8] = [
    Row {
        slug: "vpcp",
        code: "G22",
        hub: "central",
    },
    Row {
        slug: "bkhcn",
        code: "G06",
        hub: "central",
    },
    Row {
        slug: "gialai",
        code: "H21",
        hub: "province",
    },
    Row {
        slug: "sokhcn",
        code: "H21.9",
        hub: "province",
    },
    Row {
        slug: "ducco",
        code: "H21.36",
        hub: "district",
    },
    Row {
        slug: "vpducco",
        code: "H21.36.1",
        hub: "district",
    },
    Row {
        slug: "iadom",
        code: "H21.36.21",
        hub: "commune",
    },
    Row {
        slug: "iakla",
        code: "H21.36.22",
        hub: "commune",
    },
];

/// An agency that closed, its successor, and one without a hub.
const HISTORY: &str = r#"
[[agencies]]
code = "H21.12"
name = "Sở Thông tin và Truyền thông"
tier = "province"
hub = "province"
to = "2025-02-28"
[[agencies]]
code = "H21.77"
name = "Trung tâm chưa kết nối"
tier = "province"
[[successions]]
kind = "merge"
from = "H21.12"
to = ["H21.9"]
effective = "2025-03-01"
legal_basis = "Sắp xếp cơ quan chuyên môn cấp tỉnh"
"#;

/// A file of `certs-test`.
pub(crate) fn certs(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("certs-test")
        .join(file)
}

/// The bytes of a file of `certs-test`.
pub(crate) fn certs_bytes(file: &str) -> Vec<u8> {
    let path = certs(file);
    std::fs::read(&path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
}

/// The name of a hub.
pub(crate) fn hub(name: &str) -> HubId {
    HubId::parse(name).unwrap()
}

/// The key of an agency, or of its leader.
pub(crate) fn key(slug: &str, is_leader: bool) -> SoftKey {
    let file = if is_leader {
        format!("persons/{slug}-leader.p12")
    } else {
        format!("agencies/{slug}.p12")
    };
    let password = String::from_utf8(certs_bytes("password.txt")).unwrap();
    SoftKey::from_pkcs12(&certs_bytes(&file), &password).unwrap()
}

/// The key with which a hub signs receipts.
pub(crate) fn hub_key(name: &str) -> SoftKey {
    let certificate = certs_bytes(&format!("hubs/{name}.sign.crt"));
    SoftKey::from_pem(&certificate, &certs_bytes(&format!("hubs/{name}.sign.key"))).unwrap()
}

fn certificate(file: &str) -> Certificate {
    read_certificates(&certs_bytes(file)).unwrap().remove(0)
}

/// The registry file, with the address of each hub's door for neighbours.
pub(crate) fn text(door: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    for (rank, (id, parent)) in HUBS.iter().enumerate() {
        let above = match *parent {
            "" => String::new(),
            parent => format!("parent = \"{parent}\"\n"),
        };
        let (tls, sign) = (
            certs(&format!("hubs/{id}.tls.crt")),
            certs(&format!("hubs/{id}.sign.crt")),
        );
        writeln!(
            text,
            "[[tiers]]\ncode = \"{id}\"\nname_vi = \"{id}\"\nname_en = \"{id}\"\nrank = {}\n\
             [[hubs]]\nid = \"{id}\"\nname = \"Trạm {id}\"\n{above}url = \"https://{}\"\n\
             tls_certificates = [{tls:?}]\nsigning_certificates = [{sign:?}]",
            rank + 1,
            door(id),
        )
        .unwrap();
    }
    for Row { slug, code, hub } in AGENCIES {
        writeln!(
            text,
            "[[agencies]]\ncode = \"{code}\"\nname = \"Cơ quan {slug}\"\ntier = \"{hub}\"\n\
             hub = \"{hub}\"\nemail = \"vanthu.{slug}@thu-nghiem.invalid\""
        )
        .unwrap();
        for (kind, file) in [
            ("agency", format!("agencies/{slug}.crt")),
            ("person", format!("persons/{slug}-leader.crt")),
        ] {
            let sha256 = certificate(&file).sha256();
            writeln!(
                text,
                "[[certificates]]\nsha256 = \"{sha256}\"\nagency = \"{code}\"\nkind = \"{kind}\""
            )
            .unwrap();
        }
    }
    text + HISTORY
}

/// The registry for hubs without a network.
pub(crate) static DIRECTORY: LazyLock<Directory> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.toml");
    std::fs::write(&path, text(|_| "127.0.0.1:1".to_owned())).unwrap();
    registry::read(&path).unwrap()
});
