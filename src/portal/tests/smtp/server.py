"""A mail server with bad days, for the stories of src/portal/tests/stories/mail_faults.rs.

Speaks SMTP through aiosmtpd. Each line on standard input is a JSON object that says how it behaves from now on:
{"mode": "fine"} and the others below, with "only" for recipients that begin so. Says {"port": …} when it listens, {"mode": …} when it
has heard, and one line for every letter that it kept.
"""

import asyncio
import datetime
import email
import email.policy
import json
import logging
import ssl
import sys
import tempfile

from aiosmtpd.smtp import SMTP
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

FOREVER = 3600
# What is said to a recipient, and what after the letter.
TO_RECIPIENT = {"busy": "451 4.7.1 come back later", "unknown": "550 5.1.1 nobody of that name"}
TO_LETTER = {"full": "452 4.3.1 no room today", "unwanted": "554 5.7.1 not here"}


def say(**words):
    print(json.dumps(words), flush=True)


class Desk:
    """Takes letters, in the mood it is told to be in."""

    def __init__(self):
        self.mode, self.only = "fine", ""

    def mood(self, recipient):
        return self.mode if recipient.startswith(self.only) else "fine"

    async def handle_RCPT(self, server, session, envelope, address, options):
        refusal = TO_RECIPIENT.get(self.mood(address))
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 known"

    async def handle_DATA(self, server, session, envelope):
        recipient = envelope.rcpt_tos[0]
        mood = self.mood(recipient)
        if mood in TO_LETTER:
            return TO_LETTER[mood]
        if mood == "stalls_in_data":
            say(stalled=recipient)
            await asyncio.sleep(FOREVER)
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        say(id=letter["Message-ID"], to=recipient, text=letter.get_body(("plain",)).get_content())
        if mood == "answers_late":
            await asyncio.sleep(FOREVER)
        if mood == "answers_slowly":
            await asyncio.sleep(1)
        if mood == "hangs_up":
            server.transport.abort()
        return "250 2.0.0 taken"


class Deaf(asyncio.Protocol):
    """Accepts a connection and never says a word."""


def certificate():
    """Made for localhost a moment ago; nobody vouches for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private + made.public_bytes(pem)


def tls():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(certificate())
        file.flush()
        context.load_cert_chain(file.name)
    return context


# A client that hangs up, or does not like the certificate, is what it is here for.
logging.disable(logging.ERROR)


async def main():
    desk, context = Desk(), tls()
    loop = asyncio.get_running_loop()

    def connection():
        if desk.mode == "deaf":
            return Deaf()
        secured = {"tls_context": context, "require_starttls": True} if desk.mode == "starttls" else {}
        return SMTP(desk, hostname="mail.example", enable_SMTPUTF8=True, loop=loop, **secured)

    async def listen(port):
        return await loop.create_server(connection, "127.0.0.1", port, reuse_address=True)

    server = await listen(0)
    port = server.sockets[0].getsockname()[1]
    say(port=port)
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    # It ends with whoever started it.
    while line := await lines.readline():
        wish = json.loads(line)
        desk.mode, desk.only = wish["mode"], wish.get("only", "")
        if desk.mode == "down" and server:
            server.close()
            server = None
        elif desk.mode != "down" and not server:
            server = await listen(port)
        say(mode=desk.mode)


asyncio.run(main())
