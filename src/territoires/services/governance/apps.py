from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "territoires.services.governance"
    label = "t_governance"
