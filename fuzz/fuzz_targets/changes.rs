//! Hands bytes to `lienthong_fuzz::changes`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lienthong_fuzz::changes::check(bytes));
