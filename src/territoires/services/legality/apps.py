from django.apps import AppConfig


class LegalityConfig(AppConfig):
    name = "territoires.services.legality"
    label = "t_legality"
