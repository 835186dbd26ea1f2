"""A mailbox server, small and strict: the part of IMAP4rev1 (RFC 3501) over TLS that a poller speaks."""

from __future__ import annotations

import re
import socketserver
import ssl
import threading
from collections import Counter
from dataclasses import dataclass, field

from .certificates import Certificate

PASSWORD = "mot de passe"


@dataclass
class Mailbox:
    """Mails by their UID. ``break_before`` names a command at which the line is cut, ``asked`` counts some of them."""

    mails: dict[int, bytes] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    break_before: str = ""
    asked: Counter[str] = field(default_factory=Counter)
    uidplus: bool = True
    port: int = 0

    def put(self, mail: bytes) -> None:
        self.mails[max(self.mails, default=0) + 1] = mail


def serve(mailbox: Mailbox, certificate: Certificate) -> socketserver.ThreadingTCPServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.path, certificate.key)

    class Session(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            try:
                with context.wrap_socket(self.request, server_side=True) as line:
                    self.file = line.makefile("rwb")
                    self.say(b"* OK ready")
                    while self.answer(self.file.readline()):
                        continue
            except OSError:
                pass

        def say(self, line: bytes) -> None:
            self.file.write(line + b"\r\n")
            self.file.flush()

        def answer(self, line: bytes) -> bool:
            if not line:
                return False
            tag, _space, command = line.strip().partition(b" ")
            if mailbox.break_before and mailbox.break_before.encode() in command.upper():
                return False
            status = self.perform(command)
            self.say(tag + b" " + status)
            return not command.upper().startswith(b"LOGOUT")

        def perform(self, command: bytes) -> bytes:
            words = command.upper()
            mailbox.asked.update(one for one in ("STORE", "EXPUNGE", "RFC822.SIZE") if one.encode() in words)
            if words.startswith(b"CAPABILITY"):
                self.say(b"* CAPABILITY IMAP4REV1" + (b" UIDPLUS" if mailbox.uidplus else b""))
            elif words.startswith(b"LOGIN"):
                return b"OK in" if PASSWORD.encode() in command else b"NO wrong password"
            elif words.startswith(b"SELECT"):
                self.say(b"* %d EXISTS" % len(mailbox.mails))
            elif words.startswith(b"UID SEARCH"):
                self.say(b"* SEARCH " + b" ".join(b"%d" % uid for uid in mailbox.mails))
            elif fetched := re.match(rb"UID FETCH ([\d,]+) \((.*)\)$", words):
                for uid in map(int, fetched[1].split(b",")):
                    self.fetch(uid, fetched[2])
            elif stored := re.match(rb"UID STORE ([\d,]+) \+FLAGS.SILENT \(\\DELETED\)", words):
                mailbox.deleted.update(map(int, stored[1].split(b",")))
            elif b"EXPUNGE" in words:
                for uid in mailbox.deleted:
                    mailbox.mails.pop(uid, None)
            elif not words.startswith((b"LOGOUT", b"NOOP", b"CLOSE")):
                return b"BAD unknown"
            return b"OK done"

        def fetch(self, uid: int, what: bytes) -> None:
            mail = mailbox.mails[uid]
            if what == b"RFC822.SIZE":
                self.say(b"* 1 FETCH (UID %d RFC822.SIZE %d)" % (uid, len(mail)))
                return
            start, count = map(int, re.match(rb"BODY.PEEK\[\]<(\d+)\.(\d+)>", what).groups())
            piece = mail[start : start + count]
            self.file.write(b"* 1 FETCH (UID %d BODY[]<%d> {%d}\r\n" % (uid, start, len(piece)) + piece)
            self.say(b")")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, request, client_address):
            pass

    server = Server(("127.0.0.1", 0), Session)
    mailbox.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
