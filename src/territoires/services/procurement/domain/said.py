"""A sentence of the platform kept as data: whoever reads it later reads it in her own language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from territoires.kernel.errors import TerritoiresError

LONGEST_PARAM = 150


def kept(message: str, params: Mapping[str, Any] | None = None) -> str:
    """A message id with its values, as text for a column; some 400 characters at most."""
    values = {name: str(value)[:LONGEST_PARAM] for name, value in (params or {}).items()}
    return json.dumps({"message": message, "params": values}, ensure_ascii=False)


def kept_refusal(refusal: TerritoiresError) -> str:
    return kept(refusal.message, refusal.params)


def reread(text: str) -> tuple[str, dict[str, str]]:
    """The message id and its values; what somebody wrote in her own words comes back as no message with no value."""
    try:
        found = json.loads(text)
    except ValueError:
        return "", {}
    match found:
        case {"message": str(message), "params": dict(params), **others} if not others:
            return message, params
    return "", {}
