//! Encryption to the relay: what is refused, and what is never said in clear.

use lienthong::config::mail::{Mail, Tls};
use lienthong::notify::{Advice, Stage};
use serde_json::{Value, json};

use super::{plain, send, signing_in, to_both, to_the_clerk, why};
use crate::smtp::{Certificate, SmtpServer};

#[test]
fn starttls_encrypts_before_signing_in() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::for_name("localhost", folder.path());
    let login = json!({"name": "lienthong", "password": "mật khẩu"});
    let server = SmtpServer::start(&wishes("starttls", &certificate, &json!({"login": login})));
    let settings = encrypted(server.port(), Tls::Starttls, &certificate);
    let outcome = send(
        &signing_in(settings, "mật khẩu", folder.path()),
        &to_the_clerk(),
    );
    let seen = server.finish();
    assert_eq!(outcome.unwrap().code, Some(250));
    assert_eq!(
        (&seen.mails[0]["encrypted"], &seen.mails[0]["login"]),
        (&json!(true), &json!("lienthong"))
    );
}

#[test]
fn a_connection_may_be_encrypted_from_the_first_byte() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::for_name("localhost", folder.path());
    let login = json!({"name": "lienthong", "password": "x"});
    let server = SmtpServer::start(&wishes("required", &certificate, &json!({"login": login})));
    let settings = encrypted(server.port(), Tls::Required, &certificate);
    let outcome = send(&signing_in(settings, "x", folder.path()), &to_the_clerk());
    let seen = server.finish();
    assert_eq!(outcome.unwrap().code, Some(250));
    assert_eq!(seen.mails[0]["encrypted"], true);
}

#[test]
fn a_certificate_nobody_vouches_for_stops_the_mail() {
    let folder = tempfile::tempdir().unwrap();
    let shown = Certificate::for_name("localhost", folder.path());
    let other = tempfile::tempdir().unwrap();
    let trusted = Certificate::for_name("localhost", other.path());
    for (word, tls) in [("starttls", Tls::Starttls), ("required", Tls::Required)] {
        for trusted_file in [Some(trusted.certificate.clone()), None] {
            let server = SmtpServer::start(&wishes(word, &shown, &json!({})));
            let settings = Mail {
                ca_file: trusted_file,
                ..encrypted(server.port(), tls, &trusted)
            };
            let outcome = send(&settings, &to_both());
            assert_eq!(why(outcome), (None, Stage::Tls, Advice::Retry), "{word}");
            assert!(server.finish().mails.is_empty());
        }
    }
}

#[test]
fn a_certificate_for_another_name_stops_the_mail() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::for_name("relay.example.vn", folder.path());
    for (word, tls) in [("starttls", Tls::Starttls), ("required", Tls::Required)] {
        let server = SmtpServer::start(&wishes(word, &certificate, &json!({})));
        let outcome = send(&encrypted(server.port(), tls, &certificate), &to_both());
        assert_eq!(why(outcome), (None, Stage::Tls, Advice::Retry), "{word}");
        assert!(server.finish().mails.is_empty());
    }
}

#[test]
fn a_relay_without_starttls_gets_neither_password_nor_letter() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::for_name("localhost", folder.path());
    let server = SmtpServer::start(&json!({"tls": "none"}));
    let settings = encrypted(server.port(), Tls::Starttls, &certificate);
    let outcome = send(&signing_in(settings, "secret", folder.path()), &to_both());
    assert_eq!(why(outcome), (None, Stage::Tls, Advice::Retry));
    let seen = server.finish();
    assert!(
        seen.commands.iter().any(|command| command == "EHLO"),
        "{:?}",
        seen.commands
    );
    assert!(
        !seen
            .commands
            .iter()
            .any(|command| command == "AUTH" || command == "MAIL")
    );
}

#[test]
fn answers_slipped_in_before_encryption_are_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::for_name("localhost", folder.path());
    let injected = json!({"inject": ["250-evil", "250 AUTH PLAIN LOGIN"]});
    let server = SmtpServer::start(&wishes("starttls", &certificate, &injected));
    let outcome = send(
        &encrypted(server.port(), Tls::Starttls, &certificate),
        &to_both(),
    );
    assert_eq!(why(outcome), (None, Stage::Tls, Advice::Retry));
    assert!(server.finish().mails.is_empty());
}

fn encrypted(port: u16, tls: Tls, trusted: &Certificate) -> Mail {
    let ca_file = Some(trusted.certificate.clone());
    Mail {
        host: "localhost".to_owned(),
        tls,
        ca_file,
        ..plain(port)
    }
}

fn wishes(tls: &str, certificate: &Certificate, more: &Value) -> Value {
    let mut wishes = more.clone();
    wishes["tls"] = json!(tls);
    wishes["cert"] = json!(certificate.certificate);
    wishes["key"] = json!(certificate.key);
    wishes
}
