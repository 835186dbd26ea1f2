"""What a bidder and a buyer hold afterwards: receipts, evidence, the dossier of a late bid; safe, consortium, forms."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pikepdf
import pytest
from django.db import DatabaseError, transaction

from territoires.foundations.documents import api as documents
from territoires.foundations.journal import api as journal
from territoires.foundations.trust import api as trust
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Corrupt, Denied, Invalid, Missing
from territoires.kernel.ids import new_id
from territoires.services.procurement.actions import (
    bidding,
    enterprise,
    late,
    rehearsing,
    upload_log,
    uploading,
)
from territoires.services.procurement.jobs import bids as jobs
from territoires.services.procurement.models import (
    Attestation,
    BidDraft,
    ChunkEvent,
    Consultation,
    Deposit,
    Rehearsal,
    UploadDay,
    UploadDayBid,
)
from territoires.services.procurement.queries import bids as queries
from territoires.services.procurement.queries import dossiers
from territoires.services.procurement.queries import upload_log as uploads
from territoires.services.procurement.queries.enterprise import candidature_form, safe_of, sheet_of
from territoires.services.procurement.queries.receipts import bundle_of, printed_receipt, sealed_receipt
from territoires.services.procurement.queries.script import script_digest, served_script
from tests.foundations.journal.book import rows as written_in_book
from tests.services.procurement.conftest import make_actor, make_body, make_consultation, receive, rows

from .conftest import (
    DEADLINE,
    SIRETS,
    Bidding,
    begin,
    lots_by_number,
    make_bidder,
    make_enterprise,
    publish,
)

VERIFIER = Path(__file__).resolve().parents[4] / "tools" / "verify_evidence.py"


@pytest.fixture
def ready(bidding_: Bidding, consultation: Consultation) -> Bidding:
    bidding_.send(bidding_.block(lots_by_number(consultation)[1]))
    return bidding_


@pytest.mark.parametrize("language", ["fr", "en"])
def test_receipts_print_in_both_languages(ready: Bidding, language: str) -> None:
    deposit = ready.deposit()
    bidding.withdraw_deposit(actor=ready.actor, draft=ready.draft, deposit=deposit.pk)
    for receipt in deposit.receipts.select_related("deposit__bidder", "deposit__consultation"):
        with pikepdf.open(io.BytesIO(printed_receipt(receipt, language=language))) as pdf:
            assert str(pdf.Root.Lang) == language
        told = json.loads(bytes(receipt.document))["consultation"]
        about = receipt.deposit.consultation
        assert (told["title"], told["object"]) == (about.title, about.description or about.title)


def test_the_script_that_was_served_is_told_by_a_digest_that_anybody_makes_again(
    ready: Bidding, tmp_path: Path
) -> None:
    assert script_digest(tmp_path) == ""
    assets = tmp_path / "assets"
    assets.mkdir()
    for name in ("b.js", "a.js", "a.js.gz", "style.css"):
        assets.joinpath(name).write_text(name)
    listed = subprocess.run(
        ["sha256sum", "assets/a.js", "assets/b.js"], cwd=tmp_path, capture_output=True, check=True
    ).stdout
    assert script_digest(tmp_path) == hashlib.sha256(listed).hexdigest()
    (block,) = (one for one in journal.timeline(ready.draft.consultation_id) if "block" in one.kind)
    assert block.facts["script"] == served_script()


def test_evidence_is_checked_without_the_platform(live_database: str, tmp_path: Path) -> None:
    secretary = make_actor(make_body())
    consultation = make_consultation(secretary, "validated")
    publish(consultation)
    ready = begin(make_bidder(make_enterprise(), at=datetime.now(UTC)), consultation)
    ready.send(ready.block(lots_by_number(consultation)[1]))
    deposit = ready.deposit()
    receipt = deposit.receipts.get()
    with pytest.raises(Conflict, match="proof-follows"):
        bundle_of(receipt)
    jobs.stamp_receipt(str(receipt.pk))
    receipt.refresh_from_db()
    assert (
        trust.token_checker().time_of(bytes(receipt.token), bytes.fromhex(receipt.sha256)) == receipt.token_at
    )
    while journal.sequence_once():
        pass
    assert verified(tmp_path, b"".join(bundle_of(receipt)))
    with zipfile.ZipFile(tmp_path / "evidence.zip") as bundle:
        names = [name for name in bundle.namelist() if name.startswith("files/")]
        assert sorted(names) == ["files/receipt.json", "files/root.json", "files/token.tst"]
        assert bundle.read("files/root.json") == bytes(deposit.manifest)


def verified(folder: Path, bundle: bytes) -> str:
    """What the verifier says of a sound bundle, under the root of the platform."""
    (folder / "evidence.zip").write_bytes(bundle)
    (folder / "root.pem").write_bytes(trust.trust_chain().root_pem)
    checked = subprocess.run(
        [sys.executable, str(VERIFIER), str(folder / "evidence.zip"), "--root", str(folder / "root.pem")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    return checked.stdout


def test_lines_of_one_bid_are_proved_alone(live_database: str, tmp_path: Path) -> None:
    """Without those of the others, in the bidder's bundle and in the dossier of a late bid; a false line makes none."""
    consultation = make_consultation(make_actor(make_body()), "validated")
    publish(consultation)
    ready = begin(make_bidder(make_enterprise(), at=datetime.now(UTC)), consultation)
    ready.send(ready.block(lots_by_number(consultation)[1]))
    receipt = ready.deposit().receipts.get()
    yesterday = datetime.now(UTC) - timedelta(days=1)
    others = [new_id(), new_id(), new_id()]
    for draft in (others[0], ready.draft.pk, others[1], ready.draft.pk, others[2]):
        line(draft, yesterday)
    upload_log.close_days(system_actor("worker"))
    assert uploads.proofs_of(ready.draft.pk) == []  # the book has not numbered the day yet
    while journal.sequence_once():
        pass
    said = verified(tmp_path, b"".join(bundle_of(receipt)))
    assert f"Lines of {ready.draft.pk}" in said and "(a log of 4 group(s))" in said
    with zipfile.ZipFile(tmp_path / "evidence.zip") as bundle:
        [tsv] = [name for name in bundle.namelist() if name.endswith(".tsv")]
        lines = bundle.read(tsv).decode().splitlines()
        assert [one.split("\t")[1] for one in lines] == [str(ready.draft.pk)] * 2
        page = bundle.read("index.html").decode()
        assert "Lines under fact number" in page and "Lignes sous le fait" in page
        assert not any(str(one) in page for one in others)
    late = Deposit.objects.select_related("consultation", "bidder").get()
    dossier = dossiers.dossier_of(late, ready.actor.now())
    with zipfile.ZipFile(io.BytesIO(dossiers.dossier_zip(dossier, late.draft_id, language="fr"))) as bundle:
        assert f"Lines of {ready.draft.pk}" in verified(tmp_path, bundle.read("upload-log-evidence.zip"))
    [told] = json.loads(dossier)["uploads"]["proofs"]
    assert (told["size"], len(told["path"])) == (4, 2)
    line(ready.draft.pk, yesterday)
    with pytest.raises(Corrupt, match="log-altered"):
        b"".join(bundle_of(receipt))


