"""Garbage at every door: queries, forms, bodies that no browser sends. Nothing of it is a failure of ours."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoires.kernel.ids import new_id

from .kept import signed_out
from .table import Route, routes
from .test_agent_pages import place
from .world import World, again, content_of

pytestmark = pytest.mark.slow
NAMES = (
    "q", "text", "after", "before", "urgency", "member", "nature", "matter", "year", "since", "until", "state",
    "step", "kind", "department", "college", "_key", "version", "number", "object", "decided_on", "reason",
    "recipient", "notified_on", "means", "signed_on", "act", "membership", "assignment", "role", "held", "email",
    "given_names", "usual_name", "type-main", "next", "level", "siret", "password", "code", "language", "account",
)  # fmt: skip
NASTY = [
    b"",
    b"\x00",
    b"a\x00b",
    b"\xff\xfe",
    b"\xed\xa0\x80",  # half of a surrogate pair
    "\u202egnp.exe\u202c".encode(),
    "٣١/٠٢/٢٠٢٦".encode(),
    b"-1",
    b"0",
    b"99999999999999999999999999",
    b"1e309",
    b"NaN",
    b"0001-01-01",
    b"9999-12-31",
    b"31/02/2026",
    b"' OR 1=1 --",
    b"%00%s%(x)s{{7*7}}",
    b"<script>alert(1)</script>",
    b"//elsewhere.example/",
    b"x" * 20_000,
    # Cursors that decode well and hold a day beyond the calendar, or a key that is none.
    b"MDAwMS0wMS0wMVQwMDowMDowMCswMDowMCAwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDA=",
    b"OTk5OS0xMi0zMVQyMzo1OTo1OS0yMzo1OSAwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDA=",
    b"AAAA",
    b"=====",
]

texts = st.text(max_size=40).map(lambda text: text.encode(errors="surrogatepass"))
values = st.one_of(st.sampled_from(NASTY), st.binary(max_size=40), texts)
fields = st.lists(st.tuples(st.sampled_from(NAMES), values), min_size=1, max_size=12)
hunt = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

# /health answers 503 while no other part runs, as in these tests; REST is tried from its own document.
DOORS = [r for r in routes() if not r.template.startswith(("api/v1/", "health"))]
_TAKES_FORMS: dict[str, bool] = {}
each_door = pytest.mark.parametrize("route", DOORS, ids=str)
BOUNDARY = "multipart/form-data; boundary=x"
BODIES = {
    "nothing": ("", b"a=b"),
    "another character set": ("application/x-www-form-urlencoded; charset=utf-16", b"\x00\xd8a=b"),
    "an unknown character set": ("application/x-www-form-urlencoded; charset=no-such", b"a=b"),
    "too many fields": ("application/x-www-form-urlencoded", b"a=1&" * 1500),
    "a field too long": ("application/x-www-form-urlencoded", b"a=" + b"x" * (3 * 1024 * 1024)),
    "JSON in place of a form": ("application/json", b"[" * 50_000),
    "no boundary": ("multipart/form-data", b"--x\r\n"),
    "a boundary beyond ASCII": ("multipart/form-data; boundary=\xe9", b"--x\r\n"),
    "a form cut short": (BOUNDARY, b'--x\r\nContent-Disposition: form-data; name="main"; filename="a.pdf"\r\n\r\n%PD'),
    "a part without name": (BOUNDARY, b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n"),
    "a NUL in a file's name": (
        BOUNDARY,
        b'--x\r\nContent-Disposition: form-data; name="main"; filename="a\x00b.pdf"\r\n\r\na\r\n--x--\r\n',
    ),
    "a path as file's name": (
        BOUNDARY,
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="../../etc/passwd"\r\n\r\na\r\n--x--\r\n',
    ),
    "base64 that is none": (
        BOUNDARY,
        b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n!\r\n--x--\r\n',
    ),
    "too many files": (
        BOUNDARY,
        b'--x\r\nContent-Disposition: form-data; name="annexes"; filename="a"\r\n\r\na\r\n' * 150 + b"--x--\r\n",
    ),
}  # fmt: skip


@pytest.fixture
def somebody(world: World, everybody: Client) -> Client:
    """Who may open as much as one person can, and is answered by a failure as a reader would be."""
    client = again(everybody)
    client.raise_request_exception = False
    return client


@each_door
@given(query=fields)
@hunt
def test_a_query_of_garbage_is_no_failure(world: World, somebody: Client, route: Route, query: Any) -> None:
    call(somebody, "GET", f"{address_of(route, world)}?{written(query)}")


@each_door
@given(form=fields)
@hunt
def test_a_form_of_garbage_is_no_failure(world: World, somebody: Client, route: Route, form: Any) -> None:
    address = address_of(route, world)
    if takes_forms(somebody, address):
        call(somebody, "POST", address, written(form), "application/x-www-form-urlencoded")


@each_door
def test_a_body_of_garbage_is_no_failure(world: World, somebody: Client, route: Route) -> None:
    """A body is read before the page, by one function for all: a few in turn, one where no form is taken."""
    address = address_of(route, world)
    for media_type, content in shared(
        list(BODIES.values()), route, 5 if takes_forms(somebody, address) else 1
    ):
        call(somebody, "POST", address, content, media_type)


@pytest.mark.parametrize("page", ["legality/new/", "legality/history/", "governance/people/"])
def test_garbage_after_the_session_ended_is_no_failure(world: World, somebody: Client, page: str) -> None:
    """What a form held when the session ended is kept: a large one, a file's, one of texts."""
    address = f"/o/{world.home.reference}/{page}"
    somebody.get(address)
    browser = signed_out(somebody)
    for media_type, content in BODIES.values():
        call(browser, "POST", address, content, media_type)


