from django.apps import AppConfig


class PrintingConfig(AppConfig):
    name = "territoires.foundations.printing"
    label = "printing"
