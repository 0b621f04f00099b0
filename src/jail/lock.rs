//! How a child locks itself in: little of everything (limits), no file at all (Landlock), and only
//! the system calls of a program that reads what is open, computes and writes one answer (seccomp).
//! Each wall alone would hold; all must stand, or the child refuses to run.

use std::os::fd::{AsRawFd as _, BorrowedFd, RawFd};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _,
    RulesetStatus, Scope,
};
use nix::libc;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

use super::Error;

/// Address space of a child.
pub(super) const MEMORY_BYTES: u64 = 512 << 20;
/// Processor time of a child, and bytes of its document that each give one second more.
const PROCESSOR_SECONDS: u64 = 10;
const BYTES_PER_SECOND: u64 = 32 << 20;
/// File descriptors of a child.
const OPEN_FILES: u64 = 16;

/// Closes what the process inherited beside the three standard descriptors, whoever left it open.
///
/// # Errors
/// [`Error::NotBuilt`] when `/proc` does not tell what is open.
pub(super) fn close_inherited() -> Result<(), Error> {
    let untold = |fault: std::io::Error| not_built(format!("/proc/self/fd: {fault}"));
    let entries = std::fs::read_dir("/proc/self/fd").map_err(untold)?;
    let names = entries.map(|entry| entry.map(|entry| entry.file_name()));
    let names: Vec<_> = names.collect::<Result<_, _>>().map_err(untold)?;
    let numbers = names
        .iter()
        .filter_map(|name| name.to_str()?.parse::<RawFd>().ok());
    for number in numbers.filter(|number| *number > libc::STDERR_FILENO) {
        // The one that read the folder is closed already.
        let _: nix::Result<()> = nix::unistd::close(number);
    }
    Ok(())
}

/// What stays open.
pub(super) struct Open<'a> {
    /// The document.
    pub(super) document: BorrowedFd<'a>,
    /// The line to the parent.
    pub(super) line: BorrowedFd<'a>,
}

/// Seconds of processor time for a document of this size.
pub(super) const fn processor_seconds(document_bytes: u64) -> u64 {
    PROCESSOR_SECONDS.saturating_add(document_bytes / BYTES_PER_SECOND)
}

/// Locks the calling thread, which must be the only one, in for good.
///
/// # Errors
/// [`Error::NotBuilt`] with the wall that does not stand; the process must end.
pub(super) fn lock_in(open: &Open<'_>, document_bytes: u64) -> Result<(), Error> {
    limit(document_bytes)?;
    no_files()?;
    few_calls(open)
}

fn not_built(detail: String) -> Error {
    Error::NotBuilt { detail }
}

fn limit(document_bytes: u64) -> Result<(), Error> {
    let seconds = processor_seconds(document_bytes);
    let limits = [
        (Resource::RLIMIT_AS, MEMORY_BYTES),
        (Resource::RLIMIT_CPU, seconds),
        (Resource::RLIMIT_FSIZE, 0),
        (Resource::RLIMIT_NOFILE, OPEN_FILES),
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_NPROC, 0),
    ];
    for (resource, most) in limits {
        let refused = |fault| not_built(format!("{resource:?}: {fault}"));
        // Whoever started this program may allow less already; then less it is.
        let (_, present) = getrlimit(resource).map_err(refused)?;
        // A second more at the end of the processor time: the signal then tells why.
        let more = u64::from(resource == Resource::RLIMIT_CPU);
        let hard = (most + more).min(present);
        let soft = most.min(hard.saturating_sub(more));
        setrlimit(resource, soft, hard).map_err(refused)?;
    }
    Ok(())
}

