"""What every REST operation has in common, written once into the OpenAPI document."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_noop
from ninja import NinjaAPI, Schema
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.parser import Parser

from territoires.kernel.errors import Invalid

PROBLEM_JSON = "application/problem+json"
REFUSALS = {
    401: "No API key, or none that is valid",
    403: "The key has no right to this",
    404: "Nothing there, or nothing that this key may know of",
    405: "This address does not know this method",
    409: "The state forbids it, or the Idempotency-Key served another request",
    410: "It was withdrawn",
    412: "Somebody changed it since the ETag in If-Match",
    413: "Too large",
    415: "Neither JSON nor what the operation takes",
    422: "What was sent cannot be accepted; faults name each field",
    429: "Done so many times from one network within the hour that it is not done now",
    503: "A part is down; Retry-After says when to try again",
}
# What the actions and if_match() read on every request that changes something.
HEADERS = {
    "Idempotency-Key": "Drawn by the caller for one gesture: sent again, it gets the first answer, and nothing twice.",
    "If-Match": "The ETag that was read: the change is refused (412) when somebody else made one meanwhile.",
}
CHANGES = ("post", "put", "patch", "delete")


class Problem(Schema):
    """RFC 9457 problem details, as every refusal answers."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    remedy: str
    faults: list[dict[str, str]] = []


class UnsupportedMediaType(Invalid):
    """A body that says that it is not JSON, where JSON is read."""

    status = 415


class JsonParser(Parser):
    """Reads JSON from a body that says that it is JSON, or says nothing. Raises UnsupportedMediaType."""

    def parse_body(self, request: HttpRequest) -> Any:
        given = request.content_type or "application/json"
        if given != "application/json" and not given.endswith("+json"):
            raise UnsupportedMediaType(
                "unsupported-media-type",
                gettext_noop("This address reads JSON, and something else was sent; nothing was done."),
                gettext_noop("Send well-formed JSON with the right Content-Type."),
            )
        found = super().parse_body(request)
        if not isinstance(found, dict):
            raise ValueError("a body is a JSON object")  # Ninja would read the attributes of a list as fields
        return found


class RestApi(NinjaAPI):
    """The API, whose document declares refusals and shared headers on every operation."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """``territoires_services_<service>_rest_<name>``, in whichever module of a service's ``rest`` it stands."""
        service = operation.view_func.__module__.partition(".rest")[0]
        return f"{service}.rest.{operation.view_func.__name__}".replace(".", "_")

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        components = schema["components"]
        components["schemas"]["Problem"] = Problem.json_schema()
        components["responses"] = {
            f"Refusal{status}": {
                "description": description,
                "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
            for status, description in REFUSALS.items()
        }
        components["parameters"] = {
            name: {
                "name": name,
                "in": "header",
                "required": False,
                "description": description,
                "schema": {"type": "string", "maxLength": 200},
            }
            for name, description in HEADERS.items()
        }
        for operations in schema["paths"].values():
            for method, operation in operations.items():
                _complete(method, operation)
        return schema


def _complete(method: str, operation: dict[str, Any]) -> None:
    for status in REFUSALS:
        operation["responses"].setdefault(status, {"$ref": f"#/components/responses/Refusal{status}"})
    if method in CHANGES:
        operation["parameters"] += [{"$ref": f"#/components/parameters/{name}"} for name in HEADERS]
