"""The pages of electronic signatures: asking for them, and signing what waits, many in one gesture."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.registry.api import page, sentences
from territoires.foundations.trust import api as trust
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Denied, Invalid, Missing

from ...actions import electronic
from ...actions.electronic import PRESENCE_FOR_SIGNING
from ...domain.life import DRAFT
from ...models import Act
from ...permissions import Legality
from ...queries import acts as queries
from ...queries import copies, signatories
from ...queries import sittings as sitting_queries
from ...queries.readiness import faults_of
from ..forms import Gesture, LaterChoice
from ..requests import actor_of, keyed, keys_in
from ..words import told
from .gestures import Arguments, GesturePage, GestureRequest


@trust.reads_key_file
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.SIGN_ELECTRONICALLY)
def signatures(request: HttpRequest, organisation: str) -> HttpResponse:
    """What waits for this person's signature: she reads, ticks, gives her key once, and signs them all."""
    actor = actor_of(request)
    waiting = signatories.waiting_for(actor)
    is_present = rights.is_present(actor, PRESENCE_FOR_SIGNING)
    if request.method == "POST":
        if not is_present:
            return _confirm_presence(request)
        chosen = set(keys_in(request.POST.getlist("act")))
        form = trust.KeyForm(request.POST, request.FILES)
        if not chosen:
            form.add_error(None, _("No act is ticked: tick those that you sign."))
        if form.is_valid() and form.key is not None:
            _sign_all(request, actor, [act for act in waiting if act.pk in chosen], form.key)
            return redirect("legality_desk:signatures", organisation=organisation)
    else:
        form, chosen = trust.KeyForm(), {act.pk for act in waiting}
    context = {
        "waiting": waiting,
        "chosen": chosen,
        "form": form,
        "is_present": is_present,
        "step_up": _step_up_address(request),
        "is_demonstration_key": _gets_demonstration_key(request),
    }
    return render(request, "legality/signatures.html", context, status=422 if form.errors else 200)


@sensitive_variables("file", "password")
@never_cache
@require_POST
@page(Legality.SIGN_ELECTRONICALLY)
def demonstration_key(request: HttpRequest, organisation: str) -> HttpResponse:
    """A key file to sign with, for an invented person: it is in this answer and nowhere else."""
    if not _gets_demonstration_key(request):
        raise Missing("no-demonstration", "This platform issues no keys.", "Ask a certification authority.")
    acting: Any = request.acting  # type: ignore[attr-defined]
    file, password = trust.issue_demonstration_certificate(
        given_names=acting.person.given_names,
        usual_name=acting.person.usual_name,
        organisation_name=acting.organisation.name,
        siren=acting.organisation.siren,
        usage="person",
    )
    context = {"file": base64.b64encode(file).decode(), "password": password}
    return render(request, "legality/signing_key.html", context)


def _asking(request: HttpRequest, act: Act) -> dict[str, Any]:
    sitting = signatories.sitting_for(act)
    faults = [
        *faults_of(act, now=actor_of(request).now()),
        *signatories.faults_of_electronic_signature(act),
    ]
    return {"faults": told(faults), "expected": signatories.expected_of(act, sitting)}


class AskForm(Gesture):
    """Which person is meant, for each name that several members of the body bear."""

    def __init__(self, *args: Any, act: Act, actor: Actor, **options: Any) -> None:
        super().__init__(*args, act=act, **options)
        self.namesakes = signatories.namesakes_of(act, actor)
        nowhere = _("does not sign in here")
        for key, people in self.namesakes.items():
            addresses = signatories.addresses_of(people)
            self.fields[f"meant-{key}"] = LaterChoice(
                label=_("Which %(name)s signs") % {"name": people[0].display_name},
                widget=forms.RadioSelect,
                choices=[
                    (str(one.pk), f"{one.display_name} – {addresses.get(one.pk, nowhere)}") for one in people
                ],
            )

    def meant(self) -> dict[str, UUID]:
        """The person chosen for each name."""
        chosen = {key: self.cleaned_data.get(f"meant-{key}") for key in self.namesakes}
        return {key: UUID(person) for key, person in chosen.items() if person}


class AskPage(GesturePage):
    """The form needs to know who asks: whose body's members are meant."""

    def make_form(self, request: HttpRequest, *given: Any, **options: Any) -> Gesture:
        return AskForm(*given, actor=actor_of(request), **options)


def _meant(sent: GestureRequest) -> Arguments:
    return {"meant": sent.form.meant()} if isinstance(sent.form, AskForm) else {}


ask = AskPage(
    permission=Legality.SIGN,
    verb=electronic.ask_signatures,
    template="legality/ask_signatures.html",
    done=gettext_lazy("The signatures are asked; each person named signs from their own desk."),
    arguments=_meant,
    context=_asking,
).view()


@require_POST
@page(Legality.SIGN)
def ask_all(request: HttpRequest, organisation: str, sitting: UUID) -> HttpResponse:
    """Asks the signatures of all the drafts of an evening; those that are not ready are named."""
    actor = actor_of(request)
    found = sitting_queries.sitting_of(actor, sitting)
    gesture = Gesture(request.POST)
    gesture.is_valid()
    asked, refused = 0, []
    for act in sitting_queries.acts_of(found):
        if act.state != DRAFT:
            continue
        try:
            electronic.ask_signatures(actor=keyed(request, f"{gesture.key}:{act.pk}"), act=act)
            asked += 1
        except (Invalid, Conflict):
            refused.append(act.number or act.object or "—")
    if asked:
        text = ngettext(
            "The signatures of %(count)d act are asked.", "The signatures of %(count)d acts are asked.", asked
        )
        messages.success(request, text % {"count": asked})
    if refused:
        text = _("Not ready to be signed: %(numbers)s. Open each to see what is missing.")
        messages.warning(request, text % {"numbers": ", ".join(refused)})
    return redirect("legality_desk:sitting", organisation=organisation, sitting=sitting)


@require_safe
@page(Legality.READ)
def copy(request: HttpRequest, organisation: str, act: UUID) -> HttpResponseBase:
    """A copy with the stamp of the acknowledgement, sealed by the body."""
    found = queries.act_of(actor_of(request), act)
    with copies.stamped_copy(found, at=actor_of(request).now()) as file:
        response = HttpResponse(file.read_bytes(), content_type="application/pdf")
    disposition = content_disposition_header(True, f"copie-{found.number}.pdf")
    response["Content-Disposition"] = disposition or "attachment"
    return response


def _sign_all(request: HttpRequest, actor: Actor, acts: list[Act], key: trust.SigningKey) -> None:
    """Signs each; one that cannot be signed is told by its number and stops no other."""
    signed = 0
    for act in acts:
        try:
            electronic.sign_act(actor=actor, act=act, key=key)
            signed += 1
        except (Invalid, Conflict, Denied) as refusal:
            if isinstance(refusal, Conflict) and refusal.code == "already-signed":
                continue
            messages.warning(request, f"{act.number} : {sentences(refusal)}")
    if signed:
        text = ngettext("%(count)d act is signed.", "%(count)d acts are signed.", signed)
        messages.success(request, text % {"count": signed})


def _gets_demonstration_key(request: HttpRequest) -> bool:
    return bool(settings.ENVIRONMENT.is_demonstration and request.user.is_demonstration)  # type: ignore[union-attr]


def _confirm_presence(request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(_step_up_address(request))


def _step_up_address(request: HttpRequest) -> str:
    asked = PRESENCE_FOR_SIGNING
    query = {"level": asked.level, "within": int(asked.within.total_seconds()), "next": request.path}
    return f"{reverse('step_up')}?{urlencode(query)}"
