//! Files that hold a private key or a password: read only if nobody else could have read or changed
//! them.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::Error;

/// The permissions such a file may have: reading, by its owner and its group.
const ALLOWED: u32 = 0o440;

/// The bytes of a file that holds a secret.
///
/// # Errors
/// [`Error::Unreadable`]; also when others may read the file or anybody may write it, with the
/// command that mends it.
pub fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    read(path).map_err(|fault| Error::Unreadable {
        path: path.to_owned(),
        fault,
    })
}

/// The text of a file that holds a secret, without the line break at its end.
///
/// # Errors
/// As [`bytes`]; and when it is no UTF-8.
pub fn text(path: &Path) -> Result<String, Error> {
    read_text(path).map_err(|fault| Error::Unreadable {
        path: path.to_owned(),
        fault,
    })
}

/// As [`text`], with the fault alone.
pub(super) fn read_text(path: &Path) -> io::Result<String> {
    let not_utf8 = |_| io::Error::new(io::ErrorKind::InvalidData, "it is no UTF-8 text");
    let text = String::from_utf8(read(path)?).map_err(not_utf8)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let mode = file.metadata()?.mode() & 0o777;
    if mode & !ALLOWED != 0 {
        let said = format!(
            "its mode is {mode:04o}, so others could read it or a fault could change it; run: \
             chmod 400 {}",
            path.display()
        );
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, said));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn kept_with(mode: u32) -> Result<Vec<u8>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hub.key");
        std::fs::write(&path, "secret").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        bytes(&path).map_err(|fault| fault.to_string())
    }

    #[test]
    fn a_file_only_its_owner_or_group_reads_is_read() {
        for mode in [0o400, 0o440, 0o040] {
            // Root reads whatever the mode; others are refused by the system, not by this rule.
            let read = kept_with(mode);
            assert!(
                read.as_ref().is_ok_and(|bytes| bytes == b"secret")
                    || read.unwrap_err().contains("denied"),
                "{mode:o}"
            );
        }
    }

    #[test]
    fn a_file_others_read_or_anybody_writes_is_refused_with_the_way_out() {
        for mode in [
            0o444, 0o404, 0o600, 0o420, 0o640, 0o660, 0o500, 0o402, 0o777,
        ] {
            let said = kept_with(mode).unwrap_err();
            let named = said.contains(&format!("its mode is {mode:04o}"));
            assert!(named && said.contains("chmod 400 /"), "{said}");
        }
    }
}
