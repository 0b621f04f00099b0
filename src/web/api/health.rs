//! `/healthz`: the program answers. `/readyz`: its record answers too. Open to whoever can reach the
//! address, so they tell nothing more.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::json;
use crate::web::Site;

/// How it is. Wire shape.
#[derive(Serialize)]
struct WireHealth {
    status: &'static str,
}

pub(in crate::web) fn routes(app: &mut web::ServiceConfig) {
    app.route("/healthz", web::get().to(alive))
        .route("/readyz", web::get().to(ready));
}

async fn alive() -> HttpResponse {
    json(StatusCode::OK, &WireHealth { status: "alive" })
}

async fn ready(site: web::Data<Site>) -> HttpResponse {
    match site.hub.health().await {
        Ok(_) => json(StatusCode::OK, &WireHealth { status: "ready" }),
        Err(fault) => {
            tracing::warn!(fault = %fault, "not ready");
            let wire = WireHealth {
                status: "record not available",
            };
            json(StatusCode::SERVICE_UNAVAILABLE, &wire)
        }
    }
}
