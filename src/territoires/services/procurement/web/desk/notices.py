"""Notices of a consultation: prepared, read with what the official rules say, sent, followed to their publication."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.documents import api as documents
from territoires.foundations.identity import api as identity
from territoires.foundations.registry.api import page
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid
from territoires.kernel.siret import compact

from ...actions import notices as verbs
from ...domain.notices import life
from ...domain.notices.judging import Judgement
from ...domain.notices.life import NOTICE
from ...domain.notices.subtypes import CALL, INTENTION, MODIFICATION, PRIOR, RESULT, SUBTYPES
from ...models import BuyerProfile, Notice
from ...permissions import Procurement
from ...queries import consultations
from ...queries import notices as queries
from ...queries.notice_data import members_without_place, profile_of, profile_of_body, subtype_of
from ...queries.notice_results import bidders_of, told_of_enterprises, winners_without_place
from ...queries.notice_rules import EFORMS, Told, codes, missing_rules, told
from ...queries.notice_ways import way_to
from ..forms import Gesture, ReasonForm
from ..notice_forms import CorrectionForm, NoticeForm, ProfileForm, PublishedForm, SizesForm
from ..requests import actor_of, keyed, sent
from ..words import places_on
from .pages import context_of

REFUSALS = (Invalid, Conflict)
WITH_SIZES = (RESULT, INTENTION)


@require_safe
@page(Procurement.READ)
def notices(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The notices of the consultation, and how each stands."""
    actor = actor_of(request)
    found = consultations.consultation_of(actor, consultation)
    context = {
        **context_of(request, found),
        "lines": [_shown(one) for one in queries.notices_of(found)],
        "may_prepare_notice": rights.may(actor, Procurement.NOTICE_PREPARE, found),
        "profile_is_empty": not profile_of(found).city,
        "missing": EFORMS in missing_rules(),
    }
    return render(request, "procurement/notices/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.NOTICE_PREPARE)
def new(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Which notice is prepared."""
    actor = actor_of(request)
    found = consultations.consultation_of(actor, consultation, Procurement.NOTICE_PREPARE)
    today = legal_day(actor.now())
    form = NoticeForm(
        sent(request), consultation=found, justifications=codes("direct-award-justification", today)
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        made = _performed(
            form,
            lambda: verbs.prepare_notice(
                actor=keyed(request, form.key),
                consultation=found,
                subtype=subtype_of(found, said["does"], today),
                channel=said["channel"],
                justification=said["justification"],
                change_text=said["change_text"],
            ),
        )
        if made is not None:
            return _to(organisation, made)
    context = {**context_of(request, found), "form": form}
    return render(request, "procurement/notices/new.html", context, status=422 if form.errors else 200)


@never_cache
@require_safe
@page(Procurement.READ)
def notice(request: HttpRequest, organisation: str, consultation: UUID, notice: UUID) -> HttpResponse:
    """One notice: where it stands, what is to be mended, what comes next."""
    found = queries.notice_of(actor_of(request), consultation, notice)
    return render(request, "procurement/notices/notice.html", _context(request, found))


@require_http_methods(["POST"])
@page(Procurement.NOTICE_PREPARE)
def rewrite(request: HttpRequest, organisation: str, consultation: UUID, notice: UUID) -> HttpResponse:
    """Writes it anew and has it judged again; with the sizes of the bidders where the form gave them."""
    actor = actor_of(request)
    found = queries.notice_of(actor, consultation, notice)
    form = _sizes_form(request, found)
    if form.is_valid():
        made = _performed(
            form,
            lambda: verbs.rewrite_notice(
                actor=keyed(request, form.key),
                consultation=found.consultation,
                notice=found.pk,
                sizes=form.sizes or None,
                places=form.places or None,
                version=form.cleaned_data.get("version"),
            ),
        )
        if made is not None:
            messages.success(request, _("The notice is written anew; the rules are asked again."))
            return _to(organisation, made)
    context = {**_context(request, found), "form": form, "refusal": form.non_field_errors()}
    return render(request, "procurement/notices/notice.html", context, status=422)


def _gesture(
    permission: Procurement,
    template: str,
    form_class: type[Gesture],
    verb: Callable[..., Notice],
    fields: tuple[str, ...],
    done: Callable[[], str],
) -> Callable[..., HttpResponseBase]:
    """A page that confirms one verb on a notice: it says what it means, asks what it needs, and calls it once."""

    def view(request: HttpRequest, organisation: str, consultation: UUID, notice: UUID) -> HttpResponse:
        actor = actor_of(request)
        found = queries.notice_of(actor, consultation, notice)
        form = form_class(sent(request), initial={"version": found.version})
        status = 200
        if request.method == "POST":
            status = 422
            if form.is_valid():
                made = _performed(
                    form,
                    lambda: verb(
                        actor=keyed(request, form.key),
                        consultation=found.consultation,
                        notice=found.pk,
                        version=form.cleaned_data.get("version"),
                        **{name: form.cleaned_data[name] for name in fields},
                    ),
                )
                if made is not None:
                    messages.success(request, done())
                    return _to(organisation, made)
            form.data = {name: form.data[name] for name in form.data} | {"version": found.version}
        context = {**_context(request, found), "form": form}
        return render(request, template, context, status=status)

    return require_http_methods(["GET", "HEAD", "POST"])(page(permission)(view))


send = _gesture(
    Procurement.NOTICE_SEND,
    "procurement/notices/send.html",
    Gesture,
    verbs.order_notice,
    (),
    lambda: _("The notice leaves. Its publisher's answer will show here."),
)
stop = _gesture(
    Procurement.NOTICE_SEND,
    "procurement/notices/stop.html",
    ReasonForm,
    verbs.stop_notice,
    ("reason",),
    lambda: _("The notice is given up, or asked back from its publisher."),
)
published = _gesture(
    Procurement.NOTICE_SEND,
    "procurement/notices/published.html",
    PublishedForm,
    verbs.tell_publication,
    ("number", "published_on"),
    lambda: _("The publication is noted."),
)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.NOTICE_PREPARE)
def correct(request: HttpRequest, organisation: str, consultation: UUID, notice: UUID) -> HttpResponse:
    """Prepares the correction of a published notice."""
    actor = actor_of(request)
    found = queries.notice_of(actor, consultation, notice)
    form = CorrectionForm(sent(request))
    if request.method == "POST" and form.is_valid():
        made = _performed(
            form,
            lambda: verbs.prepare_notice(
                actor=keyed(request, form.key),
                consultation=found.consultation,
                subtype=found.subtype,
                channel=found.channel,
                changes=found.pk,
                change_reason=form.cleaned_data["change_reason"],
                change_text=form.cleaned_data["change_text"],
            ),
        )
        if made is not None:
            return _to(organisation, made)
    context = {**_context(request, found), "form": form}
    return render(request, "procurement/notices/correct.html", context, status=422 if form.errors else 200)


@require_safe
@page(Procurement.READ)
def file(request: HttpRequest, organisation: str, consultation: UUID, notice: UUID) -> HttpResponseBase:
    """The bytes of the notice, as they are sent."""
    found = queries.notice_of(actor_of(request), consultation, notice)
    return documents.download_response(queries.document_of(found), request)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.PROFILE_WRITE)
def profile(request: HttpRequest, organisation: str) -> HttpResponse:
    """What notices say of the body, once for all."""
    actor = actor_of(request)
    today = legal_day(actor.now())
    found = profile_of_body(request.acting.organisation)  # type: ignore[attr-defined]
    form = ProfileForm(
        sent(request),
        profile=found,
        initial={"siret": request.acting.organisation.siret},  # type: ignore[attr-defined]
        kinds=codes("buyer-legal-type", today),
        activities=codes("main-activity", today),
        places=places_on(today),
    )
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and _performed(form, lambda: _write_profile(request, form)) is not None:
        messages.success(request, _("Kept: every notice will say so."))
        return redirect("procurement_desk:notice-profile", organisation=organisation)
    context = {"form": form, "missing": EFORMS in missing_rules()}
    return render(request, "procurement/notices/profile.html", context, status=422 if form.errors else 200)


def _write_profile(request: HttpRequest, form: ProfileForm) -> BuyerProfile:
    """The number is the body's everywhere, the rest what its notices say."""
    body, given = request.acting.organisation, form.cleaned_data  # type: ignore[attr-defined]
    if compact(given["siret"]) != body.siret:
        identity.number_organisation(actor=actor_of(request), organisation=body, siret=given["siret"])
    values = {name: given[name] for name in verbs.PROFILE if name in given}
    return verbs.write_profile(actor=keyed(request, form.key), values=values, version=given.get("version"))


def purpose(subtype: str) -> str:
    """What a notice is for, in words."""
    return {
        PRIOR: _("Prior information"),
        CALL: _("Call"),
        INTENTION: _("Intention to award"),
        RESULT: _("Award notice"),
        MODIFICATION: _("Modification of a contract"),
    }[SUBTYPES[subtype].does]


def _shown(one: Notice) -> dict[str, Any]:
    state = NOTICE.states[one.state]
    return {
        "one": one,
        "purpose": purpose(one.subtype),
        "state": _(state.label),
        "meaning": _(state.meaning),
        "tone": state.tone,
        "is_being_written": one.state == life.DRAFT and not one.sha256,
    }


def _context(request: HttpRequest, found: Notice) -> dict[str, Any]:
    actor = actor_of(request)
    consultation = found.consultation
    may_prepare = rights.may(actor, Procurement.NOTICE_PREPARE, consultation)
    may_send = rights.may(actor, Procurement.NOTICE_SEND, consultation)
    day = legal_day(found.prepared_at)
    findings = [told(Judgement(**one), day) for one in found.findings]
    return {
        **context_of(request, consultation),
        **{f"notice_{name}": value for name, value in _shown(found).items() if name != "one"},
        "notice": found,
        "wrong": _grouped([one for one in findings if one.stops]),
        "warnings": _grouped([one for one in findings if not one.stops]),
        "may_rewrite": may_prepare and NOTICE.allows(found.state, "rewrite"),
        "may_send": may_send and NOTICE.allows(found.state, "order"),
        "may_stop": may_send and NOTICE.allows(found.state, "stop"),
        "may_tell": may_send and NOTICE.allows(found.state, "publish") and found.state != life.ORDERED,
        "may_correct": may_prepare and found.state == life.PUBLISHED,
        "is_stale": found.state == life.READY and day != legal_day(actor.now()),
        "way_is_open": way_to(found.channel) is not None,
        "must_be_judged": verbs.must_be_judged(found),
        "form": _sizes_form(request, found) if may_prepare else None,
    }


def _sizes_form(request: HttpRequest, found: Notice) -> SizesForm:
    may_say = NOTICE.allows(found.state, "rewrite")
    has_sizes = SUBTYPES[found.subtype].does in WITH_SIZES and may_say
    bidders = bidders_of(found) if has_sizes else {}
    told = told_of_enterprises(found) if has_sizes else {}
    placeless = winners_without_place(found) if has_sizes else {}
    placeless |= {siret: bidders[siret] for siret in found.answers.get("places", {}) if siret in bidders}
    members = members_without_place(found) if may_say else {}
    day = legal_day(found.prepared_at)
    return SizesForm(
        sent(request),
        bidders=bidders,
        sizes={siret: one.size for siret, one in told.items()},
        placeless=placeless | members,
        kinds=dict.fromkeys(members, codes("buyer-legal-type", day)),
        departments=places_on(day),
        notice=found,
    )


def _grouped(findings: list[Told]) -> list[dict[str, Any]]:
    """The same mention told once, with the lots that it concerns."""
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for one in findings:
        group = groups.setdefault((one.label, one.sentence), {"one": one, "lots": [], "rules": []})
        if one.lot and one.lot not in group["lots"]:
            group["lots"].append(one.lot)
        if one.rule not in group["rules"]:
            group["rules"].append(one.rule)
    return list(groups.values())


def _performed(form: Gesture, verb: Callable[[], Any]) -> Any:
    """What the verb answers; None when it refused, which the form then tells."""
    try:
        return verb()
    except REFUSALS as refusal:
        form.write_refusal(refusal)
        return None


def _to(organisation: str, made: Notice) -> HttpResponse:
    return redirect(
        "procurement_desk:notice",
        organisation=organisation,
        consultation=made.consultation_id,
        notice=made.pk,
    )
