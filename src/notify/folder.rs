//! The way into a folder: one `.eml` file per letter, for demonstrations. The one file of this room
//! that touches the disk.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::notify::letter::Letter;
use crate::notify::outcome::{NotSent, Sent, Setback, Stage};

/// Writes letters into a folder.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Letters go into `path`, which is created when the first one comes.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    /// The file `letter` has or would have: named by its `Message-ID`, so that a repeat replaces it.
    #[must_use]
    pub fn file_of(&self, letter: &Letter) -> PathBuf {
        let safe = |c: char| {
            if c.is_ascii_alphanumeric() || "-._@".contains(c) {
                c
            } else {
                '_'
            }
        };
        let name: String = letter.message_id().chars().map(safe).collect();
        self.path.join(format!("{name}.eml"))
    }

    pub(super) async fn send(&self, letter: &Letter) -> Result<Sent, NotSent> {
        let (target, bytes) = (self.file_of(letter), letter.bytes().to_vec());
        let written = tokio::task::spawn_blocking(move || write_durably(&target, &bytes)).await;
        let trouble = match written {
            Ok(Ok(())) => {
                return Ok(Sent {
                    code: None,
                    text: self.file_of(letter).display().to_string(),
                    taken: letter.recipients().to_vec(),
                    unreached: Vec::new(),
                });
            }
            Ok(Err(fault)) => fault.to_string(),
            Err(interrupted) => interrupted.to_string(),
        };
        let text = format!("{}: {trouble}", self.path.display());
        Err(Setback::fault(Stage::Folder, &text)
            .for_each(letter.recipients())
            .into())
    }
}

/// Either the whole file stands under its name on disk or nothing does: written beside it, synced,
/// renamed, and the folder synced.
fn write_durably(target: &Path, bytes: &[u8]) -> io::Result<()> {
    static PART: AtomicU64 = AtomicU64::new(0);
    let folder = target.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    let count = PART.fetch_add(1, Ordering::Relaxed);
    let part = folder.join(format!(".{}.{count}.part", std::process::id()));
    let written = write_and_sync(&part, bytes).and_then(|()| fs::rename(&part, target));
    if let Err(fault) = written {
        // Best effort: a leftover has a hidden name and is never read.
        let _ignored = fs::remove_file(&part);
        return Err(fault);
    }
    File::open(folder)?.sync_all()
}

fn write_and_sync(part: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(part)?;
    file.write_all(bytes)?;
    file.sync_all()
}
