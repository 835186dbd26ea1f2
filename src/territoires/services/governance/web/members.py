"""Members, colleges and territory: what the operator keeps, and what an organisation sees of itself."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.identity import api as identity
from territoires.foundations.journal import api as journal
from territoires.foundations.packs.api import pack
from territoires.foundations.registry.api import page
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day

from ..actions.territory import load_territory
from ..permissions import Governance
from ..queries import members as queries
from ..queries import people as people_queries
from ..queries import territory as territory_queries
from ..queries.services import switches_of
from ..queries.source import default_source, read_source
from . import exports, shown
from .forms import MemberFilterForm
from .people import member_of
from .tabs import tabs


@require_safe
@page(Governance.LIST_MEMBERS)
def members(request: HttpRequest, organisation: str) -> HttpResponse:
    """The organisations of the platform, filters in the address, fifty at a time."""
    actor = _actor(request)
    words = _words(actor)
    form = MemberFilterForm(request.GET, departments=queries.departments(actor), colleges=words["colleges"])
    found = queries.members(actor, form.asked(), after=request.GET.get("after", ""))
    context = {
        "form": form,
        "found": {
            "rows": [shown.organisation(row, **words) for row in found.rows],
            "total": found.total,
            "next": found.next,
        },
        "tabs": tabs(request),
    }
    return render(request, "governance/members.html", context)


@require_safe
@page(Governance.LIST_MEMBERS)
def export_members(request: HttpRequest, organisation: str, form: str) -> Any:
    """The filtered list, whole, as CSV or JSON."""
    actor = _actor(request)
    asked = MemberFilterForm(
        request.GET, departments=queries.departments(actor), colleges=_words(actor)["colleges"]
    ).asked()
    write = {"csv": exports.as_csv, "json": exports.as_json}.get(form)
    if write is None:
        raise Http404
    return write(queries.all_members(actor, asked), "membres")


@require_safe
@page(Governance.READ_MEMBER)
def member(request: HttpRequest, organisation: str, reference: str) -> HttpResponse:
    """One organisation: who it is, its people, mandates, services and history."""
    actor = _actor(request)
    row = queries.member(actor, reference)
    may_read_people = rights.may(actor, Governance.READ_PEOPLE, row)
    people = people_queries.people_of(actor, row) if may_read_people else None
    context = {
        "member": shown.organisation(row, **_words(actor)),
        "has_unchecked_siren": queries.has_unchecked_siren(row, legal_day(actor.now())),
        "groupings": queries.groupings_of(row),
        "communes_count": queries.count_communes_of(row),
        "people": people,
        "may_read_people": may_read_people,
        "administrators_missing": people is not None and people_queries.lacks_administrators(people),
        "mandates": people_queries.mandates_of(actor, row) if may_read_people else (),
        "services": [switch for switch in switches_of(row) if switch.since],
        "may_switch": rights.may(actor, identity.Identity.ACTIVATE_SERVICE, row),
        "history": shown.history(journal.timeline(row.pk)),
        "attached_to": row.attached_to,
        "attached": list(row.attached.order_by("name_folded")),
        "may_attach": rights.may(actor, identity.Identity.ATTACH, row),
        "tabs": tabs(request),
    }
    return render(request, "governance/member.html", context)


@require_POST
@page(identity.Identity.ATTACH)
def attach(request: HttpRequest, organisation: str) -> HttpResponse:
    """Lets the certificates of another body serve the member in the address (a CCAS by its commune), or ends it."""
    actor, given = _actor(request), "".join(request.POST.get("to", "").split())
    row = member_of(request)
    to = identity.organisation_by_reference(given) if given else None
    identity.attach_organisation(actor=actor, organisation=row, to=to)
    if to:
        said = _("The certificates of %(name)s now serve it too.") % {"name": to.name}
    else:
        said = _("Only its own certificates serve it.")
    messages.success(request, said)
    return redirect("governance_desk:member", organisation=organisation, reference=row.reference)


@require_safe
@page(Governance.LIST_MEMBERS)
def colleges(request: HttpRequest, organisation: str) -> HttpResponse:
    """The colleges in force and how many organisations each holds."""
    actor = _actor(request)
    language = get_language() or "fr"
    context = {
        "colleges": [
            {"code": college.code, "label": college.label(language), "count": college.count}
            for college in queries.colleges(actor)
        ],
        "pack": queries.colleges_pack(legal_day(actor.now())),
        "tabs": tabs(request),
    }
    return render(request, "governance/colleges.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Governance.READ_TERRITORY)
def territory(request: HttpRequest, organisation: str) -> HttpResponse:
    """Which vintage stands, what it counts, who merged with whom; and loading it again."""
    actor = _actor(request)
    state = territory_queries.territory_state(actor)
    if request.method == "POST" and state.load is not None:
        return _reload(request, actor, state.load.region, organisation)
    kinds = dict(queries.kind_choices())
    context = {
        "load": state.load,
        "counts": [(kind, kinds.get(kind, kind), count) for kind, count in state.counts],
        "mergers": [
            {
                "name": row.name,
                "reference": row.reference,
                "closed_on": row.closed_on,
                "successor": row.successor,
            }
            for row in state.mergers
        ],
        "tabs": tabs(request),
    }
    return render(request, "governance/territory.html", context)


def _reload(request: HttpRequest, actor: Actor, region: str, organisation: str) -> HttpResponse:
    given = read_source(default_source(), region=region, vintage=None, on=legal_day(actor.now()))
    done = load_territory(actor=actor, territory=given)
    if done.is_unchanged:
        messages.success(request, _("Nothing has changed: the territory was already up to date."))
    else:
        messages.success(
            request,
            _("The territory is up to date: %(opened)s bodies opened, %(revised)s revised, %(closed)s ended.")
            % {"opened": done.opened, "revised": done.revised, "closed": done.closed},
        )
    return redirect("governance_desk:territory", organisation=organisation)


def _words(actor: Actor) -> dict[str, dict[str, str]]:
    day = legal_day(actor.now())
    return {
        "colleges": shown.labels(pack("colleges", on=day)),
        "categories": shown.labels(pack("legal-categories", on=day)),
    }


def _actor(request: Any) -> Actor:
    return request.actor  # type: ignore[no-any-return]
