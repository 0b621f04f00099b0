//! The proof: hubs as processes are killed, paused and cut off while people work, and a checker that
//! shares no code with the program looks at what is left. What is promised and how to repeat this:
//! `docs/DELIVERY.md`; why it is built so: `docs/decisions/0025-proof.md`.

#[cfg(test)]
mod chance;
#[cfg(test)]
mod checker;
#[cfg(test)]
mod clerks;
#[cfg(test)]
#[cfg(feature = "failpoints")]
mod controls;
#[cfg(test)]
mod history;
#[cfg(test)]
mod nemesis;
#[cfg(test)]
#[path = "../support/network.rs"]
#[expect(
    dead_code,
    reason = "its people are patient in another way; here each attempt is written down"
)]
mod network;
#[cfg(test)]
mod points;
#[cfg(test)]
mod process;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod random;
#[cfg(test)]
mod run;
#[cfg(test)]
#[cfg(feature = "failpoints")]
mod systematic;
#[cfg(test)]
mod town;