/// No path can be opened, listed, run or made, and where the kernel knows how, no port used and no
/// process outside signalled.
fn no_files() -> Result<(), Error> {
    let refused = |fault: landlock::RulesetError| not_built(format!("Landlock: {fault}"));
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(ABI::V1))
        .map_err(refused)?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(ABI::V6))
        .and_then(|ruleset| ruleset.handle_access(AccessNet::from_all(ABI::V6)))
        .and_then(|ruleset| ruleset.scope(Scope::from_all(ABI::V6)))
        .and_then(Ruleset::create)
        .map_err(refused)?;
    let status = ruleset.restrict_self().map_err(refused)?;
    if status.ruleset == RulesetStatus::NotEnforced || !status.no_new_privs {
        return Err(not_built("Landlock: not enforced".to_owned()));
    }
    Ok(())
}

/// Everything that is not named here ends the process with SIGSYS.
fn few_calls(open: &Open<'_>) -> Result<(), Error> {
    let refused = |fault: &dyn std::fmt::Display| not_built(format!("seccomp: {fault}"));
    let rules = rules(open).map_err(|fault| refused(&fault))?;
    let arch = std::env::consts::ARCH.try_into();
    let filter = SeccompFilter::new(
        rules.into_iter().collect(),
        SeccompAction::KillProcess,
        SeccompAction::Allow,
        arch.map_err(|fault: seccompiler::BackendError| refused(&fault))?,
    );
    let program: Result<BpfProgram, _> = filter.and_then(TryInto::try_into);
    let program = program.map_err(|fault| refused(&fault))?;
    seccompiler::apply_filter(&program).map_err(|fault| refused(&fault))
}

type Rules = Vec<(i64, Vec<SeccompRule>)>;

fn rules(open: &Open<'_>) -> Result<Rules, seccompiler::BackendError> {
    let (document, line) = (open.document.as_raw_fd(), open.line.as_raw_fd());
    let own = u64::from(std::process::id());
    let mut rules: Rules = FREE.iter().map(|call| (*call, Vec::new())).collect();
    // Reading, writing and asking for memory: only these descriptors, never a file's pages, never
    // anything that could be run.
    rules.push((libc::SYS_read, vec![on(line)?]));
    rules.push((libc::SYS_write, vec![on(line)?, on(libc::STDERR_FILENO)?]));
    rules.push((libc::SYS_pread64, vec![on(document)?]));
    let not_to_run = |call, more: Option<SeccompCondition>| {
        let runs = has(2, libc::PROT_EXEC, false)?;
        let conditions = std::iter::once(runs).chain(more).collect();
        Ok::<_, seccompiler::BackendError>((call, vec![SeccompRule::new(conditions)?]))
    };
    rules.push(not_to_run(libc::SYS_mprotect, None)?);
    let anonymous = has(3, libc::MAP_ANONYMOUS, true)?;
    rules.push(not_to_run(libc::SYS_mmap, Some(anonymous))?);
    // Whether a descriptor is open: asked when one is closed.
    let ask = vec![equal(1, number(libc::F_GETFD))?];
    rules.push((libc::SYS_fcntl, vec![SeccompRule::new(ask)?]));
    // A process that breaks down may say so to itself.
    let abort = vec![equal(0, own)?, equal(2, number(libc::SIGABRT))?];
    rules.push((libc::SYS_tgkill, vec![SeccompRule::new(abort)?]));
    Ok(rules)
}

/// Calls that are allowed whatever their arguments: they touch nothing but this process.
const FREE: &[i64] = &[
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_futex,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_sigaltstack,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

fn number(value: i32) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

fn equal(argument: u8, value: u64) -> Result<SeccompCondition, seccompiler::BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)
}

/// The call's first argument is this descriptor.
fn on(descriptor: RawFd) -> Result<SeccompRule, seccompiler::BackendError> {
    SeccompRule::new(vec![equal(0, number(descriptor))?])
}

/// The flag is set in the argument, or is not.
fn has(
    argument: u8,
    flag: i32,
    is_set: bool,
) -> Result<SeccompCondition, seccompiler::BackendError> {
    let flag = number(flag);
    let operator = SeccompCmpOp::MaskedEq(flag);
    let value = if is_set { flag } else { 0 };
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)
}
