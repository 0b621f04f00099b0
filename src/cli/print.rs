//! The only place that writes to the terminal.

use std::io::Write as _;
use std::process::ExitCode;

use super::exit::Exit;

/// One line of data. A reader that went away is no fault.
pub(super) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}");
}

/// One line for people.
pub(super) fn complain(text: &str) {
    let mut out = std::io::stderr().lock();
    let _ = writeln!(out, "lienthong: {text}");
}

/// Text from outside that may not steer a terminal, nor turn the direction of what follows.
pub(super) fn harmless(text: &str) -> String {
    crate::phrases::harmless(text)
}

/// Whether people are looking.
pub(super) fn is_terminal() -> bool {
    use std::io::IsTerminal as _;
    std::io::stderr().is_terminal()
}

/// Help, version or a wrong use, as clap words it.
pub(super) fn usage(refusal: &clap::Error) -> ExitCode {
    let _ = refusal.print();
    let exit = if refusal.use_stderr() {
        Exit::Usage
    } else {
        Exit::Done
    };
    exit.into()
}
