"""A page or a button for each verb: it says what the verb means, asks what it needs, calls it once, keeps what was typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import resolve
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page
from territoires.kernel.errors import Conflict, Denied, Invalid, StepUpRequired, TooLate

from ..permissions import Procurement
from ..queries.wording import refused
from .forms import Gesture
from .requests import actor_of, keyed

LARGEST = 200 * 1024 * 1024
PLACES = {
    "award": gettext_lazy("After the opening"),
    "bid": gettext_lazy("Bid"),
    "bids": gettext_lazy("Bids"),
    "candidate": gettext_lazy("Candidate"),
    "candidates": gettext_lazy("Candidates"),
    "closed-bids": gettext_lazy("Keys and closed bids"),
    "committee": gettext_lazy("Committee"),
    "committees": gettext_lazy("Committees"),
    "contract": gettext_lazy("Contract"),
    "decide": gettext_lazy("Decision"),
    "letter": gettext_lazy("Letter"),
    "letters": gettext_lazy("Letters"),
    "meeting": gettext_lazy("Meeting"),
    "methods": gettext_lazy("Scoring methods"),
    "rounds": gettext_lazy("Rounds"),
    "admission": gettext_lazy("Request"),
    "system": gettext_lazy("System"),
}
"""What the pages are called that a gesture leads back to, by the name of their address."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """On what a gesture bears: what the verb is given beside the form, the consultation shown, where it leads ``after``.

    ``otherwise`` is where a button leads that was refused, if elsewhere.
    """

    arguments: Mapping[str, Any]
    after: str
    consultation: Any = None
    otherwise: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class GesturePage:
    """``load`` finds the place from the address. The verb is given the ``fields`` of ``form``.

    ``make`` makes the form where the page must tell it something, ``read`` says what the verb is given where that is not
    what the fields hold. ``legal``: what it does binds, and its button says so.
    """

    permission: Procurement
    verb: Callable[..., Any]
    title: Any
    meaning: Any
    button: Any
    done: Any
    load: Callable[..., Place]
    form: type[Gesture] = Gesture
    fields: tuple[str, ...] = ()
    make: Callable[..., Gesture] | None = None
    read: Callable[[HttpRequest, Any], dict[str, Any]] | None = None
    icon: str = ""
    legal: bool = False
    template: str = "procurement/award/gesture.html"

    def view(self) -> Callable[..., HttpResponseBase]:
        guarded = require_http_methods(["GET", "HEAD", "POST"])(page(self.permission)(self._answer))
        return documents.receives_uploads(LARGEST)(guarded)  # type: ignore[arg-type]

    def _answer(self, request: HttpRequest, organisation: str, **given: Any) -> HttpResponse:
        place = self.load(request, organisation, **given)
        if request.method != "POST":
            return self._page(request, place, self._form(request, place))
        form = self._form(request, place, request.POST, request.FILES)
        if form.is_valid() and self._is_done(request, place, form):
            messages.success(request, self.done)
            return redirect(place.after)
        form.data = {**{name: form.data[name] for name in form.data}, **_lists(form), "_key": str(uuid4())}
        return self._page(request, place, form, status=422)

    def _form(self, request: HttpRequest, place: Place, *data: Any) -> Gesture:
        return self.make(request, place, *data) if self.make else self.form(*data)

    def _given(self, request: HttpRequest, form: Gesture) -> dict[str, Any]:
        return self.read(request, form) if self.read else {one: form.cleaned_data[one] for one in self.fields}

    def _is_done(self, request: HttpRequest, place: Place, form: Gesture) -> bool:
        try:
            arguments = {**place.arguments, **self._given(request, form)}
            if not form.errors:
                self.verb(actor=keyed(request, form.key), **arguments)
        except StepUpRequired:
            raise
        except (Invalid, Conflict, TooLate, Denied) as refusal:
            form.write_refusal(refusal)
        return not form.errors

    def _page(self, request: HttpRequest, place: Place, form: Gesture, *, status: int = 200) -> HttpResponse:
        context = {
            "gesture": self,
            "form": form,
            "back": place.after,
            "back_name": PLACES[resolve(place.after).url_name or ""],
            "consultation": place.consultation,
            "is_multipart": form.is_multipart(),
            **place.context,
        }
        return render(request, self.template, context, status=status)


@dataclass(frozen=True, kw_only=True)
class Button:
    """A button that calls one verb and asks nothing; what is refused is told on the page that it leads to."""

    permission: Procurement
    verb: Callable[..., Any]
    done: Any
    load: Callable[..., Place]

    def view(self) -> Callable[..., HttpResponseBase]:
        return require_POST(page(self.permission)(self._answer))

    def _answer(self, request: HttpRequest, organisation: str, **given: Any) -> HttpResponse:
        place = self.load(request, organisation, **given)
        key = request.POST.get("_key", "")
        try:
            self.verb(actor=keyed(request, key) if key else actor_of(request), **place.arguments)
        except (Invalid, Conflict) as refusal:
            messages.error(request, refused(refusal))
            return redirect(place.otherwise or place.after)
        messages.success(request, self.done)
        return redirect(place.after)


def taken(request: HttpRequest, form: Gesture, name: str = "document") -> Any:
    """The id of a file that the form brought, received; None without one."""
    upload = form.cleaned_data.get(name)
    if not upload:
        return None
    actor = actor_of(request)
    return documents.receive_upload(
        upload, organisation=actor.acting_organisation(), actor=keyed(request, f"{form.key}:{name}")
    ).pk


def _lists(form: Gesture) -> dict[str, Any]:
    """What has several values stays a list when the form is shown again."""
    several = (forms.MultipleChoiceField,)
    data: Any = form.data
    return {
        name: data.getlist(name)
        for name, one in form.fields.items()
        if isinstance(one, several) and hasattr(data, "getlist")
    }
