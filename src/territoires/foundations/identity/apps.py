from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "territoires.foundations.identity"
    label = "identity"
