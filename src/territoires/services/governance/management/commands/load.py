"""``territoires load territory``: brings in the region's public bodies. The same year twice changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from territoires.kernel.clock import legal_day

from ...actions.territory import load_territory
from ...permissions import Governance
from ...queries.source import default_source, read_source
from ..authority import platform_actor


class Command(BaseCommand):
    help = "Brings in the communes, EPCI, departments and region of the territory."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["territory"])
        parser.add_argument("--region", default="27", help="its code; 27 is Bourgogne-Franche-Comté")
        parser.add_argument(
            "--source", type=Path, help="folder of the package @etalab/decoupage-administratif"
        )
        parser.add_argument("--vintage", type=int, help="year of the files, when the folder does not say it")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = platform_actor("territory", Governance.LOAD_TERRITORY)
        territory = read_source(
            options["source"] or default_source(),
            region=options["region"],
            vintage=options["vintage"],
            on=legal_day(actor.now()),
        )
        done = load_territory(actor=actor, territory=territory)
        counts = territory.counts()
        self.stdout.write(
            _(
                "%(communes)s communes, %(groupings)s EPCI, %(departments)s departments, %(regions)s region, year %(vintage)s."
            )
            % {
                "communes": counts["commune"],
                "groupings": counts["epci"],
                "departments": counts["department"],
                "regions": counts["region"],
                "vintage": territory.vintage,
            }
        )
        self.stdout.write(
            _("Nothing has changed.")
            if done.is_unchanged
            else _(
                "%(opened)s opened, %(revised)s revised, %(closed)s ended, %(attached)s attached to an EPCI."
            )
            % {
                "opened": done.opened,
                "revised": done.revised,
                "closed": done.closed,
                "attached": done.attached,
            }
        )
        for place, body in territory.stood_for:
            self.stdout.write(
                _("%(place)s has no body of its own: %(body)s has its powers.")
                % {"place": place, "body": body}
            )
        for name in territory.without_siren:
            self.stderr.write(
                _(
                    "%(name)s has no SIREN in our lists and was left out. Find it at annuaire-entreprises.data.gouv.fr, add its line to a copy of the list upper-authorities in your folder of lists (TERRITOIRES_PACKS), then load again."
                )
                % {"name": name}
            )
