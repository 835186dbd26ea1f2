"""The shape of a fact: what an action leaves in the journal. Facts themselves are declared in ``contracts``."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Subject:
    """What a fact is about: ``type`` as ``<service>.<noun>``, and its id."""

    type: str
    id: UUID


def personal(**options: Any) -> Any:
    """Marks a field of a fact as personal: kept beside the tree, erasable, committed to by a salted digest."""
    return field(metadata={"personal": True}, **options)


def digest(**options: Any) -> Any:
    """Marks a field of a fact as the SHA-256 (hex) of a document that the evidence bundle may carry."""
    return field(metadata={"digest": True}, **options)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One past event. ``KIND`` is ``<service>.<noun>.<past participle>``; a new meaning is a new ``VERSION``.

    ``matter`` is the id that stays from end to end (an act, a consultation, a request). Payload fields hold ids,
    numbers, dates, codes and digests; free text and names are ``personal()``.
    """

    KIND: ClassVar[str]
    VERSION: ClassVar[int] = 1

    subject: Subject
    matter: UUID | None = None

    def payload(self) -> dict[str, Any]:
        """The plain fields, in the closed JSON subset of the journal."""
        return {f.name: plain(getattr(self, f.name)) for f in self._own_fields() if not f.metadata}

    def personal_values(self) -> dict[str, Any]:
        """The personal fields that have a value."""
        return self._marked("personal")

    def digests(self) -> dict[str, str]:
        """The document digests, by field name."""
        return self._marked("digest")

    def _own_fields(self) -> list[dataclasses.Field[Any]]:
        return [f for f in dataclasses.fields(self) if f.name not in ("subject", "matter")]

    def _marked(self, mark: str) -> dict[str, Any]:
        values = {f.name: getattr(self, f.name) for f in self._own_fields() if f.metadata.get(mark)}
        return {name: plain(value) for name, value in values.items() if value not in (None, "", ())}


def plain(value: Any) -> Any:
    """A value in the journal's JSON subset: no float; decimals, ids, dates and instants as text.

    Raises TypeError for anything else.
    """
    match value:
        case None | bool() | int() | str():
            return value
        case UUID() | Decimal():
            return str(value)
        case datetime():
            return instant_text(value)
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
    raise TypeError(f"a fact cannot hold a {type(value).__name__}")


def instant_text(value: datetime) -> str:
    """An instant as RFC 3339 in UTC with microseconds and ``Z``."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
