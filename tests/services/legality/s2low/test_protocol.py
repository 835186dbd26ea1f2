"""Answers of the S2LOW API, as servers write them and as they should not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.kernel.errors import Invalid
from territoires.services.legality.domain import s2low
from territoires.services.legality.domain.actes.reading import ReceivedAct
from territoires.services.legality.domain.s2low import Declined, Listed, Odd, Report

PAGE = b"<html><head><title>S2LOW</title></head><body>Maintenance</body></html>"
ACKNOWLEDGEMENT = (
    b'<?xml version="1.0" encoding="ISO-8859-1"?>\n<actes:ARActe xmlns:actes="x"><a/></actes:ARActe>\n'
)
ACT = ReceivedAct(
    number="2026_01",
    decided_on=date(2026, 3, 12),
    nature_code="1",
    matter_code="7.10",
    object="Été : 3 € × 2".replace("€", "euros"),
    classification_on=date(2017, 12, 8),
    document="99_DE-x_1.pdf",
    annexes=("99_SE-x_2.pdf",),
)


@pytest.mark.parametrize("body", [b"OK\n42\n", b"OK\n42", b"OK \r\n42 \r\n", b"\xef\xbb\xbfOK\n42\n"])
def test_a_number_is_read(body: bytes) -> None:
    assert s2low.number_in(body) == 42


@pytest.mark.parametrize(
    "body",
    [b"", b"OK\n", b"OK\n0\n", b"OK\n-1\n", b"OK\nabc\n", b"OKAY\n42", PAGE, b"42", b"OK\n1e3", b"\xff\n"],
)
def test_what_holds_no_number_is_odd(body: bytes) -> None:
    with pytest.raises(Odd):
        s2low.number_in(body)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8", "utf-8-sig"])
def test_a_refusal_is_read_in_any_encoding(encoding: str) -> None:
    with pytest.raises(Declined) as refusal:
        s2low.number_in("KO\nLe numéro existe déjà.\r\nAjoutez un suffixe.\n".encode(encoding))
    assert refusal.value.words == "Le numéro existe déjà. Ajoutez un suffixe."
    assert not refusal.value.is_ours


@pytest.mark.parametrize(
    "words",
    [
        "Échec de l'authentification",
        "Accès refusé",
        "La télétransmission nécessite un certificat RGS<br/>Erreur : x",
        "Mode « papier » actif. Accès interdit.",
    ],
)
def test_some_refusals_are_about_us(words: str) -> None:
    with pytest.raises(Declined) as refusal:
        s2low.status_in(f"KO\n{words}\n".encode("latin-1"))
    assert refusal.value.is_ours


def test_a_status_comes_with_the_states_message() -> None:
    status = s2low.status_in(b"OK\n4\n" + ACKNOWLEDGEMENT)
    assert (status.code, status.words) == (4, "")
    assert status.message == ACKNOWLEDGEMENT.rstrip(b"\n")


def test_an_error_comes_with_words_behind_the_message() -> None:
    said = "Un motif > un autre : été".encode("latin-1")
    status = s2low.status_in(b"OK\n-1\n" + ACKNOWLEDGEMENT.rstrip() + said)
    assert (status.code, status.words) == (-1, "Un motif > un autre : été")
    assert status.message.endswith(b"</actes:ARActe>")
    alone = s2low.status_in(b"OK\n-1\n" + said)
    assert (alone.message, alone.words) == (b"", "Un motif > un autre : été")


@pytest.mark.parametrize("body", [b"OK\n", b"OK\nx\n", PAGE, b""])
def test_what_holds_no_status_is_odd(body: bytes) -> None:
    with pytest.raises(Odd):
        s2low.status_in(body)


def test_a_list_is_read() -> None:
    body = (
        b'{"status_id":"3","authority_id":"1","offset":"0","limit":"100","transactions":[{"id":"7","subject":"R\\u00e8",'
        b'"number":"A_1","date":"2026-03-12","nature_descr":"x","classification":"7.1","type":"1"},'
        b'{"id":8,"number":null,"date":null,"type":"7"}]}'
    )
    assert s2low.listed_in(body, 3) == [Listed(7, "1", "A_1", "2026-03-12", 3), Listed(8, "7", "", "", 3)]


@pytest.mark.parametrize(
    "body",
    [
        PAGE,
        b"",
        b"[]",
        b"{}",
        b'{"transactions":false}',
        b'{"transactions":[1]}',
        b'{"transactions":[{"id":"x"}]}',
        b'{"transactions":[{}]}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_list_is_odd(body: bytes) -> None:
    with pytest.raises(Odd):
        s2low.listed_in(body, 3)


def test_letters_and_their_files_are_read() -> None:
    letters = b'[{"id":"9","type":"4","related_transaction_id":"7","number":"A","unique_id":"021-x","last_status_id":"8"}]'
    assert s2low.letters_in(letters) == [s2low.Letter(9, "021-x")]
    assert s2low.files_in(b'[{"id":"12","name":"a.xml"}]') == [s2low.LetterFile(12, "a.xml")]
    with pytest.raises(Odd):
        s2low.letters_in(b'{"status":"error"}')
    with pytest.raises(Declined):
        s2low.files_in("KO\nNuméro invalide".encode("latin-1"))


def test_a_document_comes_alone() -> None:
    assert s2low.xml_in(ACKNOWLEDGEMENT) == ACKNOWLEDGEMENT
    for body in (PAGE, b"", b"OK\n"):
        with pytest.raises(Odd):
            s2low.xml_in(body)
    with pytest.raises(Declined):
        s2low.xml_in(b"KO\nErreur")


def test_a_report_is_read_back_whole() -> None:
    report = Report("EACT--212100077--20260312-1.xml", "212100077", 42, -1, b"OK\n-1\n\n\n\xe9t\xe9")
    assert Report.read(report.write()) == report
    other = replace(report, envelope="EACT--212100077--20260312-2.xml")
    assert other.write() != report.write()
    for data in (b"", b"x: 1\n\n", b"envelope: a\nsiren: b\ntransaction: x\nstatus: 1\n\n", b"\xff\n\n"):
        with pytest.raises(Invalid, match="s2low-report"):
            Report.read(data)


@given(st.binary(max_size=300))
def test_no_answer_breaks_the_reader(body: bytes) -> None:
    for read in (s2low.number_in, s2low.status_in, s2low.letters_in, s2low.files_in, s2low.xml_in):
        try:
            read(body)
        except (Odd, Declined):
            continue


def test_the_form_is_in_the_encoding_of_the_api() -> None:
    fields = s2low.fields_of(ACT, ["99_DE", "99_SE"])
    assert dict(fields) == {
        "api": b"1",
        "nature_code": b"1",
        "classif1": b"7",
        "classif2": b"10",
        "number": b"2026_01",
        "subject": "Été : 3 euros × 2".encode("latin-1"),
        "decision_date": b"2026-03-12",
        "en_attente": b"0",
        "document_papier": b"0",
        "type_acte": b"99_DE",
        "type_pj[]": b"99_SE",
    }


def find(*listed: Listed, known: set[int] = frozenset()) -> int | None:  # type: ignore[assignment]
    found = s2low.mine(listed, type="1", act_number="A", decided_on=date(2026, 3, 12), after=10, known=known)
    return found.number if found else None


def test_the_transaction_of_a_doubtful_request_is_found() -> None:
    mine = Listed(12, "1", "A", "2026-03-12", 3)
    assert find(mine, Listed(13, "6", "A", "", 3), Listed(14, "1", "B", "2026-03-12", 3)) == 12
    assert find(replace(mine, number=9)) is None
    assert find(mine, known={12}) is None
    assert find(replace(mine, decided_on="2025-03-12")) is None
    assert find() is None


def test_of_several_the_one_that_the_state_has_is_taken() -> None:
    failed, waiting, received = (
        Listed(n, "1", "A", "2026-03-12", s) for n, s in ((11, -1), (12, 3), (13, 4))
    )
    assert find(failed, waiting, received) == 13
    assert find(failed, waiting) == 12
    assert find(failed) == 11
