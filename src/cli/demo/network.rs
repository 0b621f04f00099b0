//! The Gia Lai sample network of 30 June 2025, the last day of the district tier: four hubs, their
//! agencies, and the files each hub is configured with. Codes below the province are synthetic.

use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::materials::{AGENCY_KEYS, HUB_KEYS, IMAGES, PASSWORD, REVOCATION, SERVICES_CA, TRUST};
use crate::cli::fault::Fault;
use crate::keystore::{Signer as _, SoftKey};

/// The hubs from the top down, with the one above.
pub(in crate::cli) const HUBS: [(&str, &str, Option<&str>); 4] = [
    ("central", "Trạm trung ương (dữ liệu mẫu)", None),
    (
        "province",
        "Trạm tỉnh Gia Lai (dữ liệu mẫu)",
        Some("central"),
    ),
    (
        "district",
        "Trạm huyện Đức Cơ (dữ liệu mẫu)",
        Some("province"),
    ),
    ("commune", "Trạm xã Ia Dom (dữ liệu mẫu)", Some("district")),
];

/// An agency of the sample.
struct Row {
    slug: &'static str,
    code: &'static str,
    name: &'static str,
    tier: &'static str,
    parent: &'static str,
    hub: &'static str,
}

const fn row(
    slug: &'static str,
    code: &'static str,
    name: &'static str,
    place: [&'static str; 3],
) -> Row {
    let [tier, parent, hub] = place;
    Row {
        slug,
        code,
        name,
        tier,
        parent,
        hub,
    }
}

const AGENCIES: &[Row] = &[
    row(
        "vpcp",
        "G22",
        "Văn phòng Chính phủ",
        ["central", "", "central"],
    ),
    row(
        "bkhcn",
        "G06",
        "Bộ Khoa học và Công nghệ",
        ["central", "", "central"],
    ),
    row(
        "gialai",
        "H21",
        "Ủy ban nhân dân tỉnh Gia Lai",
        ["province", "", "province"],
    ),
    row(
        "vpubnd",
        "H21.1",
        "Văn phòng Ủy ban nhân dân tỉnh",
        ["province", "H21", "province"],
    ),
    row(
        "sonoivu",
        "H21.2",
        "Sở Nội vụ",
        ["province", "H21", "province"],
    ),
    row(
        "sotaichinh",
        "H21.3",
        "Sở Tài chính",
        ["province", "H21", "province"],
    ),
    row(
        "sokhcn",
        "H21.9",
        "Sở Khoa học và Công nghệ",
        ["province", "H21", "province"],
    ),
    row(
        "ducco",
        "H21.36",
        "Ủy ban nhân dân huyện Đức Cơ",
        ["district", "H21", "district"],
    ),
    row(
        "vpducco",
        "H21.36.1",
        "Văn phòng UBND huyện Đức Cơ",
        ["district", "H21.36", "district"],
    ),
    row(
        "vhttducco",
        "H21.36.5",
        "Phòng Văn hóa - Thông tin huyện Đức Cơ",
        ["district", "H21.36", "district"],
    ),
    row(
        "chupah",
        "H21.37",
        "Ủy ban nhân dân huyện Chư Păh",
        ["district", "H21", "district"],
    ),
    row(
        "ayunpa",
        "H21.38",
        "Ủy ban nhân dân thị xã Ayun Pa",
        ["district", "H21", "district"],
    ),
    row(
        "iadom",
        "H21.36.21",
        "Ủy ban nhân dân xã Ia Dom",
        ["commune", "H21.36", "commune"],
    ),
    row(
        "iakla",
        "H21.36.22",
        "Ủy ban nhân dân xã Ia Kla",
        ["commune", "H21.36", "commune"],
    ),
    row(
        "iadok",
        "H21.36.23",
        "Ủy ban nhân dân xã Ia Dơk",
        ["commune", "H21.36", "commune"],
    ),
    row(
        "iakrel",
        "H21.36.24",
        "Ủy ban nhân dân xã Ia Krêl",
        ["commune", "H21.36", "commune"],
    ),
    row(
        "hoabinh",
        "H21.38.1",
        "Ủy ban nhân dân phường Hòa Bình",
        ["commune", "H21.38", "commune"],
    ),
];

/// Tiers, closed agencies and successions, as they stand in the registry file.
const HISTORY: &str = r#"# Danh bạ mẫu Gia Lai (dữ liệu mẫu). Mã dưới cấp tỉnh là mã tự đặt.
[[tiers]]
code = "central"
name_vi = "Trung ương"
name_en = "Central"
rank = 1
[[tiers]]
code = "province"
name_vi = "Cấp tỉnh"
name_en = "Province"
rank = 2
[[tiers]]
code = "district"
name_vi = "Cấp huyện"
name_en = "District"
rank = 3
to = "2025-06-30"
[[tiers]]
code = "commune"
name_vi = "Cấp xã"
name_en = "Commune"
rank = 4
[[agencies]]
code = "H21.12"
other_codes = ["000.00.12.H21"]
name = "Sở Thông tin và Truyền thông (dữ liệu mẫu)"
tier = "province"
parent = "H21"
hub = "province"
to = "2025-02-28"
[[agencies]]
code = "H21.88"
other_codes = ["000.00.88.H21"]
name = "Ủy ban nhân dân xã Ia Dom, từ 01/07/2025 (dữ liệu mẫu)"
tier = "commune"
parent = "H21"
hub = "commune"
from = "2025-07-01"
[[successions]]
kind = "merge"
from = "H21.12"
to = ["H21.9"]
effective = "2025-03-01"
legal_basis = "Sắp xếp cơ quan chuyên môn cấp tỉnh (dữ liệu mẫu)"
[[successions]]
kind = "rename"
from = "H21.36.21"
to = ["H21.88"]
effective = "2025-07-01"
legal_basis = "Nghị quyết 1664/NQ-UBTVQH15"
[[successions]]
kind = "dissolve"
from = "H21.36"
to = ["H21.88"]
effective = "2025-07-01"
legal_basis = "Luật Tổ chức chính quyền địa phương 72/2025/QH15"
"#;

/// Where one hub of the demonstration lives.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Place {
    /// Name.
    pub(in crate::cli) id: &'static str,
    /// Its configuration file.
    pub(in crate::cli) config: PathBuf,
    /// Pages and API.
    pub(in crate::cli) pages: SocketAddr,
    /// Neighbours.
    pub(super) peers: SocketAddr,
    /// Its database.
    pub(super) database: String,
    /// Folder of its mails.
    pub(super) mail: PathBuf,
}

