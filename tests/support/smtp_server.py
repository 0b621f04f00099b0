"""A scripted SMTP server on a free loopback port, and a MIME reader that is not ours.

Reads one JSON object from the first line of standard input:
  rcpt      address -> reply ("550 5.1.1 no such user") given to RCPT; others are taken
  mail      reply given to MAIL instead of 250
  data      reply given after the content instead of 250
  tls       "none", "starttls" or "required"
  cert, key PEM files, for tls
  login     {"name": ..., "password": ...}: signing in is required
  inject    reply lines sent in plain text right behind the answer to STARTTLS

Writes JSON lines: {"listening": port}, then one {"mail": ...} per letter taken and one {"seen": ...}
per command line. Ends when standard input ends.
"""

import asyncio
import email
import email.policy
import json
import logging
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult


def say(what):
    print(json.dumps(what), flush=True)


def read_letter(raw):
    """What an independent MIME reader finds in a letter."""
    letter = email.message_from_bytes(raw, policy=email.policy.default)
    parts = [part for part in letter.walk() if not part.is_multipart()]
    found = {
        "headers": [[name, str(value)] for name, value in letter.items()],
        "from_name": letter["from"].addresses[0].display_name,
        "from": letter["from"].addresses[0].addr_spec,
        "to": [address.addr_spec for address in letter["to"].addresses],
        "to_names": [address.display_name for address in letter["to"].addresses],
        "date": letter["date"].datetime.isoformat(),
        "type": letter.get_content_type(),
        "types": [part.get_content_type() for part in parts],
        "texts": [part.get_content() for part in parts],
        "defects": [str(defect) for part in letter.walk() for defect in part.defects],
    }
    found["defects"] += [str(d) for _, v in letter.items() for d in getattr(v, "defects", ())]
    return found


class Script:
    def __init__(self, wishes):
        self.wishes = wishes

    async def handle_MAIL(self, server, session, envelope, address, options):
        if "mail" in self.wishes:
            return self.wishes["mail"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        reply = self.wishes.get("rcpt", {}).get(address, "250 OK")
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server, session, envelope):
        if "data" in self.wishes:
            return self.wishes["data"]
        say({
            "mail": {
                "sender": envelope.mail_from,
                "recipients": envelope.rcpt_tos,
                "encrypted": session.ssl is not None or self.wishes.get("tls") == "required",
                "login": session.auth_data and session.auth_data.decode(),
                "letter": read_letter(envelope.original_content),
            }
        })
        return "250 2.0.0 queued as ABC123"


class Server(SMTP):
    def __init__(self, script, **settings):
        self.wishes = script.wishes
        super().__init__(script, **settings)

    async def push(self, status):
        inject = self.wishes.get("inject")
        if inject and status.startswith("220 Ready"):
            status = "\r\n".join([status, *inject])
        await super().push(status)


def reporting(name):
    """The server's own answer to a command, reported first."""

    async def answer(self, argument):
        say({"seen": name})
        await getattr(super(Server, self), f"smtp_{name}")(argument)

    return answer


for command in ("EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA"):
    setattr(Server, f"smtp_{command}", reporting(command))


def authenticator(wanted):
    def check(server, session, envelope, mechanism, data):
        good = data.login == wanted["name"].encode() and data.password == wanted["password"].encode()
        return AuthResult(success=good, handled=False, auth_data=data.login)

    return check


def settings(wishes):
    chosen = {"hostname": "relay.test", "ident": "test relay", "timeout": 30}
    if wishes.get("tls") == "starttls":
        chosen |= {"tls_context": context(wishes), "require_starttls": True}
    if "login" in wishes:
        chosen |= {
            "authenticator": authenticator(wishes["login"]),
            "auth_required": True,
            "auth_require_tls": wishes.get("tls") == "starttls",
        }
    return chosen


def context(wishes):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(wishes["cert"], wishes["key"])
    return made


async def main():
    # Broken handshakes and weak logins are what the tests are about.
    logging.disable()
    warnings.simplefilter("ignore")
    wishes = json.loads(sys.stdin.readline())
    loop = asyncio.get_running_loop()
    sealed = context(wishes) if wishes.get("tls") == "required" else None
    script = Script(wishes)
    server = await loop.create_server(
        lambda: Server(script, loop=loop, **settings(wishes)), "127.0.0.1", 0, ssl=sealed
    )
    say({"listening": server.sockets[0].getsockname()[1]})
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
