"""The operator lets the certificates of a commune serve another body, on the page of that body."""

from __future__ import annotations

import pytest
from django.test import Client

from territoires.services.governance.models import organisations

from .test_members import NEIGHBOUR, VILLAGE, shown
from .test_pages import OPERATOR, SignIn, at, sign_in

__all__ = ["shown", "sign_in"]
pytestmark = pytest.mark.django_db
PAGE, GESTURE = f"members/{NEIGHBOUR}/", f"members/attachment/?member={NEIGHBOUR}"


def attached_to(reference: str) -> str | None:
    attached = organisations().get(reference=reference).attached_to
    return attached.reference if attached else None


@pytest.fixture
def olive(sign_in: SignIn) -> Client:
    return sign_in("olive.exemple@operator.example")


def test_the_operator_attaches_and_detaches(olive: Client) -> None:
    spaced = f"{VILLAGE[:3]} {VILLAGE[3:6]} {VILLAGE[6:]}"
    assert olive.post(at(OPERATOR, GESTURE), {"to": spaced})["Location"] == at(OPERATOR, PAGE)
    assert attached_to(NEIGHBOUR) == VILLAGE
    assert "Saint-Éloi" in olive.get(at(OPERATOR, PAGE)).content.decode()
    assert "members/attachment/" not in olive.get(at(OPERATOR, f"members/{VILLAGE}/")).content.decode()
    olive.post(at(OPERATOR, GESTURE), {"to": ""})
    assert attached_to(NEIGHBOUR) is None


@pytest.mark.parametrize(("to", "status"), [("123456789", 404), (NEIGHBOUR, 422), ("x" * 500, 404)])
def test_what_cannot_be_is_refused_in_words(olive: Client, to: str, status: int) -> None:
    assert olive.post(at(OPERATOR, GESTURE), {"to": to}).status_code == status
    assert attached_to(NEIGHBOUR) is None


def test_nobody_else_attaches(sign_in: SignIn) -> None:
    for email, place in (("paul.essai@village.example", VILLAGE), ("sofia.essai@operator.example", OPERATOR)):
        assert sign_in(email).post(at(place, GESTURE), {"to": VILLAGE}).status_code == 403
    assert attached_to(NEIGHBOUR) is None
