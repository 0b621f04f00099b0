//! The law of the house: which room may import which, who owns which crate, how long a file may
//! be, whether the papers speak of files that exist, and which versions are too old to ship.
//!
//! Each test walks the real tree; the rules themselves live in `tests/support/house` and are tried
//! there against planted faults.

#[cfg(test)]
mod support {
    pub(crate) mod house;
}

#[cfg(test)]
mod the_house {
    use crate::support::house::tree::Tree;
    use crate::support::house::{files, floors, papers, reading, rooms};

    /// Shows every fault at once: fixing them one by one would take a build each.
    #[track_caller]
    fn assert_none(faults: &[String]) {
        assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    }

    #[test]
    fn every_import_is_allowed_by_the_table() {
        let tree = Tree::read();
        let crates = rooms::dependency_names(tree.text("Cargo.toml"));
        let mut faults = rooms::unowned(&crates);
        for (path, source) in tree.sources("src/") {
            faults.extend(rooms::faults(path, source, &crates));
        }
        assert_none(&faults);
    }

    #[test]
    fn the_server_reads_bodies_from_outside_in_the_jail_only() {
        let tree = Tree::read();
        let mut faults = reading::lock_faults(tree.text("Cargo.lock"));
        for (path, source) in tree.sources("src/") {
            faults.extend(reading::faults(path, source));
        }
        assert_none(&faults);
    }

    #[test]
    fn the_import_table_only_points_upward() {
        assert_none(&rooms::cycles());
    }

    #[test]
    fn files_are_short_and_say_what_they_are_for() {
        let tree = Tree::read();
        let faults: Vec<String> = tree
            .sources("")
            .flat_map(|(path, source)| files::source_faults(path, source))
            .collect();
        assert_none(&faults);
    }

    #[test]
    fn every_migration_goes_both_ways() {
        let tree = Tree::read();
        assert_none(&files::migration_faults(&tree.paths().collect::<Vec<_>>()));
    }

    #[test]
    fn nothing_is_left_to_do_without_a_number_and_no_machine_shows_through() {
        let tree = Tree::read();
        let faults: Vec<String> = tree
            .texts()
            .flat_map(|(path, text)| files::text_faults(path, text))
            .collect();
        assert_none(&faults);
    }

    #[test]
    fn the_papers_name_only_what_exists() {
        let tree = Tree::read();
        let faults: Vec<String> = tree
            .papers()
            .flat_map(|(path, text)| papers::missing(path, text, |named| tree.exists(named)))
            .collect();
        assert_none(&faults);
    }

    #[test]
    fn both_readmes_have_the_same_headings() {
        let tree = Tree::read();
        let faults = papers::heading_faults(tree.text("README.md"), tree.text("README.vi.md"));
        assert_none(&faults);
    }

    #[test]
    fn every_locked_version_is_at_or_above_its_floor() {
        let tree = Tree::read();
        let (lock, law) = (tree.text("Cargo.lock"), tree.text("security/floors.toml"));
        assert_none(&floors::lock_faults(lock, law));
    }

    #[test]
    fn the_running_openssl_is_at_or_above_its_floor() {
        let law = Tree::read();
        let running = openssl::version::version();
        assert_none(&floors::openssl_faults(
            running,
            law.text("security/floors.toml"),
        ));
    }
}
