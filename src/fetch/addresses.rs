//! Which addresses may be connected to. A name says nothing: what counts is where it leads at the
//! moment of asking. Source: the special-purpose registries of IANA (RFC 6890).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Anywhere in the world.
    Public,
    /// This machine or a private network: only where the operator says so.
    Private,
    /// Never a service: link-local (cloud metadata among them), multicast, reserved, or an address
    /// inside an address.
    Never,
}

/// What `address` is. An IPv4 address written as IPv6 is judged as what it is.
#[must_use]
pub fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => reach_4(mapped),
            None => reach_6(address),
        },
    }
}

fn reach_4(address: Ipv4Addr) -> Reach {
    let [first, second, third, _] = address.octets();
    match (first, second, third) {
        (127 | 10, ..) | (172, 16..=31, _) | (192, 168, _) | (100, 64..=127, _) => Reach::Private,
        // This network, link-local, protocol assignments, documentation, 6to4 relays, benchmarks.
        (0, ..) | (169, 254, _) | (192, 0, 0 | 2) | (192, 88, 99) => Reach::Never,
        (198, 18..=19, _) | (198, 51, 100) | (203, 0, 113) => Reach::Never,
        // Multicast, reserved, broadcast.
        (224..=255, ..) => Reach::Never,
        _ => Reach::Public,
    }
}

fn reach_6(address: Ipv6Addr) -> Reach {
    let [first, second, ..] = address.segments();
    if address == Ipv6Addr::LOCALHOST || first & 0xfe00 == 0xfc00 {
        // The metadata service of a large cloud has a private address.
        let metadata = Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254);
        return if address == metadata {
            Reach::Never
        } else {
            Reach::Private
        };
    }
    match (first, second) {
        // Documentation and, below 2001:200, Teredo, benchmarks and the like.
        (0x2001, 0x0db8 | ..=0x01ff) => Reach::Never,
        // 6to4 holds an IPv4 address.
        (0x2002, _) => Reach::Never,
        (0x3fff, ..=0x0fff) => Reach::Never,
        // Global unicast is 2000::/3; all else is none of it (NAT64, link-local, multicast, …).
        (0x2000..=0x3fff, _) => Reach::Public,
        _ => Reach::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Reach {
        reach(text.parse().unwrap())
    }

    #[test]
    fn this_machine_and_private_networks_are_private() {
        let all = [
            "127.0.0.1",
            "127.9.9.9",
            "10.0.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
        ];
        for text in all
            .into_iter()
            .chain(["::1", "fd12::1", "::ffff:127.0.0.1", "::ffff:10.1.2.3"])
        {
            assert_eq!(of(text), Reach::Private, "{text}");
        }
    }

    #[test]
    fn metadata_link_local_multicast_and_embedded_addresses_are_never_services() {
        let four = [
            "169.254.169.254",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
        ];
        let six = [
            "::",
            "fe80::1",
            "ff02::1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "::7f00:1",
            "2001:db8::1",
            "fd00:ec2::254",
            "2001::1",
            "fec0::1",
        ];
        for text in four.into_iter().chain(six) {
            assert_eq!(of(text), Reach::Never, "{text}");
        }
    }

    #[test]
    fn other_addresses_are_public() {
        for text in [
            "103.21.120.1",
            "8.8.8.8",
            "172.32.0.1",
            "2001:4860:4860::8888",
            "2400:cb00::1",
        ] {
            assert_eq!(of(text), Reach::Public, "{text}");
        }
    }
}
