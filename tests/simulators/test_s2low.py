"""The simulated third party: what it takes, what it refuses, what it answers, and what it does wrong on demand."""

from __future__ import annotations

import json
import ssl
from http.client import RemoteDisconnected
from itertools import count
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from lxml import etree

from .conftest import running
from .ministry import ACTES, OTHER_SIREN, PDF, SIREN, detail
from .s2low import ThirdParty

numbers = (f"S_{number}" for number in count(1))


def test_an_act_is_acknowledged(third_party: ThirdParty) -> None:
    number = next(numbers)
    made = third_party.created(number)
    status, flow = third_party.status(made)
    root = etree.fromstring(flow)
    assert status == "4"
    assert root.tag == f"{ACTES}ARActe"
    assert root.get(f"{ACTES}IDActe") == f"021-{SIREN}-20260312-{number}-DE"
    assert root.findtext(f"{ACTES}ActeRecu/{ACTES}Objet") == "Règlement intérieur du conseil"
    assert third_party.get("actes_transac_get_ARActe.php", id=made).body == flow
    assert third_party.get(
        "actes_transac_get_status.php", unique_id=root.get(f"{ACTES}IDActe")
    ).body.startswith(b"OK\n4\n")


def test_its_files_are_listed_and_fetched(third_party: ThirdParty) -> None:
    annex = ("acte_attachments[]", "plan.png", b"\x89PNG\r\n\x1a\n")
    made = third_party.created(
        next(numbers), files=[("acte_pdf_file", "a.pdf", PDF), annex], **{"type_pj[]": ["99_SE"]}
    )
    listed = json.loads(third_party.get("actes_transac_get_files_list.php", transaction=made).body)
    assert [file["code_pj"] for file in listed] == ["", "99_DE", "99_SE"]
    assert listed[0]["name"].endswith("-1-1_0.xml")
    assert listed[2]["name"].endswith("-1-1_2.png") and listed[2]["posted_filename"] == "plan.png"
    contents = [third_party.get("actes_download_file.php", file=file["id"]).body for file in listed]
    assert contents[0].startswith(b"<?xml") and contents[1:] == [PDF, annex[2]]
    other = third_party.get("actes_download_file.php", file=listed[1]["id"], siren=OTHER_SIREN)
    assert other.body != PDF
    assert third_party.get("actes_create_pdf.php", trans_id=made).body.startswith(b"%PDF")


def test_transactions_are_listed_by_status(third_party: ThirdParty) -> None:
    number = next(numbers)
    third_party.order("/behaviours", answer=False)
    made = third_party.created(number)
    (mine,) = [listed for listed in third_party.listed(3) if listed["number"] == number]
    assert mine == {
        "id": str(made),
        "subject": "Règlement intérieur du conseil",
        "number": number,
        "date": "2026-03-12",
        "nature_descr": "Délibérations",
        "classification": "5.2",
        "type": "1",
    }
    assert number not in {listed["number"] for listed in third_party.listed(4)}
    assert third_party.listed(3, limit=1, offset=1) != third_party.listed(3, limit=1)
    assert third_party.listed(3, min_date="2100-01-01") == []
    assert third_party.listed(3, max_date="2000-01-01") == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"number": "minuscules"}, "numéro"),
        ({"number": "_A"}, "numéro"),
        ({"number": "A" * 16}, "numéro"),
        ({"decision_date": "2126-01-01"}, "futur"),
        ({"decision_date": "12/03/2026"}, "date"),
        ({"nature_code": "9"}, "nature"),
        ({"classif2": "99"}, "classification"),
        ({"classif1": "", "classif2": ""}, "classification"),
        ({"subject": ""}, "objet"),
        ({"subject": "x" * 501}, "objet"),
        ({"type_acte": None}, "typologie absente"),
        ({"type_acte": "99_AI"}, "n'est pas admise"),
        ({"files": []}, "Aucun fichier"),
        ({"files": [("acte_pdf_file", "acte.pdf", b"PK")]}, "autorisé"),
        ({"files": [("acte_pdf_file", "acte.pdf", b"")]}, "autorisé"),
        (
            {"files": [("acte_pdf_file", "a.pdf", PDF), ("acte_attachments[]", "b.pdf", PDF)]},
            "annexe b.pdf : typologie absente",
        ),
    ],
)
def test_what_is_wrong_is_refused_at_once(
    third_party: ThirdParty, changed: dict[str, Any], words: str
) -> None:
    before = len(third_party.control("/transactions"))
    answer = third_party.create(changed.pop("number", next(numbers)), **changed)
    assert answer.status == 200
    assert answer.lines[0] == "KO" and words in answer.body.decode("latin-1")
    assert len(third_party.control("/transactions")) == before


