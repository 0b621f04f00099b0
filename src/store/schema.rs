//! Tables as diesel sees them; both engines have the same columns in the same order.
//! A test compares this with the migrations of each engine.

diesel::table! {
    /// A document, one row on every hub it has reached.
    documents (id) {
        /// UUIDv7, the same on every hub.
        id -> Text,
        /// code of the issuing agency.
        sender -> Text,
        /// number, such as 07.
        number -> Text,
        /// notation, such as QĐ-UBND.
        notation -> Text,
        /// year of the number series.
        year -> SmallInt,
        /// day of the document, YYYY-MM-DD.
        issued_on -> Text,
        /// name of the document type.
        type_name -> Text,
        /// subject (trích yếu).
        subject -> Text,
        /// 0 normal, 1 khẩn, 2 thượng khẩn, 3 hỏa tốc, 4 hỏa tốc hẹn giờ.
        urgency -> SmallInt,
        /// name of the file as the sender called it.
        file_name -> Text,
        /// person whose key signs it; absent when it came signed or was received.
        signer -> Nullable<Text>,
        /// SHA-256 of the bytes handed in, before sealing; absent for received documents.
        original_sha256 -> Nullable<Text>,
        /// bytes handed in.
        original_size_bytes -> Nullable<BigInt>,
        /// SHA-256 of the sealed bytes that travel; absent until sealed.
        sha256 -> Nullable<Text>,
        /// sealed bytes.
        size_bytes -> Nullable<BigInt>,
        /// how far this hub has brought it.
        stage -> Text,
        /// why sealing or dispatching failed, for the clerk.
        stage_reason -> Nullable<Text>,
        /// hub of the sender.
        origin_hub -> Text,
        /// who handed it in.
        created_by -> Text,
        /// microseconds since 1970 UTC.
        created_at -> BigInt,
    }
}

diesel::table! {
    /// Number and notation are unique in the year of an agency (Decree 30/2020, article 15).
    issued_numbers (sender, year, number, notation) {
        /// code of the issuing agency.
        sender -> Text,
        /// year of the series.
        year -> SmallInt,
        /// number.
        number -> Text,
        /// notation.
        notation -> Text,
        /// the document that bears it.
        document_id -> Text,
    }
}

diesel::table! {
    /// Addressees chosen when the document was handed in.
    recipients (document_id, recipient) {
        /// the document.
        document_id -> Text,
        /// code of the addressed agency.
        recipient -> Text,
    }
}

diesel::table! {
    /// One key, one document: a repeated request finds the first answer here.
    submissions (owner, key) {
        /// account that asked.
        owner -> Text,
        /// Idempotency-Key of the request.
        key -> Text,
        /// SHA-256 of what was asked.
        fingerprint -> Text,
        /// what it made.
        document_id -> Text,
    }
}

diesel::table! {
    /// Bytes in the blob store; the bytes are durable before the row.
    blobs (sha256) {
        /// SHA-256 of the bytes, their name.
        sha256 -> Text,
        /// bytes.
        size_bytes -> BigInt,
        /// microseconds since 1970 UTC.
        first_seen -> BigInt,
    }
}

diesel::table! {
    /// Last number in each agency's register of incoming documents (Decree 30/2020, article 22(2)).
    arrival_registers (agency, year) {
        /// code of the receiving agency.
        agency -> Text,
        /// year of the register.
        year -> SmallInt,
        /// last number given.
        last_number -> Integer,
    }
}

diesel::table! {
    /// One delivery in one role of this hub; the two states are independent columns.
    deliveries (id, role) {
        /// UUIDv7, the same on every hub.
        id -> Text,
        /// part this hub plays.
        role -> Text,
        /// the document.
        document_id -> Text,
        /// code of the sender.
        sender -> Text,
        /// its legal name at the time.
        sender_name -> Text,
        /// code of the recipient.
        recipient -> Text,
        /// its legal name at the time.
        recipient_name -> Text,
        /// envelope exactly as the origin wrote it.
        envelope -> Binary,
        /// hubs passed up to this one, oldest first, separated by blanks.
        path -> Text,
        /// hub it came from; absent at the origin.
        previous_hub -> Nullable<Text>,
        /// hub it goes to; absent at the destination.
        next_hub -> Nullable<Text>,
        /// transport state, rank of `TransportState`; never falls.
        transport_rank -> SmallInt,
        /// handling state, edXML status code, 0 none.
        handling -> SmallInt,
        /// why refused or failed, RF01 to RF99.
        reason_code -> Nullable<Text>,
        /// the same in words.
        reason_text -> Nullable<Text>,
        /// number in the register of incoming documents.
        arrival_number -> Nullable<Text>,
        /// result of verifying the signatures at reception.
        verdict -> Nullable<Text>,
        /// ETSI sub-indication of the verdict.
        sub_indication -> Nullable<Text>,
        /// SHA-256 of the verification report.
        report_sha256 -> Nullable<Text>,
        /// microseconds since 1970 UTC.
        created_at -> BigInt,
        /// microseconds since 1970 UTC.
        updated_at -> BigInt,
        /// whether it still counts.
        standing -> Text,
        /// document that took its place.
        superseded_by -> Nullable<Text>,
    }
}

