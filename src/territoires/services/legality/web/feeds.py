"""The register as an Atom feed (RFC 4287)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Enclosure
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ..models import known
from .words import Shown


def atom(request: HttpRequest, body: Any, acts: Sequence[Shown]) -> HttpResponse:
    """One entry an act; ids are addresses that never change."""
    place = {"organisation": body.reference}
    feed = Atom1Feed(
        title=_("Acts of %(body)s") % {"body": body.name},
        link=request.build_absolute_uri(reverse("legality:register", kwargs=place)),
        feed_url=request.build_absolute_uri(),
        description="",
        language=get_language(),
        author_name=body.name,
    )
    for one in acts:
        act = one.act
        link = request.build_absolute_uri(reverse("legality:act", kwargs={**place, "act": act.pk}))
        file = reverse("legality:file", kwargs={**place, "act": act.pk, "sha256": act.main_sha256})
        feed.add_item(
            title=f"{act.number} {act.object}",
            link=link,
            unique_id=link,
            description=f"{one.nature}, {one.matter}",
            pubdate=act.published_at,
            updateddate=act.published_at,
            author_name=", ".join(filter(None, [act.author, act.quality])) or body.name,
            enclosures=[
                Enclosure(
                    request.build_absolute_uri(file), str(known(act.main).size), known(act.main).media_type
                )
            ],
        )
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
