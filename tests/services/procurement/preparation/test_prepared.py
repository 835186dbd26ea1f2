"""What was prepared lot by lot, as those who judge and publish read it."""

from __future__ import annotations

from decimal import Decimal

from territoires.kernel.actor import Actor
from territoires.services.procurement.actions import preparing, stipulating
from territoires.services.procurement.domain.wording import (
    CriterionWords,
    LotWords,
    OptionWords,
    PartWords,
)
from territoires.services.procurement.queries.preparation import parts_of, prepared_lots

from ..conftest import make_consultation

LOTS = (
    LotWords(
        title="Charpente",
        cpv="45261100",
        additional_cpvs=("45261200",),
        nuts="FRC12",
        estimated_value=Decimal(120000),
        reserved_for="inclusion",
    ),
    LotWords(title="Isolation"),
)


def test_a_lot_says_its_own_words_and_else_those_of_the_whole(secretary: Actor) -> None:
    one = make_consultation(secretary, additional_cpvs=["45000000", "45261200"])
    preparing.write_lots(actor=secretary, consultation=one, lots=LOTS)
    own, shared = prepared_lots(one)
    assert (own.cpv, own.additional_cpvs, own.nuts) == ("45261100", ("45261200",), "FRC12")
    assert (own.number, own.reserved_for, own.value) == (1, "inclusion", Decimal(120000))
    assert (shared.cpv, shared.additional_cpvs, shared.nuts) == ("45261200", ("45000000",), "FRC11")
    assert (shared.number, shared.reserved_for, shared.value) == (2, "", None)


def test_criteria_parts_and_options_reach_their_lots(secretary: Actor) -> None:
    one = make_consultation(secretary)
    parts = (PartWords(name="Méthode", weight=Decimal(25)), PartWords(name="Équipe", weight=Decimal(15)))
    preparing.write_criteria(
        actor=secretary,
        consultation=one,
        criteria=[
            CriterionWords(kind="price", weight=Decimal(60)),
            CriterionWords(kind="technical", name="Mémoire", weight=Decimal(40), parts=parts),
            CriterionWords(kind="price", weight=Decimal(100), lot_number=2),
        ],
    )
    stipulating.write_options(
        actor=secretary,
        consultation=one,
        options=[
            OptionWords(kind="renewal", name="Reconduction", value=Decimal(10000), times=2, months=12),
            OptionWords(kind="phase", name="Préau", value=Decimal(20000), lot_number=1),
        ],
    )
    first, second = prepared_lots(one)
    assert [(part.name, part.weight) for part in parts_of(first.criteria[1])] == [
        ("Méthode", Decimal(25)),
        ("Équipe", Decimal(15)),
    ]
    assert parts_of(first.criteria[0]) == []
    assert [one.weight for one in second.criteria] == [Decimal(100)], "a lot with criteria of its own"
    assert [one.name for one in first.options] == ["Préau", "Reconduction"]
    assert [one.name for one in second.options] == ["Reconduction"]
    assert first.is_renewed and second.is_renewed


def test_what_is_not_divided_is_one(secretary: Actor) -> None:
    one = make_consultation(secretary, additional_cpvs=["45000000"])
    preparing.write_lots(actor=secretary, consultation=one, lots=[])
    (whole,) = prepared_lots(one)
    assert (whole.lot, whole.number, whole.title) == (None, 0, one.title)
    assert (whole.cpv, whole.additional_cpvs) == ("45261200", ("45000000",))
    assert len(whole.criteria) == 3 and not whole.is_renewed
