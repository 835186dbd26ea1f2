from django.apps import AppConfig


class WorklistConfig(AppConfig):
    name = "territoires.foundations.worklist"
    label = "worklist"
