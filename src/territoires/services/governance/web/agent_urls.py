"""Addresses of governance, under ``/o/<organisation>/governance/``."""

from django.urls import path

from . import importing, keys, mandates, members, people, services

urlpatterns = [
    path("members/", members.members, name="members"),
    path("members/export.<str:form>", members.export_members, name="members-export"),
    path("members/attachment/", members.attach, name="attach"),
    path("members/<str:reference>/", members.member, name="member"),
    path("services/", services.services, name="services"),
    path("services/switch/", services.switch, name="switch-services"),
    path("services/<str:reference>/", services.body, name="body-services"),
    path("people/", people.people, name="people"),
    path("people/invitation/", people.correct_invitation, name="correct-invitation"),
    path("people/role/", people.assign_role, name="assign-role"),
    path("people/role/end/", people.end_role, name="end-role"),
    path("people/departure/", people.departure, name="departure"),
    path("keys/", keys.keys, name="keys"),
    path("keys/revoke/", keys.revoke_key, name="revoke-key"),
    path("mandates/", mandates.mandates, name="mandates"),
    path("mandates/end/", mandates.end_mandate, name="end-mandate"),
    path("mandates/<uuid:mandate>/instrument/", mandates.instrument, name="instrument"),
    path("rights/", people.rights, name="rights"),
    path("colleges/", members.colleges, name="colleges"),
    path("import/", importing.import_members, name="import"),
    path("import/model.csv", importing.model, name="import-model"),
    path("territory/", members.territory, name="territory"),
]
