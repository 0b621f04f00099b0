//! The record by itself: schema, settings, jobs, rows and bytes, on both engines.

mod jobs;
mod lanes;
mod rows;
mod schema;
