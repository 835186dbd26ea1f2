"""Options count in the values; what candidates are asked is kept; both are frozen once the consultation is public."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from territoires.kernel.actor import Actor
from territoires.kernel.errors import Denied, Invalid
from territoires.services.procurement.actions import preparing, stipulating
from territoires.services.procurement.domain.wording import (
    AskedPieceWords,
    BuyerWords,
    CriterionWords,
    LotWords,
    OptionWords,
    PartWords,
    SelectionWords,
    buyers_in,
    codes_in,
    parts_in,
)
from territoires.services.procurement.models import Consultation, SubCriterion
from territoires.services.procurement.queries.buyers import buyers_of
from territoires.services.procurement.queries.sheets import (
    asked_pieces_of,
    criteria_of,
    lots_of,
    options_of,
    selection_of,
)
from tests.services.procurement.conftest import make_actor, make_body, make_consultation, rows
from tests.services.procurement.publication.conftest import (  # noqa: F401
    buyer,
    officers_are_ready,
    public,
    publish,
)

RENEWAL = OptionWords(kind="renewal", name="Reconduction d'un mois", value=Decimal(10000), months=1, times=2)
PHASE = OptionWords(kind="phase", name="Préau", value=Decimal(30000), lot_number=1)
CONDITION = SelectionWords(kind="tp-abil", text="Trois chantiers comparables")


@pytest.fixture
def draft(secretary: Actor) -> Consultation:
    return make_consultation(secretary)


def values(draft: Consultation) -> tuple[Any, ...]:
    draft.refresh_from_db()
    return (draft.estimated_value, *(lot.estimated_value for lot in lots_of(draft)))


def test_options_are_counted_in_the_need_and_in_their_lot(secretary: Actor, draft: Consultation) -> None:
    stipulating.write_options(actor=secretary, consultation=draft, options=[RENEWAL, PHASE])
    assert values(draft) == (230000, 150000, 60000)
    stipulating.write_options(actor=secretary, consultation=draft, options=[PHASE])
    assert values(draft) == (210000, 150000, 60000)
    stipulating.write_options(actor=secretary, consultation=draft, options=[])
    assert values(draft) == (180000, 120000, 60000)


def test_options_that_the_values_count_already_change_nothing(secretary: Actor, draft: Consultation) -> None:
    stipulating.write_options(
        actor=secretary, consultation=draft, options=[RENEWAL, PHASE], adds_to_values=False
    )
    assert values(draft) == (180000, 120000, 60000)
    assert [one.lot_number for one in options_of(draft)] == [None, 1]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (OptionWords(kind="whim", name="x"), "options.1.kind"),
        (OptionWords(kind="renewal", name="  "), "options.1.name"),
        (OptionWords(kind="renewal", name="x", value=Decimal(-1)), "options.1.value"),
        (OptionWords(kind="renewal", name="x", times=21), "options.1.times"),
        (OptionWords(kind="renewal", name="x", months=601), "options.1.times"),
    ],
)
def test_an_option_that_cannot_be_kept_is_refused(
    secretary: Actor, draft: Consultation, wrong: OptionWords, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        stipulating.write_options(actor=secretary, consultation=draft, options=[wrong])
    assert [fault.field for fault in refused.value.faults] == [field]
    assert options_of(draft) == []


def test_what_candidates_are_asked_is_kept_in_its_order(secretary: Actor, draft: Consultation) -> None:
    stipulating.write_selection(
        actor=secretary,
        consultation=draft,
        criteria=[CONDITION],
        pieces=[
            AskedPieceWords(asked_from="candidate", code="capacity"),
            AskedPieceWords(asked_from="tenderer", name="Mémoire de six pages"),
            AskedPieceWords(asked_from="somebody", code="no-such-code", name="Autre"),
        ],
    )
    assert [one.text for one in selection_of(draft)] == ["Trois chantiers comparables"]
    assert [(one.asked_from, one.code, one.name) for one in asked_pieces_of(draft)] == [
        ("candidate", "capacity", "Capacités économiques, techniques et professionnelles (DC2)"),
        ("tenderer", "", "Mémoire de six pages"),
        ("candidate", "", "Autre"),
    ]


def test_an_empty_condition_or_piece_is_refused(secretary: Actor, draft: Consultation) -> None:
    with pytest.raises(Invalid) as refused:
        stipulating.write_selection(
            actor=secretary,
            consultation=draft,
            criteria=[SelectionWords(kind="tp-abil", text=" ")],
            pieces=[AskedPieceWords(asked_from="candidate")],
        )
    assert [fault.field for fault in refused.value.faults] == ["selection.1.text", "pieces.1.name"]


def test_an_observer_writes_neither(body: Any, draft: Consultation) -> None:
    observer = make_actor(body, "observer")
    with pytest.raises(Denied):
        stipulating.write_options(actor=observer, consultation=draft, options=[RENEWAL])
    with pytest.raises(Denied):
        stipulating.write_selection(actor=observer, consultation=draft, criteria=[CONDITION], pieces=[])


def test_parts_of_criteria_and_words_of_lots_are_kept(secretary: Actor, draft: Consultation) -> None:
    parts = (PartWords(name="Méthode", weight=Decimal(20)), PartWords(name="Équipe", weight=Decimal(30)))
    preparing.write_criteria(
        actor=secretary,
        consultation=draft,
        criteria=[
            CriterionWords(kind="technical", weight=Decimal(50), parts=parts),
            CriterionWords(kind="life-cycle-cost", weight=Decimal(50)),
        ],
    )
    assert [str(part) for part in criteria_of(draft)[0].parts.all()] == ["Méthode 20.00 %", "Équipe 30.00 %"]
    lot = LotWords(title="Charpente", cpv="45261200", additional_cpvs=("45422000", "45261200"), nuts="FRC12")
    preparing.write_lots(actor=secretary, consultation=draft, lots=[lot])
    kept = lots_of(draft)[0]
    assert (kept.additional_cpvs, kept.nuts, kept.reserved_for) == (["45422000"], "FRC12", "")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE t_procurement_contractoption SET value = 1",
        "DELETE FROM t_procurement_contractoption",
        "UPDATE t_procurement_subcriterion SET weight = 1",
        "DELETE FROM t_procurement_selectioncriterion",
        "UPDATE t_procurement_askedpiece SET asked_from = 'winner'",
        "UPDATE t_procurement_lot SET nuts = 'FRC12'",
        "UPDATE t_procurement_lot SET additional_cpvs = '{45000000}'",
        "UPDATE t_procurement_consultation SET allows_variants = true",
        "UPDATE t_procurement_consultation SET reserved_for = 'disability'",
        "UPDATE t_procurement_consultation SET most_candidates = 3",
    ],
)
def test_what_bidders_rely_on_is_frozen_by_the_database(
    secretary: Actor,
    buyer: Actor,  # noqa: F811
    statement: str,
) -> None:
    from django.db import connection

    from territoires.services.procurement.actions import publishing, validating

    one = make_consultation(secretary)
    stipulating.write_options(actor=secretary, consultation=one, options=[RENEWAL])
    stipulating.write_selection(
        actor=secretary,
        consultation=one,
        criteria=[CONDITION],
        pieces=[AskedPieceWords(asked_from="candidate", code="letter")],
    )
    SubCriterion(criterion=criteria_of(one)[0], position=1, name="Tout", weight=Decimal(50)).save()
    preparing.revise_consultation(actor=secretary, consultation=one, values={"estimated_value": 200000})
    preparing.write_lots(
        actor=secretary,
        consultation=one,
        lots=[LotWords(title="Un", cpv="45261200", estimated_value=Decimal(200000))],
    )
    validating.validate_consultation(actor=secretary, consultation=one)
    publishing.publish_consultation(actor=buyer, consultation=one)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_copy_takes_all_of_it(secretary: Actor, draft: Consultation) -> None:
    stipulating.write_options(actor=secretary, consultation=draft, options=[RENEWAL])
    stipulating.write_selection(actor=secretary, consultation=draft, criteria=[CONDITION], pieces=[])
    preparing.write_participants(
        actor=secretary, consultation=draft, buyers=[BuyerWords("21710438900010", "X")]
    )
    copy = preparing.copy_consultation(actor=secretary, source=draft, title="Copie")
    assert [one.name for one in options_of(copy)] == [RENEWAL.name]
    assert [one.text for one in selection_of(copy)] == [CONDITION.text]
    assert [one.siret for one in buyers_of(copy)] == ["21710438900010"]
    assert len(options_of(draft)) == 1


# -- words --------------------------------------------------------------------------------------------------------------


def test_parts_are_read_one_a_line() -> None:
    assert parts_in("Méthode de chantier : 20\n\nÉquipe 12,5 %") == [
        PartWords(name="Méthode de chantier", weight=Decimal(20)),
        PartWords(name="Équipe", weight=Decimal("12.5")),
    ]


@pytest.mark.parametrize("line", ["Méthode", "20", "Méthode NaN", "Méthode 1e9", "Méthode 0,12345"])
def test_a_part_without_a_weight_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        parts_in(line)


def test_codes_are_read_apart() -> None:
    assert codes_in("45261200-9, 45422000;45261200", "x") == ["45261200", "45422000"]
    with pytest.raises(Invalid):
        codes_in("toit", "x")


def test_a_buyer_is_a_siret_and_maybe_a_name() -> None:
    assert buyers_in("217 104 389 00010 - Commune d'Exemple") == [
        BuyerWords("21710438900010", "Commune d'Exemple")
    ]
    for wrong in ("2171043890001 Commune", "Commune", "217104389000109 x"):
        with pytest.raises(Invalid):
            buyers_in(wrong)


def test_a_buyer_that_the_platform_knows_bears_its_name(secretary: Actor, draft: Consultation) -> None:
    make_body("Ville d'Essai", "213105554")
    known = rows("identity.Organisation").get(siren="213105554")
    preparing.write_participants(
        actor=secretary,
        consultation=draft,
        buyers=[BuyerWords(known.siret, "Autre nom"), BuyerWords("21710438900010", "Commune modèle")],
    )
    assert {one.siret: one.name for one in buyers_of(draft)}[known.siret] == "Ville d'Essai"
