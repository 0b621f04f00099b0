//! Hands bytes to `lienthong_fuzz::cms`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lienthong_fuzz::cms::check(bytes));
