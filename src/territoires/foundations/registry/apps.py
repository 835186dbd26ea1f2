from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "territoires.foundations.registry"
    label = "registry"

    def ready(self) -> None:
        from .services import announce

        announce()
