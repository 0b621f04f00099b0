//! Forms with a file, read piece by piece: fields are few and short, the file goes to the store as
//! it comes and is never held whole.

use std::time::Duration;

use actix_multipart::{Field, Multipart};
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt as _};

use super::problem::Fault;
use crate::domain::document::Content;
use crate::exchange::{Category, Hub};

/// Most bytes of all fields together, the file apart.
pub(super) const LARGEST_FORM: u64 = 512 * 1024;
/// Most fields of a form.
const MOST_FIELDS: usize = 4_000;
/// Longest silence of a sender.
const SILENCE: Duration = Duration::from_secs(30);

/// The file of a form.
#[derive(Debug)]
pub(super) enum File {
    /// None was chosen.
    Absent,
    /// Stored, with the name the sender gave it.
    Stored(String, Content),
    /// Larger than allowed; nothing was kept.
    TooLarge(u64),
}

/// A form as it came: names and values in their order, and the file.
#[derive(Debug)]
pub(super) struct Form {
    fields: Vec<(String, String)>,
    /// The file.
    pub(super) file: File,
}

impl Form {
    /// The first value of `name`; absent ones are empty.
    pub(super) fn value(&self, name: &str) -> &str {
        let first = self.fields.iter().find(|(field, _)| field == name);
        first.map_or("", |(_, value)| value.as_str())
    }

    /// Every value of `name`.
    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.fields.iter().filter(move |(field, _)| field == name);
        named.map(|(_, value)| value.as_str())
    }
}

/// The next piece of something a sender sends; falling silent is a fault.
pub(super) async fn next<T>(
    pieces: &mut (impl Stream<Item = T> + Unpin),
) -> Result<Option<T>, Fault> {
    let next = actix_web::rt::time::timeout(SILENCE, pieces.next()).await;
    next.or(Err(Fault::Silence))
}

fn broken(fault: impl std::fmt::Display) -> Fault {
    Fault::Malformed(fault.to_string())
}

/// Reads a form; the file is the part named `file`.
///
/// # Errors
/// A form that is not one or too large, a sender that falls silent, a fault of the disk.
pub(super) async fn read(hub: &Hub, mut parts: Multipart) -> Result<Form, Fault> {
    let mut form = Form {
        fields: Vec::new(),
        file: File::Absent,
    };
    let mut room = LARGEST_FORM;
    while let Some(part) = next(&mut parts).await? {
        let part = part.map_err(broken)?;
        let name = part.name().unwrap_or_default().to_owned();
        if name == "file" {
            form.file = file(hub, part, form.file).await?;
            continue;
        }
        let value = text(part, &mut room).await?;
        form.fields.push((name, value));
        if form.fields.len() > MOST_FIELDS {
            return Err(Fault::TooLarge {
                limit: LARGEST_FORM,
            });
        }
    }
    Ok(form)
}

async fn text(mut part: Field, room: &mut u64) -> Result<String, Fault> {
    let mut bytes = Vec::new();
    while let Some(piece) = next(&mut part).await? {
        let piece = piece.map_err(broken)?;
        *room = room.checked_sub(size(&piece)).ok_or(Fault::TooLarge {
            limit: LARGEST_FORM,
        })?;
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).map_err(broken)
}

fn size(piece: &Bytes) -> u64 {
    u64::try_from(piece.len()).unwrap_or(u64::MAX)
}

async fn file(hub: &Hub, mut part: Field, before: File) -> Result<File, Fault> {
    if matches!(before, File::Stored(..)) {
        return Err(Fault::Malformed("more than one file".to_owned()));
    }
    let told = part
        .content_disposition()
        .and_then(|told| told.get_filename());
    let name = told.unwrap_or_default().to_owned();
    let mut incoming = hub.begin_bytes()?;
    let mut is_empty = true;
    while let Some(piece) = next(&mut part).await? {
        let piece = piece.map_err(broken)?;
        is_empty &= piece.is_empty();
        match incoming.push(&piece) {
            Ok(()) => {}
            Err(fault) => match fault.category() {
                Category::TooLarge { limit } => {
                    drop(incoming);
                    return rest(part, limit).await;
                }
                _ => return Err(fault.into()),
            },
        }
    }
    if is_empty && name.is_empty() {
        return Ok(File::Absent);
    }
    Ok(File::Stored(name, incoming.finish(None).await?))
}

/// Reads what is left of a file that is too large, so that the browser gets to see the answer; a
/// file more than twice the limit is cut off.
async fn rest(mut part: Field, limit: u64) -> Result<File, Fault> {
    let mut left = limit;
    while let Some(piece) = next(&mut part).await? {
        let piece = piece.map_err(broken)?;
        left = left
            .checked_sub(size(&piece))
            .ok_or(Fault::TooLarge { limit })?;
    }
    Ok(File::TooLarge(limit))
}

/// The file of a form that is nothing without one.
///
/// # Errors
/// No file, or one that is too large.
pub(super) fn needed(file: File) -> Result<(String, Content), Fault> {
    match file {
        File::Stored(name, content) => Ok((name, content)),
        File::TooLarge(limit) => Err(Fault::TooLarge { limit }),
        File::Absent => Err(Fault::Malformed(
            "the part named file is missing".to_owned(),
        )),
    }
}
