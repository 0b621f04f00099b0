//! `lienthong agency list|as-of|diff|merge|sign|export|import`: the registry as the centre writes and
//! signs it, and as a hub takes it in (`docs/decisions/0023-registry.md`).

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::exit::Exit;
use super::fault::Fault;
use super::print;
use super::registry_draft::{self, MergeArguments, SignArguments};
use super::registry_shown::{self as shown, DiffLine};
use super::speech::Speech;
use crate::app;
use crate::config::registry::snapshot::{self, SignedSnapshot, signature_beside};
use crate::config::{self, Config};
use crate::domain::clock::Date;
use crate::domain::directory::Directory;
use crate::domain::snapshot::Snapshot;
use crate::exchange::Hub;

/// Arguments of `agency`.
#[derive(Debug, Args)]
pub(super) struct AgencyArguments {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// List the snapshots a hub has, the one in force last.
    List {
        /// The hub's configuration file.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// One JSON line for each.
        #[arg(long)]
        json: bool,
    },
    /// Who existed on a day, where it was hosted and what became of it.
    AsOf {
        /// The day, such as 2025-06-30.
        day: Date,
        /// Only this agency, under any of its codes.
        code: Option<String>,
        #[command(flatten)]
        place: Place,
        /// One JSON line for each.
        #[arg(long)]
        json: bool,
    },
    /// What changes from one registry to another.
    Diff {
        /// The older file: a snapshot (.json) or a source (.toml).
        old: PathBuf,
        /// The newer file.
        new: PathBuf,
        /// One JSON line for each change.
        #[arg(long)]
        json: bool,
    },
    /// Make the source of the next registry in which agencies are merged into another.
    Merge(MergeArguments),
    /// Sign a source as the next snapshot.
    Sign(SignArguments),
    /// Write a snapshot of a hub into a file, its signature beside it.
    Export {
        /// The hub's configuration file.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// Its number (default: the one in force).
        #[arg(long, conflicts_with = "as_of")]
        number: Option<u64>,
        /// The snapshot that was the newest issued on this day.
        #[arg(long)]
        as_of: Option<Date>,
        /// Where to write it.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// Write the source (.toml) to edit, without signature, instead.
        #[arg(long)]
        source: bool,
    },
    /// Check a signed snapshot, show what it changes and let the hub work by it.
    Import {
        /// The snapshot; its signature beside it (.p7s).
        file: PathBuf,
        /// The hub's configuration file.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// One JSON line for each change.
        #[arg(long)]
        json: bool,
    },
}

/// Which registry is asked.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Place {
    /// That of this hub: its configuration file.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A snapshot (.json) or source (.toml).
    #[arg(long, value_name = "FILE")]
    registry: Option<PathBuf>,
}

/// Does the act.
pub(super) fn run(arguments: AgencyArguments, speech: &Speech) -> Result<Exit, Fault> {
    match arguments.act {
        Act::List { config, json } => list(&config, json, speech),
        Act::AsOf {
            day,
            code,
            place,
            json,
        } => as_of(day, code.as_deref(), (&place, json), speech),
        Act::Diff { old, new, json } => {
            let lines = shown::diff(
                &config::registry::either(&old)?,
                &config::registry::either(&new)?,
            );
            tell(&lines, json, speech);
            Ok(Exit::Done)
        }
        Act::Merge(arguments) => registry_draft::merge(&arguments, speech),
        Act::Sign(arguments) => registry_draft::sign(&arguments, speech),
        Act::Export {
            config,
            number,
            as_of,
            output,
            source,
        } => export(&config, (number, as_of), (&output, source), speech),
        Act::Import { file, config, json } => import(&config, &file, json, speech),
    }
}

/// The snapshot in a file, its signature not asked for.
pub(super) fn read_snapshot(path: &Path) -> Result<Snapshot, Fault> {
    snapshot::from_bytes(&config::bytes(path)?).map_err(|fault| unusable(path, &fault))
}

/// A registry that cannot be used.
pub(super) fn unusable(path: &Path, fault: &dyn std::fmt::Display) -> Fault {
    Fault::new(Exit::Configuration, "REGISTRY_UNUSABLE")
        .with("detail", fault)
        .at(path)
}

fn tell(lines: &[DiffLine], json: bool, speech: &Speech) {
    if lines.is_empty() && !json {
        print::line(&speech.text("cli-agency-no-change", &[]));
    }
    for line in lines {
        print::line(&match json {
            true => line.json(),
            false => line.said(speech),
        });
    }
}

