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

/// A verdict for people: with colours where a terminal shows them and `NO_COLOR` is not set.
pub(super) fn verdict(text: &str, exit: Exit) {
    if has_colours() {
        line(&painted(text, exit));
    } else {
        line(text);
    }
}

fn has_colours() -> bool {
    use std::io::IsTerminal as _;
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    std::io::stdout().is_terminal() && !refused && !dumb
}

const GREEN: &str = "\u{1B}[32m";
const YELLOW: &str = "\u{1B}[33m";
const RED: &str = "\u{1B}[31m";
const BOLD: &str = "\u{1B}[1m";
const PLAIN: &str = "\u{1B}[0m";

/// The first line in the colour of the verdict, the marks of the others in their own.
fn painted(text: &str, exit: Exit) -> String {
    let colour = match exit {
        Exit::Done => GREEN,
        Exit::SignatureFailed | Exit::Unreadable => RED,
        _ => YELLOW,
    };
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let mut shown = format!("{BOLD}{colour}{first}{PLAIN}");
    for line in lines {
        let mark = line.trim_start().chars().next();
        let colour = match mark {
            Some('✓') => GREEN,
            Some('✗') => RED,
            Some('?' | '!') => YELLOW,
            _ => "",
        };
        let (colour, plain) = match colour {
            "" => ("", ""),
            colour => (colour, PLAIN),
        };
        shown.push_str(&format!("\n{colour}{line}{plain}"));
    }
    shown
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
