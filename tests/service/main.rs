//! The service rooms and the built program against real neighbours.

#[cfg(test)]
#[path = "../support/browser.rs"]
mod browser;
#[cfg(test)]
mod browser_journey;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod mail;
#[cfg(test)]
#[path = "../support/network.rs"]
mod network;
#[cfg(test)]
mod outage;
#[cfg(test)]
#[path = "../support/smtp.rs"]
mod smtp;
