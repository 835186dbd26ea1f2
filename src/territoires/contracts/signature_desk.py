"""The port of whoever has documents signed: a plain page of the asking service, or a parapheur once there is one.

``request`` records what is wanted and answers where the people concerned find it; the signatures themselves come later,
one by one: as verbs of the asking service where its own page stands in, else as the facts below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Protocol
from uuid import UUID

from territoires.kernel.actor import Actor
from territoires.kernel.fact import Fact, Subject, digest, personal

BY_HAND, ELECTRONIC = "hand", "electronic"
MEANS = (BY_HAND, ELECTRONIC)


@dataclass(frozen=True, slots=True)
class ToSign:
    """One document of the document store, by its id and the SHA-256 of its bytes."""

    document: UUID
    sha256: str


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs, in their order: codes of sides that the asking service knows, and the means that each may use."""

    side: str
    means: tuple[str, ...] = MEANS


@dataclass(frozen=True, slots=True)
class SignatureRequested:
    """What a desk answers: the id under which it knows the request, and the page where it is signed."""

    id: UUID
    address: str


class SignatureDesk(Protocol):
    """Has documents signed by those who are named, in their order."""

    def request(
        self,
        *,
        actor: Actor,
        about: Subject,
        documents: Sequence[ToSign],
        circuit: Sequence[Signing],
        matter: UUID,
    ) -> SignatureRequested:
        """Records the request inside the caller's action; asking again for the same ``about`` replaces it."""
        ...


@dataclass(frozen=True, kw_only=True)
class SideSigned(Fact):
    """One side signed at the desk. ``subject`` is the request, ``about`` what was put before the desk, by its type and id.

    ``document`` is the signed file (by hand: its scan), kept for the body; ``content`` its SHA-256, ``source`` that of the
    file which was signed. ``certificate`` is the SHA-256 of the certificate, empty by hand.
    """

    KIND: ClassVar[str] = "signature-desk.side.signed"
    about_type: str
    about: UUID
    side: str
    means: str
    signed_on: date
    document: UUID
    source: str
    certificate: str = ""
    issuer: str = ""
    content: str = digest()
    name: str = personal()
    quality: str = personal(default="")


FACTS: tuple[type[Fact], ...] = (SideSigned,)
