from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "territoires.foundations.identity"
    label = "identity"

    def ready(self) -> None:
        from territoires.foundations.actions import api as actions

        from . import events as events  # its receivers connect when it is read
        from . import permissions

        actions.entrust(permissions.ROLES)
