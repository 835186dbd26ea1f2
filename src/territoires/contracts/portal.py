"""Facts of the portal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from territoires.kernel.fact import Fact


@dataclass(frozen=True, kw_only=True)
class DeadLetterReplayed(Fact):
    """An operator handed a parked fact to its follower again; ``passed`` counts the facts that went through."""

    KIND: ClassVar[str] = "portal.dead-letter.replayed"
    passed: int


@dataclass(frozen=True, kw_only=True)
class JobReplayed(Fact):
    """An operator had a failed job of the worker tried once more; ``job`` is its number in the queue."""

    KIND: ClassVar[str] = "portal.job.replayed"
    job: int
    task: str


FACTS: tuple[type[Fact], ...] = (DeadLetterReplayed, JobReplayed)
