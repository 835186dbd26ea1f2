"""Facts of the life of an act. ``subject`` is the act, ``matter`` the act's id from end to end.

``nature`` is a code of @ctes ("1".."6"), ``matter_code`` a line of the national classification ("7.1"). Objects and
names of persons are personal values: kept beside the tree and erasable.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from territoires.kernel.fact import Fact, digest, personal


@dataclass(frozen=True, kw_only=True)
class ActDrafted(Fact):
    """A draft was opened."""

    KIND: ClassVar[str] = "legality.act.drafted"
    number: str
    nature: str


@dataclass(frozen=True, kw_only=True)
class ActRevised(Fact):
    """A draft was changed; ``fields`` names what changed."""

    KIND: ClassVar[str] = "legality.act.revised"
    number: str
    nature: str
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ActFileAttached(Fact):
    """A file was put on a draft: the act itself (``role`` main) or an annex."""

    KIND: ClassVar[str] = "legality.file.attached"
    role: str
    piece_type: str
    media_type: str
    size: int
    content: str = digest()
    name: str = personal()


@dataclass(frozen=True, kw_only=True)
class ActFileRemoved(Fact):
    """A file was taken off a draft."""

    KIND: ClassVar[str] = "legality.file.removed"
    role: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class ActDiscarded(Fact):
    """A draft was thrown away."""

    KIND: ClassVar[str] = "legality.act.discarded"
    number: str


@dataclass(frozen=True, kw_only=True)
class WithFiles(Fact):
    """A fact that names the bytes of an act: the act itself as ``content``, its annexes as ``annex_1``, ``annex_2``..."""

    content: str = digest()
    annexes: tuple[str, ...] = digest(default=())

    def digests(self) -> dict[str, str]:
        return {"content": self.content} | {f"annex_{n}": d for n, d in enumerate(self.annexes, start=1)}


@dataclass(frozen=True, kw_only=True)
class ActSigned(WithFiles):
    """The body declared the act signed by hand: the scan is here, the paper original is kept by the body."""

    KIND: ClassVar[str] = "legality.act.signed"
    number: str
    nature: str
    decided_on: date
    signed_on: date
    means: str
    given_names: str = personal()
    usual_name: str = personal()
    quality: str = personal()


@dataclass(frozen=True, kw_only=True)
class ActReopened(Fact):
    """An act declared signed by mistake went back to draft."""

    KIND: ClassVar[str] = "legality.act.reopened"
    number: str
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class ActPublished(WithFiles):
    """The act went on line in the public register of its body, with these bytes, at this instant."""

    KIND: ClassVar[str] = "legality.act.published"
    number: str
    nature: str
    matter_code: str
    decided_on: date
    published_at: datetime
    object: str = personal()
    given_names: str = personal()
    usual_name: str = personal()
    quality: str = personal()


@dataclass(frozen=True, kw_only=True)
class ActNotified(Fact):
    """The act was handed to one person concerned, the ``rank``-th; its receipt, if any, is named ``proof_<rank>``."""

    KIND: ClassVar[str] = "legality.act.notified"
    number: str
    nature: str
    decided_on: date
    notified_on: date
    means: str
    rank: int
    content: str = digest()
    proof: str = digest(default="")
    recipient: str = personal()

    def digests(self) -> dict[str, str]:
        return {"content": self.content} | ({f"proof_{self.rank}": self.proof} if self.proof else {})


@dataclass(frozen=True, kw_only=True)
class ActWithdrawn(Fact):
    """The act was withdrawn; a published one answers 410 with the reason from then on."""

    KIND: ClassVar[str] = "legality.act.withdrawn"
    number: str
    was_published: bool
    reason: str = personal()


FACTS: tuple[type[Fact], ...] = (
    ActDrafted,
    ActRevised,
    ActFileAttached,
    ActFileRemoved,
    ActDiscarded,
    ActSigned,
    ActReopened,
    ActPublished,
    ActNotified,
    ActWithdrawn,
)
