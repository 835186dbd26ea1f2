"""What the visited site holds beside its demonstration, so that every page has something real to show.

Run as a program on the site's own database and folder; prints what stands in the addresses of the pages, as JSON.
"""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest import mock

import django

PASSWORD_HOLDER = "nora.exemple@village.example"
INVITED = "jeanne.essai@village.example"
UNCONFIRMED = "nora@ailleurs.example"
TOTP_SECRET = "JBSWY3DPEHPK3PXP"


def fill() -> dict[str, str]:
    """Adds the content; gives the part of an address for each of its names."""
    from territoires.foundations.journal import api as journal
    from territoires.services.governance.actions.demonstration import demonstration
    from territoires.services.governance.management.authority import platform_actor
    from territoires.services.governance.permissions import Governance
    from territoires.services.governance.queries.demonstration import bodies_by_key

    given = demonstration(platform_actor("demonstration", Governance.LOAD_DEMONSTRATION))
    bodies = bodies_by_key()
    found = {key: body.reference for key, body in bodies.items()}
    found |= _acts(given.actors["village.secretary"])
    found |= _sittings(given.actors["village.secretary"])
    found |= _histories(given.actors["village.secretary"])
    found |= _sent(given.actors["village.secretary"])
    found |= _consultations(given.actors["village.secretary"])
    found |= _published_consultations(given.actors["village.secretary"])
    found |= _invited(given.actors["village.secretary"], bodies["enterprise"])
    found |= _notices(given.actors["village.secretary"], bodies["village"])
    found |= _openings(given.actors["village.secretary"], bodies["village"])
    found |= _bids(given.actors["village.secretary"], bodies["enterprise"])
    found |= _awards(given.actors["village.secretary"], bodies)
    found |= _continuity(given.actors["village.secretary"], bodies["operator"], found)
    found |= _people(given.actors["village.administrator"], bodies["village"])
    found["signed file"] = _signed()
    found["former"] = _merge(bodies["village"], bodies["neighbour"])
    journal.sequence_once()
    found["dead letter"] = _dead_letter()
    found["arrival"] = _exchanges(given.actors["village.secretary"])
    return found


def _signed() -> str:
    """A PDF that somebody signed, in base64."""
    from tests.services.portal.signed import signed_pdf

    return b64encode(signed_pdf()).decode()


def _acts(secretary: Any) -> dict[str, str]:
    """One act for each state, an individual one and a contract among them, by ``act <state>``; and a draft with an annex."""
    from tests.services.legality.conftest import make_act

    found: dict[str, str] = {}
    for state in ("draft", "signed", "posted", "published", "withdrawn", "discarded"):
        act = make_act(secretary, state, number=f"DEL_2026_9{len(found)}")
        found[f"act {state}"], found[f"main {state}"] = str(act.pk), act.main_sha256
    for state in ("signed", "notified"):
        act = make_act(secretary, state, number=f"ARR_2026_9{len(found)}", nature="3", matter_code="4.1")
        found[f"act individual {state}"] = str(act.pk)
    contract = make_act(secretary, "signed", number="CC_2026_1", nature="4", matter_code="1.4")
    found["act contract signed"] = str(contract.pk)
    blank = make_act(secretary, "draft", number="", object="", nature="", matter_code="", decided_on=None)
    return found | {"act blank": str(blank.pk)}


def _histories(secretary: Any) -> dict[str, str]:
    """Acts of before the platform: an import with faults, one that may be ordered, one that is done."""
    from territoires.services.legality import jobs
    from territoires.services.legality.actions import history as taking
    from tests.services.legality.conftest import receive, take_over_act

    act = take_over_act(secretary, number="2019_12")
    found = {"act taken_over": str(act.pk), "history done": str(act.former.history_id)}
    for state, line in (("faulty", "2019_13;ZZ;;31/02/2019"), ("ready", "2019_14;DE;Cantine;14/03/2019")):
        table = f"numero;nature;objet;date_decision\n{line}\n".encode()
        document = receive(secretary, table, f"{state}.csv").pk
        history = taking.bring_history(actor=secretary, document=document, device="Ancien dispositif")
        jobs.read_history(history=str(history.pk))
        found[f"history {state}"] = str(history.pk)
    return found


def _sent(secretary: Any) -> dict[str, str]:
    """An act in each place on its way to the State, by ``act <place> to the State``, and the agreement they go under."""
    from territoires.services.legality.models import StateLetter, Transmission
    from tests.services.legality.conftest import make_act
    from tests.services.legality.transmission.places import PLACES, bring_to

    found = {}
    for rank, place in enumerate(PLACES, 1):
        act = make_act(secretary, "signed", number=f"DEL_2026_8{rank}")
        bring_to(place, act, secretary)
        found[f"act {place} to the State"] = str(act.pk)
        for letter in StateLetter.objects.filter(transmission__act=act):
            found[f"letter {place}"] = str(letter.pk)
    found["convention"] = str(Transmission.objects.get(act=act).envelopes.first().convention_id)
    return found


