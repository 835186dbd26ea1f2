"""The ESPD (DUME): requests of all sorts read or refused, answered by SIRET, and valid against the official schema."""

from __future__ import annotations

import io
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pikepdf
import pytest
from django.test import Client
from lxml import etree

from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Denied, Invalid
from territoires.services.procurement.actions import enterprise
from territoires.services.procurement.actions import espd as verbs
from territoires.services.procurement.actions.enterprise import MemberWords
from territoires.services.procurement.domain import espd, espd_writing
from territoires.services.procurement.models import Consultation, EspdAnswer
from territoires.services.procurement.queries import espd as queries
from territoires.services.procurement.queries.enterprise import sheet_of
from tests.services.procurement.conftest import rows

from .browsers import make_account
from .conftest import SIRETS, Bidding, begin, make_bidder, make_enterprise, publish

NOW = datetime(2026, 11, 2, 20, 40, tzinfo=UTC)
GIVEN = {
    "INDICATOR": "true",
    "DATE": "2024-02-29",
    "PERIOD": "2024-01-01/2024-12-31",
    "AMOUNT": "1250.50",
    "NUMBER": "12",
    "CODE": "FRA",
    "URL": "https://exemple.example/preuve",
    "ID": "99999006200013",
    "TEXT": "Étienne & Cie <toiture>, 城市, العربية",
}
OWN = Path(__file__).resolve().parents[4] / "data/procurement/espd-request-4.1.0.xml"


@pytest.fixture
def schemas(shared_data: Path, tmp_path: Path) -> dict[str, etree.XMLSchema]:
    """The official schemas of requests and responses, laid out as UBL is."""
    source = shared_data / "procurement"
    shutil.copytree(source / "eforms/schemas/common", tmp_path / "common", copy_function=shutil.copyfile)
    (tmp_path / "maindoc").mkdir()
    found = {}
    for name in ("Request", "Response"):
        file = f"UBL-QualificationApplication{name}-2.3.xsd"
        shutil.copyfile(source / "espd" / file, tmp_path / "maindoc" / file)
        found[name] = etree.XMLSchema(file=str(tmp_path / "maindoc" / file))
    return found


@pytest.fixture
def official(shared_data: Path) -> bytes:
    """The request with every criterion there is."""
    return (shared_data / "procurement/espd/ESPD-criterion.xml").read_bytes()


def all_answers(call: espd.Call) -> dict[str, str]:
    return {one.property.id: GIVEN[espd.family_of(one.property.datatype)] for one in espd.questions(call)}


def test_every_criterion_is_read_answered_and_valid(
    official: bytes, schemas: dict[str, etree.XMLSchema]
) -> None:
    call, none = espd.read_espd(official)
    assert (len(call.criteria), none) == (62, {})
    asked = list(espd.questions(call))
    assert all(one.property.datatype != "EVIDENCE_IDENTIFIER" for one in asked), "proofs: the winner alone"
    answers = espd.answered(call, all_answers(call))
    assert len(answers) == len(asked) and espd.unanswered(call, answers) == 0
    operator = espd.Operator(
        "Travaux Modèle", SIRETS[0], size="sme", email="m@modele.example", group="À deux"
    )
    response = espd_writing.written_response(call, answers, operator, at=NOW, key=uuid4())
    schemas["Response"].assertValid(etree.fromstring(response))
    schemas["Request"].assertValid(etree.fromstring(espd_writing.written_request(call, at=NOW, key=uuid4())))
    again, read = espd.read_espd(response)
    assert read == answers, "what was answered once serves again"
    assert again.criteria == call.criteria


def bomb() -> bytes:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    return f'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a0 "ha">{entities}]><b>&a8;</b>'.encode()


def reader_of_files() -> bytes:
    return b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY f SYSTEM "file:///etc/passwd">]><b>&f;</b>'


def deep() -> bytes:
    own = OWN.read_text(encoding="utf-8")
    name = "cac:SubsidiaryTenderingCriterionPropertyGroup"
    one = (
        "<{0}><cbc:ID>{1}</cbc:ID><cbc:PropertyGroupTypeCode>ON*</cbc:PropertyGroupTypeCode>"
        "<cac:TenderingCriterionProperty><cbc:ID>p{1}</cbc:ID></cac:TenderingCriterionProperty>"
    )
    nested = "".join(one.format(name, f"g{n}") for n in range(40)) + f"</{name}>" * 40
    place = "</cac:TenderingCriterionPropertyGroup>"
    return own.replace(place, nested + place, 1).encode()


def changed(before: str, after: str) -> bytes:
    own = OWN.read_text(encoding="utf-8")
    assert before in own
    return own.replace(before, after).encode()


