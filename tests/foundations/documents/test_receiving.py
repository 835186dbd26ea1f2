"""What is received is kept once, under its hash, as long as somebody needs it."""

from __future__ import annotations

import errno
import hashlib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage
from django.db import transaction

from territoires.foundations.documents import api as documents
from territoires.foundations.documents import jobs, storage
from territoires.foundations.documents.models import Document, Reference
from territoires.foundations.documents.receiving import purge_orphans, purge_unattached
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.clock import fixed_clock
from territoires.kernel.errors import Conflict, Corrupt, Denied, Gone, Unavailable
from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from .conftest import NOW, deposit, stored_files

pytestmark = pytest.mark.django_db

CONTENT = b"%PDF-1.7 a council's decision"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def act() -> Subject:
    return Subject("legality.act", new_id())


def later(actor: Actor, days: int) -> Actor:
    return replace(actor, clock=fixed_clock(NOW + timedelta(days=days)))


def release(document: Document, holder: Subject, actor: Actor, capture) -> bool:
    with capture(execute=True):
        return documents.release(actor=actor, document=document, holder=holder, reason="withdrawn")


def test_a_document_says_what_was_received(store, clerk, told):
    document = deposit(clerk, CONTENT, name="Délibération n° 1.pdf")
    assert (document.sha256, document.size) == (SHA256, len(CONTENT))
    assert (document.media_type, document.name) == ("application/pdf", "Délibération n° 1.pdf")
    assert (document.received_at, document.received_by) == (NOW, clerk.person)
    assert b"".join(documents.open_stream(document)) == CONTENT
    (fact,) = told
    assert fact.digests() == {"sha256": SHA256}
    assert fact.personal_values() == {"name": "Délibération n° 1.pdf"}
    assert "Délib" not in str(fact.payload())


def test_equal_bytes_are_stored_once_in_an_organisation_and_never_shared_with_another(store, clerk):
    deposit(clerk, CONTENT, name="one.pdf")
    deposit(clerk, CONTENT, name="two.pdf")
    assert len(stored_files(store)) == 1
    deposit(replace(clerk, organisation=new_id()), CONTENT)
    assert len(stored_files(store)) == 2


def test_files_are_closed_to_other_users_of_the_machine(store, clerk):
    deposit(clerk, CONTENT)
    (path,) = stored_files(store)
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_a_stranger_deposits_nothing(store):
    stranger = Actor(organisation=new_id())
    with pytest.raises(Denied):
        deposit(stranger, CONTENT)
    assert stored_files(store) == []


def test_past_the_limit_nothing_is_kept(store, clerk):
    with pytest.raises(documents.TooBig):
        deposit(clerk, CONTENT, limit=len(CONTENT) - 1)
    assert stored_files(store) == []
    assert not Document.objects.exists()
    assert deposit(clerk, CONTENT, limit=len(CONTENT)).size == len(CONTENT)


def test_a_source_that_breaks_leaves_nothing(store, clerk):
    def breaking():
        yield b"half of"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        documents.receive(breaking(), name="x", organisation=clerk.organisation, actor=clerk, limit=1000)
    assert stored_files(store) == []


def test_a_full_disk_is_said_in_words(store, clerk, monkeypatch):
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage.os, "write", full)
    with pytest.raises(Unavailable) as refused:
        deposit(clerk, CONTENT)
    assert refused.value.code == "storage-full"
    assert stored_files(store) == []


def test_the_last_to_let_go_purges_and_the_tombstone_stays(
    store, clerk, told, django_capture_on_commit_callbacks
):
    document, first, second = deposit(clerk, CONTENT), act(), act()
    documents.attach(document, holder=first)
    documents.attach(document, holder=second)
    assert release(document, first, clerk, django_capture_on_commit_callbacks) is False
    assert len(stored_files(store)) == 1
    assert release(document, second, clerk, django_capture_on_commit_callbacks) is True
    assert stored_files(store) == []
    document.refresh_from_db()
    assert (document.sha256, document.purge_reason, document.name) == (SHA256, "withdrawn", "")
    assert [fact.purged for fact in told[1:]] == [False, True]
    for refused in (documents.open_stream, lambda d: documents.attach(d, holder=first)):
        with pytest.raises(Gone):
            refused(document)


def test_bytes_named_by_another_document_survive_a_purge(store, clerk, django_capture_on_commit_callbacks):
    gone, kept = deposit(clerk, CONTENT), deposit(clerk, CONTENT)
    holder = act()
    documents.attach(gone, holder=holder)
    assert release(gone, holder, clerk, django_capture_on_commit_callbacks) is True
    assert b"".join(documents.open_stream(kept)) == CONTENT


def test_a_retention_that_runs_forbids_to_let_go(store, clerk, django_capture_on_commit_callbacks):
    document, holder = deposit(clerk, CONTENT), act()
    documents.attach(document, holder=holder, retention_until=date(2026, 11, 30))
    with pytest.raises(Conflict):
        release(document, holder, later(clerk, 6), django_capture_on_commit_callbacks)
    assert release(document, holder, later(clerk, 7), django_capture_on_commit_callbacks) is True


