//! The password of a key: from a file, or typed at the terminal without being shown.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::path::Path;

use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};

use super::exit::Exit;
use super::fault::Fault;
use super::inputs;
use super::speech::Speech;

/// No password typed is longer.
const LONGEST: u64 = 4096;

/// The password for `key`: the first line of `file`, else asked for at the terminal.
///
/// # Errors
/// `PASSWORD_NEEDED` when there is no file and nobody to ask.
pub(super) fn of(key: &Path, file: Option<&Path>, speech: &Speech) -> Result<String, Fault> {
    match file {
        Some(file) => inputs::password(file),
        None if io::stdin().is_terminal() => {
            let name = [("file", key.display().to_string())];
            let typed = asked(&speech.text("cli-password-prompt", &name));
            typed.map_err(|fault| needed().with("detail", fault))
        }
        None => Err(needed().with("detail", "")),
    }
}

fn needed() -> Fault {
    Fault::new(Exit::Usage, "PASSWORD_NEEDED")
}

/// A line from the terminal that is not shown while it is typed.
fn asked(prompt: &str) -> io::Result<String> {
    let mut words = io::stderr();
    write!(words, "{prompt}")?;
    words.flush()?;
    let typed = {
        let _silence = Silence::begin()?;
        let mut line = String::new();
        io::stdin().lock().take(LONGEST).read_line(&mut line)?;
        line
    };
    writeln!(words)?;
    let typed = typed
        .strip_suffix('\n')
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    Ok(typed.strip_suffix('\r').unwrap_or(typed).to_owned())
}

/// While it lives, the terminal does not show what is typed.
struct Silence {
    before: Termios,
}

impl Silence {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut silent = before.clone();
        silent.local_flags.remove(LocalFlags::ECHO);
        silent.local_flags.remove(LocalFlags::ECHONL);
        tcsetattr(io::stdin(), SetArg::TCSAFLUSH, &silent)?;
        Ok(Self { before })
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // The terminal may be gone by now.
        let _: nix::Result<()> = tcsetattr(io::stdin(), SetArg::TCSAFLUSH, &self.before);
    }
}
