"""The official rules as a pack, values that a notice says, publishers as a process, the worker's turns."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from lxml import etree

from territoires.foundations.exchange import api as exchange
from territoires.foundations.packs import catalogue as packs
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day, system_clock
from territoires.services.procurement.actions import filing, preparing, validating
from territoires.services.procurement.channels.boamp import BOAMP
from territoires.services.procurement.channels.ted import TED
from territoires.services.procurement.domain import timetable
from territoires.services.procurement.domain.notices import judging, sheets
from territoires.services.procurement.domain.notices.judging import Judge
from territoires.services.procurement.domain.notices.subtypes import (
    CALL,
    INTENTION,
    MODIFICATION,
    PRIOR,
    RESULT,
    SUBTYPES,
)
from territoires.services.procurement.domain.sheet import Sheet
from territoires.services.procurement.domain.wording import LotWords
from territoires.services.procurement.jobs import notices as jobs
from territoires.services.procurement.management.commands.decp import put_schema
from territoires.services.procurement.management.commands.eforms import put_sdk
from territoires.services.procurement.queries import notice_rules
from territoires.services.procurement.queries.law import law_on
from territoires.services.procurement.queries.notices import notice_by_key
from tests.services.procurement.conftest import CRITERIA, ROOF, make_actor, make_body, receive
from tests.simulators.conftest import ministry, running_ministry  # noqa: F401
from tests.simulators.ministry import Ministry

SIREN = "217100007"
"""A SIREN, and a SIRET of it, whose keys hold; of nobody."""
SIRET = "21710000700012"
HOLDER, PARTNER = "55204599900869", "38103128500491"


@pytest.fixture(scope="session")
def rules_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The official rules put in a folder of packs by the commands of the operator."""
    from tests.conftest import SHARED

    source = SHARED / "data/procurement"
    if not source.is_dir():
        pytest.skip("shared/data is absent: official schemas and samples not checked")
    folder = tmp_path_factory.mktemp("packs")
    put_sdk(source / "eforms", folder, checked_on="2026-11-30")
    put_schema(source / "decp/schema_decp_v2.0.3.json", folder, checked_on="2026-11-30")
    return folder


@pytest.fixture(scope="session")
def judge(rules_folder: Path) -> Iterator[Judge]:
    """One judge for the run: all that it compiles stays."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "MOST_COMPILED", 200)
        yield notice_rules._judge("1.15.1", rules_folder / "eforms-1.15.1")


@pytest.fixture
def rules(rules_folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The operator's folder holds the official rules."""
    again = packs.Catalogue(packs.shipped_folder(), rules_folder)
    monkeypatch.setattr(packs, "catalogue", lambda: again)
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, operator_packs=rules_folder)
    return rules_folder


