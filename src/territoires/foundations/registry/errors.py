"""The seven error families become one answer each: problem+json for REST, an explained page or fragment for people."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    JsonResponse,
    UnreadablePostError,
)
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from psycopg.errors import UniqueViolation

from territoires.foundations.identity import api as identity
from territoires.kernel.errors import (
    Conflict,
    Denied,
    Invalid,
    Missing,
    StepUpRequired,
    TerritoiresError,
    Unavailable,
)
from territoires.ui.dates import short_date

logger = logging.getLogger(__name__)

API_PREFIX = "/api/"
PROBLEM_TYPE = "urn:territoires:problem:"

TITLES = {
    "invalid": gettext_noop("What was sent cannot be accepted"),
    "denied": gettext_noop("You do not have the right to do this"),
    "missing": gettext_noop("This page does not exist"),
    "gone": gettext_noop("This was withdrawn"),
    "too-often": gettext_noop("Too many times in an hour"),
    "conflict": gettext_noop("Somebody was first"),
    "too-late": gettext_noop("It is too late"),
    "unavailable": gettext_noop("A part of the service is down"),
    "corrupt": gettext_noop("Something is damaged"),
    "error": gettext_noop("Something went wrong on our side"),
}


class MethodNotAllowed(Invalid):
    """The address exists, and does not know this method."""

    status = 405


class TooLarge(Invalid):
    """A request larger than a page reads."""

    status = 413


class ErrorMiddleware:
    """Turns every exception of a view into an answer with a sentence and a remedy. Nobody sees a stack trace."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        return _explained(request, response) if isinstance(response, HttpResponseNotAllowed) else response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Under ``/o/<reference>/`` nobody goes further without a role or mandate there."""
        if "organisation" not in kwargs or not request.path.startswith("/o/"):
            return None
        try:
            identity.enter(request, kwargs["organisation"])
        except TerritoiresError as error:
            return answer(request, error)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse:
        return answer(request, as_family(exception))


def as_family(exception: Exception) -> TerritoiresError:
    """The family of any exception; what no family knows is logged and becomes a plain apology."""
    match exception:
        case TerritoiresError():
            return exception
        case Http404():
            return missing_page()
        case PermissionDenied():
            return Denied(
                "denied", gettext_noop("This is not open to you."), gettext_noop("Sign in, or go back.")
            )
        case RequestDataTooBig():
            return TooLarge(
                "too-big",
                gettext_noop("What was sent is larger than this page takes; nothing was kept."),
                gettext_noop("Send the file by its own field, or a smaller one."),
            )
        case SuspiciousOperation() | BadRequest() | MultiPartParserError() | UnreadablePostError():
            return Invalid(
                "malformed-request",
                gettext_noop("The request could not be read; nothing was done."),
                gettext_noop("Go back and try again."),
            )
        case DataError() | UnicodeEncodeError():
            # PostgreSQL takes neither NUL characters nor halves of surrogate pairs, nor days beyond its calendar:
            # whatever the door, a value that it cannot hold is the sender's.
            logger.warning("a value that cannot be stored", exc_info=exception)
            return Invalid(
                "unstorable-value",
                gettext_noop("A value that was sent can stand in no register; nothing was done."),
                gettext_noop("Remove invisible characters, and check numbers and dates."),
            )
        case IntegrityError(__cause__=UniqueViolation()):
            # Two calls that both looked, found nothing, and wrote the same: the database let one of them through.
            logger.warning("the same was written at once", exc_info=exception)
            return Conflict(
                "written-at-once",
                gettext_noop("Somebody did the same at the same instant; nothing more was done."),
                gettext_noop("Reload the page: what the other one did is there."),
            )
        case OperationalError() | InterfaceError():
            logger.error("the database does not answer", exc_info=exception)
            return Unavailable(
                "database-away",
                gettext_noop("The database does not answer; what was saved before is safe."),
                gettext_noop("Keep what you typed and try again in a minute."),
            )
    logger.error("unexpected error", exc_info=exception)
    return TerritoiresError(
        "unexpected",
        gettext_noop("An unexpected error stopped this; what was saved before is safe."),
        gettext_noop("Try again in a minute; if it happens again, write to the support with the time."),
    )


def missing_page() -> Missing:
    """The refusal of an unknown address."""
    return Missing(
        "missing",
        gettext_noop("There is nothing at this address."),
        gettext_noop("Check the address, or start again from the home page."),
    )