HOSTILE = {
    "xml-document-type": (reader_of_files(),),
    "xml-malformed": (b"", b"PK\x03\x04 not xml", b"<a>", OWN.read_bytes()[:5000]),
    "xml-too-large": (b"<a>" + b" " * espd.LARGEST + b"</a>",),
    "espd-other-document": (
        b"<html/>",
        b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>',
    ),
    "espd-version": (
        changed("ESPD-EDMv4.1.0", "ESPD-EDMv2.1.1"),
        changed("ESPD-EDMv4.1.0", "ESPD-EDMv5.0.0"),
        changed("<cbc:ProfileExecutionID>ESPD-EDMv4.1.0</cbc:ProfileExecutionID>", ""),
    ),
    "espd-twice": (changed("C1_EG_crime-org/QG1/QSG1/Q1<", "C1_EG_crime-org/QG1/Q1<"),),
    "espd-value": (changed(">500000<", ">NaN<"), changed(">500000<", ">1e999999<")),
    "espd-too-large": (deep(),),
}


@pytest.mark.parametrize(("code", "data"), [(code, one) for code, all_ in HOSTILE.items() for one in all_])
def test_hostile_files_are_refused_with_a_sentence(code: str, data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        espd.read_espd(data)
    assert refused.value.code == code
    assert refused.value.message.endswith(".") and refused.value.remedy


def test_bomb_is_refused_before_it_grows() -> None:
    with pytest.raises(Invalid) as refused:
        espd.read_espd(bomb())
    assert refused.value.code == "xml-document-type", "whether we find it or the parser's own limit"


def test_empty_request_is_refused() -> None:
    root = etree.fromstring(OWN.read_bytes())
    for one in root.findall("{*}TenderingCriterion"):
        root.remove(one)
    with pytest.raises(Invalid, match="espd-empty"):
        espd.read_espd(etree.tostring(root))


@pytest.mark.parametrize(
    ("datatype", "wrong"),
    [
        ("INDICATOR", "peut-être"),
        ("DATE", "2025-02-30"),
        ("PERIOD", "2025-01-01/2024-01-01"),
        ("AMOUNT", "NaN"),
        ("AMOUNT", "1e99"),
        ("QUANTITY_INTEGER", "douze"),
        ("CODE_COUNTRY", "<FRA>"),
        ("URL", "javascript:alert(1)"),
    ],
)
def test_wrong_answer_names_its_question(datatype: str, wrong: str) -> None:
    asked = espd.Property("Q1", espd.QUESTION, datatype, "?")
    group = espd.Group("G", espd.ALWAYS, (asked,))
    call = espd.Call("", "R", "T", "B", (espd.Criterion("C", "fraud", "Fraud", "", (group,)),))
    with pytest.raises(Invalid) as refused:
        espd.answered(call, {"Q1": wrong})
    assert [one.field for one in refused.value.faults] == ["Q1"]


@pytest.fixture
def asking(consultation: Consultation, bidder: Actor) -> Bidding:
    """A consultation that asks for standing and for references; an enterprise whose sheet is filled in."""
    for position, (kind, text) in enumerate(
        [("ef-stan", "Chiffre d'affaires"), ("tp-abil", "Trois toitures")]
    ):
        rows("t_procurement.SelectionCriterion").create(
            consultation=consultation, position=position, kind=kind, text=text, level=""
        )
    publish(consultation)
    enterprise.write_sheet(
        actor=bidder,
        values={
            "is_small": True,
            "headcount": 9,
            "turnover_year": 2025,
            "turnover": 180_000,
            "insurance": "Assureur, no 1",
            "references": "Toiture de l'école, 2024",
            "signatory": "Manon Modèle",
        },
    )
    return begin(bidder, consultation)


def found_of(ready: Bidding) -> queries.Espd:
    return queries.espd_of(ready.draft, sheet_of(ready.actor), legal_day(ready.actor.now()))


def by_criterion(found: queries.Espd) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for one in espd.questions(found.call):
        if one.property.id in found.answers:
            said.setdefault(one.criterion.code, []).append(found.answers[one.property.id])
    return said


def test_craftsman_answers_by_siret_with_what_is_known(
    asking: Bidding, schemas: dict[str, etree.XMLSchema]
) -> None:
    found = found_of(asking)
    assert found.is_own and found.is_known
    codes = [one.code for one in found.call.criteria]
    assert "gen-year-to" in codes and "work-perform" in codes and "trade-regist" not in codes
    assert not {"supply-perform", "service-perform"} & set(codes), "of the works alone"
    known = by_criterion(found)
    assert known["sme"] == ["true", "9", "180000.00"]
    assert known["gen-year-to"] == ["true", "2025-01-01/2025-12-31", "180000.00"]
    assert known["work-perform"] == ["true", "Toiture de l'école, 2024"]
    assert known["eo-group"] == ["false"]
    assert "corruption" not in known, "nobody declares on honour in another's place"
    response = queries.espd_response(asking.draft, found, sheet_of(asking.actor), NOW)
    schemas["Response"].assertValid(etree.fromstring(response))
    text = response.decode()
    assert SIRETS[0] in text and "Trois toitures" in text and "sole-tenderer" in text
    assert "500000" not in text and "[Text" not in text, (
        "no minimum and no placeholder that the buyer never wrote"
    )
    with pikepdf.open(
        io.BytesIO(queries.espd_printed(asking.draft, found, sheet_of(asking.actor), NOW))
    ) as pdf:
        assert str(pdf.Root.Lang) == "fr"


def test_saved_answers_are_what_counts(asking: Bidding) -> None:
    found = found_of(asking)
    grounds = {
        one.property.id: espd.NO
        for one in espd.questions(found.call)
        if one.depth == 0 and one.criterion.code in ("corruption", "fraud")
    }
    verbs.write_espd(actor=asking.actor, draft=asking.draft, answers=grounds, version=found.version)
    saved = found_of(asking)
    assert saved.answers == grounds and not saved.is_known, "what was emptied does not come back"
    with pytest.raises(Conflict, match="changed-meanwhile"):
        verbs.write_espd(actor=asking.actor, draft=asking.draft, answers={}, version=found.version)
    with pytest.raises(Invalid, match="espd-answers"):
        verbs.write_espd(actor=asking.actor, draft=asking.draft, answers=dict.fromkeys(grounds, "x"))
    assert found_of(asking).answers == grounds


def test_consortium_answers_as_its_lead(asking: Bidding) -> None:
    enterprise.write_consortium(
        actor=asking.actor,
        draft=asking.draft,
        consortium="several",
        members=[MemberWords(SIRETS[1], "Imprimerie Essai")],
    )
    found = found_of(asking)
    assert by_criterion(found)["eo-group"][:2] == ["true", "group-lead"]
    response = queries.espd_response(asking.draft, found, sheet_of(asking.actor), NOW).decode()
    assert ">group-lead<" in response and "Imprimerie Essai" in response


def test_request_of_the_buyer_and_answers_of_before_are_brought(asking: Bidding, official: bytes) -> None:
    verbs.take_espd(actor=asking.actor, draft=asking.draft, data=official)
    found = found_of(asking)
    assert not found.is_own and len(found.call.criteria) == 62
    answers = all_answers(found.call)
    before = espd_writing.written_response(
        found.call, espd.answered(found.call, answers), espd.Operator("T", SIRETS[0]), at=NOW, key=uuid4()
    )
    verbs.take_espd(actor=asking.actor, draft=asking.draft, data=before)
    assert espd.unanswered(found.call, found_of(asking).answers) == 0
    with pytest.raises(Invalid, match="xml-document-type"):
        verbs.take_espd(actor=asking.actor, draft=asking.draft, data=reader_of_files())
    verbs.take_espd(actor=asking.actor, draft=asking.draft, data=b"")
    assert found_of(asking).is_own


def test_rival_reads_and_writes_nothing(asking: Bidding, consultation: Consultation) -> None:
    rival = begin(make_bidder(make_enterprise(SIRETS[1], "Imprimerie Essai")), consultation)
    for verb, given in ((verbs.take_espd, {"data": b""}), (verbs.write_espd, {"answers": {}})):
        with pytest.raises(Denied):
            verb(actor=rival.actor, draft=asking.draft, **given)
    assert not EspdAnswer.objects.exists()


def test_pages_of_the_editor(asking: Bidding, enterprise: Any, client: Client) -> None:
    client.force_login(
        make_account(enterprise, "odile@modele.example"),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    address = f"/o/{enterprise.reference}/procurement/bids/{asking.draft.pk}/dume/"
    shown = client.get(address).content.decode()
    assert "180 000" in shown and 'name="q0"' in shown
    saved = client.post(address, {"none_applies": "on", "version": 1})
    assert saved.status_code == 302
    kept = EspdAnswer.objects.get()
    assert set(kept.answers.values()) == {"false"} and len(kept.answers) == 23
    faulty = client.post(address, {"q1": "31/02/2025"})
    assert faulty.status_code == 422 and "31/02/2025" in faulty.content.decode()
    for name, start in (
        ("espd-request.xml", b"<?xml"),
        ("espd-response.xml", b"<?xml"),
        ("dume.pdf", b"%PDF"),
    ):
        assert client.get(address + name).content.startswith(start)
    refused = client.post(f"{address}file/", {"document": io.BytesIO(reader_of_files())})
    assert refused.status_code == 422 and "DOCTYPE" in refused.content.decode()
