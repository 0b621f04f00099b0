//! The command line: one file a command. Data goes to stdout, words for people to stderr or, when
//! no `--json` is asked for, to stdout.
//!
//! Files in reading order: `exit`, `fault`, `print`, `speech`, `file_source`, `inputs`, `verify`,
//! `policy_file`, `inspect`, `extract`, `lint`, `sign`, `sign_options`, `mark_options`, `publish`,
//! `resume`, `batch`, `session`, `level_means`, `augment`, `publish_revisions`, `evidence`, `bench`;
//! for hubs `hub_fault`, `serve`, `migrate`, `agency`, `registry_draft`, `registry_shown`, `user`,
//! `queue`, `calendar`, `demo`; `completion`.

mod agency;
mod augment;
mod batch;
mod bench;
mod calendar;
mod completion;
mod demo;
mod evidence;
mod exit;
mod extract;
mod fault;
mod file_source;
mod hub_fault;
mod inputs;
mod inspect;
mod level_means;
mod lint;
mod mark_options;
mod migrate;
mod password;
mod policy_file;
mod print;
mod publish;
mod publish_revisions;
mod queue;
mod registry_draft;
mod registry_shown;
mod resume;
mod serve;
mod session;
mod sign;
mod sign_options;
mod speech;
mod user;
mod verify;
mod verify_inputs;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::jail;

pub use exit::Exit;
pub use file_source::FileSource;

/// Signs, checks and exchanges documents between government agencies.
#[derive(Debug, Parser)]
#[command(name = "lienthong", version, about, long_about = None)]
struct Arguments {
    /// Language of messages: vi or en (default: from LANG, Vietnamese for `vi*`, else English).
    #[arg(long, global = true, value_parser = speech::parse_language)]
    lang: Option<crate::domain::language::Language>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sign PDF files (PAdES B-B to B-LTA).
    Sign(Box<sign_options::SignArguments>),
    /// Prepare a PDF file for a key this program never sees: a session and the bytes to sign.
    Prepare(Box<session::PrepareArguments>),
    /// Finish a session with the signature that came back.
    Complete(session::CompleteArguments),
    /// Check the signatures of PDF files; many files give one JSON line each.
    Verify(verify::VerifyArguments),
    /// Look at PDF files before signing: what could be used against a signature.
    Lint(lint::LintArguments),
    /// Show what a file is made of: revisions, signatures, what each covers.
    Inspect(inspect::InspectArguments),
    /// Give back the bytes a signature was made over, or an earlier revision.
    ExtractRevision(extract::ExtractArguments),
    /// Raise a signed PDF file to B-T, B-LT or B-LTA, or renew it; needs no private key.
    Augment(Box<augment::AugmentArguments>),
    /// Add a document time stamp to a PDF file.
    Timestamp(Box<augment::TimestampArguments>),
    /// Evidence for verdicts: freeze what they rely on.
    Evidence(evidence::EvidenceArguments),
    /// Run a hub: pages, API, neighbours and the outbox.
    Serve(serve::ServeArguments),
    /// Start four hubs on this machine, play the main job and check it.
    Demo(demo::DemoArguments),
    /// Bring a hub's database up to date.
    Migrate(migrate::MigrateArguments),
    /// The registry: who is who, since when; merge, sign, import, compare.
    Agency(agency::AgencyArguments),
    /// Accounts of a hub: open one, make a sign-in link or an access key.
    User(user::UserArguments),
    /// When agencies work, and until when something is owed.
    Calendar(calendar::CalendarArguments),
    /// The outbox of a hub: what waits, what is set aside, and what to do with it.
    Queue(queue::QueueArguments),
    /// Write the completion script of a shell to stdout.
    Completion(completion::CompletionArguments),
    /// Measure signing or checking on this machine.
    Bench(bench::BenchArguments),
}

/// Runs the program and gives its exit code (`docs/COMMANDS.md`).
#[must_use]
pub fn main() -> ExitCode {
    // A child of the jail: nothing else may run before it is locked in.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|word| word == jail::WORD)
    {
        return jail::main();
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(refusal) => return print::usage(&refusal),
    };
    let speech = speech::Speech::new(arguments.lang);
    let exit = match arguments.command {
        Command::Sign(arguments) => sign::run(&arguments, &speech),
        Command::Prepare(arguments) => session::prepare(&arguments),
        Command::Complete(arguments) => session::complete(&arguments, &speech),
        Command::Verify(arguments) => verify::run(&arguments, &speech),
        Command::Lint(arguments) => lint::run(&arguments, &speech),
        Command::Inspect(arguments) => inspect::run(&arguments, &speech),
        Command::ExtractRevision(arguments) => extract::run(&arguments, &speech),
        Command::Augment(arguments) => augment::run(&arguments, &speech),
        Command::Timestamp(arguments) => augment::timestamp(&arguments, &speech),
        Command::Evidence(arguments) => evidence::run(&arguments, &speech),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments, &speech),
        Command::Migrate(arguments) => migrate::run(&arguments),
        Command::Agency(arguments) => agency::run(arguments, &speech),
        Command::User(arguments) => user::run(arguments),
        Command::Calendar(arguments) => calendar::run(&arguments, &speech),
        Command::Queue(arguments) => queue::run(arguments, &speech),
        Command::Completion(arguments) => {
            completion::run(&arguments, &mut Arguments::command());
            Ok(Exit::Done)
        }
        Command::Bench(arguments) => bench::run(&arguments, &speech),
    };
    let exit = exit.unwrap_or_else(|fault| {
        print::complain(&fault.said(&speech));
        fault.exit
    });
    exit.into()
}
