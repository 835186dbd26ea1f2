"""A session that ends in the middle of a form loses nothing: what was typed waits for its author to sign in again.

So does a form whose token went stale, because its author signed in again in another tab. The texts wait in the new,
anonymous session, which signing in carries over. The files wait in the store, and only for a browser that shows, by a
signed cookie, that the form was given to somebody: a stranger cannot fill the disk.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from territoires.foundations.documents import api as documents
from territoires.foundations.identity import api as identity
from territoires.kernel.actor import system_actor

COOKIE = "form-given"
DAY = 24 * 3600
KEPT = "kept_form"
View = Callable[..., Any]


def keeps_form(limit: int) -> Callable[[View], View]:
    """For a view whose form sends texts and files of at most ``limit`` bytes; put it outermost."""

    def decorate(view: View) -> View:
        signed_in = documents.receives_uploads(limit)(view)

        @csrf_exempt  # each branch checks the token, after its own upload handler is set
        @functools.wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = request.actor  # type: ignore[attr-defined]
            if request.method == "POST" and actor.is_anonymous:
                return _keep(request, limit, kwargs["organisation"])
            if request.method == "GET":
                _tell_what_waits(request)
            response = signed_in(request, *args, **kwargs)
            if request.method == "GET" and response.status_code == 200:
                response.set_signed_cookie(
                    COOKIE,
                    f"{actor.person}/{actor.organisation}",
                    max_age=DAY,
                    httponly=True,
                    samesite="Lax",
                    secure=request.is_secure(),
                    path=f"/o/{kwargs['organisation']}/",
                )
            return response

        run.keeps_form = _keep_stale  # type: ignore[attr-defined]  # the registry lets strangers come this far
        return run

    return decorate


def kept_fields(request: HttpRequest) -> QueryDict | None:
    """What this page's form held when the session ended, once; None when nothing waits for this person here."""
    kept = request.session.get(KEPT)
    if not kept or kept["path"] != request.path or kept["person"] not in ("", _person(request)):
        return None
    return QueryDict(kept["fields"])


def kept_files(request: HttpRequest, field: str) -> list[UUID]:
    """The documents that wait for this form's field."""
    if kept_fields(request) is None:
        return []
    return [UUID(key) for key in request.session[KEPT]["files"].get(field, [])]


def forget_kept(request: HttpRequest) -> None:
    """The form was sent again: nothing waits any more."""
    request.session.pop(KEPT, None)


def _tell_what_waits(request: HttpRequest) -> None:
    if kept_fields(request) is None:
        return
    text = _("Nothing is done yet: look at what you had typed, and send it again.")
    if names := request.session[KEPT]["names"]:
        waiting = _("The files wait with it: %(names)s.") % {"names": ", ".join(names)}
        text = f"{text} {waiting}"
    messages.info(request, text)


def _keep(request: HttpRequest, limit: int, organisation: str) -> HttpResponse:
    person = _given_to(request)
    if person:
        receiving = documents.receives_uploads(limit, open_to_all=True)(_kept_page)
        return receiving(request, organisation, person)
    if request.content_type == "multipart/form-data":
        request.upload_handlers = [_Unread(request)]
    return csrf_protect(_kept_page)(request, organisation, person)


def _keep_stale(request: HttpRequest, organisation: str) -> HttpResponse | None:
    """The answer to a form with a stale token; None where it was given to somebody else, or comes from elsewhere.

    Nothing is done with what it holds before its author has seen it again and sent it with a fresh token.
    """
    person, origin = _given_to(request), request.headers.get("Origin")
    is_ours = origin in (None, f"{request.scheme}://{request.get_host()}")
    is_authors = _is_anonymous(request) or person == _person(request)
    return _kept_page(request, organisation, person) if person and is_ours and is_authors else None


def _given_to(request: HttpRequest) -> str:
    """The person whom the form was given to, by our own cookie; empty for a stranger."""
    given = request.get_signed_cookie(COOKIE, default="", max_age=DAY) or ""
    return given.partition("/")[0]


def _kept_page(request: HttpRequest, organisation: str, person: str) -> HttpResponse:
    fields = request.POST.copy()
    fields.pop("csrfmiddlewaretoken", None)
    names = [upload.name for name in request.FILES for upload in request.FILES.getlist(name)]
    request.session[KEPT] = {
        "path": request.path,
        "person": person,
        "fields": fields.urlencode(),
        "files": _kept(request, organisation),
        "names": names,
    }
    if not _is_anonymous(request):
        return redirect(request.path)
    login = f"{reverse('account_login')}?{urlencode({'next': request.path})}"
    return render(request, "ui/kept.html", {"login": login, "files": names}, status=401)


def _kept(request: HttpRequest, organisation: str) -> dict[str, list[str]]:
    body = identity.organisation_by_reference(organisation).pk
    actor = system_actor("kept-form", organisation=body)
    return {
        name: [
            str(documents.receive_upload(upload, organisation=body, actor=actor).pk)
            for upload in request.FILES.getlist(name)
        ]
        for name in request.FILES
    }


def _is_anonymous(request: HttpRequest) -> bool:
    return bool(request.actor.is_anonymous)  # type: ignore[attr-defined]


def _person(request: HttpRequest) -> str:
    return str(request.actor.person)  # type: ignore[attr-defined]


class _Unread(FileUploadHandler):
    """Passes over the files of a form that we never gave."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        return None

    def file_complete(self, file_size: int) -> None:
        return None
