from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "territoires.foundations.notifications"
    label = "notifications"
