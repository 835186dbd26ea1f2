"""A package with a real deposit in it: its sealed chunks, its manifest, its receipt, and no key."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from typing import Any

import pytest

from territoires.kernel.actor import Actor
from territoires.services.procurement.models import Consultation, SealedFile
from territoires.services.procurement.queries import packages as queries
from territoires.services.procurement.queries.sealed_files import stored_chunks
from tests.services.procurement.bids.conftest import (
    begin,
    lots_by_number,
    make_bidder,
    make_enterprise,
    publish,
)
from tests.services.procurement.conftest import make_actor, make_body, make_consultation

from .test_packages import bring_back

pytestmark = pytest.mark.django_db
PLAIN = b"%PDF-1.4 le prix est de 1 234 euros"


@pytest.fixture
def package(secretary: Actor) -> zipfile.ZipFile:
    one = make_consultation(secretary, "validated")
    publish(one)
    browser = begin(make_bidder(make_enterprise()), one)
    browser.send(browser.block(lots_by_number(one)[1]), "offre.pdf", PLAIN)
    browser.deposit()
    Consultation.objects.filter(pk=one.pk).update(state="unsuccessful")
    one.refresh_from_db()
    return zipfile.ZipFile(io.BytesIO(b"".join(queries.taken_out(one))))


def lines(package: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in package.read(f"tables/{name}.jsonl").splitlines()]


def test_the_sealed_file_is_there_as_it_was_received(package: zipfile.ZipFile) -> None:
    [sealed] = SealedFile.objects.all()
    content = package.read(f"sealed/{sealed.pk}")
    assert content == b"".join(stored_chunks(sealed))
    assert PLAIN not in content
    [deposit] = lines(package, "deposit")
    manifest = base64.b64decode(deposit["manifest"])
    assert hashlib.sha256(manifest).hexdigest() == deposit["root"]
    assert lines(package, "receipt") and lines(package, "depositlot") and lines(package, "chunkevent")


def test_nothing_that_opens_a_bid_is_there(package: zipfile.ZipFile) -> None:
    for name in package.namelist():
        if name.startswith("tables/"):
            for line in package.read(name).splitlines():
                assert not {"backup", "master", "token_secret"} & set(json.loads(line)), name
    assert all("token" not in line for line in _of(package, "correspondent"))


def test_it_comes_back_byte_for_byte(package: zipfile.ZipFile) -> None:
    content = package.fp.getvalue()  # type: ignore[union-attr]
    other = make_actor(make_body("Commune de Modèle", "210000009"))
    back = bring_back(other, content)
    assert b"".join(queries.bytes_of(back)) == content


def _of(package: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    return lines(package, name) if f"tables/{name}.jsonl" in package.namelist() else []
