"""The door of ``search``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SearchSource:
    """What a service lets people find; filled by the foundation ``search``."""

    name: str