def line(draft: UUID, at: datetime) -> None:
    rows("t_procurement.ChunkEvent").create(
        draft=draft, file=new_id(), index=0, at=at, size=1, leaf="0" * 64, outcome="stored", agent="Essai/1.0"
    )


def test_receipt_bears_the_seal_of_the_platform(ready: Bidding, tmp_path: Path) -> None:
    receipt = ready.deposit().receipts.select_related("deposit__bidder", "deposit__consultation").get()
    rows("identity.Organisation").filter(kind="operator").delete()
    assert sealed_receipt(receipt, language="fr", at=ready.actor.now()) == printed_receipt(
        receipt, language="fr"
    )
    rows("identity.Organisation").create(
        reference="999990088", siren="999990088", name="Opérateur Modèle", kind="operator"
    )
    content = sealed_receipt(receipt, language="fr", at=ready.actor.now())
    (tmp_path / "receipt.pdf").write_bytes(content)
    [found] = trust.validate_pdf(tmp_path / "receipt.pdf")
    assert found.holds and found.signer is not None and "Opérateur Modèle" in str(found.signer)
    altered = content.replace(b"/Title", b"/Tible", 1)
    (tmp_path / "altered.pdf").write_bytes(altered)
    assert altered != content
    assert not all(one.holds for one in trust.validate_pdf(tmp_path / "altered.pdf"))


def test_slow_authority_loses_nothing(ready: Bidding, monkeypatch: pytest.MonkeyPatch) -> None:
    deposit = ready.deposit()
    receipt = deposit.receipts.get()
    monkeypatch.setattr(
        "territoires.foundations.trust.api.outside_time_stamp", lambda imprint: (_ for _ in ()).throw(away())
    )
    jobs.stamp_receipt(str(receipt.pk))
    receipt.refresh_from_db()
    assert (receipt.token, deposit.state) == (None, "sealed")
    monkeypatch.undo()
    rows("t_procurement.Receipt").filter(pk=receipt.pk).update(made_at=DEADLINE - timedelta(days=400))
    jobs.stamp_receipts(0)
    receipt.refresh_from_db()
    assert receipt.authority == "own" and receipt.token is not None


def away() -> Exception:
    from territoires.kernel.errors import Unavailable

    return Unavailable("away", "The authority does not answer.", "Wait.")


