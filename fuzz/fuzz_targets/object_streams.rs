//! Hands bytes to `lienthong_fuzz::object_streams`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lienthong_fuzz::object_streams::check(bytes));
