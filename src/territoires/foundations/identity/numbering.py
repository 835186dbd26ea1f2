"""The SIRET of a body: the establishment that others know it by, which the territory's register does not hold."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from territoires.contracts.identity import OrganisationNumbered
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Fault, Invalid
from territoires.kernel.fact import Subject
from territoires.kernel.siret import compact, is_siret

from .models import Organisation
from .permissions import Identity


@action(Identity.NUMBER, on="organisation")
def number_organisation(*, actor: Actor, organisation: Organisation, siret: str) -> Outcome[Organisation]:
    """Says by which establishment a body buys, pays and is known. Raises Invalid for a number that is not one of its own.

    A body addressed by its SIRET keeps it: the addresses that were given out hold.
    """
    number = compact(siret)
    if not is_siret(number) or number[:9] != organisation.siren:
        raise _refused(
            "not-its-siret",
            _(
                "This is not a SIRET of %(organisation)s: 14 digits that begin with %(siren)s, the last one a key."
            ),
            organisation,
        )
    if organisation.reference == organisation.siret != number:
        raise _refused(
            "siret-is-its-address",
            _("%(organisation)s is known here by its SIRET %(siret)s, which stands in its addresses."),
            organisation,
        )
    organisation.siret = number
    organisation.save(update_fields=["siret", "name_folded"])
    subject = Subject("identity.organisation", organisation.pk)
    return Outcome(organisation, OrganisationNumbered(subject=subject, matter=organisation.pk, siret=number))


def _refused(code: str, message: str, organisation: Organisation) -> Invalid:
    params = {"organisation": organisation.name, "siren": organisation.siren, "siret": organisation.siret}
    fault = Fault(field="siret", code=code, message=message, params=params)
    hint = _("Copy the number from an invoice or from the national directory of enterprises.")
    return Invalid(code, message, hint, params=params, faults=[fault])
