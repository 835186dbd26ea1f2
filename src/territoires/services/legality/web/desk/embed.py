"""What the body's agents copy into their own site: the list with its script, a plain link, the feed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from territoires.foundations.registry.api import page

from ...permissions import Legality

SITE_LANGUAGE = "fr"
"""What is copied is written in the language of the commune's site, not in the agent's."""


@require_safe
@page(Legality.READ)
def embed(request: HttpRequest, organisation: str) -> HttpResponse:
    """The pieces to copy, ready made for the acting organisation."""
    body = request.acting.organisation  # type: ignore[attr-defined]
    place = {"organisation": body.reference}
    register, feed, data = (
        request.build_absolute_uri(reverse(f"legality:{name}", kwargs=place))
        for name in ("register", "feed", "open-json")
    )
    script = request.build_absolute_uri(reverse("legality:embed-script"))
    with override(SITE_LANGUAGE):
        label = _("Acts of %(body)s") % {"body": body.name}
    link = format_html('<a href="{}">{}</a>', register, label)
    context = {
        "link": link,
        "whole": format_html(
            '<div data-territoires-acts>{}</div>\n<script src="{}" defer></script>', link, script
        ),
        "addresses": [(_("Register"), register), (_("Feed"), feed), (_("Data"), data)],
        "origin": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "legality/embed.html", context)