/// The demonstration on the disk.
#[derive(Debug)]
pub(in crate::cli) struct Network {
    /// The folder.
    pub(super) folder: PathBuf,
    /// The hubs from the top down.
    pub(in crate::cli) places: Vec<Place>,
    /// Seconds added to the machine's clock.
    pub(super) offset_seconds: i64,
}

impl Network {
    /// Writes keys, registry and configurations below `folder`, with free ports; `database` gives the
    /// address of a hub's database.
    pub(in crate::cli) fn write(
        folder: &Path,
        offset_seconds: i64,
        database: impl Fn(&str) -> String,
    ) -> Result<Self, Fault> {
        let mut places = Vec::new();
        for (id, _, _) in HUBS {
            let [pages, peers] = [free_port()?, free_port()?];
            let own = folder.join(id);
            let (config, mail) = (own.join("hub.toml"), own.join("mail"));
            places.push(Place {
                id,
                config,
                pages,
                peers,
                database: database(id),
                mail,
            });
        }
        let network = Self {
            folder: folder.to_owned(),
            places,
            offset_seconds,
        };
        network.write_keys()?;
        put(
            &folder.join("registry.toml"),
            network.registry()?.as_bytes(),
        )?;
        for place in &network.places {
            put(&place.config, network.config(place).as_bytes())?;
        }
        Ok(network)
    }

    /// The hub named `id`.
    pub(in crate::cli) fn place(&self, id: &str) -> Result<&Place, Fault> {
        self.places
            .iter()
            .find(|place| place.id == id)
            .ok_or_else(|| Fault::demo("no such hub"))
    }

    fn write_keys(&self) -> Result<(), Fault> {
        let keys = self.folder.join("keys");
        put_secret(&keys.join("password.txt"), PASSWORD.as_bytes())?;
        for (slug, agency, leader) in AGENCY_KEYS {
            put_secret(&keys.join(format!("{slug}.p12")), agency)?;
            put_secret(&keys.join(format!("{slug}-leader.p12")), leader)?;
        }
        for (name, [tls, tls_key, sign, sign_key]) in HUB_KEYS {
            put(&keys.join(format!("{name}.tls.crt")), tls)?;
            put_secret(&keys.join(format!("{name}.tls.key")), tls_key)?;
            put(&keys.join(format!("{name}.sign.crt")), sign)?;
            put_secret(&keys.join(format!("{name}.sign.key")), sign_key)?;
            let chain = [*sign, SERVICES_CA].concat();
            put(&keys.join(format!("{name}.sign.chain.crt")), &chain)?;
        }
        let files = |folder: &str, files: &[(&str, &[u8])]| {
            files
                .iter()
                .try_for_each(|(name, bytes)| put(&self.folder.join(folder).join(name), bytes))
        };
        files("trust", TRUST)?;
        files("revocation", REVOCATION)?;
        files("images", IMAGES)
    }

