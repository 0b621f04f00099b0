//! The service rooms and the built program against real neighbours.

#[cfg(test)]
#[path = "../support/browser.rs"]
mod browser;
#[cfg(test)]
mod browser_journey;
#[cfg(test)]
#[path = "../support/authority/http.rs"]
#[expect(
    dead_code,
    reason = "the server has more faults than are asked for here"
)]
mod http;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod mail;
#[cfg(test)]
#[path = "../support/network.rs"]
#[expect(dead_code, reason = "nobody accepts anything here")]
mod network;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod secrets;
#[cfg(test)]
#[path = "../support/smtp.rs"]
mod smtp;
