//! Style sheet and fonts: part of the program, named by what they hold, kept by browsers for ever.

use std::sync::OnceLock;

use actix_web::http::header;
use actix_web::{HttpResponse, web};

use super::problem::Fault;
use crate::domain::digest::Sha256;

macro_rules! font {
    ($name:literal) => {
        (
            concat!($name, ".woff2"),
            include_bytes!(concat!(
                "../../assets/fonts/be-vietnam-pro/",
                $name,
                ".woff2"
            )),
        )
    };
}

/// Every font by its file name.
const FONTS: &[(&str, &[u8])] = &[
    font!("latin-400"),
    font!("latin-600"),
    font!("latin-700"),
    font!("vietnamese-400"),
    font!("vietnamese-600"),
    font!("vietnamese-700"),
];

const STYLE: &str = include_str!("../../assets/css/lienthong.css");
const ICON: &str = include_str!("../../assets/css/lienthong.svg");

/// An asset under the name that carries its digest.
struct Asset {
    name: String,
    kind: &'static str,
    bytes: Vec<u8>,
}

pub(super) fn routes(app: &mut web::ServiceConfig) {
    app.route("/assets/{name}", web::get().to(send));
}

/// Address of the style sheet.
pub(super) fn style() -> String {
    address("lienthong.css")
}

/// Address of the icon.
pub(super) fn icon() -> String {
    address("lienthong.svg")
}

fn address(file: &str) -> String {
    let (stem, kind) = file.rsplit_once('.').unwrap_or((file, ""));
    let found = assets().iter().find(|asset| {
        asset.name.starts_with(stem) && asset.name.rsplit_once('.').is_some_and(|(_, k)| k == kind)
    });
    format!("/assets/{}", found.map_or(file, |asset| &asset.name))
}

fn assets() -> &'static [Asset] {
    static ASSETS: OnceLock<Vec<Asset>> = OnceLock::new();
    ASSETS.get_or_init(|| {
        let mut style = STYLE.to_owned();
        let mut all: Vec<Asset> = Vec::new();
        for (file, bytes) in FONTS {
            let font = asset(file, "font/woff2", bytes.to_vec());
            style = style.replace(
                &format!("url(\"{file}\")"),
                &format!("url(\"{}\")", font.name),
            );
            all.push(font);
        }
        all.push(asset(
            "lienthong.svg",
            "image/svg+xml",
            ICON.as_bytes().to_vec(),
        ));
        all.push(asset(
            "lienthong.css",
            "text/css; charset=utf-8",
            style.into_bytes(),
        ));
        all
    })
}

fn asset(file: &str, kind: &'static str, bytes: Vec<u8>) -> Asset {
    let digest: String = Sha256::of(&bytes).to_string().chars().take(12).collect();
    let (stem, ending) = file.rsplit_once('.').unwrap_or((file, ""));
    Asset {
        name: format!("{stem}-{digest}.{ending}"),
        kind,
        bytes,
    }
}

async fn send(name: web::Path<String>) -> Result<HttpResponse, Fault> {
    let asset = assets().iter().find(|asset| asset.name == *name);
    let asset = asset.ok_or(Fault::NoSuchPage)?;
    Ok(HttpResponse::Ok()
        .content_type(asset.kind)
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(asset.bytes.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_names_only_assets_that_exist() {
        let style = assets()
            .iter()
            .find(|a| a.kind.starts_with("text/css"))
            .unwrap();
        let text = String::from_utf8(style.bytes.clone()).unwrap();
        let named: Vec<&str> = text
            .split("url(\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        assert_eq!(named.len(), FONTS.len());
        for name in named {
            assert!(assets().iter().any(|asset| asset.name == name), "{name}");
        }
    }
}
