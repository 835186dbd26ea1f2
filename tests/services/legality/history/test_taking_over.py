"""A body's acts of before the platform: brought, read without effect, taken over all together or not at all."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from territoires.foundations.documents import api as documents
from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Denied
from territoires.services.legality import jobs
from territoires.services.legality.actions import history as taking
from territoires.services.legality.actions import transmitting, withdrawing
from territoires.services.legality.models import Act, HistoryImport
from territoires.services.legality.queries import acts as queries
from territoires.services.legality.queries import history as reading
from territoires.services.legality.queries import proofs, register
from territoires.services.legality.queries.effect import effect_of
from territoires.services.legality.queries.lists import Filters
from territoires.services.legality.queries.readiness import classification, faults_of
from tests.services.legality.conftest import NOW, make_actor, make_body, pdf, receive
from tests.services.legality.history.test_table import TODAY, written

pytestmark = pytest.mark.django_db
ON_LINE = {
    "numero": "2019_12",
    "nature": "DE",
    "objet": "Tarifs de la cantine",
    "date_decision": "14/03/2019",
    "identifiant": "021-217104389-20190314-2019_12-DE",
    "matiere": "7.10",
    "date_publication": "18/03/2019",
    "date_transmission": "15/03/2019",
    "date_reception": "15/03/2019",
    "fichier": "pieces/acte.pdf",
    "annexes": "grille.pdf|plan.pdf",
    "accuse": "AR.xml",
}
KEPT = {"numero": "2019_12", "nature": "AR", "objet": "Nomination", "date_decision": "02/04/2019"}
FILES = {
    "pieces/acte.pdf": pdf("acte"),
    "grille.pdf": pdf("grille"),
    "Plan.PDF": pdf("plan"),
    "AR.xml": b"<?xml version='1.0'?><actes:ARActe xmlns:actes='urn:x'/>",
}


def zipped(table: bytes, files: dict[str, bytes] = FILES, folder: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{folder}actes.csv", table)
        for name, content in files.items():
            archive.writestr(folder + name, content)
    return buffer.getvalue()


def bring(actor: Actor, content: bytes, name: str = "actes.zip") -> HistoryImport:
    """Brought, and read by the job."""
    history = taking.bring_history(actor=actor, document=receive(actor, content, name).pk, device="Ancien")
    jobs.read_history(history=str(history.pk))
    history.refresh_from_db()
    return history


def take(actor: Actor, history: HistoryImport) -> HistoryImport:
    taking.order_history(actor=actor, history=history)
    jobs.take_over_history(history=str(history.pk))
    history.refresh_from_db()
    return history


def codes(actor: Actor, content: bytes, name: str = "actes.zip") -> list[tuple[int, str]]:
    history = bring(actor, content, name)
    found = reading.examined(reading.import_of(actor, history.pk), actor)
    assert history.fault_count == len(found.faults)
    return [(one.line, one.fault.code) for one in found.faults]


@pytest.fixture
def taken(secretary: Actor) -> HistoryImport:
    return take(secretary, bring(secretary, zipped(written(ON_LINE, KEPT), folder="export/")))


def test_the_dry_run_reads_everything_and_touches_nothing(secretary: Actor) -> None:
    history = bring(secretary, zipped(written(ON_LINE, KEPT), {**FILES, "notes.txt": b"x"}))
    assert (history.state, history.new_count, history.known_count, history.fault_count) == (
        "checked",
        2,
        0,
        0,
    )
    assert history.unnamed == 1
    assert not Act.objects.exists()


def test_acts_come_with_dates_files_and_acknowledgement(secretary: Actor, taken: HistoryImport) -> None:
    assert (taken.state, taken.new_count) == ("done", 2)
    act = Act.objects.get(nature="1")
    assert (act.state, act.taken_over_at, act.published_on) == ("published", taken.done_at, date(2019, 3, 18))
    assert b"".join(documents.open_stream(act.main)) == FILES["pieces/acte.pdf"]
    assert [annex.document.name for annex in act.annexes.all()] == ["grille.pdf", "plan.pdf"]
    assert (act.former.status, act.former.identifier) == ("received", ON_LINE["identifiant"])
    assert b"".join(documents.open_stream(act.former.acknowledgement)) == FILES["AR.xml"]
    assert effect_of(act).executory_since == date(2019, 3, 18)
    kept = Act.objects.get(nature="2")
    assert (kept.state, kept.main, kept.published_at) == ("taken_over", None, None)
    assert kept.former.status == "not-sent"


def test_they_are_found_in_the_list_and_the_register(secretary: Actor, taken: HistoryImport) -> None:
    on_line, kept = Act.objects.get(nature="1"), Act.objects.get(nature="2")
    assert queries.acts_of(secretary, Filters(text="nomination")).acts == [kept]
    assert queries.acts_of(secretary, Filters(text=ON_LINE["identifiant"])).acts == [on_line]
    assert queries.acts_of(secretary, Filters(state="taken_over")).acts == [kept]
    body = on_line.organisation_id
    assert register.register_of(secretary, body, Filters(text="cantine")).acts == [on_line]
    assert register.register_of(secretary, body, Filters(text="nomination")).acts == []


def test_the_open_table_tells_when_the_state_received_them(
    client: Client, secretary: Actor, body: Any
) -> None:
    sent = {**ON_LINE, "matiere": "7.10", "accuse": ""}
    never = {**ON_LINE, "numero": "2019_13", "identifiant": "", "accuse": ""}
    never |= {"date_transmission": "", "date_reception": ""}
    take(secretary, bring(secretary, zipped(written(sent, never))))
    Act.objects.filter(number="2019_13").update(matter_code="7.1.4")
    table = client.get(reverse("legality:open-table", kwargs={"organisation": body.reference}))
    lines = csv.DictReader(io.StringIO(b"".join(table.streaming_content).decode()))
    told = {line["DELIB_ID"]: line for line in lines}
    known, unknown = told["2019_12"], told["2019_13"]
    assert (known["PREF_ID"], known["PREF_DATE"]) == (ON_LINE["identifiant"], "2019-03-15")
    assert (unknown["PREF_ID"], unknown["PREF_DATE"]) == ("", "")
    assert (unknown["DELIB_MATIERE_CODE"], unknown["DELIB_MATIERE_NOM"][:9]) == ("7.1", "Décisions")
    assert known["DELIB_MATIERE_CODE"] == "7.10"


def test_what_is_read_of_them_anywhere_is_no_failure(client: Client, body: Any, taken: HistoryImport) -> None:
    act = Act.objects.get(nature="1")
    place = {"organisation": body.reference}
    assert client.get(reverse("legality:act", kwargs={**place, "act": act.pk})).status_code == 200
    private = {**place, "act": act.pk, "sha256": act.former.acknowledgement.sha256}
    assert client.get(reverse("legality:file", kwargs=private)).status_code == 404, "that is the body's"
    for name in ("register", "feed", "open-table", "open-json", "embed-list"):
        answer = client.get(reverse(f"legality:{name}", kwargs=place))
        content = b"".join(answer) if answer.streaming else answer.content
        assert answer.status_code == 200
        assert b"cantine" in content
    assert client.get(reverse("legality:certificate", kwargs={**place, "act": act.pk})).status_code == 409


def test_their_evidence_names_every_file(secretary: Actor, taken: HistoryImport) -> None:
    act = Act.objects.get(nature="1")
    [step] = proofs.timeline_of(act)
    assert step.kind == "legality.act.taken-over"
    assert set(step.files) == {"content", "annex_1", "annex_2", "acknowledgement"}
    with pytest.raises(Conflict) as refusal:
        proofs.certificate_of(act, language="fr")
    assert refusal.value.code == "act-of-before"
    kinds = [entry.kind for entry in journal.timeline(taken.pk)]
    assert kinds == [f"legality.history.{verb}" for verb in ("brought", "checked", "ordered", "taken-over")]


def test_nothing_is_sent_again(secretary: Actor, taken: HistoryImport) -> None:
    for act in Act.objects.all():
        with pytest.raises(Conflict) as refusal:
            transmitting.prepare_transmission(actor=secretary, act=act)
        assert refusal.value.code == "act-of-before"


def test_their_numbers_count_as_taken(
    secretary: Actor, taken: HistoryImport, acts: Callable[..., Act]
) -> None:
    act = acts("draft", number="2019_12")
    assert "number-taken" in [fault.code for fault in faults_of(act, now=NOW)]


def test_the_next_number_follows_theirs(secretary: Actor, taken: HistoryImport) -> None:
    assert queries.proposed_words(secretary).number == "2019_13"


def test_the_same_file_twice_is_the_same_acts_once(secretary: Actor, taken: HistoryImport) -> None:
    again = bring(secretary, zipped(written(ON_LINE, KEPT, {**KEPT, "numero": "2019_14"})))
    assert (again.new_count, again.known_count, again.fault_count) == (1, 2, 0)
    take(secretary, again)
    assert Act.objects.count() == 3
    nothing = bring(secretary, zipped(written(ON_LINE)))
    with pytest.raises(Conflict) as refusal:
        taking.order_history(actor=secretary, history=nothing)
    assert refusal.value.code == "history-not-ready"


def test_a_job_done_again_does_nothing(secretary: Actor, taken: HistoryImport) -> None:
    jobs.take_over_history(history=str(taken.pk))
    jobs.read_history(history=str(taken.pk))
    taken.refresh_from_db()
    assert (taken.state, Act.objects.count()) == ("done", 2)


def test_a_failure_in_the_middle_leaves_none(secretary: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    history = bring(secretary, zipped(written(ON_LINE, KEPT)))
    taking.order_history(actor=secretary, history=history)

    def lost(*_given: Any, **_more: Any) -> None:
        raise OSError("the disk is gone")

    with monkeypatch.context() as broken:
        broken.setattr(taking.documents, "attach", lost)
        with pytest.raises(OSError, match="disk"):
            jobs.take_over_history(history=str(history.pk))
    assert not Act.objects.exists()
    jobs.take_over_history(history=str(history.pk))
    assert Act.objects.count() == 2


def test_what_became_faulty_since_it_was_read_is_told(secretary: Actor, acts: Callable[..., Act]) -> None:
    late = {**KEPT, "numero": "DEL_1"}
    history = bring(secretary, written(late), "actes.csv")
    taking.order_history(actor=secretary, history=history)
    acts("signed", number="DEL_1")
    jobs.take_over_history(history=str(history.pk))
    history.refresh_from_db()
    assert (history.state, history.fault_count) == ("checked", 1)
    assert not Act.objects.filter(taken_over_at__isnull=False).exists()


def test_an_act_already_signed_here_is_not_doubled(secretary: Actor, acts: Callable[..., Act]) -> None:
    act = acts("signed", number="2026_1")
    here = {**KEPT, "numero": "2026_1", "nature": "DE", "date_decision": act.decided_on.isoformat()}
    assert bring(secretary, written(here), "actes.csv").known_count == 1
    other = written({**here, "date_decision": "01/02/2020"})
    assert codes(secretary, other, "actes.csv") == [(2, "number-taken")]


def test_a_withdrawn_act_may_come_again(secretary: Actor, taken: HistoryImport) -> None:
    kept = Act.objects.get(nature="2")
    withdrawing.withdraw_act(actor=secretary, act=kept, reason="L'objet de la ligne était faux.")
    corrected = take(secretary, bring(secretary, written({**KEPT, "objet": "Nomination au grade"}), "a.csv"))
    assert corrected.state == "done"
    assert Act.objects.filter(nature="2", state="taken_over").get().object == "Nomination au grade"


@pytest.mark.parametrize(
    ("table", "files", "fault"),
    [
        ({"fichier": "absent.pdf"}, {}, "file-absent"),
        ({"fichier": "vide.pdf"}, {"vide.pdf": b""}, "file-size"),
        ({"fichier": "acte.pdf"}, {"acte.pdf": b"MZ" + bytes(100)}, "file-format"),
        ({"accuse": "ar.pdf"}, {"ar.pdf": b"GIF89a" + bytes(100)}, "file-format"),
    ],
)
def test_each_file_is_judged(
    secretary: Actor, table: dict[str, str], files: dict[str, bytes], fault: str
) -> None:
    assert codes(secretary, zipped(written({**KEPT, **table}), files)) == [(2, fault)]


def test_a_file_damaged_in_the_archive_is_told(secretary: Actor) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("actes.csv", written({**KEPT, "fichier": "acte.pdf"}))
        archive.writestr("acte.pdf", pdf("bytes that will be spoilt"))
    spoilt = bytearray(buffer.getvalue())
    at = spoilt.index(b"%PDF-") + 60
    spoilt[at] ^= 0xFF
    assert codes(secretary, bytes(spoilt)) == [(2, "file-damaged")]


@pytest.mark.parametrize(
    ("content", "name", "fault"),
    [
        (written({**KEPT, "fichier": "acte.pdf"}), "actes.csv", "file-without-archive"),
        (zipped(b"", {"../../etc/passwd": b"x"}), "actes.zip", "archive-name"),
        (zipped(b"", {"bombe.xml": bytes(40 * 1024 * 1024)}), "actes.zip", "archive-bomb"),
        (zipped(b"", {"other.csv": b"x"}), "actes.zip", "tables-in-archive"),
        (pdf("x"), "actes.csv", "history-format"),
    ],
)
def test_what_cannot_be_read_at_all_is_told(secretary: Actor, content: bytes, name: str, fault: str) -> None:
    [(_line, code)] = codes(secretary, content, name)
    assert code == fault


def test_only_those_who_may_bring_and_order(body: Any, secretary: Actor) -> None:
    observer = make_actor(body, role="observer")
    with pytest.raises(Denied):
        taking.bring_history(actor=observer, document=receive(secretary, b"x", "a.csv").pk)
    history = bring(secretary, written(KEPT), "actes.csv")
    for stranger in (observer, replace(secretary, organisation=make_body("Ailleurs", "210000009").pk)):
        with pytest.raises(Denied):
            taking.order_history(actor=stranger, history=history)
        assert reading.imports_of(stranger) == []
    with pytest.raises(Denied):
        taking.take_over(actor=secretary, history=history, acts=[], lists=classification(TODAY))


def test_an_import_whose_job_failed_is_asked_for_again(
    secretary: Actor, django_capture_on_commit_callbacks: Any
) -> None:
    def asked(task: str) -> int:
        """How many jobs wait, after those that waited failed and the minute came."""
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE status = 'todo'")
            for _minute in range(2):
                with django_capture_on_commit_callbacks(execute=True):
                    jobs.resume_histories(timestamp=0)
            cursor.execute(
                "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND task_name = %s AND args = %s",
                [task, json.dumps({"history": str(history.pk)})],
            )
            return int(cursor.fetchone()[0])

    document = receive(secretary, zipped(written(ON_LINE)), "actes.zip")
    history = taking.bring_history(actor=secretary, document=document.pk)
    assert asked(taking.READ) == 1
    jobs.read_history(history=str(history.pk))
    assert asked(taking.READ) == 0
    taking.order_history(actor=secretary, history=history)
    assert asked(taking.TAKE) == 1
    jobs.take_over_history(history=str(history.pk))
    assert asked(taking.TAKE) == 0
