"""The desk: what waits for the key's owner in its organisation, and what is late."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from territoires.foundations.worklist import api as worklist

from ..permissions import Portal
from .shared import require

router = Router()


class DeskAsked(Schema):
    """``cursor`` is the ``next`` of the page before."""

    urgency: Literal["", "late", "soon", "later", "undated"] = ""
    cursor: str = Field(default="", max_length=200)


class DeskItemOut(Schema):
    """``address`` is the page of the gesture; ``due_at`` the legal deadline, null without one."""

    title: str
    kind: str
    verb: str
    address: str
    due_at: datetime | None


class DeskOut(Schema):
    items: list[DeskItemOut]
    next: str | None


@router.get("/desk", response={200: DeskOut}, summary="What waits for you in your body")
def read_desk(request: HttpRequest, asked: Query[DeskAsked]) -> DeskOut:
    """The most overdue first. What only a permission of this key opens."""
    actor = require(request, Portal.READ_DESK)
    found = worklist.desk(actor, cursor=asked.cursor or None, urgency=asked.urgency or None)
    items = [
        DeskItemOut(title=one.title, kind=one.kind, verb=_(one.verb), address=one.address, due_at=one.due_at)
        for one in found.items
    ]
    return DeskOut(items=items, next=found.next)
