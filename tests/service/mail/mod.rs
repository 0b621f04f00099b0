//! Notification mails against a real SMTP server that is not ours (here and in `encryption`), and
//! into a folder.

use std::fs::Permissions;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use lienthong::config::mail::{Mail, Tls, Way};
use lienthong::domain::clock::Timestamp;
use lienthong::domain::number::DocumentNumber;
use lienthong::domain::refusal::{Reason, ReasonCode};
use lienthong::notify::{
    Advice, EmailAddress, Facts, Letter, Mailbox, NotSent, Notice, Recipients, Sent, Stage,
    Transport, compose, worth_a_retry,
};
use serde_json::{Value, json};

use crate::smtp::{Seen, SmtpServer};

mod encryption;
mod folder;

const SENDER: &str = "Trục liên thông Gia Lai <lienthong@gialai.gov.vn>";
const CLERK: &str = "vanthu@iadom.gov.vn";
const CHIEF: &str = "chanhvanphong@iadom.gov.vn";

fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

fn notice() -> Notice {
    Notice::Refused {
        facts: Facts {
            document: "0197c0de-0000-7000-8000-000000000001".parse().unwrap(),
            delivery: "0197c0de-0000-7000-8000-000000000002".parse().unwrap(),
            number: DocumentNumber::parse("123/QĐ-UBND").unwrap(),
            short_subject: Some("Phê duyệt kế hoạch chuyển đổi số năm 2025".to_owned()),
            sender: "UBND xã Ia Dom".to_owned(),
            receiver: "Sở Nội vụ tỉnh Gia Lai".to_owned(),
            happened_at: "2025-06-30T17:30:05Z".parse().unwrap(),
            link: "https://lienthong.gialai.gov.vn/deliveries/1?tab=2&x=3"
                .parse()
                .unwrap(),
        },
        reason: Reason::new(ReasonCode::SignatureInvalid, "trang 2 <b>").unwrap(),
    }
}

fn letter(to: &Recipients) -> Letter {
    let at: Timestamp = "2025-07-01T01:02:03Z".parse().unwrap();
    compose(&notice(), &SENDER.parse().unwrap(), to, at)
}

fn to_the_clerk() -> Letter {
    let clerk = Mailbox::named("Văn thư, UBND xã \"Ia Dom\"", address(CLERK));
    letter(&Recipients::one(clerk))
}

fn to_both() -> Letter {
    letter(&Recipients::one(address(CLERK)).and(address(CHIEF)))
}

fn plain(port: u16) -> Mail {
    Mail {
        from: SENDER.to_owned(),
        way: Way::Smtp,
        host: "127.0.0.1".to_owned(),
        port: Some(port),
        tls: Tls::NoneLoopbackOnly,
        timeout_seconds: 20,
        ..Mail::default()
    }
}

/// One attempt on a runtime of its own, as a worker would make it.
fn send(settings: &Mail, letter: &Letter) -> Result<Sent, NotSent> {
    let transport = Transport::chosen(settings).unwrap().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(transport.send(letter))
}

/// One attempt at a plain server that behaves as `wishes` say.
fn attempt(wishes: &Value, letter: &Letter) -> (Result<Sent, NotSent>, Seen) {
    let server = SmtpServer::start(wishes);
    let outcome = send(&plain(server.port()), letter);
    (outcome, server.finish())
}

/// Code, stage and advice of a letter that went to nobody, the same for all recipients.
fn why(outcome: Result<Sent, NotSent>) -> (Option<u16>, Stage, Advice) {
    let not_sent = outcome.unwrap_err();
    let mut reasons = not_sent.unreached().iter().map(|one| {
        assert!(!one.setback.text.is_empty());
        (one.setback.code, one.setback.stage, one.setback.advice)
    });
    let first = reasons.next().unwrap();
    assert!(reasons.all(|other| other == first), "{not_sent}");
    let retry = matches!(not_sent, NotSent::Retry(_));
    assert_eq!(retry, first.2 == Advice::Retry, "{not_sent}");
    first
}

#[test]
fn another_mail_reader_understands_the_letter() {
    let letter = to_the_clerk();
    let (outcome, seen) = attempt(&json!({}), &letter);
    let sent = outcome.unwrap();
    assert_eq!(
        (sent.code, sent.text.as_str()),
        (Some(250), "2.0.0 queued as ABC123")
    );
    assert_eq!(
        (sent.taken.as_slice(), sent.unreached.len()),
        ([address(CLERK)].as_slice(), 0)
    );

    let [mail] = seen.mails.as_slice() else {
        panic!("{:?}", seen.mails)
    };
    assert_eq!(mail["sender"], "lienthong@gialai.gov.vn");
    assert_eq!(mail["recipients"], json!([CLERK]));
    let read = &mail["letter"];
    assert_eq!(read["defects"], json!([]));
    assert_eq!(read["from_name"], "Trục liên thông Gia Lai");
    assert_eq!(read["to"], json!([CLERK]));
    assert_eq!(read["to_names"], json!(["Văn thư, UBND xã \"Ia Dom\""]));
    assert_eq!(read["date"], "2025-07-01T08:02:03+07:00");
    assert_eq!(read["type"], "multipart/alternative");
    assert_eq!(read["types"], json!(["text/plain", "text/html"]));
    let header = |name: &str| {
        let all = read["headers"].as_array().unwrap();
        let one = all
            .iter()
            .find(|pair| pair[0].as_str().unwrap().eq_ignore_ascii_case(name));
        one.unwrap()[1].as_str().unwrap().to_owned()
    };
    assert_eq!(header("Subject"), letter.subject());
    assert_eq!(header("Message-ID"), format!("<{}>", letter.message_id()));
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    let thread = "<lienthong.document.0197c0de-0000-7000-8000-000000000001@gialai.gov.vn>";
    assert_eq!(header("References"), thread);
}

