"""Every operation of the OpenAPI document: without a key, with too narrow a key, with a key of elsewhere, too late."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from territoires.foundations.actions.api import permissions_of
from territoires.kernel.ids import new_id
from territoires.services.legality.permissions import Legality
from territoires.services.procurement.permissions import Procurement
from tests.routes.world import SECRET, World, content_of, rows

from .operations import BODIES, PERMISSIONS, Operation, operations

OPERATIONS = operations()
GUARDED = [operation for operation in OPERATIONS if not operation.is_public]
ON_AN_ACT = [operation for operation in GUARDED if "{act}" in operation.path]
FILES = {
    "put_main": "name=acte.pdf",
    "post_annex": "name=acte.pdf",
    "post_proof": "name=acte.pdf",
    "publish_minutes": "name=pv.pdf&adopted_on=2026-11-20",
    "bring_history": "name=actes.csv",
    "post_reply_file": "name=reponse.pdf",
    "file_agreement": "name=convention.pdf",
    "post_instrument": "name=convention.pdf",
    "import_members": "dry_run=true",
    "add_document": "name=cahier.pdf&kind=technical",
    "bring_switch": "name=avis.csv&kind=notices",
    "bring_package": "name=dossier.zip",
    "put_contract_file": "name=marche.pdf",
    "add_contract_piece": "name=ccap.pdf&kind=11_AP",
    "keep_attestation": "name=attestation.pdf",
    "bring_answer_file": "name=reponse.pdf",
    "bring_admission_file": "name=dc1.pdf",
    "choose_template": "name=reglement.docx",
    "import_records": "name=decp.json",
    "record_repair": "note=Ouvert+avec+un+autre+lecteur",
    "bring_copy_file": "name=copie.pdf",
}
ALWAYS = (
    "read_act",
    "preflight",
    "read_file",
    "read_transmissions",
    "read_signatures",
    "read_timeline",
    "read_certificate",
    "read_posting_certificate",
    "read_evidence",
    "declare_duty",
    "post_proof",
    "withdraw_act",
    "delete_annex",
)
# What a published act no longer allows.
TOO_LATE = [o for o in ON_AN_ACT if o.name not in ALWAYS and "{letter}" not in o.path]
NOT_IN_THE_WORLD = ("{contract}", "{meeting}", "{notice}", "{handover}", "{session}", "{letter}")
NOTHING_TO_PROVE_YET = ("read_certificate", "read_posting_certificate", "read_evidence")
ALWAYS_ON = ("read_desk",)
each_guarded = pytest.mark.parametrize("operation", GUARDED, ids=str)
each_on_an_act = pytest.mark.parametrize("operation", ON_AN_ACT, ids=str)


def place(world: World) -> dict[str, Any]:
    """A value for each argument of an address, all of ``home``."""
    act = world.acts["draft"]
    return {
        "act": act.pk,
        "annex": world.annex.pk,
        "sha256": act.main_sha256,
        "body": world.home.reference,
        "sitting": world.sitting.pk,
        "history": new_id(),
        "consultation": world.consultation.pk,
        "digest": world.consultation.pieces.first().sha256,
        "question": new_id(),
        "invitation": new_id(),
        "notice": new_id(),
        "admission": new_id(),
        "safety_copy": new_id(),
        "deposit": new_id(),
        "person": new_id(),
        "role": "evaluate",
        "incident": new_id(),
        "touched": new_id(),
        "run": new_id(),
        "package": new_id(),
        "dispute": new_id(),
        "draft": new_id(),
        "file": new_id(),
        "index": 0,
        "kind": "deposit",
        "shape": "pdf",
        "paper": "dc1",
        "name": "dume.pdf",
        "attestation": new_id(),
        "candidacy": new_id(),
        "bid": new_id(),
        "criterion": new_id(),
        "committee": new_id(),
        "meeting": new_id(),
        "contract": new_id(),
        "letter": new_id(),
        "asked": new_id(),
        "number": 1,
        "template": "rules",
        "handover": new_id(),
        "session": new_id(),
        "language": "fr",
        "record": new_id(),
        "correspondent": new_id(),
        "search": new_id(),
        "parcel": new_id(),
        "job": 1,
        "arrival": new_id(),
        "member": world.home.reference,
        "membership": new_id(),
        "assignment": new_id(),
        "mandate": new_id(),
        "key": new_id(),
        "service": "legality",
        "region": "27",
        "agreement": new_id(),
    }


def call(operation: Operation, world: World, key: str | None, **values: Any) -> Any:
    """A sound call of the operation, on the draft of ``home`` unless told otherwise."""
    address = operation.at(**place(world) | values)
    headers = {"Accept-Language": "en"} | ({"Authorization": f"Bearer {key}"} if key else {})
    content, media_type = json.dumps(BODIES.get(operation.name, {})), "application/json"
    if operation.name in FILES:
        address, content, media_type = f"{address}?{FILES[operation.name]}", "%PDF-1.4", "application/pdf"
    return Client().generic(operation.method, address, content, media_type, headers=headers)


def problem(response: Any) -> Any:
    assert response["Content-Type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == response.status_code
    assert told["detail"] and told["remedy"]
    return told


def test_every_operation_has_a_permission() -> None:
    assert {operation.name for operation in GUARDED} == set(PERMISSIONS)


@each_guarded
def test_without_a_valid_key_nothing_is_open(world: World, operation: Operation) -> None:
    for key in (None, "", "abc", f"{'0' * 12}.{'a' * 43}", "é.è"):
        answer = call(operation, world, key)
        assert answer.status_code == 401, key
        assert answer["WWW-Authenticate"] == 'Bearer realm="territoires"'
        problem(answer)


@each_guarded
def test_the_session_of_a_page_is_no_key(world: World, operation: Operation) -> None:
    client = world.client(world.person(world.home, "secretary"))
    address = operation.at(**place(world))
    assert client.generic(operation.method, address, "{}", "application/json").status_code == 401


@each_guarded
def test_a_key_without_the_permission_is_refused(world: World, operation: Operation) -> None:
    needed = PERMISSIONS[operation.name]
    narrow = sorted(permissions_of("secretary") - {str(needed)})
    answer = call(operation, world, world.key(world.home, "secretary", narrow))
    assert answer.status_code in (403, 404)
    problem(answer)


@each_guarded
def test_a_key_that_only_reads_changes_nothing(world: World, operation: Operation) -> None:
    reads = (Legality.READ, Procurement.READ)
    answer = call(operation, world, world.key(world.home, "secretary", [*map(str, reads)]))
    if PERMISSIONS[operation.name] in reads:
        is_absent = any(name in operation.path for name in NOT_IN_THE_WORLD)
        otherwise = 409 if operation.name in NOTHING_TO_PROVE_YET else 200
        assert answer.status_code == (404 if is_absent else otherwise)
    else:
        assert answer.status_code in (403, 404)


@each_on_an_act
def test_an_act_of_elsewhere_is_not_there(world: World, operation: Operation) -> None:
    key = world.key(world.home, "secretary")
    for act in (world.foreign_act.pk, new_id()):
        answer = call(operation, world, key, act=act, annex=world.foreign_annex.pk)
        assert answer.status_code == 404
        assert SECRET not in content_of(answer).decode()
        problem(answer)


OF_A_BUYER = permissions_of("secretary")
ON_A_CONSULTATION = [
    o for o in GUARDED if "{consultation}" in o.path and str(PERMISSIONS[o.name]) in OF_A_BUYER
]


@pytest.mark.parametrize("operation", ON_A_CONSULTATION, ids=str)
def test_a_consultation_of_elsewhere_is_not_there(world: World, operation: Operation) -> None:
    key = world.key(world.home, "secretary")
    for consultation in (world.foreign_consultation.pk, new_id()):
        answer = call(operation, world, key, consultation=consultation)
        assert answer.status_code == 404
        assert SECRET not in content_of(answer).decode()
        problem(answer)


@pytest.mark.parametrize("operation", TOO_LATE, ids=str)
def test_a_state_that_forbids_is_a_conflict(world: World, operation: Operation) -> None:
    answer = call(operation, world, world.key(world.home, "secretary"), act=world.acts["published"].pk)
    assert answer.status_code in (409, 422), content_of(answer)
    if operation.name not in ("put_main", "post_annex"):
        assert answer.status_code == 409
    problem(answer)


@each_guarded
def test_a_key_outlives_neither_its_owners_role_nor_the_service(world: World, operation: Operation) -> None:
    answer = call(operation, world, world.key(world.idle, "secretary"))
    assert answer.status_code in ((200,) if operation.name in ALWAYS_ON else (403, 404))


def test_the_list_holds_the_acts_of_the_keys_body_alone(world: World) -> None:
    (listing,) = (operation for operation in OPERATIONS if operation.name == "list_acts")
    found = call(listing, world, world.key(world.home, "secretary")).json()["items"]
    there = rows("t_legality.Act").filter(organisation=world.home)
    assert {act["number"] for act in found} == {act.number for act in there}


def test_the_public_register_needs_no_key(world: World) -> None:
    (register,) = (operation for operation in OPERATIONS if operation.name == "read_register")
    assert [act["number"] for act in call(register, world, None).json()["items"]] == ["DEL_PUBLISHED"]
    assert call(register, world, None, body="999999999").status_code == 404


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_a_method_that_is_not_known_is_explained(world: World, operation: Operation) -> None:
    answer = Client(headers={"Accept-Language": "en"}).generic("BREW", operation.at(**place(world)))
    assert answer.status_code == 405
    assert operation.method in answer["Allow"]
    assert problem(answer)["remedy"] == f"Use one of: {answer['Allow']}."
