"""Addresses of governance, under ``/o/<organisation>/governance/``."""

from django.urls import path

from . import importing, members, people

urlpatterns = [
    path("members/", members.members, name="members"),
    path("members/export.<str:form>", members.export_members, name="members-export"),
    path("members/<str:reference>/", members.member, name="member"),
    path("people/", people.people, name="people"),
    path("people/invitation/", people.correct_invitation, name="correct-invitation"),
    path("people/role/", people.assign_role, name="assign-role"),
    path("people/role/end/", people.end_role, name="end-role"),
    path("people/departure/", people.departure, name="departure"),
    path("mandates/", people.mandates, name="mandates"),
    path("rights/", people.rights, name="rights"),
    path("colleges/", members.colleges, name="colleges"),
    path("import/", importing.import_members, name="import"),
    path("import/model.csv", importing.model, name="import-model"),
    path("territory/", members.territory, name="territory"),
]