#[test]
fn both_halves_say_the_same_in_both_languages() {
    let (_, seen) = attempt(&json!({}), &to_the_clerk());
    let texts = &seen.mails[0]["letter"]["texts"];
    let (text, page) = (texts[0].as_str().unwrap(), texts[1].as_str().unwrap());
    for said in [
        "123/QĐ-UBND",
        "Phê duyệt kế hoạch chuyển đổi số năm 2025",
        "UBND xã Ia Dom",
        "Sở Nội vụ tỉnh Gia Lai",
        "01/07/2025 00:30:05 (UTC+07:00)",
        "Văn bản bị từ chối tiếp nhận",
        "The document has been refused",
        "0197c0de-0000-7000-8000-000000000002",
    ] {
        assert!(
            text.contains(said) && page.contains(said),
            "{said}\n{text}\n{page}"
        );
    }
    assert!(text.contains("Lý do: RF02 Chữ ký không hợp lệ"), "{text}");
    assert!(text.contains("Reason: RF02 Signature invalid") && text.contains(": trang 2 <b>"));
    assert!(!page.contains("<b>"), "{page}");
    assert!(
        text.contains("https://lienthong.gialai.gov.vn/deliveries/1?tab=2&x=3"),
        "{text}"
    );
}

#[test]
fn a_refused_recipient_does_not_stop_the_other() {
    let (outcome, seen) = attempt(
        &json!({"rcpt": {CLERK: "550 5.1.1 no such user"}}),
        &to_both(),
    );
    let sent = outcome.unwrap();
    assert_eq!(sent.taken, [address(CHIEF)]);
    let [refused] = sent.unreached.as_slice() else {
        panic!("{:?}", sent.unreached)
    };
    assert_eq!(refused.address, address(CLERK));
    let setback = &refused.setback;
    assert_eq!((setback.code, setback.advice), (Some(550), Advice::GiveUp));
    assert_eq!(
        (setback.stage, setback.text.as_str()),
        (Stage::Recipient, "5.1.1 no such user")
    );
    assert_eq!(worth_a_retry(&sent.unreached), []);
    assert_eq!(seen.mails[0]["recipients"], json!([CHIEF]));
}

#[test]
fn a_recipient_put_off_gets_the_same_letter_later() {
    let letter = to_both();
    let (outcome, first) = attempt(&json!({"rcpt": {CLERK: "451 4.7.1 greylisted"}}), &letter);
    let later = worth_a_retry(&outcome.unwrap().unreached);
    assert_eq!(later, [address(CLERK)]);
    let (outcome, second) = attempt(&json!({}), &letter.only_to(&later).unwrap());
    assert_eq!(outcome.unwrap().taken, later);
    assert_eq!(second.mails[0]["recipients"], json!([CLERK]));
    assert_eq!(first.mails[0]["letter"], second.mails[0]["letter"]);
}

#[test]
fn refusals_for_now_are_retried_and_lasting_ones_are_not() {
    let all = |reply: &str| json!({"rcpt": {CLERK: reply, CHIEF: reply}});
    let cases = [
        (
            all("451 4.3.0 later"),
            Some(451),
            Stage::Recipient,
            Advice::Retry,
        ),
        (
            all("550 5.7.1 never"),
            Some(550),
            Stage::Recipient,
            Advice::GiveUp,
        ),
        (
            json!({"mail": "452 4.3.1 full"}),
            Some(452),
            Stage::Sender,
            Advice::Retry,
        ),
        (
            json!({"mail": "553 5.1.8 not you"}),
            Some(553),
            Stage::Sender,
            Advice::GiveUp,
        ),
        (
            json!({"mail": "530 5.7.0 sign in"}),
            Some(530),
            Stage::Sender,
            Advice::Retry,
        ),
        (
            json!({"data": "451 4.3.0 later"}),
            Some(451),
            Stage::Content,
            Advice::Retry,
        ),
        (
            json!({"data": "554 5.6.0 never"}),
            Some(554),
            Stage::Content,
            Advice::GiveUp,
        ),
        (
            json!({"data": "354 go on"}),
            None,
            Stage::Content,
            Advice::Retry,
        ),
    ];
    for (wishes, code, stage, advice) in cases {
        let (outcome, seen) = attempt(&wishes, &to_both());
        assert_eq!(why(outcome), (code, stage, advice), "{wishes}");
        assert!(seen.mails.is_empty());
    }
}