def late_deposit(ready: Bidding) -> Deposit:
    return ready.at(DEADLINE + timedelta(seconds=25)).deposit()


def test_dossier_of_a_late_bid_says_all_but_its_contents(ready: Bidding, consultation: Consultation) -> None:
    made = late_deposit(ready)
    dossier = dossiers.dossier_of(made, DEADLINE + timedelta(hours=1))
    said = json.loads(dossier)
    assert said["deposit"]["late_by_milliseconds"] == 25_000
    assert [line[7] for line in said["uploads"]["log"]] == ["stored"]
    assert said["others"] == [
        {"number": 1, "completed_at": said["deposit"]["completed_at"], "in_time": False}
    ]
    with zipfile.ZipFile(io.BytesIO(dossiers.dossier_zip(dossier, made.draft_id, language="fr"))) as bundle:
        assert bundle.read("dossier.json") == dossier
        assert "stored" in bundle.read("upload-log.csv").decode()
        assert bundle.read("dossier.pdf").startswith(b"%PDF")


def test_formulas_of_an_agent_are_harmless_in_the_dossier(ready: Bidding) -> None:
    rows("t_procurement.ChunkEvent").create(
        draft=ready.draft.pk,
        file=ready.entries[0].file,
        index=0,
        at=DEADLINE,
        size=0,
        leaf="",
        outcome="chunk-altered",
        agent='=HYPERLINK("http://exemple.test")',
    )
    dossier = dossiers.dossier_of(late_deposit(ready), DEADLINE)
    zipped = dossiers.dossier_zip(dossier, ready.draft.pk, language="fr")
    with zipfile.ZipFile(io.BytesIO(zipped)) as bundle:
        assert "'=HYPERLINK" in bundle.read("upload-log.csv").decode()


def test_late_bid_is_opened_only_by_a_reasoned_decision(
    ready: Bidding, consultation: Consultation, secretary: Actor
) -> None:
    made = late_deposit(ready)
    assert not queries.admitted_late_deposits(consultation, 1).exists()
    arguments: dict[str, Any] = {"consultation": consultation, "deposit": made.pk, "ground": "platform"}
    with pytest.raises(Invalid, match="reason-missing"):
        late.admit_late_deposit(actor=secretary, reason="non", **arguments)
    with pytest.raises(Denied):
        late.admit_late_deposit(actor=ready.actor, reason="Nous étions à l'heure.", **arguments)
    late.admit_late_deposit(actor=secretary, reason="La plateforme ne répondait pas à 11 h 59.", **arguments)
    assert list(queries.admitted_late_deposits(consultation, 1)) == [made]
    assert list(queries.in_time_deposits(consultation, 1)) == []
    assert documents.documents_of(made.subject).count() == 1
    with pytest.raises(Conflict, match="already-admitted"):
        late.admit_late_deposit(actor=secretary, reason="Encore une fois.", **arguments)


def test_bid_in_time_needs_no_such_decision(
    ready: Bidding, consultation: Consultation, secretary: Actor
) -> None:
    made = ready.deposit()
    with pytest.raises(Missing, match="no-late-deposit"):
        dossiers.late_deposit(consultation, made.pk)


def test_upload_log_of_a_day_is_closed_once(ready: Bidding) -> None:
    at = ready.actor.now() + timedelta(days=1)
    upload_log.close_days(system_actor("worker").at(at))
    upload_log.close_days(system_actor("worker").at(at))
    assert UploadDay.objects.count() == upload_log.LOOKS_BACK
    [told] = journal.timeline(closed_day(ready).pk)
    assert (told.facts["lines"], told.facts["groups"]) == (ChunkEvent.objects.count(), 1)


def closed_day(ready: Bidding) -> UploadDay:
    return UploadDay.objects.get(day=legal_day(ready.actor.now()))