@each_door
def test_an_odd_method_is_answered(world: World, somebody: Client, route: Route) -> None:
    for method in ("HEAD", "OPTIONS", *shared(["PUT", "DELETE", "PATCH", "TRACE", "BREW"], route)):
        answer = call(somebody, method, address_of(route, world))
        if answer.status_code == 405:
            assert answer["Allow"]
            assert method == "HEAD" or answer.content, "a refusal says what to do"


@pytest.mark.parametrize("route", [r for r in DOORS if "<str:" in r.template], ids=str)
def test_an_address_of_garbage_is_no_failure(world: World, somebody: Client, route: Route) -> None:
    """The organisation is read by one function for all pages: where nothing else is a text, three values in turn."""
    texts = _texts(route)
    marked = route.at(**{**_place(route, world), **dict.fromkeys(texts, "MARK")})
    for value in shared(NASTY, route, 3) if texts == ["organisation"] else NASTY:
        call(somebody, "GET", marked.replace("MARK", quote_from_bytes(value, safe="") or "%20"))


@pytest.mark.parametrize(
    "header",
    [
        "Accept-Language",
        "Authorization",
        "Cookie",
        "HX-Current-URL",
        "Idempotency-Key",
        "If-None-Match",
        "Range",
        "Referer",
        "X-Correlation-Id",
    ],
)
def test_headers_of_garbage_are_no_failure(world: World, somebody: Client, header: str) -> None:
    act = world.acts["published"]
    page = f"/collectivites/{world.home.reference}/actes/{act.pk}/"
    file = f"{page}fichiers/{act.main_sha256}/"
    for value in ("", "x" * 5000, "\xe9\xff", "bytes=9-1", "-1", ";;==", "fr;q=x", "http://[::1"):
        for address in (page, file, f"/o/{world.home.reference}/legality/", "/api/v1/legality/acts"):
            call(somebody, "GET", address, headers={header: value})


def takes_forms(client: Client, address: str) -> bool:
    """Whether anything but a refusal of the method answers a form sent there; asked once an address."""
    if address not in _TAKES_FORMS:
        _TAKES_FORMS[address] = call(client, "POST", address).status_code != 405
    return _TAKES_FORMS[address]


def shared(values: list[Any], route: Route, count: int = 1) -> list[Any]:
    """A few of the values, others for each route: among all routes, each is tried many times."""
    start = DOORS.index(route) * count
    return [values[(start + place) % len(values)] for place in range(count)]


def written(found: list[tuple[str, bytes]]) -> str:
    return "&".join(f"{name}={quote_from_bytes(value, safe='')}" for name, value in found)


def call(
    client: Client, method: str, address: str, content: Any = b"", media_type: str = "", **more: Any
) -> Any:
    """The answer, whose content was produced to the end; what it wrote is undone."""
    with transaction.atomic():
        answer = client.generic(method, address, content, media_type, **more)
        assert answer.status_code < 500, f"{method} {address[:300]}: {answer.status_code}"
        content_of(answer)
        transaction.set_rollback(True)
    return answer


def address_of(route: Route, world: World) -> str:
    return route.at(**_place(route, world)) if route.name else f"/{route.template}"


def _place(route: Route, world: World) -> dict[str, Any]:
    seat = world.operator if "console" in route.template else world.home
    others = {
        "token": "x:y:z",
        "uidb36": "1",
        "key": "a-b",
        "pk": 1,
        "name": "buttons",
        "certificate": new_id(),
    }
    return place(world, seat, **others)


def _texts(route: Route) -> list[str]:
    return [name for name in route.arguments if f"<str:{name}>" in route.template]
