//! The engine against fixtures, the test PKI, hostile input, and other programs as judges.

#[cfg(test)]
mod algorithms;
#[cfg(test)]
#[path = "../support/attack/mod.rs"]
mod attack;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod authority;
#[cfg(test)]
mod batches;
#[cfg(test)]
mod certificates;
#[cfg(test)]
mod chains;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod comparison;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod documented;
#[cfg(test)]
mod etsi;
#[cfg(test)]
mod fetching;
#[cfg(test)]
#[expect(
    unreachable_pub,
    reason = "the package of the fuzzer is entered from outside"
)]
#[path = "../../fuzz/src/lib.rs"]
mod fuzz;
#[cfg(test)]
mod growth;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod inspection;
#[cfg(test)]
mod jail;
#[cfg(test)]
mod judges;
#[cfg(test)]
mod levels;
#[cfg(test)]
mod lint;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod marks;
#[cfg(test)]
mod pkits;
#[cfg(test)]
mod places;
#[cfg(test)]
mod policies;
#[cfg(test)]
mod profiles;
#[cfg(test)]
mod pyhanko;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod rendering;
#[cfg(test)]
mod renewal;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod secrecy;
#[cfg(test)]
#[path = "../support/authority/mod.rs"]
mod services;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod signing;
#[cfg(test)]
#[path = "../support/signing/mod.rs"]
mod support;
#[cfg(test)]
mod tampering;
