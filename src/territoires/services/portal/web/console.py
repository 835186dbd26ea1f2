"""The operator's console: flow, age and errors first; any number opens what it counts."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.documents import api as documents
from territoires.foundations.exchange import api as exchange
from territoires.foundations.journal import api as journal
from territoires.foundations.registry.api import failed_jobs, page

from .. import actions
from ..permissions import Portal
from ..queries import doors as queries


@require_safe
@page(Portal.READ_CONSOLE)
def console(request: HttpRequest, organisation: str) -> HttpResponse:
    """Health of each part, the journal's age, dead letters, exchanges, members and territory in figures."""
    return render(request, "portal/console.html", queries.console(request.actor.now()))  # type: ignore[attr-defined]


@require_safe
@page(Portal.READ_CONSOLE)
def journal_page(request: HttpRequest, organisation: str) -> HttpResponse:
    """The latest facts, without personal values, and the latest checkpoint."""
    return render(request, "portal/journal.html", queries.journal_page(before=request.GET.get("before")))


@require_safe
@page(Portal.READ_CONSOLE)
def dead_letters(request: HttpRequest, organisation: str) -> HttpResponse:
    """Facts that a follower could not handle and jobs that failed for good, each with its reason and its replay."""
    context = {
        "letters": journal.dead_letters(),
        "jobs": failed_jobs(),
        "may_replay": request.actor.holds(Portal.REPLAY_DEAD_LETTER),  # type: ignore[attr-defined]
    }
    return render(request, "portal/dead_letters.html", context)


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


@require_POST
@page(Portal.REPLAY_DEAD_LETTER)
def replay_job(request: HttpRequest, organisation: str, job: int) -> HttpResponse:
    """Has a failed job tried once more: soon, by the worker."""
    actions.replay_job(actor=request.actor, job=job)  # type: ignore[attr-defined]
    messages.success(request, _("The job is being tried again; it comes back here if that fails."))
    return redirect("portal_desk:dead-letters", organisation=organisation)


class DiscardForm(forms.Form):
    """Why an arrival is set aside."""

    reason = forms.CharField(
        label=gettext_lazy("Why nobody needs it"),
        help_text=gettext_lazy("It stays in the journal, with your name. The file is kept."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@require_safe
@page(Portal.READ_CONSOLE)
def exchanges(request: HttpRequest, organisation: str) -> HttpResponse:
    """What has not left for certain, with its age, and what came and could not be read, with its reason."""
    actor = request.actor  # type: ignore[attr-defined]
    context = {"may_settle": actor.holds(Portal.SETTLE_EXCHANGE), **queries.exchanges(actor.now())}
    return render(request, "portal/exchanges.html", context)


@require_POST
@page(Portal.SETTLE_EXCHANGE)
def send_again(request: HttpRequest, organisation: str, parcel: UUID) -> HttpResponse:
    """Sends the very same bytes again, under the same name."""
    actions.send_again(actor=request.actor, parcel=parcel)  # type: ignore[attr-defined]
    messages.success(request, _("The very same file leaves again, under the same name."))
    return redirect("portal_desk:exchanges", organisation=organisation)


@require_POST
@page(Portal.SETTLE_EXCHANGE)
def replay_arrival(request: HttpRequest, organisation: str, arrival: UUID) -> HttpResponse:
    """Has the file read again: soon, by the worker."""
    actions.replay_arrival(actor=request.actor, arrival=arrival)  # type: ignore[attr-defined]
    messages.success(request, _("The file is being read again; it comes back here if that fails."))
    return redirect("portal_desk:exchanges", organisation=organisation)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Portal.SETTLE_EXCHANGE)
def discard_arrival(request: HttpRequest, organisation: str, arrival: UUID) -> HttpResponse:
    """Sets the file aside, for a reason."""
    found = exchange.quarantined(arrival)
    form = DiscardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.discard_arrival(
            actor=request.actor,  # type: ignore[attr-defined]
            arrival=arrival,
            reason=form.cleaned_data["reason"],
        )
        messages.success(request, _("The file was set aside; it is kept."))
        return redirect("portal_desk:exchanges", organisation=organisation)
    context = {"form": form, "line": queries.arrival_line(found)}
    status = 422 if request.method == "POST" else 200
    return render(request, "portal/discard_arrival.html", context, status=status)


@require_safe
@page(Portal.SETTLE_EXCHANGE)
def arrival_file(request: HttpRequest, organisation: str, arrival: UUID) -> HttpResponseBase:
    """The file in quarantine, to look at; always as a download."""
    return documents.download_response(exchange.quarantined(arrival).document, request)
