//! `lienthong demo`: four hubs as processes of this program, the Gia Lai sample network as of 30
//! June 2025, and the main job played and checked. Every step says whether it held; the program
//! ends well only if all did.
//!
//! Files in reading order: `materials` (what is embedded), `network` (hubs, agencies, files on the
//! disk), `process`, `clerk` (a person at the API), `story` (the steps), `forge` (hostile hub).

use std::path::PathBuf;

use serde_json::{Value, json};

use super::exit::Exit;
use super::fault::Fault;
use super::print;
use super::speech::Speech;
use crate::app;
use crate::config::Config;
use crate::domain::clock::{Clock as _, SystemClock, Timestamp};

pub(in crate::cli) mod clerk;
mod forge;
mod materials;
pub(in crate::cli) mod network;
pub(in crate::cli) mod process;
mod story;

use network::Network;
use story::Story;

/// The morning on which the demonstration begins, 08:00 in Vietnam on the last day of the district
/// tier.
pub(in crate::cli) const BEGINS: &str = "2025-06-30T01:00:00Z";

/// The database of a hub of the demonstration, in its folder.
const SQLITE: &str = "sqlite:record.db";

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
pub(super) struct DemoArguments {
    /// Folder for the hubs' files; must be empty or new (default: a fresh folder below the system's
    /// temporary one).
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Play the story, check it, stop; exit 0 only if everything held.
    #[arg(long)]
    once: bool,
    /// Only write the hubs' files and databases; start them with `lienthong serve --config
    /// DIR/HUB/hub.toml`. Prints one JSON line (`lienthong.demo-network/1`).
    #[arg(long, requires = "data", conflicts_with = "once")]
    prepare: bool,
    /// The last line of the output is JSON (`lienthong.demo/1`).
    #[arg(long)]
    json: bool,
}

/// What became of one step.
#[derive(Debug)]
struct Step {
    name: &'static str,
    held: bool,
    documents: Vec<String>,
    receipts: usize,
    seconds: f64,
}

/// Plays the demonstration.
pub(super) fn run(arguments: &DemoArguments, speech: &Speech) -> Result<Exit, Fault> {
    let folder = folder(arguments)?;
    let begins: Timestamp = BEGINS.parse().map_err(Fault::demo)?;
    let offset_seconds = begins.as_second() - SystemClock::default().now().as_second();
    let network = Network::write(&folder, offset_seconds, |_| SQLITE.to_owned())?;
    print::complain(&speech.text("demo-folder", &[("folder", folder.display().to_string())]));
    for place in &network.places {
        app::migrate(&Config::read(&place.config)?)?;
    }
    if arguments.prepare {
        print::line(&written(&network).to_string());
        return Ok(Exit::Done);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime
        .map_err(Fault::demo)?
        .block_on(play(arguments, speech, &network))
}

/// The given folder if it is new or empty, else a fresh one.
fn folder(arguments: &DemoArguments) -> Result<PathBuf, Fault> {
    let Some(folder) = &arguments.data else {
        let now = SystemClock::default().now().as_millisecond();
        let name = format!("lienthong-demo-{now}-{}", std::process::id());
        return Ok(std::env::temp_dir().join(name));
    };
    std::fs::create_dir_all(folder).map_err(|fault| Fault::writing(folder, &fault))?;
    let mut inside = std::fs::read_dir(folder).map_err(|fault| Fault::reading(folder, &fault))?;
    if inside.next().is_some() {
        return Err(Fault::new(Exit::Conflict, "DEMO_FOLDER_IN_USE").at(folder));
    }
    std::path::absolute(folder).map_err(|fault| Fault::reading(folder, &fault))
}

async fn play(
    arguments: &DemoArguments,
    speech: &Speech,
    network: &Network,
) -> Result<Exit, Fault> {
    let mut story = Story::begin(network, speech).await?;
    let steps = story.play().await?;
    let held = steps.iter().all(|step| step.held);
    let links = story.links()?;
    if arguments.json {
        print::line(&summary(network, held, &steps, &links).to_string());
    } else {
        tell(speech, network, held, &links);
    }
    if !arguments.once {
        print::complain(&speech.text("demo-keeps-serving", &[]));
        app::ended().await;
    }
    story.end().await?;
    if held {
        Ok(Exit::Done)
    } else {
        Ok(Exit::Unexpected)
    }
}

/// Where the written hubs are.
fn written(network: &Network) -> Value {
    let hub = |place: &network::Place| {
        json!({
            "id": place.id,
            "config": place.config.display().to_string(),
            "pages": place.pages.to_string(),
            "peers": place.peers.to_string(),
        })
    };
    json!({
        "schema": "lienthong.demo-network/1",
        "data": network.folder.display().to_string(),
        "hubs": network.places.iter().map(hub).collect::<Vec<_>>(),
    })
}

fn summary(network: &Network, held: bool, steps: &[Step], links: &[(&str, String)]) -> Value {
    let step = |step: &Step| {
        json!({
            "name": step.name,
            "held": step.held,
            "documents": step.documents,
            "receipts": step.receipts,
            "seconds": step.seconds,
        })
    };
    let links: serde_json::Map<String, Value> = links
        .iter()
        .map(|(name, link)| ((*name).to_owned(), Value::from(link.clone())))
        .collect();
    json!({
        "schema": "lienthong.demo/1",
        "held": held,
        "steps": steps.iter().map(step).collect::<Vec<_>>(),
        "links": links,
        "data": network.folder.display().to_string(),
    })
}

fn tell(speech: &Speech, network: &Network, held: bool, links: &[(&str, String)]) {
    let verdict = if held { "demo-held" } else { "demo-not-held" };
    print::line("");
    print::line(&speech.text(verdict, &[]));
    for (name, link) in links {
        print::line(&format!(
            "  {:<34} {link}",
            speech.text(&format!("demo-link-{name}"), &[])
        ));
    }
    let mail = network.folder.join("…").join("mail").display().to_string();
    print::line(&format!("  {:<34} {mail}", speech.text("demo-mails", &[])));
}
