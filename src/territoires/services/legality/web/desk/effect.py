"""The pages of what makes an act executory: publicity on paper, exceptions, the body's way of publishing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from territoires.foundations.registry.api import page
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid

from ...actions import duties, posting
from ...domain.effect import ELECTRONIC, EMERGENCY
from ...models import Act
from ...permissions import Legality
from ...queries import acts as queries
from ...queries import effect
from ..downloads import posting_certificate_response
from ..effect import effect_context
from ..forms import DutyForm, EndPostingForm, PostForm, PublicationForm, UnknownPopulationForm, day_text
from ..requests import actor_of, keyed
from .gestures import Arguments, GesturePage, GestureRequest, write_refusal


def _effect(request: HttpRequest, act: Act) -> dict[str, Any]:
    return effect_context(actor_of(request), act)


def _as_decided(request: HttpRequest, act: Act) -> dict[str, Any]:
    today = legal_day(actor_of(request).now())
    mode = effect.publicity_of(act.organisation, today).mode
    return {"mode": EMERGENCY if mode == ELECTRONIC else mode, "posted_on": day_text(today)}


def _notice(sent: GestureRequest) -> Arguments:
    read = sent.form.cleaned_data
    return {
        "notice": posting.PostingNotice(mode=read["mode"], place=read["place"], posted_on=read["posted_on"])
    }


post = GesturePage(
    permission=Legality.PUBLISH,
    verb=posting.post_act,
    template="legality/post.html",
    done=gettext_lazy("The act is public on paper; print its certificate when it is taken down."),
    form=PostForm,
    initial=_as_decided,
    arguments=_notice,
    context=_effect,
).view()

end_posting = GesturePage(
    permission=Legality.PUBLISH,
    verb=posting.end_posting,
    template="legality/end_posting.html",
    done=gettext_lazy("The last day of the posting is recorded."),
    form=EndPostingForm,
    initial=lambda request, act: {"removed_on": day_text(legal_day(actor_of(request).now()))},
    arguments=lambda sent: {"removed_on": sent.form.cleaned_data["removed_on"]},
    context=_effect,
).view()

declare_duty = GesturePage(
    permission=Legality.DECLARE,
    verb=duties.declare_duty,
    template="legality/duty.html",
    done=gettext_lazy("The exception is declared; it stands in the history of the act."),
    form=DutyForm,
    arguments=lambda sent: {
        "reason": sent.form.cleaned_data["reason"],
        "is_transmitted": not effect.must_be_transmitted(sent.act),
    },
    context=_effect,
).view()


@require_safe
@page(Legality.READ)
def posting_certificate(request: HttpRequest, organisation: str, act: UUID) -> HttpResponse:
    """The certificate of publicity on paper, to be signed by hand."""
    return posting_certificate_response(queries.act_of(actor_of(request), act))


@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.CHOOSE)
def publication(request: HttpRequest, organisation: str) -> HttpResponse:
    """How the body makes its acts public; a small one records here what it decided."""
    form = _publication_form(request)
    if request.method == "POST" and form.is_valid():
        read = form.cleaned_data
        try:
            duties.choose_publication(
                actor=keyed(request, form.key),
                mode=read["mode"],
                from_on=read["from_on"],
                deliberation=read["deliberation"],
                is_small=read.get("is_small", False),
            )
        except (Invalid, Conflict) as refusal:
            write_refusal(form, refusal)
        else:
            messages.success(request, _("The choice is recorded."))
            return redirect("legality_desk:publication", organisation=organisation)
    return render(
        request,
        "legality/publication.html",
        _publication_context(request, form),
        status=422 if form.errors else 200,
    )


def _publication_form(request: HttpRequest) -> PublicationForm:
    given = request.POST if request.method == "POST" else None
    body = request.acting.organisation  # type: ignore[attr-defined]
    threshold = effect.publicity_of(body, legal_day(actor_of(request).now())).hinges_on
    return PublicationForm(given) if threshold is None else UnknownPopulationForm(given, threshold=threshold)


def _publication_context(request: HttpRequest, form: PublicationForm) -> dict[str, Any]:
    actor = actor_of(request)
    body = request.acting.organisation  # type: ignore[attr-defined]
    publicity = effect.publicity_of(body, legal_day(actor.now()))
    return {
        "form": form,
        "publicity": publicity,
        "rule": publicity.rule.in_language(get_language() or "fr") if publicity.rule else "",
        "choices": effect.choices_of(body.pk),
    }
