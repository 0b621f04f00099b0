//! `lienthong serve --config FILE`

use std::path::PathBuf;

use super::exit::Exit;
use super::fault::Fault;
use super::print;
use crate::app::{self, Until};
use crate::config::Config;
use crate::telemetry;

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
pub(super) struct ServeArguments {
    /// The hub's configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Log lines as JSON.
    #[arg(long)]
    log_json: bool,
    /// End also when standard input ends, as it does when the program that started this one is gone.
    #[arg(long)]
    until_input_ends: bool,
}

/// Serves until asked to end. Prints one JSON line with its addresses once it listens.
pub(super) fn run(arguments: &ServeArguments) -> Result<Exit, Fault> {
    telemetry::start(arguments.log_json);
    #[cfg(feature = "failpoints")]
    let _armed = app::crash::arm();
    let config = Config::read(&arguments.config)?;
    let until = if arguments.until_input_ends {
        Until::InputEnds
    } else {
        Until::Asked
    };
    app::serve(&config, until, &|addresses| {
        let (pages, peers) = (addresses.pages, addresses.peers);
        print::line(&format!(
            "{{\"schema\":\"lienthong.ready/1\",\"pages\":\"{pages}\",\"peers\":\"{peers}\"}}"
        ));
    })?;
    Ok(Exit::Done)
}
