"""From a public consultation to the bid of one's enterprise."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from territoires.foundations.identity import api as identity

from ...queries.invitations import consultation_for
from ...queries.rounds import current_round, deadline_of
from ...queries.systems import takes_requests
from ..public.consultation import invitation_in
from ..requests import actor_of
from .island import support

BIDDING = ("enterprise", "association")


@never_cache
@require_safe
def entry(request: HttpRequest, consultation: UUID) -> HttpResponse:
    """For whom does one answer? One's enterprises; or how to have an account, and how to try without."""
    actor = actor_of(request)
    invitation = invitation_in(request, consultation)
    found = consultation_for(actor, consultation, invitation)
    person = getattr(request.user, "person", None)
    places = identity.places_of(person) if person else []
    context = {
        "consultation": found,
        "deadline": deadline_of(found, current_round(found)),
        "now": actor.now(),
        "enterprises": [one.organisation for one in places if one.organisation.kind in BIDDING],
        "is_signed_in": person is not None,
        "takes_requests": takes_requests(found, actor.now()),
        "invitation": invitation if found.is_private else "",
        **support(),
    }
    return render(request, "procurement/enterprise/entry.html", context)
