"""The operator's page of the journal: who cosigns it outside, since when one is silent, and the keys that sign it."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.urls import reverse

from territoires.foundations.journal import api as journal
from territoires.foundations.journal.note_keys import COSIGNATURE, key_id
from tests.foundations.journal.book import write
from tests.routes.world import build

NAME, KEY = "witness.exemple", bytes(32)


def test_it_tells_the_witnesses_and_the_keys(
    book: str, no_followers: None, settings: Any, tmp_path: Path
) -> None:
    settings.WITNESSES_CONNECTION = file = tmp_path / "witnesses.json"
    world = build()
    client = world.client(world.person(world.operator, "operator"))
    address = reverse("portal_desk:journal", kwargs={"organisation": world.operator.reference})

    def shown() -> str:
        answer = client.get(address)
        assert answer.status_code == 200
        return answer.content.decode()

    write(1)
    journal.sequence_once()
    assert "None is named" in shown()
    assert journal.key_spans()[0].certificate.fingerprint in shown()

    verifier = f"{NAME}+{key_id(NAME, KEY, COSIGNATURE).hex()}+{b64encode(COSIGNATURE + KEY).decode()}"
    file.write_text(json.dumps({"witnesses": [{"key": verifier, "url": "http://localhost:1/"}]}))
    page = shown()
    assert NAME in page
    assert "is to cosign" in page
    assert "It has never cosigned." in page
    assert "territoires doctor" not in page

    settings.WITNESSED_WITHIN = timedelta(0)
    page = shown()
    assert "is silent" in page
    assert "territoires doctor" in page

    file.write_text("[]")
    page = shown()
    assert "cannot be used" in page
    assert NAME not in page
