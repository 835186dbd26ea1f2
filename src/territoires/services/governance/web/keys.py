"""The keys of programs: what an organisation has, issuing one, taking one back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from territoires.foundations.actions import api as rights
from territoires.foundations.identity import api as identity
from territoires.foundations.registry.api import page
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.ids import new_id

from ..permissions import Governance
from ..queries import keys as queries
from .forms import KeyForm
from .people import actor_of, back, id_in, member_of, target_query
from .tabs import tabs

USUAL_LIFE = timedelta(days=365)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Governance.KEEP_KEYS)
def keys(request: HttpRequest, organisation: str) -> HttpResponse:
    """The keys of an organisation. A new one is told in the answer to its form, and nowhere else."""
    actor, member = actor_of(request), member_of(request)
    form = _form(member, actor, request.POST if request.method == "POST" else None)
    issued = None
    if form.is_valid():
        key, text = identity.issue_api_key(actor=actor, organisation=member, **form.cleaned_data)
        issued, form = {"label": key.label, "text": text}, _form(member, actor, None)
    context = {
        "member": member,
        "keys": queries.keys_of(actor, member),
        "issued": issued,
        "form": form,
        "gesture": new_id(),  # two clicks are one key
        "may_issue": rights.may(actor, identity.Identity.ISSUE_KEY, member),
        "is_present": rights.is_present(actor, identity.PRESENCE_FOR_KEYS),
        "level": identity.PRESENCE_FOR_KEYS.level,
        "target_query": target_query(request),
        "tabs": tabs(request),
    }
    return render(request, "governance/keys.html", context, status=422 if form.errors else 200)


def _form(member: Any, actor: Actor, given: QueryDict | None) -> KeyForm:
    today = legal_day(actor.now())
    return KeyForm(
        given,
        bearable=list(queries.bearable(actor, member)),
        today=today,
        latest=today + identity.LONGEST_KEY_LIFE,
        initial={"until": today + USUAL_LIFE},
    )


@require_POST
@page(Governance.KEEP_KEYS)
def revoke_key(request: HttpRequest, organisation: str) -> HttpResponse:
    """Takes a key back, at once."""
    identity.revoke_api_key(actor=actor_of(request), key=id_in(request, "key"))
    messages.success(request, _("The key opens nothing any more."))
    return back(request, organisation, "keys")
