"""The guard of agents' pages: each names the permission without which it does not exist for the actor."""

from __future__ import annotations

import functools
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from territoires.foundations.actions import api as actions

View = Callable[..., HttpResponseBase]


def page(permission: StrEnum) -> Callable[[View], View]:
    """Lets the actor in only with ``permission`` in the acting organisation; rows are scoped by the view's queries.

    The mark that it leaves on the view is what the generated route tests read.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.actor.holds(permission):  # type: ignore[attr-defined]
                raise actions.denied(permission)
            return view(request, *args, **kwargs)

        checked.permission = permission  # type: ignore[attr-defined]
        return checked

    return decorate
