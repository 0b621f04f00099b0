//! Keeps keys in the memory of this process: before the first one is read, the process is taken out
//! of core dumps, and out of reach of other processes of the same user.

use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};

use super::Error;

/// Guards the memory of the whole process from now on. Called again it changes nothing.
///
/// # Errors
/// [`Error::Unguarded`] when the system refuses; no key must be read then.
pub(super) fn guard() -> Result<(), Error> {
    let refused = |fault: nix::Error| Error::Unguarded {
        fault: fault.to_string(),
    };
    // The limit alone does not hold where the system pipes dumps to a program (core(5)).
    setrlimit(Resource::RLIMIT_CORE, 0, 0).map_err(refused)?;
    prctl::set_dumpable(false).map_err(refused)
}

#[cfg(test)]
mod tests {
    use nix::sys::resource::getrlimit;

    use super::*;

    #[test]
    fn a_process_that_holds_a_key_is_never_dumped() {
        guard().unwrap();
        assert!(!prctl::get_dumpable().unwrap());
        assert_eq!(getrlimit(Resource::RLIMIT_CORE).unwrap(), (0, 0));
    }
}
