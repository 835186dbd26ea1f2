"""Electronic signatures: asked, put in any order, verified, recorded; refused to whoever the law does not name."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.apps import apps

from territoires.foundations.documents import api as documents
from territoires.foundations.journal import api as journal
from territoires.foundations.trust import api as trust
from territoires.kernel.actor import Actor, Assurance
from territoires.kernel.errors import Conflict, Denied, Invalid, StepUpRequired
from territoires.services.legality.actions import drafting, electronic, publishing, signing
from territoires.services.legality.models import Act, Signatory
from territoires.services.legality.queries import copies, proofs
from territoires.services.legality.queries import signatories as queries

from ..conftest import NOW, make_act, make_actor, make_body, sound
from .conftest import key_file, make_awaited, make_key, make_signer


def bytes_of(document: Any) -> bytes:
    return b"".join(documents.open_stream(document))


def signatures_in(act: Act, folder: Path) -> list[trust.Signature]:
    file = folder / "act.pdf"
    file.write_bytes(bytes_of(act.main))
    return trust.validate_pdf(file)


def kinds(act: Act) -> list[str]:
    return [entry.kind for entry in journal.timeline(act.pk)]


def test_mayor_and_secretary_sign_in_any_order(
    awaited: Act,
    mayor: Actor,
    clerk_of_sitting: Actor,
    mayors_key: trust.SigningKey,
    secretarys_key: trust.SigningKey,
    tmp_path: Path,
) -> None:
    unsigned = bytes_of(awaited.main)
    act = electronic.sign_act(actor=clerk_of_sitting, act=awaited, key=secretarys_key)
    assert (act.state, act.signed_on) == ("signing", None)
    first = bytes_of(act.main)
    act = electronic.sign_act(actor=mayor, act=Act.objects.get(pk=act.pk), key=mayors_key)
    assert act.state == "signed" and act.signed_on is not None
    second = bytes_of(act.main)
    assert first.startswith(unsigned) and second.startswith(first), "no earlier byte changes"
    found = signatures_in(act, tmp_path)
    assert [one.holds for one in found] == [True, True]
    assert all(one.stamped_at and one.covers_document for one in found)
    assert [one.signer.holder for one in found if one.signer] == ["Jeanne Modèle", "Paul Essai"]
    assert kinds(act)[-3:] == [
        "legality.act.signature-given",
        "legality.act.signature-given",
        "legality.act.signed",
    ]
    published = publishing.publish_act(actor=make_actor(act.organisation), act=act)
    assert published.main_sha256 == act.main_sha256
    steps = proofs.timeline_of(act)
    assert steps[-2].kind == "legality.act.signed"
    given = [step.detail for step in steps if step.kind == "legality.act.signature-given"]
    assert given == [one.quality for one in act.signatories.order_by("signed_at")], "who signed stands before"


def test_each_person_finds_what_waits_for_them(
    secretary: Actor, mayor: Actor, clerk_of_sitting: Actor
) -> None:
    acts = make_awaited(secretary, 3)
    for signer in (mayor, clerk_of_sitting):
        assert {act.pk for act in queries.waiting_for(signer)} == {act.pk for act in acts}
    assert queries.waiting_for(make_signer(make_body("Ailleurs", "217104397"), "Paul", "Essai")) == []
    assert queries.waiting_for(make_signer(acts[0].organisation, "Autre", "Essai")) == []


def test_their_desk_says_it_until_they_have_signed(
    secretary: Actor, mayor: Actor, mayors_key: trust.SigningKey
) -> None:
    apps.get_model("identity.Membership")._default_manager.create(
        person_id=mayor.person, organisation_id=mayor.organisation, since_on=NOW.date()
    )
    (act,) = make_awaited(secretary)
    items = apps.get_model("worklist.Item")._default_manager.filter(subject_id=act.pk, kind="sign")
    assert [item.person_id for item in items] == [mayor.person]
    electronic.sign_act(actor=mayor, act=Act.objects.get(pk=act.pk), key=mayors_key)
    assert not items.all().exists()


def test_twice_is_once(awaited: Act, mayor: Actor, mayors_key: trust.SigningKey) -> None:
    act = electronic.sign_act(actor=mayor, act=awaited, key=mayors_key)
    with pytest.raises(Conflict) as refusal:
        electronic.sign_act(actor=mayor, act=act, key=mayors_key)
    assert refusal.value.code == "already-signed"
    assert Signatory.objects.exclude(signed_at=None).count() == 1


def test_nobody_signs_with_the_key_of_another(
    awaited: Act, mayor: Actor, secretarys_key: trust.SigningKey, body: Any
) -> None:
    with pytest.raises(Denied) as refusal:
        electronic.sign_act(actor=mayor, act=awaited, key=secretarys_key)
    assert refusal.value.code == "key-of-another-person"
    stranger = make_signer(body, "Luc", "Ailleurs")
    with pytest.raises(Denied) as refusal:
        electronic.sign_act(actor=stranger, act=awaited, key=make_key("Luc", "Ailleurs"))
    assert refusal.value.code == "not-a-signatory"
    assert not Signatory.objects.exclude(signed_at=None).exists()


@pytest.mark.parametrize("proved_at", [None, NOW - timedelta(minutes=16)])
def test_a_signature_asks_for_presence(
    awaited: Act, mayor: Actor, mayors_key: trust.SigningKey, proved_at: Any
) -> None:
    absent = replace(mayor, assurance=Assurance(level=2, proved_at=proved_at))
    with pytest.raises(StepUpRequired):
        electronic.sign_act(actor=absent, act=awaited, key=mayors_key)
    awaited.refresh_from_db()
    assert awaited.state == "signing" and awaited.main_id == awaited.unsigned_id


def test_two_who_sign_at_once_both_stand_in_the_file(
    awaited: Act,
    mayor: Actor,
    clerk_of_sitting: Actor,
    mayors_key: trust.SigningKey,
    secretarys_key: trust.SigningKey,
    tmp_path: Path,
) -> None:
    stale = Act.objects.select_related("main", "organisation").get(pk=awaited.pk)
    electronic.sign_act(actor=clerk_of_sitting, act=awaited, key=secretarys_key)
    act = electronic.sign_act(actor=mayor, act=stale, key=mayors_key)
    assert act.state == "signed"
    assert [one.holds for one in signatures_in(act, tmp_path)] == [True, True]


def test_an_act_signed_by_mistake_goes_back_to_its_unsigned_file(
    awaited: Act, mayor: Actor, mayors_key: trust.SigningKey, secretary: Actor
) -> None:
    unsigned = awaited.main_sha256
    act = electronic.sign_act(actor=mayor, act=awaited, key=mayors_key)
    act = signing.reopen_act(actor=secretary, act=act, reason="Une page manquait à la délibération.")
    assert (act.state, act.main_sha256, act.unsigned) == ("draft", unsigned, None)
    assert not act.signatories.exists()
    assert "legality.act.signature-given" in kinds(act), "the book keeps it"
    again = electronic.ask_signatures(actor=secretary, act=act)
    assert [one.signed_at for one in queries.signatories_of(again)] == [None, None]


def test_what_is_closed_can_no_longer_be_changed(awaited: Act, secretary: Actor) -> None:
    from ..conftest import READY

    with pytest.raises(Conflict):
        drafting.revise_act(actor=secretary, act=awaited, words=READY)


def test_an_arrete_is_signed_by_its_author_alone(
    secretary: Actor, mayor: Actor, mayors_key: trust.SigningKey, body: Any
) -> None:
    act = make_act(secretary, "draft", nature="2", matter_code="6.1", number="ARR_2026_120")
    electronic.ask_signatures(actor=secretary, act=act)
    act = electronic.sign_act(
        actor=mayor, act=Act.objects.select_related("main", "organisation").get(pk=act.pk), key=mayors_key
    )
    assert act.state == "signed"


def test_a_deliberation_without_its_sitting_is_not_ready(secretary: Actor) -> None:
    act = make_act(secretary)
    with pytest.raises(Invalid) as refusal:
        electronic.ask_signatures(actor=secretary, act=act)
    assert [fault.code for fault in refusal.value.faults] == ["signature-sitting"]


def test_a_file_with_a_broken_signature_is_not_vouched_for(
    secretary: Actor, mayor: Actor, mayors_key: trust.SigningKey, awaited: Act, body: Any
) -> None:
    signed = bytes_of(electronic.sign_act(actor=mayor, act=awaited, key=mayors_key).main)
    place = signed.index(b"/ByteRange")
    damaged = signed[: place // 2].replace(b"/MediaBox", b"/MediaBoy", 1) + signed[place // 2 :]
    assert damaged != signed
    act = make_act(secretary, "draft", nature="2", matter_code="6.1", number="ARR_2026_121")
    from territoires.services.legality.actions import filing

    try:
        file = sound(secretary, damaged, "abime.pdf")
    except Invalid:
        pytest.skip("refused at the door already")
    filing.attach_main(actor=secretary, act=act, file=file)
    electronic.ask_signatures(actor=secretary, act=act)
    act = Act.objects.select_related("main", "organisation").get(pk=act.pk)
    with pytest.raises(Invalid):
        electronic.sign_act(actor=mayor, act=act, key=mayors_key)
    assert not Signatory.objects.filter(act=act).exclude(signed_at=None).exists()


def test_roles_decide_who_asks_and_who_signs(
    body: Any, secretary: Actor, awaited: Act, mayors_key: trust.SigningKey
) -> None:
    act = make_act(secretary, "draft", nature="2", matter_code="6.1", number="ARR_2026_122")
    for role in ("agent", "elected", "observer"):
        with pytest.raises(Denied):
            electronic.ask_signatures(actor=make_actor(body, role), act=act)
    observer = make_signer(body, "Paul", "Essai", role="observer")
    with pytest.raises(Denied):
        electronic.sign_act(actor=observer, act=awaited, key=mayors_key)
    stranger = make_signer(make_body("Ailleurs", "217104397"), "Paul", "Essai")
    with pytest.raises(Denied):
        electronic.sign_act(actor=stranger, act=awaited, key=mayors_key)


def member(body: Any, given_names: str, usual_name: str) -> Actor:
    """A signer who belongs to the body."""
    signer = make_signer(body, given_names, usual_name)
    apps.get_model("identity.Membership")._default_manager.create(
        person_id=signer.person, organisation=body, since_on=NOW.date()
    )
    return signer


def test_of_two_persons_of_one_name_the_one_meant_signs(
    body: Any, secretary: Actor, mayors_key: trust.SigningKey
) -> None:
    meant, namesake = member(body, "Paul", "Essai"), member(body, "Paul Marie", "Essai")
    act = make_act(secretary, "draft", nature="2", matter_code="6.1", number="ARR_2026_130")
    with pytest.raises(Invalid) as refusal:
        electronic.ask_signatures(actor=secretary, act=act)
    assert [fault.code for fault in refusal.value.faults] == ["signatory-namesakes"]
    stranger = make_signer(body, "Paul", "Essai")
    with pytest.raises(Invalid):
        electronic.ask_signatures(actor=secretary, act=act, meant={"essai/paul": stranger.person})
    electronic.ask_signatures(actor=secretary, act=act, meant={"essai/paul": meant.person})
    act = Act.objects.select_related("main", "organisation").get(pk=act.pk)
    items = apps.get_model("worklist.Item")._default_manager.filter(subject_id=act.pk, kind="sign")
    assert [item.person_id for item in items] == [meant.person]
    for other in (namesake, stranger):
        assert queries.waiting_for(other) == []
        with pytest.raises(Denied):
            electronic.sign_act(actor=other, act=act, key=mayors_key)
    assert queries.waiting_for(meant) == [act]
    assert electronic.sign_act(actor=meant, act=act, key=mayors_key).state == "signed"


def test_who_bears_the_name_alone_is_asked_and_no_later_namesake(
    body: Any, secretary: Actor, mayors_key: trust.SigningKey
) -> None:
    member(body, "Paul", "Essai")
    act = make_act(secretary, "draft", nature="2", matter_code="6.1", number="ARR_2026_131")
    electronic.ask_signatures(actor=secretary, act=act)
    act = Act.objects.select_related("main", "organisation").get(pk=act.pk)
    with pytest.raises(Denied):
        electronic.sign_act(actor=member(body, "Paul", "Essai"), act=act, key=mayors_key)


def test_a_certificate_of_another_body_does_not_sign(body: Any, awaited: Act, mayor: Actor) -> None:
    elsewhere = make_body("Ailleurs", "217104397")
    key = trust.open_key_file(*key_file("Paul", "Essai", siren=elsewhere.siren))
    with pytest.raises(Denied) as refusal:
        electronic.sign_act(actor=mayor, act=awaited, key=key)
    assert refusal.value.code == "key-of-another-body"
    assert refusal.value.params == {"siren": elsewhere.siren, "organisation": body.name}
    assert not Signatory.objects.exclude(signed_at=None).exists()
    # The certificate of the commune serves its CCAS, once the operator has attached it.
    body.attached_to = elsewhere
    body.save()
    act = Act.objects.select_related("main", "organisation").get(pk=awaited.pk)
    electronic.sign_act(actor=mayor, act=act, key=key)
    assert Signatory.objects.exclude(signed_at=None).count() == 1


# -- copies -----------------------------------------------------------------------------------------------------------


def test_a_copy_is_sealed_stamped_and_leaves_the_act_alone(
    secretary: Actor, body: Any, tmp_path: Path
) -> None:
    act = make_act(secretary, "published")
    before = bytes_of(act.main)
    with copies.stamped_copy(act, at=NOW) as file:
        (seal,) = trust.validate_pdf(file)
        assert seal.holds and seal.signer is not None and seal.signer.holder == "Commune d'Exemple"
        assert "scellée" in seal.reason
        with pikepdf.open(io.BytesIO(file.read_bytes())) as pdf:
            assert len(pdf.pages) == 1
    assert bytes_of(act.main) == before


def test_nothing_is_stamped_before_it_says_something(secretary: Actor) -> None:
    act = make_act(secretary, "signed")
    assert not copies.has_copy(act)
    with pytest.raises(Conflict), copies.stamped_copy(act, at=NOW):
        pass


def test_the_stamp_says_what_the_prefecture_acknowledged(secretary: Actor, body: Any) -> None:
    from datetime import date

    from ..effect.test_actions import receive_at_prefecture

    act = make_act(secretary, "published")
    receive_at_prefecture(act, date(2026, 11, 16))
    lines = copies.stamp_lines(act)
    assert lines == [
        "Reçu en préfecture le 16/11/2026",
        "Publié le 24/11/2026",
        "ID : 038-217104389-20261112-DEL_2026_041-DE",
    ]


def test_the_bundle_of_an_electronic_signature_convinces_the_verifier(
    live_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "territoires.foundations.journal.witness.path", lambda: tmp_path / "checkpoints.jsonl"
    )
    body = make_body()
    (act,) = make_awaited(make_actor(body))
    for given_names, usual_name in (("Jeanne", "Modèle"), ("Paul", "Essai")):
        act = Act.objects.select_related("main", "organisation").get(pk=act.pk)
        signer = make_signer(body, given_names, usual_name)
        act = electronic.sign_act(actor=signer, act=act, key=make_key(given_names, usual_name))
    journal.sequence_once()
    bundle = tmp_path / "preuve.zip"
    bundle.write_bytes(b"".join(proofs.bundle_of(act, is_public=False)))
    command = [sys.executable, "-I", str(journal.verifier_path()), str(bundle)]
    trusted = [*command, "--fingerprint", trust.trust_chain().root_fingerprint]
    done = subprocess.run(trusted, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    held = [name for name in zipfile.ZipFile(bundle).namelist() if name.startswith("files/")]
    assert len(held) >= 2, "each signature's file is there"
