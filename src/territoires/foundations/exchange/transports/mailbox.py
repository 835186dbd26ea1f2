"""A mailbox as a way in: each file of each mail is kept, and only then the mail leaves the mailbox.

Killed in between, the next reading finds the same bytes again, which are the arrivals that are already there.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import hashlib
import imaplib
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage

from territoires.kernel.errors import Unavailable

from ..arrivals import LARGEST, receive, receive_together
from .tls import NotTrusted, Trust, check, context

SECONDS = 60
MAILS_A_TURN = 200
"""Then it looks again: what came meanwhile is taken too."""
MAILS_AT_ONCE = 20
"""Asked for their size, and removed once kept, by one command: each waits for the other side's answer."""
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
        for start in range(0, len(mails), MAILS_AT_ONCE):
            _take(
                mailbox, [uid.decode() for uid in mails[start : start + MAILS_AT_ONCE]], channel, is_welcome
            )
        taken.update(mails)


def _take(mailbox: imaplib.IMAP4_SSL, uids: Sequence[str], channel: str, is_welcome: Welcome) -> None:
    """Keeps mails one by one; those that are kept then leave together, also when one of them cannot be kept."""
    sizes, kept = _sizes(mailbox, uids), []
    try:
        for uid in uids:
            if _keep(mailbox, uid, sizes.get(uid, 0), channel, is_welcome):
                kept.append(uid)
    except Exception:
        with contextlib.suppress(OSError, imaplib.IMAP4.error):  # of a line that is cut
            _remove(mailbox, kept)
        raise
    _remove(mailbox, kept)


def _keep(mailbox: imaplib.IMAP4_SSL, uid: str, size: int, channel: str, is_welcome: Welcome) -> bool:
    """Whether the mail is kept: one that is too large is not."""
    if size > LARGEST:
        log.error("exchange: a mail of %d bytes stays in the mailbox of %s", size, channel)
        return False
    if size > READ_IN_MEMORY:
        receive(channel=channel, origin=f"mail {uid}", name=WHOLE_MAIL, chunks=_pieces(mailbox, uid))
    else:
        raw = b"".join(_pieces(mailbox, uid))
        files = files_of(raw) if is_welcome(raw) else [(WHOLE_MAIL, raw)]
        receive_together(channel=channel, origin=origin_of(raw), files=files)
    return True


def _remove(mailbox: imaplib.IMAP4_SSL, uids: Sequence[str]) -> None:
    if not uids:
        return
    these = ",".join(uids)
    _ok(mailbox.uid("STORE", these, "+FLAGS.SILENT", r"(\Deleted)"))
    if "UIDPLUS" in mailbox.capabilities:  # RFC 4315: these alone
        _ok(mailbox.uid("EXPUNGE", these))
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


def _sizes(mailbox: imaplib.IMAP4_SSL, uids: Sequence[str]) -> dict[str, int]:
    """In bytes; a mail that another reader took meanwhile has none."""
    answers = _ok(mailbox.uid("FETCH", ",".join(uids), "(RFC822.SIZE)"))
    said = b"\n".join(one for one in answers if isinstance(one, bytes))
    pairs = re.findall(rb"UID (\d+)[^\n]*?RFC822\.SIZE (\d+)", said)
    pairs += [(uid, size) for size, uid in re.findall(rb"RFC822\.SIZE (\d+)[^\n]*?UID (\d+)", said)]
    return {uid.decode(): int(size) for uid, size in pairs}


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
