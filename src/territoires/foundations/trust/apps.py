from django.apps import AppConfig


class TrustConfig(AppConfig):
    name = "territoires.foundations.trust"
    label = "trust"
