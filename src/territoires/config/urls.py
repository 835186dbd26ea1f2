"""Addresses: everything comes from the manifests, through the registry."""

from territoires.foundations.registry.api import addresses

urlpatterns = addresses()
