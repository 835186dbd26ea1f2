"""The gallery's pages."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from .forms import FileForm, GalleryForm

SPECIMENS = ("components", "home", "desk", "matter", "list", "form", "procedure", "letter", "error")
AGENTS = ("desk", "matter", "list", "form")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/Paris"))
LONG_NAME = "Syndicat intercommunal à vocation unique des eaux de l'Exemple"


def index(request: HttpRequest) -> HttpResponse:
    """The list of the specimens."""
    return render(request, "ui/gallery/index.html", {"specimens": SPECIMENS})


def specimen(request: HttpRequest, name: str) -> HttpResponse:
    """One specimen, on its own layout."""
    if name not in SPECIMENS:
        raise Http404
    return render(request, f"ui/gallery/{name}.html", _context() | (_signed_in() if name in AGENTS else {}))


def _context() -> dict[str, Any]:
    return {
        "now": NOW,
        "tonight": NOW + timedelta(hours=8),
        "soon": NOW + timedelta(days=2, hours=3),
        "later": NOW + timedelta(days=6),
        "late": NOW - timedelta(days=3),
        "long_name": LONG_NAME,
        "hash": "9f2c41ab" + "07d5c3e1" * 6 + "55aae07d",
        "page": Paginator(range(412), 25).page(3),
        "form": GalleryForm({"title": "", "mail": "claire", "held_on": "2026-02-31", "reading": "x"}),
        "blank_form": GalleryForm(),
        "file_form": FileForm(),
        "faulty_file_form": FileForm({}, MultiValueDict()),
        "title": _("This page does not exist"),
        "happened": _("There is nothing at this address."),
        "remedy": _("Check the address, or start again from the home page."),
        "code": "missing",
        "status": 404,
    }


def _signed_in() -> dict[str, Any]:
    services = (
        _("My desk"),
        _("Acts"),
        _("Meetings"),
        _("Tenders"),
        _("Website"),
        _("Procedures"),
        _("Archives"),
    )
    return {
        "user": SimpleNamespace(is_authenticated=True),
        "acting": SimpleNamespace(
            organisation=SimpleNamespace(name="Mairie de Saint-Léger-sous-Exemple"),
            person=SimpleNamespace(display_name="Claire Exemple"),
            role_label=_("secretary"),
        ),
        "switch_url": "#",
        "navigation": [
            {"label": label, "url": "#", "current": number == 0} for number, label in enumerate(services)
        ],
    }
