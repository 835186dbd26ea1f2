"""What the agent's pages share."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect

from ...domain.preflight import TOTAL_SIZE
from ...models import Act
from ...queries.files import annexes_of
from ..requests import lists_of
from ..words import pieces, shown

# In bytes; what is too much for the State is told by preflight, not by the door.
LARGEST = TOTAL_SIZE + 50 * 1024 * 1024


def act_context(request: HttpRequest, act: Act) -> dict[str, Any]:
    """The act with its words and annexes, for a template."""
    lists, annexes = lists_of(request), annexes_of(act)
    return {
        "shown": shown(act, lists),
        "act": act,
        "annexes": annexes,
        "pieces": pieces(act, annexes, lists),
    }


def to_act(organisation: str, act: UUID) -> HttpResponseRedirect:
    """To the page of the act."""
    return redirect("legality_desk:act", organisation=organisation, act=act)
