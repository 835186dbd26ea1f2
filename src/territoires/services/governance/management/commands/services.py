"""``territoires services list | activate | deactivate``: what is switched on for which body, from the server."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from territoires.foundations.identity import api as identity
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Invalid

from ...permissions import Governance
from ...queries import services as queries
from ...queries.members import kind_choices
from ..authority import platform_actor


class Command(BaseCommand):
    help = "Lists which services are switched on, or switches one on or off for a body, a kind or all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["list", "activate", "deactivate"])
        parser.add_argument("name", nargs="?", default="", help="the service, such as legality")
        chosen = parser.add_mutually_exclusive_group()
        chosen.add_argument("--body", help="SIREN or SIRET")
        chosen.add_argument("--kind", choices=[code for code, _label in kind_choices()])
        chosen.add_argument("--all", action="store_true", help="every member")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = platform_actor("services", Governance.READ_MEMBER, identity.Identity.ACTIVATE_SERVICE)
        if options["what"] == "list":
            self._list(actor, options)
        else:
            self._switch(actor, options, on=options["what"] == "activate")

    def _list(self, actor: Actor, options: dict[str, Any]) -> None:
        for body in _chosen(actor, options):
            on = [f"{one.code} ({one.since:%Y-%m-%d})" for one in queries.switches_of(body) if one.since]
            self.stdout.write(f"{body.reference:<14}  {body.name:<40}  {', '.join(on) or '-'}")

    def _switch(self, actor: Actor, options: dict[str, Any], *, on: bool) -> None:
        if not (options["body"] or options["kind"] or options["all"]):
            raise Invalid(
                "no-body-chosen",
                gettext_noop("For which bodies is not said; nothing was done."),
                gettext_noop("Add --body SIREN, --kind KIND or --all."),
            )
        count = identity.switch_service(
            actor=actor, organisations=_chosen(actor, options), service=options["name"], on=on
        )
        said = _("Switched on; bodies for which this is new: %(count)s")
        if not on:
            said = _("Switched off; bodies for which this is new: %(count)s")
        self.stdout.write(said % {"count": count})


def _chosen(actor: Actor, options: dict[str, Any]) -> list[Any]:
    if options["body"]:
        return [identity.organisation_by_reference(options["body"])]
    return list(queries.bodies_of(actor, options["kind"] or "").order_by("name_folded", "id"))
