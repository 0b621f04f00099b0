//! The object identifiers of CMS, as the values of their DER.

/// The arc 1.2.840.113549.1: PKCS.
macro_rules! pkcs {
    ($($arc:literal),+) => { &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, $($arc),+] };
}

pub(super) const DATA: &[u8] = pkcs!(7, 1);
pub(super) const SIGNED_DATA: &[u8] = pkcs!(7, 2);
pub(super) const TST_INFO: &[u8] = pkcs!(9, 16, 1, 4);
pub(super) const CONTENT_TYPE: &[u8] = pkcs!(9, 3);
pub(super) const MESSAGE_DIGEST: &[u8] = pkcs!(9, 4);
pub(super) const SIGNING_TIME: &[u8] = pkcs!(9, 5);
/// `CMSAlgorithmProtection`, RFC 6211.
pub(super) const ALGORITHM_PROTECTION: &[u8] = pkcs!(9, 52);
/// signing-certificate, RFC 2634: SHA-1 only.
pub(super) const SIGNING_CERTIFICATE: &[u8] = pkcs!(9, 16, 2, 12);
/// signing-certificate-v2, RFC 5035.
pub(super) const SIGNING_CERTIFICATE_V2: &[u8] = pkcs!(9, 16, 2, 47);
/// signature-time-stamp, RFC 3161 appendix A.
pub(super) const TIME_STAMP_TOKEN: &[u8] = pkcs!(9, 16, 2, 14);
