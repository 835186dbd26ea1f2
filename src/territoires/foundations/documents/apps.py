from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "territoires.foundations.documents"
    label = "documents"
