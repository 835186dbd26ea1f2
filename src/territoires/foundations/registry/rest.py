"""The REST root: one OpenAPI 3.1 document, API keys, problem+json; each service gives its router."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from functools import cache
from importlib import import_module
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer

from territoires.kernel.errors import Conflict, Denied, Fault, Invalid, TerritoiresError

from . import errors
from .instants import OUT_OF_RANGE
from .openapi import JsonParser, RestApi
from .services import manifests

VERSION = "v1"


class ApiKey(HttpBearer):
    """``Authorization: Bearer <key>``. The key names the acting organisation; the middleware built its actor."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        actor = request.actor  # type: ignore[attr-defined]
        if actor.is_anonymous:
            return None
        # The value behind the middleware's lazy proxy, which is no dataclass: actions call replace() on their actor.
        request.actor = copy(actor)  # type: ignore[attr-defined]
        return request.actor  # type: ignore[attr-defined]


class Unauthenticated(Denied):
    """No key, or one that is unknown, expired or revoked."""

    status = 401


class PreconditionFailed(Conflict):
    """The row is no longer the one whose ETag came in ``If-Match`` (RFC 9110, 15.5.13)."""

    status = 412


@cache
def rest_api() -> NinjaAPI:
    """The API with every enabled service's router under ``/api/v1/<service>/``."""
    api = RestApi(
        title="Territoires",
        version=VERSION,
        description="The verbs of the platform over HTTP. Refusals are problem+json (RFC 9457).",
        docs_url=None,
        auth=ApiKey(),
        parser=JsonParser(),
        urls_namespace="rest",
    )
    for manifest in manifests().values():
        if manifest.rest:
            api.add_router(f"/{manifest.code}", import_module(manifest.rest).router, tags=[manifest.code])
    for kind in (Exception, ValidationError, HttpError, AuthenticationError):
        api.add_exception_handler(kind, cast(Any, _answer))  # Ninja's types also allow for classes
    return api


def _answer(request: HttpRequest, exception: Exception) -> HttpResponse:
    error = _as_family(exception)
    if error.code == "changed-meanwhile" and "If-Match" in request.headers:
        error = PreconditionFailed(
            error.code,
            gettext_noop("Somebody changed this since you read it; nothing was done."),
            gettext_noop("Read it again, and send the change with its new ETag."),
        )
    response = errors.problem(request, error)
    if response.status_code == 401:
        response["WWW-Authenticate"] = 'Bearer realm="territoires"'
    return response


def _as_family(exception: Exception) -> TerritoiresError:
    match exception:
        case AuthenticationError():
            return Unauthenticated(
                "no-key",
                gettext_noop("This needs an API key, and none that is valid was given."),
                gettext_noop("Send the header Authorization: Bearer followed by a key of your organisation."),
            )
        case ValidationError():
            return Invalid(
                "malformed-input",
                gettext_noop("Some of what was sent does not have the expected form; nothing was done."),
                gettext_noop("Correct each field named in faults and send it again."),
                faults=_faults(exception.errors),
            )
        case HttpError(__cause__=TerritoiresError() as refusal):
            return refusal  # of the parser, which Ninja wraps
        case HttpError():
            return Invalid(
                "malformed-request",
                gettext_noop("The request could not be read; nothing was done."),
                gettext_noop("Send well-formed JSON with the right Content-Type."),
            )
    return errors.as_family(exception)


# What the parser says of a field, where its own words do not help.
FAULTS = {
    "timezone_aware": (
        gettext_noop("This hour does not say of which time zone it is; nothing was done."),
        gettext_noop("Write it with its offset: 2027-01-05T09:00:00+01:00, or with Z for universal time."),
    ),
    OUT_OF_RANGE: (
        gettext_noop("This year lies outside the registers: from 1800 to 2199; nothing was done."),
        gettext_noop("Correct the year."),
    ),
}


def _faults(found: Sequence[dict[str, Any]]) -> list[Fault]:
    return [_fault(one) for one in found]


def _fault(found: dict[str, Any]) -> Fault:
    field = ".".join(str(part) for part in found["loc"][1:])
    message, remedy = FAULTS.get(found["type"], (found["msg"], ""))
    return Fault(field=field, code=found["type"], message=message, remedy=remedy)


def etag(version: int) -> str:
    """The strong ETag of a row with an optimistic lock."""
    return f'"{version}"'


def if_match(request: HttpRequest) -> int | None:
    """The version that the caller saw, from ``If-Match``; None when absent or ``*``. Raises Invalid otherwise."""
    header = request.headers.get("If-Match", "*").strip()
    if header == "*":
        return None
    try:
        return int(header.strip('"'))
    except ValueError:
        raise Invalid(
            "malformed-if-match",
            gettext_noop("The If-Match header does not hold an ETag of ours."),
            gettext_noop("Send the ETag that you received, as it was."),
        ) from None