def test_a_number_is_taken_once_even_by_an_act_that_failed(third_party: ThirdParty) -> None:
    number = next(numbers)
    third_party.order("/behaviours", anomaly="Un motif")
    third_party.created(number)
    assert "existe déjà" in third_party.create(number).body.decode("latin-1")
    assert third_party.create(number, siren=OTHER_SIREN).lines[0] == "OK"
    third_party.order("/settings", numbers_once=False)
    third_party.created(number)
    assert "existe déjà" in third_party.create(number).body.decode("latin-1")


def test_the_state_refuses_an_act(third_party: ThirdParty) -> None:
    third_party.order("/behaviours", anomaly="ODT-VERIF-17")
    status, flow = third_party.status(third_party.created(next(numbers)))
    message, end, words = flow.partition(b"</actes:AnomalieActe>\n")
    assert status == "-1"
    assert detail(etree.fromstring(message + end)).startswith("ODT-VERIF-17 : La transaction")
    assert words.decode("latin-1").startswith("ODT-VERIF-17")


def test_the_third_party_refuses_an_act_itself(third_party: ThirdParty) -> None:
    third_party.order("/behaviours", anomaly="Un virus a été trouvé", by="operator")
    assert third_party.status(third_party.created(next(numbers))) == (
        "-1",
        "Un virus a été trouvé".encode("latin-1"),
    )


def test_its_copy_of_the_classification_grows_old(third_party: ThirdParty) -> None:
    third_party.order("/accounts", siren="217100007", department="071", arrondissement="1", nature="31")
    third_party.order("/classification", department="071", dated_on="2026-02-01", matters={"5.2.1": "Débats"})
    siren = "217100007"
    old = third_party.create(next(numbers), siren=siren)
    answer = third_party.get("actes_transac_get_status.php", transaction=int(old.lines[1]), siren=siren)
    assert b"ODT-VERIF-01" in answer.body
    assert third_party.create(next(numbers), siren=siren, classif3="1").lines[0] == "KO"
    assert third_party.get("actes_classification_request.php", api=1, siren=siren).lines[0] == "OK"
    fetched = third_party.get("actes_classification_fetch.php", api=1, siren=siren).body
    assert etree.fromstring(fetched).findtext(f"{ACTES}DateClassification") == "2026-02-01"
    made = third_party.create(next(numbers), siren=siren, classif3="1")
    answer = third_party.get("actes_transac_get_status.php", transaction=int(made.lines[1]), siren=siren)
    assert answer.body.startswith(b"OK\n4\n")


def test_an_acknowledged_act_is_cancelled_once(third_party: ThirdParty) -> None:
    made = third_party.created(next(numbers))
    third_party.order("/behaviours", call="cancel", answer=False)
    waiting = third_party.cancel(made)
    assert waiting.lines[0] == "OK"
    assert third_party.status(int(waiting.lines[1]))[0] == "3"
    assert "déjà en cours" in third_party.cancel(made).body.decode("latin-1")
    assert third_party.status(made)[0] == "4"

    made = third_party.created(next(numbers))
    status, flow = third_party.status(int(third_party.cancel(made).lines[1]))
    assert status == "4" and etree.fromstring(flow).tag == f"{ACTES}ARAnnulation"
    assert third_party.status(made)[0] == "0"
    assert "Acquittement reçu" in third_party.cancel(made).body.decode("latin-1")


