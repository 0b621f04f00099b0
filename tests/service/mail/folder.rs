//! Letters into a folder.

use lienthong::config::mail::{Mail, Way};
use lienthong::notify::{Advice, Stage};

use super::{SENDER, send, to_both, to_the_clerk, why};

#[test]
fn a_folder_holds_each_letter_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made/when/needed");
    let settings = Mail {
        from: SENDER.to_owned(),
        way: Way::Folder,
        folder: Some(path.clone()),
        ..Mail::default()
    };
    for _ in 0..2 {
        let sent = send(&settings, &to_both()).unwrap();
        assert_eq!((sent.code, sent.taken.len()), (None, 2));
    }
    send(&settings, &to_the_clerk()).unwrap();
    let mut names: Vec<String> = std::fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut expected =
        [to_both(), to_the_clerk()].map(|letter| format!("{}.eml", letter.message_id()));
    expected.sort();
    assert_eq!(names, expected);
    let file = path.join(format!("{}.eml", to_both().message_id()));
    assert_eq!(std::fs::read(file).unwrap(), to_both().bytes());
}

#[test]
fn a_folder_that_cannot_be_written_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    std::fs::write(&file, "x").unwrap();
    let settings = Mail {
        from: SENDER.to_owned(),
        way: Way::Folder,
        folder: Some(file),
        ..Mail::default()
    };
    assert_eq!(
        why(send(&settings, &to_both())),
        (None, Stage::Folder, Advice::Retry)
    );
}
