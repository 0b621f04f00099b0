//! Many files signed in one run: a run that is killed is taken up again; a password that is typed.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::support::{file, judged, path};

fn sign(inputs: &[PathBuf], output: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lienthong"));
    command.args(["--lang", "en", "sign"]).args(inputs);
    command.arg("-o").arg(output).arg("--p12");
    command.arg(path("certs-test/persons/iadom-leader.p12"));
    command.args(more);
    command
}

fn with_password(command: &mut Command) -> &mut Command {
    command
        .arg("--password-file")
        .arg(path("certs-test/password.txt"))
}

/// Names, bytes and inodes of the PDF files in a folder.
fn outputs(folder: &Path) -> BTreeMap<String, (Vec<u8>, u64)> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap());
    let named = entries.map(|entry| (entry.file_name().into_string().unwrap(), entry.path()));
    named
        .filter(|(name, _)| !name.starts_with('.'))
        .map(|(name, path)| {
            let inode = std::fs::metadata(&path).unwrap().ino();
            (name, (std::fs::read(path).unwrap(), inode))
        })
        .collect()
}

#[test]
fn a_batch_killed_in_the_middle_is_finished_by_resume_without_signing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("in"), folder.path().join("out"));
    std::fs::create_dir_all(&from).unwrap();
    std::fs::create_dir_all(&to).unwrap();
    let inputs: Vec<PathBuf> = (0..8).map(|n| from.join(format!("{n}.pdf"))).collect();
    let document = file("fixtures/pdf/cong-van-libreoffice.pdf");
    for (at, input) in inputs.iter().enumerate() {
        // The fourth one never gives a byte: there the run stands until it is killed.
        if at == 3 {
            let made = Command::new("mkfifo").arg(input).status().unwrap();
            assert!(made.success());
        } else {
            std::fs::write(input, &document).unwrap();
        }
    }
    let mut first = sign(&inputs, &to, &["--jobs", "2", "--resume"]);
    let mut run = with_password(&mut first)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Two at a time: one stands, the other goes on to the end of the list, and then waits.
    while outputs(&to).len() < 5 {
        assert!(run.try_wait().unwrap().is_none(), "the run ended by itself");
        std::thread::yield_now();
    }
    run.kill().unwrap();
    run.wait().unwrap();
    let before = outputs(&to);
    assert!((5..8).contains(&before.len()), "{:?}", before.keys());
    std::fs::remove_file(&inputs[3]).unwrap();
    std::fs::write(&inputs[3], &document).unwrap();
    let mut second = sign(&inputs, &to, &["--resume"]);
    let finished = with_password(&mut second).output().unwrap();
    assert!(finished.status.success(), "{finished:?}");
    let after = outputs(&to);
    let names: Vec<&String> = after.keys().collect();
    assert_eq!(
        names,
        [
            "0.pdf", "1.pdf", "2.pdf", "3.pdf", "4.pdf", "5.pdf", "6.pdf", "7.pdf"
        ]
    );
    for (name, (bytes, inode)) in &after {
        if let Some(kept) = before.get(name) {
            assert_eq!((&kept.0, &kept.1), (bytes, inode), "{name} was made again");
        }
        let report = judged(bytes);
        assert_eq!(report.signatures.len(), 1, "{name}");
        assert!(bytes.starts_with(&document), "{name}");
    }
}

/// Types `typed` at a terminal where the program runs, and gives what the terminal showed and the
/// exit code. Echo is the terminal's own doing, so only a real one shows what is typed.
const AT_A_TERMINAL: &str = r#"
import os, pty, sys
typed, command = sys.argv[1], sys.argv[2:]
child, line = pty.fork()
if child == 0:
    os.execv(command[0], command)
shown, asked = b"", False
while True:
    try:
        piece = os.read(line, 1024)
    except OSError:
        break
    if not piece:
        break
    shown += piece
    if not asked and b": " in shown:
        asked = True
        import termios, time
        while termios.tcgetattr(line)[3] & termios.ECHO:
            time.sleep(0.01)
        os.write(line, typed.encode() + b"\n")
_, status = os.waitpid(child, 0)
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(status))
"#;

fn typed(password: &str, output: &Path) -> (i32, String) {
    let input = path("fixtures/pdf/cong-van-libreoffice.pdf");
    let command = sign(&[input], output, &[]);
    let mut python = Command::new("python3");
    python.args(["-c", AT_A_TERMINAL, password]);
    python.arg(command.get_program()).args(command.get_args());
    let ended = python.output().unwrap();
    let shown = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(ended.stderr.is_empty(), "{ended:?}");
    (ended.status.code().unwrap(), shown)
}

#[test]
fn a_password_typed_at_the_terminal_opens_the_key_and_is_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("a.pdf");
    let (code, shown) = typed("khong-gia-tri", &output);
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("Password of"), "{shown}");
    assert!(!shown.contains("khong-gia-tri"), "{shown}");
    assert_eq!(judged(&std::fs::read(output).unwrap()).signatures.len(), 1);
}

#[test]
fn a_wrong_password_typed_is_refused_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let (code, shown) = typed("sai-mat-khau", &folder.path().join("a.pdf"));
    assert_eq!(code, 5, "{shown}");
    assert!(!shown.contains("sai-mat-khau"), "{shown}");
}

#[test]
fn without_a_password_file_and_a_terminal_the_need_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("a.pdf");
    let input = path("fixtures/pdf/cong-van-libreoffice.pdf");
    let refused = sign(&[input], &output, &[]).stdin(Stdio::null()).output();
    let refused = refused.unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("--password-file"), "{said}");
    assert!(!output.exists());
}
