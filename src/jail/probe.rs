//! What a child may be made to try, so that tests can see the walls hold. Not part of what is
//! shipped: built with the feature `failpoints` only.

use std::fs::File;
use std::io::{self, Write as _};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One thing a prisoner might try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Attempt {
    /// Open a file.
    OpenFile,
    /// Open a socket.
    OpenSocket,
    /// Run a program.
    RunProgram,
    /// Start a thread.
    StartThread,
    /// Look into another process.
    Trace,
    /// Signal another process.
    Signal,
    /// Set the clock.
    SetClock,
    /// Read a descriptor that was inherited by accident.
    ReadInherited,
    /// Compute for ever.
    Loop,
    /// Wait for ever, without computing.
    Wait,
    /// Take all memory.
    TakeMemory,
    /// Overrun the stack.
    OverrunStack,
    /// Break down.
    Panic,
    /// Write to the line without end.
    Flood,
    /// Complain without end.
    Complain,
    /// Answer, then stay.
    Stay,
}

/// Tries it. Returns only if nobody stopped it.
pub(super) fn attempt(attempt: Attempt, line: &File) {
    let first = nix::unistd::Pid::from_raw(1);
    match attempt {
        Attempt::OpenFile => drop(File::open("/etc/passwd")),
        Attempt::OpenSocket => drop(std::net::UdpSocket::bind("127.0.0.1:0")),
        Attempt::RunProgram => drop(std::process::Command::new("/bin/true").status()),
        Attempt::StartThread => drop(std::thread::Builder::new().spawn(|| ())),
        Attempt::Trace => drop(nix::sys::ptrace::attach(first)),
        Attempt::Signal => drop(nix::sys::signal::kill(first, None)),
        Attempt::SetClock => {
            let clock = nix::time::ClockId::CLOCK_REALTIME;
            let _: Result<(), _> = clock.now().and_then(|now| clock.set_time(now));
        }
        Attempt::ReadInherited => drop(io::Read::read(&mut io::stdin(), &mut [0])),
        Attempt::Loop => loop {
            std::hint::spin_loop();
        },
        Attempt::Wait => loop {
            std::thread::park_timeout(Duration::from_secs(3600));
        },
        Attempt::TakeMemory => take_memory(),
        Attempt::OverrunStack => drop(overrun(0)),
        #[expect(clippy::panic, reason = "breaking down is what is asked for")]
        Attempt::Panic => panic!("asked to"),
        Attempt::Flood => flood(&mut &*line),
        Attempt::Complain => flood(&mut io::stderr()),
        Attempt::Stay => loop {
            drop((&*line).write_all(b"A\x07\0\0\0\"Ready\""));
            std::thread::park_timeout(Duration::from_secs(3600));
        },
    }
}

fn take_memory() {
    let mut all = Vec::new();
    loop {
        all.push(vec![1_u8; 1 << 20]);
    }
}

fn overrun(depth: u64) -> u64 {
    let room = std::hint::black_box([depth; 512]);
    if depth == u64::MAX {
        return 0;
    }
    overrun(depth + 1).wrapping_add(room.iter().sum())
}

fn flood(into: &mut dyn io::Write) {
    while into.write_all(&[b'x'; 4096]).is_ok() {}
}
