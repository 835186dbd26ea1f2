"""The pages of the way to the State: preparing, confirming one or several, giving up, cancelling, correcting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.documents import api as documents
from territoires.foundations.identity import api as identity
from territoires.foundations.registry.api import page, sentences
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Denied, Invalid

from ...actions import transmitting
from ...models import Act
from ...permissions import Legality
from ...queries import acts as queries
from ...queries import transmissions
from ...queries.effect import must_be_transmitted
from ...queries.files import annexes_of
from ...queries.letters import replies_to_confirm
from ...queries.renumbering import proposed_number
from ...queries.situation import situation_of
from ..forms import chosen_types, matter_choices, piece_choices
from ..letters import shown_letters, shown_reply
from ..requests import actor_of, keys_in, lists_of
from ..transmission import shown_situation
from ..words import shown
from .gestures import Arguments, GesturePage, GestureRequest

RIGHT_OF = {
    "prepare": Legality.PREPARE,
    "reissue": Legality.PREPARE,
    "abandon": Legality.PREPARE,
    "confirm": Legality.SEND,
    "cancel": Legality.SEND,
}


def transmission_context(actor: Actor, act: Act) -> dict[str, Any]:
    """What the page of an act says of its way to the State, and the gestures open to the agent."""
    is_sendable = (
        act.taken_over_at is None and act.state in transmitting.SENDABLE and must_be_transmitted(act)
    )
    if not is_sendable and not act.transmissions.exists():
        return {}
    situation = situation_of(act, actor.now())
    return {
        "situation": shown_situation(situation),
        "letters": shown_letters(actor, act, situation),
        "ways_to_state": [
            verb for verb in situation.verbs if is_sendable and rights.may(actor, RIGHT_OF[verb], act)
        ],
    }


def _situation(request: HttpRequest, act: Act) -> dict[str, Any]:
    return {"situation": shown_situation(situation_of(act, actor_of(request).now()))}


def with_certificate(request: HttpRequest, act: Act) -> dict[str, Any]:
    return {**_situation(request, act), **_certificate(request, act.organisation)}


def _certificate(request: HttpRequest, organisation: Any) -> dict[str, Any]:
    """The certificate of this very request, or why it may not serve and where to present it: told before the gesture."""
    try:
        return {"certificate": identity.judge_presented_certificate(actor_of(request), organisation)}
    except (Denied, Invalid) as refusal:
        return {
            "certificate_refusal": sentences(refusal),
            "certificate_url": ""
            if identity.takes_certificates(request)
            else identity.address_with_certificate(request.path),
        }


prepare = GesturePage(
    permission=Legality.PREPARE,
    verb=transmitting.prepare_transmission,
    template="legality/prepare_transmission.html",
    done=gettext_lazy(
        "The act is ready for the State; it leaves once somebody confirms it with a certificate."
    ),
    context=_situation,
).view()

confirm = GesturePage(
    permission=Legality.SEND,
    verb=transmitting.confirm_transmission,
    template="legality/confirm_transmission.html",
    done=gettext_lazy("The act is leaving for the prefecture; its acknowledgement is awaited."),
    context=with_certificate,
).view()

abandon = GesturePage(
    permission=Legality.PREPARE,
    verb=transmitting.abandon_transmission,
    template="legality/abandon_transmission.html",
    done=gettext_lazy("The transmission is given up; nothing had left."),
    context=_situation,
).view()

cancel = GesturePage(
    permission=Legality.SEND,
    verb=transmitting.cancel_transmission,
    template="legality/cancel_transmission.html",
    done=gettext_lazy(
        "The State is asked to cancel the transmission; until it answers, the transmission holds."
    ),
    context=with_certificate,
).view()


def _corrections(sent: GestureRequest) -> Arguments:
    return {
        "matter_code": sent.request.POST.get("matter_code", ""),
        "main_type": sent.request.POST.get("type-main", ""),
        "annex_types": chosen_types(sent.request.POST, annexes_of(sent.act)),
        "number": sent.request.POST.get("number", "").strip(),
    }


def _choices(request: HttpRequest, act: Act) -> dict[str, Any]:
    """The lists in force, and what was typed, which a refusal does not lose."""
    lists = lists_of(request)
    typed = dict(chosen_types(request.POST, annexes_of(act)))
    return {
        **_situation(request, act),
        "proposed_number": (proposed := proposed_number(act)),
        "number": request.POST.get("number", proposed),
        "matter_choices": matter_choices(lists),
        "matter_code": request.POST.get("matter_code", act.matter_code),
        "piece_choices": piece_choices(lists, act.nature),
        "main_type": request.POST.get("type-main", act.main_type),
        "annex_types": [(annex, typed.get(annex.pk, annex.piece_type)) for annex in annexes_of(act)],
    }


reissue = GesturePage(
    permission=Legality.PREPARE,
    verb=transmitting.reissue_transmission,
    template="legality/reissue_transmission.html",
    done=gettext_lazy("The act is corrected and ready again; it leaves once somebody confirms it."),
    arguments=_corrections,
    context=_choices,
).view()


@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.SEND)
def to_confirm(request: HttpRequest, organisation: str) -> HttpResponse:
    """What waits for a certificate; those that are ticked leave, one gesture each."""
    actor = actor_of(request)
    waiting = transmissions.to_confirm(actor)
    if request.method == "POST":
        keys = set(keys_in(request.POST.getlist("act")))
        _confirm_each(request, [one.act for one in waiting if one.act_id in keys])
        return redirect("legality_desk:to-confirm", organisation=organisation)
    lists = lists_of(request)
    context = {
        "waiting": [(one, shown(one.act, lists)) for one in waiting],
        "replies": [shown_reply(reply) for reply in replies_to_confirm(actor)],
        **_certificate(request, identity.organisation_by_reference(organisation)),
    }
    return render(request, "legality/to_confirm.html", context)


def _confirm_each(request: HttpRequest, acts: Iterable[Act]) -> None:
    done = 0
    for act in acts:
        try:
            transmitting.confirm_transmission(actor=actor_of(request), act=act)
            done += 1
        except (Invalid, Conflict) as refusal:
            messages.warning(request, f"{act.number} : {sentences(refusal)}")
    if done:
        text = ngettext("%(count)d act is leaving.", "%(count)d acts are leaving.", done)
        messages.success(request, text % {"count": done})
    elif not messages.get_messages(request):
        messages.warning(request, _("No act was selected."))


@require_safe
@page(Legality.READ)
def answer(request: HttpRequest, organisation: str, act: UUID, sha256: str) -> HttpResponseBase:
    """The bytes of an answer or a letter of the State about the act."""
    found = queries.act_of(actor_of(request), act)
    return documents.download_response(transmissions.answer_of(found, sha256), request, inline=True)
