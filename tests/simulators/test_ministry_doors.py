"""The doors of the ministry: HTTPS with a client certificate, and the IMAP mailbox."""

from __future__ import annotations

import imaplib
import io
import re
import socket
import ssl
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from territoires.foundations.exchange.api import Accepted, NotSent
from territoires.foundations.exchange.transports import mailbox as platform_mailbox
from territoires.foundations.exchange.transports.https import post_file
from territoires.foundations.exchange.transports.tls import ClientIdentity, Trust
from territoires.services.legality.domain.actes import archives, names, writing

from .ministry import PDF, SIREN, Act, Ministry

numbers = (f"D_{number}" for number in count(1))
MAIL = b"From: a@prefecture.test\r\nSubject: essai\r\n\r\n" + b"corps\r\n" * 10


@dataclass
class Bytes:
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    def chunks(self) -> Iterator[bytes]:
        yield self.content


def test_nobody_enters_without_a_certificate(ministry: Ministry) -> None:
    before = len(ministry.call("/received"))
    with pytest.raises((ssl.SSLError, ConnectionError)):
        ministry.post_form(b"--limite--\r\n", shows_certificate=False)
    assert len(ministry.call("/received")) == before


@pytest.mark.parametrize(
    ("form", "status"),
    [
        (b"", 400),
        (b"nothing of a form", 400),
        (b'--limite\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--limite--\r\n', 400),
        (b'--limite\r\nContent-Disposition: form-data; filename="a"\r\n\r\nx', 400),
        (
            b'--limite\r\nContent-Disposition: form-data; filename="a"\r\n\r\nx\r\n--limite\r\n'
            b'Content-Disposition: form-data; filename="b"\r\n\r\ny\r\n--limite--\r\n',
            400,
        ),
    ],
)
def test_a_form_has_one_file(ministry: Ministry, form: bytes, status: int) -> None:
    assert ministry.post_form(form) == status


def test_an_archive_above_150_mib_is_turned_away_unread(ministry: Ministry) -> None:
    connection = ministry.connection
    context = ssl.create_default_context(cafile=connection["authority"])
    context.load_cert_chain(connection["certificate"], connection["key"])
    port = int(re.findall(r":(\d+)/", connection["url"])[0])
    with context.wrap_socket(
        socket.create_connection(("127.0.0.1", port)), server_hostname="127.0.0.1"
    ) as line:
        line.sendall(
            b"POST /actes HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=limite\r\n"
            b"Content-Length: %d\r\n\r\n" % (151 * 1024 * 1024)
        )
        assert line.recv(100).split()[1] == b"413"


def test_whoever_sends_too_much_still_reads_the_answer(ministry: Ministry) -> None:
    assert ministry.post("TER-EACT--212100077--20260312-1.tar.gz", bytes(151 * 1024 * 1024)) == 413


def test_what_the_platform_writes_and_posts_is_acknowledged(
    ministry: Ministry, monkeypatch: pytest.MonkeyPatch
) -> None:
    identifier = names.ActIdentifier("021", SIREN, date(2026, 3, 12), next(numbers), "DE")
    document = names.document_name("99_DE", identifier, "1-1", rank=1, extension="pdf")
    message = names.message_name(identifier, "1-1")
    envelope = names.EnvelopeName("EACT", SIREN, date(2026, 3, 12), next(ministry.serials))
    act = writing.ActMessage(
        act=identifier,
        nature_code="1",
        matter_code="5.2",
        object="Règlement intérieur",
        classification_on=date(2017, 12, 8),
        document=document,
    )
    sender = writing.Sender(
        siren=SIREN,
        department="021",
        arrondissement="3",
        nature="31",
        return_addresses=["actes@plateforme.test"],
    )
    files = {
        str(envelope): writing.write_envelope(sender, [message]),
        message: writing.write_act(act),
        document: PDF,
    }
    archive = io.BytesIO()
    entries = [archives.Entry(name, len(content), [content]) for name, content in files.items()]
    archives.pack(entries, archive, at=datetime(2026, 3, 12, tzinfo=UTC))

    connection = ministry.connection
    trust = Trust(authorities=Path(connection["authority"]))
    own = ClientIdentity(Path(connection["certificate"]), Path(connection["key"]))
    file, name = Bytes(archive.getvalue()), envelope.archive("TER")
    refused = post_file(connection["url"], file=file, name=name, trust=trust)
    assert isinstance(refused, NotSent)
    assert isinstance(post_file(connection["url"], file=file, name=name, trust=trust, identity=own), Accepted)

    arrived: list[str] = []

    def receive_together(*, channel: str, origin: str, files: Iterable[tuple[str, Any]]) -> None:
        arrived.extend(name for name, _content in files)

    monkeypatch.setattr(platform_mailbox, "receive_together", receive_together)
    account = platform_mailbox.Account(**connection["imap"], trust=trust)
    while not arrived:
        platform_mailbox.collect_mail(account, channel="actes-ministry")
    assert arrived[0].startswith(f"EACT--SPREF0213-{SIREN}-")
    assert arrived[1].startswith(f"{identifier}-1-2_")
    assert platform_mailbox.collect_mail(account, channel="actes-ministry") == 0


