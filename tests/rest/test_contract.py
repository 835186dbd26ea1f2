"""The running interface against its own OpenAPI document, by calls that schemathesis invents from it."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, get_args

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, settings
from ninja import Schema
from pydantic import ValidationError
from schemathesis import CheckContext, Response
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from territoires.config.wsgi import application
from tests.routes.world import World

from .snapshot import SNAPSHOT, present

pytestmark = pytest.mark.slow
MISSING = "urn:territoires:problem:pack-missing"


def no_failure(context: CheckContext, response: Response, case: schemathesis.Case) -> bool | None:
    """No 5xx, but for an official list that no operator has added here, which is told with its remedy."""
    if response.status_code == 503 and response.json()["type"] == MISSING:
        return None
    return not_a_server_error(context, response, case)


CHECKS = [
    no_failure,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

DOCUMENT = json.loads(present())
SENT = json.dumps(
    [
        [one.get("requestBody"), one["parameters"]]
        for ones in DOCUMENT["paths"].values()
        for one in ones.values()
    ]
)
schema = schemathesis.openapi.from_dict(DOCUMENT)
schema.app = application


@pytest.fixture(scope="module")
def key(built: World) -> Iterator[str]:
    """A secretary's key; the server's closing of connections would end the transaction of the test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield built.key(built.home, "secretary")
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_calls_answer_as_documented(case: schemathesis.Case, world: World, key: str) -> None:
    if "act" in case.path_parameters:
        case.path_parameters["act"] = str(world.acts["draft"].pk)
    with transaction.atomic():
        case.call_and_validate(headers={"Authorization": f"Bearer {key}", "Host": "localhost"}, checks=CHECKS)
        transaction.set_rollback(True)  # each call finds the draft as it was


def test_the_interface_is_the_one_that_was_agreed() -> None:
    """After a change that is meant: ``python -m tests.rest.snapshot``, and read the difference."""
    kept = SNAPSHOT.read_text(encoding="utf-8").splitlines()
    lines = difflib.unified_diff(kept, present().splitlines(), "agreed", "present", lineterm="")
    assert not list(lines), "\n".join(lines)


def _schemas(above: type[Any] = Schema) -> Iterator[type[Any]]:
    """Every body and answer that the services' operations declare."""
    for one in above.__subclasses__():
        if ".rest" in one.__module__:
            yield one
        yield from _schemas(one)


def test_no_two_schemas_share_a_name() -> None:
    """In the document the second would take the place of the first, without a word."""
    counted = Counter(one.__name__ for one in {*_schemas()})
    assert not [name for name, count in counted.items() if count > 1]


def test_every_instant_that_is_received_says_its_zone() -> None:
    """A naive hour would be read as some zone's, and a deadline would fall an hour off."""
    naive = [
        f"{one.__name__}.{name}"
        for one in _schemas()
        if f'"#/components/schemas/{one.__name__}"' in SENT
        for name, field in one.model_fields.items()
        if datetime in (field.annotation, *get_args(field.annotation))
    ]
    assert not naive


@pytest.mark.parametrize("end", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_no_day_nor_instant_at_the_ends_of_the_calendar_is_received(end: str) -> None:
    """It would be kept, and never be read again."""
    kept = [
        f"{one.__name__}.{name}"
        for one in _schemas()
        if f'"#/components/schemas/{one.__name__}"' in SENT
        for name, said in one.model_json_schema()["properties"].items()
        for form, value in (('"date-time"', end), ('"date"', end[:10]))
        if form in json.dumps(said) and name not in _refused(one, {name: value})
    ]
    assert not kept


def _refused(schema: type[Any], given: dict[str, Any]) -> set[Any]:
    try:
        schema.model_validate(given)
    except ValidationError as refusal:
        return {fault["loc"][0] for fault in refusal.errors()}
    return set()
