//! `lienthong migrate --config FILE`

use std::path::PathBuf;

use super::exit::Exit;
use super::fault::Fault;
use super::print;
use crate::app;
use crate::config::Config;

/// Arguments of `migrate`.
#[derive(Debug, clap::Args)]
pub(super) struct MigrateArguments {
    /// The hub's configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Applies what is missing and prints the name of each migration applied.
pub(super) fn run(arguments: &MigrateArguments) -> Result<Exit, Fault> {
    let config = Config::read(&arguments.config)?;
    for name in app::migrate(&config)? {
        print::line(&name);
    }
    Ok(Exit::Done)
}
