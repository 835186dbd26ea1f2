"""What the control APIs share: JSON in and out, orders read field by field, files that hold a secret."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

Answer = tuple[int, dict[str, str], bytes]
JSON = "application/json"


class Unfit(ValueError):
    """What was asked through a control API cannot be done; the words say why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An order with a default for each field."""

    @classmethod
    def read(cls, asked: Mapping[str, Any]) -> Self:
        """From JSON, each value of the type of its field. Raises Unfit."""
        known = {field.name: field for field in fields(cls)}
        for key, value in asked.items():
            if key not in known:
                raise Unfit(f"unknown: {key}")
            expected = type(known[key].default)
            if type(value) is not expected and not (expected is float and type(value) is int):
                raise Unfit(f"{key} is not of type {expected.__name__}")
        made = cls(**asked)
        made.check()
        return made

    def check(self) -> None:
        """Raises Unfit for values that mean nothing."""


def is_json(headers: Mapping[str, str]) -> bool:
    """Whether the caller says so: a page of another origin cannot send this type without asking first."""
    return headers.get("Content-Type", "").partition(";")[0] == JSON


def obeyed(order: Callable[[Mapping[str, Any]], None], body: bytes) -> Answer:
    """Has the order carried out; what cannot be done is 400 with the reason."""
    try:
        asked = json.loads(body or b"{}")
        if not isinstance(asked, dict):
            raise Unfit("a JSON object is expected")
        order(asked)
    except (ValueError, TypeError) as failure:
        return as_json(400, {"error": str(failure)})
    return as_json(200, {})


def as_json(status: int, content: Any) -> Answer:
    """An answer of a control API."""
    return status, {"Content-Type": JSON}, json.dumps(content, ensure_ascii=False).encode()


def password_in(file: Path) -> str:
    """The password kept in a file, made at the first call."""
    if not file.exists():
        replace(file, secrets.token_urlsafe(16))
    return file.read_text()


def replace(file: Path, content: str) -> None:
    """Writes a file that is never half-written, and closed to others: it holds a password."""
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(content)
    draft.replace(file)
