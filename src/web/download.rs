//! Files on their way out: always as something to keep, never shown inside our origin.

use actix_web::HttpResponse;
use actix_web::http::header::{
    Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue,
};
use actix_web::web::Bytes;
use futures_util::stream;

use super::problem::Fault;
use crate::domain::ids::DocumentId;
use crate::exchange::Hub;
use crate::exchange::people::Person;

/// Bytes read at once.
const PIECE: u64 = 256 * 1024;

/// The sealed bytes of a document, streamed.
///
/// # Errors
/// As [`Hub::document_bytes`].
pub(super) async fn document(
    hub: &Hub,
    person: &Person,
    id: DocumentId,
) -> Result<HttpResponse, Fault> {
    let (name, blob) = hub.document_bytes(person, id).await?;
    let size = blob.size_bytes();
    let pieces = stream::try_unfold((blob, 0), move |(blob, at)| async move {
        if at >= size {
            return Ok::<_, actix_web::Error>(None);
        }
        let count = PIECE.min(size.saturating_sub(at));
        let read = actix_web::web::block(move || {
            let mut piece = vec![0; usize::try_from(count).unwrap_or(0)];
            blob.read_at(at, &mut piece).map(|()| (blob, piece))
        });
        let (blob, piece) = read.await??;
        Ok(Some((Bytes::from(piece), (blob, at.saturating_add(count)))))
    });
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header(named(&name))
        .no_chunking(size)
        .streaming(Box::pin(pieces)))
}

/// Bytes to keep under `name`.
pub(super) fn bytes(name: &str, kind: &'static str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header(named(name))
        .body(bytes)
}

/// The name in both forms of RFC 6266: plain for old programs, UTF-8 for all others.
fn named(name: &str) -> ContentDisposition {
    let plain = |c: char| {
        let is_safe = c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ');
        if is_safe { c } else { '_' }
    };
    ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![
            DispositionParam::Filename(name.chars().map(plain).collect()),
            DispositionParam::FilenameExt(ExtendedValue {
                charset: Charset::Ext("UTF-8".to_owned()),
                language_tag: None,
                value: name.as_bytes().to_vec(),
            }),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_name_can_break_out_of_its_header() {
        let line = named("Quyết \"định\"\r\nSet-Cookie: a=b;.pdf").to_string();
        assert!(!line.contains(['\r', '\n']), "{line}");
        assert!(line.starts_with("attachment; filename=\"Quy_t ___nh___Set-Cookie_ a_b_.pdf\""));
        assert!(line.contains("filename*=UTF-8''Quy%E1%BA%BFt"), "{line}");
    }
}
