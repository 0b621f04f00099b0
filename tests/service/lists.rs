//! A hub keeps its revocation lists current by itself.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::http::{Reply, Server};
use crate::network::{Network, Record, until};

#[test]
fn a_hub_asks_for_its_lists_and_judges_with_them() {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("certs-test/crl/agencies.crl");
    let list = fs::read(list).unwrap();
    let served = list.clone();
    let server = Server::start(Arc::new(move |_| {
        Reply::ok("application/pkix-crl", served.clone())
    }));
    let mut network = Network::prepare(Record::Sqlite);
    let config = network.nodes["central"].config.clone();
    let text = fs::read_to_string(&config).unwrap();
    let without = text.replace("revocation = [\"../revocation\"]", "look_every_seconds = 1");
    assert_ne!(text, without);
    let lists = format!(
        "[lists]\naddresses = [\"{}\"]\nfolder = \"lists\"\n",
        server.url()
    );
    fs::write(&config, without + &lists).unwrap();
    network.start("central");
    let said = "trust and revocation lists renewed";
    let judged = until("the hub judges with the list", async || {
        network.log("central").contains(said).then_some(())
    });
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(judged);
    let kept = fs::read_dir(config.with_file_name("lists")).unwrap();
    let kept: Vec<_> = kept
        .map(|file| fs::read(file.unwrap().path()).unwrap())
        .collect();
    assert_eq!(kept, [list]);
}
