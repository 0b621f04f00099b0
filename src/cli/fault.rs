//! Why a command did not do its work: cause, what was kept, what to do.

use std::io::ErrorKind;
use std::path::Path;

use super::exit::Exit;
use super::speech::Speech;
use crate::pades::{Trouble, phrase_key};
use crate::{jail, keystore, pades, pki};

/// A fault to be told to the caller.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) exit: Exit,
    /// Stable code for machines.
    pub(super) code: &'static str,
    /// Key of the sentence in the catalogue.
    key: String,
    params: Vec<(&'static str, String)>,
    /// The file concerned.
    path: Option<String>,
}

impl Fault {
    pub(super) fn new(exit: Exit, code: &'static str) -> Self {
        let key = format!("cli-{}", code.to_ascii_lowercase().replace('_', "-"));
        Self {
            exit,
            code,
            key,
            params: Vec::new(),
            path: None,
        }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.push((name, value.to_string()));
        self
    }

    pub(super) fn at(mut self, path: &Path) -> Self {
        self.path = Some(path.display().to_string());
        self
    }

    /// A failure to read `path`.
    pub(super) fn reading(path: &Path, fault: &std::io::Error) -> Self {
        let (exit, code) = match fault.kind() {
            ErrorKind::NotFound => (Exit::NotFound, "FILE_NOT_FOUND"),
            ErrorKind::PermissionDenied => (Exit::NotAllowed, "FILE_NOT_READABLE"),
            _ => (Exit::Temporary, "FILE_NOT_READABLE"),
        };
        Self::new(exit, code).with("detail", fault).at(path)
    }

    /// A failure to write `path`; nothing of it was kept.
    pub(super) fn writing(path: &Path, fault: &std::io::Error) -> Self {
        let (exit, code) = match fault.kind() {
            ErrorKind::NotFound => (Exit::NotFound, "OUTPUT_FOLDER_MISSING"),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                (Exit::NotAllowed, "OUTPUT_NOT_WRITABLE")
            }
            ErrorKind::AlreadyExists => (Exit::Conflict, "OUTPUT_EXISTS"),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                (Exit::Temporary, "DISK_FULL")
            }
            ErrorKind::NotADirectory | ErrorKind::IsADirectory => {
                (Exit::Usage, "OUTPUT_NOT_WRITABLE")
            }
            _ => (Exit::Temporary, "OUTPUT_NOT_WRITABLE"),
        };
        Self::new(exit, code).with("detail", fault).at(path)
    }

    /// A signing fault about `path`.
    pub(super) fn signing(path: &Path, fault: &pades::Error) -> Self {
        let exit = match fault.trouble() {
            Trouble::Reading => Exit::Temporary,
            Trouble::File => Exit::Unreadable,
            Trouble::Request => Exit::Usage,
            Trouble::Rule => Exit::NotAllowed,
            Trouble::EarlierSignature => Exit::SignatureFailed,
            Trouble::Internal => Exit::Unexpected,
        };
        let own = Self {
            key: phrase_key(fault.code()),
            ..Self::new(exit, fault.code())
        };
        Self {
            params: fault.params(),
            ..own
        }
        .at(path)
    }

    /// A key file that cannot be used.
    pub(super) fn key(path: &Path, fault: &keystore::Error) -> Self {
        use keystore::Error;
        let (exit, code) = match fault {
            Error::WrongPassword => (Exit::NotAllowed, "WRONG_PASSWORD"),
            Error::KeyDoesNotMatchCertificate { .. } => (Exit::Configuration, "KEY_NOT_MATCHING"),
            _ => (Exit::Configuration, "KEY_UNUSABLE"),
        };
        Self::new(exit, code).with("detail", fault).at(path)
    }

    /// Trust or revocation data that cannot be used.
    pub(super) fn evidence(path: &Path, fault: &pki::Error) -> Self {
        Self::new(Exit::Configuration, "EVIDENCE_UNUSABLE")
            .with("detail", fault)
            .at(path)
    }

    /// A file that is not a readable PDF, for the reason in these words.
    pub(super) fn unreadable(path: &Path, words: String) -> Self {
        Self::new(Exit::Unreadable, "FILE_UNREADABLE")
            .with("words", words)
            .at(path)
    }

    /// A file that could not be read in the jail.
    pub(super) fn jail(path: &Path, fault: &jail::Error) -> Self {
        let (exit, code) = match fault {
            jail::Error::NotBuilt { .. } | jail::Error::NotStarted(_) => {
                (Exit::Configuration, "JAIL_NOT_BUILT")
            }
            jail::Error::Died(death) if death.is_by_document() => {
                (Exit::Unreadable, "JAIL_READER_DIED")
            }
            _ => (Exit::Temporary, "JAIL_FAILED"),
        };
        Self::new(exit, code).with("detail", fault).at(path)
    }

    /// The whole message.
    pub(super) fn said(&self, speech: &Speech) -> String {
        let said = speech.text(&self.key, &self.params);
        match &self.path {
            Some(path) => format!("{path}: {said}"),
            None => said,
        }
    }
}
