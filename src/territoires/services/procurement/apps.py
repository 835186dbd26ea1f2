from django.apps import AppConfig


class ProcurementConfig(AppConfig):
    name = "territoires.services.procurement"
    label = "t_procurement"
