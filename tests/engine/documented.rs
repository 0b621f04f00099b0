//! The page about signatures names every check and every reason code the program can give.

use lienthong::pades::checks::CheckKind;
use lienthong::{cms, jail, pades, pki};

fn page() -> String {
    let path = super::support::path("docs/SIGNATURES.md");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn every_check_stands_on_the_page_with_its_step() {
    let page = page();
    for kind in CheckKind::ALL {
        let row = format!("| {} | `{}` |", kind.step(), kind.id());
        assert!(page.contains(&row), "{row}");
    }
}

#[test]
fn every_reason_code_stands_on_the_page() {
    let page = page();
    let lists = [
        pades::reasons::VERDICTS,
        cms::reasons::FAULTS,
        cms::reasons::TIMESTAMP,
        cms::reasons::FINDINGS,
        pki::reasons::TRUST,
        pki::reasons::TIME,
        pki::reasons::REVOCATION,
        pki::reasons::REFUSED,
        pki::reasons::FINDINGS,
        jail::reasons::VERDICTS,
    ];
    let missing: Vec<_> = lists
        .concat()
        .into_iter()
        .filter(|code| !page.contains(&format!("| `{code}` |")))
        .collect();
    assert!(missing.is_empty(), "docs/SIGNATURES.md lacks {missing:?}");
}
