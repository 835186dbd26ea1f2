"""Keys of programs: the administrator's page and command, and a key at work on the acts."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.test import Client

from territoires.contracts.governance import Demonstration
from territoires.kernel.clock import legal_day, system_clock
from territoires.kernel.errors import Denied, Missing
from territoires.services.governance.models import identity_rows

from .test_members import TOWN, VILLAGE, shown
from .test_pages import SignIn, at, sign_in

__all__ = ["shown", "sign_in"]
pytestmark = pytest.mark.django_db
PAUL = "paul.essai@village.example"
ACTS = "/api/v1/legality/acts"
TEXT = re.compile(r"[0-9a-f]{12}\.[A-Za-z0-9_-]{43}")
PREPARE = ["legality:act:read", "legality:act:draft"]


def present(client: Client) -> Client:
    """As after the page that asks who is there."""
    client.post("/step-up/")
    return client


def asked(**given: Any) -> dict[str, Any]:
    last = legal_day(system_clock()) + timedelta(days=30)
    return {"label": "Logiciel d'actes", "permissions": PREPARE, "until": last.isoformat(), **given}


def rest(text: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {text}", "Accept-Language": "en"})


def issued_by(client: Client, **given: Any) -> str:
    answer = client.post(at(VILLAGE, "keys/"), asked(**given))
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    found = TEXT.search(answer.content.decode())
    assert found is not None
    return found[0]


def test_an_administrator_issues_a_key_that_prepares_acts_until_it_is_taken_back(sign_in: SignIn) -> None:
    client = present(sign_in(PAUL))
    text = issued_by(client)
    program = rest(text)
    made = program.post(ACTS, {"object": "Voirie"}, "application/json")
    assert made.status_code == 201
    assert program.post(f"{made['Location']}/publish").status_code in (403, 404)  # it was not ticked
    page = client.get(at(VILLAGE, "keys/")).content.decode()
    assert text.partition(".")[0] in page
    assert text not in page
    key = identity_rows("ApiKey").get()
    client.post(at(VILLAGE, "keys/revoke/"), {"key": key.pk})
    assert program.get(ACTS).status_code == 401


def test_two_clicks_are_one_key(sign_in: SignIn) -> None:
    client = present(sign_in(PAUL))
    form = urlencode(asked(_key="k1"), doseq=True)
    urlencoded = "application/x-www-form-urlencoded"
    twice = [client.post(at(VILLAGE, "keys/"), form, urlencoded).status_code for _click in range(2)]
    assert twice == [200, 409]
    assert identity_rows("ApiKey").count() == 1


@pytest.mark.parametrize(
    "given",
    [
        {"permissions": ["identity:key:issue"]},
        {"permissions": []},
        {"label": ""},
        {"until": "2099-01-01"},
        {"until": "2020-01-01"},
        {"until": "31/02/2027"},
    ],
)
def test_a_wrong_form_issues_nothing(sign_in: SignIn, given: dict[str, Any]) -> None:
    client = present(sign_in(PAUL))
    assert client.post(at(VILLAGE, "keys/"), asked(**given)).status_code == 422
    assert not identity_rows("ApiKey").exists()


def test_presence_is_asked_before_the_form_is_shown(sign_in: SignIn) -> None:
    client = sign_in(PAUL)
    page = client.get(at(VILLAGE, "keys/")).content.decode()
    assert "/step-up/?level=1" in page
    assert 'name="permissions"' not in page
    assert client.post(at(VILLAGE, "keys/"), asked())["Location"].startswith("/step-up/")
    assert 'name="permissions"' in present(client).get(at(VILLAGE, "keys/")).content.decode()


def test_what_a_key_may_do_folds_by_service_and_says_how_much_is_ticked(sign_in: SignIn) -> None:
    client = present(sign_in(PAUL))
    groups = re.findall(r"<details data-ticks( open)?>", client.get(at(VILLAGE, "keys/")).content.decode())
    assert len(groups) > 1 and not any(groups)
    faulty = client.post(at(VILLAGE, "keys/"), asked(label="")).content.decode()
    assert [bool(is_open) for is_open in re.findall(r"<details data-ticks( open)?>", faulty)].count(True) == 1
    assert re.findall(r"<span data-ticked>(\d+)</span>", faulty).count(str(len(PREPARE))) == 1


def test_a_secretary_and_a_foreign_administrator_reach_no_key(sign_in: SignIn) -> None:
    issued_by(present(sign_in(PAUL)))
    key = identity_rows("ApiKey").get()
    secretary = sign_in("lucie.modele@town.example")
    assert secretary.get(at(TOWN, "keys/")).status_code == 403
    foreign = present(sign_in("nadia.essai@town.example"))
    assert foreign.post(at(TOWN, "keys/revoke/"), {"key": key.pk}).status_code == 403
    assert foreign.get(at(TOWN, f"keys/?member={VILLAGE}")).status_code == 404
    assert identity_rows("ApiKey").get().revoked_at is None


def test_the_operator_sees_and_revokes_but_issues_none_for_a_member(sign_in: SignIn) -> None:
    issued_by(present(sign_in(PAUL)))
    operator = present(sign_in("olive.exemple@operator.example"))
    address = at("999990013", f"keys/?member={VILLAGE}")
    assert "Logiciel d&#x27;actes" in operator.get(address).content.decode()
    assert operator.post(address, asked()).status_code == 403
    operator.post(at("999990013", "keys/revoke/"), {"key": identity_rows("ApiKey").get().pk})
    assert identity_rows("ApiKey").get().revoked_at is not None


def test_the_page_says_that_a_key_lost_its_owner(sign_in: SignIn) -> None:
    issued_by(present(sign_in(PAUL)))
    identity_rows("Account").filter(email=PAUL).update(is_active=False)
    page = sign_in("claire.exemple@village.example").get(at(VILLAGE, "keys/")).content.decode()
    assert "tone-wait" in page


class TestCommand:
    def key(self, what: str, administrator: str = PAUL, *more: str) -> str:
        told = io.StringIO()
        call_command(
            "key", what, f"--organisation={VILLAGE}", f"--administrator={administrator}", *more,
            stdout=told, stderr=io.StringIO(),
        )  # fmt: skip
        return told.getvalue().strip()

    def test_it_issues_lists_and_revokes(self, shown: Demonstration) -> None:
        text = self.key("issue", PAUL, "--label=Logiciel", f"--permission={PREPARE[0]}")
        assert rest(text).get(ACTS).status_code == 200
        prefix = text.partition(".")[0]
        assert prefix in self.key("list") and text not in self.key("list")
        self.key("revoke", PAUL, f"--prefix={prefix}")
        assert rest(text).get(ACTS).status_code == 401

    def test_it_gives_nobody_a_right_that_is_not_theirs(self, shown: Demonstration) -> None:
        for who in ("emile.modele@village.example", "nadia.essai@town.example"):
            with pytest.raises(Denied):
                self.key("issue", who, "--label=Logiciel", f"--permission={PREPARE[0]}")
        with pytest.raises(Missing):
            self.key("list", "nobody@village.example")
        with pytest.raises(Missing):
            self.key("revoke", PAUL, "--prefix=0")
