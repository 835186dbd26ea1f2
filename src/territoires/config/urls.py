"""Addresses: everything comes from the manifests, through the registry."""

from territoires.foundations.registry import api as registry

urlpatterns = registry.addresses()

handler400 = registry.bad_request
handler403 = registry.forbidden
handler404 = registry.page_not_found