def _consultations(secretary: Any) -> dict[str, str]:
    """A consultation in each state, by ``consultation <state>``: with a warning, forbidden as it is, divided or not."""
    from tests.services.procurement.conftest import make_consultation

    made = {
        **{state: make_consultation(secretary, state) for state in ("blank", "draft", "validated")},
        "warned": make_consultation(secretary, review_body=""),
        "forbidden": make_consultation(secretary, environmental_clause="", procedure="open"),
    }
    draft = made["draft"]
    found = {f"consultation {state}": str(one.pk) for state, one in made.items()}
    return found | {"consultation file": draft.pieces.first().sha256}


def _published_consultations(secretary: Any) -> dict[str, str]:
    """Consultations on line, by ``consultation <state>``, their questions, who left an address, a saved search."""
    from territoires.services.procurement.actions import alerting, amending, publishing
    from territoires.services.procurement.domain.searching import Criteria
    from tests.services.procurement.conftest import make_consultation
    from tests.services.procurement.publication.conftest import published

    public, suspended, gone = (published(secretary, title=f"Toiture {n} (exemple)") for n in "ABC")
    amending.suspend_consultation(
        actor=secretary, consultation=suspended, reason="Le projet est revu en entier."
    )
    amending.withdraw_consultation(
        actor=secretary, consultation=gone, reason="Le financement n'a pas été obtenu."
    )
    scheduled = make_consultation(secretary, "validated", title="Toiture D (exemple)")
    at = secretary.now() + timedelta(days=3)
    with mock.patch.object(publishing, "publication_obstacles", return_value=[]):
        publishing.schedule_publication(actor=secretary, consultation=scheduled, publish_at=at)
    waiting, answered = public.questions.order_by("state", "asked_at").reverse()
    correspondent = public.correspondents.get()
    search = alerting.save_search(
        actor=secretary, criteria=Criteria(q="toiture"), label="toiture", email="manon@travaux.example"
    )
    return {
        "consultation published": str(public.pk),
        "consultation suspended": str(suspended.pk),
        "consultation withdrawn": str(gone.pk),
        "consultation scheduled": str(scheduled.pk),
        "question open": str(waiting.pk),
        "question answered": str(answered.pk),
        "correspondent": str(correspondent.pk),
        "correspondent token": correspondent.token,
        "search": str(search.pk),
        "search confirm": search.confirm_token,
        "search stop": search.stop_token,
    }


def _invited(secretary: Any, enterprise: Any) -> dict[str, str]:
    """A call that is not public: an enterprise of the platform is invited, and one that has no account yet."""
    from tests.services.procurement.publication.conftest import invited_to_bid

    made = invited_to_bid(secretary, [enterprise.siret, "21710438900010"], title="Réparation (exemple)")
    ours = made.correspondents.get(siret=enterprise.siret)
    return {
        "consultation invited": str(made.pk),
        "invited enterprise": str(ours.pk),
        "invited enterprise token": ours.token,
    }


def _openings(secretary: Any, village: Any) -> dict[str, str]:
    """Consultations whose bids wait for their officers, and one that was opened."""
    from tests.services.procurement.opening.content import fill

    return fill(secretary, village)


def _bids(secretary: Any, enterprise: Any) -> dict[str, str]:
    """Bids of the enterprise: under way, deposited, late; its safe; a rehearsal."""
    from tests.services.procurement.bids.content import fill

    return fill(secretary, enterprise)


def _awards(secretary: Any, bodies: dict[str, Any]) -> dict[str, str]:
    """Consultations after their opening: to examine, ranked, told, and a contract that is carried out."""
    from tests.services.procurement.award.content import fill

    return fill(secretary, bodies["village"], bodies["enterprise"])


def _continuity(secretary: Any, operator: Any, found: dict[str, str]) -> dict[str, str]:
    """A day of the availability log, an interruption, imports and kept files of procurement."""
    from territoires.foundations.identity import api as identity
    from territoires.services.procurement.models import Consultation
    from tests.services.procurement.continuity.content import fill as fill_continuity

    person = operator.memberships.get(person__account__email="olive.exemple@operator.example").person
    running = identity.actor_for_person(person, operator)
    published = Consultation.objects.get(pk=found["consultation published"])
    return fill_continuity(secretary, running, published)


def _sittings(secretary: Any) -> dict[str, str]:
    """An evening under way, and one whose list of deliberations is published."""
    from tests.services.legality.evening.conftest import make_listed_sitting, make_sitting
    from tests.services.legality.signature.conftest import make_awaited

    under_way, listed = make_sitting(secretary, 3, first=70), make_listed_sitting(secretary, first=80)
    (signing,) = make_awaited(secretary, first=88)
    return {"sitting": str(under_way.pk), "sitting listed": str(listed.pk), "act signing": str(signing.pk)}