def answer(request: HttpRequest, error: TerritoiresError) -> HttpResponse:
    """The error as the caller reads it."""
    if request.path.startswith(API_PREFIX):
        return problem(request, error)
    if isinstance(error, StepUpRequired) and request.method == "POST":
        return _step_up(request, error)
    if error.status == 403 and not request.user.is_authenticated and request.method == "GET":
        return HttpResponseRedirect(
            f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}"
        )
    response = render(
        request,
        "ui/error.html",
        {
            "title": _title(error),
            "happened": sentence(error.message, error.params),
            "remedy": sentence(error.remedy, error.params),
            "faults": [{"field": f.field, "message": sentence(f.message, f.params)} for f in error.faults],
            "code": error.code,
            "status": error.status,
        },
        status=error.status,
    )
    if isinstance(error, Unavailable):
        response["Retry-After"] = "30"
    return response


def problem(request: HttpRequest, error: TerritoiresError) -> JsonResponse:
    """RFC 9457 problem details: type, title, status, detail, our remedy and faults, and the error's own members."""
    body: dict[str, Any] = {
        **error.members,
        "type": PROBLEM_TYPE + error.code,
        "title": _title(error),
        "status": error.status,
        "detail": sentence(error.message, error.params),
        "instance": request.path,
        "remedy": sentence(error.remedy, error.params),
    }
    if error.faults:
        body["faults"] = [
            {
                "field": fault.field,
                "code": fault.code,
                "detail": sentence(fault.message, fault.params),
                "remedy": sentence(fault.remedy, fault.params),
            }
            for fault in error.faults
        ]
    response = JsonResponse(body, status=error.status, content_type="application/problem+json")
    if isinstance(error, Unavailable):
        response["Retry-After"] = "30"
    return response


def _title(error: TerritoiresError) -> str:
    """What a status says, where it says more than the family of the error."""
    return _(TITLES[{410: "gone", 429: "too-often"}.get(error.status, error.family)])


def sentence(message: str, params: Any) -> str:
    """A message id in the reader's language, filled; a day is read as pages write it."""
    translated = _(message) if message else ""
    if not params:
        return translated
    return translated % {
        name: short_date(one) if isinstance(one, date) else one for name, one in params.items()
    }


def sentences(refusal: TerritoiresError) -> str:
    """What a refusal says happened, and what to do, in the reader's language."""
    return f"{sentence(refusal.message, refusal.params)} {sentence(refusal.remedy, refusal.params)}"


_FORM_ONLY = MethodNotAllowed(
    "method-not-allowed",
    gettext_noop("This address only receives a form, and opens no page; nothing was done."),
    gettext_noop("Go back to the page that holds the form, or start again from the home page."),
)


def _explained(request: HttpRequest, refusal: HttpResponseNotAllowed) -> HttpResponse:
    is_typed = request.method == "GET" and not request.path.startswith(API_PREFIX)
    response = answer(request, _FORM_ONLY if is_typed else _unknown_method(request, refusal["Allow"]))
    response["Allow"] = refusal["Allow"]
    return response


def _unknown_method(request: HttpRequest, allowed: str) -> MethodNotAllowed:
    return MethodNotAllowed(
        "method-not-allowed",
        gettext_noop("This address does not answer to %(method)s; nothing was done."),
        gettext_noop("Use one of: %(allowed)s."),
        params={"method": (request.method or "")[:20], "allowed": allowed},
    )


def _step_up(request: HttpRequest, error: StepUpRequired) -> HttpResponse:
    """Where a gesture asks for a fresh proof of presence: the page that asks for it, then back to the form."""
    request.is_put_off = True  # type: ignore[attr-defined]
    query = urlencode({"level": error.level, "within": error.within_seconds, "next": page_of(request)})
    return HttpResponseRedirect(f"{reverse('step_up')}?{query}")


def page_of(request: HttpRequest) -> str:
    """The page that held the form sent: its address and query, as the browser names it; else where it was sent."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc != request.get_host() or not came_from.path.startswith("/"):
        return request.get_full_path()
    return f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404: an address that no pattern knows."""
    return answer(request, missing_page())


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    return answer(request, as_family(exception))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    return answer(request, as_family(PermissionDenied()))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form sent with a stale or missing token: most often a session that ended in another tab.

    It is kept for the person whom it was given to (``keeping``).
    """
    request.is_put_off = True  # type: ignore[attr-defined]  # its author is given it back
    return answer(
        request,
        Denied(
            "stale-form",
            gettext_noop("This form had waited too long, or came from another site; nothing was done."),
            gettext_noop(
                "Go back, reload the page and send it again; what you typed is still in your browser."
            ),
        ),
    )
