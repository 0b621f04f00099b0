//! Building a hub from its configuration: a key that does not fit is told by its file.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use lienthong::app;
use lienthong::config::Config;
use lienthong::store::Engine;

use crate::world::database::Database;
use crate::world::on_both_databases;
use crate::world::registry::{self, certs};

/// The files of one hub in a folder of its own, whatever a test breaks in them.
struct Files {
    folder: tempfile::TempDir,
    // Kept until the hub is built.
    database: Database,
}

impl Files {
    fn new(engine: Engine) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            database: Database::fresh(engine),
        }
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// A copy of a file that holds a secret, as a hub wants it kept; a missing one stays missing.
    fn keep(&self, secret: &Path) -> PathBuf {
        let Ok(bytes) = std::fs::read(secret) else {
            return secret.to_owned();
        };
        let name = format!("kept-{}", secret.file_name().unwrap().display());
        let kept = self.put(&name, &bytes);
        std::fs::set_permissions(&kept, Permissions::from_mode(0o400)).unwrap();
        kept
    }

    /// The fault of building the hub `commune` from these key files; nothing if it can be built.
    fn fault(&self, p12: &Path, password: &Path, signing_key: &Path) -> Option<String> {
        let [p12, password, signing_key] = [p12, password, signing_key].map(|one| self.keep(one));
        self.fault_as_kept(&p12, &password, &signing_key)
    }

    /// As [`Self::fault`], with the files as they are.
    fn fault_as_kept(&self, p12: &Path, password: &Path, signing_key: &Path) -> Option<String> {
        let registry = self.put(
            "registry.toml",
            registry::text(|_| "127.0.0.1:1".to_owned()).as_bytes(),
        );
        let hubs = |file: &str| certs(&format!("hubs/commune.{file}"));
        let text = format!(
            "[hub]\nid = \"commune\"\nregistry = {registry:?}\nsigning_certificate = {:?}\nsigning_key = \
             {signing_key:?}\ntls_certificate = {:?}\ntls_key = {:?}\n[server]\npages = \
             \"127.0.0.1:0\"\npeers = \"127.0.0.1:0\"\npublic_url = \"http://127.0.0.1\"\n[database]\nurl \
             = {:?}\n[blobs]\nfolder = \"blobs\"\n[trust]\nanchors = [{:?}]\n[[keys]]\nagency = \
             \"H21.36.21\"\nkind = \"agency\"\np12 = {p12:?}\npassword_file = {password:?}\n",
            hubs("sign.crt"),
            hubs("tls.crt"),
            self.keep(&hubs("tls.key")),
            self.database.url(),
            certs("trust"),
        );
        let config = Config::read(&self.put("hub.toml", text.as_bytes())).unwrap();
        app::build(&config).err().map(|fault| fault.to_string())
    }
}

fn p12() -> PathBuf {
    certs("agencies/iadom.p12")
}

fn password() -> PathBuf {
    certs("password.txt")
}

fn signing_key() -> PathBuf {
    certs("hubs/commune.sign.key")
}

fn keys_that_fit_make_a_hub(engine: Engine) {
    let files = Files::new(engine);
    assert_eq!(files.fault(&p12(), &password(), &signing_key()), None);
}

fn a_wrong_password_names_the_key_file(engine: Engine) {
    let files = Files::new(engine);
    let wrong = files.put("wrong.txt", b"hunter2");
    let said = files.fault(&p12(), &wrong, &signing_key()).unwrap();
    assert!(
        said.contains("iadom.p12") && said.to_lowercase().contains("password"),
        "{said}"
    );
    assert!(!said.contains("hunter2"), "{said}");
}

fn a_key_that_does_not_match_its_certificate_names_the_setting(engine: Engine) {
    let files = Files::new(engine);
    let other = certs("hubs/district.sign.key");
    let said = files.fault(&p12(), &password(), &other).unwrap();
    assert!(
        said.starts_with("[hub] signing_key: ") && said.contains("certificate"),
        "{said}"
    );
}

fn a_file_that_is_no_key_file_is_named(engine: Engine) {
    let files = Files::new(engine);
    let broken = files.put("broken.p12", b"not a key file");
    let said = files.fault(&broken, &password(), &signing_key()).unwrap();
    assert!(said.contains("broken.p12"), "{said}");
}

fn a_key_file_that_is_missing_is_named(engine: Engine) {
    let files = Files::new(engine);
    let said = files
        .fault(Path::new("nowhere.p12"), &password(), &signing_key())
        .unwrap();
    assert!(said.contains("nowhere.p12"), "{said}");
}

fn a_key_file_others_may_read_stops_the_start(engine: Engine) {
    let files = Files::new(engine);
    let open = files.keep(&p12());
    std::fs::set_permissions(&open, Permissions::from_mode(0o404)).unwrap();
    let (password, key) = (files.keep(&password()), files.keep(&signing_key()));
    let said = files.fault_as_kept(&open, &password, &key).unwrap();
    assert!(
        said.contains("mode is 0404") && said.contains("chmod 400"),
        "{said}"
    );
}

fn a_password_the_service_could_write_stops_the_start(engine: Engine) {
    let files = Files::new(engine);
    let open = files.keep(&password());
    std::fs::set_permissions(&open, Permissions::from_mode(0o600)).unwrap();
    let (p12, key) = (files.keep(&p12()), files.keep(&signing_key()));
    let said = files.fault_as_kept(&p12, &open, &key).unwrap();
    assert!(
        said.contains("password.txt") && said.contains("mode is 0600"),
        "{said}"
    );
}

fn a_database_without_its_tables_is_told_to_migrate(engine: Engine) {
    let mut files = Files::new(engine);
    files.database = Database::empty(engine);
    let said = files.fault(&p12(), &password(), &signing_key()).unwrap();
    assert!(said.contains("lienthong migrate"), "{said}");
}

on_both_databases![
    keys_that_fit_make_a_hub,
    a_wrong_password_names_the_key_file,
    a_key_that_does_not_match_its_certificate_names_the_setting,
    a_file_that_is_no_key_file_is_named,
    a_key_file_that_is_missing_is_named,
    a_key_file_others_may_read_stops_the_start,
    a_password_the_service_could_write_stops_the_start,
    a_database_without_its_tables_is_told_to_migrate,
];