def _people(administrator: Any, village: Any) -> dict[str, str]:
    """Somebody with a password and a second factor, who has forgotten the former; somebody who is invited; a program's key."""
    from allauth.account.forms import default_token_generator
    from allauth.account.models import EmailAddress, EmailConfirmationHMAC
    from allauth.account.utils import user_pk_to_url_str
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP
    from django.apps import apps

    from territoires.foundations.identity import api as identity
    from territoires.foundations.identity.tokens import token_of
    from territoires.kernel.clock import legal_day
    from territoires.services.governance.domain.demonstration import PASSWORD

    person = apps.get_model("identity.Person").objects.create(given_names="Nora", usual_name="Exemple")
    account = apps.get_model("identity.Account").objects.create_user(PASSWORD_HOLDER, PASSWORD, person=person)
    apps.get_model("identity.Account").objects.filter(pk=account.pk).update(is_demonstration=True)
    for email, is_verified in ((PASSWORD_HOLDER, True), (UNCONFIRMED, False)):
        address, _ = EmailAddress.objects.update_or_create(
            user=account, email=email, defaults={"verified": is_verified, "primary": is_verified}
        )
    TOTP.activate(account, TOTP_SECRET)
    RecoveryCodes.activate(account)
    present = replace(administrator.assurance, proved_at=administrator.now())
    administrator = replace(administrator, assurance=present)
    identity.issue_api_key(
        actor=administrator,
        organisation=village,
        label="Logiciel d'essai",
        permissions=["legality:act:read"],
        until=legal_day(administrator.now()) + timedelta(days=30),
    )
    invitation = identity.invite_person(
        actor=administrator,
        organisation=village,
        email=INVITED,
        given_names="Jeanne",
        usual_name="Essai",
        roles=["agent"],
    )
    return {
        "invitation": token_of(invitation),
        "confirmation": EmailConfirmationHMAC.create(address).key,
        "uid": user_pk_to_url_str(account),
        "reset": default_token_generator.make_token(account),
    }


def _merge(village: Any, successor: Any) -> str:
    """A commune that ended, and is now part of another."""
    from django.apps import apps

    from territoires.kernel.clock import legal_day, system_clock

    bodies = apps.get_model("identity.Organisation").objects
    former = bodies.filter(kind="commune", department=village.department, member_since=None).first()
    yesterday = legal_day(system_clock()) - timedelta(days=1)
    bodies.filter(pk=former.pk).update(closed_on=yesterday, successor=successor)
    return str(former.reference)


def _dead_letter() -> str:
    """Two facts of one subject that a follower of our own cannot handle."""
    from territoires.foundations.journal import api as journal

    def refuse(fact: journal.Recorded) -> None:
        raise RuntimeError("the outside register is closed")

    journal.subscribe(
        journal.Subscription("essai", ["legality.act.published", "legality.act.withdrawn"], refuse)
    )
    journal.follow_once()
    return str(journal.dead_letters()[0].id)


def _exchanges(secretary: Any) -> str:
    """A file in doubt, one that waits, one in quarantine; gives the latter."""
    from territoires.foundations.documents import api as documents
    from territoires.foundations.exchange import api as exchange
    from territoires.kernel.fact import Subject
    from territoires.kernel.ids import new_id

    answers = [exchange.Doubtful("no-answer", "TimeoutError: timed out"), exchange.NotSent("unreachable")]

    def refuse(incoming: exchange.Incoming) -> None:
        exchange.confirm_sent(actor=secretary, channel="essai", key="TRI-TACT--210000000--20261124-9.tar.gz")

    exchange.declare_channels(
        [exchange.Channel(code="essai", label="Essai", deliver=lambda o: answers.pop(0), absorb=refuse)]
    )
    for serial in (1, 2):
        key = f"TRI-TACT--210000000--20261124-{serial}.tar.gz"
        document = documents.receive(
            [key.encode()], name=key, organisation=secretary.organisation, actor=secretary, limit=1000
        )
        exchange.post(
            actor=secretary,
            channel="essai",
            organisation=secretary.organisation,
            key=key,
            document=document,
            subject=Subject("essai.essai", new_id()),
            matter=None,
        )
    arrival = exchange.receive(channel="essai", origin="essai", name="1-2_5279.xml", chunks=[b"<ARActe/>"])
    exchange.move_once()
    return str(arrival.pk)


def _notices(secretary: Any, village: Any) -> dict[str, str]:
    """Notices and essential data in each of their states."""
    from tests.services.procurement.notices.content import fill

    return fill(secretary, village)


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(fill()))
