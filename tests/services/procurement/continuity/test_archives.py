"""The port of the archives: who keeps a package, and the manifest (SEDA) that an archiving service reads beside its files."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from territoires.contracts.archives import Deposit, Description, FinalAction, Unit
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Gone, Missing
from territoires.services.procurement import jobs
from territoires.services.procurement.actions import packaging
from territoires.services.procurement.domain.archive_transfer import Version, transfer
from territoires.services.procurement.domain.packages import Listed
from territoires.services.procurement.models import Package
from territoires.services.procurement.queries import archiving
from territoires.services.procurement.queries import packages as queries
from tests.services.procurement.conftest import make_actor, make_body, rows

from .test_packages import bring_back, ended, packed

AT = datetime(2026, 11, 30, 9, tzinfo=UTC)
DIGEST = hashlib.sha256(b"").hexdigest()
FULL = Description(
    identifier="2026-017",
    title="Toiture \ufffe& <école>\x00",
    document_type="Dossier de marché public",
    producer="21710438900017",
    producer_name="Commune d'Exemple",
    keep_years=10,
    article="CCP R2184-13",
    summary="Réfection\nde la toiture",
    started_on=date(2026, 1, 5),
    keep_from_on=date(2026, 11, 2),
    units=(Unit("documents", "Pièces"), Unit("sealed", "Plis", FinalAction.DESTROY), Unit("none", "Rien")),
    titles={"documents/a": "CCTP définitif.pdf"},
)
BARE = Description("x", "x", "x", "210000009", "x", 5, "CCP R2184-12")
LISTED = [
    Listed("LISEZMOI.txt", 10, DIGEST),
    Listed("documents/a", 0, DIGEST),
    Listed("sealed/b", 7, DIGEST),
]


def schema(version: Version, shared_data: Path) -> etree.XMLSchema:
    """The official schema; what it names on the web is beside it."""

    class Beside(etree.Resolver):
        def resolve(self, url: str, public: str, context: Any) -> Any:
            if url.startswith("http"):
                return self.resolve_filename(str(folder / "w3c" / url.rpartition("/")[2]), context)
            return None

    folder = shared_data / "archives/seda/schemas"
    number = version.removeprefix("v")
    parser = etree.XMLParser()
    parser.resolvers.add(Beside())
    return etree.XMLSchema(etree.parse(str(folder / number / f"seda-{number}-main.xsd"), parser))


@pytest.mark.parametrize("version", list(Version))
@pytest.mark.parametrize("description", [FULL, BARE], ids=["full", "bare"])
def test_the_manifest_is_valid(version: Version, description: Description, shared_data: Path) -> None:
    written = transfer(description, LISTED, at=AT, message="m-1", archives="210000009", version=version)
    schema(version, shared_data).assertValid(etree.fromstring(written))


def test_every_file_is_declared_once_with_its_digest_and_its_name() -> None:
    root = etree.fromstring(transfer(FULL, LISTED, at=AT, message="m-1", archives="210000009"))
    objects = root.findall(".//{*}BinaryDataObject")
    assert [one.findtext("{*}Uri") for one in objects] == [f"content/{one.path}" for one in LISTED]
    assert [one.findtext("{*}Size") for one in objects] == ["10", None, "7"]
    referred = [one.text for one in root.iter("{*}DataObjectReferenceId")]
    assert sorted(referred) == sorted(one.get("id") for one in objects)
    titles = [one.text for one in root.iter("{*}Title")]
    assert {"CCTP définitif.pdf", "Pièces", "Plis", "LISEZMOI.txt"} <= set(titles) and "Rien" not in titles
    assert titles[0] == "Toiture & <école>"
    assert [one.text for one in root.iter("{*}FinalAction")] == ["Keep", "Destroy"]
    assert [one.text for one in root.iter("{*}Rule")] == ["P10Y", "P10Y"]


def test_a_description_reads_back_the_same() -> None:
    assert archiving.read(archiving.written(FULL)) == FULL
    assert archiving.read(archiving.written(BARE)) == BARE


@pytest.mark.django_db
class TestOfAConsultation:
    def test_the_package_says_what_it_is(self, secretary: Actor) -> None:
        one = ended(secretary)
        made = b"".join(queries.taken_out(one))
        assert made == b"".join(queries.taken_out(one)), "the same file is the same package"
        archive = zipfile.ZipFile(io.BytesIO(made))
        said = archiving.read(archive.read(archiving.DESCRIPTION))
        assert (said.title, said.producer) == (one.title, one.organisation.siret)
        documents = {name for name in archive.namelist() if name.startswith("documents/")}
        assert documents == set(said.titles)
        assert set(said.titles.values()) == {piece.document.name for piece in one.pieces.all()}

    def test_its_manifest_is_the_same_wherever_it_is_kept(self, secretary: Actor, shared_data: Path) -> None:
        one = ended(secretary)
        packaging.order_package(actor=secretary, consultation=one)
        jobs.continuity.make_package(consultation=str(one.pk))
        kept = Package.objects.get()
        other = make_actor(make_body("Commune de Modèle", "210000009"))
        back = bring_back(other, b"".join(queries.bytes_of(kept)))
        judge = schema(Version.V2_1, shared_data)
        declared = []
        for package in (kept, back):
            root = etree.fromstring(queries.transfer_of(package))
            judge.assertValid(root)
            found = root.iter("{*}BinaryDataObject")
            declared.append([(x.findtext("{*}Uri"), x.findtext("{*}MessageDigest")) for x in found])
        archive = zipfile.ZipFile(io.BytesIO(b"".join(queries.bytes_of(kept))))
        assert declared[0] == declared[1]
        assert declared[0] == [
            (f"content/{one['path']}", one["sha256"])
            for one in json.loads(archive.read("manifest.json"))["pieces"]
        ]

    def test_it_is_handed_to_the_archives_in_the_action_that_keeps_it(
        self, secretary: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        given: list[Any] = []

        class Service(archiving.OwnShelf):
            name = "Archives d'Exemple"

            def deposit(self, **handed: Any) -> Any:
                given.append(handed)
                return super().deposit(**handed)

        monkeypatch.setattr(packaging, "archives_of", lambda _organisation: Service())
        one = ended(secretary)
        packaging.order_package(actor=secretary, consultation=one)
        jobs.continuity.make_package(consultation=str(one.pk))
        kept = Package.objects.get()
        [handed] = given
        assert isinstance(handed["deposit"], Deposit)
        assert (handed["about"], handed["matter"]) == (kept.subject, one.pk)
        assert (handed["deposit"].sha256, handed["deposit"].description.title) == (kept.sha256, one.title)

    def test_the_stand_in_answers_with_the_page_of_the_file_and_names_nobody(self, secretary: Actor) -> None:
        back = bring_back(secretary, packed())
        shelf = archiving.archives_of(back.organisation_id)
        answer = shelf.deposit(
            actor=secretary, about=back.subject, deposit=Deposit(back.pk, back.sha256, BARE), matter=back.pk
        )
        assert str(back.pk) in answer.address and shelf.name == ""

    @pytest.mark.parametrize(
        "content",
        [None, b"", b"[]", b"{}", b'{"units": 3}', b"[" * 100_000, archiving.written(BARE)[:-20] + b"9}"],
    )
    def test_one_without_a_description_says_so(self, secretary: Actor, content: bytes | None) -> None:
        back = bring_back(
            secretary, packed({"a": b"x"} | ({} if content is None else {archiving.DESCRIPTION: content}))
        )
        with pytest.raises(Missing):
            queries.transfer_of(back)

    def test_one_that_is_being_verified_or_destroyed_has_none(self, secretary: Actor) -> None:
        back = bring_back(secretary, packed({archiving.DESCRIPTION: archiving.written(BARE)}))
        assert queries.transfer_of(back)
        rows("t_procurement.Package").filter(pk=back.pk).update(
            destroyed_at=AT, destroyed_reason="Visa n° 12."
        )
        back.refresh_from_db()
        with pytest.raises(Gone):
            queries.transfer_of(back)
