"""The whole file of a consultation as one package: made, brought back byte for byte, refused when it was changed."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from procrastinate.contrib.django.models import ProcrastinateJob

from territoires.contracts.archives import PackageFormat, Piece
from territoires.foundations.documents import api as documents
from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day, system_clock
from territoires.kernel.errors import Conflict, Corrupt, Denied, Gone, Invalid, Missing, TooLate
from territoires.services.procurement import jobs
from territoires.services.procurement.actions import packaging
from territoires.services.procurement.domain.keeping import keep_until
from territoires.services.procurement.domain.packages import MANIFEST, manifest_bytes
from territoires.services.procurement.models import Consultation, Package
from territoires.services.procurement.queries import package as contents
from territoires.services.procurement.queries import packages as queries
from territoires.services.procurement.queries.package_zip import ARCHIVES
from tests.services.procurement.conftest import (
    NOW,
    make_actor,
    make_body,
    make_consultation,
    mandated,
    receive,
    rows,
)

FILES = {"tables/a.jsonl": b'{"id":1}\n', "documents/" + "0" * 64: b"", "été/ñ.txt": b"x" * 300_000}


def packed(files: dict[str, bytes] | None = None) -> bytes:
    found = FILES if files is None else files
    return b"".join(ARCHIVES.write(Piece(path, lambda c=content: [c]) for path, content in found.items()))


def bring_back(actor: Actor, content: bytes, name: str = "dossier.zip") -> Package:
    """Brought, and judged by the job."""
    brought = packaging.bring_package(actor=actor, document=receive(actor, content, name))
    jobs.continuity.read_package(package=str(brought.pk))
    brought.refresh_from_db()
    return brought


def waiting_jobs(task: str) -> list[dict[str, Any]]:
    return list(ProcrastinateJob.objects.filter(task_name=task).values_list("args", flat=True))


def on_disk(folder: Path, content: bytes) -> Path:
    path = folder / "package.zip"
    path.write_bytes(content)
    return path


def ended(actor: Actor, state: str = "ended") -> Consultation:
    one = make_consultation(actor, "validated")
    Consultation.objects.filter(pk=one.pk).update(
        state=state, published_at=NOW - timedelta(days=90), publication_version=1
    )
    one.refresh_from_db()
    return one


def years_from_today(years: int) -> date:
    today = legal_day(system_clock())
    return keep_until(signed_on=None, ended_on=today, is_works=False, years=lambda _rule: years)[0]


class TestFormat:
    def test_it_is_the_first_behind_the_port(self) -> None:
        assert isinstance(ARCHIVES, PackageFormat)

    def test_the_same_files_are_the_same_bytes_whatever_their_order(self) -> None:
        assert packed() == packed(dict(reversed(FILES.items())))

    def test_what_is_written_reads_back_to_the_same_bytes(self, tmp_path: Path) -> None:
        made = packed()
        kept = ARCHIVES.read(on_disk(tmp_path, made))
        assert {one.path: b"".join(one.read()) for one in kept} == FILES
        assert [one.sha256 for one in kept] == [hashlib.sha256(FILES[one.path]).hexdigest() for one in kept]
        assert b"".join(ARCHIVES.write(Piece(one.path, one.read) for one in kept)) == made

    def test_any_program_opens_it(self) -> None:
        archive = zipfile.ZipFile(io.BytesIO(packed()))
        assert archive.testzip() is None
        said = json.loads(archive.read(MANIFEST))
        assert [one["path"] for one in said["pieces"]] == sorted(FILES)

    def test_memory_stays_small(self) -> None:
        biggest = max(len(chunk) for chunk in ARCHIVES.write([Piece("big", lambda: [bytes(65536)] * 2000)]))
        assert biggest < 200_000

    def test_a_file_that_is_not_the_announced_one_stops_it(self) -> None:
        with pytest.raises(Corrupt):
            list(ARCHIVES.write([Piece("a", lambda: [b"other"], "0" * 64)]))


def rewritten(change: Any) -> bytes:
    """The package written anew by another hand, once ``change`` has touched its entries."""
    source = zipfile.ZipFile(io.BytesIO(packed()))
    entries = [(info.filename, source.read(info)) for info in source.infolist()]
    buffer = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(buffer, "w") as archive:
        for name, content in change(entries):
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def linked() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
        archive.writestr(MANIFEST, manifest_bytes([]))
    return buffer.getvalue()


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(60 * 1024 * 1024))
        archive.writestr(MANIFEST, manifest_bytes([]))
    return buffer.getvalue()


class Dead(BaseException):
    """The machine dies here."""


def dies_at(count: int, real: Callable[..., Any]) -> Callable[..., Any]:
    """``real``, until its ``count``-th call."""
    calls = itertools.count(1)

    def call(*given: Any, **named: Any) -> Any:
        if next(calls) == count:
            raise Dead
        return real(*given, **named)

    return call


HOSTILE = {
    "nothing": b"",
    "no archive": b"%PDF-1.7 ceci n'est pas une archive",
    "cut short": packed()[:-30],
    "something before": b"MZ" + packed(),
    "something behind": packed() + b"behind",
    "a byte changed": packed().replace(b"x" * 100, b"x" * 99 + b"y", 1),
    "written by another hand": rewritten(lambda entries: entries),
    "one more file": rewritten(lambda entries: [("zz", b"more"), *entries]),
    "one file less": rewritten(lambda entries: entries[1:]),
    "twice the same name": rewritten(lambda entries: [entries[0], *entries]),
    "outside": rewritten(lambda entries: [("../../etc/passwd", b"x"), *entries]),
    "no manifest": rewritten(lambda entries: entries[:-1]),
    "a manifest that lies": rewritten(lambda e: [*e[:-1], (MANIFEST, e[-1][1].replace(b": 300000", b": 3"))]),
    "a manifest of another shape": rewritten(lambda e: [*e[:-1], (MANIFEST, b"[1, 2]")]),
    "a deep manifest": rewritten(lambda e: [*e[:-1], (MANIFEST, b"[" * 100_000)]),
    "a link": linked(),
    "a bomb": bomb(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_was_not_made_here_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid):
        ARCHIVES.read(on_disk(tmp_path, HOSTILE[name]))


def test_every_table_of_the_service_is_declared_or_left_out_for_a_reason() -> None:
    models = {model.__name__ for model in apps.get_app_config("t_procurement").get_models()}
    declared = {table.model for table in contents.TABLES}
    assert declared | set(contents.LEFT_OUT) == models
    assert not declared & set(contents.LEFT_OUT)
    assert len(declared) == len(contents.TABLES)


def test_the_legal_end_is_the_later_of_the_two() -> None:
    years = {"keep-procedure-years": 5, "keep-contract-years": 5, "keep-works-years": 10}.__getitem__
    signed, done = date(2024, 2, 29), date(2026, 6, 30)
    assert keep_until(signed_on=signed, ended_on=None, is_works=True, years=years)[0] == date(2029, 2, 28)
    assert keep_until(signed_on=signed, ended_on=done, is_works=True, years=years) == (
        date(2036, 6, 30),
        "CCP R2184-13",
    )
    with pytest.raises(ValueError, match="neither"):
        keep_until(signed_on=None, ended_on=None, is_works=False, years=years)


@pytest.mark.django_db
class TestKeeping:
    def test_the_package_holds_tables_documents_people_and_facts(self, secretary: Actor) -> None:
        one = ended(secretary)
        archive = zipfile.ZipFile(io.BytesIO(b"".join(queries.taken_out(one))))
        names = set(archive.namelist())
        for name in ("consultation", "lot", "criterion", "piece", "documents", "people"):
            assert f"tables/{name}.jsonl" in names
        row = json.loads(archive.read("tables/consultation.jsonl"))
        assert (row["id"], row["title"]) == (str(one.pk), one.title)
        for piece in one.pieces.all():
            content = archive.read(f"documents/{piece.sha256}")
            assert hashlib.sha256(content).hexdigest() == piece.sha256
        kinds = [json.loads(line)["kind"] for line in archive.read("journal/facts.jsonl").splitlines()]
        assert "procurement.consultation.validated" in kinds

    def test_a_procedure_that_lasts_is_not_taken_out(self, secretary: Actor) -> None:
        for state in ("published", "closed", "opening", "analysis", "standstill"):
            one = make_consultation(secretary, "validated")
            Consultation.objects.filter(pk=one.pk).update(
                state=state, published_at=NOW, publication_version=1
            )
            one.refresh_from_db()
            with pytest.raises(Conflict):
                queries.taken_out(one)

    def test_an_ended_consultation_is_archived_with_its_package(self, secretary: Actor) -> None:
        one = ended(secretary)
        packaging.order_package(actor=secretary, consultation=one)
        jobs.continuity.make_package(consultation=str(one.pk))
        one.refresh_from_db()
        package = Package.objects.get(consultation=one)
        assert (one.state, package.origin) == ("archived", "made")
        assert package.keep_until == years_from_today(10), "works: ten years from the end"
        assert hashlib.sha256(b"".join(queries.bytes_of(package))).hexdigest() == package.sha256
        told = [entry for entry in journal.timeline(one.pk) if entry.kind.endswith("archived")]
        assert told[0].files == {"content": package.sha256}
        jobs.continuity.make_package(consultation=str(one.pk))
        assert Package.objects.count() == 1

    def test_an_outside_assistant_reads_the_kept_files_of_whose_team_she_was(
        self, secretary: Actor, body: Any
    ) -> None:
        architect, hers, other = mandated(body), ended(secretary), ended(secretary)
        for role in ("prepare", "evaluate"):
            rows("t_procurement.Member").create(consultation=hers, person_id=architect.person, role=role)
        for one in (hers, other):
            packaging.order_package(actor=secretary, consultation=one)
            jobs.continuity.make_package(consultation=str(one.pk))
        bring_back(secretary, packed())
        assert len(queries.packages_of(secretary)) == 3
        assert [one.consultation_id for one in queries.packages_of(architect)] == [hers.pk]
        with pytest.raises(Missing):
            queries.package_of(architect, Package.objects.get(consultation=other).pk)

    def test_one_without_contract_is_kept_and_stays_what_it_is(self, secretary: Actor) -> None:
        one = ended(secretary, "abandoned")
        packaging.order_package(actor=secretary, consultation=one)
        jobs.continuity.make_package(consultation=str(one.pk))
        one.refresh_from_db()
        assert one.state == "abandoned"
        assert Package.objects.get().keep_until == years_from_today(5)
        with pytest.raises(Conflict):
            packaging.order_package(actor=secretary, consultation=one)

    def test_it_comes_back_byte_for_byte_in_another_body(self, secretary: Actor) -> None:
        made = b"".join(queries.taken_out(ended(secretary)))
        other = make_actor(make_body("Commune de Modèle", "210000009"))
        package = bring_back(other, made)
        assert b"".join(queries.bytes_of(package)) == made
        assert (package.title, package.origin, package.state) == (
            "Réfection de la toiture de l'école",
            "brought",
            "kept",
        )
        assert queries.entries_of(package).count() == len(zipfile.ZipFile(io.BytesIO(made)).namelist()) - 1
        with pytest.raises(Conflict):
            bring_back(other, made)
        assert not Consultation.objects.filter(organisation=other.organisation).exists()

    def test_the_zip_that_was_sent_is_let_go_once_it_can_be_made_again(self, secretary: Actor) -> None:
        made = packed()
        sent = receive(secretary, made, "dossier.zip")
        brought = packaging.bring_package(actor=secretary, document=sent)
        with pytest.raises(Conflict):
            queries.bytes_of(brought)
        assert waiting_jobs(packaging.READ_BACK) == [{"package": str(brought.pk)}]
        jobs.continuity.read_package(package=str(brought.pk))
        sent.refresh_from_db()
        brought.refresh_from_db()
        assert sent.purged_at is not None and brought.document is None
        assert b"".join(queries.bytes_of(brought)) == made

    def test_a_job_that_dies_anywhere_is_done_again(
        self, secretary: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = packed()
        brought = packaging.bring_package(actor=secretary, document=receive(secretary, made, "x.zip"))
        with monkeypatch.context() as dying:
            dying.setattr(documents, "receive", dies_at(2, documents.receive))
            with pytest.raises(Dead):
                jobs.continuity.read_package(package=str(brought.pk))
        with monkeypatch.context() as dying:
            dying.setattr(documents, "release", dies_at(1, documents.release))
            with pytest.raises(Dead):
                jobs.continuity.read_package(package=str(brought.pk))
        assert not queries.entries_of(brought).exists()
        for _again in range(2):
            jobs.continuity.read_package(package=str(brought.pk))
        brought.refresh_from_db()
        assert b"".join(queries.bytes_of(brought)) == made
        told = [entry.kind for entry in journal.timeline(brought.pk)]
        assert told.count("procurement.package.kept") == 1

    @pytest.mark.parametrize("name", ["a byte changed", "outside", "a bomb", "cut short"])
    def test_a_hostile_package_is_told_and_leaves_nothing(self, secretary: Actor, name: str) -> None:
        sent = receive(secretary, HOSTILE[name], "x.zip")
        package = packaging.bring_package(actor=secretary, document=sent)
        jobs.continuity.read_package(package=str(package.pk))
        package.refresh_from_db()
        sent.refresh_from_db()
        assert package.state == "refused" and package.fault["message"]
        assert sent.purged_at is not None and not queries.entries_of(package).exists()
        with pytest.raises(Conflict):
            queries.bytes_of(package)
        again = packaging.bring_package(actor=secretary, document=receive(secretary, HOSTILE[name], "x.zip"))
        assert again.pk != package.pk, "what was refused may be sent again"

    @pytest.mark.parametrize("name", ["no archive", "nothing"])
    def test_what_is_no_zip_is_refused_at_once(self, secretary: Actor, name: str) -> None:
        with pytest.raises(Invalid):
            packaging.bring_package(actor=secretary, document=receive(secretary, HOSTILE[name], "x.zip"))
        assert not Package.objects.exists()

    def test_it_is_destroyed_at_its_legal_end_and_never_before(self, secretary: Actor) -> None:
        one = ended(secretary, "abandoned")
        packaging.order_package(actor=secretary, consultation=one)
        jobs.continuity.make_package(consultation=str(one.pk))
        package = Package.objects.get()
        with pytest.raises(TooLate):
            packaging.destroy_package(actor=secretary, package=package, reason="Visa des archives n° 12.")
        later = secretary.at(NOW + timedelta(days=5 * 366 + 2))
        with pytest.raises(Invalid):
            packaging.destroy_package(actor=later, package=package, reason="")
        packaging.destroy_package(actor=later, package=package, reason="Visa des archives n° 12.")
        package.refresh_from_db()
        with pytest.raises(Gone):
            queries.bytes_of(package)
        with pytest.raises(Gone):
            documents.open_stream(package.document)

    def test_only_those_of_the_body(self, secretary: Actor, body: Any) -> None:
        one = ended(secretary)
        stranger = make_actor(make_body("Commune de Modèle", "210000009"))
        for actor in (stranger, make_actor(body, "observer"), replace(secretary, grants={})):
            with pytest.raises(Denied):
                packaging.order_package(actor=actor, consultation=one)
            with pytest.raises(Denied):
                packaging.take_package(actor=actor, consultation=one)
        with pytest.raises(Denied):
            packaging.keep_package(
                actor=secretary, consultation=one, document=None, description=None, entries=0
            )
        brought = packaging.bring_package(actor=secretary, document=receive(secretary, packed(), "x.zip"))
        with pytest.raises(Denied):
            packaging.take_in(actor=secretary, package=brought, brought=None)
        with pytest.raises(Denied):
            packaging.refuse_package(actor=secretary, package=brought, refusal=None)
        packaging.order_package(actor=secretary, consultation=one)
        jobs.continuity.make_package(consultation=str(one.pk))
        package = Package.objects.get(origin="made")
        assert queries.packages_of(stranger) == []
        with pytest.raises(Missing):
            queries.package_of(stranger, package.pk)
        with pytest.raises(Denied):
            packaging.destroy_package(actor=stranger, package=package, reason="Visa n° 12.")