diesel::table! {
    /// Signed receipts, byte for byte as issued.
    evidence (id) {
        /// UUIDv7 given by the issuer.
        id -> Text,
        /// the delivery it speaks of.
        delivery_id -> Text,
        /// event name of ETSI EN 319 522.
        event -> Text,
        /// hub that signed it.
        issuer -> Text,
        /// time stated, microseconds since 1970 UTC.
        at -> BigInt,
        /// canonical JSON.
        statement -> Binary,
        /// detached CMS, DER.
        signature -> Binary,
        /// when this hub had it, microseconds since 1970 UTC.
        received_at -> BigInt,
    }
}

diesel::table! {
    /// Verification reports made at reception, and again while nothing could be decided.
    reports (delivery_id, created_at) {
        /// the delivery.
        delivery_id -> Text,
        /// JSON, schema lienthong.verification/1.
        report -> Text,
        /// microseconds since 1970 UTC.
        created_at -> BigInt,
    }
}

diesel::table! {
    /// What this hub hands to a neighbour, byte for byte as sent, kept until and after the receipt.
    transfers (id) {
        /// UUIDv7: one id, one effect.
        id -> Text,
        /// what is handed over.
        kind -> Text,
        /// the delivery it is about.
        delivery_id -> Text,
        /// the neighbour.
        to_hub -> Text,
        /// request body.
        body -> Binary,
        /// bytes that must be at the neighbour first.
        blob_sha256 -> Nullable<Text>,
        /// microseconds since 1970 UTC.
        created_at -> BigInt,
        /// when the neighbour's answer was recorded.
        acknowledged_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// What neighbours handed over: the answer given is repeated byte for byte.
    inbox (from_hub, transfer_id) {
        /// the neighbour.
        from_hub -> Text,
        /// its id of the act.
        transfer_id -> Text,
        /// SHA-256 of the request body.
        request_sha256 -> Text,
        /// answer body.
        answer -> Binary,
        /// microseconds since 1970 UTC.
        received_at -> BigInt,
    }
}

diesel::table! {
    /// Bytes a neighbour may upload: nothing else is taken from it. Gone once the bytes are whole or
    /// nobody came back.
    offers (from_hub, sha256) {
        /// the neighbour.
        from_hub -> Text,
        /// SHA-256 of the bytes, their name.
        sha256 -> Text,
        /// bytes.
        size_bytes -> BigInt,
        /// last offered, microseconds since 1970 UTC.
        offered_at -> BigInt,
    }
}

diesel::table! {
    /// Transfers whose id came with other bytes than before: what the receiver stated, kept on both
    /// sides.
    mismatches (neighbour, transfer_id, found_sha256) {
        /// the other hub.
        neighbour -> Text,
        /// the id used twice.
        transfer_id -> Text,
        /// SHA-256 of the body that came second.
        found_sha256 -> Text,
        /// SHA-256 of the body that came first.
        known_sha256 -> Text,
        /// the body that came second, as it came or was sent.
        found -> Binary,
        /// canonical JSON of the receiver.
        statement -> Binary,
        /// its detached CMS signature, DER.
        signature -> Binary,
        /// microseconds since 1970 UTC.
        recorded_at -> BigInt,
    }
}

diesel::table! {
    /// Each use of a private key: written before the key acts, closed after.
    signings (id) {
        /// UUIDv7.
        id -> Text,
        /// what is signed: person, agency or receipt.
        purpose -> Text,
        /// id of the document or delivery.
        subject -> Text,
        /// SHA-256 of the certificate of the key.
        key_sha256 -> Text,
        /// SHA-256 of the bytes given to the key.
        signed_sha256 -> Text,
        /// on whose behalf.
        actor -> Text,
        /// microseconds since 1970 UTC.
        intended_at -> BigInt,
        /// absent: the outcome is unknown.
        finished_at -> Nullable<BigInt>,
        /// done, or what went wrong.
        outcome -> Nullable<Text>,
    }
}

diesel::table! {
    /// Journal of acts in the order this hub recorded them.
    acts (n) {
        /// counter of this hub; order never depends on the clock.
        n -> BigInt,
        /// microseconds since 1970 UTC.
        at -> BigInt,
        /// who acted.
        actor -> Text,
        /// what was done.
        act -> Text,
        /// the document.
        document_id -> Nullable<Text>,
        /// the delivery.
        delivery_id -> Nullable<Text>,
        /// in words, no document content.
        detail -> Text,
    }
}

diesel::table! {
    /// The outbox: work caused by an act, written in the transaction of the act.
    jobs (id) {
        /// UUIDv7.
        id -> Text,
        /// id of the document, delivery, transfer or mail it is about.
        subject -> Text,
        /// neighbour it needs; `@mail` for the mail server; absent for none.
        peer -> Nullable<Text>,
        /// not before, microseconds since 1970 UTC; while it is in hand, the end of the lease.
        due_at -> BigInt,
        /// attempts begun; the fencing token of the lease.
        attempts -> Integer,
        /// taken until, microseconds since 1970 UTC.
        lease_until -> Nullable<BigInt>,
        /// ready, or parked after a permanent error.
        state -> Text,
        /// why the last attempt failed.
        last_error -> Nullable<Text>,
        /// microseconds since 1970 UTC.
        created_at -> BigInt,
        /// 0 urgent, 1 normal, 2 bulk.
        lane -> SmallInt,
        /// failures in a row, for the wait before the next attempt.
        failures -> Integer,
        /// attempts whose worker died or was too late.
        lost -> Integer,
        /// when it ends without success, microseconds since 1970 UTC; absent: never.
        give_up_at -> Nullable<BigInt>,
        /// set aside since, microseconds since 1970 UTC.
        parked_at -> Nullable<BigInt>,
        /// class of the reason it was set aside for.
        parked_why -> Nullable<Text>,
        /// what to do.
        kind -> Text,
    }
}

diesel::table! {
    /// Lines in trouble: a row from the first failure until something goes well.
    links (target) {
        /// the neighbour, or `@mail` for the mail server.
        target -> Text,
        /// failures in a row.
        failures -> Integer,
        /// no probe before, microseconds since 1970 UTC.
        retry_at -> BigInt,
        /// first of these failures, microseconds since 1970 UTC.
        since -> BigInt,
        /// the last of these failures, in words.
        reason -> Text,
    }
}

diesel::table! {
    /// Notification mails and what became of them; a mail is a hint, never the delivery.
    mails (id) {
        /// UUIDv7.
        id -> Text,
        /// the delivery it tells of.
        delivery_id -> Text,
        /// what it tells.
        notice -> Text,
        /// recipient's address.
        address -> Text,
        /// state.
        state -> Text,
        /// last answer of the mail server.
        answer -> Nullable<Text>,
        /// attempts made.
        attempts -> Integer,
        /// microseconds since 1970 UTC.
        created_at -> BigInt,
        /// microseconds since 1970 UTC.
        updated_at -> BigInt,
    }
}

diesel::table! {
    /// A person with an account.
    users (id) {
        /// UUIDv7.
        id -> Text,
        /// name for signing in.
        login -> Text,
        /// name for people.
        name -> Text,
        /// code of the agency the person works for.
        agency -> Text,
        /// what the person may do.
        role -> Text,
        /// Argon2id, PHC form; absent: one-time links only.
        password_hash -> Nullable<Text>,
        /// microseconds since 1970 UTC.
        created_at -> BigInt,
        /// when the account was closed.
        disabled_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// One-time sign-in: only the digest of the token is kept.
    sign_in_links (token_sha256) {
        /// SHA-256 of the token.
        token_sha256 -> Text,
        /// whom it signs in.
        user_id -> Text,
        /// microseconds since 1970 UTC.
        expires_at -> BigInt,
        /// when it was used.
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Sessions and access keys: only the digest of the token is kept.
    sessions (token_sha256) {
        /// SHA-256 of the token.
        token_sha256 -> Text,
        /// whose.
        user_id -> Text,
        /// browser session or access key for programs.
        kind -> Text,
        /// microseconds since 1970 UTC.
        created_at -> BigInt,
        /// microseconds since 1970 UTC.
        last_seen_at -> BigInt,
        /// microseconds since 1970 UTC.
        expires_at -> BigInt,
    }
}

diesel::table! {
    /// The clocks of deadlines, one for each rule of each delivery in each role.
    clocks (delivery_id, role, rule) {
        /// the delivery.
        delivery_id -> Text,
        /// part this hub plays.
        role -> Text,
        /// what is owed.
        rule -> Text,
        /// when it began to run, microseconds since 1970 UTC.
        started_at -> BigInt,
        /// when those concerned are warned, microseconds since 1970 UTC.
        warn_at -> BigInt,
        /// last instant in time, microseconds since 1970 UTC.
        due_at -> BigInt,
        /// 1 when the calendar knew all holidays in between.
        certain -> SmallInt,
        /// how far it is; only moves forward.
        state -> Text,
        /// when it says something next, microseconds since 1970 UTC; absent when it has nothing more to say.
        next_at -> Nullable<BigInt>,
        /// when it warned, microseconds since 1970 UTC.
        warned_at -> Nullable<BigInt>,
        /// when the breach was recorded, microseconds since 1970 UTC.
        breached_at -> Nullable<BigInt>,
        /// when it stopped, microseconds since 1970 UTC.
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Snapshots in the order of their numbers; the highest is in force.
    registry_snapshots (number) {
        /// its number.
        number -> BigInt,
        /// SHA-256 of its bytes.
        sha256 -> Text,
        /// canonical JSON, as signed.
        snapshot -> Binary,
        /// detached CMS, DER.
        signature -> Binary,
        /// time stated, microseconds since 1970 UTC.
        issued_at -> BigInt,
        /// end stated, microseconds since 1970 UTC.
        expires_at -> BigInt,
        /// from where this hub has it: file, or hub and its name.
        source -> Text,
        /// when this hub had it, microseconds since 1970 UTC.
        received_at -> BigInt,
    }
}

diesel::table! {
    /// Change requests about deliveries of this hub: sent from it, or come to it.
    changes (id) {
        /// name of the signed request.
        id -> Text,
        /// the delivery it concerns.
        delivery_id -> Text,
        /// what is asked.
        kind -> Text,
        /// how far it has come; never goes back.
        state -> Text,
        /// who asked.
        asked_by -> Text,
        /// time stated in the request, microseconds since 1970 UTC.
        asked_at -> BigInt,
        /// why, in the words of the sender.
        reason -> Text,
        /// when an answer is due, microseconds since 1970 UTC.
        deadline_at -> BigInt,
        /// document that takes the place.
        successor_document -> Nullable<Text>,
        /// its number and notation.
        successor_number -> Nullable<Text>,
        /// its delivery to the same recipient.
        successor_delivery -> Nullable<Text>,
        /// name of the signed statement that ended it.
        answer_id -> Nullable<Text>,
        /// who ended it.
        answered_by -> Nullable<Text>,
        /// time stated in the answer, microseconds since 1970 UTC.
        answered_at -> Nullable<BigInt>,
        /// why it ended so: word of `Basis`.
        basis -> Nullable<Text>,
        /// why it was refused, in the words of the recipient.
        answer_reason -> Nullable<Text>,
    }
}

diesel::table! {
    /// Evidence that two different snapshots of one number were signed.
    registry_conflicts (sha256) {
        /// SHA-256 of the bytes of the other one.
        sha256 -> Text,
        /// the number both bear.
        number -> BigInt,
        /// the other one, as signed.
        snapshot -> Binary,
        /// its signature, checked: detached CMS, DER.
        signature -> Binary,
        /// from where this hub has it.
        source -> Text,
        /// when this hub had it, microseconds since 1970 UTC.
        received_at -> BigInt,
    }
}

diesel::table! {
    /// The first time each person of the recipient opened a document that came.
    openings (delivery_id, person, part) {
        /// the delivery.
        delivery_id -> Text,
        /// who, as an actor is written.
        person -> Text,
        /// what was opened.
        part -> Text,
        /// the first time, microseconds since 1970 UTC.
        opened_at -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    clocks,
    documents,
    issued_numbers,
    recipients,
    submissions,
    blobs,
    arrival_registers,
    deliveries,
    evidence,
    reports,
    transfers,
    inbox,
    offers,
    mismatches,
    signings,
    acts,
    jobs,
    links,
    mails,
    changes,
    openings,
    users,
    sign_in_links,
    sessions,
    registry_snapshots,
    registry_conflicts
);