#[test]
fn one_refused_for_good_and_one_for_now_is_a_retry_for_one() {
    let wishes = json!({"rcpt": {CLERK: "550 5.1.1 never", CHIEF: "450 4.2.0 later"}});
    let (outcome, _) = attempt(&wishes, &to_both());
    let not_sent = outcome.unwrap_err();
    assert!(matches!(not_sent, NotSent::Retry(_)));
    assert_eq!(worth_a_retry(not_sent.unreached()), [address(CHIEF)]);
}

#[test]
fn a_relay_that_hangs_up_between_recipients_is_tried_again_for_all_not_refused() {
    let wishes = json!({"rcpt": {CLERK: "550 5.1.1 never", CHIEF: "421 4.3.2 closing"}});
    let both_and_more = letter(
        &Recipients::one(address(CLERK))
            .and(address(CHIEF))
            .and(address("third@iadom.gov.vn")),
    );
    let (outcome, seen) = attempt(&wishes, &both_and_more);
    let not_sent = outcome.unwrap_err();
    let later = [address(CHIEF), address("third@iadom.gov.vn")];
    assert_eq!(worth_a_retry(not_sent.unreached()), later);
    assert!(seen.mails.is_empty());
}

#[test]
fn a_wrong_password_is_the_settings_fault_and_retried() {
    let login = json!({"login": {"name": "lienthong", "password": "right"}});
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start(&login);
    let settings = signing_in(plain(server.port()), "wrong", folder.path());
    let outcome = send(&settings, &to_both());
    assert_eq!(why(outcome), (Some(535), Stage::Login, Advice::Retry));
    assert!(server.finish().mails.is_empty());
}

#[test]
fn a_relay_that_is_not_there_is_tried_again() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let outcome = send(&plain(port), &to_both());
    assert_eq!(why(outcome), (None, Stage::Connect, Advice::Retry));
}

#[test]
fn a_silent_relay_costs_no_more_than_the_patience() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let started = Instant::now();
    let outcome = send(
        &Mail {
            timeout_seconds: 1,
            ..plain(port)
        },
        &to_both(),
    );
    assert_eq!(why(outcome), (None, Stage::Greeting, Advice::Retry));
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
}

#[test]
fn a_relay_that_dies_in_the_middle_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let relay = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        for answer in ["220 hello\r\n", "250 hello\r\n", "250 OK\r\n"] {
            stream.write_all(answer.as_bytes()).unwrap();
            let _command = stream.read(&mut [0; 500]).unwrap();
        }
    });
    let outcome = send(&plain(port), &to_both());
    relay.join().unwrap();
    assert_eq!(why(outcome), (None, Stage::Recipient, Advice::Retry));
}

#[test]
fn a_relay_talking_nonsense_is_tried_again() {
    for nonsense in [
        "HTTP/1.1 400 Bad Request\r\n\r\n",
        "999 what\r\n",
        "\u{0}\u{1}\r\n",
        "554 busy\r\n",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let relay = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(nonsense.as_bytes()).unwrap();
        });
        let outcome = send(&plain(port), &to_both());
        relay.join().unwrap();
        let (_, stage, advice) = why(outcome);
        assert_eq!(
            (stage, advice),
            (Stage::Greeting, Advice::Retry),
            "{nonsense:?}"
        );
    }
}

#[test]
fn unusable_settings_are_named_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "no certificate here").unwrap();
    let refused = |settings: &Mail| Transport::chosen(settings).unwrap_err().to_string();
    let relay = Mail {
        host: "relay.vn".to_owned(),
        tls: Tls::Starttls,
        ..plain(25)
    };
    assert!(
        refused(&Mail {
            ca_file: Some(empty),
            ..relay.clone()
        })
        .contains("ca_file")
    );
    let absent = Some(folder.path().join("absent"));
    assert!(
        refused(&Mail {
            ca_file: absent,
            ..relay.clone()
        })
        .contains("absent")
    );
    assert!(
        refused(&Mail {
            from: "nobody".to_owned(),
            ..relay.clone()
        })
        .contains("nobody")
    );
    assert!(
        refused(&Mail {
            tls: Tls::NoneLoopbackOnly,
            ..relay
        })
        .contains("relay.vn")
    );
    assert!(Transport::chosen(&Mail::default()).unwrap().is_none());
}

fn signing_in(settings: Mail, password: &str, folder: &Path) -> Mail {
    let file = folder.join("password");
    std::fs::write(&file, format!("{password}\n")).unwrap();
    std::fs::set_permissions(&file, Permissions::from_mode(0o400)).unwrap();
    Mail {
        username: Some("lienthong".to_owned()),
        password_file: Some(file),
        ..settings
    }
}