def test_a_hold_keeps_what_its_holders_let_go(store, clerk, django_capture_on_commit_callbacks):
    document, holder = deposit(clerk, CONTENT), act()
    documents.attach(document, holder=holder)
    held = documents.hold(document, reason="dispute before the court")
    assert release(document, holder, clerk, django_capture_on_commit_callbacks) is False
    assert len(stored_files(store)) == 1
    documents.lift(document, held)
    assert not Reference.objects.exists()


def test_another_organisation_cannot_let_go_for_us(store, clerk, django_capture_on_commit_callbacks):
    document = deposit(clerk, CONTENT)
    foreigner = Actor(person=new_id(), organisation=new_id(), clock=clerk.clock)
    with pytest.raises(Denied):
        release(document, act(), foreigner, django_capture_on_commit_callbacks)


def test_an_upload_waits_a_week_for_its_form(store, clerk, django_capture_on_commit_callbacks):
    forgotten, claimed = deposit(clerk, CONTENT), deposit(clerk, CONTENT + b"!")
    documents.attach(claimed, holder=act())
    worker = system_actor("worker")
    with django_capture_on_commit_callbacks(execute=True):
        assert purge_unattached(later(worker, 6)) == 0
        assert purge_unattached(later(worker, 8)) == 1
    forgotten.refresh_from_db()
    assert forgotten.purge_reason == "unattached"
    assert b"".join(documents.open_stream(claimed)) == CONTENT + b"!"
    assert len(stored_files(store)) == 1


def test_bytes_whose_transaction_died_are_swept(store, clerk):
    kept = deposit(clerk, CONTENT)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        deposit(clerk, CONTENT + b" never committed")
        raise KeyboardInterrupt
    assert len(stored_files(store)) == 2
    assert purge_orphans() == 1
    assert b"".join(documents.open_stream(kept)) == CONTENT


def test_drafts_of_killed_processes_are_swept(store, clerk):
    draft = storage.Draft(1000)
    draft.write(b"half of")
    assert storage.sweep_drafts(older_than_seconds=3600) == 0
    assert storage.sweep_drafts(older_than_seconds=-1) == 1
    assert not draft.path.exists()


def test_altered_and_lost_bytes_are_found(store, clerk):
    sound, altered, lost = (deposit(clerk, CONTENT + bytes([n])) for n in range(3))
    path_of(store, altered).write_bytes(CONTENT)
    path_of(store, lost).unlink()
    documents.verify_document(sound, actor=clerk)
    for damaged, code in ((altered, "file-altered"), (lost, "file-lost")):
        with pytest.raises(Corrupt) as found:
            documents.verify_document(damaged, actor=clerk)
        assert found.value.code == code
    assert {d.pk for d in jobs.verify_next(clerk)} == {altered.pk, lost.pk}


def test_the_walk_reads_the_longest_unread_first_and_stops_at_its_budget(store, clerk):
    read = deposit(clerk, CONTENT)
    documents.verify_document(read, actor=clerk)
    unread = deposit(clerk, CONTENT + b"2")
    assert jobs.verify_next(clerk, budget=1) == []
    unread.refresh_from_db()
    assert unread.verified_at == NOW
    assert jobs.verify_next(later(clerk, 31)) == []
    read.refresh_from_db()
    assert read.verified_at == NOW + timedelta(days=31)


def test_depositing_again_heals_damaged_bytes(store, clerk):
    document = deposit(clerk, CONTENT)
    path_of(store, document).write_bytes(b"damaged")
    deposit(clerk, CONTENT)
    assert b"".join(documents.open_stream(document)) == CONTENT


def test_a_store_that_is_no_folder_serves_as_well(store, clerk, settings, django_capture_on_commit_callbacks):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": f"{__name__}.RemoteStorage"},
    }
    document, holder = deposit(clerk, CONTENT), act()
    deposit(clerk, CONTENT)
    assert stored_files(store) == []
    assert b"".join(documents.open_stream(document)) == CONTENT
    with storage.local_path(document.organisation_id, document.sha256) as path:
        assert path.read_bytes() == CONTENT
    documents.verify_document(document, actor=clerk)
    documents.attach(document, holder=holder)
    assert list(storage.stored_objects()) == [(document.organisation_id, SHA256)]
    assert purge_orphans() == 0


class RemoteStorage(Storage):
    """Like an object store: names and bytes, no path on this machine."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def exists(self, name: str) -> bool:
        return any(key == name or key.startswith(f"{name}/") for key in self.objects)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        below = [key.removeprefix(f"{path}/") for key in self.objects if key.startswith(f"{path}/")]
        folders = {name.split("/")[0] for name in below if "/" in name}
        return sorted(folders), [name for name in below if "/" not in name]

    def delete(self, name: str) -> None:
        self.objects.pop(name, None)

    def _open(self, name: str, mode: str) -> ContentFile:
        return ContentFile(self.objects[name])

    def _save(self, name: str, content: File) -> str:
        self.objects[name] = b"".join(content.chunks())
        return name


def path_of(store: Path, document: Document) -> Path:
    return Path(default_storage.path(storage.key_of(document.organisation_id, document.sha256)))
