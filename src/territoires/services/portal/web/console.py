"""The operator's console: flow, age and errors first; any number opens what it counts."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from territoires.foundations.journal import api as journal
from territoires.foundations.registry.api import page

from .. import actions, queries
from ..permissions import Portal


@require_safe
@page(Portal.READ_CONSOLE)
def console(request: HttpRequest, organisation: str) -> HttpResponse:
    """Health of each part, the journal's age, dead letters, members and territory in figures."""
    return render(request, "portal/console.html", queries.console())


@require_safe
@page(Portal.READ_CONSOLE)
def journal_page(request: HttpRequest, organisation: str) -> HttpResponse:
    """The latest facts, without personal values, and the latest checkpoint."""
    return render(request, "portal/journal.html", queries.journal_page(before=request.GET.get("before")))


@require_safe
@page(Portal.READ_CONSOLE)
def dead_letters(request: HttpRequest, organisation: str) -> HttpResponse:
    """Facts that a follower could not handle, each with its reason and its replay."""
    may_replay = request.actor.holds(Portal.REPLAY_DEAD_LETTER)  # type: ignore[attr-defined]
    return render(
        request, "portal/dead_letters.html", {"letters": journal.dead_letters(), "may_replay": may_replay}
    )


@require_POST
@page(Portal.REPLAY_DEAD_LETTER)
def replay(request: HttpRequest, organisation: str, letter: UUID) -> HttpResponse:
    """Hands the fact to its follower again, with those of the same subject that waited behind it."""
    passed = actions.replay_dead_letter(actor=request.actor, letter=letter)  # type: ignore[attr-defined]
    if passed:
        messages.success(request, _("The fact was handed over, and followed."))
    else:
        messages.error(request, _("The fact failed again: its reason stands in the list."))
    return redirect("portal_desk:dead-letters", organisation=organisation)
