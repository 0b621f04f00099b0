//! Hands bytes to `lienthong_fuzz::ocsp_crl_tsp`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lienthong_fuzz::ocsp_crl_tsp::check(bytes));
