//! The record by itself: schema, settings, jobs, rows and bytes, on both engines.

mod jobs;
mod rows;
mod schema;
