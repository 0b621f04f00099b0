//! The jail in other places than an administrator's shell: as an ordinary user, under limits and
//! filters of somebody else, in namespaces, without `/proc`. It works, or it refuses and says why.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use super::support::path;

/// The program and a document where any user may read them.
struct Place {
    _folder: TempDir,
    program: PathBuf,
    document: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let allow = |path: &Path, mode| {
            std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
        };
        allow(folder.path(), 0o755);
        let (program, document) = (folder.path().join("lienthong"), folder.path().join("a.pdf"));
        std::fs::copy(env!("CARGO_BIN_EXE_lienthong"), &program).unwrap();
        std::fs::copy(path("fixtures/pdf/pdf-a.pdf"), &document).unwrap();
        allow(&program, 0o755);
        allow(&document, 0o644);
        Self {
            _folder: folder,
            program,
            document,
        }
    }

    /// What looking at the document gives, as an ordinary user, started by `around`: a shell's line in which
    /// `"$@"` is the program.
    fn look(&self, around: &str) -> Output {
        let is_root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
        let ordinary = [
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
        ];
        let ordinary = ordinary.iter().filter(|_| is_root);
        let line: Vec<&str> = ordinary
            .copied()
            .chain(["sh", "-c", around, "sh"])
            .collect();
        let (first, rest) = line.split_first().unwrap();
        Command::new(first)
            .args(rest)
            .arg(&self.program)
            .args(["--lang", "en", "lint"])
            .arg(&self.document)
            .output()
            .unwrap()
    }
}

#[track_caller]
fn assert_reads(around: &str) {
    let output = Place::new().look(around);
    assert_eq!(output.status.code(), Some(0), "{around}: {output:?}");
}

#[track_caller]
fn assert_refuses(around: &str, because: &str) {
    let output = Place::new().look(around);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{around}: {output:?}");
    assert!(
        said.contains(because) && said.contains("--no-jail"),
        "{said}"
    );
    assert!(said.contains("nothing was read"), "{said}");
}

#[test]
fn an_ordinary_user_has_a_jail() {
    assert_reads("exec \"$@\"");
}

#[test]
fn a_process_that_may_gain_no_privileges_has_a_jail() {
    assert_reads("exec setpriv --no-new-privs \"$@\"");
}

#[test]
fn limits_that_are_lower_already_stay_and_do_not_prevent_the_jail() {
    assert_reads("ulimit -v 400000; exec \"$@\"");
    assert_reads("ulimit -t 8; exec \"$@\"");
    assert_reads("ulimit -c 0; ulimit -f 0; exec \"$@\"");
    assert_reads("ulimit -n 12; exec \"$@\"");
}

#[test]
fn a_limit_too_low_to_start_a_child_is_a_refusal() {
    assert_refuses("ulimit -n 5; exec \"$@\"", "cannot be started");
}
