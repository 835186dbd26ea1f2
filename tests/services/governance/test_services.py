"""Services switched on and off: by the operator for one body or many, by an administrator for the own, by command."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from territoires.foundations.identity import services
from territoires.foundations.journal import api as journal
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Invalid, Missing
from territoires.services.governance.models import identity_rows, organisations

from .test_members import NEIGHBOUR, TOWN, VILLAGE, shown
from .test_pages import OPERATOR, SignIn, at, sign_in

__all__ = ["shown", "sign_in"]
pytestmark = pytest.mark.django_db
PAUL, OLIVE, SOFIA = (
    f"{name}.example" for name in ("paul.essai@village", "olive.exemple@operator", "sofia.essai@operator")
)
NEW = "archives"


@pytest.fixture(autouse=True)
def a_newer_service(shown: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation that is older than one of its services: it is on for nobody."""
    monkeypatch.setitem(services._labels, NEW, "Archives")


def served(service: str = NEW) -> set[str]:
    rows = identity_rows("ServiceActivation").filter(service=service, until_at=None)
    return set(rows.values_list("organisation__reference", flat=True))


def facts_of(reference: str) -> list[str]:
    kinds = [entry.kind for entry in journal.timeline(organisations().get(reference=reference).pk)]
    return [kind for kind in kinds if kind.startswith("identity.service.")]


def switch(client: Client, place: str, reference: str, state: str, **more: str) -> Any:
    return client.post(at(place, f"services/{reference}/"), {"service": NEW, "switch": state, **more})


def test_the_operator_switches_it_for_one_body_and_back(sign_in: SignIn) -> None:
    olive = sign_in(OLIVE)
    page = at(OPERATOR, f"services/{VILLAGE}/")
    assert switch(olive, OPERATOR, VILLAGE, "on")["Location"] == page
    assert served() == {VILLAGE}
    switch(olive, OPERATOR, VILLAGE, "on")  # again: nothing more
    switch(olive, OPERATOR, VILLAGE, "off")
    assert served() == set()
    assert facts_of(VILLAGE) == ["identity.service.activated", "identity.service.deactivated"]
    history = olive.get(at(OPERATOR, f"members/{VILLAGE}/")).content.decode()
    assert "a service was switched off" in history or "un service a été désactivé" in history


def test_the_list_says_since_when(sign_in: SignIn) -> None:
    since = system_clock() - timedelta(days=400)
    identity_rows("ServiceActivation").filter(organisation__reference=VILLAGE).update(since_at=since)
    page = sign_in(OLIVE).get(at(OPERATOR, "services/"), {"text": VILLAGE}).content.decode()
    assert "Saint-Éloi" in page and "Voisin" not in page
    assert str(since.year) in page


def test_two_clicks_of_one_form_switch_once(sign_in: SignIn) -> None:
    olive = sign_in(OLIVE)
    for _click in range(2):
        switch(olive, OPERATOR, VILLAGE, "on", _key="one-click")
    assert facts_of(VILLAGE) == ["identity.service.activated"]


def test_an_administrator_switches_for_the_own_body_alone(sign_in: SignIn) -> None:
    paul = sign_in(PAUL)
    assert switch(paul, VILLAGE, VILLAGE, "on").status_code == 302
    assert switch(paul, VILLAGE, TOWN, "on").status_code == 404
    assert paul.post(at(VILLAGE, "services/switch/"), {"service": NEW, "on": "on"}).status_code == 403
    assert served() == {VILLAGE}
    page = paul.get(at(VILLAGE, "services/")).content.decode()
    assert "Saint-Éloi" in page and "Voisin" not in page


def test_the_support_looks_and_touches_nothing(sign_in: SignIn) -> None:
    sofia = sign_in(SOFIA)
    page = sofia.get(at(OPERATOR, f"services/{VILLAGE}/")).content.decode()
    assert "Archives" in page and 'name="switch"' not in page
    assert switch(sofia, OPERATOR, VILLAGE, "on").status_code == 403
    assert served() == set()


def test_a_kind_is_shown_first_then_switched(sign_in: SignIn) -> None:
    olive, page = sign_in(OLIVE), at(OPERATOR, "services/switch/")
    switch(olive, OPERATOR, VILLAGE, "on")
    asked = {"service": NEW, "kind": "commune", "on": "on"}
    preview = olive.post(page, asked).content.decode()
    assert "Bourg" in preview and "Voisin" in preview and "Saint-Éloi" not in preview
    assert served() == {VILLAGE}
    assert olive.post(page, asked | {"confirmed": "yes"}).status_code == 302
    assert served() == {VILLAGE, NEIGHBOUR, TOWN}
    olive.post(page, asked | {"on": "off", "confirmed": "yes"})
    assert served() == set()


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"service": "telepathy", "on": "on"},
        {"service": NEW, "on": "maybe"},
        {"service": NEW, "on": "on", "kind": "x"},
    ],
)
def test_a_form_that_names_nothing_is_shown_again(sign_in: SignIn, asked: dict[str, str]) -> None:
    olive = sign_in(OLIVE)
    answer = olive.post(at(OPERATOR, "services/switch/"), asked | {"confirmed": "yes"})
    assert answer.status_code == 422
    assert served() == set()


def test_an_unknown_service_is_refused_in_words(sign_in: SignIn) -> None:
    answer = sign_in(OLIVE).post(
        at(OPERATOR, f"services/{VILLAGE}/"), {"service": "telepathy", "switch": "on"}
    )
    assert answer.status_code == 422
    assert "telepathy" in answer.content.decode()


def test_a_service_that_left_the_platform_breaks_no_page(sign_in: SignIn) -> None:
    village = organisations().get(reference=VILLAGE)
    identity_rows("ServiceActivation").create(organisation=village, service="gone", since_at=system_clock())
    olive = sign_in(OLIVE)
    for page in (f"members/{VILLAGE}/", "services/", f"services/{VILLAGE}/", "keys/"):
        assert olive.get(at(OPERATOR, page)).status_code == 200


class TestCommand:
    def told(self, *arguments: str) -> str:
        out = io.StringIO()
        call_command("services", *arguments, stdout=out)
        return out.getvalue()

    def test_it_switches_for_one_a_kind_and_all(self) -> None:
        self.told("activate", NEW, "--body", VILLAGE)
        assert served() == {VILLAGE}
        self.told("activate", NEW, "--kind", "commune")
        assert served() == {VILLAGE, NEIGHBOUR, TOWN}
        self.told("activate", NEW, "--all")
        members = organisations().exclude(member_since=None)
        assert served() >= set(members.values_list("reference", flat=True))
        self.told("deactivate", NEW, "--all")
        assert served() == set()
        assert self.told("list", "--body", VILLAGE).startswith(VILLAGE)

    def test_it_acts_as_the_platform(self) -> None:
        self.told("activate", NEW, "--body", VILLAGE)
        village = organisations().get(reference=VILLAGE)
        (entry,) = [e for e in journal.timeline(village.pk) if e.kind == "identity.service.activated"]
        assert entry.actor["machine"] == "services"

    def test_what_it_cannot_do_is_told(self) -> None:
        with pytest.raises(Invalid, match="no-body-chosen"):
            self.told("activate", NEW)
        with pytest.raises(Invalid, match="unknown-service"):
            self.told("activate", "telepathy", "--all")
        with pytest.raises(Missing):
            self.told("activate", NEW, "--body", "123456789")
