"""A session that ends in the middle of a form loses nothing: what was typed waits for its author to sign in again.

So does a form whose token went stale, because its author signed in again in another tab, and one whose gesture asks for
a fresh proof of presence. It holds for every form that a stranger may not send, without a word in its view: the page is
given back with what was typed written in its form (``filling``), and the files come with it when it is sent again. Only
forms that bear a secret are refused, by ``never_kept``.

A form belongs to the person whom it was given to. A form's token tells who that was: with each page, the browser gets a
signed cookie of the last tokens and their persons. So nobody else who signs in on that browser is given it, and a
stranger, whom no form was given to, fills neither the disk nor the table of sessions.

What waits stands in a record of the browser's own, a week from the last form: sessions may end as often as they will,
and the files that a form bore stay with it each time that it is kept again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.middleware import csrf
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.crypto import salted_hmac

from territoires.foundations.documents import api as documents
from territoires.foundations.identity import api as identity
from territoires.kernel.actor import system_actor
from territoires.kernel.errors import TerritoiresError

from .errors import API_PREFIX, answer, as_family, page_of
from .filling import WAITING, fill, insert_at_top, mark_form

COOKIE = "form-given"
RECORD = "form-kept"
"""The cookie that names the browser's record of forms."""
WEEK = 7 * 24 * 3600
KEPT = "kept_forms"
MOST_FORMS = 10
"""Forms that wait in one browser: the oldest leaves."""
MOST_TOKENS = 5
FORGET = "_forget"
SECRETS = ("password", "passphrase", "secret")
ACCOUNT_PAGES = ("accounts/", "step-up/", "codes-imprimes/")
"""Passwords, one-time codes, passkeys: the pages of the account keep nothing."""
ELSEWHERE = (403, 404, 405, 410)
UNREADABLE = (TerritoiresError, SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError)

View = TypeVar("View", bound=Callable[..., Any])
Entry = dict[str, Any]
Files = dict[str, dict[str, str]]
"""By field, the documents that wait: their ids and names."""


class FormRecord(SessionStore):
    """The forms that wait in one browser. Its own class: no session opens it, and it opens no session."""


def never_kept(view: View) -> View:
    """For a view whose form bears a secret: nothing that it was sent waits anywhere."""
    view.is_never_kept = True  # type: ignore[attr-defined]
    return view


def keeps_form(route: str, view: Any) -> bool:
    """Whether the form of a view waits when a session ends: unless it bears a secret."""
    return not (route.startswith(ACCOUNT_PAGES) or getattr(view, "is_never_kept", False))


def kept_fields(request: HttpRequest) -> QueryDict | None:
    """What this page's form held when the session ended; None when nothing waits for this person here.

    For a form that has as many lines as were typed: the fields of the others are written without it.
    """
    for one in _waiting(request):
        if request.path in (urlsplit(one["page"]).path, urlsplit(one["posted"]).path):
            return QueryDict(one["fields"])
    return None


