//! Revocation lists the hub fetched, one file for each address, whole and durable or not there.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::domain::digest::Sha256;

/// The folder of the lists.
#[derive(Debug, Clone)]
pub struct FetchedLists {
    folder: PathBuf,
}

impl FetchedLists {
    /// The lists in `folder`, which is made if it is missing.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let folder = folder.to_owned();
        Ok(Self { folder })
    }

    /// The list from `address` as it was fetched last (DER); `None` before the first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn get(&self, address: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.place(address)) {
            Ok(der) => Ok(Some(der)),
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Replaces the list from `address` by `der`. Durable on return; a reader of the folder sees the
    /// old list or the new one.
    ///
    /// # Errors
    /// A file cannot be written: the old list stays.
    pub fn put(&self, address: &str, der: &[u8]) -> io::Result<()> {
        // Readers of a configured folder pass over names that begin with a point.
        let prefix = ".renewing-";
        let mut file = tempfile::Builder::new()
            .prefix(prefix)
            .tempfile_in(&self.folder)?;
        file.write_all(der)?;
        file.as_file().sync_all()?;
        let kept = file.persist(self.place(address));
        kept.map_err(|fault| fault.error)?;
        File::open(&self.folder)?.sync_all()
    }

    fn place(&self, address: &str) -> PathBuf {
        let name = Sha256::of(address.as_bytes()).to_string();
        self.folder.join(name).with_extension("crl")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_list_of_an_address_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let lists = FetchedLists::open(&folder.path().join("lists")).unwrap();
        assert_eq!(lists.get("http://one.invalid/").unwrap(), None);
        lists.put("http://one.invalid/", b"first").unwrap();
        lists.put("http://two.invalid/", b"other").unwrap();
        lists.put("http://one.invalid/", b"second").unwrap();
        assert_eq!(
            lists.get("http://one.invalid/").unwrap().unwrap(),
            b"second"
        );
        let files = fs::read_dir(folder.path().join("lists")).unwrap();
        assert_eq!(files.count(), 2);
    }
}
