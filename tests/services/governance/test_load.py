"""Loading the territory: once, twice, the next year."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from territoires.kernel.errors import Denied, TooLate
from territoires.services.governance.actions.territory import Loaded, load_territory
from territoires.services.governance.domain.territory import read_territory
from territoires.services.governance.management.authority import platform_actor
from territoires.services.governance.models import TerritoryLoad, organisations
from territoires.services.governance.permissions import Governance
from territoires.services.governance.queries.source import default_source, read_source
from territoires.services.governance.queries.territory import attachments_by_siren, open_attachments

from .domain.specimens import AFTER, ALPHA, BEFORE, BETA, GAMMA, GROUPING, NEW, OTHER_GROUPING, arguments

pytestmark = pytest.mark.django_db
ACTOR = platform_actor("test", Governance.LOAD_TERRITORY)


def load(files: dict[str, Any], vintage: int) -> Loaded:
    return load_territory(actor=ACTOR, territory=read_territory(**arguments(files, vintage)))


def test_loading_twice_changes_nothing() -> None:
    assert load(BEFORE, 2025) == Loaded(opened=7, revised=0, closed=0, attached=3, detached=0)
    before = list(organisations().order_by("id").values())
    assert load(BEFORE, 2025).is_unchanged
    assert list(organisations().order_by("id").values()) == before
    assert TerritoryLoad.objects.count() == 1


def test_the_next_year_replays_mergers_and_old_bodies_keep_their_names() -> None:
    load(BEFORE, 2025)
    done = load(AFTER, 2026)
    assert (done.opened, done.closed) == (1, 3)
    old, heir = organisations().get(siren=ALPHA), organisations().get(siren=NEW)
    assert (old.name, old.closed_on, old.successor) == ("Alpha", date(2026, 1, 1), heir)
    assert organisations().get(siren=BETA).successor == heir
    assert organisations().get(siren=GROUPING).successor.siren == OTHER_GROUPING
    assert attachments_by_siren("99") == {(NEW, OTHER_GROUPING), (GAMMA, OTHER_GROUPING)}
    assert load(AFTER, 2026).is_unchanged


def test_an_older_year_is_refused_and_changes_nothing() -> None:
    load(AFTER, 2026)
    with pytest.raises(TooLate, match="older-vintage"):
        load(BEFORE, 2025)
    assert not organisations().filter(siren=ALPHA).exists()


def test_only_the_operator_loads() -> None:
    with pytest.raises(Denied):
        load_territory(actor=platform_actor("test"), territory=read_territory(**arguments(BEFORE, 2025)))


def test_the_college_follows_the_population() -> None:
    load(BEFORE, 2025)
    colleges = dict(organisations().values_list("siren", "college"))
    assert (colleges[ALPHA], colleges[GAMMA], colleges[GROUPING]) == (
        "communes-small",
        "communes-medium",
        "groupings",
    )


@pytest.mark.slow
def test_the_real_region_is_loaded_in_less_than_twenty_seconds() -> None:
    if not default_source().is_dir():
        pytest.skip("the package @etalab/decoupage-administratif is not installed in frontend/")
    started = time.monotonic()
    call_command("load", "territory")
    assert time.monotonic() - started < 20
    assert organisations().filter(kind="commune").count() == 3685
    assert organisations().filter(kind="epci").count() == 116
    assert open_attachments().count() == 3685
    call_command("load", "territory")
    assert TerritoryLoad.objects.count() == 1


@pytest.mark.slow
def test_other_regions_have_their_departments_and_what_stands_for_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Neighbours share groupings across their border, each with its members of both sides."""
    if not default_source().is_dir():
        pytest.skip("the package @etalab/decoupage-administratif is not installed in frontend/")
    for region in ("53", "94", "52"):
        call_command("load", "territory", "--region", region)
    said = capsys.readouterr()
    assert said.err == ""
    assert "Corse-du-Sud" in said.out
    of = organisations().filter(kind__in=("region", "department"))
    assert set(of.filter(region="94").values_list("name", "college")) == {("Collectivité de Corse", "region")}
    assert set(of.filter(region="53").values_list("name", flat=True)) == {
        "Région Bretagne",
        "Département des Côtes-d'Armor",
        "Département du Finistère",
        "Département d'Ille-et-Vilaine",
        "Département du Morbihan",
    }
    assert organisations().filter(kind="commune", region="94", grouping_places__isnull=False).count() == 360
    redon = open_attachments().filter(grouping__name="CA Redon Agglomération")
    assert set(redon.values_list("member__region", flat=True)) == {"52", "53"}
    before = list(organisations().order_by("id").values())
    for region in ("52", "53"):
        call_command("load", "territory", "--region", region)
    assert list(organisations().order_by("id").values()) == before
    assert TerritoryLoad.objects.count() == 3


def test_a_body_brought_in_before_its_territory_takes_its_place_there() -> None:
    organisations().create(reference=ALPHA, siren=ALPHA, name="Alpha", kind="commune")
    assert load(BEFORE, 2025) == Loaded(opened=6, revised=1, closed=0, attached=3, detached=0)
    assert organisations().get(siren=ALPHA).region == "99"


def test_the_department_of_lyon_is_counted_without_its_metropolis() -> None:
    if not default_source().is_dir():
        pytest.skip("the package @etalab/decoupage-administratif is not installed in frontend/")
    source = read_source(default_source(), region="84", vintage=None, on=date(2026, 12, 1))
    people = {
        body.name: body.population or 0 for body in source.bodies if body.kind in ("department", "epci")
    }
    rhone, metropolis = people["Département du Rhône"], people["Métropole de Lyon"]
    assert rhone < 600_000 < metropolis


def test_a_folder_without_the_package_says_what_to_do(tmp_path: Path) -> None:
    from territoires.kernel.errors import Unavailable

    with pytest.raises(Unavailable, match="territory-missing"):
        call_command("load", "territory", source=tmp_path)
