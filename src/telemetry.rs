//! Log lines: to stderr, for people or as JSON. The level comes from `LIENTHONG_LOG`, else `info`.

use tracing_subscriber::EnvFilter;

/// Starts logging; a second call changes nothing.
pub fn start(json: bool) {
    let filter = EnvFilter::try_from_env("LIENTHONG_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,actix_server=warn"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // Already started: the first one stays.
    drop(if json {
        builder.json().try_init()
    } else {
        builder.try_init()
    });
}
