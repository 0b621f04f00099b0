//! The listening half of hub to hub: the offer, the bytes it lacks, then the transfer. Who is asking
//! was settled by TLS; every route demands it.

use actix_web::web;

use super::problem::Fault;
use crate::exchange::intake::{BLOBS, LARGEST_BODY, OFFERS, RECEIPTS, TRANSFERS};
use crate::exchange::registry::ADDRESS;

mod blobs;
mod registry;
mod transfers;

pub(super) fn routes(app: &mut web::ServiceConfig) {
    let blob = web::resource(format!("{BLOBS}/{{name}}"))
        .route(web::head().to(blobs::has))
        .route(web::patch().to(blobs::take));
    app.app_data(web::PayloadConfig::new(LARGEST_BODY))
        .service(blob)
        .service(web::resource(OFFERS).route(web::post().to(transfers::offered)))
        .service(web::resource(TRANSFERS).route(web::post().to(transfers::take_over)))
        .service(web::resource(RECEIPTS).route(web::post().to(transfers::take_back)))
        .service(web::resource(ADDRESS).route(web::get().to(registry::newest)))
        .service(
            web::resource(format!("{ADDRESS}/{{number}}")).route(web::get().to(registry::snapshot)),
        )
        .default_service(web::to(async |_: super::gate::Neighbour| {
            Err::<actix_web::HttpResponse, _>(Fault::NoSuchPage)
        }));
}
