//! Whether each wall of the jail stands, tried from inside.

use std::time::{Duration, Instant};

use lienthong::jail::probe::Attempt;

use super::*;

fn death(attempt: Attempt) -> Death {
    match jail().probe_wall(attempt) {
        Err(Error::Died(death)) => death,
        other => panic!("{attempt:?} ended with {other:?}"),
    }
}

#[test]
fn everything_but_reading_ends_the_child() {
    for attempt in [
        Attempt::OpenFile,
        Attempt::OpenSocket,
        Attempt::RunProgram,
        Attempt::StartThread,
        Attempt::Trace,
        Attempt::Signal,
        Attempt::SetClock,
        Attempt::ReadInherited,
    ] {
        assert_eq!(death(attempt), Death::Violation, "{attempt:?}");
    }
}

#[test]
fn a_child_that_takes_too_much_ends() {
    assert_eq!(death(Attempt::TakeMemory), Death::Limit);
    assert_eq!(death(Attempt::OverrunStack), Death::Crashed);
    assert_eq!(death(Attempt::Panic), Death::Crashed);
    assert_eq!(death(Attempt::Flood), Death::Violation);
}

#[test]
fn a_child_that_computes_for_ever_ends_and_its_neighbours_do_not_notice() {
    let start = Instant::now();
    std::thread::scope(|scope| {
        let looping = scope.spawn(|| death(Attempt::Loop));
        let bytes = std::fs::read(&documents()[0]).unwrap();
        while !looping.is_finished() {
            judged_alike(&jail(), &bytes);
            std::thread::yield_now();
        }
        assert!(matches!(
            looping.join().unwrap(),
            Death::Limit | Death::Timeout
        ));
    });
    assert!(start.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_child_that_does_not_answer_ends() {
    std::thread::scope(|scope| {
        for attempt in [Attempt::Wait, Attempt::Stay, Attempt::Complain] {
            scope.spawn(move || assert_eq!(death(attempt), Death::Timeout, "{attempt:?}"));
        }
    });
}

/// The ids of the processes that run `program`.
fn running(program: &str) -> Vec<String> {
    let entries = std::fs::read_dir("/proc").unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter(|id| {
            let read = |what| std::fs::read_to_string(format!("/proc/{id}/{what}"));
            read("cmdline").is_ok_and(|line| line.starts_with(program))
        })
        .collect()
}

/// The walls around a process, or nothing while they are being built.
fn walls(id: &str) -> Option<(String, String, Vec<String>)> {
    let read = |what: &str| std::fs::read_to_string(format!("/proc/{id}/{what}")).ok();
    let status = read("status")?;
    let has = |line: &str| status.lines().any(|one| one == line);
    let locked = has("Seccomp:\t2") && has("NoNewPrivs:\t1") && has("Threads:\t1");
    let open = std::fs::read_dir(format!("/proc/{id}/fd")).ok()?;
    let open = open.map(|entry| entry.ok()?.file_name().into_string().ok());
    let open = open.collect::<Option<Vec<_>>>()?;
    locked.then_some((read("environ")?, read("limits")?, open))
}

/// Waits until there is something.
fn awaited<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(60));
        std::thread::yield_now();
    }
}

fn is_gone(id: &str) -> Option<()> {
    (!Path::new("/proc").join(id).exists()).then_some(())
}

#[test]
fn a_child_started_ahead_waits_locked_in_and_nothing_of_it_stays() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("waiting");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_lienthong"), &program).unwrap();
    let name = program.to_str().unwrap();
    let jail = Jail::of_program(&program).starting_ahead();
    let file = File::open(&documents()[0]).unwrap();
    let look = || jail.inspect(&Outside::file(&file)).unwrap();
    let waiting = || {
        awaited(|| {
            let [id] = running(name).try_into().ok()?;
            Some((walls(&id)?, id))
        })
    };
    assert_eq!(running(name), Vec::<String>::new());
    let seen = look();
    let ((environment, limits, mut open), first) = waiting();
    open.sort();
    assert_eq!((environment.as_str(), open.len()), ("", 5));
    let (memory, none) = ((512_u64 << 20).to_string(), "0");
    for (limit, most) in [
        ("Max address space", memory.as_str()),
        ("Max processes", none),
    ] {
        let line = limits.lines().find_map(|line| line.strip_prefix(limit));
        let soft = line.and_then(|line| line.split_whitespace().next());
        assert_eq!(soft, Some(most), "{limit}");
    }
    assert_eq!(look(), seen);
    let (_, second) = waiting();
    assert_ne!(first, second, "one child reads one document");
    is_gone(&first).unwrap();
    Command::new("kill").args(["-9", &second]).output().unwrap();
    awaited(|| {
        jail.bury();
        is_gone(&second)
    });
    assert_eq!(look(), seen);
    let (_, third) = waiting();
    drop(jail);
    is_gone(&third).unwrap();
}

/// The children of a process that still run.
fn children(parent: u32) -> Vec<String> {
    let entries = std::fs::read_dir("/proc").unwrap();
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names
        .filter(|id| {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            let mut facts = stat.rsplit(") ").next().unwrap_or("").split(' ');
            let (state, above) = (facts.next(), facts.next());
            state != Some("Z") && above == Some(&parent.to_string())
        })
        .collect()
}

#[test]
fn a_child_started_ahead_ends_with_its_parent() {
    let mut parent = Command::new(env!("CARGO_BIN_EXE_lienthong"))
        .args([
            "bench",
            "verify",
            "--jail",
            "--pause",
            "60000",
            "--seconds",
            "3600",
        ])
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let child = awaited(|| {
        let [child] = children(parent.id()).try_into().ok()?;
        walls(&child).map(|_| child)
    });
    parent.kill().unwrap();
    parent.wait().unwrap();
    awaited(|| {
        let state = std::fs::read_to_string(format!("/proc/{child}/stat"));
        state
            .map_or(true, |stat| stat.contains(") Z "))
            .then_some(())
    });
}

#[test]
fn a_child_has_nothing_but_its_line_and_a_killed_one_counts_as_killed() {
    // Another name for the program, to tell this child from those of other tests.
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("prisoner");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_lienthong"), &program).unwrap();
    let name = program.to_str().unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| Jail::of_program(&program).probe_wall(Attempt::Wait));
        let found = loop {
            let locked = |id: &String| Some((id.clone(), walls(id)?));
            if let Some(found) = running(name).iter().find_map(locked) {
                break found;
            }
            assert!(!waiting.is_finished());
        };
        let (id, (environment, limits, mut open)) = found;
        assert_eq!(environment, "");
        open.sort();
        assert_eq!(open, ["0", "1", "2", "3", "4"]);
        let limit = |name: &str| {
            let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
            let rest = line.strip_prefix(name).unwrap();
            rest.split_whitespace().next().unwrap().to_owned()
        };
        assert_eq!(limit("Max address space"), (512 << 20).to_string());
        assert_eq!(limit("Max cpu time"), "10");
        assert_eq!(limit("Max file size"), "0");
        assert_eq!(limit("Max open files"), "16");
        assert_eq!(limit("Max core file size"), "0");
        assert_eq!(limit("Max processes"), "0");
        Command::new("kill").args(["-9", &id]).output().unwrap();
        let died = waiting.join().unwrap();
        assert!(matches!(died, Err(Error::Died(Death::Killed))), "{died:?}");
    });
}
