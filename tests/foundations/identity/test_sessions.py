"""Sessions: how long they live, and how their owner sees and closes them."""

from __future__ import annotations

import uuid

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail
from django.core.cache import cache
from django.test import Client

from territoires.foundations.identity import jobs, sessions
from territoires.foundations.identity.leaving import suspend_account

from .conftest import PASSWORD, present

pytestmark = pytest.mark.django_db

CLARA = "clara@mairie.example"
ACCOUNT_PAGE = "/accounts/password/change/"


@pytest.fixture(autouse=True)
def no_past_attempts():
    cache.clear()


def signed_in() -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": CLARA, "password": PASSWORD})
    assert client.get(ACCOUNT_PAGE).status_code == 200
    return client


def is_in(client: Client) -> bool:
    return client.get(ACCOUNT_PAGE).status_code == 200


def back_in_time(client: Client, name: str, seconds: float) -> None:
    session = client.session
    session[name] -= seconds
    session.save()


@pytest.mark.parametrize(
    ("name", "limit"), [(sessions.SEEN, sessions.IDLE), (sessions.BEGAN, sessions.WHOLE)]
)
def test_a_session_ends_at_its_limit_and_not_before(person, name, limit):
    person("Clara")
    client = signed_in()
    back_in_time(client, name, limit - 30)
    assert is_in(client)
    back_in_time(client, name, limit)
    answer = client.get(ACCOUNT_PAGE)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_a_gesture_each_minute_keeps_it_open_until_the_whole(person):
    person("Clara")
    client = signed_in()
    for _ in range(3):
        back_in_time(client, sessions.SEEN, sessions.IDLE - 60)
        assert is_in(client)


def test_a_page_within_the_minute_writes_nothing(person, django_assert_max_num_queries):
    person("Clara")
    client = signed_in()
    with django_assert_max_num_queries(10) as queries:
        client.get(ACCOUNT_PAGE)
    assert not [q for q in queries if q["sql"].startswith("UPDATE") and "django_session" in q["sql"]]


def test_a_change_of_password_closes_the_others(person):
    person("Clara")
    here, elsewhere = signed_in(), signed_in()
    changed = {"oldpassword": PASSWORD, "password1": "sept nuages verts dansent ensemble"}
    here.post(ACCOUNT_PAGE, changed | {"password2": changed["password1"]})
    assert is_in(here)
    assert not is_in(elsewhere)


def test_the_owner_sees_and_closes_other_sessions(person):
    person("Clara")
    here, elsewhere = signed_in(), signed_in()
    page = here.get("/accounts/sessions/")
    assert len(page.context["sessions"]) == 2
    here.post("/accounts/sessions/")
    assert is_in(here)
    assert not is_in(elsewhere)
    assert UserSession.objects.count() == 1


def test_a_suspension_closes_what_is_open(person, operator):
    clara = person("Clara")
    client = signed_in()
    actor = present(person("Omar", operator, "operator"), operator)
    suspend_account(actor=actor, account=clara.account, reason="Clé perdue")
    assert not is_in(client)


def jobs_of(task: str) -> list[dict]:
    from procrastinate.contrib.django.models import ProcrastinateJob

    return list(ProcrastinateJob.objects.filter(task_name=task).values_list("args", flat=True))


def test_a_new_device_is_told_to_the_owner_once(person):
    person("Clara")
    client = signed_in()
    assert len(jobs_of("identity.send_new_device")) == 1
    client.post("/accounts/logout/")
    client.post("/accounts/login/", {"login": CLARA, "password": PASSWORD})
    assert len(jobs_of("identity.send_new_device")) == 1
    signed_in()
    assert len(jobs_of("identity.send_new_device")) == 2
    jobs.send_new_device(**jobs_of("identity.send_new_device")[0])
    (sent,) = mail.outbox
    assert sent.to == [CLARA]
    assert "/accounts/sessions/" in sent.body


def test_a_forged_mark_of_the_device_is_not_believed(person):
    clara = person("Clara")
    client = Client()
    client.cookies[f"device-{clara.account.pk.hex}"] = f"known:{uuid.uuid4().hex}"
    client.post("/accounts/login/", {"login": CLARA, "password": PASSWORD})
    assert len(jobs_of("identity.send_new_device")) == 1


def test_the_night_clears_away_what_has_ended():
    ended, running = SessionStore(), SessionStore()
    for store, seconds in ((ended, -1), (running, 60)):
        store.set_expiry(seconds)
        store.save()
    jobs.clear_sessions(timestamp=0)
    assert (SessionStore().exists(ended.session_key), SessionStore().exists(running.session_key)) == (
        False,
        True,
    )
