//! The door for programs (`docs/API.md`): JSON, access keys, problem documents. Every route asks for
//! a [`Program`](super::gate::Program); what it may do is decided in `exchange`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::problem::Fault;

mod changes;
mod documents;
pub(super) mod health;
mod inbox;
mod receipts;
mod verifications;
mod wire;

/// Largest JSON body in bytes.
const LARGEST_JSON: usize = 64 * 1024;

pub(super) fn routes(app: &mut web::ServiceConfig) {
    app.app_data(web::PayloadConfig::new(LARGEST_JSON))
        .service(web::resource("/documents").route(web::post().to(documents::create)))
        .service(web::resource("/documents/{id}").route(web::get().to(documents::show)))
        .service(web::resource("/documents/{id}/file").route(web::get().to(documents::file)))
        .service(web::resource("/documents/{id}/changes").route(web::post().to(changes::ask)))
        .service(web::resource("/inbox").route(web::get().to(inbox::list)))
        .service(web::resource("/inbox/{id}").route(web::get().to(inbox::show)))
        .service(web::resource("/inbox/{id}/accept").route(web::post().to(inbox::accept)))
        .service(web::resource("/inbox/{id}/refuse").route(web::post().to(inbox::refuse)))
        .service(
            web::resource("/inbox/{id}/changes/{request}/agree")
                .route(web::post().to(changes::agree)),
        )
        .service(
            web::resource("/inbox/{id}/changes/{request}/refuse")
                .route(web::post().to(changes::refuse)),
        )
        .service(web::resource("/verifications").route(web::post().to(verifications::judge)))
        .service(web::resource("/looks").route(web::post().to(verifications::look)))
        .service(web::resource("/receipts/{id}").route(web::get().to(receipts::show)))
        .default_service(web::to(async || Err::<HttpResponse, _>(Fault::NoSuchPage)));
}

/// An id from the address; one that is none names nothing.
fn id<T: std::str::FromStr>(text: &str) -> Result<T, Fault> {
    text.parse().or(Err(Fault::NoSuchPage))
}

/// Reads JSON; unknown fields are refused where the shape says so.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(bytes).map_err(|fault| Fault::Malformed(fault.to_string()))
}

fn json(status: actix_web::http::StatusCode, wire: &impl Serialize) -> HttpResponse {
    HttpResponse::build(status).json(wire)
}
