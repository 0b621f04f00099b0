//! Who is where in the sample network: said here once more, so that the checker does not ask the
//! program for it.

/// The hubs from the top down; each is below the one before it.
pub(crate) const HUBS: [&str; 4] = ["central", "province", "district", "commune"];

/// The agencies that write to each other, and their hubs.
pub(crate) const AGENCIES: [(&str, &str); 8] = [
    ("G22", "central"),
    ("G06", "central"),
    ("H21", "province"),
    ("H21.2", "province"),
    ("H21.36", "district"),
    ("H21.36.5", "district"),
    ("H21.36.21", "commune"),
    ("H21.36.22", "commune"),
];

/// Where hubs record: all in files, all on a server, or both next to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mix {
    Sqlite,
    Postgres,
    Mixed,
}

impl Mix {
    /// Whether a hub has its database on the server.
    pub(crate) fn is_on_server(self, hub: &str) -> bool {
        match self {
            Self::Sqlite => false,
            Self::Postgres => true,
            Self::Mixed => matches!(hub, "central" | "district"),
        }
    }
}

/// The hub of an agency.
pub(crate) fn host(agency: &str) -> &'static str {
    let row = AGENCIES.iter().find(|(code, _)| *code == agency);
    row.unwrap_or_else(|| panic!("{agency} is none of ours")).1
}

/// The hubs a document passes from one hub to another, both included.
pub(crate) fn road(from: &str, to: &str) -> Vec<&'static str> {
    let place = |hub: &str| HUBS.iter().position(|one| *one == hub).unwrap();
    let (from, to) = (place(from), place(to));
    if from <= to {
        HUBS[from..=to].to_vec()
    } else {
        HUBS[to..=from].iter().rev().copied().collect()
    }
}

#[test]
fn roads_pass_every_hub_between() {
    assert_eq!(
        road("commune", "province"),
        ["commune", "district", "province"]
    );
    assert_eq!(
        road("central", "district"),
        ["central", "province", "district"]
    );
    assert_eq!(road("district", "district"), ["district"]);
}