class KeepingMiddleware:
    """Keeps the forms that a session's end stopped, and gives them back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(API_PREFIX):
            return self.get_response(request)
        if request.method == "POST":
            _join_files(request)
        elif request.GET.get(FORGET) and _forget(request, request.GET[FORGET]):
            return redirect(_without_forget(request))
        response = self.get_response(request)
        try:
            if request.method == "POST":
                return _after_post(request, response)
            if request.method == "GET" and _is_signed_in(request):
                return _given_back(request, _given(request, response))
        except UNREADABLE as error:
            return answer(request, as_family(error))
        return response


# -- keeping ------------------------------------------------------------------------------------------------------------


def _after_post(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if _is_stopped(request, response):
        return _kept(request, response)
    if _is_signed_in(request) and (one := _sent_again(request)):
        if response.status_code < 400:
            _forget(request, one["id"])
        elif _is_page(response):
            _write_again(response, request, one)
    return response


def _is_stopped(request: HttpRequest, response: HttpResponse) -> bool:
    """True where nothing was done with a form, for want of a session, of its token, or of a proof of presence."""
    if getattr(request, "is_put_off", False):
        return True
    to_sign_in = response.status_code == 302 and response["Location"].startswith(reverse("account_login"))
    return not _is_signed_in(request) and (response.status_code == 403 or to_sign_in)


def _kept(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    match = request.resolver_match
    if match is None or COOKIE not in request.COOKIES:
        return response
    if not keeps_form(match.route, match.func):
        return _unkept(request, response)
    if request.content_type == "multipart/form-data" and not hasattr(request, "_files"):
        documents.stream_to_store(request, getattr(match.func, "upload_limit", documents.LARGEST_IN_FORM))
    person = _author(request)
    if not person or (_is_signed_in(request) and person != _person(request)):
        return response
    fields = request.POST.copy()
    for name in list(fields):
        if name in ("csrfmiddlewaretoken", WAITING) or any(secret in name.lower() for secret in SECRETS):
            del fields[name]
    received = _received(request, person)
    files = {**_files_before(request, person), **received}
    entry: Entry = {
        "id": uuid4().hex,
        "page": page_of(request),
        "posted": request.get_full_path(),
        "person": person,
        "fields": fields.urlencode(),
        "files": files,
        "names": [name for documents_in in files.values() for name in documents_in.values()],
    }
    if not _is_signed_in(request):
        sent = [upload.name for name in request.FILES for upload in request.FILES.getlist(name)]
        lost = [] if received else sent
        context = {"login": _login(entry["page"]), "files": entry["names"], "lost": lost}
        response = render(request, "ui/kept.html", context, status=401)
    elif response.status_code != 302:
        response = redirect(entry["page"])
    _write_down(request, response, entry)
    return response


def _write_down(request: HttpRequest, response: HttpResponse, entry: Entry) -> None:
    """In the record of this browser, in place of what its author had sent there before."""
    record = _record(request)
    others = [
        one for one in record.get(KEPT, []) if any(one[name] != entry[name] for name in ("posted", "person"))
    ]
    record[KEPT] = [*others, entry][-MOST_FORMS:]
    record.set_expiry(WEEK)
    record.save()
    response.set_cookie(RECORD, record.session_key or "", **_cookie(request))


def _unkept(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A form that bears a secret: its author, who signs in again, gives it again."""
    if _is_signed_in(request) or not (
        request.resolver_match and request.resolver_match.route.startswith("o/")
    ):
        return response
    return render(request, "ui/kept.html", {"login": _login(page_of(request)), "is_secret": True}, status=401)


def _login(then: str) -> str:
    return f"{reverse('account_login')}?{urlencode({'next': then})}"


def _files_before(request: HttpRequest, person: str) -> Files:
    """Those that waited already with the form that this one is, when its author sends it after one more end."""
    mark = request.POST.get(WAITING)
    waiting = (one for one in _all(request) if one["id"] == mark and one["person"] == person)
    return next((one["files"] for one in waiting), {})


def _received(request: HttpRequest, person: str) -> Files:
    """The documents of the form's files, by field; none outside a body where its author works."""
    reference = (request.resolver_match.kwargs if request.resolver_match else {}).get("organisation")
    body = identity.place_of(person, reference) if reference and request.FILES else None
    if body is None:
        return {}
    actor = system_actor("kept-form", organisation=body)
    kept = {
        name: [
            documents.receive_upload(upload, organisation=body, actor=actor)
            for upload in request.FILES.getlist(name)
        ]
        for name in request.FILES
    }
    return {name: {str(one.pk): one.name for one in given} for name, given in kept.items()}


# -- whose form it is ---------------------------------------------------------------------------------------------------


