//! `lienthong user add|link|key --config FILE --login NAME`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::exit::Exit;
use super::fault::Fault;
use super::print;
use crate::app;
use crate::config::Config;

/// Arguments of `user`.
#[derive(Debug, Args)]
pub(super) struct UserArguments {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Args)]
struct Account {
    /// The hub's configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Name for signing in.
    #[arg(long)]
    login: String,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Open an account and print its first one-time sign-in link.
    Add {
        #[command(flatten)]
        account: Account,
        /// Name for people.
        #[arg(long)]
        name: String,
        /// Code of the agency.
        #[arg(long)]
        agency: String,
        /// May only read receipts.
        #[arg(long)]
        auditor: bool,
    },
    /// Print a new one-time sign-in link, valid for a day.
    Link(Account),
    /// Print a new access key for programs, valid for a year. It is shown only now.
    Key(Account),
}

/// Does the act and prints the link or key.
pub(super) fn run(arguments: UserArguments) -> Result<Exit, Fault> {
    let line: String = match arguments.act {
        Act::Add {
            account: Account { config, login },
            name,
            agency,
            auditor,
        } => app::with_hub(&Config::read(&config)?, async move |hub| {
            hub.open_account(login.clone(), name, agency, !auditor)
                .await?;
            let token = hub.one_time_token(login).await?;
            Ok::<_, Fault>(hub.sign_in_link(&token))
        })?,
        Act::Link(Account { config, login }) => {
            app::with_hub(&Config::read(&config)?, async move |hub| {
                let token = hub.one_time_token(login).await?;
                Ok::<_, Fault>(hub.sign_in_link(&token))
            })?
        }
        Act::Key(Account { config, login }) => {
            app::with_hub(&Config::read(&config)?, async move |hub| {
                Ok::<_, Fault>(hub.access_key(login).await?.reveal().to_owned())
            })?
        }
    };
    print::line(&line);
    Ok(Exit::Done)
}