fn list(config: &Path, json: bool, speech: &Speech) -> Result<Exit, Fault> {
    let (all, conflicts) = app::with_hub(&Config::read(config)?, async |hub: Hub| {
        Ok::<_, Fault>(hub.registry_history().await?)
    })?;
    for one in &all {
        print::line(&shown::snapshot_line(one, json, speech));
    }
    if all.is_empty() && !json {
        print::line(&speech.text("cli-agency-no-snapshot", &[]));
    }
    for sha256 in conflicts {
        let said = [("sha256", sha256.to_string())];
        print::complain(&speech.text("cli-agency-conflict", &said));
    }
    Ok(Exit::Done)
}

fn as_of(
    day: Date,
    code: Option<&str>,
    (place, json): (&Place, bool),
    speech: &Speech,
) -> Result<Exit, Fault> {
    let directory = match (&place.config, &place.registry) {
        (Some(config), _) => {
            let hub = async |hub: Hub| Ok::<_, Fault>(hub.directory().registry().clone());
            app::with_hub(&Config::read(config)?, hub)?
        }
        (None, Some(path)) => config::registry::either(path)?,
        (None, None) => return Err(Fault::new(Exit::Usage, "NO_INPUT")),
    };
    let directory = Directory::new(directory).map_err(|fault| {
        Fault::new(Exit::Configuration, "REGISTRY_UNUSABLE").with("detail", fault)
    })?;
    let rows = match code {
        Some(written) => {
            let unknown = |_| Fault::new(Exit::NotFound, "AGENCY_UNKNOWN").with("value", written);
            vec![directory.find(written).map_err(unknown)?]
        }
        None => shown::existing(&directory, day),
    };
    for agency in rows {
        print::line(&shown::agency_line((&directory, day), agency, json, speech));
    }
    if code.is_none() && !json {
        print::line(&shown::counts(&directory, day, speech));
    }
    Ok(Exit::Done)
}

fn export(
    config: &Path,
    (number, day): (Option<u64>, Option<Date>),
    (output, source): (&Path, bool),
    speech: &Speech,
) -> Result<Exit, Fault> {
    let signed = app::with_hub(&Config::read(config)?, async |hub: Hub| {
        let (all, _) = hub.registry_history().await?;
        let fits = |one: &&crate::exchange::registry::Recorded| match (number, day) {
            (Some(number), _) => one.head.number == number,
            (None, Some(day)) => crate::domain::clock::vietnam_date(one.head.issued_at) <= day,
            (None, None) => true,
        };
        let Some(wanted) = all.iter().rev().find(fits) else {
            return Err(Fault::new(Exit::NotFound, "SNAPSHOT_UNKNOWN"));
        };
        Ok(hub.registry_snapshot(wanted.head.number).await?)
    })?;
    let snapshot = snapshot::from_bytes(&signed.bytes).map_err(|fault| unusable(output, &fault))?;
    if source {
        let text = config::registry::to_source(&snapshot.registry);
        let text = text.map_err(|fault| unusable(output, &fault))?;
        registry_draft::put(output, text.as_bytes())?;
    } else {
        registry_draft::put(output, &signed.bytes)?;
        registry_draft::put(&signature_beside(output), &signed.signature)?;
    }
    let said = [
        ("number", snapshot.number.to_string()),
        ("output", output.display().to_string()),
    ];
    print::line(&speech.text("cli-agency-exported", &said));
    Ok(Exit::Done)
}

fn import(config: &Path, file: &Path, json: bool, speech: &Speech) -> Result<Exit, Fault> {
    let signed = SignedSnapshot::read(file)?;
    let source = format!("file {}", file.file_name().unwrap_or_default().display());
    let (before, after, head) = app::with_hub(&Config::read(config)?, async |hub: Hub| {
        let before = hub.directory();
        let head = hub.import_registry(signed, source).await?;
        Ok::<_, Fault>((before, hub.directory(), head))
    })?;
    tell(
        &shown::diff(before.registry(), after.registry()),
        json,
        speech,
    );
    if !json {
        let key = match head {
            Some(_) => "cli-agency-imported",
            None => "cli-agency-known",
        };
        let number = head.map_or_else(String::new, |head| head.number.to_string());
        print::line(&speech.text(key, &[("number", number)]));
    }
    Ok(Exit::Done)
}
