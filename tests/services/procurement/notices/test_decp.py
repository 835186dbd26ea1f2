"""Essential data: strict on the way out, patient on the way in, each repair told."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoires.kernel.errors import Invalid
from territoires.services.procurement.domain.notices import decp, decp_import
from territoires.services.procurement.domain.notices.decp import CONCESSION, CONTRACT, Format

from .conftest import HOLDER, PARTNER, SIRET

TODAY = date(2026, 11, 30)
CONTRACT_DATA: dict[str, Any] = {
    "identifier": "2026-001-L1",
    "buyer": SIRET,
    "object": "Réfection de la toiture",
    "cpv": "45261200",
    "procedure": "Procédure adaptée",
    "place_code": "21",
    "place_kind": "Code département",
    "months": 4,
    "notified_on": date(2026, 11, 1),
    "published_on": date(2026, 11, 20),
    "amount": Decimal("118000.50"),
    "holders": [decp.Holder(identifier=HOLDER)],
    "offers": 3,
}


@pytest.fixture(scope="session")
def official(rules_folder: Path) -> Format:
    return Format(json.loads((rules_folder / "decp-2.0.3.json").read_text()), "2.0.3")


def a_record(**values: Any) -> decp.Record:
    return decp.record_of(decp.ContractData(**CONTRACT_DATA | values))


def codes(record: decp.Record, official: Format, kind: str = CONTRACT) -> set[tuple[str, str]]:
    found = decp.faults_of(record, kind, official, today=TODAY, is_cpv=lambda code: code[:2] == "45")
    return {(one.field, one.code) for one in found}


def test_a_record_is_what_the_schema_asks(official: Format) -> None:
    assert codes(a_record(), official) == set()
    assert official.file_faults(decp.package([(CONTRACT, a_record())])) == []


def test_the_whole_record_is_told_again_with_its_changes(official: Format) -> None:
    changed = a_record(
        changes=[
            decp.ChangeData(
                number=1,
                signed_on=date(2026, 11, 20),
                notified_on=date(2026, 11, 21),
                published_on=date(2026, 11, 25),
                months=6,
                amount=Decimal(120000),
                holders=[decp.Holder(identifier=PARTNER)],
            )
        ],
        subcontracts=[
            decp.SubcontractData(
                number=1,
                holder=decp.Holder(identifier=PARTNER),
                months=2,
                notified_on=date(2026, 11, 10),
                published_on=date(2026, 11, 20),
                amount=Decimal(5000),
            )
        ],
    )
    assert codes(changed, official) == set()
    assert changed["id"] == a_record()["id"] and changed["montant"] == 118000.5
    assert changed["sousTraitanceDeclaree"] is True


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"buyer": "21710438900017"}, ("acheteur", "siret-key")),
        ({"holders": [decp.Holder(identifier="55204599900868")]}, ("titulaires", "siret-key")),
        ({"holders": [decp.Holder(identifier=HOLDER)] * 2}, ("titulaires", "decp-uniqueItems")),
        ({"cpv": "90000000"}, ("codeCPV", "cpv-unknown")),
        ({"notified_on": date(2026, 12, 1)}, ("dateNotification", "day-to-come")),
        ({"published_on": date(2026, 10, 1)}, ("datePublicationDonnees", "days-order")),
        ({"consortium": "Solidaire"}, ("titulaires", "consortium-alone")),
        ({"amount": Decimal("0.5")}, ("montant", "decp-minimum")),
        ({"months": 0}, ("dureeMois", "decp-minimum")),
        ({"offers": 0}, ("offresRecues", "decp-minimum")),
        ({"identifier": "x" * 17}, ("id", "decp-maxLength")),
        ({"procedure": ""}, ("procedure", "decp-enum")),
        (
            {
                "holders": [decp.Holder(identifier=HOLDER), decp.Holder(identifier=PARTNER)],
                "consortium": "Pas de groupement",
            },
            ("typeGroupementOperateurs", "several-without-consortium"),
        ),
    ],
)
def test_what_must_not_be_published_is_found(
    official: Format, values: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert expected in codes(a_record(**values), official)


def test_what_lacks_is_named_one_by_one(official: Format) -> None:
    record = a_record()
    for name in ("ccag", "formePrix"):
        del record[name]
    assert codes(record, official) == {("ccag", "decp-required"), ("formePrix", "decp-required")}


def test_several_holders_of_a_framework_need_no_consortium(official: Format) -> None:
    record = a_record(
        holders=[decp.Holder(identifier=HOLDER), decp.Holder(identifier=PARTNER)],
        consortium="Pas de groupement",
        techniques=["Accord-cadre"],
    )
    assert codes(record, official) == set()


def test_official_examples_are_read_without_a_repair(official: Format, shared_data: Path) -> None:
    for name in ("marches_avec_modifications", "concessions"):
        content = (shared_data / f"procurement/decp/exemples-json/{name}.json").read_bytes()
        reading = decp_import.read(content, official)
        assert reading.records and not reading.repairs and not reading.refused
        for kind, record in reading.records:
            left = {code for _field, code in codes(record, official, kind)}
            assert left <= {"siret-key", "cpv-unknown", "days-order", "day-to-come"}


@pytest.mark.parametrize(("name", "kind"), [("Marche", CONTRACT), ("Contrat-concession", CONCESSION)])
def test_official_examples_in_xml_are_read_without_a_repair(
    official: Format, shared_data: Path, name: str, kind: str
) -> None:
    content = (shared_data / f"procurement/decp/exemples-xml/{name}.xml").read_bytes()
    reading = decp_import.read(content, official)
    assert {one.code for one in reading.repairs} <= {"told-twice"} and not reading.refused
    assert {one for one, _record in reading.records} == {kind}
    for _kind, record in reading.records:
        left = {code for _field, code in codes(record, official, kind)}
        assert left <= {"siret-key", "cpv-unknown", "days-order", "day-to-come"}


def test_both_forms_of_a_file_say_the_same(official: Format) -> None:
    content = f"""\ufeff<?xml version="1.0" encoding="UTF-8"?>
    <marches xmlns="urn:autre"><marche><id>2024-7</id><acheteur><id>{SIRET}</id></acheteur>
    <techniques><technique>accord-cadre</technique></techniques><origineUE/>
    <dureeMois>NC</dureeMois><montant>12 345,67</montant><marcheInnovant>non</marcheInnovant>
    <dateNotification>15/05/2024</dateNotification><titulaires><titulaire><id>{HOLDER}</id></titulaire></titulaires>
    <modifications><modification><id>1</id><dureeMois>12</dureeMois></modification></modifications>
    </marche></marches>""".encode()
    same = {
        "id": "2024-7",
        "acheteur": {"id": SIRET},
        "techniques": {"technique": ["accord-cadre"]},
        "dureeMois": "NC",
        "montant": "12 345,67",
        "marcheInnovant": False,
        "dateNotification": "15/05/2024",
        "titulaires": [{"titulaire": {"id": HOLDER}}],
        "modifications": [{"modification": {"id": 1, "dureeMois": 12}}],
    }
    read = decp_import.read(content, official)
    expected = decp_import.read(json.dumps({"marches": {"marche": [same]}}).encode(), official)
    assert read.records == expected.records
    assert {one.code for one in read.repairs} == {one.code for one in expected.repairs}


@pytest.mark.parametrize(
    "content",
    [
        b"<marches/>",
        b"<html><body>x</body></html>",
        b"<marches><marche>",
        b'<!DOCTYPE m [<!ENTITY a "b">]><marches><marche><id>&a;</id></marche></marches>',
        b"<a>" * 400 + b"</a>" * 400,
    ],
)
def test_xml_that_is_no_file_of_essential_data_is_refused(official: Format, content: bytes) -> None:
    with pytest.raises(Invalid):
        decp_import.read(content, official)


def a_concession(**values: Any) -> dict[str, Any]:
    """The record of a concession, with what only its granting body knows."""
    data = decp.ConcessionData(
        **{
            "identifier": "2026-C1",
            "buyer": SIRET,
            "object": "Exploitation du camping",
            "months": 120,
            "signed_on": date(2026, 10, 1),
            "starts_on": date(2027, 1, 1),
            "published_on": date(2026, 10, 15),
            "value": Decimal(900000),
            "holders": [decp.Holder(identifier=HOLDER)],
        }
        | values
    )
    return decp.concession_record_of(data) | {
        "nature": "Délégation de service public",
        "procedure": "Procédure négociée ouverte",
        "montantSubventionPublique": 0,
        "considerationsSociales": {"considerationSociale": ["Pas de considération sociale"]},
        "considerationsEnvironnementales": {
            "considerationEnvironnementale": ["Pas de considération environnementale"]
        },
    }


def test_a_concession_and_its_changes_pass_the_official_schema(official: Format) -> None:
    changed = a_concession(
        changes=[
            decp.ChangeData(
                number=1,
                signed_on=date(2026, 11, 2),
                notified_on=date(2026, 11, 3),
                published_on=date(2026, 11, 20),
                months=132,
                amount=Decimal(950000),
            )
        ]
    )
    for record in (a_concession(), changed):
        assert codes(record, official, CONCESSION) == set()
    assert changed["id"] == "2026-C1" and changed["valeurGlobale"] == 900000
    assert official.file_faults(decp.package([(CONCESSION, changed), (CONTRACT, a_record())])) == []
    assert {"dateDebutExecution"} == {
        name for name, _code in codes(a_concession(starts_on=None), official, CONCESSION)
    }


BROKEN = {
    "marches": [
        {
            "_type": "Marché",
            "id": 2024001,
            "uid": "217100007000122024001",
            "acheteur": {"id": "217 100 007 00012", "nom": "Commune"},
            "nature": "ACCORD-CADRE",
            "objet": "Toitures",
            "codeCPV": 45000000,
            "procedure": "Procedure adaptee",
            "lieuExecution": {"code": 21, "typeCode": "Code departement", "nom": "Côte-d'Or"},
            "dureeMois": "NC",
            "dateNotification": "15/05/2024",
            "datePublicationDonnees": "2024-05-25T10:00:00+02:00",
            "montant": "12 345,67",
            "formePrix": "Révisable",
            "marcheInnovant": "non",
            "titulaires": [{"id": HOLDER, "typeIdentifiant": "SIRET", "denominationSociale": "A"}],
            "modifications": [{"objetModification": "x", "montant": "15000", "dureeMois": "12.0"}],
            "offresRecues": 0,
        },
        {"id": f"{SIRET}2024002", "acheteur": SIRET, "titulaires": {"titulaire": {"id": HOLDER}}},
        "rien",
        {"id": "x" * 20, "acheteur": {"id": SIRET}},
        {"acheteur": {"id": SIRET}},
        {"id": "sans-acheteur"},
    ]
}


def test_real_breakages_are_mended_and_told(official: Format) -> None:
    reading = decp_import.read(json.dumps(BROKEN).encode(), official)
    (_kind, first), (_other, second) = reading.records
    assert first["acheteur"] == {"id": SIRET}
    assert first["titulaires"] == [{"titulaire": {"id": HOLDER, "typeIdentifiant": "SIRET"}}]
    assert first["montant"] == 12345.67 and first["codeCPV"] == "45000000"
    assert first["dateNotification"] == "2024-05-15" and first["datePublicationDonnees"] == "2024-05-25"
    assert first["nature"] == "Marché" and first["techniques"] == {"technique": ["Accord-cadre"]}
    assert first["typesPrix"] == {"typePrix": ["Définitif révisable"]}
    assert first["marcheInnovant"] is False and first["lieuExecution"]["code"] == "21"
    assert first["modifications"] == [{"modification": {"montant": 15000, "dureeMois": 12, "id": 1}}]
    assert not {"dureeMois", "offresRecues", "uid", "_type", "formePrix"} & set(first)
    assert second["id"] == "2024002" and second["acheteur"] == {"id": SIRET}
    assert {one.code for one in reading.refused} == {"no-record", "id-too-long", "no-id", "no-buyer"}
    gaps = {one.field for one in reading.repairs if one.code == "gap"}
    assert gaps == {"dureeMois", "offresRecues"}
    assert {"dureeMois", "offresRecues", "ccag"} <= {name for name, _code in codes(first, official)}


@pytest.mark.parametrize(
    "content", [b"", b"no", b"[1]", b"{}", b'{"a": 1}', b"\xff\xfe", b"null", b'{"marches": 3}', b"[" * 5000]
)
def test_what_is_no_file_of_essential_data_is_refused_or_holds_nothing(
    official: Format, content: bytes
) -> None:
    try:
        assert decp_import.read(content, official).records == []
    except Invalid as refused:
        assert refused.code in ("open-file-unreadable", "open-file-empty")


def test_the_same_record_twice_keeps_the_latest(official: Format) -> None:
    first, second = a_record(), a_record(object="Après", published_on=date(2026, 11, 25))
    reading = decp_import.read(json.dumps([second, first]).encode(), official)
    ((_kind, kept),) = reading.records
    assert kept["objet"] == "Après"
    assert "told-twice" in {one.code for one in reading.repairs}


def test_concessions_are_known_by_who_grants_them(official: Format) -> None:
    content = json.dumps([{"id": "1", "autoriteConcedante": {"id": SIRET}}]).encode()
    assert decp_import.read(content, official).records[0][0] == CONCESSION


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("id", "acheteur", "titulaires", "montant", "dureeMois", "dateNotification", "modifications", "techniques",
          "lieuExecution", "codeCPV", "nature", "marcheInnovant", "objet")  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(FIELDS), value=JSON)
def test_no_value_in_a_field_is_a_failure_and_reading_again_repairs_nothing_more(
    official: Format, name: str, value: Any
) -> None:
    spoilt = deepcopy(a_record()) | {name: value}
    reading = decp_import.read(json.dumps([spoilt]).encode(), official)
    again = decp_import.read(json.dumps([one for _kind, one in reading.records]).encode(), official)
    assert [one for _kind, one in again.records] == [one for _kind, one in reading.records]
    for kind, record in reading.records:
        decp.faults_of(record, kind, official, today=TODAY, is_cpv=lambda code: True)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    amount=st.decimals(min_value=1, max_value="999999999.99", places=2),
    notified=st.dates(date(2019, 1, 1), TODAY),
    months=st.integers(1, 1200),
    words=st.text(max_size=2000),
)
def test_any_sound_contract_gives_a_sound_record(
    official: Format, amount: Decimal, notified: date, months: int, words: str
) -> None:
    record = a_record(amount=amount, notified_on=notified, months=months, object=words, published_on=TODAY)
    assert codes(record, official) == set()
    assert json.loads(decp.written(decp.package([(CONTRACT, record)])))["marches"]["marche"] == [record]
