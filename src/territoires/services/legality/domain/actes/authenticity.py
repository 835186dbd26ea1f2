"""Whether a mail is the State's: what our own mail server found when it checked the sender's signature (RFC 8601)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_COMMENT = re.compile(r"\([^()]*\)")
_PROPERTY = {"dkim": "header.d", "dmarc": "header.from"}


@dataclass(frozen=True, slots=True)
class StateMail:
    """``server`` is the name that our mail server gives itself; ``domains`` are those that the State signs with."""

    server: str
    domains: frozenset[str]


def is_from_state(results: Sequence[str], rule: StateMail) -> bool:
    """Judges the ``Authentication-Results`` headers of a mail, in their order.

    Our server writes its own above all others: the first one in its name is believed, and no other, since a sender may
    add any. SPF alone proves a machine, not a writer.
    """
    for header in results:
        server, *found = (part.strip() for part in _COMMENT.sub(" ", header).split(";"))
        if server.split()[:1] == [rule.server]:
            return any(_proves(one, rule.domains) for one in found)
    return False


def _proves(finding: str, domains: frozenset[str]) -> bool:
    said = dict(part.split("=", 1) for part in finding.lower().split() if "=" in part)
    return any(
        said.get(method) == "pass" and _is_under(said.get(name, ""), domains)
        for method, name in _PROPERTY.items()
    )


def _is_under(domain: str, domains: frozenset[str]) -> bool:
    return any(domain == one or domain.endswith(f".{one}") for one in domains)
