//! `lienthong completion SHELL`

/// Arguments of `completion`.
#[derive(Debug, clap::Args)]
pub(super) struct CompletionArguments {
    /// The shell.
    shell: clap_complete::Shell,
}

/// Writes the script to stdout.
pub(super) fn run(arguments: &CompletionArguments, command: &mut clap::Command) {
    clap_complete::generate(
        arguments.shell,
        command,
        "lienthong",
        &mut std::io::stdout(),
    );
}
