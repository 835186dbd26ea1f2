"""Addresses of identity beside those of allauth."""

from django.urls import path

from . import views

urlpatterns = [
    path("step-up/", views.step_up, name="step_up"),
    path("codes-imprimes/", views.printed_codes, name="printed_codes"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("inscription/entreprise/", views.enterprise_sign_up, name="enterprise_sign_up"),
    path("demonstration/connexion/", views.demonstration_sign_in, name="demonstration_sign_in"),
]
