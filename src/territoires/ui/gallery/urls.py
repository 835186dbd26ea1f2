"""Addresses of the gallery, mounted in demonstration only."""

from django.urls import path

from . import views

app_name = "gallery"
urlpatterns = [
    path("gallery/", views.index, name="index"),
    path("gallery/<slug:name>/", views.specimen, name="specimen"),
]
