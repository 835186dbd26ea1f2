from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "territoires.foundations.search"
    label = "search"
