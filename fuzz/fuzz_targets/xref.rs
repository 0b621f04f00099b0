//! Hands bytes to `lienthong_fuzz::xref`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lienthong_fuzz::xref::check(bytes));
