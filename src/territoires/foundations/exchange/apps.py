from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "territoires.foundations.exchange"
    label = "exchange"