def _given(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Notes whom the forms of this page are given to."""
    secret, person = request.META.get("CSRF_COOKIE"), _person(request)
    if not (secret and person and _is_page(response)):
        return response
    pair = f"{_digest(secret)}/{person}"
    known = _pairs(request)
    if known[:1] != [pair]:
        response.set_signed_cookie(
            COOKIE,
            ".".join([pair, *(one for one in known if one != pair)][:MOST_TOKENS]),
            **_cookie(request),
        )
    return response


def _cookie(request: HttpRequest) -> dict[str, Any]:
    return {"max_age": WEEK, "httponly": True, "samesite": "Lax", "secure": request.is_secure()}


def _author(request: HttpRequest) -> str:
    """The person whom the form was given to; empty for a stranger, and for a form that another site made."""
    token = request.POST.get("csrfmiddlewaretoken", "")
    try:
        csrf._check_token_format(token)  # type: ignore[attr-defined]
    except csrf.InvalidTokenFormat:
        return ""
    digest = _digest(token)
    return next((one.partition("/")[2] for one in _pairs(request) if one.partition("/")[0] == digest), "")


def _pairs(request: HttpRequest) -> list[str]:
    given = request.get_signed_cookie(COOKIE, default="", max_age=WEEK) or ""
    return [one for one in given.split(".") if one]


def _digest(secret: str) -> str:
    """Of a token, or of the secret that it hides."""
    if len(secret) > csrf.CSRF_SECRET_LENGTH:
        secret = csrf._unmask_cipher_token(secret)  # type: ignore[attr-defined]
    return salted_hmac(COOKIE, secret, algorithm="sha256").hexdigest()[:20]


# -- giving back --------------------------------------------------------------------------------------------------------


def _given_back(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    here = [one for one in _waiting(request) if one["page"] in (request.get_full_path(), request.path)]
    for one in here:
        if _is_page(response):
            _write(response, request, one)
        elif response.status_code in ELSEWHERE or _leads_elsewhere(response):
            texts = [
                text for _name, given in QueryDict(one["fields"]).lists() for text in given if text.strip()
            ]
            then = response["Location"] if 300 <= response.status_code < 400 else ""
            context = {"waiting": one, "lost": texts, "forget": _forgetting(one), "then": then}
            return render(request, "ui/waiting.html", context)
    return response


def _write(response: HttpResponse, request: HttpRequest, one: Entry) -> None:
    """Writes in the page what waits for its form."""
    html, here = response.content.decode(response.charset), request.get_full_path()
    filled = fill(html, page=here, posted=one["posted"], typed=QueryDict(one["fields"]), mark=one["id"])
    _show(response, request, filled.html, {"waiting": one, "lost": filled.lost, "forget": _forgetting(one)})


def _write_again(response: HttpResponse, request: HttpRequest, one: Entry) -> None:
    """The view refused the form and shows what was typed: the files go on waiting for it."""
    html, here = response.content.decode(response.charset), request.get_full_path()
    marked = mark_form(html, page=here, posted=one["posted"], typed=request.POST, mark=one["id"])
    _show(response, request, marked, {"waiting": one, "is_refused": True, "forget": _forgetting(one)})


def _show(response: HttpResponse, request: HttpRequest, html: str, context: dict[str, Any]) -> None:
    block = render_to_string("ui/partials/waiting.html", context, request)
    response.content = insert_at_top(html, block).encode(response.charset)


def _is_page(response: HttpResponse) -> bool:
    return (
        response.status_code in (200, 409, 422)
        and not response.streaming
        and response.get("Content-Type", "").startswith("text/html")
    )


def _leads_elsewhere(response: HttpResponse) -> bool:
    """A redirection that is no demand for another proof of who is there."""
    asking = (reverse("account_login"), reverse("step_up"), reverse("account_reauthenticate"))
    return 300 <= response.status_code < 400 and not response["Location"].startswith(asking)


def _join_files(request: HttpRequest) -> None:
    """The files that wait come with the form sent again, wherever another one was not chosen in their place.

    They join when the view reads its form: it first says where the other files go.
    """
    load = request._load_post_and_files

    def with_those_that_wait() -> None:
        load()
        one = _sent_again(request)
        for name, keys in one["files"].items() if one else ():
            if not request._files.getlist(name):  # type: ignore[attr-defined]
                request._files.setlist(name, documents.kept_uploads(keys))  # type: ignore[attr-defined]

    request._load_post_and_files = with_those_that_wait  # type: ignore[method-assign]


def _sent_again(request: HttpRequest) -> Entry | None:
    """The waiting form that this one is, which says so itself."""
    if RECORD not in request.COOKIES:
        return None
    mark = request.POST.get(WAITING)
    return next((one for one in _waiting(request) if one["id"] == mark), None) if mark else None


def _waiting(request: HttpRequest) -> list[Entry]:
    kept = _all(request)
    person = _person(request) if kept else ""
    return [one for one in kept if one["person"] == person] if person else []


def _all(request: HttpRequest) -> list[Entry]:
    """What waits in this browser, whoever its author is."""
    found: list[Entry] = _record(request).get(KEPT, [])
    return found


def _record(request: HttpRequest) -> FormRecord:
    if not hasattr(request, "form_record"):
        request.form_record = FormRecord(request.COOKIES.get(RECORD))  # type: ignore[attr-defined]
    record: FormRecord = request.form_record  # type: ignore[attr-defined]
    return record


def _forget(request: HttpRequest, mark: str) -> bool:
    """Whether a form of this person waited under that mark; it waits no more."""
    if not any(one["id"] == mark for one in _waiting(request)):
        return False
    record = _record(request)
    record[KEPT] = [one for one in record[KEPT] if one["id"] != mark]
    record.save()
    return True


def _forgetting(one: Entry) -> str:
    page = one["page"]
    return f"{page}{'&' if '?' in page else '?'}{urlencode({FORGET: one['id']})}"


def _without_forget(request: HttpRequest) -> str:
    query = request.GET.copy()
    del query[FORGET]
    return f"{request.path}?{query.urlencode()}" if query else request.path


def _is_signed_in(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES and bool(request.user.is_authenticated)


def _person(request: HttpRequest) -> str:
    """The person who is signed in; empty for a stranger."""
    if not _is_signed_in(request):
        return ""
    return str(getattr(request.user, "person_id", None) or "")
