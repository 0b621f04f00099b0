//! The ways a letter can leave.

use crate::config::mail::{Mail, Way};
use crate::notify::error::Error;
use crate::notify::folder::Folder;
use crate::notify::letter::Letter;
use crate::notify::outcome::{NotSent, Sent};
use crate::notify::recording::Recording;
use crate::notify::smtp::Smtp;

/// By which way letters leave.
#[derive(Debug)]
pub enum Transport {
    /// Through a mail relay.
    Smtp(Smtp),
    /// As files into a folder.
    Folder(Folder),
    /// Into memory, for tests.
    Recording(Recording),
}

impl Transport {
    /// The way the operator chose; `None` when no mail is to be sent. Connects to nothing yet.
    ///
    /// # Errors
    /// [`Error`] when the settings contradict each other, a file they name cannot be read or holds
    /// no certificate.
    pub fn chosen(settings: &Mail) -> Result<Option<Self>, Error> {
        settings.check()?;
        Ok(match (settings.way, settings.folder.as_deref()) {
            (Way::Smtp, _) => Some(Self::Smtp(Smtp::new(settings)?)),
            (Way::Folder, Some(folder)) => Some(Self::Folder(Folder::new(folder))),
            (Way::Folder | Way::None, _) => None,
        })
    }

    /// Hands `letter` over, once. What has been taken is durable at the relay or on disk.
    ///
    /// # Errors
    /// [`NotSent`] when it was taken for no recipient; it says whether a retry makes sense. After a
    /// retry the relay may hold the letter twice, with the same `Message-ID`.
    pub async fn send(&self, letter: &Letter) -> Result<Sent, NotSent> {
        match self {
            Self::Smtp(way) => way.send(letter).await,
            Self::Folder(way) => way.send(letter).await,
            Self::Recording(way) => way.send(letter),
        }
    }
}