@pytest.fixture
def no_rules(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator has no folder of packs."""
    bare = packs.Catalogue(packs.shipped_folder())
    monkeypatch.setattr(packs, "catalogue", lambda: bare)
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, operator_packs=None)


def party(name: str, identifier: str, **values: Any) -> sheets.Party:
    return sheets.Party(
        name=name,
        identifier=identifier,
        **{
            "city": "Dijon",
            "postal_code": "21000",
            "nuts": "FRC11",
            "email": "contact@exemple.example",
            "telephone": "+33 380000000",
        }
        | values,
    )


def a_lot(number: int, **values: Any) -> sheets.LotSheet:
    return sheets.LotSheet(
        **{
            "number": number,
            "title": f"Lot {number}",
            "description": "Charpente & couverture <zinguerie>",
            "cpv": "45261200",
            "nature": "works",
            "nuts": "FRC11",
            "duration_months": 4,
            "criteria": (
                sheets.CriterionSheet(kind="price", name="Prix", weight=Decimal("60.50")),
                sheets.CriterionSheet(kind="quality", name="Valeur technique", weight=Decimal("39.50")),
            ),
            "environmental": "Les tuiles déposées sont réemployées.",
        }
        | values
    )


def a_procedure(subtype: str = "16", **values: Any) -> sheets.ProcedureSheet:
    kind = SUBTYPES[subtype]
    code = "open" if subtype in ("16", "17", "29", "30") else "oth-single"
    if kind.does == INTENTION:
        code = "neg-wo-call"
    is_utility = kind.basis == "32014L0025"
    return sheets.ProcedureSheet(
        **{
            "folder": uuid4(),
            "reference": "2026-001",
            "title": "Réfection de la toiture de l'école",
            "description": "Dépose des tuiles, charpente, couverture.",
            "nature": "works",
            "cpv": "45261200",
            "nuts": "FRC11",
            "code": code,
            "buyer": sheets.Buyer(
                party=party("Commune d'Exemple", SIRET),
                legal_type="pub-undert-la" if is_utility else "la",
                entity_activity="water" if is_utility else "",
                is_utility=is_utility,
            ),
            "review": party("Tribunal administratif de Démonstration", "17210001000018"),
            "lots": (a_lot(1), a_lot(2)),
            "direct_reason": "technical" if kind.does == INTENTION else "",
            "justification": "Une seule entreprise détient le procédé.",
            "planned_on": date(2027, 3, 1) if kind.does == PRIOR else None,
        }
        | values
    )


def a_call(**values: Any) -> sheets.Call:
    until = datetime(2027, 1, 15, 11, tzinfo=UTC)
    return sheets.Call(
        **{
            "documents_url": "https://plateforme.example/marches/1/",
            "submission_url": "https://plateforme.example/marches/1/",
            "tenders_until": until,
            "applications_until": until,
            "validity_days": 120,
            "minimum_candidates": 5,
            "questions_until": date(2027, 1, 5),
        }
        | values
    )


def an_award(lot: int = 1, **values: Any) -> sheets.LotOutcome:
    winners = (
        party("Toitures Modèle", HOLDER, size="small"),
        party("Charpentes Essai", PARTNER, size="medium"),
    )
    return sheets.LotOutcome(
        **{
            "lot": lot,
            "statistics": sheets.Statistics(tenders=3, electronic=3, small=2, medium=1),
            "winner": sheets.WinnerSheet(
                reference=f"OFFRE-{lot}",
                amount=Decimal("118000.40"),
                members=winners,
                subcontracted=False,
                paid_by_buyer=Decimal(18000),
                paid_by_users=Decimal("100000.40"),
            ),
            "contract": sheets.ContractSheet(
                reference=f"2026-001-L{lot}",
                decided_on=date(2026, 11, 2),
                signed_on=date(2026, 11, 20),
                title="Toiture",
            ),
            "lowest": Decimal("110000"),
            "highest": Decimal("130000.10"),
        }
        | values
    )


def a_notice(subtype: str = "16", **values: Any) -> sheets.NoticeSheet:
    """A whole notice of a subtype, with what its kind asks for."""
    does = SUBTYPES[subtype].does
    procedure = values.pop("procedure", None) or a_procedure(subtype)
    outcomes: tuple[sheets.LotOutcome, ...] = ()
    if does == RESULT:
        nothing = sheets.LotOutcome(
            lot=2, statistics=sheets.Statistics(tenders=0, electronic=0), reason="no-rece"
        )
        outcomes = (an_award(1), nothing)
    elif does in (INTENTION, MODIFICATION):
        outcomes = (an_award(1),)
        procedure = replace(procedure, lots=procedure.lots[:1])
    head = sheets.Head(
        identifier=uuid4(),
        edition=1,
        subtype=subtype,
        issued_at=datetime(2026, 11, 30, 9, tzinfo=UTC),
        sdk="1.15",
        change=values.pop("change", None),
    )
    return sheets.NoticeSheet(
        **{
            "head": head,
            "procedure": procedure,
            "call": a_call() if does == CALL else None,
            "outcomes": outcomes,
            "modification": sheets.Modification(
                of="342558-2026",
                reason="mod-cir",
                text="La charpente est atteinte par l'humidité.",
                justification="Rien ne le laissait prévoir.",
            )
            if does == MODIFICATION
            else None,
            "platform": party("Plateforme d'Exemple", "13002526500013"),
        }
        | values
    )


def svrl_errors(report: Path) -> set[str]:
    """The rules that an official report says are broken."""
    root = etree.parse(str(report)).getroot()
    return {one.get("id", "") for one in root.iter("{http://purl.oclc.org/dsdl/svrl}failed-assert")}


# --- on a real database, with the publishers beside it


def make_buyer() -> tuple[Any, Actor]:
    """A body whose SIRET has a key that holds, and its secretary, whose clock is the machine's."""
    body = make_body("Commune d'Exemple", SIREN)
    body.siret = SIRET
    body.save()
    return body, replace(make_actor(body), clock=system_clock)


@dataclass
class World:
    """The publishers as they run beside the platform, seen from outside."""

    folder: Path
    port: int

    def call(self, name: str, path: str, content: Any = None) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/{name}{path}",
            data=None if content is None else json.dumps(content).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as failure:
            return {"status": failure.code, **json.loads(failure.read() or b"{}")}

    def behave(self, name: str, **asked: Any) -> None:
        assert self.call(name, "/behaviours", asked) == {}

    def received(self, name: str) -> dict[str, dict[str, Any]]:
        return {one["name"]: one for one in self.call(name, "/received")}


@pytest.fixture
def world(running_ministry: Ministry, settings: Any) -> Iterator[World]:  # noqa: F811
    """The publishers, obliging and quick: a notice is accepted and published at once."""
    found = World(running_ministry.folder, running_ministry.control_port)
    settings.NOTICES_CONNECTIONS = {
        name: found.folder / "simulators" / name / "connection.json" for name in ("ted", "boamp", "opendata")
    }
    for name in ("ted", "boamp", "opendata"):
        found.call(name, "/behaviours/clear", {})
        found.call(name, "/settings", {"delay": 0})
    yield found


def judged(notice: Any) -> Any:
    """What the worker does after a notice was prepared."""
    jobs.judge(notice_by_key(notice.pk))  # type: ignore[arg-type]
    notice.refresh_from_db()
    return notice


def send_waiting() -> None:
    exchange.move_once()


def collect() -> None:
    """What the worker does each minute."""
    for channel in (TED, BOAMP):
        assert channel.collect is not None
        channel.collect()


def is_in(row: Any, state: str) -> Callable[[], bool]:
    def check() -> bool:
        collect()
        row.refresh_from_db()
        return bool(row.state == state)

    return check


PROFILE = {
    "siret": SIRET,
    "legal_type": "la",
    "activity": "gen-pub",
    "street": "1 place de la Mairie",
    "postal_code": "21000",
    "city": "Exemple",
    "nuts": "FRC11",
    "email": "mairie@village.example",
    "telephone": "+33 380000000",
    "review_name": "Tribunal administratif de Démonstration",
    "review_siret": "17210001000018",
    "review_city": "Dijon",
    "review_postal_code": "21000",
    "review_nuts": "FRC11",
    "review_email": "greffe@tribunal.example",
    "review_telephone": "+33 380000001",
}


def make_formal(actor: Actor, **values: Any) -> Any:
    """A consultation above the European threshold, divided into two lots, validated."""
    today = legal_day(actor.now())
    proposed = timetable.propose(Sheet(procedure="open"), law_on(today), publish_on=today + timedelta(days=7))
    dates = {name: getattr(proposed, name) for name in ("publish_on", "questions_until", "tenders_until")}
    started = preparing.start_consultation(actor=actor, title="Entretien des écoles", category="services")
    written = preparing.revise_consultation(
        actor=actor,
        consultation=started,
        values=ROOF
        | {
            "description": "Nettoyage des locaux de douze écoles.",
            "estimated_value": Decimal(400000),
            "family": "Écoles : nettoyage",
            "cpv": "90911200",
            "procedure": "open",
            "social_clause": "Cinq pour cent des heures vont à l'insertion.",
        }
        | dates
        | values,
    )
    lots = [
        LotWords(title="Écoles du nord", cpv="90911200", estimated_value=Decimal(250000)),
        LotWords(title="Écoles du sud", cpv="90911200", estimated_value=Decimal(150000)),
    ]
    written = preparing.write_lots(actor=actor, consultation=written, lots=lots)
    written = preparing.write_criteria(actor=actor, consultation=written, criteria=CRITERIA)
    for name, kind in (("reglement.pdf", "rules"), ("cahier.pdf", "technical")):
        document = receive(actor, f"%PDF-1.4 {name} {started.pk}".encode(), name)
        filing.add_document(actor=actor, consultation=written, document=document.pk, kind=kind)
    written.refresh_from_db()
    return validating.validate_consultation(actor=actor, consultation=written)
