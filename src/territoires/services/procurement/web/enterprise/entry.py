"""From a public consultation to the bid of one's enterprise."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ...queries.invitations import accepted_by, consultation_for
from ...queries.rounds import current_round, deadline_of
from ...queries.systems import takes_requests
from ..public.consultation import enterprises_of
from ..requests import actor_of
from .island import support


@never_cache
@require_safe
def entry(request: HttpRequest, consultation: UUID) -> HttpResponse:
    """For whom does one answer? One's enterprises; or how to have an account, and how to try without."""
    actor = actor_of(request)
    enterprises = enterprises_of(request)
    found = consultation_for(actor, consultation, [one.pk for one in enterprises])
    if found.is_private:
        enterprises = [one for one in enterprises if accepted_by(found, [one.pk])]
    context = {
        "consultation": found,
        "deadline": deadline_of(found, current_round(found)),
        "now": actor.now(),
        "enterprises": enterprises,
        "is_signed_in": getattr(request.user, "person", None) is not None,
        "takes_requests": takes_requests(found, actor.now()),
        **support(),
    }
    return render(request, "procurement/enterprise/entry.html", context)
