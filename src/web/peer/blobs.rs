//! `HEAD` and `PATCH /peer/v1/blobs/{sha256}`: the bytes of documents by their name. `Upload-Offset`
//! tells how many are durable here, `Upload-Complete` whether those are all.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::TryStreamExt as _;

use crate::domain::digest::Sha256;
use crate::exchange::intake::{HELD, Piece, WHOLE};
use crate::exchange::offers::Held;
use crate::web::gate::Neighbour;
use crate::web::problem::Fault;
use crate::web::{Site, upload};

fn named(name: &str) -> Result<Sha256, Fault> {
    name.parse()
        .map_err(|fault| Fault::Malformed(format!("{fault}")))
}

fn told(mut answer: actix_web::HttpResponseBuilder, held: Held) -> HttpResponse {
    let whole = if held.is_whole { "?1" } else { "?0" };
    answer.insert_header((HELD, held.bytes.to_string()));
    answer.insert_header((WHOLE, whole)).finish()
}

/// 200 if something of the bytes is here or may come, 404 if not.
pub(super) async fn has(
    Neighbour(from): Neighbour,
    site: web::Data<Site>,
    name: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let held = site.hub.held(from, named(&name)?).await?;
    held.map(|held| told(HttpResponse::Ok(), held))
        .ok_or(Fault::NoSuchPage)
}

/// 204 once the piece is durable, 201 once the whole is, under its name.
pub(super) async fn take(
    Neighbour(from): Neighbour,
    site: web::Data<Site>,
    name: web::Path<String>,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, Fault> {
    let name = named(&name)?;
    let line = |name| {
        let line = request.headers().get(name)?;
        line.to_str().ok()
    };
    let length = line(header::CONTENT_LENGTH).and_then(|line| line.parse::<u64>().ok());
    let length = length.ok_or(Fault::LengthMissing)?;
    let range = line(header::CONTENT_RANGE).unwrap_or_default();
    let piece: Piece = range
        .parse()
        .map_err(|fault| Fault::Malformed(format!("{fault}")))?;
    if length != piece.end - piece.begin {
        let text = format!("{length} bytes come, {range} is told");
        return Err(Fault::Malformed(text));
    }
    let mut piece = site.hub.piece(from, name, piece).await?;
    // A line that broke says nothing about the piece: it is asked for again.
    let mut bytes = body.map_err(|_broken| Fault::Silence);
    while let Some(more) = upload::next(&mut bytes).await? {
        piece.push(&more?)?;
    }
    let held = piece.finish().await?;
    let answer = match held.is_whole {
        true => HttpResponse::Created(),
        false => HttpResponse::NoContent(),
    };
    Ok(told(answer, held))
}
