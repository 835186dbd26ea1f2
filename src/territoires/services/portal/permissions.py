"""Rights of the portal."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from territoires.foundations.actions.api import Right, declare, granted, platform_wide


class Portal(StrEnum):
    READ_DESK = "portal:desk:read"
    READ_CONSOLE = "portal:console:read"
    REPLAY_DEAD_LETTER = "portal:dead-letter:replay"
    SETTLE_EXCHANGE = "portal:exchange:settle"


declare(
    Right(Portal.READ_DESK, _("see what waits in the organisation"), [granted()]),
    Right(Portal.READ_CONSOLE, _("watch the platform"), [platform_wide()]),
    Right(Portal.REPLAY_DEAD_LETTER, _("replay what could not be followed"), [platform_wide()]),
    Right(Portal.SETTLE_EXCHANGE, _("settle exchanges with the outside"), [platform_wide()]),
)

ROLES = {
    **{
        role: [Portal.READ_DESK]
        for role in (
            "administrator",
            "secretary",
            "agent",
            "executive",
            "elected",
            "observer",
            "representative",
        )
    },
    "operator": [*Portal],
    "support": [Portal.READ_DESK, Portal.READ_CONSOLE],
}
