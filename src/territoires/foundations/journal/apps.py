from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "territoires.foundations.journal"
    label = "journal"
