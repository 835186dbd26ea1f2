from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "territoires.services.portal"
    label = "t_portal"
