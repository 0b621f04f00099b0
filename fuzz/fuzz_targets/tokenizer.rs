//! Hands bytes to `lienthong_fuzz::tokenizer`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lienthong_fuzz::tokenizer::check(bytes));
