"""The list of the body's acts: filters in the address, exports, publication of a selection."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.registry.api import page
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict

from ...actions.publishing import publish_act
from ...domain.classification import PUBLISH, Classification
from ...domain.life import LIFE
from ...models import Act
from ...permissions import Legality
from ...queries import acts as queries
from ..forms import FilterForm
from ..progress import shown_progress
from ..requests import actor_of, keys_in, lists_of
from ..tables import export
from ..words import shown

MOST_SELECTED = 100


@require_safe
@page(Legality.READ)
def acts(request: HttpRequest, organisation: str) -> HttpResponse:
    """The acts of the body, the latest changed first."""
    actor, lists = actor_of(request), lists_of(request)
    form = FilterForm(request.GET, lists=lists)
    filters = form.filters(with_state=True)
    found = queries.acts_of(actor, filters, cursor=request.GET.get("after", ""))
    progress = shown_progress(found.acts)
    context = {
        "form": form,
        "filtered": filters.are_set,
        "acts": [(shown(act, lists), progress.get(act.pk)) for act in found.acts],
        "next": found.next,
        "may_draft": rights.may(actor, Legality.DRAFT),
        "may_bring": rights.may(actor, Legality.BRING),
        "may_publish": actor.holds(Legality.PUBLISH),
    }
    return render(request, "legality/acts.html", context)


@require_safe
@page(Legality.READ)
def export_acts(request: HttpRequest, organisation: str, form: str) -> HttpResponseBase:
    """The filtered list as CSV or JSON."""
    lists = lists_of(request)
    filters = FilterForm(request.GET, lists=lists).filters(with_state=True)
    return export(queries.all_acts_of(actor_of(request), filters), lists, form, name=f"actes-{organisation}")


@require_POST
@page(Legality.PUBLISH)
def publish_selection(request: HttpRequest, organisation: str) -> HttpResponse:
    """Publishes the selected acts, one gesture each: first the page that counts them, then the gesture."""
    actor, lists = actor_of(request), lists_of(request)
    keys = keys_in(request.POST.getlist("act")[:MOST_SELECTED])
    ready = [a for a in queries.acts_among(actor, keys, Legality.PUBLISH) if _is_publishable(a, lists)]
    if "confirmed" not in request.POST:
        context = {"acts": [shown(act, lists) for act in ready], "left_out": len(keys) - len(ready)}
        return render(request, "legality/publish_selection.html", context)
    refused = [act.number for act in ready if not _published(actor, act)]
    _tell(request, len(ready) - len(refused), refused)
    return redirect("legality_desk:acts", organisation=organisation)


def _tell(request: HttpRequest, done: int, refused: list[str]) -> None:
    if done:
        text = ngettext("%(count)d act is on line.", "%(count)d acts are on line.", done)
        messages.success(request, text % {"count": done})
    if refused:
        text = _("Not published, because somebody changed them meanwhile: %(numbers)s.")
        messages.warning(request, text % {"numbers": ", ".join(refused)})


def _is_publishable(act: Act, lists: Classification) -> bool:
    nature = lists.natures.get(act.nature)
    return LIFE.allows(act.state, "publish") and nature is not None and PUBLISH in nature.ways


def _published(actor: Actor, act: Act) -> bool:
    try:
        publish_act(actor=actor, act=act)
    except Conflict:
        return False
    return True
