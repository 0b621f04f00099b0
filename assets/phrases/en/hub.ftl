# Faults of a hub run from the command line.
cli-configuration-unusable = The configuration cannot be used; the hub was not started and nothing changed: { $detail }
cli-address-taken = Another program uses the address; the hub was not started: { $detail }
cli-record-unavailable = The database cannot be reached, nothing changed; check it and try again: { $detail }
cli-record-unusable = The database cannot be used as it is: { $detail }
cli-hub-fault = { $detail }
cli-demo-broken = The demonstration could not be played: { $detail }
cli-demo-folder-in-use = The folder holds files; nothing was written there. Choose a new or empty one.
demo-folder = Four hubs run in { $folder } on the day 30/06/2025 (sample data).
demo-step-climb = (a) A commune's document passes district and province to the centre; every hop's receipt comes back
demo-step-catch-up = (b) The province sends to three while one hub is stopped; started again, it catches up
demo-step-refusal = (c) A refusal with its reason, seen by the sender and told by mail
demo-step-forgeries = (d) Four forged documents are stopped at reception, each with its reason
demo-step-repeat = (e) A captured transfer sent again: the old receipt comes back, nothing changes
demo-facts = – { $receipts } receipts, { $seconds } s
demo-held = Everything held.
demo-not-held = A step did not hold; see log.txt in each hub's folder.
demo-link-clerk = Clerk (one-time)
demo-link-auditor = Auditor (one-time)
demo-link-verify = Check the signatures of a PDF
demo-mails = Notification mails
demo-keeps-serving = The hubs keep serving. Press Ctrl-C to stop.
demo-forgery-byte-changed = a byte changed after signing
demo-forgery-page-appended = a page appended after signing
demo-forgery-content-replaced = content replaced by an update
demo-forgery-other-agency = signature of another agency

# The outbox: what waits, and what is decided about it.
queue-empty = Nothing waits.
queue-waiting-in-lane = { $target } { $lane }: { $count } waiting, the oldest since { $oldest }
queue-parked-in-lane = { $target } { $lane }: { $count } set aside, the oldest since { $oldest }
queue-line-interrupted = Line to { $target } interrupted: { $count } failures in a row since { $since }, next probe { $next }: { $reason }
queue-line-in-trouble = Line to { $target } in trouble: { $count } failures in a row since { $since }: { $reason }
queue-job-parked = { $id } { $kind } for { $target } ({ $lane }) set aside ({ $why }) since { $since }, { $attempts } attempts: { $reason }
queue-job-waiting = { $id } { $kind } for { $target } ({ $lane }) open since { $since }, { $attempts } attempts, next { $next }: { $reason }
queue-decided = { $id } done
queue-not-decided = { $id } not done: { $fault }
