"""Pages of the account about client certificates: those enrolled, presenting one, ending one, those of the demonstration."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from territoires.foundations.trust import api as trust
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Conflict, Denied, Invalid

from . import certificates as keeping
from .actors import places_of
from .forms import CertificateForm
from .models import Account, Organisation, Person, PersonCertificate
from .presenting import address_with_certificate, presented_certificate, takes_certificates


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def certificates(request: HttpRequest) -> HttpResponse:
    """The person's certificates. A public certificate given here is looked at before it is presented."""
    person, now = _person(request), system_clock()
    form = CertificateForm(request.POST or None, request.FILES or None, person=person)
    looked_at = form.cleaned_data["file"] if request.method == "POST" and form.is_valid() else None
    context = {
        "rows": [
            {"id": kept.pk, "card": card, "state": _state(kept, now), "days": (kept.valid_until - now).days}
            for kept, card in keeping.certificates_of(person)
        ],
        "form": form,
        "looked_at": looked_at,
        "present_url": address_with_certificate(reverse("present_certificate")),
        "bodies": _bodies(request),
    }
    return render(request, "identity/certificates.html", context, status=422 if form.errors else 200)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def present_certificate(request: HttpRequest) -> HttpResponse:
    """What the browser presents, and enrolling it."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    person, card = _person(request), presented_certificate(request)
    refused = None
    try:
        if card and request.method == "POST":
            keeping.enrol_certificate(actor=actor, person=person, der=card.der)
            messages.success(request, _("The certificate is enrolled: you can send with it."))
            return redirect("present_certificate")
        if card:
            keeping.judge_enrolment(card, person, actor.now())
    except (Invalid, Conflict) as fault:
        refused = {"sentence": _(fault.message) % fault.params, "remedy": _(fault.remedy) % fault.params}
    context = {
        "card": card,
        "refused": refused,
        "is_enrolled": card is not None and _is_enrolled(person, card),
        "is_here": takes_certificates(request),
        "present_url": address_with_certificate(request.path),
        "desks_url": reverse(settings.LOGIN_REDIRECT_URL),
        "leave_url": settings.SITE_URL + reverse("certificates"),
    }
    return render(
        request,
        "identity/present_certificate.html",
        context,
        status=422 if refused and request.method == "POST" else 200,
    )


@login_required
@require_POST
def end_certificate(request: HttpRequest, certificate: UUID) -> HttpResponse:
    """Ends the use of one of the person's own certificates."""
    found = PersonCertificate.objects.filter(pk=certificate, person=_person(request)).first()
    if found is None:
        raise Http404
    keeping.end_certificate(actor=request.actor, certificate=found)  # type: ignore[attr-defined]
    messages.success(request, _("The certificate serves no more."))
    return redirect("certificates")


@sensitive_variables("file", "password")
@never_cache
@login_required
@require_POST
def demonstration_certificate(request: HttpRequest) -> HttpResponse:
    """A certificate for an invented person: its file and its password are in this answer and nowhere else."""
    body = next((one for one in _bodies(request) if one.reference == request.POST.get("organisation")), None)
    if body is None:
        raise Http404
    person = _person(request)
    file, password = trust.issue_demonstration_certificate(
        given_names=person.given_names,
        usual_name=person.usual_name,
        organisation_name=body.name,
        siren=body.siren,
        usage="transmitter",
    )
    context = {
        "file": base64.b64encode(file).decode(),
        "password": password,
        "body": body,
        "present_url": address_with_certificate(reverse("present_certificate")),
    }
    return render(request, "identity/demonstration_certificate.html", context)


def _person(request: HttpRequest) -> Person:
    account = request.user
    assert isinstance(account, Account)
    if account.person is None:
        raise Denied("no-person", _("This page is about a person."), _("Sign in as one."))
    return account.person


def _bodies(request: HttpRequest) -> list[Organisation]:
    """For which bodies the demonstration issues a certificate to who asks: those where an invented person works."""
    account: Any = request.user
    if not (settings.ENVIRONMENT.is_demonstration and account.is_demonstration):
        return []
    return [place.organisation for place in places_of(_person(request)) if place.organisation.siren]


def _state(kept: PersonCertificate, now: Any) -> str:
    if kept.ended_at:
        return "ended"
    if kept.valid_until < now:
        return "expired"
    return "ending" if (kept.valid_until - now).days < max(keeping.ANNOUNCED_DAYS) else "in-force"


def _is_enrolled(person: Person, card: trust.CertificateCard) -> bool:
    return person.certificates.filter(fingerprint=card.fingerprint, ended_at=None).exists()
