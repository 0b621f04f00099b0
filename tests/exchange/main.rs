//! The record and the working hall, on both databases: the stations one by one, and whole journeys.

#[cfg(test)]
mod acknowledge;
#[cfg(test)]
mod build;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod compose;
#[cfg(test)]
mod gossip;
#[cfg(test)]
mod intake;
#[cfg(test)]
mod journey;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod local;
#[cfg(test)]
#[path = "../support/network.rs"]
mod network;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod record;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod road;
#[cfg(test)]
mod succession;
#[cfg(test)]
mod transfers;
#[cfg(test)]
#[path = "../support/world/mod.rs"]
mod world;
