"""A mail leaves the mailbox once its files are kept, and not before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage

import pytest

from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange.models import Arrival
from territoires.foundations.exchange.transports import mailbox as transport
from territoires.foundations.exchange.transports.mailbox import Account, collect_mail, files_of, origin_of
from territoires.foundations.exchange.transports.tls import Trust
from territoires.kernel.errors import Unavailable

from .certificates import Certificate
from .imap import PASSWORD, Mailbox, serve

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(tmp_path) -> Iterator[tuple[Mailbox, Account]]:
    certificate = Certificate(tmp_path, "mail")
    mailbox = Mailbox()
    running = serve(mailbox, certificate)
    account = Account(
        "127.0.0.1", "retour", PASSWORD, port=mailbox.port, trust=Trust(pinned=certificate.fingerprint)
    )
    yield mailbox, account
    running.shutdown()
    running.server_close()


def mail(*files: tuple[str, bytes], text: str = "Bonjour") -> bytes:
    message = EmailMessage()
    message["From"] = "actes@ministere.test"
    message["Message-ID"] = "<1@ministere.test>"
    message["Subject"] = "Accusé"
    message.set_content(text)
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def contents() -> list[tuple[str, str]]:
    return list(Arrival.objects.order_by("id").values_list("name", "state"))


def test_each_file_of_each_mail_arrives_and_the_mail_leaves(other_side, server):
    mailbox, account = server
    mailbox.put(mail(("enveloppe.xml", b"<e/>"), ("délibération.pdf", b"%PDF")))
    mailbox.put(mail(("autre.xml", b"<f/>")))
    assert collect_mail(account, channel="test") == 2
    assert contents() == [
        ("enveloppe.xml", "received"),
        ("délibération.pdf", "received"),
        ("autre.xml", "received"),
    ]
    assert mailbox.mails == {}
    first, second, third = Arrival.objects.order_by("id").values_list("origin", flat=True)
    assert first == second != third
    assert collect_mail(account, channel="test") == 0


@pytest.mark.parametrize("uidplus", [True, False])
def test_a_line_cut_at_any_command_loses_and_doubles_nothing(other_side, server, uidplus):
    mailbox, account = server
    mailbox.uidplus = uidplus
    mailbox.put(mail(("a.xml", b"<a/>"), ("b.xml", b"<b/>")))
    for command in ("LOGIN", "SELECT", "SEARCH", "RFC822", "BODY", "STORE", "EXPUNGE"):
        mailbox.break_before = command
        with pytest.raises(Unavailable, match="mailbox-away"):
            collect_mail(account, channel="test")
        assert mailbox.mails
    mailbox.break_before = ""
    collect_mail(account, channel="test")
    assert not mailbox.mails
    assert [name for name, _state in contents()] == ["a.xml", "b.xml"]


def test_what_cannot_be_kept_stays_in_the_mailbox(other_side, server, monkeypatch):
    mailbox, account = server
    mailbox.put(mail(("a.xml", b"<a/>")))

    def full(**options):
        raise Unavailable("disk-full", "The disk is full.")

    monkeypatch.setattr(transport, "receive_together", full)
    with pytest.raises(Unavailable, match="disk-full"):
        collect_mail(account, channel="test")
    assert mailbox.mails and not mailbox.deleted


def test_what_was_kept_before_one_that_cannot_be_leaves(other_side, server, monkeypatch):
    mailbox, account = server
    mailbox.put(mail(("a.xml", b"<a/>")))
    mailbox.put(mail(("b.xml", b"<b/>")))
    keep = transport.receive_together

    def full(**options):
        if [name for name, _content in options["files"]] == ["b.xml"]:
            raise Unavailable("disk-full", "The disk is full.")
        keep(**options)

    monkeypatch.setattr(transport, "receive_together", full)
    with pytest.raises(Unavailable, match="disk-full"):
        collect_mail(account, channel="test")
    assert list(mailbox.mails) == [2] and contents() == [("a.xml", "received")]


def test_many_mails_are_taken_by_few_commands(other_side, server):
    mailbox, account = server
    for number in range(transport.MAILS_AT_ONCE + 2):
        mailbox.put(mail((f"{number}.xml", b"<a/>")))
    assert collect_mail(account, channel="test") == transport.MAILS_AT_ONCE + 2
    assert not mailbox.mails
    assert mailbox.asked["STORE"] == mailbox.asked["EXPUNGE"] == mailbox.asked["RFC822.SIZE"] == 2


def test_a_mail_without_file_arrives_whole(other_side, server):
    mailbox, account = server
    mailbox.put(mail(text="La suite par courrier"))
    mailbox.put(b"\xff\x00 not a mail at all")
    collect_mail(account, channel="test")
    assert contents() == [("mail.eml", "received")] * 2


def test_a_mail_too_large_for_memory_is_streamed_whole(other_side, server, monkeypatch):
    monkeypatch.setattr(transport, "READ_IN_MEMORY", 1000)
    monkeypatch.setattr(transport, "PIECE", 4096)
    mailbox, account = server
    raw = mail(("a.bin", bytes(range(256)) * 200))
    mailbox.put(raw)
    collect_mail(account, channel="test")
    seen = []
    other_side.read = lambda incoming: seen.append(b"".join(incoming.chunks()))
    exchange.move_once()
    assert seen == [raw]


def test_nobody_s_mailbox_gets_our_password(other_side, server):
    _mailbox, account = server
    for wrong in (
        replace(account, trust=Trust(pinned="0" * 64)),
        replace(account, trust=Trust()),
        replace(account, password="faux"),
        replace(account, port=1),
    ):
        with pytest.raises(Unavailable, match="mailbox-away") as refusal:
            collect_mail(wrong, channel="test")
        assert PASSWORD not in str(refusal.value)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%",
        b"Content-Type: application/pdf; name*=utf-9''%ff\r\n\r\n",
        b"Content-Disposition: attachment; filename*0*=x; filename*1=\xff\r\n\r\nabc",
    ],
)
def test_hostile_mails_arrive_all_the_same(raw):
    assert files_of(raw)
    assert len(origin_of(raw)) < 300


def test_a_forged_message_id_joins_no_other_mail():
    assert origin_of(mail(("a", b"1"))) != origin_of(mail(("a", b"2")))