def test_no_line_of_the_upload_log_is_changed_unseen(ready: Bidding) -> None:
    """The database refuses it; whoever goes round the database gives the day another root than the journal's."""
    upload_log.close_days(system_actor("worker").at(ready.actor.now() + timedelta(days=1)))
    day = closed_day(ready)
    [told] = journal.timeline(day.pk)
    assert told.files["root"] == day.root == uploads.log_of(day.day).root
    for change in (
        lambda: ChunkEvent.objects.update(size=1),
        lambda: ChunkEvent.objects.all().delete(),
        lambda: UploadDay.objects.update(root="0" * 64),
        lambda: UploadDayBid.objects.update(root="0" * 64),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    last = ChunkEvent.objects.latest("id")
    last.pk = None
    last.save(force_insert=True)
    assert uploads.log_of(day.day).root != told.files["root"]


def test_rehearsal_is_forgotten_after_its_day(db: None) -> None:
    anybody = Actor()
    room, secret = rehearsing.start_rehearsal(actor=anybody)
    draft = queries.rehearsal_of(secret, room)
    with pytest.raises(Missing, match="no-rehearsal"):
        queries.rehearsal_of("x", room)
    found = Bidding(anybody, draft)
    kept = draft.rehearsal
    with pytest.raises(Invalid):
        uploading.take_block(actor=anybody, draft=draft, document=b"{}")
    assert not written_in_book("SELECT 1 FROM journal_copy WHERE kind = 'procurement.bid_part.refused'")
    block = found.block(kept.lot, "tender", bidder=kept.bidder)
    found.send(block)
    made = bidding.deposit(
        actor=anybody, draft=draft, document=found.manifest(bidder=kept.bidder, rehearsal=True)
    )
    assert isinstance(made, Rehearsal) and made.files == 1
    assert not Deposit.objects.exists()
    with pytest.raises(Invalid, match="rehearsal-mixed"):
        bidding.deposit(actor=anybody, draft=draft, document=found.manifest(bidder=kept.bidder))
    assert rehearsing.clear_rehearsals(system_actor("worker")) == 0
    later = anybody.now() + timedelta(days=2)
    assert rehearsing.clear_rehearsals(system_actor("worker").at(later)) == 1
    assert not BidDraft.objects.exists()


def test_consortium_is_named_by_sirets(ready: Bidding) -> None:
    def write(*members: enterprise.MemberWords, kind: str = "several") -> BidDraft:
        return enterprise.write_consortium(
            actor=ready.actor, draft=ready.draft, consortium=kind, members=members
        )

    partner = enterprise.MemberWords("999 990 070 00016", "Imprimerie  Essai", "impression")
    draft = write(partner)
    assert [(one.siret, one.name) for one in draft.members.all()] == [(SIRETS[1], "Imprimerie Essai")]
    for wrong in (
        [],
        [partner, partner],
        [enterprise.MemberWords("123", "Personne")],
        [enterprise.MemberWords(SIRETS[0], "Nous-mêmes")],
        [enterprise.MemberWords(SIRETS[1], " ")],
    ):
        with pytest.raises(Invalid):
            write(*wrong)
    assert draft.members.count() == 1
    assert not write(partner, kind="").members.exists()


def test_forms_of_candidature_are_made_of_the_sheet(ready: Bidding) -> None:
    enterprise.write_sheet(
        actor=ready.actor, values={"legal_form": "SARL", "turnover_year": 2025, "turnover": 180_000}
    )
    with pytest.raises(Conflict, match="changed-meanwhile"):
        enterprise.write_sheet(actor=ready.actor, values={"legal_form": "SAS"}, version=1)
    sheet = sheet_of(ready.actor)
    for name in ("dc1", "dc2"):
        content = candidature_form(ready.draft, sheet, name, ready.actor.now())
        with pikepdf.open(io.BytesIO(content)) as pdf:
            assert len(pdf.pages) >= 1


def test_safe_reminds_once_and_lets_go(bidder: Actor) -> None:
    document = receive(bidder, b"%PDF-1.4 attestation", "attestation.pdf")
    end = bidder.now().date() + timedelta(days=20)
    kept = enterprise.keep_attestation(actor=bidder, document=document.pk, kind="tax", valid_until=end)
    with pytest.raises(Conflict, match="already-there"):
        enterprise.keep_attestation(actor=bidder, document=document.pk, kind="tax", valid_until=None)
    from territoires.services.procurement.queries.enterprise import ending_soon

    assert ending_soon(bidder.now()) == [kept]
    enterprise.remind_of_end(actor=system_actor("worker").at(bidder.now()), attestation=kept)
    assert ending_soon(bidder.now()) == []
    stranger = make_bidder(make_enterprise(SIRETS[1], "Imprimerie Essai"))
    with pytest.raises(Missing):
        enterprise.remove_attestation(actor=stranger, attestation=kept.pk)
    enterprise.remove_attestation(actor=bidder, attestation=UUID(str(kept.pk)))
    assert not Attestation.objects.exists() and safe_of(bidder) == []


def test_support_finds_by_siret_reference_or_receipt(ready: Bidding, consultation: Consultation) -> None:
    made = ready.deposit()
    for words in (SIRETS[0], "999 990 062", consultation.reference, str(made.pk), str(ready.draft.pk)):
        assert list(dossiers.drafts_for_support(words)) == [ready.draft]
    assert list(dossiers.drafts_for_support("'; drop table")) == []


def test_enterprise_publishes_no_consultation(db: None) -> None:
    secretary = make_actor(make_enterprise(), "secretary")
    with pytest.raises(Denied, match="not-a-buyer"):
        make_consultation(secretary, "blank")
