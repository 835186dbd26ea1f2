"""The seven error families. Each error is a stable code, a sentence and what to do next.

Sentences are English message ids; the edges translate them (``gettext``) when they answer. Edges map
a family once: problem+json (RFC 9457) for REST, an explained page for HTML, an exit status for commands.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one input: where, what, and the remedy (all message ids)."""

    field: str
    code: str
    message: str
    remedy: str = ""
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class TerritoiresError(Exception):
    """Base of the families.

    ``code`` is stable and machine-readable, ``message`` says what happened and what is safe, ``remedy`` says
    what to do next; both are ``str.format``-free message ids with named ``%(name)s`` placeholders filled from
    ``params``. ``members`` is what a programme reads beside the sentences (RFC 9457, extension members): strings and
    numbers, never words for people.
    """

    status: ClassVar[int] = 500
    exit_status: ClassVar[int] = 1
    family: ClassVar[str] = "error"

    def __init__(
        self,
        code: str,
        message: str,
        remedy: str = "",
        *,
        params: Mapping[str, Any] | None = None,
        faults: Sequence[Fault] = (),
        members: Mapping[str, Any] | None = None,
    ) -> None:
        self.code = code
        self.message = message
        self.remedy = remedy
        self.params = dict(params or {})
        self.faults = tuple(faults)
        self.members = dict(members or {})
        super().__init__(f"{code}: {message % self.params if self.params else message}")


class Invalid(TerritoiresError):
    """What was given cannot be accepted; ``faults`` name each field."""

    status = 422
    exit_status = 2
    family = "invalid"


class Denied(TerritoiresError):
    """The actor has no right to this."""

    status = 403
    exit_status = 3
    family = "denied"


class StepUpRequired(Denied):
    """The right is there, the proof of presence is not: authenticate again, then resume."""

    def __init__(self, *, level: int, within_seconds: int) -> None:
        self.level = level
        self.within_seconds = within_seconds
        super().__init__(
            "step-up-required",
            "This gesture binds you: please confirm that it is you.",
            "Confirm with your second factor; what you entered is kept.",
        )


class Missing(TerritoiresError):
    """Nothing there, or nothing that this actor may know of."""

    status = 404
    exit_status = 4
    family = "missing"


class Gone(Missing):
    """It was here and was withdrawn, for a stated reason."""

    status = 410


class Conflict(TerritoiresError):
    """Somebody else, or an earlier click, was first; or the state forbids it."""

    status = 409
    exit_status = 5
    family = "conflict"


class TooLate(TerritoiresError):
    """A legal or technical limit has passed."""

    status = 409
    exit_status = 6
    family = "too-late"


class Unavailable(TerritoiresError):
    """A part that this needs is down; nothing was lost, try again."""

    status = 503
    exit_status = 7
    family = "unavailable"


class Corrupt(TerritoiresError):
    """What is stored is not what was written: stop and call the operator."""

    status = 500
    exit_status = 8
    family = "corrupt"
