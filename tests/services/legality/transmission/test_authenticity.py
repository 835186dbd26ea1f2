"""Who may write in the State's name, and what a prefecture's classification changes: without database."""

from __future__ import annotations

from datetime import date

import pytest

from territoires.services.legality.domain.actes.authenticity import StateMail, is_from_state
from territoires.services.legality.domain.classification import adopted
from territoires.services.legality.queries.readiness import classification

RULE = StateMail("mx.operateur.test", frozenset({"interieur.test"}))
OURS = "mx.operateur.test; spf=pass smtp.mailfrom=x@ailleurs.test; "


@pytest.mark.parametrize(
    ("headers", "proves"),
    [
        ([OURS + "dkim=pass (2048 bits) header.d=interieur.test header.s=a"], True),
        ([OURS + "dkim=pass header.d=actes.interieur.test"], True),
        ([OURS + "dmarc=pass (p=reject) header.from=interieur.test"], True),
        ([OURS + "dkim=pass header.d=faux-interieur.test"], False),
        ([OURS + "dkim=pass header.d=interieur.test.ailleurs.test"], False),
        ([OURS + "dkim=fail header.d=interieur.test"], False),
        ([OURS + "dkim=none", "mx.operateur.test; dkim=pass header.d=interieur.test"], False),
        (["mx.ailleurs.test; dkim=pass header.d=interieur.test"], False),
        (["mx.operateur.test.ailleurs.test; dkim=pass header.d=interieur.test"], False),
        (["mx.operateur.test; spf=pass smtp.mailfrom=interieur.test"], False),
        (["mx.operateur.test; x=y (dkim=pass header.d=interieur.test)"], False),
        ([""], False),
        ([], False),
    ],
)
def test_only_our_own_servers_first_word_proves_the_state(headers: list[str], proves: bool) -> None:
    assert is_from_state(headers, RULE) is proves


def test_a_prefectures_lists_stand_in_place_of_the_national_ones() -> None:
    national = classification(date(2026, 11, 24))
    lists = adopted(
        national,
        {
            "matters": [["7", "Finances"], ["7.1", "Budgets"], ["7.1.2", "Budget annexe"]],
            "piece_types": {"1": [["99_DE", "Délibération"], ["77_XX", "Pièce locale"]], "2": []},
        },
    )
    assert [matter.code for matter in lists.choosable_matters] == ["7.1", "7.1.2"]
    assert lists.matters["7.1.2"].parent == "7.1"
    assert {piece.code for piece in lists.piece_types_for("1")} == {"99_DE", "77_XX"}
    # a nature for which the prefecture lists nothing keeps the national types
    assert lists.piece_types_for("2") and {p.code for p in lists.piece_types_for("2")} == {
        p.code for p in national.piece_types_for("2")
    }
    assert lists.natures == national.natures
