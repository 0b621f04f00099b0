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
    /// What the registry is worth: `current`, `grace` or `expired`.
    #[serde(skip_serializing_if = "Option::is_none")]
    registry: Option<&'static str>,
}

pub(in crate::web) fn routes(app: &mut web::ServiceConfig) {
    app.route("/healthz", web::get().to(alive))
        .route("/readyz", web::get().to(ready));
}

async fn alive() -> HttpResponse {
    json(
        StatusCode::OK,
        &WireHealth {
            status: "alive",
            registry: None,
        },
    )
}

async fn ready(site: web::Data<Site>) -> HttpResponse {
    let registry = Some(site.hub.registry_standing().freshness.as_str());
    match site.hub.health().await {
        Ok(_) => json(
            StatusCode::OK,
            &WireHealth {
                status: "ready",
                registry,
            },
        ),
        Err(fault) => {
            tracing::warn!(fault = %fault, "not ready");
            let wire = WireHealth {
                status: "record not available",
                registry,
            };
            json(StatusCode::SERVICE_UNAVAILABLE, &wire)
        }
    }
}
