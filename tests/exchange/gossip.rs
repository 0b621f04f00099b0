//! Real hubs that work by signed registries: what one is told, the others learn; whoever is withdrawn
//! is shut out.

use std::ffi::OsStr;
use std::path::PathBuf;

use lienthong::config::registry;
use lienthong::domain::directory::Registry;
use lienthong::store::Engine;

use crate::world::on_both_databases;
use crate::world::town::Town;

/// The hubs, not yet running, each configured with the first signed snapshot.
struct Signed {
    town: Town,
    folder: PathBuf,
}

impl Signed {
    fn prepared(engine: Engine) -> Self {
        let town = Town::prepared(engine);
        let folder = town
            .file_of("central")
            .ancestors()
            .nth(2)
            .unwrap()
            .to_owned();
        let signed = Self { town, folder };
        signed.sign(1, |_| {});
        for hub in ["central", "province", "district", "commune"] {
            let file = signed.town.file_of(hub);
            let text = std::fs::read_to_string(file).unwrap();
            let text = text.replace(
                "registry = \"../registry.toml\"",
                "registry = \"../1.json\"\nregistry_certificate = \"../keys/central.sign.crt\"",
            );
            assert!(text.contains("../1.json"));
            let rhythm = "[registry]\nlook_every_seconds = 1\nask_every_seconds = 1\n";
            std::fs::write(file, text + rhythm).unwrap();
        }
        signed
    }

    /// Signs the sample registry, changed, as the snapshot `number`; gives its file.
    fn sign(&self, number: u32, change: impl FnOnce(&mut Registry)) -> PathBuf {
        let file = |name: String| self.folder.join(name);
        let mut changed = registry::source(&file("registry.toml".to_owned())).unwrap();
        change(&mut changed);
        let source = file(format!("{number}.toml"));
        std::fs::write(&source, registry::to_source(&changed).unwrap()).unwrap();
        let (output, previous) = (
            file(format!("{number}.json")),
            file(format!("{}.json", number - 1)),
        );
        let (key, certificate) = (
            file("keys/central.sign.key".to_owned()),
            file("keys/central.sign.crt".to_owned()),
        );
        let mut arguments: Vec<&OsStr> = ["agency", "sign", "--issuer", "Centre"]
            .map(OsStr::new)
            .into();
        arguments.extend([source.as_os_str(), OsStr::new("-o"), output.as_os_str()]);
        arguments.extend([OsStr::new("--key"), key.as_os_str()]);
        arguments.extend([OsStr::new("--certificate"), certificate.as_os_str()]);
        arguments.extend(["--issued-at", "2025-06-29T00:00:00Z"].map(OsStr::new));
        if number > 1 {
            arguments.extend([OsStr::new("--previous"), previous.as_os_str()]);
        }
        self.town.command(&arguments);
        output
    }

    fn import(&self, hub: &str, file: &std::path::Path) {
        let config = self.town.file_of(hub).as_os_str();
        let act = ["agency", "import", "--config"].map(OsStr::new);
        self.town
            .command(&[act[0], act[1], file.as_os_str(), act[2], config]);
    }

    /// How many snapshots a hub has.
    fn count(&self, hub: &str) -> usize {
        let config = self.town.file_of(hub).as_os_str();
        let act = ["agency", "list", "--json", "--config"].map(OsStr::new);
        let listed = self.town.command(&[act[0], act[1], act[2], act[3], config]);
        listed.lines().count()
    }
}

fn what_one_hub_is_told_its_neighbours_learn(engine: Engine) {
    let mut hubs = Signed::prepared(engine);
    hubs.town.start("province");
    hubs.town.start("district");
    hubs.town.start("commune");
    let second = hubs.sign(2, |registry| {
        registry.agencies[0].name = "Tên mới".to_owned()
    });
    hubs.import("commune", &second);
    // Up the tree, over the district, from a hub that nobody above knows to have it.
    hubs.town
        .until("the province to have the second snapshot", |_| {
            (hubs.count("province") == 2).then_some(())
        });
}

fn a_withdrawn_neighbour_is_shut_out_of_a_running_hub(engine: Engine) {
    let mut hubs = Signed::prepared(engine);
    hubs.town.start("district");
    assert_eq!(hubs.town.knock("district", "commune"), Some(404));
    assert_eq!(hubs.town.knock("district", "province"), Some(404));
    let withdrawn = hubs.sign(2, |registry| {
        let commune = registry
            .hubs
            .iter_mut()
            .find(|hub| hub.id.as_str() == "commune");
        commune.unwrap().tls_certificates.clear();
    });
    hubs.import("district", &withdrawn);
    hubs.town.until("the commune to be shut out", |town| {
        town.knock("district", "commune").is_none().then_some(())
    });
    assert_eq!(hubs.town.knock("district", "province"), Some(404));
}

on_both_databases![
    what_one_hub_is_told_its_neighbours_learn,
    a_withdrawn_neighbour_is_shut_out_of_a_running_hub,
];
