//! Hands bytes to `lienthong_fuzz::path`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lienthong_fuzz::path::check(bytes));