    /// The registry file: one for all hubs.
    fn registry(&self) -> Result<String, Fault> {
        let mut text = HISTORY.to_owned();
        for ((id, name, parent), place) in HUBS.iter().zip(&self.places) {
            let above = parent.map_or(String::new(), |above| format!("parent = \"{above}\"\n"));
            let url = format!("https://{}", place.peers);
            put_line(
                &mut text,
                &format!(
                    "[[hubs]]\nid = \"{id}\"\nname = \"{name}\"\n{above}url = \"{url}\"\n\
                 tls_certificates = [\"keys/{id}.tls.crt\"]\n\
                 signing_certificates = [\"keys/{id}.sign.crt\"]"
                ),
            );
        }
        for row in AGENCIES {
            put_line(&mut text, &agency_text(row));
            for (kind, key) in [
                ("agency", key_of(row.slug, false)?),
                ("person", key_of(row.slug, true)?),
            ] {
                put_line(
                    &mut text,
                    &format!(
                        "[[certificates]]\nsha256 = \"{}\"\nagency = \"{}\"\nkind = \"{kind}\"",
                        key.certificate().sha256(),
                        row.code
                    ),
                );
            }
        }
        Ok(text)
    }

    /// The configuration file of one hub.
    fn config(&self, place: &Place) -> String {
        let id = place.id;
        let mut text = format!(
            "[hub]\nid = \"{id}\"\nregistry = \"../registry.toml\"\n\
             signing_certificate = \"../keys/{id}.sign.chain.crt\"\nsigning_key = \"../keys/{id}.sign.key\"\n\
             tls_certificate = \"../keys/{id}.tls.crt\"\ntls_key = \"../keys/{id}.tls.key\"\n\
             [server]\npages = \"{pages}\"\npeers = \"{peers}\"\npublic_url = \"http://{pages}\"\n\
             [database]\nurl = \"{database}\"\n[blobs]\nfolder = \"blobs\"\n\
             [trust]\nanchors = [\"../trust\"]\nrevocation = [\"../revocation\"]\nfresh_within_hours = 0\n\
             [retry]\nwaits_ms = [200, 400, 1000]\ndecide_seconds = 0\ngive_up_seconds = 259200\nlease_seconds = 5\n\
             [clock]\nsimulated_offset_seconds = {offset}\n\
             [mail]\nfrom = \"Liên thông <lienthong@{id}.thu-nghiem.invalid>\"\nway = \"folder\"\nfolder = \"mail\"\n",
            pages = place.pages,
            peers = place.peers,
            database = place.database,
            offset = self.offset_seconds,
        );
        for row in AGENCIES.iter().filter(|row| row.hub == id) {
            let holder = format!("Lãnh đạo {} (dữ liệu mẫu)", row.name);
            put_line(
                &mut text,
                &key_text(
                    row,
                    "person",
                    &format!("{}-leader", row.slug),
                    Some(&holder),
                ),
            );
            put_line(&mut text, &key_text(row, "agency", row.slug, None));
        }
        text
    }
}

fn agency_text(row: &Row) -> String {
    let parent = match row.parent {
        "" => String::new(),
        parent => format!("parent = \"{parent}\"\n"),
    };
    let closes = match row.tier {
        "district" => "to = \"2025-06-30\"\n",
        "commune" if row.parent == "H21.36" => "to = \"2025-06-30\"\n",
        _ => "",
    };
    format!(
        "[[agencies]]\ncode = \"{}\"\nname = \"{} (dữ liệu mẫu)\"\ntier = \"{}\"\n{parent}\
         hub = \"{}\"\nemail = \"vanthu.{}@thu-nghiem.invalid\"\n{closes}",
        row.code, row.name, row.tier, row.hub, row.slug
    )
}

fn key_text(row: &Row, kind: &str, file: &str, holder: Option<&str>) -> String {
    let image = if kind == "person" {
        "signature.png"
    } else {
        "seal.png"
    };
    let holder = holder.map_or(String::new(), |name| format!("holder = \"{name}\"\n"));
    format!(
        "[[keys]]\nagency = \"{}\"\nkind = \"{kind}\"\n{holder}p12 = \"../keys/{file}.p12\"\n\
         password_file = \"../keys/password.txt\"\nimage = \"../images/{image}\"",
        row.code
    )
}

/// The test key of an agency, or of its leader.
pub(super) fn key_of(slug: &str, is_leader: bool) -> Result<SoftKey, Fault> {
    let row = AGENCY_KEYS.iter().find(|(name, _, _)| *name == slug);
    let (_, agency, leader) = row.ok_or_else(|| Fault::demo("no such agency"))?;
    let bytes = if is_leader { leader } else { agency };
    SoftKey::from_pkcs12(bytes, PASSWORD.trim_end()).map_err(Fault::demo)
}

fn put_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let folder = path.parent().unwrap_or(Path::new(""));
    std::fs::create_dir_all(folder).map_err(|fault| Fault::writing(folder, &fault))?;
    std::fs::write(path, bytes).map_err(|fault| Fault::writing(path, &fault))
}

/// As [`put`], readable by its owner alone and writable by nobody: a hub refuses other keys.
fn put_secret(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    // One of an earlier run cannot be written over.
    drop(std::fs::remove_file(path));
    put(path, bytes)?;
    let mode = std::fs::Permissions::from_mode(0o400);
    std::fs::set_permissions(path, mode).map_err(|fault| Fault::writing(path, &fault))
}

fn free_port() -> Result<SocketAddr, Fault> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(Fault::demo)?;
    listener.local_addr().map_err(Fault::demo)
}
