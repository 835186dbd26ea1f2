"""A mailbox as a way in: each file of each mail is kept, and only then the mail leaves the mailbox.

Killed in between, the next reading finds the same bytes again, which are the arrivals that are already there.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import imaplib
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage

from territoires.kernel.errors import Unavailable

from ..arrivals import LARGEST, receive, receive_together
from .tls import NotTrusted, Trust, check, context

SECONDS = 60
MAILS_A_TURN = 200
"""Then it looks again: what came meanwhile is taken too."""
READ_IN_MEMORY = 50 * 1024 * 1024
PIECE = 1024 * 1024
WHOLE_MAIL = "mail.eml"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Account:
    """A mailbox of the operator's, reached by IMAP over TLS (RFC 8314)."""

    host: str
    user: str
    password: str
    port: int = 993
    folder: str = "INBOX"
    trust: Trust = field(default_factory=Trust)


Welcome = Callable[[bytes], bool]


def collect_mail(account: Account, *, channel: str, is_welcome: Welcome = lambda mail: True) -> int:
    """Takes the mails that wait and hands their files to the channel; answers how many mails were taken.

    A mail without a file, too large to be read in memory or beyond reading arrives whole, as ``mail.eml``; so does one
    that is not welcome, such as from a sender who cannot prove to be the partner. Raises Unavailable when the mailbox
    cannot be reached or entered; what was not taken is still in it. One of more than 200 MiB is left there.
    """
    try:
        with _opened(account) as mailbox:
            return _take_all(mailbox, channel, is_welcome)
    except (OSError, NotTrusted, imaplib.IMAP4.error) as failure:
        raise Unavailable(
            "mailbox-away",
            "The mailbox %(user)s at %(host)s cannot be read: %(failure)s",
            "Check its address, its password and its certificate in the operator's settings.",
            params={
                "user": account.user,
                "host": account.host,
                "failure": f"{type(failure).__name__}: {failure}",
            },
        ) from failure


def _opened(account: Account) -> imaplib.IMAP4_SSL:
    mailbox = imaplib.IMAP4_SSL(
        account.host, account.port, ssl_context=context(account.trust, None), timeout=SECONDS
    )
    try:
        check(account.trust, mailbox.socket())  # before the password leaves
        mailbox.login(account.user, account.password)
        _ok(mailbox.select(account.folder))
    except BaseException:
        mailbox.shutdown()
        raise
    return mailbox


def _take_all(mailbox: imaplib.IMAP4_SSL, channel: str, is_welcome: Welcome) -> int:
    taken: set[bytes] = set()
    while True:
        (listed,) = _ok(mailbox.uid("SEARCH", "ALL"))
        mails = [uid for uid in (listed or b"").split() if uid not in taken][:MAILS_A_TURN]
        if not mails:
            return len(taken)
        for uid in mails:
            _take(mailbox, uid.decode(), channel, is_welcome)
        taken.update(mails)


def _take(mailbox: imaplib.IMAP4_SSL, uid: str, channel: str, is_welcome: Welcome) -> None:
    size = _size(mailbox, uid)
    if size > LARGEST:
        log.error("exchange: a mail of %d bytes stays in the mailbox of %s", size, channel)
        return
    if size > READ_IN_MEMORY:
        receive(channel=channel, origin=f"mail {uid}", name=WHOLE_MAIL, chunks=_pieces(mailbox, uid))
    else:
        raw = b"".join(_pieces(mailbox, uid))
        files = files_of(raw) if is_welcome(raw) else [(WHOLE_MAIL, raw)]
        receive_together(channel=channel, origin=origin_of(raw), files=files)
    _ok(mailbox.uid("STORE", uid, "+FLAGS.SILENT", r"(\Deleted)"))
    if "UIDPLUS" in mailbox.capabilities:  # RFC 4315: this one alone
        _ok(mailbox.uid("EXPUNGE", uid))
    else:
        _ok(mailbox.expunge())


def files_of(raw: bytes) -> list[tuple[str, bytes]]:
    """The attached files of a mail (RFC 5322), by name; the mail itself when it has none or cannot be read."""
    try:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        found = [
            (part.get_filename(), part.get_payload(decode=True)) for part in message.walk() if _is_file(part)
        ]
    except Exception:  # the library's reading of hostile mail ends in many ways
        log.warning("exchange: a mail could not be read; it arrives whole", exc_info=True)
        found = []
    named = [(name or "file", content) for name, content in found if isinstance(content, bytes) and content]
    return named or [(WHOLE_MAIL, raw)]


def origin_of(raw: bytes) -> str:
    """The same for the files of one mail, and for no other: its Message-ID, which anybody can choose, and its hash."""
    found = re.search(rb"^Message-ID:[ \t]*(<[\x21-\x7e]{1,200}>)", raw, re.IGNORECASE | re.MULTILINE)
    named = found[1].decode("ascii") if found else "mail"
    return f"{named} {hashlib.sha256(raw).hexdigest()[:32]}"


def _is_file(part: EmailMessage) -> bool:
    if part.is_multipart():
        return False
    return part.get_filename() is not None or part.get_content_maintype() not in ("text", "multipart")


def _size(mailbox: imaplib.IMAP4_SSL, uid: str) -> int:
    (said, *_rest) = _ok(mailbox.uid("FETCH", uid, "(RFC822.SIZE)"))
    found = re.search(rb"RFC822\.SIZE (\d+)", said if isinstance(said, bytes) else b"")
    return int(found[1]) if found else 0


def _pieces(mailbox: imaplib.IMAP4_SSL, uid: str) -> Iterator[bytes]:
    """The mail by pieces of 1 MiB, without marking it as read."""
    start = 0
    while True:
        answer = _ok(mailbox.uid("FETCH", uid, f"(BODY.PEEK[]<{start}.{PIECE}>)"))
        piece = next((part[1] for part in answer if isinstance(part, tuple)), b"")
        if piece:
            yield piece
        if len(piece) < PIECE:
            return
        start += len(piece)


def _ok(answer: tuple[str, list]) -> list:  # type: ignore[type-arg]
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(f"{status} {data!r}"[:200])
    return data
