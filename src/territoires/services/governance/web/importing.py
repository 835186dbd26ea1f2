"""The import of members, persons and roles: tried first, carried out when the operator says so."""

from __future__ import annotations

import base64
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from territoires.foundations.registry.api import page, sentence
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Invalid

from ..actions.importing import ImportReport, Step, carry_out, try_import
from ..permissions import Governance
from ..queries.members_file import MODEL, read_file
from .forms import MembersFileForm
from .tabs import tabs

HELD_SECONDS = 3600
FATES = {
    "created": gettext_lazy("becomes a member, written down here"),
    "admitted": gettext_lazy("becomes a member"),
    "enrolled": gettext_lazy("the person is enrolled"),
    "given": gettext_lazy("the role is given or corrected"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@page(Governance.IMPORT_MEMBERS)
def import_members(request: HttpRequest, organisation: str) -> HttpResponse:
    """The form; the report of a trial; the report of what was done."""
    actor = _actor(request)
    if request.method == "POST" and "held" in request.POST:
        content = _held(actor, request.POST["held"])
        return _shown(
            request, MembersFileForm(), carry_out(actor=actor, read=read_file(content, actor)), content
        )
    form = MembersFileForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return _shown(request, form, None, b"")
    content = form.cleaned_data["file"].read()
    return _shown(request, form, try_import(actor=actor, read=read_file(content, actor)), content)


@require_safe
@page(Governance.IMPORT_MEMBERS)
def model(request: HttpRequest, organisation: str) -> HttpResponse:
    """An empty file with the right columns, as French spreadsheets open it."""
    response = HttpResponse("\ufeff" + MODEL, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="membres-modele.csv"'
    return response


def _shown(
    request: HttpRequest, form: MembersFileForm, report: ImportReport | None, content: bytes
) -> HttpResponse:
    faults = [
        {"number": fault.field, "sentence": sentence(fault.message, fault.params)}
        for fault in (report.faults if report else ())
    ]
    context = {
        "form": form,
        "report": report
        and {"steps": [_told(step) for step in report.steps], "is_done": report.is_done, "faults": faults},
        "held": _hold(_actor(request), content) if report and not report.is_done else "",
        "tabs": tabs(request),
    }
    return render(request, "governance/import.html", context, status=422 if form.errors else 200)


def _told(step: Step) -> dict[str, Any]:
    fate = [str(FATES[word]) for word in step.fate] or [_("nothing changes")]
    return {
        "number": step.number,
        "organisation": step.organisation,
        "person": step.person,
        "role": step.role,
        "fate": fate,
    }


def _hold(actor: Actor, content: bytes) -> str:
    """The tried file, signed for this person, so that what is carried out is what was tried."""
    return signing.dumps(base64.b64encode(content).decode(), salt=_salt(actor), compress=True)


def _held(actor: Actor, text: str) -> bytes:
    try:
        return base64.b64decode(signing.loads(text, salt=_salt(actor), max_age=HELD_SECONDS))
    except signing.BadSignature:
        raise Invalid(
            "trial-expired",
            gettext_noop("The trial of this file is too old, or is not yours; nothing was done."),
            gettext_noop("Try the file again, then carry it out."),
        ) from None


def _salt(actor: Actor) -> str:
    return f"governance.import.{actor.person}.{actor.organisation}"


def _actor(request: Any) -> Actor:
    return request.actor  # type: ignore[no-any-return]
