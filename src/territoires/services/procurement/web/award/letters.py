"""The letters of the decision: as they will leave, as they left, the reasons asked afterwards."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page
from territoires.kernel.clock import legal_day

from ...actions import letters
from ...domain import life
from ...permissions import Procurement
from ...queries import award as queries
from ...queries.letters import drafts_of, expected_standstill
from ..after_opening import words
from ..after_opening.consultation import consultation_place, context_of, found_for, place_of
from ..forms import Gesture
from ..gesture import Button, GesturePage, Place
from ..requests import actor_of
from .forms import ReasonsForm


@require_http_methods(["GET", "HEAD"])
@page(Procurement.READ)
def letters_page(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The letters that will leave, or those that left with what proves it."""
    found = found_for(request, consultation)
    now = actor_of(request).now()
    proofs = queries.letters_of(found)
    is_decided = found.state == life.DECIDED and not queries.decision_letters(found)
    context = {
        **context_of(request, found),
        "proofs": [{"proof": one, "title": words.letter_title(one.letter)} for one in proofs],
        "drafts": drafts_of(found, now) if is_decided else [],
        "due": expected_standstill(found, now) if is_decided else None,
        "is_formal": is_decided and queries.procedure_of(found, legal_day(now)).is_formal,
        "reasons": queries.reasons_waiting(found),
        "key": Gesture().initial["_key"],
    }
    return render(request, "procurement/award/letters.html", context)


def _standstill_place(request: HttpRequest, organisation: str, consultation: UUID) -> Place:
    place = consultation_place("letters", Procurement.AWARD)(request, organisation, consultation)
    return replace(place, arguments={**place.arguments, "keeps": request.POST.get("keeps") == "yes"})


keep_standstill = Button(
    permission=Procurement.AWARD,
    verb=letters.keep_standstill,
    done=gettext_lazy("Your choice is recorded."),
    load=_standstill_place,
).view()


send_letters = Button(
    permission=Procurement.AWARD,
    verb=letters.tell_candidates,
    done=gettext_lazy("The letters left, all together."),
    load=consultation_place("letters", Procurement.AWARD),
).view()


@require_safe
@page(Procurement.READ)
def letter_file(
    request: HttpRequest, organisation: str, consultation: UUID, letter: UUID
) -> HttpResponseBase:
    """A letter as it left."""
    found = found_for(request, consultation)
    return documents.download_response(queries.letter_sent(found, letter), request)


def _reasons_place(request: HttpRequest, organisation: str, consultation: UUID, candidacy: UUID) -> Place:
    found = found_for(request, consultation, Procurement.AWARD)
    return Place(
        arguments={"consultation": found, "candidacy": candidacy},
        consultation=found,
        after=place_of("letters", found),
    )


give_reasons = GesturePage(
    permission=Procurement.AWARD,
    verb=letters.give_reasons,
    title=gettext_lazy("Give the reasons"),
    meaning=gettext_lazy(
        "A candidate that was not chosen asked why: it is told within fifteen days, with the characteristics of the"
        " chosen bid where it was admissible."
    ),
    button=gettext_lazy("Send the answer"),
    done=gettext_lazy("The answer was sent."),
    icon="send",
    legal=True,
    load=_reasons_place,
    form=ReasonsForm,
    fields=("text",),
).view()
