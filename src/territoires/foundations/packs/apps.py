from django.apps import AppConfig


class PacksConfig(AppConfig):
    name = "territoires.foundations.packs"
    label = "packs"
