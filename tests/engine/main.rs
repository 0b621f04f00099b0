//! The engine against fixtures, the test PKI, hostile input, and other programs as judges.

#[cfg(test)]
mod algorithms;
#[cfg(test)]
mod authority;
#[cfg(test)]
mod certificates;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod jail;
#[cfg(test)]
mod judges;
#[cfg(test)]
#[path = "../support/signing/mod.rs"]
mod support;
#[cfg(test)]
mod tampering;
