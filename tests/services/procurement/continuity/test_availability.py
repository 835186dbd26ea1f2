"""The availability log: what each probe meets, the table and its root, and the pages that a bidder reads."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse

from territoires.foundations.journal import api as journal
from territoires.kernel.actor import system_actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Missing
from territoires.services.procurement import jobs
from territoires.services.procurement.actions import probing
from territoires.services.procurement.domain.availability import Measure, Part, bounds, stretches, table
from territoires.services.procurement.models import Probe
from territoires.services.procurement.queries import availability

DAY = date(2026, 11, 28)
WORKER = system_actor("worker").at(datetime(2026, 11, 30, 1, tzinfo=UTC))


def whole_day(day: date = DAY, without: range = range(0), down: range = range(0)) -> list[Measure]:
    since, until = bounds(day)
    found = []
    for place in range(round((until - since).total_seconds() / 60)):
        if place in without:
            continue
        outcome = "down" if place in down else "up"
        minute = since + timedelta(minutes=place)
        found += [Measure(minute, part, outcome if part == Part.STORAGE else "up", 12) for part in Part]
    return found


def test_a_minute_without_measure_is_silent_and_a_bad_one_is_told_once() -> None:
    since, until = bounds(DAY)
    told = stretches(whole_day(without=range(600, 605), down=range(605, 607)), since, until)
    assert [(one.outcome, one.minutes) for one in told] == [("silent", 5), ("down", 2)]
    assert told[0].since == since + timedelta(minutes=600)


def test_the_day_of_the_change_of_hour_has_its_own_length() -> None:
    since, until = bounds(date(2026, 10, 25))
    assert until - since == timedelta(hours=25)


def test_the_same_measures_always_make_the_same_table() -> None:
    measures = whole_day()
    assert table(measures) == table(list(reversed(measures)))
    assert table(measures).startswith(b"minute,part,outcome,latency_ms,fault\r\n")


@pytest.mark.django_db
class TestLog:
    def test_no_line_is_ever_changed_or_removed(self) -> None:
        probing.keep_measures(whole_day()[:4])
        for statement in (
            "UPDATE t_procurement_probe SET outcome = 'up'",
            "DELETE FROM t_procurement_probe",
            "TRUNCATE t_procurement_probe",
        ):
            with (
                pytest.raises(ProgrammingError, match="neither changed nor removed"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)

    def test_a_minute_is_measured_once(self) -> None:
        first, *_others = whole_day()
        probing.keep_measures([first])
        probing.keep_measures([Measure(first.minute, first.part, "down", 1, "Late")])
        assert Probe.objects.get().outcome == first.outcome

    def test_the_root_of_a_day_is_the_digest_of_its_table(self) -> None:
        probing.keep_measures(whole_day(without=range(600, 605), down=range(605, 607)))
        sealed = probing.seal_day(actor=WORKER, day=DAY)
        assert (sealed.down, sealed.silent, sealed.up) == (2, 5, 1433)
        log = availability.day_log(DAY, WORKER.now())
        assert sealed.root == hashlib.sha256(log.table).hexdigest()
        [entry] = journal.timeline(sealed.pk)
        assert entry.files == {"content": sealed.root}
        with pytest.raises(Conflict):
            probing.seal_day(actor=WORKER, day=DAY)

    def test_a_day_that_lasts_is_not_sealed(self) -> None:
        probing.keep_measures(whole_day(date(2026, 11, 30))[:40])
        with pytest.raises(Conflict):
            probing.seal_day(actor=WORKER, day=date(2026, 11, 30))

    def test_every_night_seals_what_a_stopped_machine_left(self) -> None:
        for day in (DAY, DAY - timedelta(days=2)):
            probing.keep_measures(whole_day(day))
        assert list(availability.days_to_seal(WORKER.now())) == [DAY - timedelta(days=2), DAY]
        jobs.continuity.seal_days(timestamp=0)
        assert list(availability.days_to_seal(WORKER.now())) == []

    def test_nobody_but_the_platform_seals(self, secretary: Any) -> None:
        from territoires.kernel.errors import Denied

        with pytest.raises(Denied):
            probing.seal_day(actor=secretary, day=DAY)

    def test_a_day_without_measure_says_so(self) -> None:
        with pytest.raises(Missing):
            availability.day_log(DAY, WORKER.now())


@pytest.mark.django_db
class TestWay:
    def test_every_part_behind_the_web_is_gone_through_and_nothing_is_left(self) -> None:
        walked = availability.walk(b"bytes of a deposit")
        assert [(one.part, one.fault) for one in walked] == [
            ("database", ""),
            ("storage", ""),
            ("journal", ""),
        ]
        kept = Path(default_storage.path("probe"))
        assert not kept.exists() or not list(kept.iterdir())

    def test_a_store_that_alters_is_out_of_service(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def altered(name: str, content: Any) -> str:
            content.file = io.BytesIO(b"other")
            return type(default_storage._wrapped).save(default_storage, name, content)

        monkeypatch.setattr(default_storage, "save", altered, raising=False)
        [_database, storage, _journal] = availability.walk(b"bytes of a deposit")
        assert storage.fault == "altered"
        [measure] = availability.measured(WORKER.now(), [storage])
        assert measure.outcome == "down"

    def test_the_door_of_the_probe_opens_to_nobody_else(self, client: Client) -> None:
        address = reverse("procurement:probe")
        assert client.get(address).status_code == 405
        for token in ("", "forged", availability.probe_token(b"other bytes")):
            answer = client.post(
                address, b"some bytes", content_type="application/octet-stream", headers={"X-Probe": token}
            )
            assert answer.status_code == 404

    def test_the_door_answers_the_platform(self) -> None:
        client = Client(enforce_csrf_checks=True)
        content = b"some bytes"
        answer = client.post(
            reverse("procurement:probe"),
            content,
            content_type="application/octet-stream",
            headers={"X-Probe": availability.probe_token(content)},
        )
        said = answer.json()
        assert said["sha256"] == hashlib.sha256(content).hexdigest()
        assert [one["part"] for one in said["walked"]] == ["database", "storage", "journal"]

    def test_a_server_that_does_not_answer_is_written_down(self, settings: Any) -> None:
        settings.SITE_URL = "http://127.0.0.1:9"
        jobs.continuity.probe(timestamp=0)
        web = Probe.objects.get(part="web")
        assert (web.outcome, web.fault) == ("down", "URLError")
        assert Probe.objects.filter(outcome="up").count() == 3
        with pytest.raises(RuntimeError, match="web"):
            availability.availability_alarm()


@pytest.mark.django_db
class TestPages:
    @pytest.fixture(autouse=True)
    def _probed(self) -> None:
        probing.keep_measures(whole_day(without=range(600, 605), down=range(605, 607)))

    def test_a_bidder_checks_a_day(self, client: Client) -> None:
        sealed = probing.seal_day(actor=WORKER, day=DAY)
        page = client.get(reverse("procurement:availability-day", kwargs={"day": DAY.isoformat()}))
        assert page.status_code == 200
        assert sealed.root.encode() in page.content
        listed = client.get(reverse("procurement:availability"))
        assert sealed.root[:8].encode() in listed.content

    def test_the_table_that_is_taken_has_the_root(self, client: Client) -> None:
        sealed = probing.seal_day(actor=WORKER, day=DAY)
        answer = client.get(reverse("procurement:availability-table", kwargs={"day": DAY.isoformat()}))
        assert hashlib.sha256(answer.content).hexdigest() == sealed.root
        said = json.loads(
            client.get(reverse("procurement:availability-json", kwargs={"day": DAY.isoformat()})).content
        )
        assert (said["sha256"], len(said["measures"])) == (sealed.root, 1435 * 4)
        assert [one["outcome"] for one in said["not_well"]] == ["silent", "down"]

    def test_a_day_that_lasts_is_readable_and_has_no_proof(self, client: Client) -> None:
        today = legal_day(datetime.now(UTC))
        probing.keep_measures([Measure(bounds(today)[0], Part.WEB, "up", 3)])
        kwargs = {"day": today.isoformat()}
        assert client.get(reverse("procurement:availability-day", kwargs=kwargs)).status_code == 200
        assert client.get(reverse("procurement:availability-proof", kwargs=kwargs)).status_code == 404

    @pytest.mark.parametrize("day", ["2026-13-40", "x", "0001-01-01", "9999-12-31"])
    def test_another_day_is_not_there(self, client: Client, day: str) -> None:
        for name in ("availability-day", "availability-table", "availability-json", "availability-proof"):
            assert client.get(reverse(f"procurement:{name}", kwargs={"day": day})).status_code == 404

    def test_the_form_leads_to_the_day_or_says_what_is_wrong(self, client: Client) -> None:
        address = reverse("procurement:availability")
        assert client.get(address, {"jour": "28/11/2026"})["Location"].endswith("/2026-11-28/")
        assert client.get(address, {"jour": "demain"}).status_code == 422


def test_the_proof_is_checked_without_the_platform(live_database: str) -> None:
    probing.keep_measures(whole_day())
    sealed = probing.seal_day(actor=WORKER, day=DAY)
    while journal.sequence_once():
        continue
    answer = Client().get(reverse("procurement:availability-proof", kwargs={"day": DAY.isoformat()}))
    bundle = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    [table_name] = [name for name in bundle.namelist() if name.endswith(".csv")]
    assert hashlib.sha256(bundle.read(table_name)).hexdigest() == sealed.root


def test_the_probe_goes_through_the_server_that_enterprises_reach(site: str, settings: Any) -> None:
    settings.SITE_URL = site
    jobs.continuity.probe(timestamp=0)
    found = {one.part: (one.outcome, one.fault) for one in Probe.objects.all()}
    assert set(found) == {"web", "database", "storage", "journal"}
    assert all(fault == "" for _outcome, fault in found.values()), found