@pytest.mark.parametrize("transaction", [0, 10**15, "x", -1])
def test_nobody_sees_what_is_not_there(third_party: ThirdParty, transaction: Any) -> None:
    assert third_party.cancel(transaction).lines[0] == "KO"
    assert third_party.get("actes_transac_get_status.php", transaction=transaction).lines[0] == "KO"


def test_a_body_sees_its_own_alone(third_party: ThirdParty) -> None:
    made = third_party.created(next(numbers))
    answer = third_party.get("actes_transac_get_status.php", transaction=made, siren=OTHER_SIREN)
    assert answer.lines == ["KO", "Numéro de transaction invalide.", ""]


def test_letters_of_the_prefecture(third_party: ThirdParty) -> None:
    made = third_party.created(next(numbers))
    third_party.order("/letters", kind="4-1", transaction=made, words="Motif de droit", dated_on="2026-04-01")
    listed = json.loads(third_party.get("api/list_document_prefecture.php").body)
    (letter,) = [one for one in listed if one["related_transaction_id"] == str(made)]
    assert (letter["type"], letter["last_status_id"]) == ("4", "8")
    assert third_party.get("actes_transac_get_document.php", id=made).body == f"4-8-{letter['id']}\n".encode()
    files = json.loads(third_party.get("actes_transac_get_files_list.php", transaction=letter["id"]).body)
    message = etree.fromstring(third_party.get("actes_download_file.php", file=files[0]["id"]).body)
    assert message.findtext(f"{ACTES}Motif") == "Motif de droit"
    third_party.get("api/document_prefecture_mark_as_read.php", transaction_id=letter["id"])
    assert letter not in json.loads(third_party.get("api/list_document_prefecture.php").body)


def test_what_waits_for_a_certificate(third_party: ThirdParty) -> None:
    made = third_party.created(next(numbers), en_attente="1")
    assert third_party.status(made)[0] == "17"
    third_party.order("/confirm", transaction=made)
    assert third_party.status(made)[0] == "4"
    assert "attente" in third_party.refused("/confirm", transaction=made)


def test_nobody_enters_without_certificate_and_login(third_party: ThirdParty) -> None:
    assert third_party.create(next(numbers), siren="").body.decode("latin-1").startswith("KO\nÉchec")
    assert third_party.get("/api/test-connexion.php").body == b"OK"
    context = ssl.create_default_context(cafile=third_party.connection["authority"])
    with pytest.raises((OSError, RemoteDisconnected)):
        urlopen(f"{third_party.connection['url']}/api/test-connexion.php", context=context, timeout=5)


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("page", b"<html>"),
        ("empty", b""),
        ("no-number", b"OK\n"),
        ("utf-8", b"\xef\xbb\xbfOK\n"),
        ("crlf", b"OK \r\n"),
    ],
)
def test_answers_come_in_odd_forms(third_party: ThirdParty, form: str, body: bytes) -> None:
    third_party.order("/behaviours", form=form)
    answer = third_party.create(next(numbers))
    assert answer.status == 200
    assert answer.body.startswith(body) and (body or not answer.body)


def test_accents_come_encoded_twice(third_party: ThirdParty) -> None:
    third_party.order("/behaviours", answer=False)
    number = next(numbers)
    third_party.created(number)
    third_party.order("/behaviours", call="list", form="twice-encoded")
    (mine,) = [listed for listed in third_party.listed(3) if listed["number"] == number]
    assert mine["subject"] == "RÃ¨glement intÃ©rieur du conseil"


def test_a_refusal_and_an_incident_keep_nothing(third_party: ThirdParty) -> None:
    number = next(numbers)
    third_party.order("/behaviours", number=number, refusal="Accès refusé")
    third_party.order("/behaviours", number=number, reception="error")
    assert third_party.create(number).lines == ["KO", "Accès refusé", ""]
    assert third_party.create(number).status == 500
    third_party.created(number)


