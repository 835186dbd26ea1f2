"""``territoires key issue | list | revoke``: the keys of an organisation's programs, from the server."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from territoires.foundations.identity import api as identity
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Missing

from ...models import identity_rows
from ...queries import keys as queries
from ..authority import at_the_server


class Command(BaseCommand):
    help = (
        "Issues, lists and revokes the keys of an organisation's programs, in the name of its administrator."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["issue", "list", "revoke"])
        parser.add_argument("--organisation", required=True, help="SIREN or SIRET")
        parser.add_argument("--administrator", required=True, help="e-mail of who answers for the key")
        parser.add_argument("--label", default="", help="issue: name of the program")
        parser.add_argument(
            "--permission", action="append", default=[], help="issue: once for each permission"
        )
        parser.add_argument("--until", type=date.fromisoformat, help="issue: last day (default: in a year)")
        parser.add_argument("--prefix", default="", help="revoke: what the key begins with")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = identity.organisation_by_reference(options["organisation"])
        actor = at_the_server(options["administrator"], organisation)
        getattr(self, f"_{options['what']}")(actor, organisation, options)

    def _issue(self, actor: Actor, organisation: Any, options: dict[str, Any]) -> None:
        _key, text = identity.issue_api_key(
            actor=actor,
            organisation=organisation,
            label=options["label"],
            permissions=options["permission"],
            until=options["until"] or legal_day(actor.now()) + timedelta(days=365),
        )
        self.stderr.write(_("This key is told this once:"))
        self.stdout.write(text)

    def _list(self, actor: Actor, organisation: Any, options: dict[str, Any]) -> None:
        for key in queries.keys_of(actor, organisation):
            self.stdout.write(f"{key.prefix}  {key.until}  {key.state:<8}  {key.label}")

    def _revoke(self, actor: Actor, organisation: Any, options: dict[str, Any]) -> None:
        key = identity_rows("ApiKey").filter(organisation=organisation, prefix=options["prefix"]).first()
        if key is None:
            raise Missing(
                "no-key",
                gettext_noop("No key of this organisation begins with %(prefix)s; nothing was done."),
                gettext_noop("Read the beginnings with: territoires key list."),
                params={"prefix": options["prefix"]},
            )
        identity.revoke_api_key(actor=actor, key=key)
        self.stdout.write(_("The key opens nothing any more."))
