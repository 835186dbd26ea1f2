"""Award and modification notices made from real decisions, contracts and changes, judged by the official rules."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from territoires.kernel.actor import Actor
from territoires.services.procurement.actions import notices as verbs
from territoires.services.procurement.domain.notices import life
from territoires.services.procurement.domain.notices.judging import NAMES
from territoires.services.procurement.models import Notice
from territoires.services.procurement.queries.notice_data import bidders_of, size_of, winners_without_place
from territoires.services.procurement.queries.notices import content_of
from tests.services.procurement.award.conftest import Case, make_case
from tests.services.procurement.conftest import rows

from .conftest import PROFILE, judged, make_buyer

pytestmark = pytest.mark.usefixtures("db", "rules")
TED = "notices-ted"


@pytest.fixture
def case() -> Case:
    """Two lots of an open call above the European threshold, awarded by the committee and signed."""
    body, actor = make_buyer()
    verbs.write_profile(actor=actor, values=PROFILE)
    made = make_case(body=body, procedure="open", estimated_value=Decimal(6_000_000))
    made.examine().note().rank().award_by_committee().award()
    return made.tell().later(days=20).sign_all()


def prepared(case: Case, subtype: str, **values: Any) -> Notice:
    made = verbs.prepare_notice(
        actor=case.buyer, consultation=case.fresh(), subtype=subtype, channel=TED, **values
    )
    return judged(made)


def completed(actor: Actor, notice: Notice) -> Notice:
    """With what only the agent knows: the sizes of all who bid, and where the winners are."""
    sirets = bidders_of(notice.consultation)
    return judged(
        verbs.rewrite_notice(
            actor=actor,
            consultation=notice.consultation,
            notice=notice.pk,
            sizes=dict.fromkeys(sirets, "small"),
            places={
                siret: {"postal_code": "21000", "city": "Dijon"} for siret in winners_without_place(notice)
            },
        )
    )


def texts(notice: Notice, path: str) -> list[str]:
    root = etree.fromstring(content_of(notice))
    return [str(one) for one in root.xpath(f"{path}/text()", namespaces=NAMES)]


def test_an_award_notice_says_what_was_decided_and_signed_and_passes_the_official_rules(case: Case) -> None:
    notice = prepared(case, "29")
    assert notice.state == life.DRAFT, "sizes and the winners' town are not known yet"
    assert {one["field"] for one in notice.findings} >= {"BT-513-Organization-Company"}
    notice = completed(case.buyer, notice)
    assert (notice.state, notice.findings) == (life.READY, [])
    assert notice.last_on is not None

    contracts = list(rows("t_procurement.Contract").filter(consultation=case.consultation).order_by("number"))
    assert texts(notice, "//efac:LotTender//cbc:PayableAmount") == [f"{one.amount:.0f}" for one in contracts]
    assert texts(notice, "//efac:SettledContract/efac:ContractReference/cbc:ID") == [
        one.number for one in contracts
    ]
    assert texts(notice, "//efac:LotResult/cbc:TenderResultCode") == ["selec-w"] * 2
    counted = "//efac:ReceivedSubmissionsStatistics[efbc:StatisticsCode='{}']/efbc:StatisticsNumeric"
    assert texts(notice, counted.format("tenders")) == ["3", "3"]
    assert texts(notice, counted.format("t-small")) == ["3", "3"]
    assert texts(notice, "//efac:LotResult/cbc:HigherTenderAmount") == ["120000"] * 2
    assert contracts[0].holder.name in texts(notice, "//efac:Organization//cac:PartyName/cbc:Name")


def test_what_an_enterprise_says_of_itself_is_not_asked_of_the_buyer(case: Case) -> None:
    for bidder in case.bidders:
        rows("t_procurement.EnterpriseSheet").create(
            organisation_id=bidder.organisation,
            address="2 rue du Four",
            postal_code="71000",
            town="Mâcon",
            headcount=12,
            changed_at=case.at,
        )
    notice = prepared(case, "29")
    assert winners_without_place(notice) == {}
    assert (notice.state, notice.findings) == (life.READY, [])
    assert "FRC13" in texts(notice, "//efac:Company//cbc:CountrySubentityCode")
    assert set(texts(notice, "//efbc:CompanySizeCode")) == {"small"}


@pytest.mark.parametrize(
    ("people", "size"),
    [(None, ""), (0, "micro"), (9, "micro"), (10, "small"), (49, "small"), (50, "medium"), (250, "large")],
)
def test_the_size_follows_from_the_people_employed(people: int | None, size: str) -> None:
    assert size_of(people) == size


def test_a_modification_names_the_published_award_notice_and_passes_the_official_rules(case: Case) -> None:
    contract = case.contract
    rows("t_procurement.ContractChange").create(
        contract=contract,
        number=1,
        ground="additional",
        object="Nettoyage du préau",
        reason="Le préau neuf s'ajoute aux locaux.",
        amount=Decimal(6000),
        new_amount=contract.amount + 6000,
        signed_on=date(2027, 2, 1),
        recorded_at=case.at,
    )
    alone = prepared(case, "38", contract=contract.pk)
    assert alone.state == life.DRAFT and alone.reason and not alone.content

    award = completed(case.buyer, prepared(case, "29"))
    verbs.tell_publication(
        actor=case.buyer,
        consultation=award.consultation,
        notice=award.pk,
        number="123456-2027",
        published_on=date(2027, 1, 25),
    )
    notice = completed(case.buyer, prepared(case, "38", contract=contract.pk))
    assert (notice.state, notice.findings) == (life.READY, [])
    assert texts(notice, "//efac:ContractModification/efbc:ChangedNoticeIdentifier") == ["123456-2027"]
    assert texts(notice, "//efac:ContractModification//cbc:ReasonCode") == ["add-wss"]
    assert texts(notice, "//cbc:PayableAmount") == [f"{contract.amount + 6000:.0f}"]