def test_a_cut_line_has_kept_it_and_silence_has_lost_it(third_party: ThirdParty) -> None:
    kept, lost = next(numbers), next(numbers)
    third_party.order("/behaviours", number=kept, reception="cut")
    third_party.order("/behaviours", number=lost, reception="lost")
    with pytest.raises((RemoteDisconnected, ConnectionError)):
        third_party.create(kept)
    with pytest.raises(TimeoutError):
        third_party.create(lost, timeout=1)
    found = {listed["number"] for listed in third_party.listed(4, limit=1000)}
    assert kept in found and lost not in found


def test_delays_copies_and_another_body(third_party: ThirdParty) -> None:
    late, twice, astray = next(numbers), next(numbers), next(numbers)
    third_party.order("/behaviours", number=late, delay=3600)
    third_party.order("/behaviours", number=twice, copies=2)
    third_party.order("/behaviours", number=astray, recipient=OTHER_SIREN)
    waiting = third_party.created(late)
    assert third_party.status(waiting)[0] == "3"
    third_party.created(twice)
    assert [listed["number"] for listed in third_party.listed(4, limit=2)] == [twice, twice]
    assert OTHER_SIREN.encode() in third_party.status(third_party.created(astray))[1]
    third_party.order("/behaviours/clear")
    assert third_party.status(waiting)[0] == "4"


def test_orders_that_mean_nothing_are_refused(third_party: ThirdParty) -> None:
    assert "unknown" in third_party.refused("/behaviours", nonsense=1)
    assert "one of" in third_party.refused("/behaviours", form="rot13")
    assert "one of" in third_party.refused("/behaviours", call="nonsense")
    assert "out of range" in third_party.refused("/behaviours", delay=-1)
    assert "SIREN" in third_party.refused("/behaviours", recipient="12")
    assert "expected" in third_party.refused("/accounts", siren=SIREN)
    assert "expected" in third_party.refused("/letters", kind="9-9")
    assert "no such" in third_party.refused("/status", transaction=0, status=5)
    assert "known status" in third_party.refused("/status", transaction=1, status=99)


def test_killed_it_has_forgotten_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as world:
        before = ThirdParty(tmp_path, world.control_port)
        before.order("/behaviours", delay=3600)
        before.order("/behaviours", number="R_2", anomaly="Un motif")
        made = before.created("R_1")
        connection = before.connection
    with running(tmp_path) as world:
        after = ThirdParty(tmp_path, world.control_port)
        assert after.status(made)[0] == "3"
        assert after.create("R_1").lines[0] == "KO"
        assert after.status(after.created("R_2"))[0] == "-1"
        after.order("/behaviours/clear")
        assert after.status(made)[0] == "4"
        assert {**after.connection, "url": ""} == {**connection, "url": ""}


def test_every_message_is_valid_for_the_official_schema(third_party: ThirdParty, shared_data: Path) -> None:
    schema = etree.XMLSchema(etree.parse(shared_data / "legality-accounting/actes/xsd/actesv1_1.xsd"))
    made = third_party.created(next(numbers), subject="Tarif <réduit> & « spécial »")
    cancellation = int(third_party.cancel(made).lines[1])
    third_party.order("/behaviours", anomaly="Un motif")
    refused = third_party.created(next(numbers))
    listed = [
        json.loads(third_party.get("actes_transac_get_files_list.php", transaction=transaction).body)[0]
        for transaction in (made, cancellation)
    ]
    flows = [third_party.status(transaction)[1] for transaction in (cancellation, refused)]
    messages = [
        *(third_party.get("actes_download_file.php", file=message["id"]).body for message in listed),
        third_party.get("actes_transac_get_ARActe.php", id=made).body,
        *(flow[: flow.rindex(b">") + 1] for flow in flows),
        third_party.get("actes_classification_fetch.php", api=1).body,
    ]
    for message in messages:
        schema.assertValid(etree.fromstring(message))
    assert [etree.QName(etree.fromstring(message)).localname for message in messages] == [
        "Acte", "Annulation", "ARActe", "ARAnnulation", "AnomalieActe", "RetourClassification",
    ]  # fmt: skip
