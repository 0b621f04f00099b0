//! The oldest versions that may be shipped and the crates that may not be: `security/floors.toml`
//! against a lock file and against the OpenSSL that runs.

use toml::{Table, Value};

/// A version's numbers; what follows them (`-alpha`, `+build`, a letter) is not compared.
type Numbers = Vec<u64>;

/// Crates of `lock` that are refused or below their floor in `law`.
pub(crate) fn lock_faults(lock: &str, law: &str) -> Vec<String> {
    let law = law.parse().unwrap();
    let mut faults = Vec::new();
    for (name, version) in locked(lock) {
        for ban in rows(&law, "refused").filter(|ban| text(ban, "crate") == name) {
            faults.push(format!(
                "{name} {version} is locked but refused: {}",
                text(ban, "reason")
            ));
        }
        for floor in rows(&law, "floor").filter(|floor| text(floor, "crate") == name) {
            let least = text(floor, "at_least");
            if numbers(&version) < numbers(least) {
                let reason = text(floor, "reason");
                faults.push(format!("{name} {version} is below {least}: {reason}"));
            }
        }
    }
    faults
}

/// Whether the OpenSSL that calls itself `running` is below the floor of its series.
pub(crate) fn openssl_faults(running: &str, law: &str) -> Vec<String> {
    let law: Table = law.parse().unwrap();
    let found = numbers(running.split_whitespace().nth(1).unwrap_or_default());
    let floors: Vec<Numbers> = rows(&law, "openssl")
        .map(|row| numbers(text(row, "at_least")))
        .collect();
    let series = |floor: &Numbers| floor.iter().zip(&found).take(2).all(|(a, b)| a == b);
    let newest = floors.iter().max();
    let good = match floors.iter().find(|floor| series(floor)) {
        Some(floor) => found >= *floor,
        None => newest.is_some_and(|newest| found > *newest),
    };
    if good {
        Vec::new()
    } else {
        vec![format!("{running} runs; the floors are {floors:?}")]
    }
}

fn locked(lock: &str) -> Vec<(String, String)> {
    let lock: Table = lock.parse().unwrap();
    rows(&lock, "package")
        .map(|row| {
            (
                text(row, "name").to_owned(),
                text(row, "version").to_owned(),
            )
        })
        .collect()
}

fn rows<'a>(table: &'a Table, key: &str) -> impl Iterator<Item = &'a Table> {
    let list = table.get(key).and_then(Value::as_array);
    list.unwrap_or_else(|| panic!("no [[{key}]] rows"))
        .iter()
        .filter_map(Value::as_table)
}

fn text<'a>(row: &'a Table, key: &str) -> &'a str {
    row.get(key)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("a row without {key}: {row:?}"))
}

fn numbers(version: &str) -> Numbers {
    let plain = version.split(['-', '+']).next().unwrap_or_default();
    plain
        .split('.')
        .map_while(|part| part.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAW: &str = include_str!("../../../security/floors.toml");

    fn lock(name: &str, version: &str) -> String {
        format!("version = 4\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n")
    }

    #[test]
    fn a_lock_with_an_old_lopdf_is_caught() {
        assert_eq!(lock_faults(&lock("lopdf", "0.41.0"), LAW).len(), 1);
        assert_eq!(lock_faults(&lock("lopdf", "0.44.0"), LAW).len(), 1);
        assert!(lock_faults(&lock("lopdf", "0.47.0"), LAW).is_empty());
    }

    #[test]
    fn versions_compare_as_numbers() {
        assert_eq!(lock_faults(&lock("diesel", "2.3.9"), LAW).len(), 1);
        assert!(lock_faults(&lock("diesel", "2.3.14"), LAW).is_empty());
        assert_eq!(
            lock_faults(&lock("openssl-src", "300.6.0+3.6.2"), LAW).len(),
            1
        );
    }

    #[test]
    fn refused_crates_are_caught_at_any_version() {
        for name in [
            "ring",
            "rustls",
            "aws-lc-rs",
            "rsa",
            "actix-governor",
            "mupdf",
        ] {
            assert_eq!(lock_faults(&lock(name, "9.9.9"), LAW).len(), 1, "{name}");
        }
    }

    #[test]
    fn each_openssl_series_has_its_own_floor() {
        for good in [
            "OpenSSL 3.0.21 9 Jun 2026",
            "OpenSSL 3.6.3 x",
            "OpenSSL 4.0.1 x",
            "OpenSSL 4.1.0 x",
        ] {
            assert!(openssl_faults(good, LAW).is_empty(), "{good}");
        }
        for bad in [
            "OpenSSL 3.0.20 x",
            "OpenSSL 3.4.9 x",
            "OpenSSL 3.6.2 x",
            "OpenSSL 1.1.1w x",
        ] {
            assert_eq!(openssl_faults(bad, LAW).len(), 1, "{bad}");
        }
    }
}