def test_the_mailbox_knows_what_was_read(ministry: Ministry) -> None:
    for _mail in range(2):
        ministry.call("/mails", MAIL, "message/rfc822")
    box = ministry.mailbox()
    assert box.search(None, "UNSEEN") == ("OK", [b"1 2"])
    box.fetch("1", "(BODY.PEEK[])")
    assert box.search(None, "UNSEEN") == ("OK", [b"1 2"])
    (found, _closing) = box.fetch("1", "(RFC822)")[1]
    assert found[1] == MAIL
    assert box.search(None, "UNSEEN") == ("OK", [b"2"])
    box.store("2", "FLAGS", r"(\Seen)")
    assert box.search(None, "UNSEEN") == ("OK", [b""])
    box.logout()


def test_pieces_and_headers_are_those_of_the_mail(ministry: Ministry) -> None:
    ministry.call("/mails", MAIL, "message/rfc822")
    box = ministry.mailbox()
    (piece, _closing) = box.fetch("1", "(BODY.PEEK[]<6.9>)")[1]
    assert piece[1] == MAIL[6:15]
    (head, _closing) = box.fetch("1", "(BODY.PEEK[HEADER])")[1]
    assert head[1] == MAIL.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    (sizes,) = box.uid("FETCH", "1:*", "(FLAGS RFC822.SIZE INTERNALDATE)")[1]
    assert b"RFC822.SIZE %d" % len(MAIL) in sizes
    assert imaplib.Internaldate2tuple(sizes) is not None
    box.logout()


def test_only_the_deleted_mails_named_leave_the_mailbox(ministry: Ministry) -> None:
    for _mail in range(3):
        ministry.call("/mails", MAIL, "message/rfc822")
    box = ministry.mailbox()
    first, second, third = box.uid("SEARCH", "ALL")[1][0].split()
    box.uid("STORE", b",".join([first, second]).decode(), "+FLAGS", r"(\Deleted)")
    box.uid("EXPUNGE", second.decode())
    assert box.uid("SEARCH", "ALL")[1][0].split() == [first, third]
    assert box.search(None, "DELETED") == ("OK", [b"1"])
    box.expunge()
    assert box.uid("SEARCH", "ALL")[1][0].split() == [third]
    box.select("INBOX", readonly=True)
    assert box.store("1", "+FLAGS", r"(\Deleted)")[0] == "NO"
    assert box.xatom("EXPUNGE")[0] == "NO"
    box.logout()


def test_the_mailbox_opens_to_its_user_only(ministry: Ministry) -> None:
    imap = ministry.connection["imap"]
    context = ssl.create_default_context(cafile=ministry.connection["authority"])
    box = imaplib.IMAP4_SSL(imap["host"], imap["port"], ssl_context=context, timeout=20)
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        box.login(imap["user"], "autre")
    box.state = "AUTH"  # the library would not even ask
    assert box.select()[0] == "NO"
    box.state = "NONAUTH"
    box.login(imap["user"], imap["password"])
    with pytest.raises(imaplib.IMAP4.error):
        box.search(None, "ALL")  # no folder yet
    assert box.select("Autre")[0] == "NO"
    assert box.select()[0] == "OK"
    with pytest.raises(imaplib.IMAP4.error, match="BAD"):
        box.search(None, "SUBJECT", "x")
    box.logout()


def test_an_act_comes_with_the_mail_that_was_put_there(ministry: Ministry) -> None:
    """Hostile mail and answers share the mailbox."""
    ministry.call("/mails", b"nonsense", "message/rfc822")
    assert ministry.send(ministry.act(Act(next(numbers)))) == 200
    assert ministry.mails(2)[0] == {}
