"""Addresses of identity beside those of allauth."""

from django.urls import path

from . import certificate_views, views

urlpatterns = [
    path("step-up/", views.step_up, name="step_up"),
    path("codes-imprimes/", views.printed_codes, name="printed_codes"),
    path("certificats/", certificate_views.certificates, name="certificates"),
    path("certificats/presenter/", certificate_views.present_certificate, name="present_certificate"),
    path("certificats/<uuid:certificate>/fin/", certificate_views.end_certificate, name="end_certificate"),
    path(
        "certificats/demonstration/",
        certificate_views.demonstration_certificate,
        name="demonstration_certificate",
    ),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("inscription/entreprise/", views.enterprise_sign_up, name="enterprise_sign_up"),
    path("demonstration/connexion/", views.demonstration_sign_in, name="demonstration_sign_in"),
]
