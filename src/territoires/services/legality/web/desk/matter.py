"""The page of one act: where it stands, what it lacks, the gestures open to the agent, its files and proofs."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page
from territoires.kernel.actor import Actor

from ...domain.life import DRAFT, LIFE, SIGNED
from ...models import Act
from ...permissions import Legality
from ...queries import acts as queries
from ...queries import files, proofs
from ...queries.copies import has_copy
from ...queries.preceding import bound_acts
from ...queries.readiness import advice_of, faults_of
from ...queries.signatories import awaits, signatories_of
from ...queries.transmissions import live_transmission
from ..downloads import certificate_response, evidence_response
from ..effect import effect_context
from ..progress import shown_progress
from ..requests import actor_of, keys_in, lists_of
from ..words import told
from .pages import act_context
from .transmission import transmission_context

HELD_BY_THE_STATE = ("reopen", "withdraw")
"""What is not offered while the act is on its way to the State, or was received there."""
_RIGHT_OF = {
    "revise": Legality.REVISE,
    "declare_signed": Legality.SIGN,
    "ask_signatures": Legality.SIGN,
    "sign": Legality.SIGN_ELECTRONICALLY,
    "sign_last": Legality.SIGN_ELECTRONICALLY,
    "publish": Legality.PUBLISH,
    "post": Legality.PUBLISH,
    "notify": Legality.NOTIFY,
    "reopen": Legality.SIGN,
    "withdraw": Legality.WITHDRAW,
    "discard": Legality.REVISE,
}


@require_safe
@page(Legality.READ)
def act(request: HttpRequest, organisation: str, act: UUID) -> HttpResponse:
    """The act with its timeline, what it lacks, and the one main button, or two doors where its author chooses."""
    actor, lists = actor_of(request), lists_of(request)
    found = queries.act_of(actor, act)
    is_draft = found.state == DRAFT
    ways = lists.natures[found.nature].ways if found.nature in lists.natures else ()
    verbs = _verbs(actor, found)
    context = {
        **act_context(request, found),
        "steps": proofs.timeline_of(found),
        "ways": ways,
        "chooses_its_way": found.state == SIGNED and len(ways) > 1 and {*ways} <= {*verbs},
        "faults": told(faults_of(found, now=actor.now())) if is_draft else [],
        "advice": told(advice_of(found, now=actor.now())) if is_draft else [],
        "verbs": verbs,
        "notifications": queries.notifications_of(found),
        "signatories": signatories_of(found),
        "awaits_me": awaits(actor, found),
        "progress": shown_progress([found]).get(found.pk),
        "has_copy": has_copy(found),
        "bound": bound_acts(found),
        **effect_context(actor, found),
        **transmission_context(actor, found),
    }
    return render(request, "legality/act.html", context)


@require_safe
@page(Legality.READ)
def file(request: HttpRequest, organisation: str, act: UUID, sha256: str) -> HttpResponseBase:
    """A file of the act, the act itself, an annex or a proof of notification."""
    document = files.file_of(queries.act_of(actor_of(request), act), sha256)
    return documents.download_response(document, request, inline=True)


@require_safe
@page(Legality.READ)
def certificate(request: HttpRequest, organisation: str, act: UUID) -> HttpResponseBase:
    """The certificate of publication or notification, as PDF."""
    return certificate_response(queries.act_of(actor_of(request), act))


@require_safe
@page(Legality.READ)
def evidence(request: HttpRequest, organisation: str, act: UUID) -> HttpResponseBase:
    """The evidence bundle, whole or of one ``step``: the files, the facts and their proofs, as ZIP."""
    step = next(iter(keys_in([request.GET.get("step", "")])), None)
    return evidence_response(queries.act_of(actor_of(request), act), only=step, is_public=False)


def _verbs(actor: Actor, act: Act) -> list[str]:
    """The verbs that the state allows and the actor may use: the buttons to show."""
    held = HELD_BY_THE_STATE if live_transmission(act) else ()
    verbs = [verb for verb in LIFE.verbs(act.state) if verb not in held]
    return [verb for verb in verbs if rights.may(actor, _RIGHT_OF[verb], act)]
