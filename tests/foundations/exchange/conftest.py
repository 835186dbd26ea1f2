"""A channel of the test's own, with the other side in memory: what it got, and what it will answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from territoires.foundations.documents import api as documents
from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange import channels
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id


@dataclass
class OtherSide:
    """Answers ``answers`` in turn, then accepts; ``read`` is what its absorb handler does."""

    got: list[tuple[str, bytes]] = field(default_factory=list)
    answers: list[exchange.Delivery | Exception] = field(default_factory=list)
    enquiries: list[exchange.Delivery] = field(default_factory=list)
    absorbed: list[bytes] = field(default_factory=list)
    read: Callable[[exchange.Incoming], None] = lambda incoming: None

    def deliver(self, outgoing: exchange.Outgoing) -> exchange.Delivery:
        self.got.append((outgoing.key, b"".join(outgoing.chunks())))
        answer = self.answers.pop(0) if self.answers else exchange.Accepted("42")
        if isinstance(answer, Exception):
            raise answer
        return answer

    def enquire(self, outgoing: exchange.Outgoing) -> exchange.Delivery:
        return self.enquiries.pop(0)

    def absorb(self, incoming: exchange.Incoming) -> None:
        self.read(incoming)
        self.absorbed.append(b"".join(incoming.chunks()))

    @property
    def keys(self) -> list[str]:
        return [key for key, _content in self.got]


@pytest.fixture
def other_side(monkeypatch, settings, tmp_path) -> OtherSide:
    """The partner behind the channel ``test``, the only one declared; files go to a folder of the test."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "files"},
        },
    }
    monkeypatch.setattr(channels, "_channels", {})
    side = OtherSide()
    exchange.declare_channels(
        [
            exchange.Channel(
                code="test",
                label="Test",
                deliver=side.deliver,
                absorb=side.absorb,
                enquire=side.enquire,
            )
        ]
    )
    return side


@pytest.fixture
def worker() -> Actor:
    return system_actor("worker")


@pytest.fixture
def posted(worker):
    """Posts bytes under a key; answers the parcel's id."""
    town = new_id()

    def post(key: str, content: bytes = b"", *, organisation=town, **options):
        document = documents.receive(
            [content or key.encode()], name=key, organisation=organisation, actor=worker, limit=10**6
        )
        return exchange.post(
            actor=worker,
            channel="test",
            organisation=organisation,
            key=key,
            document=document,
            subject=Subject("test.letter", new_id()),
            matter=None,
            **options,
        )

    return post
