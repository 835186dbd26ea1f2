from django.apps import AppConfig


class ActionsConfig(AppConfig):
    name = "territoires.foundations.actions"
    label = "actions"
