"""Essential data: strict on the way out, patient on the way in, each repair told."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
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
                variation="Ferme",
            )
        ],
    )
    assert codes(changed, official) == set()
    assert changed["id"] == a_record()["id"] and changed["montant"] == 118000.5
    assert changed["sousTraitanceDeclaree"] is False  # it came after the notification


PAIR = [decp.Holder(identifier=HOLDER), decp.Holder(identifier=PARTNER)]
SUBCONTRACT = decp.SubcontractData(
    number=1,
    holder=decp.Holder(identifier=PARTNER),
    months=2,
    notified_on=date(2026, 11, 10),
    published_on=date(2026, 11, 20),
    amount=Decimal("5000.25"),
    variation="Actualisable",
)
CHANGE = decp.ChangeData(
    number=1,
    signed_on=date(2026, 11, 20),
    notified_on=date(2026, 11, 21),
    published_on=date(2026, 11, 25),
)
# What is said of a contract of each kind, and where its record says it.
KINDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "adapted procedure": ({}, {"procedure": "Procédure adaptée", "nature": "Marché"}),
    "lot": ({"identifier": "2026-0001-L12", "object": "Lot 12"}, {"id": "2026-0001-L12", "objet": "Lot 12"}),
    "longest number": ({"identifier": "C123_456-98777nz"}, {"id": "C123_456-98777nz"}),
    "framework agreement": (
        {"techniques": ["Accord-cadre"], "manners": ["Bons de commande", "Marchés subséquents"]},
        {
            "techniques": {"technique": ["Accord-cadre"]},
            "modalitesExecution": {"modaliteExecution": ["Bons de commande", "Marchés subséquents"]},
        },
    ),
    "framework agreement of several": (
        {"techniques": ["Accord-cadre"], "holders": PAIR, "consortium": "Pas de groupement"},
        {"typeGroupementOperateurs": "Pas de groupement"},
    ),
    "contract under an agreement": ({"framework": "2025-AC-7"}, {"idAccordCadre": "2025-AC-7"}),
    "joint consortium": (
        {"holders": PAIR, "consortium": "Conjoint"},
        {
            "typeGroupementOperateurs": "Conjoint",
            "titulaires": [
                {"titulaire": {"id": one, "typeIdentifiant": "SIRET"}} for one in (HOLDER, PARTNER)
            ],
        },
    ),
    "consortium of joint and several liability": (
        {"holders": PAIR, "consortium": "Solidaire"},
        {"typeGroupementOperateurs": "Solidaire"},
    ),
    "holder from abroad": (
        {"holders": [decp.Holder(identifier="CHE-123.456.789", scheme="HORS-UE")]},
        {"titulaires": [{"titulaire": {"id": "CHE-123.456.789", "typeIdentifiant": "HORS-UE"}}]},
    ),
    "without publicity": (
        {"procedure": "Marché passé sans publicité ni mise en concurrence préalable", "offers": 1},
        {"procedure": "Marché passé sans publicité ni mise en concurrence préalable", "offresRecues": 1},
    ),
    "open call": ({"procedure": "Appel d'offres ouvert"}, {"procedure": "Appel d'offres ouvert"}),
    "restricted call": ({"procedure": "Appel d'offres restreint"}, {"procedure": "Appel d'offres restreint"}),
    "negotiated": ({"procedure": "Procédure avec négociation"}, {"procedure": "Procédure avec négociation"}),
    "dialogue": ({"procedure": "Dialogue compétitif"}, {"procedure": "Dialogue compétitif"}),
    "contest": ({"techniques": ["Concours"]}, {"techniques": {"technique": ["Concours"]}}),
    "reserved, with both considerations": (
        {
            "social": ["Clause sociale", "Critère social", "Marché réservé"],
            "environmental": ["Clause environnementale", "Critère environnemental"],
        },
        {
            "considerationsSociales": {
                "considerationSociale": ["Clause sociale", "Critère social", "Marché réservé"]
            },
            "considerationsEnvironnementales": {
                "considerationEnvironnementale": ["Clause environnementale", "Critère environnemental"]
            },
        },
    ),
    "advance of a known rate": (
        {"has_advance": True, "advance_rate": Decimal("0.3")},
        {"attributionAvance": True, "tauxAvance": 0.3},
    ),
    "advance of an unknown rate": ({"has_advance": True}, {"attributionAvance": True, "tauxAvance": 0}),
    "innovative": ({"is_innovative": True, "terms": "Maitrise d'œuvre"}, {"marcheInnovant": True}),
    "subcontracted": (
        {"has_subcontractors": True, "subcontracts": [SUBCONTRACT]},
        {
            "sousTraitanceDeclaree": True,
            "actesSousTraitance": [
                {
                    "acteSousTraitance": {
                        "id": 1,
                        "sousTraitant": {"id": PARTNER, "typeIdentifiant": "SIRET"},
                        "dureeMois": 2,
                        "dateNotification": "2026-11-10",
                        "datePublicationDonnees": "2026-11-20",
                        "montant": 5000.25,
                        "variationPrix": "Actualisable",
                    }
                }
            ],
        },
    ),
    "changed in nothing that is told": (
        {"changes": [CHANGE]},
        {
            "modifications": [
                {
                    "modification": {
                        "id": 1,
                        "dateNotificationModification": "2026-11-21",
                        "datePublicationDonneesModification": "2026-11-25",
                    }
                }
            ]
        },
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_contract_passes_the_official_schema(official: Format, kind: str) -> None:
    values, expected = KINDS[kind]
    record = a_record(**values)
    assert codes(record, official) == set()
    assert official.file_faults(decp.package([(CONTRACT, record)])) == []
    assert {name: record.get(name) for name in expected} == expected


def test_what_nobody_said_of_a_subcontract_or_a_consortium_is_lacking_not_guessed(official: Format) -> None:
    silent = replace(SUBCONTRACT, months=None, variation="")
    assert codes(a_record(subcontracts=[silent]), official) == {
        (f"actesSousTraitance.0.acteSousTraitance.{name}", "decp-required")
        for name in ("dureeMois", "variationPrix")
    }
    assert codes(a_record(holders=PAIR), official) == {("typeGroupementOperateurs", "decp-enum")}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"techniques": {"technique": ["Sans objet", "Accord-cadre"]}},
            ("techniques", "none-among-others"),
        ),
        (
            {
                "considerationsSociales": {
                    "considerationSociale": ["Clause sociale", "Pas de considération sociale"]
                }
            },
            ("considerationsSociales", "none-among-others"),
        ),
        (
            {
                "modificationsActesSousTraitance": [
                    {
                        "modificationActeSousTraitance": {
                            "id": 2,
                            "dateNotificationModificationSousTraitance": "2026-11-22",
                            "datePublicationDonnees": "2026-11-21",
                        }
                    }
                ]
            },
            ("modificationsActesSousTraitance", "act-unknown"),
        ),
    ],
)
def test_what_contradicts_itself_is_not_published(
    official: Format, values: dict[str, Any], expected: tuple[str, str]
) -> None:
    found = codes(a_record() | values, official)
    assert expected in found
    is_late = "modificationsActesSousTraitance" in values
    assert (("datePublicationDonnees", "days-order") in found) is is_late


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


ODD: list[tuple[str, Any, Any]] = [
    ("acheteur", {"id": 1710438900014}, {"id": "01710438900014"}),
    ("acheteur", {"id": "217104389"}, {"id": "217104389"}),
    ("lieuExecution", {"code": 1, "typeCode": "Code département"}, "01"),
    ("lieuExecution", {"code": "2A", "typeCode": "Code département"}, "2A"),
    ("lieuExecution", {"code": 1000, "typeCode": "CODE POSTAL"}, "01000"),
    ("lieuExecution", {"code": 1004, "typeCode": "Code commune"}, "01004"),
    ("titulaires", [{"id": 1710438900014, "typeIdentifiant": "siret"}], "01710438900014"),
    ("titulaires", [{"id": "CHE 123", "typeIdentifiant": "HORS-UE"}], "CHE123"),
    ("tauxAvance", "0,05", 0.05),
    ("codeCPV", 3000000, "03000000"),
    ("dateNotification", "20240515", "2024-05-15"),
    ("attributionAvance", "O", True),
    ("actesSousTraitance", [{"id": "1", "montant": "10"}], {"id": 1, "montant": 10}),
    ("modificationsActesSousTraitance", {"id": "1"}, {"id": 1}),
]


@pytest.mark.parametrize(("name", "found", "expected"), ODD)
def test_what_tables_and_former_platforms_do_to_values_is_mended_and_told(
    official: Format, name: str, found: Any, expected: Any
) -> None:
    reading = decp_import.read(json.dumps([a_record() | {name: found}]).encode(), official)
    ((_kind, record),) = reading.records
    value = record[name]
    if isinstance(value, list):
        value = next(iter(value[0].values()))
    if isinstance(value, dict) and isinstance(expected, str):
        value = value.get("code") or value.get("id")
    assert value == expected
    assert (
        reading.repairs
        or found == {"id": "217104389"}
        or found == {"code": "2A", "typeCode": "Code département"}
    )


def test_the_years_of_a_concession_are_read_with_or_without_their_wrapping(official: Format) -> None:
    year = {"datePublicationDonneesExecution": "2026-11-02", "depensesInvestissement": "1 000"}
    price = {"intituleTarif": "Emplacement", "tarif": "18,50"}
    wrapped = a_concession() | {
        "donneesExecution": [{"donneesAnnuelles": year | {"tarifs": [{"tarif": price}]}}]
    }
    bare = a_concession() | {"donneesExecution": year | {"tarifs": [price]}}
    for one in (wrapped, bare):
        ((kind, record),) = decp_import.read(json.dumps([one]).encode(), official).records
        assert codes(record, official, kind) == set()
        (told,) = record["donneesExecution"]
        assert told["donneesAnnuelles"]["tarifs"] == [
            {"tarif": {"intituleTarif": "Emplacement", "tarif": 18.5}}
        ]


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
          "lieuExecution", "codeCPV", "nature", "marcheInnovant", "objet", "actesSousTraitance",
          "donneesExecution")  # fmt: skip


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
